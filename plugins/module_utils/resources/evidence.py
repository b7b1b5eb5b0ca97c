# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence as a resource: what is there now, and what the journal tells of it, in one document (R-OFF-07)."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal import evidence
from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused, digest
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import parse_address
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene

ACTION = "evidence.captured"
# What changes by itself is evidence, but no reason to capture once more.
_PASSING = frozenset(("used_mb", "last_login", "last_used_at", "last_used_by", "since"))
_DONE = ("success", "unverified")


class Evidence(Resource):
    kind = "evidence"
    plural = "objects"
    key_option = "name"
    kept_in_journal = True
    tells = True
    journal_fields: t.ClassVar[dict[str, str]] = {
        "evidence": "digest",
        "forward": "expires_at",
        "catch_all": "expires_at",
    }
    options: t.ClassVar[dict[str, t.Any]] = {"name": {"type": "str"}, "rollback_id": {"type": "str"}}

    def __init__(self) -> None:
        self._request_id = ""
        self._rollback_id = ""
        self._bundles: dict[str, Record] = {}

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """``request_id`` of the item is the task's own; see `items_of`."""
        name = str(item.get("name") or "").strip()
        if not name:
            raise Refused("name", "Evidence is of an address or a domain.", "Set name.")
        self._request_id = str(item.get("request_id") or "")
        self._rollback_id = str(item.get("rollback_id") or "")
        if "@" in name:
            address = parse_address(name)
            return {"key": address.address, "domain": address.domain}
        domain = normalise_hostname(name)
        return {"key": domain, "domain": domain}

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        addresses = {item["key"] for item in items if "@" in item["key"]}
        domains = {item["domain"] for item in items}
        scope: dict[str, set[str]] = {"domain": set(), "mailbox": domains, "invite": domains}
        scope.update(access_paths.observed(access_paths.ALL, addresses, driver))
        whole = {item["key"] for item in items} - addresses
        if whole:
            scope["forward"] = scope.get("forward", set()) | whole
            scope["catch_all"] = domains
        return scope

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key = item["key"]
        state = _state_of(key, scene)
        mark = digest(evidence.STATE_DOMAIN, _lasting(state))
        if not self._is_due(key, mark, scene):
            return []
        told = scene.timeline.rows.get(key, [])
        record = scene.record("mailbox", key) or {}
        self._bundles[key] = {
            "state": state,
            "last_login": record.get("last_login"),
            "logs": _plain(told),
            "admin_actions": _by_person(told),
        }
        after = {"state_digest": mark}
        if self._rollback_id:
            after["rollback_id"] = self._rollback_id
        return [Operation(index, "evidence", "record", key, ACTION, None, after)]

    def _is_due(self, key: str, mark: str, scene: Scene) -> bool:
        """Not when the same is kept under this request, or before this rollback of it; nor once that has begun to change things: what it was like
        before that is what counts."""
        kept = [
            row
            for row in _captured(key, scene)
            if row.get("request_id") == self._request_id and row["after"].get("rollback_id", "") == self._rollback_id
        ]
        if not kept:
            return True
        last = kept[-1]
        if scene.timeline.changed_at.get(self._request_id, "") > last["timestamp"]:
            return False
        return bool(last["after"]["state_digest"] != mark)

    def frame(self, operations: list[Operation], scene: Scene) -> list[Operation]:
        """All objects of a task share one document; each event names it."""
        if not operations:
            return operations
        addresses = sorted(key for key in self._bundles if "@" in key)
        document = {
            "request_id": self._request_id,
            "client": scene.client,
            "provider": scene.driver.account,
            "objects": self._bundles,
            "not_available": _not_available(addresses, scene),
        }
        entry, data = evidence.sealed(self._request_id, scene.client, document)
        for operation in operations:
            operation.after = {**entry, **(operation.after or {})}
        operations[0].document = data
        return operations

    def present(self, item: Item, scene: Scene) -> Record:
        kept = scene.record("evidence", item["key"])
        if not kept:
            return {"name": item["key"], "state": "absent"}
        return {"name": item["key"], "state": "captured", "digest": kept["digest"], "path": kept["path"]}


def _captured(key: str, scene: Scene) -> list[Event]:
    return [row for row in scene.timeline.rows.get(key, []) if row["action"] == ACTION and row["outcome"] == "success"]


def _state_of(key: str, scene: Scene) -> Record:
    """All that the provider shows of an address, or of a domain, with what only the journal knows of it."""
    domain = key.rpartition("@")[2]
    state: Record = {"domain": scene.record("domain", domain)}
    if "@" not in key:
        mailboxes = scene.records.get("mailbox", {}).items()
        state["mailboxes"] = {one: record["state"] for one, record in mailboxes if one.rpartition("@")[2] == domain}
        state["forwards"] = {
            one: {**scene.note("forward", one), **record}
            for one, record in scene.records.get("forward", {}).items()
            if record.get("via") == "address" and one.rpartition("@")[2] == domain
        }
        state["catch_all"] = {**scene.note("catch_all", key), **(scene.record("catch_all", key) or {})}
        return t.cast(Record, _plain(state))
    state["mailbox"] = scene.record("mailbox", key)
    state["invite"] = scene.record("invite", key)
    for kind in access_paths.ALL:
        found = access_paths.mine(kind, key, scene.records)
        state[kind] = {one: {**scene.note(kind, one), **record} for one, record in found.items()}
    return t.cast(Record, _plain(state))


def _not_available(addresses: t.Sequence[str], scene: Scene) -> list[Record]:
    """What this provider does not show by API: a gap that is named is no gap in the evidence."""
    mailboxes = scene.records.get("mailbox", {})
    found = access_paths.left_to_people(access_paths.ALL, addresses, mailboxes, scene.driver)
    silent = [one for one in addresses if one in mailboxes and mailboxes[one].get("last_login") is None]
    if silent:
        found.append(
            {"kind": "last_login", "addresses": silent, "next": "The provider shows none: ask its support for logs."}
        )
    return t.cast("list[Record]", _plain(found))


def _by_person(rows: t.Sequence[Event]) -> list[Record]:
    """Who has done what to it, how often, when first and last."""
    found: dict[tuple[str, str], Record] = {}
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for row in rows:
        if row.get("outcome") not in _DONE:
            continue
        name = (str(row.get("by") or ""), str(row["action"]))
        counts[name] += 1
        entry = found.setdefault(name, {"by": name[0], "action": name[1], "first": row["timestamp"]})
        entry.update(last=row["timestamp"], last_request_id=row.get("request_id"))
    return [dict(found[name], count=counts[name]) for name in sorted(found)]


def _lasting(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _lasting(entry) for name, entry in value.items() if name not in _PASSING}
    return [_lasting(entry) for entry in value] if isinstance(value, list) else value


def _plain(value: t.Any) -> t.Any:
    """What canonical JSON takes: a provider may count in parts of a megabyte."""
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, float) else value
