# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another owner of a mailbox, with a secret that only that owner learns (R-OWN-04, R-OWN-12, R-ROLE-01, R-OFF-14)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import check_recipient
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact, parse_address
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import parse_end
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    exception_of,
    need_exception,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox import (
    check_temporary_password,
    give_back,
    mailbox_state,
)

# R-OWN-12: ownership changes for one of these.
REASONS = ("onboarding", "role_change", "vendor_swap", "offboarding", "merger")


class MailboxOwner(Resource):
    kind = "mailbox_owner"
    plural = "mailboxes"
    key_option = "address"
    restores = True
    journal_fields: t.ClassVar[dict[str, str]] = {"mailbox": "rotated_for"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "owner_email": {"type": "str"},
        "reason": {"type": "str", "choices": list(REASONS)},
        "until": {"type": "str"},
        "role_account": {"type": "bool", "default": False},
        "seal_to": {"type": "str"},
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """``request_id`` of the item is the task's own; see `items_of`."""
        if not item.get("address"):
            raise Refused("address", "A mailbox is named by its address.", "Set address.")
        address = parse_address(item["address"])
        if not item.get("owner_email"):
            raise Refused("owner_missing", "%s: nobody is named to own it." % address.address, "Set owner_email.")
        owner = normalise_contact(item["owner_email"])
        if owner == address.address:
            raise Refused(
                "owner_unreachable",
                "%s: nobody can be reached at the mailbox that is handed over." % owner,
                "Give an address that the new owner reads today.",
            )
        if not item.get("reason"):
            raise Refused("reason_missing", "%s: reason is not set." % address.address, "Say why its owner changes.")
        until = ""
        if item.get("until"):
            end = parse_end(str(item["until"]), address.address)
            if end <= now:
                raise Refused(
                    "expires_at", "%s: until %s is over." % (address.address, item["until"]), "Set an end ahead."
                )
            until = end.strftime("%Y-%m-%dT%H:%M:%SZ")
        if item.get("seal_to"):
            check_recipient(item["seal_to"])
        return {
            "key": address.address,
            "domain": address.domain,
            "owner": owner,
            "reason": item["reason"],
            "until": until,
            "role_account": bool(item.get("role_account")),
            "seal_to": item.get("seal_to") or "",
            "exception": exception_of(item, now),
            "request_id": str(item.get("request_id") or ""),
        }

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items}
        return {"domain": set(), "mailbox": domains, "invite": domains}

    def remembered(self, scopes: t.Container[str]) -> list[str]:
        return ["invite", "mailbox"]

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("mailbox", item["key"])
        # One that waits for its owner is there already; whoever has its link loses it to the next.
        waits = record is not None and record.get("claimed") is False
        if record is None or not (waits or record["state"] in ("present", "suspended")):
            raise Refused(
                "mailbox_missing",
                "%s: there is no mailbox to hand over." % key,
                "Correct the address; a pending invite gets another recipient with mailops.email.mailbox.",
            )
        note = scene.note("mailbox", key)
        wanted = {"owner": item["owner"], "until": item["until"], "rotated_for": item["request_id"]}
        if all(note.get(name, "") == value for name, value in wanted.items()):
            return []
        operations = self._secret(index, item, record, scene)
        stage = 1 + max(one.stage for one in operations)
        before = {"owner": note.get("owner") or (scene.record("invite", key) or {}).get("recipient")}
        after = {**wanted, "reason": item["reason"]}
        if item["role_account"]:
            after["role_account"] = True
            rotated = Operation(index, "mailbox", "record", key, "role_account.rotated", before, after, stage=stage)
            operations.append(rotated)
        if scene.driver.invite_form == "recovery_link":
            # What is sent when a password is forgotten goes to the new owner, too (R-OFF-06).
            operations.append(
                Operation(index, "mailbox", "record", key, "recovery.rotated", before, after, stage=stage)
            )
        if before["owner"] != item["owner"] or not item["role_account"]:
            operations.append(Operation(index, "mailbox", "record", key, "owner.changed", before, after, stage=stage))
        return operations

    def _secret(self, index: int, item: Item, record: Record, scene: Scene) -> list[Operation]:
        """A new secret for the new owner alone. The mailbox is opened again last of all, so that what a run leaves half done is closed."""
        key, driver = item["key"], scene.driver
        if driver.invite_form == "recovery_link":
            # The platform mails its link only where the account is switched on, so its old secret dies before that.
            opening = self._open(index, key, record, scene, 1)
            if opening:
                opening.insert(0, _discard(index, key, scene))
            driver.require("invite.create", key)
            invite = scene.record("invite", key)
            before = {name: invite.get(name) for name in ("state", "recipient", "expires_at")} if invite else None
            after = {
                "state": "pending",
                "recipient": item["owner"],
                "expires_in_hours": driver.invite_hours,
                "role_account": item["role_account"],
            }
            request = {"credential": "discarded", "renew": True}
            delivery = {"method": "recovery_link", "rank": 1}
            stage = 1 + max((one.stage for one in opening), default=-1)
            sent = Operation(
                index, "invite", "create", key, "invite.sent", before, after, request, delivery, stage=stage
            )
            return [*opening, sent]
        driver.require("mailbox.set_password", key)
        need_exception(item, key, "a password made by the operator is an exception.")
        check_temporary_password(key, item, scene)
        reset = Operation(
            index,
            "mailbox",
            "set_password",
            key,
            "mailbox.reset",
            {"credential": scene.note("mailbox", key).get("credential")},
            {"credential": "temporary"},
            {"credential": "generated"},
            {"method": "temporary_password", "rank": 3, "seal_to": item["seal_to"]},
            item["exception"],
        )
        return [reset, *self._open(index, key, record, scene, 1)]

    def _open(self, index: int, key: str, record: Record, scene: Scene, stage: int) -> list[Operation]:
        if not record["suspended"]:
            return []
        scene.driver.require("mailbox.resume", key)
        before, request = mailbox_state(record), {"suspend": record["suspended"]}
        after = dict(before, state="present", suspended="")
        resume = Operation(index, "mailbox", "resume", key, "mailbox.resumed", before, after, request, stage=stage)
        return [resume, *give_back(index, key, scene, stage + 1)]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("mailbox", item["key"]) or {}
        return {
            "address": item["key"],
            "state": record.get("state", "absent"),
            "owner": item["owner"],
            "until": item["until"] or None,
        }


def _discard(index: int, key: str, scene: Scene) -> Operation:
    """A secret that nobody keeps, in place of the one that somebody knew."""
    before = {"credential": scene.note("mailbox", key).get("credential")}
    after = {"credential": "discarded"}
    delivery = {"method": "recovery_link", "rank": 1}
    scene.driver.require("mailbox.set_password", key)
    return Operation(index, "mailbox", "set_password", key, "mailbox.reset", before, after, dict(after), delivery)
