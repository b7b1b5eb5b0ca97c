# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared mailboxes, conversions and members (contract 7.11)."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..clock import iso
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..credentials import hash_password
from ..errors import ApiError, invalid, not_found
from ..objects import find_domain, find_mailbox, mailbox_view, need_free, need_mail_domain, need_room, need_storage
from .mailboxes import local_part, password, revoke_app_passwords


def _need_sync(ctx: Ctx) -> None:
    if ctx.switch("native_access_sync") == "failed":  # our choice: switch native_access_sync, status 503
        raise ApiError("native_access_sync_failed", "The members' access could not be set up.")


def _member_ids(ctx: Ctx) -> list[int]:
    """Return the ids of member_mailbox_ids, each a regular mailbox of the token."""
    found: list[int] = []
    for value in ctx.listing("member_mailbox_ids", 1, 1000):
        if find_mailbox(ctx, value)["type"] != "regular":
            raise invalid("member_mailbox_ids", "must hold regular mailboxes")
        if value not in found:
            found.append(value)
    return found


def _add_members(ctx: Ctx, mailbox_id: int, members: list[int]) -> None:
    sql = "INSERT INTO member (mailbox_id, member_mailbox_id, can_send, created_at) VALUES (?, ?, 1, ?)"
    ctx.store.many(sql, [(mailbox_id, number, ctx.now) for number in members])


def _box(ctx: Ctx, mailbox_id: int, status: int = 200) -> Reply:
    return ctx.obj(mailbox_view(ctx, find_mailbox(ctx, mailbox_id)), status)


def create(ctx: Ctx) -> Reply:
    """POST /shared-mailboxes."""
    domain = find_domain(ctx, ctx.body.get("domain_id"))
    local = local_part(ctx)
    name = ctx.text("display_name", 255, required=True)
    shared = ctx.flag("storage_shared", True)
    allocation = None if shared else ctx.number("storage_mb", 1, 10**9)
    if not shared and allocation is None:
        raise invalid("storage_mb", "is required when storage_shared is false")
    need_mail_domain(domain)
    members = _member_ids(ctx)
    email = f"{local}@{domain['name']}"
    need_free(ctx, email)
    need_room(ctx, domain)
    need_storage(ctx, allocation or 0)
    _need_sync(ctx)
    sql = (
        "INSERT INTO mailbox (domain_id, local_part, email, type, display_name, allocation_mb, created_via, created_at)"
        " VALUES (?, ?, ?, 'shared', ?, ?, 'api', ?)"
    )
    number = ctx.store.run(sql, domain["id"], local, email, name, allocation, ctx.now)
    _add_members(ctx, number, members)
    return _box(ctx, number, ctx.switch("create_status"))


