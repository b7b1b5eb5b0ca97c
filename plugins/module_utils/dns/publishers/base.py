# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a publisher is: it reads record sets at a DNS host and sets them, only where they are still as they were planned on (G6)."""

from __future__ import annotations

import abc
import collections
import dataclasses
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
    after_of,
    before_of,
    changed_meanwhile,
    defend,
    failed,
    left_alone,
    newer,
    not_shown,
    place_of,
    serial_stale,
    within,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.model import (
    MailopsError,
    Operation,
    ProviderError,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress, Record

# Less is asked for all the time, more is believed for too long when it was a mistake.
TTL_SENSE = (60, 86400)
# Seconds between two tries to read back.
SHOWN_EVERY = 0.2


@dataclasses.dataclass
class Settings:
    """How a publisher is made.

    :param config: the option ``publisher`` as the user has set it; holds secrets.
    :param eyes: look-ups as the world sees them, a `dns.asking.Eyes`; None where there are none.
    :param driver: the mail provider, for the publisher that works through it.
    :param timeout: seconds for one answer.
    :param wait: seconds that a person has for what only a person can do.
    :param authoritative: ``address@port`` of servers that are asked in place of those that the zones name.
    """

    config: t.Mapping[str, t.Any] = dataclasses.field(repr=False)
    read_only: bool = True
    progress: Progress = dataclasses.field(default_factory=Progress)
    eyes: t.Any = None
    driver: t.Optional[Driver] = None
    timeout: float = 30.0
    validate_certs: bool = True
    ca_path: str = ""
    wait: float = 0.0
    authoritative: tuple[str, ...] = ()


@dataclasses.dataclass
class Seen:
    """What was just read of one zone.

    :param sets: those that exist, of those that were asked for.
    :param raw: the same in the host's own form, for whoever read them.
    :param serial: of the zone, None where it means nothing.
    """

    sets: dict[Place, RecordSet]
    raw: dict[Place, t.Any] = dataclasses.field(default_factory=dict)
    serial: t.Optional[int] = None


class Moved(Exception):
    """The host itself found that something is no longer as it was read; it has changed nothing.

    :param conflict: what it is when reading shows no change of the record sets themselves.
    """

    def __init__(self, conflict: MailopsError | None = None) -> None:
        super().__init__()
        self.conflict = conflict


class Publisher(abc.ABC):
    """One account at one DNS host; stands beside the mail driver as the port of the kind ``record_set``.

    :cvar name: word of the option ``type``.
    :cvar writes: False when a person does the writing.
    :cvar most: record sets of one request.
    :cvar shown_within: seconds for which reading back is tried.
    :cvar atomic: all changes of one zone come to be at once, or none does.
    """

    name: t.ClassVar[str]
    writes: t.ClassVar[bool] = True
    atomic: t.ClassVar[bool] = True
    capabilities: t.ClassVar[frozenset[str]] = frozenset((KIND + ".set", KIND + ".remove"))
    most: t.ClassVar[int] = 20
    shown_within: t.ClassVar[float] = 5.0

    def __init__(self, settings: Settings) -> None:
        self.read_only = settings.read_only
        self.timeout = settings.timeout
        # A request that nobody waits for any more may be carried out for as long as we would have waited.
        self.lands_within = settings.timeout
        self._progress = settings.progress
        self._counts: collections.Counter[str] = collections.Counter()
        self._zones: dict[str, str] = {}
        self._fixed_zone = str(settings.config.get("zone") or "").rstrip(".").lower()

    # ---- what a host has to say for itself

    @property
    @abc.abstractmethod
    def account(self) -> str:
        """``<name>@<host>``."""

    @abc.abstractmethod
    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        """The zone that holds each name.

        :raises MailopsError: ``zone_missing`` or ``zone_cut``, naming all names that have none here.
        """

    @abc.abstractmethod
    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        """Record sets as they are at the host now, never out of a cache.

        :raises MailopsError:
        """

    @abc.abstractmethod
    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        """Set and remove record sets of one zone; returns facts about the request for the journal.

        :raises Moved: when the host found a record set not to be as in *seen*, and changed nothing.
        :raises MailopsError:
        """

    def same(self, one: RecordSet | None, other: RecordSet | None) -> bool:
        """Values and TTL: who lowered a TTL meanwhile had a reason, too."""
        if one is None or other is None:
            return one is other
        return one.same_data(other) and one.ttl == other.ttl

    # ---- the port

    @property
    def request_counts(self) -> collections.Counter[str]:
        """Requests sent so far, by method."""
        return self._counts

    def close(self) -> None:
        """Let go of connections."""

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        """Record sets that exist, by natural key, with the ``zone`` that holds them.

        :param scope: natural keys (`record.key_of`).
        :raises MailopsError:
        """
        places = {key: parts_of(key)[1:] for key in scope}
        zones = self._zones_of({name for name, dummy in places.values()})
        by_zone: dict[str, set[Place]] = collections.defaultdict(set)
        for place in places.values():
            by_zone[zones[place[0]]].add(place)
        found: dict[Place, Record] = {}
        for zone, wanted in sorted(by_zone.items()):
            for place, record in self.read(zone, wanted).sets.items():
                found[place] = {**record.to_dict(), "zone": zone}
        return {key: found[place] for key, place in places.items() if place in found}

    def zone_of(self, domain: str) -> str:
        """:raises MailopsError: as `find_zones`."""
        return self._zones_of({domain})[domain]

    def batch_key(self, operation: Operation) -> t.Hashable | None:
        """Changes of one zone share a request."""
        name = parts_of(operation.key)[1]
        return self._zones.get(name) or operation.request.get("zone") or operation.domain

    def batch_size(self, kind: str, verb: str) -> int:
        return self.most

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        """What a person should know before this is done; reads only.

        :raises MailopsError: for what no publisher ever does.
        """
        for operation in operations:
            defend(operation)
        warnings = []
        low, high = TTL_SENSE
        for operation in operations:
            after = operation.after
            if after and not low <= after["ttl"] <= high:
                text = "%s %s: a TTL of %d s is %s."
                why = "asked for again all the time" if after["ttl"] < low else "believed for more than a day"
                warnings.append(text % (after["name"], after["type"], after["ttl"], why))
        longest = max((one.before["ttl"] for one in operations if one.before), default=0)
        if longest:
            warnings.append("What is replaced may be believed elsewhere for up to %d s more." % longest)
        return warnings

    def instructions(self, operations: t.Sequence[Operation]) -> list[str]:
        """What a person has to enter at the host, line by line; nothing where we do it."""
        return []

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        """Each result in order. What is no longer as it was planned on is left alone: ``changed_meanwhile``."""
        results: dict[int, Result] = {}
        try:
            if self.read_only:
                raise ProviderError("check_mode_write", "Publishing was refused in check mode.")
            for operation in operations:
                defend(operation)
            zones = self._zones_of({parts_of(operation.key)[1] for operation in operations})
        except MailopsError as error:
            return [failed(operation, error) for operation in operations]
        by_zone: dict[str, list[Operation]] = collections.defaultdict(list)
        for operation in operations:
            by_zone[zones[parts_of(operation.key)[1]]].append(operation)
        for zone, mine in by_zone.items():
            try:
                done = self._change(zone, mine)
            except MailopsError as error:
                done = [failed(operation, error) for operation in mine]
            results.update((id(result.operation), result) for result in done)
        return [results[id(operation)] for operation in operations]

    # ---- one zone

    def _change(self, zone: str, operations: list[Operation]) -> list[Result]:
        seen = self.read(zone, [place_of(operation) for operation in operations])
        # A retry finds its own work: that is what was wanted, whoever did it.
        settled = {id(one) for one in operations if self.same(seen.sets.get(place_of(one)), after_of(one))}
        left = [one for one in operations if id(one) not in settled]
        refused = self._moved(zone, left, seen)
        facts: dict[str, t.Any] = {}
        if left and not refused:
            try:
                facts = self.write(zone, left, seen)
            except Moved as moved:
                now = self.read(zone, [place_of(one) for one in left])
                refused = self._moved(zone, left, now) or self._stood_against(zone, left, moved.conflict)
            except ProviderError as error:
                if self.atomic:
                    raise
                refused = self._half_done(zone, left, error)
        done = {id(result.operation): result for result in refused}
        if not refused:
            done.update((id(result.operation), result) for result in self._shown(zone, left, seen, facts))
        already = {"settled": "already"}
        return [
            Result(one, "applied", one.after, http=dict(already)) if id(one) in settled else done[id(one)]
            for one in operations
        ]

    def _moved(self, zone: str, operations: list[Operation], seen: Seen) -> list[Result]:
        """Results of all when one of them moved: the zone is changed as a whole, or not at all."""
        errors: dict[int, MailopsError] = {}
        names = []
        for one in operations:
            now = seen.sets.get(place_of(one))
            if not self.same(now, before_of(one)):
                errors[id(one)] = changed_meanwhile(one, now)
                names.append("%s %s" % place_of(one))
        if not errors:
            return []
        rest = left_alone(zone, "because %s changed after it was planned on" % ", ".join(names))
        return [failed(one, errors.get(id(one), rest)) for one in operations]

    def _stood_against(self, zone: str, operations: list[Operation], conflict: MailopsError | None) -> list[Result]:
        error = conflict or left_alone(zone, "because the host found it changed, which reading does not show")
        return [failed(one, error) for one in operations]

    def _half_done(self, zone: str, operations: list[Operation], error: ProviderError) -> list[Result]:
        """A host that takes changes one by one may have done some before it failed: reading tells which."""
        try:
            now = self.read(zone, [place_of(one) for one in operations])
        except MailopsError:
            error.in_doubt = True
            return [failed(one, error) for one in operations]
        results = []
        for one in operations:
            if self.same(now.sets.get(place_of(one)), after_of(one)):
                results.append(Result(one, "applied", one.after, http={"settled": "read_back"}))
            else:
                results.append(failed(one, error))
        return results

    def _shown(self, zone: str, operations: list[Operation], seen: Seen, facts: dict[str, t.Any]) -> list[Result]:
        """A good answer proves nothing: read back until the host shows what was set."""
        ends = time.monotonic() + min(self.shown_within, self.timeout)
        while True:
            try:
                now = self.read(zone, [place_of(one) for one in operations])
            except MailopsError as error:
                doubt = ProviderError(error.code, error.message, error.hint, in_doubt=True)
                return [failed(one, doubt) for one in operations]
            missing = [one for one in operations if not self.same(now.sets.get(place_of(one)), after_of(one))]
            stale = seen.serial is not None and now.serial is not None and not newer(now.serial, seen.serial)
            if not (missing or stale) or time.monotonic() > ends:
                break
            time.sleep(SHOWN_EVERY)
        results = []
        for one in operations:
            problem: ProviderError | None = None
            if one in missing:
                problem = not_shown(one, now.sets.get(place_of(one)), self.account)
            elif stale:
                problem = serial_stale(zone, now.serial or 0, self.account)
            status = "unverified" if problem else "applied"
            results.append(Result(one, status, one.after, error=problem, http=dict(facts)))
        return results

    def _zones_of(self, names: t.Collection[str]) -> dict[str, str]:
        unknown = []
        for name in names:
            if name in self._zones:
                continue
            if self._fixed_zone and within(name, self._fixed_zone):
                self._zones[name] = self._fixed_zone
            else:
                unknown.append(name)
        if unknown:
            self._zones.update(self.find_zones(unknown))
        return {name: self._zones[name] for name in names}
