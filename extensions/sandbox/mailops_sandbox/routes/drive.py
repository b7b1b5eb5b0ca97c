# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drive devices, of which the contract names paths and the prefix of their passwords (7.10); fields and scopes are our choice.

Nothing else of Drive is here.
"""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..credentials import hash_password
from ..errors import ApiError, not_found
from ..objects import find_mailbox
from ..paging import envelope, page_numbers
from .mailboxes import visible


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a device without its password."""
    return {
        "id": row["id"],
        "mailbox_id": row["mailbox_id"],
        "email": row["email"],
        "name": row["name"],
        "created_at": iso(row["created_at"]),
        "last_used_at": None,
        "revoked_at": iso(row["revoked_at"]),
    }


_SELECT = "SELECT d.*, m.email FROM drive_device d JOIN mailbox m ON m.id = d.mailbox_id"


def listing(ctx: Ctx) -> Reply:
    """GET /drive/devices: those that are not revoked."""
    page, per_page = page_numbers(ctx)
    where, args = visible(ctx)
    # where is ours
    inside = f"d.mailbox_id IN (SELECT id FROM mailbox WHERE {where}) AND d.revoked_at IS NULL"  # noqa: S608
    rows = ctx.store.all(f"{_SELECT} WHERE {inside} ORDER BY d.id", *args)
    part = [view(row) for row in rows[(page - 1) * per_page : page * per_page]]
    return Reply(200, envelope(ctx, "/drive/devices", part, len(rows), page, per_page))


def _find(ctx: Ctx) -> sqlite3.Row:
    row = ctx.store.one(_SELECT + " WHERE d.id = ?", ctx.params["id"])
    if row is None:
        raise not_found("Device")
    find_mailbox(ctx, row["mailbox_id"], trashed=True)
    if row["revoked_at"] is not None:
        raise ApiError("conflict", "This device is revoked already.")
    return row


def _make(ctx: Ctx, mailbox_id: int, name: str | None, **extra: Any) -> Reply:
    secret = "dsync_" + secrets.token_hex(16)
    sql = "INSERT INTO drive_device (mailbox_id, name, password, created_at) VALUES (?, ?, ?, ?)"
    number = ctx.store.run(sql, mailbox_id, name, hash_password(secret, 1), ctx.now)
    row = ctx.store.one(_SELECT + " WHERE d.id = ?", number)
    if row is None:
        raise not_found("Device")
    body = {**view(row), **extra}
    return ctx.created({**body, "password": secret}, replay=body)


def create(ctx: Ctx) -> Reply:
    """POST /drive/devices -> the password, once."""
    box = find_mailbox(ctx, ctx.body.get("mailbox_id"))
    name = ctx.text("name", 64, required=True)
    if box["type"] == "shared" or box["status"] != "active" or box["login_suspended"] or box["drive_access"] != "full":
        raise ApiError("mailbox_not_eligible", "This mailbox takes no Drive devices.")
    return _make(ctx, box["id"], name)


def rotate(ctx: Ctx) -> Reply:
    """POST /drive/devices/{id}:rotate."""
    row = _find(ctx)
    ctx.store.run("UPDATE drive_device SET revoked_at = ? WHERE id = ?", ctx.now, row["id"])
    return _make(ctx, row["mailbox_id"], row["name"], replaced_id=row["id"])


def revoke(ctx: Ctx) -> Reply:
    """DELETE /drive/devices/{id}."""
    ctx.store.run("UPDATE drive_device SET revoked_at = ? WHERE id = ?", ctx.now, _find(ctx)["id"])
    return ctx.deleted()


ROUTES = (
    Endpoint("GET", "/drive/devices", "drive:read", listing),
    Endpoint("POST", "/drive/devices", "drive:write", create, REQUIRED),
    Endpoint("POST", "/drive/devices/{id:int}:rotate", "drive:write", rotate, REQUIRED),
    Endpoint("DELETE", "/drive/devices/{id:int}", "drive:write", revoke, REQUIRED),
)
