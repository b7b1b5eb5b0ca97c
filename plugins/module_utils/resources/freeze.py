# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Freezes as a resource: set with reason and end, lifted with a reason; the journal is the only place that has them."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import says_something
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import parse_end
from ansible_collections.mailops.email.plugins.module_utils.policy.freezes import EVERYTHING, SCOPES
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene

# Whoever needs longer says so again: a freeze that nobody remembers is an outage.
MAX_DAYS = 30
_FIELDS = ("reason", "expires_at", "except_requests", "domains")


class Freeze(Resource):
    kind = "freeze"
    plural = "freezes"
    key_option = "scope"
    kept_in_journal = True
    needs_provider = False
    journal_fields: t.ClassVar[dict[str, str]] = {"freeze": "state"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "scope": {"type": "str", "choices": list(SCOPES)},
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "reason": {"type": "str"},
        "expires_at": {"type": "str"},
        "except_requests": {"type": "list", "elements": "str"},
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """``client`` and ``domains`` of the item are the task's own; see `items_of`."""
        scope = item.get("scope") or "client"
        name = _name(scope, str(item.get("name") or "").strip(), item.get("client") or "")
        key = "%s:%s" % (scope, name) if name else scope
        state = item.get("state") or "present"
        reason = str(item.get("reason") or "").strip()
        if not says_something(reason):
            raise Refused("reason_missing", "%s: reason is not set." % key, "Say why, for whoever is held up by it.")
        out: Item = {"key": key, "domain": name if scope == "domain" else "", "state": state, "reason": reason}
        if state == "absent":
            return out
        if not item.get("expires_at"):
            raise Refused("expiry_missing", "%s: expires_at is not set." % key, "Say when it ends by itself.")
        ends = parse_end(str(item["expires_at"]), key)
        if not now < ends <= now + datetime.timedelta(days=MAX_DAYS):
            raise Refused(
                "expires_at",
                "%s: expires_at %s is over, or more than %d days away." % (key, item["expires_at"], MAX_DAYS),
                "Set a near end, and set the freeze anew when it has to last longer.",
            )
        out["expires_at"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        out["except_requests"] = sorted({one.strip() for one in item.get("except_requests") or () if one.strip()})
        out["domains"] = sorted(item.get("domains") or ()) if scope == "client" else []
        return out

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        return {"freeze": {item["key"] for item in items}}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key = item["key"]
        record = scene.record("freeze", key)
        before = {"state": "present", **_plain(record)} if record and _holds(record, scene.now) else None
        if item["state"] == "absent":
            if before is None:
                return []
            after = {"state": "absent", "reason": item["reason"]}
            return [Operation(index, "freeze", "record", key, "freeze.lifted", before, after)]
        wanted = {"state": "present", **_plain(item)}
        if wanted == before:
            return []
        return [Operation(index, "freeze", "record", key, "freeze.set", before, wanted)]

    def domains_of(self, item: Item) -> list[str]:
        return [item["domain"]] if item["domain"] else []

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("freeze", item["key"])
        scope, dummy, name = item["key"].partition(":")
        named = {"key": item["key"], "scope": scope, "name": name}
        if not record or not _holds(record, scene.now):
            return {**named, "state": "absent"}
        return {**named, "state": "present", **{field: record[field] for field in _FIELDS[:3]}}


def _name(scope: str, given: str, client: str) -> str:
    """:raises Refused: ``freeze_name`` when *given* is missing, too much, or another client's."""
    if scope == EVERYTHING:
        if given:
            raise Refused("freeze_name", "%s has no name, %r was given." % (scope, given), "Leave name out.")
        return ""
    if scope == "client":
        if given and client and given != client:
            raise Refused(
                "freeze_name",
                "The task works for the client %s and cannot freeze the client %s." % (client, given),
                "Run it for that client, with its domains.",
            )
        given = given or client
    if not given:
        raise Refused("freeze_name", "A freeze of a %s names it." % scope, "Set name, or client for the task.")
    return normalise_hostname(given) if scope == "domain" else given


def _plain(state: t.Mapping[str, t.Any]) -> Record:
    return {name: state[name] for name in _FIELDS}


def _holds(record: Record, now: datetime.datetime) -> bool:
    if record.get("state") != "present":
        return False
    return datetime.datetime.fromisoformat(record["expires_at"].replace("Z", "+00:00")) > now
