# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""octoDNS as the bridge to every DNS host that it has a provider package for.

Its own way is to make a zone equal to a file. Ours is the zone as it is with our record sets changed, so that its plan has
nothing else in it; a plan that has is refused. Each reading has providers of its own, because some remember what they have read.
"""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import threading
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers import octodns_values
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Moved,
    Publisher,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
    after_of,
    conflict,
    place_of,
    within,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, ProviderError, Refused

try:
    from octodns.manager import Manager
    from octodns.provider import SupportsException
    from octodns.provider.plan import UnsafePlan
    from octodns.record import Record
    from octodns.zone import Zone

    HAS_OCTODNS = True
except ImportError:
    HAS_OCTODNS = False

# It keeps settings of its own in classes, and its packages are not made for threads.
_ALONE = threading.Lock()


class OctoDns(Publisher):
    """One provider of one octoDNS configuration."""

    name = "octodns"
    atomic = False
    most = 100

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_config_file``, ``publisher_target`` or ``library_missing``."""
        super().__init__(settings)
        if not HAS_OCTODNS:
            raise Refused(
                "library_missing",
                "The Python library octodns is missing.",
                "pip install 'octodns>=1.16' and the package of your DNS host, such as octodns-cloudflare",
            )
        self._file = os.path.expanduser(str(settings.config.get("config_file") or ""))
        self._target = str(settings.config.get("target") or "")
        if not os.path.isfile(self._file):
            raise Refused(
                "publisher_config_file",
                "config_file %r of the publisher is no file." % self._file,
                "Name a configuration of octoDNS on the controller.",
            )
        if not self._target:
            raise Refused("publisher_target", "The publisher octodns has no target.", "Name one of its providers.")

    @property
    def account(self) -> str:
        return "%s@%s" % (self.name, self._target)

    def same(self, one: RecordSet | None, other: RecordSet | None) -> bool:
        """It knows no strings within a TXT value."""
        return super().same(_joined(one), _joined(other))

    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        with self._bridge("find zones") as (manager, provider):
            listed = getattr(provider, "list_zones", None)
            # One that cannot list its zones is told them by its configuration.
            rows = listed() if listed else [name for name in manager.config["zones"] if not name.startswith("*")]
            self._counts["READ"] += 1
        known = {str(row).rstrip(".").lower() for row in rows}
        found = {name: max((zone for zone in known if within(name, zone)), key=len, default="") for name in names}
        missing = sorted(name for name, zone in found.items() if not zone)
        if missing:
            raise ProviderError(
                "zone_missing",
                "%s: %s has no zone for %s."
                % (missing[0], self.account, "it" if len(missing) == 1 else ", ".join(missing)),
                "Make the zone there first; octoDNS would make one with our records alone. Or name it under zones in config_file.",
                retryable=False,
            )
        return found

    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        with self._bridge("read %s" % zone) as (dummy, provider):
            there = Zone(zone + ".", [])
            exists = provider.populate(there, target=True, lenient=True)
            self._counts["READ"] += 1
        if exists is False:
            raise self._gone(zone)
        return self._seen(there, zone, set(places))

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        with self._bridge("plan %s" % zone) as (dummy, provider):
            plan = self._plan(provider, zone, operations, seen)
            self._counts["APPLY"] += 1
            with self._words("apply to %s" % zone, in_doubt=True):
                count = provider.apply(plan)
        return {"changes": int(count or 0)}

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        """Its plan is made as it will be made, so that its guards speak before anything is changed."""
        warnings = super().foresee(operations)
        groups: dict[tuple[str, str], list[Operation]] = collections.defaultdict(list)
        for operation in operations:
            groups[self.zone_of(place_of(operation)[0]), operation.verb].append(operation)
        for (zone, dummy), mine in sorted(groups.items()):
            seen = self.read(zone, [place_of(operation) for operation in mine])
            # What has moved in these moments is refused when it is applied.
            with contextlib.suppress(Moved), self._bridge("plan %s" % zone) as (dummy2, provider):
                self._plan(provider, zone, mine, seen)
        return warnings

    def _plan(self, provider: t.Any, zone: str, operations: t.Sequence[Operation], seen: Seen) -> t.Any:
        """The plan of octoDNS for the zone as it is with our changes laid over it.

        :raises Moved: when the zone is no longer as in *seen*.
        :raises MailopsError: for what its guards refuse, or ours.
        """
        places = {place_of(operation) for operation in operations}
        if getattr(provider, "apply_disabled", False):
            raise Refused(
                "octodns_apply_disabled",
                "%s: the provider %s has apply_disabled in %s." % (zone, self._target, self._file),
                "Remove it there.",
            )
        desired = Zone(zone + ".", [])
        provider.populate(desired, target=True, lenient=True)
        self._counts["READ"] += 1
        for operation in operations:
            self._put(desired, operation, provider)
        plan = provider.plan(desired)
        if plan is None:
            raise Moved
        if plan.exists is False:
            raise self._gone(zone)
        now = self._seen(plan.existing, zone, places)
        if any(not self.same(now.sets.get(place), seen.sets.get(place)) for place in places):
            raise Moved
        self._refuse_others(zone, plan, places)
        try:
            # Its own guard: how much of a zone may change at once.
            plan.raise_if_unsafe()
        except UnsafePlan as error:
            raise Refused(
                "octodns_unsafe",
                "%s: octoDNS does not let it pass: %s." % (zone, error),
                "Publish less at once, or raise update_pcent_threshold or delete_pcent_threshold of the provider in config_file.",
            ) from error
        return plan

    def _put(self, desired: t.Any, operation: Operation, provider: t.Any) -> None:
        """Lay one change over the zone as it is.

        :raises Refused: ``record_not_carried``, ``record_conflict`` or ``record_type``.
        """
        name, kind = place_of(operation)
        if kind not in provider.SUPPORTS:
            raise Refused(
                "record_type",
                "%s %s: the package behind %s does not know this type." % (name, kind, self.account),
                "Change it at the DNS host itself.",
            )
        old = _record_at(desired, name, kind)
        if old is not None:
            octodns_values.values_of(old)
            desired.remove_record(old)
        after = after_of(operation)
        if after is not None:
            for other in desired.records:
                at_it = other.fqdn.rstrip(".").lower() == name
                if at_it and "CNAME" in (kind, other._type):
                    raise conflict(name, kind, "the record %s" % other._type)
            data = octodns_values.data_of(after)
            new = Record.new(desired, desired.hostname_from_fqdn(name + "."), data, source=None, lenient=True)
            desired.add_record(new, lenient=True)

    def _seen(self, there: t.Any, zone: str, places: set[Place]) -> Seen:
        seen = Seen({})
        for record in there.records:
            name, kind = record.fqdn.rstrip(".").lower(), str(record._type)
            below = sorted(place[0] for place in places if within(place[0], name))
            if kind == "NS" and name != zone and below:
                raise ProviderError(
                    "zone_cut",
                    "%s: %s hands %s on to %s." % (below[0], self.account, name, ", ".join(sorted(record.values))),
                    "Publish it there: give %s a publisher of its own, or end the delegation." % name,
                    retryable=False,
                )
            if (name, kind) in places:
                seen.sets[name, kind] = octodns_values.set_of(record)
        return seen

    def _refuse_others(self, zone: str, plan: t.Any, places: set[Place]) -> None:
        changed = {(one.record.fqdn.rstrip(".").lower(), str(one.record._type)) for one in plan.changes}
        others = sorted("%s %s" % place for place in changed - places)
        if getattr(plan, "meta", None):
            others.append("settings of the zone")
        if others:
            raise Refused(
                "octodns_other_changes",
                "%s: octoDNS would also change %s." % (zone, ", ".join(others[:10])),
                "Bring the zone and the options of the provider in config_file together by octoDNS itself first.",
            )

    def _gone(self, zone: str) -> ProviderError:
        text = "%s: %s has no such zone." % (zone, self.account)
        return ProviderError("zone_missing", text, "Make the zone there first.", retryable=False)

    @contextlib.contextmanager
    def _bridge(self, what: str) -> t.Iterator[tuple[t.Any, t.Any]]:
        """A manager and our provider of it, fresh from the configuration, and quiet."""
        with _ALONE, _quiet():
            with self._words("read its configuration"):
                manager = Manager(self._file, max_workers=1)
            provider = manager.providers.get(self._target)
            if provider is None:
                raise Refused(
                    "publisher_target",
                    "%s has no provider %r." % (self._file, self._target),
                    "Choose one of %s." % ", ".join(sorted(manager.providers)),
                )
            with self._words(what):
                yield manager, provider

    @contextlib.contextmanager
    def _words(self, what: str, in_doubt: bool = False) -> t.Iterator[None]:
        """Whatever a package raises becomes an error of ours. Its text may hold anything, a secret too, so it is not shown."""
        try:
            yield
        except (MailopsError, Moved):
            raise
        except SupportsException as error:
            raise Refused(
                "record_type",
                "%s: the host does not support something in the zone, or in what is published." % self.account,
                "Run octodns-sync by hand to see what.",
            ) from error
        except Exception as error:  # noqa: BLE001 - packages of others raise what they like
            status = getattr(getattr(error, "response", None), "status_code", 0)
            status = status if isinstance(status, int) else 0
            raise ProviderError(
                "octodns_failed",
                "%s: octoDNS could not %s: %s%s."
                % (self.account, what, type(error).__name__, ", status %d" % status if status else ""),
                "Try octodns-sync with the same configuration by hand; it shows what the host says.",
                status=status,
                in_doubt=in_doubt and not 400 <= status < 500,
            ) from None


def _joined(record: RecordSet | None) -> RecordSet | None:
    if record is None or record.type != "TXT":
        return record
    values = [txt.encode(b"".join(txt.strings(value))) for value in record.values]
    return RecordSet.of(record.name, record.type, record.ttl, values)


def _record_at(zone: t.Any, name: str, kind: str) -> t.Any:
    for record in zone.records:
        if record._type == kind and record.fqdn.rstrip(".").lower() == name:
            return record
    return None


@contextlib.contextmanager
def _quiet() -> t.Iterator[None]:
    """It logs requests and answers; without a handler warnings would go to the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
