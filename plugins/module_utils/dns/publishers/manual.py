# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person writes the records: told exactly what, then waited for until every authoritative server shows it (R-DNS-24)."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.by_eyes import ByEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    after_of,
    before_of,
    failed,
    place_of,
    shown,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Refused, Result

# Seconds between two looks at all servers.
EVERY = 3.0


class Manual(ByEyes):
    """Nothing is sent but questions."""

    name = "manual"
    writes = False
    most = 100

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_eyes``."""
        super().__init__(settings)
        self._wait = settings.wait

    @property
    def account(self) -> str:
        return "manual@hand"

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        raise Refused("not_published_yet", "%s: only a person can write there." % zone, "Enter what the task prints.")

    def instructions(self, operations: t.Sequence[Operation]) -> list[str]:
        lines = []
        for operation in operations:
            name = place_of(operation)[0]
            zone = self._zones.get(name) or operation.request.get("zone") or operation.domain
            lines += lines_of(operation, str(zone))
        return lines

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        return [*super().foresee(operations), *self.instructions(operations)]

    def _change(self, zone: str, operations: list[Operation]) -> list[Result]:
        seen = self.read(zone, [place_of(operation) for operation in operations])
        left = [one for one in operations if not self.same(seen.sets.get(place_of(one)), after_of(one))]
        refused = {id(result.operation): result for result in self._moved(zone, left, seen)}
        if left and not refused:
            for line in self.instructions(left):
                self._progress.note(line)
            left = self._wait_for(zone, left)
        late = {id(one) for one in left}
        results = []
        for one in operations:
            if id(one) in refused:
                results.append(refused[id(one)])
            elif id(one) in late:
                results.append(failed(one, self._not_yet(zone, one)))
            else:
                results.append(Result(one, "applied", one.after, http={"settled": "seen"}))
        return results

    def _wait_for(self, zone: str, operations: list[Operation]) -> list[Operation]:
        """What is still not shown by all servers when the time is over."""
        ends = time.monotonic() + self._wait
        left = operations
        while left:
            rest = ends - time.monotonic()
            if rest <= 0:
                break
            why = "%d of %d record sets of %s are seen at all of its name servers; %d s are left"
            self._progress.waiting(why % (len(operations) - len(left), len(operations), zone, rest), min(EVERY, rest))
            time.sleep(min(EVERY, rest))
            views = self.views(zone, [place_of(one) for one in operations])
            left = [one for one in operations if not self.everywhere(one, views)]
        return left

    def _not_yet(self, zone: str, operation: Operation) -> ProviderError:
        views = self.views(zone, [place_of(operation)])
        without = [view for view in views if not self.everywhere(operation, [view])]
        text = "; ".join("%s: %s" % (view.server, shown(view.sets.get(place_of(operation)))) for view in without[:4])
        return ProviderError(
            "not_published_yet",
            "%s %s: not seen yet%s." % (*place_of(operation), " at " + text if text else ""),
            "Enter at the DNS host what the task prints, then run again; with wait the task waits for it. "
            + " ".join(lines_of(operation, zone)),
            retryable=False,
        )


def lines_of(operation: Operation, zone: str) -> list[str]:
    """What to enter: as lines of a zone file, and as the fields of a host's form."""
    name, kind = place_of(operation)
    before, after = before_of(operation), after_of(operation)
    label = "@" if name == zone else name.removesuffix("." + zone)
    gone = set(before.values if before else ()) - set(after.values if after else ())
    lines = []
    if gone:
        lines.append("In the zone %s remove from %s %s:" % (zone, name, kind))
        lines += ["    %s. IN %s %s" % (name, kind, value) for value in sorted(gone)]
    if after is None:
        return lines
    new = [value for value in after.values if not before or before.ttl != after.ttl or value not in before.values]
    if new:
        lines.append("In the zone %s %s:" % (zone, "set" if before else "add"))
        lines += ["    %s. %d IN %s %s" % (name, after.ttl, kind, value) for value in new]
        lines += [
            "    (in a form: name %s, type %s, TTL %d, %s)" % (label, kind, after.ttl, _fields(kind, one))
            for one in new
        ]
    return lines


def _fields(kind: str, value: str) -> str:
    if kind == "TXT":
        # Forms quote and split by themselves.
        return "value %s" % txt.text(value)
    if kind == "MX":
        preference, host = value.split()
        return "priority %s, host %s" % (preference, host.rstrip("."))
    return "value %s" % (value.rstrip(".") if kind == "CNAME" else value)
