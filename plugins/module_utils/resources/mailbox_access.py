# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closing access paths of identities: one plan for all that still lets somebody in (R-OFF-03, R-OFF-08)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused, place_of
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import parse_address
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths
from ansible_collections.mailops.email.plugins.module_utils.resources.alias import Alias
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.forward import Forward


class MailboxAccess(Resource):
    kind = "mailbox_access"
    plural = "mailboxes"
    key_option = "address"
    journal_fields: t.ClassVar[dict[str, str]] = {"forward": "expires_at"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "state": {"type": "str", "choices": ["revoked"]},
        "revoke": {"type": "list", "elements": "str", "choices": list(access_paths.REVOCABLE)},
        "reason": {"type": "str"},
    }

    def __init__(self) -> None:
        self._asked: dict[str, Item] = {}
        self._leaving: dict[str, set[str]] = {}

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("address"):
            raise Refused("address", "The identity is named by the address of its mailbox.", "Set address.")
        address = parse_address(item["address"])
        given = item.get("revoke")
        if given is not None and not given:
            raise Refused(
                "nothing_to_revoke",
                "%s: revoke is an empty list." % address.address,
                "Name the kinds, or leave revoke out for all that only lets people in.",
            )
        return {
            "key": address.address,
            "domain": address.domain,
            "kinds": [kind for kind in access_paths.REVOCABLE if kind in (given or access_paths.LETS_IN)],
            "reason": item.get("reason") or "",
        }

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        self._asked, self._leaving = {item["key"]: item for item in items}, {}
        scope: dict[str, set[str]] = {"domain": set(), "mailbox": {item["domain"] for item in items}}
        # Of all mailboxes alike: what was not read of one would look closed.
        kinds = {kind for item in items for kind in item["kinds"]}
        return {**scope, **access_paths.observed(kinds, set(self._asked), driver)}

    def remembered(self, scopes: t.Container[str]) -> list[str]:
        return [kind for kind in access_paths.REVOCABLE if kind in scopes]

    def touches(self, items: t.Sequence[Item]) -> t.Callable[[t.Mapping[str, t.Any]], bool]:
        """What belongs to one of the mailboxes, and where one of them is a member."""
        addresses = {item["key"] for item in items}

        def about(event: t.Mapping[str, t.Any]) -> bool:
            thing, before = event["object"], event.get("before") or {}
            names = (thing["key"], thing.get("mailbox"), thing.get("member"), before.get("mailbox"))
            return any(name in addresses for name in names)

        return about

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("mailbox", item["key"])
        if record is None or record["state"] not in ("present", "suspended"):
            raise Refused(
                "mailbox_missing",
                "%s: there is no mailbox with access paths." % key,
                "Correct the address. A pending invite is ended with mailops.email.invite state=absent.",
            )
        operations: list[Operation] = []
        for kind in item["kinds"]:
            operations.extend(self._ended(index, kind, item, scene))
        return operations

    def _ended(self, index: int, kind: str, item: Item, scene: Scene) -> list[Operation]:
        address = item["key"]
        if kind == "forward":
            ending = {"key": address, "state": "absent", "exception": {}}
            return [_because(one, item) for one in Forward().plan(index, ending, scene)]
        how = access_paths.KINDS[kind]
        operations: list[Operation] = []
        for key, record in access_paths.mine(kind, address, scene.records).items():
            if self._hindrance(kind, key, record, item, scene):
                continue
            if kind == "alias":
                ending = {"key": key, "mailbox": address, "state": "absent"}
                operations += [_because(one, item) for one in Alias().plan(index, ending, scene)]
                continue
            if kind == "delegate":
                self._leaving.setdefault(record["mailbox"], set()).add(key)
            before = access_paths.path_state(kind, record)
            operations.append(_because(Operation(index, kind, how.verb, key, how.action, before, None), item))
        return operations

    def _hindrance(self, kind: str, key: str, record: Record, item: Item, scene: Scene) -> str:
        """Why a path is not closed here, as work for a person; empty when it is."""
        if record.get("by_hand") or not scene.driver.can(access_paths.KINDS[kind].ended):
            return record.get("by_hand") or access_paths.sentence(scene.driver, access_paths.KINDS[kind].ended)
        place = place_of(kind, key)
        domain = place.rpartition("@")[2]
        if scene.boundary is not None and domain not in scene.boundary:
            return "It belongs to %s, which is not the client's: run it for the client that owns the domain." % domain
        if kind != "delegate":
            return ""
        if place != item["key"] and "delegate" in self._asked.get(place, {}).get("kinds", ()):
            return "It is closed with the access to %s." % place
        members = {one for one, other in scene.records["delegate"].items() if other["mailbox"] == place}
        if scene.driver.keeps_last_member and members - self._leaving.get(place, set()) <= {key}:
            return (
                "It is the last member of %s, which has to keep one: add another first, or suspend that mailbox."
                % place
            )
        return ""

    def frame(self, operations: list[Operation], scene: Scene) -> list[Operation]:
        """What nobody closes here is told in warnings: seen even where nobody looks at the result."""
        left = self.summary([self.present(item, scene) for item in self._asked.values()])["left_to_people"]
        scene.warnings.extend(
            "%s of %s: left to people. %s" % (row["kind"], _names(row["addresses"]), row["next"]) for row in left
        )
        return operations

    def present(self, item: Item, scene: Scene) -> Record:
        rows: list[Record] = []
        for kind in item["kinds"]:
            for key, record in access_paths.mine(kind, item["key"], scene.records).items():
                row = access_paths.row_of(kind, item["key"], key, record, scene.driver)
                why = self._hindrance(kind, key, record, item, scene)
                rows.append(dict(row, by="human", next=why) if why else row)
        left = access_paths.left_to_people(item["kinds"], [item["key"]], scene.records.get("mailbox", {}), scene.driver)
        return {
            "address": item["key"],
            "state": "open" if rows else "revoked",
            "kinds": item["kinds"],
            "paths": rows,
            "left_to_people": left,
        }

    def summary(self, objects: t.Sequence[Record]) -> Record:
        """What is left for people of all identities together, each sentence once."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in objects:
            for row in one["left_to_people"]:
                found.setdefault((row["kind"], row["next"]), []).append(one["address"])
            for row in one["paths"]:
                if row["by"] == "human":
                    found.setdefault((row["kind"], row["next"]), []).append(one["address"])
        rows = [
            {"kind": kind, "addresses": sorted(set(addresses)), "next": told}
            for (kind, told), addresses in found.items()
        ]
        return {"left_to_people": rows}


def _because(operation: Operation, item: Item) -> Operation:
    if item["reason"]:
        operation.request = {**operation.request, "reason": item["reason"]}
    return operation


def _names(addresses: t.Sequence[str]) -> str:
    return addresses[0] if len(addresses) == 1 else "%d mailboxes" % len(addresses)
