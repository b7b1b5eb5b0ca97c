# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of invites: a link that is out dies, one that was cancelled is sent anew (R-RBK-02, R-RBK-09)."""

from __future__ import annotations

import dataclasses

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.resources import invite as invites
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.mailbox import disabled
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    AS_BEFORE,
    CANCEL,
    RESTORE,
    TAKEN_BACK,
    Way,
    conflict,
    touching,
)


def invite_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    invite, mailbox = scene.record("invite", change.key), scene.record("mailbox", change.key)
    if change.of_handover:
        return Way(AS_BEFORE, "It goes with its mailbox.")
    if change.before.get("state") == "pending":
        return _pending_again(index, change, overwrite, scene)
    if mailbox is not None and invites.is_claimed(mailbox):
        if scene.driver.invite_form != "setup_link":
            return Way(AS_BEFORE, "It is redeemed.")
        # The mailbox came into being when its owner took the invite, and has no event of its own.
        way = disabled(index, dataclasses.replace(change, kind="mailbox"), mailbox, overwrite, scene)
        return dataclasses.replace(
            way, why="It is redeemed. %s" % way.why if way.why else "It is redeemed; its mailbox is suspended."
        )
    if change.doubt is not None and mailbox is not None and mailbox.get("claimed") is False and not invite:
        invite = dict(change.after, state="pending")
    if invite is None or not invites.is_pending(invite):
        return Way(AS_BEFORE, "It is %s." % (invite or {}).get("state", "gone"))
    operation = invites.cancelled(index, change.key, invite, scene)
    operation.stage = CANCEL
    return Way(TAKEN_BACK, operations=[operation])


def _pending_again(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """The batch has cancelled a pending invite, or changed who gets it."""
    key, invite, mailbox = change.key, scene.record("invite", change.key), scene.record("mailbox", change.key)
    owner = str(change.before.get("recipient") or "")
    if invites.is_claimed(mailbox):
        return Way(AS_BEFORE, "Its owner has set the mailbox up.")
    if invite is not None and invites.is_pending(invite) and invite.get("recipient") == owner:
        return Way(AS_BEFORE)
    others = touching(change, ("state", "recipient"))
    if others and not overwrite:
        return conflict(change, others, invite or {}, [])
    item = {"key": key, "owner_email": owner, "role_account": False, "quota_mb": None, "exception": {}}
    item.update(delivery="provider_mail", expires_in_hours=scene.driver.invite_hours or invites.EXPIRES_IN_HOURS)
    operations = invites.plan_present(index, item, scene)
    for operation in operations:
        operation.stage += RESTORE
    return Way(TAKEN_BACK, operations=operations)
