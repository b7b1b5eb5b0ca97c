# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mailbox of a domain that verification logs in to: made for that, closed between runs, never an owner's (R-SCOPE-09).

It needs no exception although a password is made for it: nobody ever holds that, and it dies with the run.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import parse_address
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene, require_domain

# What the journal calls the credential of such a mailbox; by this it knows its own.
CREDENTIAL = "probe"
_DELIVERY = {"method": "probe_secret", "rank": 0}


class ProbeMailbox(Resource):
    """Items are ``{address, step}``: ``open`` it with a new secret, ``close`` it, ``discard`` the secret."""

    kind = "mailbox"
    plural = "probe_mailboxes"
    key_option = "address"
    journal_fields: t.ClassVar[dict[str, str]] = {"mailbox": "credential"}
    options: t.ClassVar[dict[str, t.Any]] = {}

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        address = parse_address(item["address"])
        return {"key": address.address, "domain": address.domain, "step": item["step"]}

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items}
        if any(item["step"] == "open" for item in items):
            return {"domain": set(), "mailbox": domains}
        return {"mailbox": domains}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        record = scene.record("mailbox", item["key"])
        if item["step"] == "open":
            return self._open(index, item, record, scene)
        if record is None or record["state"] not in ("present", "suspended"):
            return []
        if item["step"] == "close":
            return self._close(index, item, record, scene)
        return [_new_secret(index, item, "discarded")]

    def present(self, item: Item, scene: Scene) -> Record:
        """With ``candidates``: the other mailboxes of the domain that take mail."""
        record = scene.record("mailbox", item["key"])
        others = [
            key
            for key, one in scene.records.get("mailbox", {}).items()
            if one.get("state") == "present" and key != item["key"] and key.rpartition("@")[2] == item["domain"]
        ]
        return {
            "address": item["key"],
            "domain": item["domain"],
            "state": record["state"] if record else "absent",
            "candidates": sorted(others),
        }

    def _open(self, index: int, item: Item, record: Record | None, scene: Scene) -> list[Operation]:
        key, driver = item["key"], scene.driver
        for capability in ("mailbox.create", "mailbox.set_password", "mailbox.resume"):
            driver.require(capability, key)
        require_domain(scene, item["domain"], key, active=True)
        if record is None:
            after = {"state": "present", "suspended": "", "credential": CREDENTIAL, "role_account": True}
            request = {"credential": CREDENTIAL}
            return [
                Operation(
                    index, "mailbox", "create", key, "mailbox.created", None, after, request, delivery=dict(_DELIVERY)
                )
            ]
        if record["state"] not in ("present", "suspended"):
            raise Refused(
                "probe_mailbox_unusable",
                "%s: this address is %s, so it cannot be probed with." % (key, record["state"]),
                "Choose another probe_local_part, or free the address at the provider.",
            )
        if not _is_ours(key, record, scene):
            raise Refused(
                "probe_mailbox_foreign",
                "%s: there is such a mailbox, and this journal did not make it for verification." % key,
                "Name the journal that did in journal_dir, or choose another probe_local_part: a probe never opens a "
                "mailbox that may be somebody's.",
            )
        operations = [_new_secret(index, item, CREDENTIAL)]
        if record["suspended"]:
            operations.append(_switch(index, key, "resume", "mailbox.resumed", record, ""))
        return operations

    def _close(self, index: int, item: Item, record: Record, scene: Scene) -> list[Operation]:
        """Closed for mail too, where the provider can: between runs nothing shall gather in it."""
        key, driver, operations = item["key"], scene.driver, []
        if not record["suspended"]:
            verb, how = ("pause", "all") if driver.can("mailbox.pause") else ("suspend", "login")
            driver.require("mailbox." + verb, key)
            operations.append(_switch(index, key, verb, "mailbox.suspended", record, how))
        if driver.can("session.revoke"):
            before = {"state": "open"}
            operations.append(Operation(index, "session", "revoke", key, "session.revoked", before, None, stage=1))
        return operations


def _new_secret(index: int, item: Item, credential: str) -> Operation:
    """The provider keeps no trace that could be read back, so before and after are the journal's words."""
    return Operation(
        index,
        "mailbox",
        "set_password",
        item["key"],
        "mailbox.reset",
        {"credential": CREDENTIAL},
        {"credential": CREDENTIAL},
        {"credential": credential},
        dict(_DELIVERY),
    )


def _switch(index: int, key: str, verb: str, action: str, record: Record, suspended: str) -> Operation:
    before = {"state": record["state"], "suspended": record["suspended"]}
    after = {"state": "suspended" if suspended else "present", "suspended": suspended}
    request = {"reason": "verification"} if suspended else {"suspend": record["suspended"]}
    return Operation(index, "mailbox", verb, key, action, before, after, request, stage=0 if suspended else 1)


def _is_ours(key: str, record: Record, scene: Scene) -> bool:
    if CREDENTIAL in (record.get("credential"), scene.note("mailbox", key).get("credential")):
        return True
    # Made by a run that was killed before it could say so
    return any(
        applied and event["object"]["key"] == key and (event.get("after") or {}).get("credential") == CREDENTIAL
        for event, applied in scene.open_intents
    )
