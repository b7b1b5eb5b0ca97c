# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of what leads mail to others: forwards, catch-alls, aliases, members and filter rules."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.model import place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import KINDS, path_state
from ansible_collections.mailops.email.plugins.module_utils.resources.alias import alias_state
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.catch_all import catch_all_state
from ansible_collections.mailops.email.plugins.module_utils.resources.forward import forward_state
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    GIVE_BACK,
    KEPT,
    LEFT_TO_PEOPLE,
    REMOVE,
    TAKEN_BACK,
    Way,
    operation_of,
    settled,
    told,
)


def _governed(
    index: int, change: Change, overwrite: bool, scene: Scene, now: Record | None, make: str, end: str, done: str
) -> Way:
    """Forwards and catch-alls: removed when the batch has made them, else as they were, unless their time is over.

    :param make, end: verbs that bring one about and remove it.
    :param done: action of bringing it about.
    """
    wanted: dict[str, t.Any] | None = None if change.created else change.before
    finished = settled(change, now, wanted, overwrite)
    if finished is not None:
        return finished
    request = {"via": (now or change.before)["via"]} if change.kind == "forward" else {}
    if wanted is None:
        action = "%s.%s" % (change.kind, "deleted" if end == "delete" else "disabled")
        return Way(TAKEN_BACK, operations=[operation_of(index, change, end, action, now, None, request, stage=REMOVE)])
    ends = str(wanted.get("expires_at") or "")
    if ends and parse_time(ends) <= scene.now:
        return Way(KEPT, "Its time was over at %s." % ends)
    scene.driver.require("%s.%s" % (change.kind, request.get("via") or make), change.key)
    mailbox = scene.record("mailbox", change.key)
    if request.get("via") == "mailbox" and (mailbox is None or mailbox["state"] == "trashed"):
        return Way(LEFT_TO_PEOPLE, "The mailbox that it belonged to is gone.", "Bring the mailbox back first.")
    verb, action = (make, done) if now is None else (make if make == "enable" else "update", change.kind + ".updated")
    if now is not None and _natively_equal(now, wanted):
        verb = "record"
    return Way(
        TAKEN_BACK, operations=[operation_of(index, change, verb, action, now, dict(wanted), request, stage=GIVE_BACK)]
    )


_GOVERNANCE = frozenset(("owner", "purpose", "expires_at"))


def _natively_equal(now: Record, wanted: Record) -> bool:
    return all(now.get(name) == value for name, value in wanted.items() if name not in _GOVERNANCE)


def forward_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("forward", change.key)
    now = None if record is None else forward_state(record, scene.note("forward", change.key))
    return _governed(index, change, overwrite, scene, now, "create", "delete", "forward.created")


def catch_all_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("catch_all", change.key)
    on = record is not None and record.get("enabled")
    now = catch_all_state(record, scene.note("catch_all", change.key)) if record and on else None
    return _governed(index, change, overwrite, scene, now, "enable", "disable", "catch_all.enabled")


def alias_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("alias", change.key)
    now = None if record is None else alias_state(record)
    wanted: dict[str, t.Any] | None = None if change.created else dict(change.before)
    finished = settled(change, now, wanted, overwrite)
    if finished is not None:
        return finished
    if wanted is None:
        return Way(
            TAKEN_BACK, operations=[operation_of(index, change, "delete", "alias.deleted", now, None, stage=REMOVE)]
        )
    mailbox = scene.record("mailbox", wanted["mailbox"])
    if mailbox is None or mailbox["state"] == "trashed":
        return Way(
            LEFT_TO_PEOPLE, "Its mailbox %s is gone." % wanted["mailbox"], "Bring the mailbox back, then run again."
        )
    if now is not None and now["mailbox"] == wanted["mailbox"]:
        operation = operation_of(index, change, "update", "alias.updated", now, wanted, stage=GIVE_BACK)
        return Way(TAKEN_BACK, operations=[operation])
    operations = []
    if now is not None:
        # No provider moves an alias: it is taken from the one mailbox and given to the other.
        operations.append(operation_of(index, change, "delete", "alias.deleted", now, None, stage=REMOVE))
    operations.append(operation_of(index, change, "create", "alias.created", None, wanted, stage=GIVE_BACK))
    return Way(TAKEN_BACK, operations=operations)


def access_path_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """Who may read a shared mailbox, and rules that send mail on: removed when the batch has made them, else given back."""
    place = place_of(change.kind, change.key)
    record = scene.record(change.kind, change.key)
    now = None if record is None else path_state(change.kind, record)
    wanted: dict[str, t.Any] | None = None if change.created else dict(change.before)
    finished = settled(change, now, wanted, overwrite)
    if finished is not None:
        return finished
    if now is not None and wanted is not None:
        return Way(
            LEFT_TO_PEOPLE,
            "It is there in another form: %s." % told(now),
            "Change it in the provider's control panel.",
        )
    verb, action = (KINDS[change.kind].verb, KINDS[change.kind].action) if wanted is None else ("create", "")
    scene.driver.require("%s.%s" % (change.kind, verb), change.key)
    if wanted is None:
        return Way(TAKEN_BACK, operations=[operation_of(index, change, verb, action, now, None, stage=REMOVE)])
    for name in filter(None, (place, wanted.get("member"))):
        mailbox = scene.record("mailbox", name)
        if mailbox is None or mailbox["state"] == "trashed":
            return Way(LEFT_TO_PEOPLE, "The mailbox %s is gone." % name, "Bring it back first, then run again.")
    operation = operation_of(index, change, "create", change.kind + ".created", None, wanted, stage=GIVE_BACK)
    return Way(TAKEN_BACK, operations=[operation])
