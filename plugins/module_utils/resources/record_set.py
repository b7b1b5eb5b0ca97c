# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record sets of domains as a resource: one operation for each set that has to change, with all of it before and after.

An item is one mail domain with what is wanted of its records (`dns.wanted`); the module ``dns_baseline`` makes it.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import Change, planned
from ansible_collections.mailops.email.plugins.module_utils.journal import evidence
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import DnsHost, Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene
from ansible_collections.mailops.email.plugins.module_utils.version import TOOL_VERSION

PUBLISHED, RESTORED = "dns.published", "dns.restored"
_EVIDENCE = -2

# The guards of one domain, and of a whole plan: they raise what is refused, and note on an operation the exception that lets it through.
Judge = t.Callable[[Item, "list[Operation]"], None]
Fleet = t.Callable[["list[Operation]", Scene], None]


class RecordSets(Resource):
    """:param action: what the journal calls a change: published, or restored from a snapshot; then what was there is kept first (R-PAT-14).
    :param prepare: makes an item in normal form of what a task says of a domain.
    """

    kind = KIND
    plural = "domains"
    key_option = "name"
    options: t.ClassVar[dict[str, t.Any]] = {}
    # What a killed run has left is seen in the zone; nothing has to be sent once more with the same key.
    retries = False

    def __init__(
        self,
        action: str = PUBLISHED,
        *,
        prepare: t.Callable[[Item], Item] = dict,
        judge: Judge | None = None,
        fleet: Fleet | None = None,
        request_id: str = "",
    ) -> None:
        self._action = action
        self._prepare = prepare
        self._judge = judge
        self._fleet = fleet
        self._request_id = request_id

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """``key``, ``domain``, ``zone``, ``wanted``, ``remove``, ``places`` and ``ttl``, from what the task says of a domain."""
        return self._prepare(item)

    def keys_of(self, item: Item) -> list[str]:
        return [key_of(item["domain"], name, kind) for name, kind in item["places"]]

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        # Without a publisher each item is refused when it is planned.
        return {KIND: {key for item in items for key in self.keys_of(item)}} if driver.dns else {}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        host, domain = host_of(scene.driver, item["domain"]), item["domain"]
        observed = observed_of(item, scene)
        changes = planned(item["wanted"], item["remove"], observed, item["ttl"])
        if not changes:
            return []
        zone = item["zone"] or host.zone_of(domain)
        at = {"host": host.account, "zone": zone, "tool": TOOL_VERSION}
        operations = [_operation(index, domain, one, self._action, zone, at) for one in changes]
        if self._judge:
            self._judge(item, operations)
        return operations

    def frame(self, operations: list[Operation], scene: Scene) -> list[Operation]:
        if operations and self._action == RESTORED:
            operations = [*self._evidence(operations, scene), *operations]
        if self._fleet:
            self._fleet(operations, scene)
        return operations

    def _evidence(self, operations: t.Sequence[Operation], scene: Scene) -> list[Operation]:
        """The bad state, kept before it is put right (R-PAT-14)."""
        found: dict[str, dict[str, t.Any]] = {}
        for one in operations:
            found.setdefault(one.domain, {})[one.key] = one.before
        document = {
            "request_id": self._request_id,
            "client": scene.client,
            "provider": scene.driver.account,
            "objects": {domain: {"state": {KIND: sets}} for domain, sets in found.items()},
            "not_available": [],
        }
        entry, data = evidence.sealed(self._request_id, scene.client, document)
        kept = [
            Operation(-1, "evidence", "record", domain, "evidence.captured", None, dict(entry), stage=_EVIDENCE)
            for domain in sorted(found)
        ]
        kept[0].document = data
        return kept

    def present(self, item: Item, scene: Scene) -> Record:
        """``name``, and ``records``: each set as it is now."""
        observed = observed_of(item, scene)
        return {"name": item["domain"], "records": [observed[place].to_dict() for place in sorted(observed)]}


def host_of(driver: Driver, domain: str) -> DnsHost:
    """:raises Refused: ``no_publisher`` (R-DNS-24)."""
    if driver.dns is None:
        raise Refused(
            "no_publisher",
            "%s: nobody is named who publishes its records." % domain,
            "Set publisher: rfc2136, powerdns, octodns, provider, or manual for records that people paste.",
        )
    return driver.dns


def observed_of(item: Item, scene: Scene) -> dict[tuple[str, str], RecordSet]:
    """By name and type, the sets that are there."""
    found = {}
    for name, kind in item["places"]:
        record = scene.record(KIND, key_of(item["domain"], name, kind))
        if record is not None:
            found[(name, kind)] = RecordSet.from_dict(record)
    return found


def _operation(
    index: int,
    domain: str,
    change: Change,
    action: str,
    zone: str,
    at: dict[str, str],
) -> Operation:
    key = key_of(domain, change.name, change.type)
    gone = change.after is None
    return Operation(
        index,
        KIND,
        "remove" if gone else "set",
        key,
        "dns.removed" if gone and action == PUBLISHED else action,
        change.before.to_dict() if change.before else None,
        change.after.to_dict() if change.after else None,
        {"zone": zone, "at": at, "classes": list(change.classes)},
    )
