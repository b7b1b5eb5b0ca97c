# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story of single objects: every outcome about them, whoever was at work, oldest first."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

_OUTCOME = b'"phase":"outcome"'
_TOLD = (
    "id", "timestamp", "action", "verb", "outcome", "request_id", "approval_id", "provider", "before", "after",
    "collateral", "delivery_method", "exception", "stream", "seq",
)  # fmt: skip


@dataclasses.dataclass
class Timeline:
    """What the journal has of some objects.

    :param rows: by key, the outcomes that speak of it, oldest first.
    :param changed_at: by request, when it last changed something at the provider.
    """

    rows: dict[str, list[Event]] = dataclasses.field(default_factory=dict)
    changed_at: dict[str, str] = dataclasses.field(default_factory=dict)


def timeline(store: Store, keys: t.Collection[str], provider: str) -> Timeline:
    """One pass over the journal for all of *keys*.

    :param provider: account whose changes count for `Timeline.changed_at`; the rows are those of every account.
    :raises JournalError: ``journal_damaged``, ``journal_not_readable``.
    """
    found = Timeline({key: [] for key in keys})
    for event in store.all_events(_OUTCOME):
        thing = event["object"]
        if event.get("verb") != "record" and event.get("provider") == provider and _done(event):
            request = str(event.get("request_id"))
            found.changed_at[request] = max(event["timestamp"], found.changed_at.get(request, ""))
        for key in dict.fromkeys((thing["key"], thing.get("mailbox"), thing.get("member"))):
            if key in found.rows:
                found.rows[key].append(_told(event))
    for rows in found.rows.values():
        rows.sort(key=lambda row: (row["timestamp"], row["stream"], row["seq"]))
    return found


def _done(event: Event) -> bool:
    return event.get("outcome") in ("success", "unverified")


def _told(event: Event) -> Event:
    actor = event.get("actor") or {}
    row = {name: event[name] for name in _TOLD if event.get(name) is not None}
    return {"stream": "", "seq": 0, **row, "by": actor.get("human"), "system": actor.get("system")}
