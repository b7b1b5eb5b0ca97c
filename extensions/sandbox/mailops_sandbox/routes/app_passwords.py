# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""App passwords and the sign-in mode of a mailbox (contract 7.10). Off (switch app_passwords_enabled): 404."""

from __future__ import annotations

import sqlite3
from typing import Any

from .. import plans
from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..credentials import hash_password, new_app_password
from ..errors import ApiError, not_found
from ..objects import find_mailbox
from .mailboxes import AUTH_MODES

_SHOWN = "Copy this app password now; it is not shown again."
_REPLAYED = "This is a replay: the app password was shown once and cannot be shown again. Rotate it for a new one."


def _mailbox(ctx: Ctx) -> sqlite3.Row:
    if not ctx.switch("app_passwords_enabled"):
        raise ApiError("not_found", "App passwords are switched off on this platform.")
    return find_mailbox(ctx, ctx.params["id"])


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return an app password without its secret."""
    return {
        "id": row["id"],
        "name": row["name"],
        "created_at": iso(row["created_at"]),
        "created_via": row["created_via"],
        "last_used_at": None,
        "last_used_ip": None,
        "last_used_protocol": None,
        "revoked_at": iso(row["revoked_at"]),
        "revoked_reason": row["revoked_reason"],
        "active": row["revoked_at"] is None,
    }


def _active(ctx: Ctx, mailbox_id: int) -> int:
    return ctx.store.value("SELECT count(*) FROM app_password WHERE mailbox_id = ? AND revoked_at IS NULL", mailbox_id)


def listing(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/app-passwords."""
    box = _mailbox(ctx)
    rows = ctx.store.all("SELECT * FROM app_password WHERE mailbox_id = ? ORDER BY id", box["id"])
    body = {
        "mailbox_id": box["id"],
        "client_auth_mode": box["client_auth_mode"],
        "limit": plans.APP_PASSWORDS,
        "active_count": _active(ctx, box["id"]),
        "data": [view(row) for row in rows],
    }
    return Reply(200, body)


def _eligible(ctx: Ctx, box: sqlite3.Row) -> None:
    if box["type"] == "shared" or box["status"] != "active" or box["login_suspended"]:
        raise ApiError(
            "mailbox_not_eligible", "This mailbox takes no app passwords.", status=ctx.switch("app_password_status")
        )


def _make(ctx: Ctx, box: sqlite3.Row, name: str | None, **extra: Any) -> Reply:
    secret = new_app_password()
    sql = "INSERT INTO app_password (mailbox_id, name, password, created_at, created_via) VALUES (?, ?, ?, ?, 'api')"
    number = ctx.store.run(sql, box["id"], name, hash_password(secret, 1), ctx.now)
    row = ctx.store.one("SELECT * FROM app_password WHERE id = ?", number)
    if row is None:
        raise not_found("App password")
    data = {**view(row), **extra}
    replay = {"data": data, "message": _REPLAYED, "_idempotency_replay_warning": _REPLAYED}
    return Reply(201, {"data": {**data, "password": secret}, "message": _SHOWN}, replay)


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/app-passwords -> 201, the secret once."""
    box = _mailbox(ctx)
    name = ctx.text("name", 64, required=True)
    _eligible(ctx, box)
    if _active(ctx, box["id"]) >= plans.APP_PASSWORDS:
        message = f"A mailbox may have {plans.APP_PASSWORDS} active app passwords."
        raise ApiError("app_password_limit_reached", message, status=ctx.switch("app_password_status"))
    return _make(ctx, box, name)


def _find(ctx: Ctx, box: sqlite3.Row) -> sqlite3.Row:
    row = ctx.store.one("SELECT * FROM app_password WHERE id = ? AND mailbox_id = ?", ctx.params["aid"], box["id"])
    if row is None:
        raise not_found("App password")
    if row["revoked_at"] is not None:
        raise ApiError("conflict", "This app password is revoked already.")
    return row


def rotate(ctx: Ctx) -> Reply:
    """POST …/{aid}:rotate -> a new id and secret, and ``replaced_id``."""
    box = _mailbox(ctx)
    row = _find(ctx, box)
    _eligible(ctx, box)
    sql = "UPDATE app_password SET revoked_at = ?, revoked_reason = 'rotated' WHERE id = ?"
    ctx.store.run(sql, ctx.now, row["id"])
    return _make(ctx, box, row["name"], replaced_id=row["id"])


def revoke(ctx: Ctx) -> Reply:
    """DELETE …/{aid}: the row stays as revoked."""
    row = _find(ctx, _mailbox(ctx))
    sql = "UPDATE app_password SET revoked_at = ?, revoked_reason = 'revoked' WHERE id = ?"
    ctx.store.run(sql, ctx.now, row["id"])
    return ctx.deleted()


def mode(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:client-auth-mode."""
    box = _mailbox(ctx)
    if box["type"] == "shared":
        raise ApiError(
            "mailbox_not_eligible", "A shared mailbox has no sign-in.", status=ctx.switch("app_password_status")
        )
    word = ctx.choice("mode", AUTH_MODES)
    ctx.store.run("UPDATE mailbox SET client_auth_mode = ? WHERE id = ?", word, box["id"])
    return Reply(200, {"data": {"mailbox_id": box["id"], "client_auth_mode": word}})


_BASE = "/mailboxes/{id:int}/app-passwords"
ROUTES = (
    Endpoint("GET", _BASE, "mailboxes:read", listing),
    Endpoint("POST", _BASE, "mailboxes:write", create, REQUIRED, sets_password=True),
    Endpoint("POST", _BASE + "/{aid:int}:rotate", "mailboxes:write", rotate, REQUIRED, sets_password=True),
    Endpoint("DELETE", _BASE + "/{aid:int}", "mailboxes:write", revoke, REQUIRED, sets_password=True),
    Endpoint("POST", "/mailboxes/{id:int}:client-auth-mode", "mailboxes:write", mode, REQUIRED, sets_password=True),
)