def to_shared(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/convert-to-shared: ends direct sign-in."""
    box = find_mailbox(ctx, ctx.params["id"])
    if box["type"] == "shared":
        raise ApiError("mailbox_state_conflict", "The mailbox is shared already.")
    members = _member_ids(ctx)
    if box["id"] in members:
        raise invalid("member_mailbox_ids", "must not hold the mailbox itself")
    _need_sync(ctx)
    sql = "UPDATE mailbox SET type = 'shared', password = NULL, password_set_by = NULL, password_set_at = NULL WHERE id = ?"
    ctx.store.run(sql, box["id"])
    revoke_app_passwords(ctx, box["id"], "converted")
    _add_members(ctx, box["id"], members)
    return _box(ctx, box["id"])


def to_regular(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/convert-to-regular: drops all members."""
    box = find_mailbox(ctx, ctx.params["id"])
    if box["type"] != "shared":
        raise ApiError("mailbox_state_conflict", "The mailbox is not shared.")
    stored = hash_password(password(ctx), ctx.switch("password_hash_iterations"))
    _need_sync(ctx)
    ctx.store.run("DELETE FROM member WHERE mailbox_id = ?", box["id"])
    sql = "UPDATE mailbox SET type = 'regular', password = ?, password_set_by = 'operator', password_set_at = ? WHERE id = ?"
    ctx.store.run(sql, stored, ctx.now, box["id"])
    return _box(ctx, box["id"])


def _shared(ctx: Ctx) -> sqlite3.Row:
    box = find_mailbox(ctx, ctx.params["id"])
    if box["type"] != "shared":
        raise not_found("Shared mailbox")
    return box


_SELECT = "SELECT m.*, b.email FROM member m JOIN mailbox b ON b.id = m.member_mailbox_id"


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a member."""
    return {
        "id": row["id"],
        "member_mailbox_id": row["member_mailbox_id"],
        "email": row["email"],
        "can_read": True,
        "can_send": bool(row["can_send"]),
        "custom_label": row["custom_label"],
        "created_at": iso(row["created_at"]),
    }


def members_(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/members."""
    rows = ctx.store.all(_SELECT + " WHERE m.mailbox_id = ? ORDER BY m.id", _shared(ctx)["id"])
    return Reply(200, {"data": [view(row) for row in rows]})


def _find(ctx: Ctx, box: sqlite3.Row, number: int) -> sqlite3.Row:
    row = ctx.store.one(_SELECT + " WHERE m.id = ? AND m.mailbox_id = ?", number, box["id"])
    if row is None:
        raise not_found("Member")
    return row


def add(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/members."""
    box = _shared(ctx)
    other = find_mailbox(ctx, ctx.body.get("member_mailbox_id"))
    can_send = ctx.flag("can_send", True)
    if other["type"] != "regular":
        raise invalid("member_mailbox_id", "must be a regular mailbox")
    if ctx.store.value("SELECT 1 FROM member WHERE mailbox_id = ? AND member_mailbox_id = ?", box["id"], other["id"]):
        raise ApiError(
            "already_exists", f"{other['email']} is a member already.", status=ctx.switch("duplicate_status")
        )
    _need_sync(ctx)
    sql = "INSERT INTO member (mailbox_id, member_mailbox_id, can_send, created_at) VALUES (?, ?, ?, ?)"
    return ctx.created(view(_find(ctx, box, ctx.store.run(sql, box["id"], other["id"], can_send, ctx.now))))


def change(ctx: Ctx) -> Reply:
    """PATCH /mailboxes/{id}/members/{mid}."""
    box = _shared(ctx)
    row = _find(ctx, box, ctx.params["mid"])
    label = ctx.text("custom_label", 120) if "custom_label" in ctx.body else row["custom_label"]
    ctx.store.run(
        "UPDATE member SET can_send = ?, custom_label = ? WHERE id = ?", ctx.flag("can_send"), label, row["id"]
    )
    return ctx.obj(view(_find(ctx, box, row["id"])))


def remove(ctx: Ctx) -> Reply:
    """DELETE /mailboxes/{id}/members/{mid}; never the last one."""
    box = _shared(ctx)
    row = _find(ctx, box, ctx.params["mid"])
    if ctx.store.value("SELECT count(*) FROM member WHERE mailbox_id = ?", box["id"]) == 1:
        raise ApiError("last_member", "A shared mailbox needs at least one member.")
    _need_sync(ctx)
    ctx.store.run("DELETE FROM member WHERE id = ?", row["id"])
    return ctx.deleted()


_BASE = "/mailboxes/{id:int}/members"
ROUTES = (
    Endpoint("POST", "/shared-mailboxes", "mailboxes:create", create, REQUIRED),
    Endpoint("POST", "/mailboxes/{id:int}/convert-to-shared", "mailboxes:write", to_shared, REQUIRED),
    Endpoint("POST", "/mailboxes/{id:int}/convert-to-regular", "mailboxes:write", to_regular, REQUIRED),
    Endpoint("GET", _BASE, "mailboxes:read", members_),
    Endpoint("POST", _BASE, "mailboxes:write", add, REQUIRED),
    Endpoint("PATCH", _BASE + "/{mid:int}", "mailboxes:write", change, OPTIONAL),
    Endpoint("DELETE", _BASE + "/{mid:int}", "mailboxes:write", remove, REQUIRED),
)
