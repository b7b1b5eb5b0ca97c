# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back of record sets: value by value, so that what others have put beside ours since stays (R-RBK-05)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import owner_of
from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import (
    AS_BEFORE,
    LEFT_TO_PEOPLE,
    RESTORE,
    TAKEN_BACK,
    UNKNOWN,
    Way,
    conflict,
    operation_of,
    touching,
)
from ansible_collections.mailops.email.plugins.module_utils.version import TOOL_VERSION


def record_set_back(index: int, change: Change, overwrite: bool, scene: Scene) -> Way:
    """What the batch has added goes, what it has removed returns."""
    host = scene.driver.dns
    before, after = set(change.before.get("values", ())), set(change.after.get("values", ()))
    if host is None:
        return Way(
            LEFT_TO_PEOPLE,
            "Nobody is named who publishes its records; it was: %s." % (", ".join(sorted(before)) or "absent"),
            "Set publisher and run again, or put it back at the DNS host.",
        )
    domain, name, kind = parts_of(change.key)
    record = scene.record(change.kind, change.key)
    now = set(record["values"]) if record else set()
    owns = owner_of(name, kind)
    mine, mine_before = {one for one in now if owns(one)}, {one for one in before if owns(one)}
    if mine == mine_before:
        return Way(AS_BEFORE)
    added, removed = after - before, before - after
    wanted = (now - added) | removed
    if added - now or removed & now:
        if not overwrite:
            return conflict(change, touching(change, ("values",)) or [UNKNOWN], record, [])
        wanted = (now - mine) | mine_before
    scene.driver.require("record_set.set", change.key)
    ttl = (record or change.before or change.after).get("ttl", 3600)
    state = RecordSet.of(name, kind, ttl, wanted).to_dict() if wanted else None
    zone = host.zone_of(domain)
    request = {
        "zone": zone,
        "at": {"host": host.account, "zone": zone, "tool": TOOL_VERSION},
        "classes": [],
    }
    plain = RecordSet.from_dict(record).to_dict() if record else None
    operation = operation_of(
        index, change, "set" if state else "remove", "dns.restored", plain, state, request, stage=RESTORE
    )
    return Way(TAKEN_BACK, operations=[operation])
