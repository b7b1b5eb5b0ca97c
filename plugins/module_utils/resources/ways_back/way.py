# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done about one object of a batch that is taken back, and how it is told whether others have changed it since."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.model import Operation
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record

# The order in which a batch is taken back: links die first, then logins, then what leads mail elsewhere; then the rest returns.
CANCEL, DISABLE, REMOVE, RESTORE, GIVE_BACK = 0, 1, 3, 4, 5


TAKEN_BACK, AS_BEFORE, CHANGED_SINCE = "taken_back", "as_before", "changed_since"


IN_DOUBT, LEFT_TO_PEOPLE, KEPT = "in_doubt", "left_to_people", "kept"


# With these a rollback is not complete: a person has to decide or to act.
OPEN_VERDICTS = frozenset((CHANGED_SINCE, IN_DOUBT, LEFT_TO_PEOPLE))


@dataclasses.dataclass
class Way:
    """What is done about one object.

    :param why: what was found, for people.
    :param next: what a person does about it; empty when nothing is left to do.
    """

    verdict: str
    why: str = ""
    next: str = ""
    operations: list[Operation] = dataclasses.field(default_factory=list)


UNKNOWN = "somebody, not by this journal"


def settled(change: Change, now: Record | None, wanted: Record | None, overwrite: bool) -> Way | None:
    """When nothing is to be done, or somebody else has changed it; None when the way back is free."""
    if _equal(now, wanted):
        return Way(AS_BEFORE)
    others = sorted({_who(event) for event in change.later})
    if not others and not _equal(now, None if change.removed else change.after):
        others = [UNKNOWN]
    return conflict(change, others, now, []) if others and not overwrite else None


def conflict(change: Change, others: t.Sequence[str], now: Record | None, operations: list[Operation]) -> Way:
    return Way(
        CHANGED_SINCE,
        "Changed since by %s; now: %s." % (" and by ".join(dict.fromkeys(others)), told(now)),
        "Leave it so, or name %s in overwrite to set it back all the same." % change.key,
        operations,
    )


def told(state: Record | None) -> str:
    if not state:
        return "gone"
    return ", ".join("%s %s" % (name, value) for name, value in sorted(state.items()) if value not in (None, "", []))


def _who(event: dict[str, t.Any]) -> str:
    return "%s for %s on %s" % (
        (event.get("actor") or {}).get("human") or "somebody",
        event.get("request_id"),
        event["timestamp"],
    )


def touching(change: Change, fields: t.Sequence[str]) -> list[str]:
    """Who has changed any of these fields since, by the journal."""
    found = []
    for event in change.later:
        before, after = event.get("before") or {}, event.get("after") or {}
        if any(before.get(field) != after.get(field) for field in fields):
            found.append(_who(event))
    return found


def same(one: t.Any, other: t.Any) -> bool:
    return (one or None) == (other or None)


def _equal(now: Record | None, state: Record | None) -> bool:
    """By the fields that the journal has of it and the provider shows."""
    if now is None or state is None:
        return now is None and state is None
    return all(same(now[name], value) for name, value in state.items() if name in now)


def operation_of(
    index: int,
    change: Change,
    verb: str,
    action: str,
    before: Record | None,
    after: Record | None,
    request: dict[str, t.Any] | None = None,
    *,
    stage: int,
) -> Operation:
    return Operation(index, change.kind, verb, change.key, action, before, after, dict(request or {}), stage=stage)
