# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an offboarding: what was selected when it began, and what became of each thing when it was closed (R-OFF-04, R-OFF-10)."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal import evidence
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused, digest
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene

_SELECTION_DOMAIN = b"mailops-offboarding-v1\n"
# With these nothing is closed yet.
_UNFINISHED = ("open", "to_do")


class Offboarding(Resource):
    kind = "offboarding"
    plural = "offboardings"
    key_option = "state"
    kept_in_journal = True
    needs_provider = False
    journal_fields: t.ClassVar[dict[str, str]] = {"offboarding": "state"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["started", "closed"]},
        "selection": {"type": "dict"},
        "items": {"type": "list", "elements": "dict"},
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        """``request_id`` and ``client`` of the item are the task's own; see `items_of`."""
        key = "%s/%s" % (item.get("request_id") or "", item.get("client") or "none")
        if not item.get("state") or not item.get("selection"):
            raise Refused(
                "nothing_selected", "%s: state or selection is not set." % key, "Take both from offboarding_info."
            )
        rows = [
            {name: str(row.get(name) or "") for name in ("item", "state", "what")} for row in item.get("items") or ()
        ]
        left = [row["item"] for row in rows if row["state"] in _UNFINISHED]
        if item["state"] == "closed" and (left or not rows):
            raise Refused(
                "offboard_incomplete",
                "%s: %s."
                % (key, "%d items are open, %s is the first" % (len(left), left[0]) if left else "no item is named"),
                "Close what is open, and take items from the last offboarding_info.",
            )
        return {
            "key": key,
            "request_id": str(item.get("request_id") or ""),
            "client": str(item.get("client") or ""),
            "state": item["state"],
            "selection": item["selection"],
            "items": sorted(rows, key=lambda row: row["item"]),
        }

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        return {"offboarding": {item["key"] for item in items}}

    def domains_of(self, item: Item) -> list[str]:
        return []

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key, record = item["key"], scene.record("offboarding", item["key"])
        before = {name: value for name, value in record.items() if name != "address"} if record else None
        mark = digest(_SELECTION_DOMAIN, {"selection": _text(item["selection"])})
        if item["state"] == "started":
            if before and before["selection_digest"] == mark:
                return []
            after: Record = {
                "state": "started",
                "how": str(item["selection"].get("how") or ""),
                "selection_digest": mark,
            }
            return [Operation(index, "offboarding", "record", key, "offboarding.started", before, after)]
        document = {"client": item["client"], "selection": _text(item["selection"]), "items": item["items"]}
        entry, data = evidence.sealed(item["request_id"], item["client"], document)
        counts = collections.Counter(row["state"] for row in item["items"])
        after = {"state": "closed", **entry, "counts": dict(sorted(counts.items())), "selection_digest": mark}
        if before == after:
            return []
        operation = Operation(index, "offboarding", "record", key, "offboarding.closed", before, after)
        operation.document = data
        return [operation]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("offboarding", item["key"]) or {}
        return {
            "key": item["key"],
            "state": record.get("state", "absent"),
            **{name: record[name] for name in ("digest", "path", "counts") if name in record},
        }


def _text(value: t.Any) -> t.Any:
    """As Ansible hands it over, and as canonical JSON takes it."""
    if isinstance(value, dict):
        return {str(name): _text(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_text(entry) for entry in value]
    return value if isinstance(value, (bool, int)) or value is None else str(value)
