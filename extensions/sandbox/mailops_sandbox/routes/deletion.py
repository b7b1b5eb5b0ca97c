# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delete in two steps, recycle bin, restore (contract 7.4). Codes of the refusals are our choice."""

from __future__ import annotations

import sqlite3

from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, not_found
from ..objects import find_mailbox, may_see, need_free, room


def intent(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:delete-intent; the risk flags inform, they do not block."""
    row = find_mailbox(ctx, ctx.params["id"])
    expires = ctx.now + ctx.switch("delete_intent_minutes") * 60  # our choice: switch delete_intent_minutes
    sql = "INSERT INTO delete_intent (mailbox_id, status, created_at, expires_at) VALUES (?, 'pending', ?, ?)"
    number = ctx.store.run(sql, row["id"], ctx.now, expires)
    body = {
        "id": number,
        "status": "pending",
        "mailbox_id": row["id"],
        "email": row["email"],
        "expires_at": iso(expires),
        "risk_flags": {
            "has_active_forwarding": bool(row["fwd_enabled"]),
            "has_aliases": bool(ctx.store.value("SELECT 1 FROM alias WHERE mailbox_id = ?", row["id"])),
            "has_active_migration": False,
        },
        "confirm_url": f"{ctx.core.origin}/api/v1/delete-intents/{number}:confirm",
    }
    return ctx.created(body)


def confirm(ctx: Ctx) -> Reply:
    """POST /delete-intents/{id}:confirm with X-Confirm-Delete: true."""
    found = ctx.store.one("SELECT * FROM delete_intent WHERE id = ?", ctx.params["id"])
    row = ctx.store.one("SELECT * FROM mailbox WHERE id = ?", found["mailbox_id"]) if found else None
    if found is None or (row is not None and not may_see(ctx, row)):
        raise not_found("Delete intent")
    if ctx.headers.get("x-confirm-delete", "").lower() != "true":
        raise ApiError("confirm_header_required", "The header X-Confirm-Delete: true is missing.")
    if found["status"] != "pending" or row is None or row["status"] == "trashed":
        raise ApiError("delete_intent_consumed", "This delete intent was used, or the mailbox is gone.")
    if found["expires_at"] <= ctx.now:
        raise ApiError("delete_intent_expired", "This delete intent has expired.")
    ctx.store.run("UPDATE delete_intent SET status = 'confirmed' WHERE id = ?", found["id"])
    body = {"id": found["id"], "status": "confirmed", "mailbox_id": row["id"]}
    if ctx.switch("delete_mode") == "retire":  # our choice: switch delete_mode
        _retire(ctx, row)
        return ctx.obj(body)
    purge = ctx.now + ctx.switch("recycle_days") * 86400
    sql = "UPDATE mailbox SET trashed_from = status, status = 'trashed', trashed_at = ?, purge_at = ? WHERE id = ?"
    ctx.store.run(sql, ctx.now, purge, row["id"])
    ctx.store.run("DELETE FROM member WHERE member_mailbox_id = ?", row["id"])
    ctx.core.due(purge)
    return ctx.obj({**body, "purge_at": iso(purge)})


def _retire(ctx: Ctx, row: sqlite3.Row) -> None:
    """Remove the mailbox for good and keep its address from being used again."""
    ctx.store.run("INSERT OR IGNORE INTO retired_address VALUES (?)", row["email"])
    for sql in (
        "DELETE FROM alias WHERE mailbox_id = ?",
        "DELETE FROM app_password WHERE mailbox_id = ?",
        "DELETE FROM member WHERE mailbox_id = ?1 OR member_mailbox_id = ?1",
        "DELETE FROM mailbox WHERE id = ?",
    ):
        ctx.store.run(sql, row["id"])


def restore(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:restore; 422 when the domain is full."""
    row = find_mailbox(ctx, ctx.params["id"], trashed=True)
    if row["status"] != "trashed":
        raise ApiError("mailbox_state_conflict", "The mailbox is not in the recycle bin.")
    if room(ctx, row["domain_id"]) < (0 if ctx.switch("trashed_counts_to_limits") else 1):
        raise ApiError("plan_limit_reached", "The domain holds as many mailboxes and pending invites as it may.")
    if not ctx.switch("trashed_holds_address"):
        need_free(ctx, row["email"])
    status = row["trashed_from"] or "active"
    sql = "UPDATE mailbox SET status = ?, trashed_from = NULL, trashed_at = NULL, purge_at = NULL WHERE id = ?"
    ctx.store.run(sql, status, row["id"])
    return ctx.obj({"id": row["id"], "status": status})


ROUTES = (
    Endpoint("POST", "/mailboxes/{id:int}:delete-intent", "mailboxes:delete", intent, REQUIRED),
    Endpoint("POST", "/delete-intents/{id:int}:confirm", "mailboxes:delete", confirm, REQUIRED, destructive=True),
    Endpoint("POST", "/mailboxes/{id:int}:restore", "mailboxes:delete", restore, REQUIRED),
)
