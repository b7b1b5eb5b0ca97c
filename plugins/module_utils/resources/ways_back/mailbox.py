# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of mailboxes: what the batch has made is closed and kept, what it has closed is opened (R-RBK-01, R-RBK-04)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox import Mailbox, give_back, mailbox_state
from ansible_collections.mailops.email.plugins.module_utils.resources.mailbox_owner import MailboxOwner
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    AS_BEFORE,
    DISABLE,
    GIVE_BACK,
    KEPT,
    LEFT_TO_PEOPLE,
    RESTORE,
    TAKEN_BACK,
    UNKNOWN,
    Way,
    conflict,
    operation_of,
    same,
    touching,
)


def mailbox_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("mailbox", change.key)
    if record is None or record["state"] == "trashed":
        return _mailbox_gone(index, change, record, scene)
    if change.created:
        return disabled(index, change, record, overwrite, scene)
    if "rotated_for" in change.after and scene.note("mailbox", change.key).get("owner") != change.before.get("owner"):
        return _handed_back(index, change, record, overwrite, scene)
    if record.get("claimed") is False and record["suspended"] and change.before.get("suspended") == "":
        return Way(TAKEN_BACK, "It waits for its owner again as soon as its invite is out.")
    operations, others = _fields_back(index, change, record, overwrite, scene)
    if others:
        return conflict(change, others, mailbox_state(record), operations)
    if operations:
        return Way(TAKEN_BACK, operations=operations)
    return Way(AS_BEFORE)


def _mailbox_gone(index: int, change: Change, record: Record | None, scene: Scene) -> Way:
    if change.created:
        return Way(AS_BEFORE, "It is not there%s." % (" any more" if record is None else ", but in the recycle bin"))
    if record is None:
        return Way(
            LEFT_TO_PEOPLE,
            "The mailbox was deleted, and the provider has it no more.",
            "Create it anew with mailops.email.mailbox, and put its mail back from a backup.",
        )
    scene.driver.require("mailbox.restore", change.key)
    after = dict(mailbox_state(record), state="suspended" if record["suspended"] else "present")
    operations = [
        operation_of(index, change, "restore", "mailbox.restored", mailbox_state(record), after, stage=RESTORE),
    ]
    if record["suspended"] and change.before.get("suspended") == "":
        operations += _resumed(index, change, dict(record, **after), scene, GIVE_BACK)
    return Way(TAKEN_BACK, operations=operations)


def disabled(index: int, change: Change, record: Record, overwrite: bool, scene: Scene) -> Way:
    """What the batch has made is closed and kept: whoever has it by now loses nothing but the way in."""
    if record["state"] == "orphaned":
        return Way(KEPT, "Its domain was deleted without it; nobody can sign in.")
    others = touching(change, ("state", "suspended")) if not record["suspended"] else []
    if others and not overwrite:
        return conflict(change, others, mailbox_state(record), [])
    if record["state"] == "pending":
        # Made for an invite: nobody can sign in yet, and nobody shall once the link is dead.
        if not scene.driver.can("mailbox.pause"):
            return Way(KEPT, "It waits for its owner, whose link is cancelled.")
        after = {"state": "suspended", "suspended": "all"}
        before = {"state": "pending", "suspended": record.get("suspended", "")}
        return Way(
            TAKEN_BACK,
            operations=[operation_of(index, change, "pause", "mailbox.suspended", before, after, stage=DISABLE)],
        )
    operations = Mailbox().close(index, change.key, "login", "rollback", record, scene)
    for operation in operations:
        operation.stage += DISABLE
    return Way(TAKEN_BACK, operations=operations) if operations else Way(AS_BEFORE, "It is suspended.")


def _handed_back(index: int, change: Change, record: Record, overwrite: bool, scene: Scene) -> Way:
    """Somebody else holds its secret since: the owner of before gets a new one, and until then it is closed."""
    owner = str(change.before.get("owner") or "")
    others = touching(change, ("owner",))
    if others and not overwrite:
        return conflict(change, others, mailbox_state(record), [])
    why = "%s holds its secret since." % change.after["owner"]
    item = {
        "key": change.key,
        "owner": owner,
        "until": "",
        "request_id": "",
        "reason": change.after["reason"],
        "role_account": bool(change.after.get("role_account")),
        "seal_to": "",
        "exception": {},
    }
    if owner:
        try:
            operations = MailboxOwner().plan(index, item, scene)
        except (CapabilityError, Refused):
            pass  # where no link can be mailed, a person has to bring the secret
        else:
            for operation in operations:
                operation.stage += RESTORE
            return Way(TAKEN_BACK, why, operations=operations)
    operations = Mailbox().close(index, change.key, "login", "rollback", record, scene)
    for operation in operations:
        operation.stage += DISABLE
    return Way(
        LEFT_TO_PEOPLE,
        why + " It is closed.",
        "Hand it to %s with mailops.email.mailbox_owner, under a request of its own."
        % (owner or "whoever owned it, whom the journal does not know,"),
        operations,
    )


_VERBS = {"display_name": "update", "note": "annotate", "quota_mb": "set_quota"}


def _fields_back(
    index: int, change: Change, record: Record, overwrite: bool, scene: Scene
) -> tuple[list[Operation], list[str]]:
    """Operations, and who else has changed the same fields since."""
    operations: list[Operation] = []
    others: list[str] = []
    if "suspended" in change.before:
        # A trashed one was closed as well; how it was then is what counts.
        wanted, now = change.before["suspended"] or "", record["suspended"]
        if wanted != now:
            by = touching(change, ("suspended",)) or ([] if now == change.after.get("suspended", now) else [UNKNOWN])
            if by and not overwrite:
                others += by
            elif wanted:
                operations += Mailbox().close(index, change.key, wanted, "rollback", record, scene)
            else:
                operations += _resumed(index, change, record, scene, RESTORE)
        elif not now:
            # It is open again, but an earlier try may not have come to what went off with it.
            operations += give_back(index, change.key, scene, GIVE_BACK)
    for field, verb in _VERBS.items():
        wanted, now = change.before.get(field), record.get(field)
        if field not in change.before or same(wanted, now) or same(wanted, change.after.get(field)):
            continue
        by = touching(change, (field,)) or ([] if same(now, change.after.get(field)) else [UNKNOWN])
        if by and not overwrite:
            others += by
            continue
        scene.driver.require("mailbox." + verb, change.key)
        operations.append(
            operation_of(index, change, verb, "mailbox.updated", {field: now}, {field: wanted}, stage=RESTORE)
        )
    return operations, others


def _resumed(index: int, change: Change, record: Record, scene: Scene, stage: int) -> list[Operation]:
    before = mailbox_state(record)
    after = dict(before, state=change.before.get("state") or "present", suspended="")
    request = {"suspend": record["suspended"]}
    resume = operation_of(index, change, "resume", "mailbox.resumed", before, after, request, stage=stage)
    return [resume, *give_back(index, change.key, scene, stage + 1)]
