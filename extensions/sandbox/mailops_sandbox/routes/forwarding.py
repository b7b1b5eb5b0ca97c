# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forwarding of a mailbox (contract 7.7)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .. import names, plans
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid
from ..objects import find_mailbox


def forwarding_view(ctx: Ctx, row: sqlite3.Row) -> dict[str, Any]:
    """Return the forwarding of a mailbox."""
    return {
        "enabled": bool(row["fwd_enabled"]),
        "targets": json.loads(row["fwd_targets"]),
        "keep_copy": bool(row["fwd_keep_copy"]),
        "destination_limit": plans.PLANS[ctx.core.plan]["fwd_targets"],
    }


def show(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/forwarding."""
    return ctx.obj(forwarding_view(ctx, find_mailbox(ctx, ctx.params["id"])))


def check_targets(targets: list[Any], field: str, own: str) -> list[str]:
    """Return the targets in lower case without repeats; one bad target rejects all (syntax, CRLF, self-forward)."""
    found: list[str] = []
    problems = []
    for target in targets:
        problem = names.email_problem(target)
        if problem is None and target.lower() == own:
            problem = "must not be the address itself"
        if problem:
            problems.append(f"{target!r} {problem}")
        elif target.lower() not in found:
            found.append(target.lower())
    if problems:
        raise ApiError("validation_error", f"{field}: {problems[0]}", fields={field: problems})
    return found


def _loops(ctx: Ctx, email: str, targets: list[str]) -> bool:
    """Say whether mail to ``email`` would come back over forwards of this account that keep no copy elsewhere."""
    queue, seen = list(targets), set()
    while queue:
        target = queue.pop()
        if target == email:
            return True
        if target not in seen:
            seen.add(target)
            text = ctx.store.value(
                "SELECT fwd_targets FROM mailbox WHERE email = ? AND fwd_enabled = 1 AND status <> 'trashed'", target
            )
            queue.extend(json.loads(text) if text else ())
    return False


def replace(ctx: Ctx) -> Reply:
    """PUT /mailboxes/{id}/forwarding: full replacement, all or nothing."""
    row = find_mailbox(ctx, ctx.params["id"])
    enabled = ctx.flag("enabled")
    keep = ctx.flag("keep_copy", True)
    cap = plans.PLANS[ctx.core.plan]["fwd_targets"]
    wanted = ctx.body.get("targets") or []
    if not isinstance(wanted, list):
        raise invalid("targets", "must be a list")
    if enabled and not wanted:
        raise invalid("targets", "is required when enabling")
    if enabled and not cap:
        raise ApiError(
            "feature_not_available", f"The plan {ctx.core.plan} has no forwarding.", extras={"feature": "forwarding"}
        )
    if len(wanted) > cap:
        raise ApiError(
            "limit_exceeded", f"At most {cap} forwarding targets are allowed, not {len(wanted)}.", extras={"limit": cap}
        )
    targets = check_targets(wanted, "targets", row["email"])
    if enabled and _loops(ctx, row["email"], targets):
        raise invalid("targets", "would make a loop")
    sql = "UPDATE mailbox SET fwd_enabled = ?, fwd_targets = ?, fwd_keep_copy = ? WHERE id = ?"
    ctx.store.run(sql, enabled, json.dumps(targets), keep, row["id"])
    return show(ctx)


ROUTES = (
    Endpoint("GET", "/mailboxes/{id:int}/forwarding", "mailboxes:forwarding:read", show),
    Endpoint("PUT", "/mailboxes/{id:int}/forwarding", "mailboxes:forwarding:write", replace, REQUIRED),
)
