# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of domains: their fields and administrators; none is ever removed (R-RBK-01)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    AS_BEFORE,
    KEPT,
    LEFT_TO_PEOPLE,
    RESTORE,
    TAKEN_BACK,
    UNKNOWN,
    Way,
    conflict,
    operation_of,
    same,
    settled,
    touching,
)


def domain_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    record = scene.record("domain", change.key)
    if record is None:
        if change.created:
            return Way(AS_BEFORE)
        return Way(
            LEFT_TO_PEOPLE,
            "The domain was removed from the account.",
            "Add it with mailops.email.domain, publish its DNS records, then run again.",
        )
    if change.created:
        return Way(KEPT, "A domain is never removed by a rollback; without its mailboxes it lets nobody in.")
    operations, others = [], []
    for field, verb in (("mail_hosting", "set_hosting"), ("note", "annotate")):
        wanted, now = change.before.get(field), record.get(field)
        if field not in change.before or same(wanted, now):
            continue
        by = touching(change, (field,)) or ([] if same(now, change.after.get(field)) else [UNKNOWN])
        if by and not overwrite:
            others += by
            continue
        scene.driver.require("domain." + verb, change.key)
        operations.append(
            operation_of(index, change, verb, "domain.updated", {field: now}, {field: wanted}, stage=RESTORE)
        )
    if others:
        return conflict(change, others, record, operations)
    return Way(TAKEN_BACK, operations=operations) if operations else Way(AS_BEFORE)


def administrator_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    now = {"administrators": sorted((scene.record("administrator", change.key) or {}).get("administrators") or ())}
    finished = settled(change, now, change.before, overwrite)
    if finished is not None:
        return finished
    if not change.before.get("administrators"):
        return Way(KEPT, "Nobody has administered the domain before, and it is not left without anybody.", "")
    operation = operation_of(index, change, "set", "domain.updated", now, dict(change.before), stage=RESTORE)
    return Way(TAKEN_BACK, operations=[operation])
