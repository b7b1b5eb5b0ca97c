# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forwards: mail that leaves an address, of a mailbox or of none; always owned, purposeful and time-bounded."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact, parse_address
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import check_governance, external_targets
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    exception_of,
    need_exception,
    require_domain,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import is_pending

GOVERNANCE_OPTIONS: dict[str, t.Any] = {
    "owner": {"type": "str"},
    "purpose": {"type": "str"},
    "expires_at": {"type": "str"},
}
_GOVERNANCE = ("owner", "purpose", "expires_at")


class Forward(Resource):
    kind = "forward"
    plural = "forwards"
    key_option = "address"
    journal_fields: t.ClassVar[dict[str, str]] = {"forward": "expires_at"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "targets": {"type": "list", "elements": "str"},
        "keep_copy": {"type": "bool", "default": True},
        **GOVERNANCE_OPTIONS,
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("address"):
            raise Refused("address", "A forward is named by the address that mail leaves.", "Set address.")
        address = parse_address(item["address"])
        state = item.get("state") or "present"
        out: Item = {
            "key": address.address,
            "domain": address.domain,
            "state": state,
            "keep_copy": True if item.get("keep_copy") is None else bool(item["keep_copy"]),
            "exception": exception_of(item, now),
            "targets": sorted({normalise_contact(target) for target in item.get("targets") or ()}),
        }
        if state == "present":
            if not out["targets"]:
                raise Refused("targets", "%s: a forward needs targets." % address.address, "List at least one address.")
            if address.address in out["targets"]:
                raise Refused("forward_loop", "%s: forwards to itself." % address.address, "Remove it from targets.")
            out.update(check_governance(item, address.address, now))
        return out

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        return {
            "domain": set(),
            "mailbox": {item["domain"] for item in items},
            "invite": {item["domain"] for item in items},
            "forward": {item["key"] for item in items},
        }

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("forward", item["key"])
        if item["state"] == "absent" or item["expired"]:
            return self._end(index, item, record, scene)
        require_domain(scene, item["domain"], key, active=record is None)
        external = external_targets(item["targets"], scene.own_domains())
        if external:
            need_exception(item, key, "mail would leave to %s." % ", ".join(external))
        mailbox = scene.record("mailbox", key)
        via = "mailbox" if mailbox is not None and mailbox["state"] != "trashed" else "address"
        scene.driver.require("forward.%s" % via, key)
        wanted = {"state": "present", "via": via, "targets": item["targets"]}
        if via == "mailbox":
            wanted["keep_copy"] = item["keep_copy"]
        if scene.driver.can("forward.expire"):
            wanted["expires_at"] = item["expires_at"]
        governance = {name: item[name] for name in _GOVERNANCE}
        after = dict(wanted, **governance)
        common: dict[str, t.Any] = {"request": {"via": via}, "exception": item["exception"]}
        if record is None and via == "address" and is_pending(scene.record("invite", key)):
            raise Refused(
                "invite_pending",
                "%s: an invite for this address is pending." % key,
                "Wait until its owner has the mailbox, then forward that; or end the invite first.",
            )
        if record is None:
            return [Operation(index, "forward", "create", key, "forward.created", None, after, **common)]
        before = forward_state(record, scene.note("forward", key))
        if any(record.get(name) != value for name, value in wanted.items()):
            return [Operation(index, "forward", "update", key, "forward.updated", before, after, **common)]
        if before != after:
            # The provider has no field for owner, purpose and end: the journal is their home.
            return [Operation(index, "forward", "record", key, "forward.updated", before, after, **common)]
        return []

    def _end(self, index: int, item: Item, record: Record | None, scene: Scene) -> list[Operation]:
        if record is None:
            return []
        if item["state"] == "present":
            scene.warnings.append("%s: the forward's time is over, it is removed." % item["key"])
        before = forward_state(record, scene.note("forward", item["key"]))
        request = {"via": record["via"]}
        return [
            Operation(
                index,
                "forward",
                "delete",
                item["key"],
                "forward.deleted",
                before,
                None,
                request,
                exception=item["exception"],
            )
        ]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("forward", item["key"])
        if record is None:
            return {"address": item["key"], "state": "absent"}
        return dict(forward_state(record, scene.note("forward", item["key"])), address=item["key"])


def forward_state(record: Record, note: Record) -> Record:
    """What goes into the journal of a forward: the provider's record, and what only the journal knows."""
    plain: Record = {name: record[name] for name in ("state", "via", "targets") if name in record}
    if record.get("via") == "mailbox":
        plain["keep_copy"] = record.get("keep_copy")
    plain.update({name: note.get(name) for name in _GOVERNANCE})
    # Where the provider ends it by itself, its word goes first.
    plain.update({name: record[name] for name in ("expires_at",) if name in record})
    return plain
