# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which freezes the journal knows, and which of them hold now.

They are kept where all controllers see them: in the journal, as outcomes of the kind ``freeze``.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.policy.freezes import Freeze

_MARKER = b'"kind":"freeze"'


def freezes(store: Store, now: datetime.datetime) -> list[Freeze]:
    """The last word on each object that was ever frozen, sorted by key.

    Runs that never speak of one are not read any further, so that asking costs little where nothing was ever frozen.

    :raises JournalError: ``journal_damaged``, ``journal_not_readable``.
    """
    last: dict[str, Event] = {}
    for run in store.holding(_MARKER):
        for event in store.events(run, _MARKER):
            thing = event.get("object")
            if not isinstance(thing, dict) or thing.get("kind") != "freeze" or event.get("phase") != "outcome":
                continue
            if event.get("outcome") == "success" and isinstance(event.get("after"), dict):
                key = thing["key"]
                if key not in last or last[key]["timestamp"] <= event["timestamp"]:
                    last[key] = event
    return [_freeze(key, event, now) for key, event in sorted(last.items())]


def active(store: Store, now: datetime.datetime) -> list[Freeze]:
    """Those that hold now.

    :raises JournalError:
    """
    return [one for one in freezes(store, now) if one.state == "active"]


def _freeze(key: str, event: Event, now: datetime.datetime) -> Freeze:
    after: dict[str, t.Any] = event["after"]
    if after.get("state") != "present":
        state = "lifted"
    else:
        state = "active" if parse_time(after["expires_at"]) > now else "expired"
    return Freeze(
        key=key,
        reason=str(after.get("reason") or ""),
        by=str((event.get("actor") or {}).get("human") or ""),
        request_id=str(event.get("request_id") or ""),
        set_at=str(event["timestamp"]),
        expires_at=str(after.get("expires_at") or ""),
        state=state,
        except_requests=tuple(after.get("except_requests") or ()),
        domains=tuple(after.get("domains") or ()),
    )
