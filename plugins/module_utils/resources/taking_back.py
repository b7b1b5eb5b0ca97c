# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of each kind of change: disable first, never delete a mailbox or a domain, overwrite nobody (R-RBK-01, 04).

Each way is a function of what the journal says (a `Change`) and of what is there now (a `Scene`).
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.domain import (
    administrator_back,
    domain_back,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.invite import invite_back
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.mailbox import mailbox_back
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.record_set import record_set_back
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.routing import (
    access_path_back,
    alias_back,
    catch_all_back,
    forward_back,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    AS_BEFORE,
    IN_DOUBT,
    KEPT,
    LEFT_TO_PEOPLE,
    Way,
)


def way_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """The way back of one object; a capability that the provider lacks leaves it to people.

    :param overwrite: somebody has decided that what others changed since is set back too.
    """
    doubt = _doubt(change, scene)
    if doubt is not None:
        return doubt
    try:
        return _WAYS.get(change.kind, _no_way)(index, change, overwrite, scene)
    except (CapabilityError, Refused) as error:
        return Way(LEFT_TO_PEOPLE, error.message, error.hint)


def _doubt(change: Change, scene: Scene) -> Way | None:
    """An intent without an outcome, settled by reading; None when the change is known."""
    if change.doubt is None:
        return None
    applied = [done for event, done in scene.open_intents if event["id"] == change.doubt["id"]]
    # What may have gone out by mail is cancelled as if it had, where that is possible at all.
    by_mail = change.kind == "invite" and scene.driver.invite_form == "recovery_link"
    if applied and (applied[0] or by_mail):
        change.add(change.doubt)
        return None
    if applied and applied[0] is False:
        return None if change.actions else Way(AS_BEFORE, "It was begun and never carried out.")
    return Way(
        IN_DOUBT,
        "Whether %s of %s was carried out cannot be read from the provider." % (change.kind, change.doubt["timestamp"]),
        "Look in the provider's control panel, and end there what is pending.",
    )


def _no_way(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """What is gone for good by its nature: an ended session, a revoked or rotated secret."""
    return Way(KEPT, "%s is not brought back; whoever may have one gets a new one." % change.kind.replace("_", " "))


_WAYS: dict[str, t.Callable[[int, Change, bool, Scene], Way]] = {
    "mailbox": mailbox_back,
    "invite": invite_back,
    "forward": forward_back,
    "alias": alias_back,
    "catch_all": catch_all_back,
    "domain": domain_back,
    "administrator": administrator_back,
    "delegate": access_path_back,
    "rule": access_path_back,
    "record_set": record_set_back,
}
