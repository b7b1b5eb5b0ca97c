# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A batch taken back: one plan over all kinds of objects that the journal says it has changed (R-RBK-01 to R-RBK-12)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import GIVEN_BACK, KINDS, LETS_IN
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.taking_back import way_back
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import OPEN_VERDICTS, TAKEN_BACK

# Kinds that are looked for in the domains of what was changed, and those that are asked for by name.
_BY_DOMAIN = frozenset(("mailbox", "invite", "forward", "alias"))
_BY_NAME = ("forward", "catch_all", "administrator")
_BEGIN = -2


class Rollback(Resource):
    """Its items are `Change` objects of the journal, one for each object; it has no options of its own.

    :param rollback_id: name of this rollback in the journal.
    :param of: the rollback that it takes back; empty when it takes back the request itself.
    :param begun: the journal has its beginning already.
    """

    kind = "rollback"
    plural = "objects"
    key_option = "key"
    options: t.ClassVar[dict[str, t.Any]] = {}
    journal_fields: t.ClassVar[dict[str, str]] = {
        "mailbox": "rotated_for",
        "forward": "expires_at",
        "catch_all": "expires_at",
    }
    restores = True
    retries = False

    def __init__(self, rollback_id: str = "", of: str = "", begun: bool = False) -> None:
        self._id = rollback_id
        self._of = of
        self._begun = begun

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        return dict(item)

    def domains_of(self, item: Item) -> list[str]:
        return [_domain(_place(_change(item)))]

    def keys_of(self, item: Item) -> list[str]:
        return [_change(item).key]

    def remembered(self, scopes: t.Container[str]) -> list[str]:
        kinds = ("mailbox", "invite", "forward", "alias", "catch_all", "domain", "record_set", *LETS_IN)
        return [self.kind, *(kind for kind in kinds if kind in scopes)]

    def touches(self, items: t.Sequence[Item]) -> t.Callable[[t.Mapping[str, t.Any]], bool]:
        """Its own record too: a run may have been killed when it began."""
        about = super().touches(items)
        own = (self.kind, self._id)
        return lambda event: (event["object"]["kind"], event["object"]["key"]) == own or about(event)

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        changes = [_change(item) for item in items]
        homes = {_domain(one.key) for one in changes if one.kind in _BY_DOMAIN}
        scope: dict[str, set[str]] = {"domain": set()}
        kinds = {one.kind for one in changes}
        if kinds & _BY_DOMAIN:
            owners = {
                _domain(str(state["mailbox"])) for one in changes for state in _states(one) if state.get("mailbox")
            }
            scope["mailbox"] = homes | owners
        if kinds & {"mailbox", "invite"}:
            scope["invite"] = {_domain(one.key) for one in changes if one.kind in ("mailbox", "invite")}
        if "alias" in kinds:
            names = {str(state["mailbox"]) for one in changes for state in _states(one) if state.get("mailbox")}
            scope["alias"] = names | {_domain(one.key) for one in changes if one.kind == "alias"}
        for kind in _BY_NAME:
            if kind in kinds:
                scope[kind] = {one.key for one in changes if one.kind == kind}
        if "record_set" in kinds and driver.dns:
            scope["record_set"] = {one.key for one in changes if one.kind == "record_set"}
        self._add_paths(scope, changes, driver)
        made = {one.key for one in changes if one.kind in ("mailbox", "invite") and one.created}
        if made and driver.can("session.list"):
            scope["session"] = made | scope.get("session", set())
        return scope

    def _add_paths(self, scope: dict[str, set[str]], changes: t.Sequence[Change], driver: Driver) -> None:
        """Access paths that come back, and of the others those that are in doubt."""
        for one in changes:
            if one.kind in LETS_IN and (one.kind in GIVEN_BACK or one.doubt) and driver.can(KINDS[one.kind].listed):
                members = [str(state["member"]) for state in _states(one) if state.get("member")]
                scope.setdefault("mailbox", set()).update(_domain(name) for name in (_place(one), *members))
                scope.setdefault(one.kind, set()).add(_place(one))

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        way = way_back(index, _change(item), bool(item["overwrite"]), scene)
        item["way"] = way
        return way.operations

    def frame(self, operations: list[Operation], scene: Scene) -> list[Operation]:
        if not operations or self._begun:
            return operations
        after = {"state": "started", "of": self._of}
        begin = Operation(-1, self.kind, "record", self._id, "rollback.started", None, after, stage=_BEGIN)
        return [begin, *operations]

    def present(self, item: Item, scene: Scene) -> Record:
        """``kind``, ``key``, what was done (``actions``), ``verdict``, ``why``, ``next``."""
        change, way = _change(item), item.get("way")
        row: Record = {"kind": change.kind, "key": change.key, "actions": list(change.actions)}
        if way is None:
            return dict(row, verdict="not_planned", why="", next="")
        return dict(row, verdict=way.verdict, why=way.why, next=way.next)


class Closing(Resource):
    """The end of a rollback in the journal, with what verified it (R-RBK-07)."""

    kind = "rollback"
    plural = "rollbacks"
    key_option = "rollback_id"
    options: t.ClassVar[dict[str, t.Any]] = {}
    retries = False

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        return dict(item)

    def domains_of(self, item: Item) -> list[str]:
        return []

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        return {}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        before, after = item["before"], item["after"]
        if before == after:
            return []
        return [Operation(index, self.kind, "record", item["key"], "rollback.closed", before, after)]

    def present(self, item: Item, scene: Scene) -> Record:
        return dict(item["after"], rollback_id=item["key"])


def complete(rows: t.Sequence[Record]) -> bool:
    """Whether nothing is left for a person to decide or to do."""
    return not any(row["verdict"] in OPEN_VERDICTS for row in rows)


def settled(rows: t.Sequence[Record]) -> bool:
    """Whether there is nothing left that this collection could take back."""
    return not any(row["verdict"] == TAKEN_BACK for row in rows)


def item_of(change: Change, overwrite: t.Container[str]) -> Item:
    return {"key": change.name, "change": change, "overwrite": change.key in overwrite}


def _change(item: Item) -> Change:
    return t.cast(Change, item["change"])


def _states(change: Change) -> list[dict[str, t.Any]]:
    return [change.before, change.after, (change.doubt or {}).get("after") or {}]


def _place(change: Change) -> str:
    return place_of(change.kind, change.key)


def _domain(key: str) -> str:
    return key.rpartition("@")[2]
