# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases of a mailbox (contract 7.6). Field names of the listing are our choice."""

from __future__ import annotations

import sqlite3
from typing import Any

from .. import names, plans
from ..clock import iso
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid, not_found
from ..objects import find_domain, find_mailbox, need_free, need_mail_domain


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return an alias."""
    return {
        "id": row["id"],
        "email": row["email"],
        "local_part": row["local_part"],
        "domain_id": row["domain_id"],
        "can_receive": bool(row["can_receive"]),
        "can_send": bool(row["can_send"]),
        "is_active": bool(row["is_active"]),
        "created_at": iso(row["created_at"]),
    }


def listing(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/aliases."""
    box = find_mailbox(ctx, ctx.params["id"])
    rows = [view(row) for row in ctx.store.all("SELECT * FROM alias WHERE mailbox_id = ? ORDER BY id", box["id"])]
    limits = {"used": len(rows), "max": plans.ALIASES_PER_MAILBOX}
    return Reply(200, {"data": rows, "primary": {"email": box["email"]}, "limits": limits})


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/aliases; any active domain of the account."""
    box = find_mailbox(ctx, ctx.params["id"])
    if not plans.PLANS[ctx.core.plan]["aliases"]:
        raise ApiError("feature_not_available", "Aliases need Starter or more.", extras={"feature": "aliases"})
    local = ctx.body.get("local_part")
    problem = names.local_part_problem(local, alias=True)
    if problem:
        raise invalid("local_part", problem)
    domain = find_domain(ctx, ctx.body.get("domain_id"))
    need_mail_domain(domain)
    receive, send = ctx.flag("can_receive", True), ctx.flag("can_send", False)
    email = f"{local}@{domain['name']}"
    need_free(ctx, email)
    if ctx.store.value("SELECT count(*) FROM alias WHERE mailbox_id = ?", box["id"]) >= plans.ALIASES_PER_MAILBOX:
        cap = plans.ALIASES_PER_MAILBOX
        raise ApiError("plan_limit_reached", f"A mailbox may have {cap} aliases.", extras={"limit": cap})
    sql = "INSERT INTO alias (mailbox_id, domain_id, local_part, email, can_receive, can_send, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    number = ctx.store.run(sql, box["id"], domain["id"], local, email, receive, send, ctx.now)
    return ctx.created(view(_find(ctx, box["id"], number)))


def _find(ctx: Ctx, mailbox_id: int, alias_id: int) -> sqlite3.Row:
    row = ctx.store.one("SELECT * FROM alias WHERE id = ? AND mailbox_id = ?", alias_id, mailbox_id)
    if row is None:
        raise not_found("Alias")
    return row


def change(ctx: Ctx) -> Reply:
    """PATCH /mailboxes/{id}/aliases/{aid}; the address stays."""
    box = find_mailbox(ctx, ctx.params["id"])
    row = _find(ctx, box["id"], ctx.params["aid"])
    values = [ctx.flag(name, bool(row[name])) for name in ("can_receive", "can_send", "is_active")]
    ctx.store.run("UPDATE alias SET can_receive = ?, can_send = ?, is_active = ? WHERE id = ?", *values, row["id"])
    return ctx.obj(view(_find(ctx, box["id"], row["id"])))


def delete(ctx: Ctx) -> Reply:
    """DELETE /mailboxes/{id}/aliases/{aid}; final."""
    box = find_mailbox(ctx, ctx.params["id"])
    ctx.store.run("DELETE FROM alias WHERE id = ?", _find(ctx, box["id"], ctx.params["aid"])["id"])
    return ctx.deleted()


ROUTES = (
    Endpoint("GET", "/mailboxes/{id:int}/aliases", "mailboxes:read", listing),
    Endpoint("POST", "/mailboxes/{id:int}/aliases", "mailboxes:write", create, REQUIRED),
    Endpoint("PATCH", "/mailboxes/{id:int}/aliases/{aid:int}", "mailboxes:write", change, OPTIONAL),
    Endpoint("DELETE", "/mailboxes/{id:int}/aliases/{aid:int}", "mailboxes:write", delete, REQUIRED),
)
