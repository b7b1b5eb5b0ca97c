# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases: extra addresses of a mailbox."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import is_high_risk, parse_address
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


class Alias(Resource):
    kind = "alias"
    plural = "aliases"
    key_option = "address"
    options: t.ClassVar[dict[str, t.Any]] = {
        "address": {"type": "str"},
        "mailbox": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "can_receive": {"type": "bool", "default": True},
        "can_send": {"type": "bool", "default": False},
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("address") or not item.get("mailbox"):
            raise Refused("address", "An alias needs address and mailbox.", "Set both.")
        address, mailbox = parse_address(item["address"], alias=True), parse_address(item["mailbox"])
        if address == mailbox:
            raise Refused("alias_collision", "%s: is the mailbox itself." % address.address, "Choose another address.")
        return {
            "key": address.address,
            "domain": address.domain,
            "local_part": address.local,
            "mailbox": mailbox.address,
            "mailbox_domain": mailbox.domain,
            "state": item.get("state") or "present",
            "can_receive": True if item.get("can_receive") is None else bool(item["can_receive"]),
            "can_send": bool(item.get("can_send")),
            "exception": exception_of(item, now),
        }

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items} | {item["mailbox_domain"] for item in items}
        # By mailbox or by domain, whichever the provider lists aliases by.
        names = {item["mailbox"] for item in items} | {item["domain"] for item in items}
        return {"domain": set(), "mailbox": domains, "alias": names}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("alias", item["key"])
        mine = record is not None and record["mailbox"] == item["mailbox"]
        if item["state"] == "absent":
            if record is None or not mine:
                return []
            return [Operation(index, "alias", "delete", key, "alias.deleted", alias_state(record), None)]
        mailbox = scene.record("mailbox", item["mailbox"])
        if mailbox is None or mailbox["state"] not in ("present", "suspended"):
            raise Refused(
                "mailbox_missing",
                "%s: the mailbox %s does not exist (yet)." % (key, item["mailbox"]),
                "Create it first; an invite that is still pending has no mailbox.",
            )
        require_domain(scene, item["domain"], key, active=record is None)
        if record is not None and not mine:
            raise Refused(
                "alias_collision",
                "%s: is already an alias of %s." % (key, record["mailbox"]),
                "Remove it there first, by name.",
            )
        if scene.record("mailbox", key) is not None:
            raise Refused("alias_collision", "%s: is a mailbox." % key, "Choose another address.")
        after = {"mailbox": item["mailbox"], **(scene.driver.alias_flags or _flags(item))}
        if record is None:
            if is_high_risk(item["local_part"]):
                need_exception(item, key, "this name is high-risk and needs an approval for this very address.")
            _warn_of_fixed_flags(item, scene)
            return [Operation(index, "alias", "create", key, "alias.created", None, after, exception=item["exception"])]
        if record.get("enabled") is False:
            after["enabled"] = True
        if alias_state(record) != after:
            _warn_of_fixed_flags(item, scene)
            return [Operation(index, "alias", "update", key, "alias.updated", alias_state(record), after)]
        return []

    def domains_of(self, item: Item) -> list[str]:
        """An alias gives its mailbox another address, so both have to be the client's."""
        return [item["domain"], item["mailbox_domain"]]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("alias", item["key"])
        if record is None or record["mailbox"] != item["mailbox"]:
            return {"address": item["key"], "state": "absent"}
        return dict(alias_state(record), address=item["key"], state="present")


def _flags(item: Item) -> dict[str, bool]:
    return {"can_receive": item["can_receive"], "can_send": item["can_send"]}


def _warn_of_fixed_flags(item: Item, scene: Scene) -> None:
    fixed = scene.driver.alias_flags or _flags(item)
    names = [name for name, value in _flags(item).items() if fixed[name] != value]
    if names:
        scene.warnings.append(
            "%s: %s cannot be chosen at the provider %s; an alias there has %s."
            % (item["key"], " and ".join(names), scene.driver.name, ", ".join("%s=%s" % pair for pair in fixed.items()))
        )


def alias_state(record: Record) -> Record:
    """What goes into the journal of an alias."""
    plain = {name: record.get(name) for name in ("mailbox", "can_receive", "can_send")}
    # One that is switched off still holds its address.
    return dict(plain, enabled=False) if record.get("enabled") is False else plain
