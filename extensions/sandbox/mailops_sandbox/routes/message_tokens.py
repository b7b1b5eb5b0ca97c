# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message tokens of a mailbox (contract 7.13)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from ..auth import mint
from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid, not_found
from ..objects import find_mailbox
from ..paging import envelope, page_numbers, select_page
from ..plans import MESSAGE_SCOPES

_SCOPE = "mailboxes:message-tokens:manage"
_SECONDS = {
    "1h": 3600, "2h": 7200, "4h": 14400, "8h": 28800, "7d": 7 * 86400, "30d": 30 * 86400, "90d": 90 * 86400,
}  # fmt: skip


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a token without its secret."""
    return {
        "id": row["id"],
        "prefix": row["prefix"],
        "name": row["name"],
        "scopes": json.loads(row["scopes"]),
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
        "revoked_at": iso(row["revoked_at"]),
    }


def _scopes(ctx: Ctx, allowed: tuple[str, ...]) -> list[str]:
    wanted = ctx.listing("scopes", 1, len(MESSAGE_SCOPES))
    if not set(map(str, wanted)) <= set(allowed):
        raise invalid("scopes", "may hold " + ", ".join(allowed))
    return list(dict.fromkeys(wanted))


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/message-tokens -> the token, once; IMAP must be enabled."""
    box = find_mailbox(ctx, ctx.params["id"])
    name = ctx.text("name", 255, required=True) or ""
    scopes = _scopes(ctx, MESSAGE_SCOPES)
    life = ctx.choice("expires_in", ("7d", "30d", "90d", "never"), "never")
    if not box["imap_enabled"]:
        raise ApiError("mailbox_not_eligible", "Enable IMAP on the mailbox first.")
    secret = "tm_msg_" + secrets.token_hex(20)
    expires = None if life == "never" else ctx.now + _SECONDS[life]
    number = mint(
        ctx.store,
        secret,
        now=ctx.now,
        kind="message",
        name=name,
        scopes=scopes,
        mailbox_id=box["id"],
        expires_at=expires,
    )
    body = view(_find(ctx, number))
    return ctx.created({**body, "token": secret}, replay=body)


def listing(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/message-tokens, at most 20 a page."""
    box = find_mailbox(ctx, ctx.params["id"])
    page, per_page = page_numbers(ctx, maximum=20)
    rows, total = select_page(ctx, "token", "mailbox_id = ? AND revoked_at IS NULL", [box["id"]], page, per_page, view)
    return Reply(200, envelope(ctx, f"/mailboxes/{box['id']}/message-tokens", rows, total, page, per_page))


def _find(ctx: Ctx, number: int) -> sqlite3.Row:
    row = ctx.store.one("SELECT * FROM token WHERE id = ? AND kind = 'message' AND revoked_at IS NULL", number)
    if row is None:
        raise not_found("Message token")
    if row["mailbox_id"] is not None:
        find_mailbox(ctx, row["mailbox_id"], trashed=True)
    return row


def narrow(ctx: Ctx) -> Reply:
    """PATCH /message-tokens/{id}: fewer scopes, an earlier end, another name; never more."""
    row = _find(ctx, ctx.params["id"])
    scopes = json.loads(row["scopes"])
    if "scopes" in ctx.body:
        scopes = _scopes(ctx, tuple(scopes))
    expires = row["expires_at"]
    if "expires_in" in ctx.body:
        wanted = ctx.now + _SECONDS[ctx.choice("expires_in", tuple(_SECONDS))]
        if expires is not None and wanted >= expires:
            raise invalid("expires_in", "must end sooner than now")
        expires = wanted
    name = ctx.text("name", 255, null=False) or row["name"]
    sql = "UPDATE token SET scopes = ?, expires_at = ?, name = ? WHERE id = ?"
    ctx.store.run(sql, json.dumps(scopes), expires, name, row["id"])
    return ctx.obj(view(_find(ctx, row["id"])))


def revoke(ctx: Ctx) -> Reply:
    """DELETE /message-tokens/{id} -> {id, revoked_at}."""
    row = _find(ctx, ctx.params["id"])
    ctx.store.run("UPDATE token SET revoked_at = ? WHERE id = ?", ctx.now, row["id"])
    return ctx.obj({"id": row["id"], "revoked_at": iso(ctx.now)})


ROUTES = (
    Endpoint("GET", "/mailboxes/{id:int}/message-tokens", _SCOPE, listing),
    Endpoint("POST", "/mailboxes/{id:int}/message-tokens", _SCOPE, create, REQUIRED),
    Endpoint("PATCH", "/message-tokens/{id:int}", _SCOPE, narrow, REQUIRED),
    Endpoint("DELETE", "/message-tokens/{id:int}", _SCOPE, revoke, REQUIRED),
)
