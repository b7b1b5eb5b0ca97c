# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and subdomains: mail host names at the provider."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import parse_address
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import (
    is_root_domain,
    normalise_hostname,
    normalise_label,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    differs,
    exception_of,
    need_exception,
    require_domain,
)

_FIELDS = ("status", "mail_hosting", "note")


class Domain(Resource):
    kind = "domain"
    plural = "domains"
    key_option = "name"
    options: t.ClassVar[dict[str, t.Any]] = {
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "mail_hosting": {"type": "str", "choices": ["provider", "external"]},
        "note": {"type": "str"},
        "administrators": {"type": "list", "elements": "str"},
        "former_administrators": {"type": "list", "elements": "str"},
        "exception": EXCEPTION_OPTION,
    }
    _object: t.ClassVar[str] = "domain"

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("name"):
            raise Refused("name", "A domain is named by its host name.", "Set name.")
        name = normalise_hostname(item["name"])
        if is_root_domain(name) is False:
            raise Refused(
                "not_a_root_domain",
                "%s: is no domain that can be registered." % name,
                "Use mailops.email.subdomain with parent and label.",
            )
        return self._normal(item, name, now)

    def _normal(self, item: Item, name: str, now: datetime.datetime) -> Item:
        return {
            "key": name,
            "domain": name,
            "parent": "",
            "state": item.get("state") or "present",
            "mail_hosting": item.get("mail_hosting"),
            "note": item.get("note"),
            "administrators": _addresses(item, "administrators"),
            "former_administrators": _addresses(item, "former_administrators"),
            "purpose": item.get("purpose") or "",
            "exception": exception_of(item, now),
        }

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        scope: dict[str, set[str]] = {"domain": set()}
        governed = {item["key"] for item in items if item["administrators"] or item["former_administrators"]}
        homes = {item["key"] for item in items if item["state"] == "absent"}
        if governed and driver.can("administrator.set"):
            scope["administrator"] = governed
            homes |= {address.rpartition("@")[2] for item in items for address in item["administrators"]}
        if homes:
            scope["mailbox"] = homes
        return scope

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("domain", item["key"])
        if item["state"] == "absent":
            return self._absent(index, item, record, scene)
        if record is None:
            hosting = item["mail_hosting"] or "provider"
            if hosting != "provider":
                scene.driver.require("domain.set_hosting", key)
            after = {"status": scene.driver.new_domain_status, "mail_hosting": hosting, "note": None}
            if item["parent"]:
                after.update(parent=item["parent"], purpose=item["purpose"])
            create = Operation(index, "domain", "create", key, self._object + ".created", None, after)
            return [create] + self._fields(index, item, after, scene, stage=1)
        return self._fields(index, item, record, scene, stage=0)

    def _fields(self, index: int, item: Item, record: Record, scene: Scene, stage: int) -> list[Operation]:
        operations = []
        for verb, field in (("set_hosting", "mail_hosting"), ("annotate", "note")):
            if differs(item[field], record.get(field)):
                scene.driver.require("domain." + verb, item["key"])
                if (verb, item[field]) == ("set_hosting", "external"):
                    need_exception(item, item["key"], "its mailboxes would stop receiving mail.")
                operations.append(
                    Operation(
                        index,
                        "domain",
                        verb,
                        item["key"],
                        self._object + ".updated",
                        {field: record.get(field)},
                        {field: item[field]},
                        exception=item["exception"],
                        stage=stage,
                    )
                )
        return operations + self._administrators(index, item, scene, stage)

    def _administrators(self, index: int, item: Item, scene: Scene, stage: int) -> list[Operation]:
        """Only who is named comes or goes: absence from the list removes nobody (design §4.11)."""
        key = item["key"]
        if not item["administrators"] and not item["former_administrators"]:
            return []
        scene.driver.require("administrator.set", key)
        now = list((scene.record("administrator", key) or {}).get("administrators") or ())
        for address in sorted(set(item["administrators"]) - set(now)):
            mailbox = scene.record("mailbox", address)
            if mailbox is None or mailbox["state"] in ("trashed", "orphaned"):
                raise Refused(
                    "mailbox_missing",
                    "%s: the mailbox %s, which shall administer it, does not exist." % (key, address),
                    "Create it first, or correct the name.",
                )
        wanted = sorted((set(now) | set(item["administrators"])) - set(item["former_administrators"]))
        if wanted == sorted(now):
            return []
        if not wanted:
            raise Refused(
                "last_administrator",
                "%s: nobody would administer the domain any more." % key,
                "Name somebody in administrators in the same task.",
            )
        before, after = {"administrators": sorted(now)}, {"administrators": wanted}
        return [Operation(index, "administrator", "set", key, self._object + ".updated", before, after, stage=stage)]

    def _absent(self, index: int, item: Item, record: Record | None, scene: Scene) -> list[Operation]:
        if record is None:
            return []
        boxes = scene.records.get("mailbox", {})
        holds = [key for key in boxes if key.endswith("@" + item["key"])]
        if holds:
            binned = len([key for key in holds if boxes[key]["state"] == "trashed"])
            raise Refused(
                "domain_not_empty",
                "%s: still has %d mailboxes%s; removing it would destroy them."
                % (item["key"], len(holds), ", %d of them in the recycle bin" % binned if binned else ""),
                "Offboard its mailboxes first, and wait until the recycle bin has forgotten them.",
            )
        need_exception(item, item["key"], "removing a domain cannot be undone.")
        before = {name: record.get(name) for name in _FIELDS}
        return [
            Operation(
                index,
                "domain",
                "delete",
                item["key"],
                self._object + ".deleted",
                before,
                None,
                exception=item["exception"],
            )
        ]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("domain", item["key"])
        if record is None:
            return {"name": item["key"], "state": "absent"}
        return dict({name: record.get(name) for name in _FIELDS}, name=item["key"], state="present")


def _addresses(item: Item, option: str) -> list[str]:
    return sorted({parse_address(one, alias=True).address for one in item.get(option) or ()})


class Subdomain(Domain):
    """A domain under a parent of the same account; each label is its own host name and result (R-FORM-05 to 08)."""

    kind = "subdomain"
    plural = "subdomains"
    key_option = "label"
    options: t.ClassVar[dict[str, t.Any]] = {
        "parent": {"type": "str"},
        "label": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "purpose": {"type": "str"},
        "mail_hosting": {"type": "str", "choices": ["provider", "external"]},
        "note": {"type": "str"},
        "exception": EXCEPTION_OPTION,
    }
    _object = "subdomain"

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("parent") or not item.get("label"):
            raise Refused("label", "A subdomain needs parent and label.", "Set both, or labels for several.")
        parent = normalise_hostname(item["parent"])
        label = normalise_label(item["label"], purpose=item.get("purpose") or "")
        out = self._normal(item, "%s.%s" % (label, parent), now)
        out["parent"] = parent
        return out

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        if item["state"] == "present":
            require_domain(scene, item["parent"], item["key"], active=False)
            if not item["purpose"] and scene.record("domain", item["key"]) is None:
                scene.warnings.append("%s: no purpose is recorded for this subdomain (R-FORM-09)." % item["key"])
        return super().plan(index, item, scene)

    def domain_of(self, item: Item) -> str:
        return t.cast(str, item["parent"] or item["domain"])
