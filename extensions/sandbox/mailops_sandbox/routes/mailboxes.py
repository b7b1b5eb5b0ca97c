# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes: list, get, create, change, note, password, IMAP (contract 7.3). Bulk create and states have their own files."""

from __future__ import annotations

import sqlite3
from typing import Any

from .. import names
from ..clock import iso
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..credentials import hash_password, new_password, password_problem, verify_password
from ..errors import ApiError, invalid
from ..limits import cooldown_left, cooldown_made
from ..objects import find_domain, find_mailbox, mailbox_view, need_free, need_mail_domain, need_room, need_storage
from ..paging import envelope, page_numbers, select_page
from .domains import like

AUTH_MODES = ("password_or_app_password", "app_password_only")
DRIVE = ("full", "attachments_only", "disabled")
_STATUS = {
    "active": "status = 'active'",
    "paused": "status = 'paused'",
    "trashed": "status = 'trashed'",
    "login_suspended": "status = 'active' AND login_suspended = 1",
    "setup_pending": "0",
}


def visible(ctx: Ctx) -> tuple[str, list[Any]]:
    """Return the SQL condition that keeps the token's mailboxes."""
    where = "1"
    args: list[Any] = []
    if ctx.token.domains is not None:
        marks = ",".join("?" * len(ctx.token.domains))
        where = f"domain_id IN (SELECT id FROM domain WHERE name IN ({marks}))"  # noqa: S608
        args = sorted(ctx.token.domains)
    if ctx.token.mailboxes is not None:
        where += f" AND id IN ({','.join('?' * len(ctx.token.mailboxes))})"
        args += sorted(ctx.token.mailboxes)
    return where, args


def listing(ctx: Ctx) -> Reply:
    """GET /mailboxes with domain_id, search, status, type."""
    where, args = visible(ctx)
    status = ctx.query.get("status")
    if status is not None and status not in _STATUS:
        raise invalid("status", "must be one of " + ", ".join(_STATUS))
    where += " AND " + (_STATUS[status] if status else "status IN ('active', 'paused')")
    domain_id = ctx.query.get("domain_id")
    if domain_id is not None:
        if not domain_id.isascii() or not domain_id.isdigit() or len(domain_id) > 15:
            raise invalid("domain_id", "must be a positive integer")
        find_domain(ctx, int(domain_id))
        where, args = where + " AND domain_id = ?", [*args, int(domain_id)]
    kind = ctx.query.get("type")
    if kind is not None:
        if kind not in ("regular", "shared"):
            raise invalid("type", "must be regular or shared")
        where, args = where + " AND type = ?", [*args, kind]
    search = ctx.query.get("search")
    if search is not None:
        if len(search) > 255:
            raise invalid("search", "may have at most 255 characters")
        where, args = (
            where + " AND (email LIKE ? ESCAPE '!' OR display_name LIKE ? ESCAPE '!')",
            [*args, like(search), like(search)],
        )
    page, per_page = page_numbers(ctx, 50 if status == "trashed" else None)
    rows, total = select_page(ctx, "mailbox", where, args, page, per_page, lambda row: mailbox_view(ctx, row))
    # our choice: switch pending_invites_in_mailbox_list
    if (
        ctx.switch("pending_invites_in_mailbox_list")
        and status in (None, "setup_pending")
        and ctx.token.mailboxes is None
        and kind != "shared"
    ):
        pending = _pending(ctx, domain_id, search)
        start = max(0, (page - 1) * per_page - total)
        rows = rows + pending[start : start + per_page - len(rows)]
        total += len(pending)
    return Reply(200, envelope(ctx, "/mailboxes", rows, total, page, per_page))


def _pending(ctx: Ctx, domain_id: str | None, search: str | None) -> list[dict[str, Any]]:
    """Return the pending invites as rows of the mailbox list."""
    where, args = visible(ctx)
    if domain_id is not None:
        where, args = where + " AND domain_id = ?", [*args, int(domain_id)]
    if search is not None:
        where, args = where + " AND email LIKE ? ESCAPE '!'", [*args, like(search)]
    rows = ctx.store.all(f"SELECT * FROM invite WHERE status = 'pending' AND {where} ORDER BY id", *args)  # noqa: S608
    return [
        {
            "id": None, "invite_id": row["id"], "domain_id": row["domain_id"], "local_part": row["local_part"], "email": row["email"],
            "status": "setup_pending", "type": "regular", "display_name": None, "allocation_mb": row["allocation_mb"],
            "is_pooled": row["allocation_mb"] is None, "created_at": iso(row["created_at"]), "expires_at": iso(row["expires_at"]),
        }
        for row in rows
    ]  # fmt: skip


def detail_view(ctx: Ctx, row: sqlite3.Row) -> dict[str, Any]:
    """Return one mailbox with forwarding and domain."""
    from .forwarding import forwarding_view

    view = mailbox_view(ctx, row)
    if ctx.switch("app_passwords_enabled"):
        sql = "SELECT count(*) FROM app_password WHERE mailbox_id = ? AND revoked_at IS NULL"
        view["app_passwords_count"] = ctx.store.value(sql, row["id"])
    view["forwarding"] = forwarding_view(ctx, row)
    view["domain"] = {"id": row["domain_id"], "name": row["email"].rpartition("@")[2]}
    return view


def detail(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}; also the answer to a change."""
    return ctx.obj(detail_view(ctx, find_mailbox(ctx, ctx.params["id"], trashed=True)))


def local_part(ctx: Ctx) -> str:
    """Return the body's local part. Raises validation_error."""
    value = ctx.body.get("local_part")
    problem = names.local_part_problem(value)
    if problem:
        raise invalid("local_part", problem)
    return value


def password(ctx: Ctx) -> str:
    """Return the body's password. Raises validation_error."""
    value = ctx.body.get("password")
    problem = password_problem(value)
    if problem:
        raise invalid("password", problem)
    return value


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes."""
    domain = find_domain(ctx, ctx.body.get("domain_id"))
    local = local_part(ctx)
    name = ctx.text("display_name", 255)
    allocation = ctx.number("storage_allocation_mb", 1, 10**9)
    default_mode = ctx.store.get("new_mailbox_client_auth_mode", AUTH_MODES[0])
    mode = ctx.choice("client_auth_mode", AUTH_MODES, default_mode)
    given = (
        ctx.choice("password_mode", ("generated_one_time", "user_supplied"), "generated_one_time") == "user_supplied"
    )
    secret = password(ctx) if given else new_password()
    need_mail_domain(domain)
    email = f"{local}@{domain['name']}"
    need_free(ctx, email)
    need_room(ctx, domain)
    need_storage(ctx, allocation or 0)
    cooldown_left(ctx.core, ctx.token.id, 1, ctx.core.clock.now())
    stored = hash_password(secret, ctx.switch("password_hash_iterations") if given else 1)
    mailbox_id = ctx.store.run(
        "INSERT INTO mailbox (domain_id, local_part, email, display_name, allocation_mb, client_auth_mode, password, password_set_by,"
        " password_set_at, created_via, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'api', ?)",
        domain["id"], local, email, name, allocation, mode, stored, "operator" if given else "provider", ctx.now, ctx.now,
    )  # fmt: skip
    cooldown_made(ctx.core, ctx.token.id, 1, ctx.core.clock.now())
    body: dict[str, Any] = {
        "id": mailbox_id, "email": email, "status": "active", "is_pooled_storage": allocation is None, "storage_allocation_mb": allocation,
    }  # fmt: skip
    if ctx.switch("app_passwords_enabled"):
        body["client_auth_mode"] = mode
    return ctx.created(body if given else {**body, "one_time_password": secret}, replay=body)


def change(ctx: Ctx) -> Reply:
    """PATCH /mailboxes/{id}: display name, conversation view, drive access."""
    row = find_mailbox(ctx, ctx.params["id"])
    known = {"display_name", "conversation_view", "drive_access"}
    if not known & set(ctx.body):
        raise ApiError("validation_error", "Send at least one of " + ", ".join(sorted(known)) + ".")
    name = ctx.text("display_name", 255) if "display_name" in ctx.body else row["display_name"]
    view = ctx.flag("conversation_view", bool(row["conversation_view"]))
    drive = ctx.choice("drive_access", DRIVE, row["drive_access"])
    ctx.store.run(
        "UPDATE mailbox SET display_name = ?, conversation_view = ?, drive_access = ? WHERE id = ?",
        name,
        view,
        drive,
        row["id"],
    )
    return detail(ctx)


def note(ctx: Ctx) -> Reply:
    """PATCH /mailboxes/{id}/note."""
    row = find_mailbox(ctx, ctx.params["id"])
    if "note" not in ctx.body:
        raise invalid("note", "is required, null removes it")
    ctx.store.run("UPDATE mailbox SET note = ? WHERE id = ?", ctx.text("note", 120), row["id"])
    return detail(ctx)


def revoke_app_passwords(ctx: Ctx, mailbox_id: int, reason: str) -> int:
    """Revoke all app passwords of a mailbox and return their number."""
    sql = "UPDATE app_password SET revoked_at = ?, revoked_reason = ? WHERE mailbox_id = ? AND revoked_at IS NULL"
    return ctx.store.db.execute(sql, (ctx.now, reason, mailbox_id)).rowcount


def revoke_devices(ctx: Ctx, mailbox_id: int) -> None:
    """Revoke all Drive devices of a mailbox."""
    sql = "UPDATE drive_device SET revoked_at = ? WHERE mailbox_id = ? AND revoked_at IS NULL"
    ctx.store.db.execute(sql, (ctx.now, mailbox_id))


def set_password(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/password; revokes app passwords where that feature is on."""
    row = find_mailbox(ctx, ctx.params["id"])
    stored = hash_password(password(ctx), ctx.switch("password_hash_iterations"))
    ctx.store.run(
        "UPDATE mailbox SET password = ?, password_set_by = 'operator', password_set_at = ? WHERE id = ?",
        stored,
        ctx.now,
        row["id"],
    )
    pending = ctx.switch("password_sync_pending")
    body: dict[str, Any] = {"status": "updated", "sync_pending": pending}
    if ctx.switch("app_passwords_enabled"):
        body["app_passwords_revoked"] = revoke_app_passwords(ctx, row["id"], "password_reset")
    return ctx.obj(body, 202 if pending else 200)


def enable_imap(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/enable-imap with the current mailbox password."""
    row = find_mailbox(ctx, ctx.params["id"])
    if not verify_password(str(ctx.body.get("password", "")), row["password"]):
        raise invalid("password", "is not the current password of the mailbox")
    ctx.store.run("UPDATE mailbox SET imap_enabled = 1 WHERE id = ?", row["id"])
    return ctx.obj({"id": row["id"], "imap_enabled": True})


ROUTES = (
    Endpoint("GET", "/mailboxes", "mailboxes:read", listing),
    Endpoint("POST", "/mailboxes", "mailboxes:create", create, REQUIRED, creates=True),
    Endpoint("GET", "/mailboxes/{id:int}", "mailboxes:read", detail),
    Endpoint("PATCH", "/mailboxes/{id:int}", "mailboxes:write", change, REQUIRED),
    Endpoint("PATCH", "/mailboxes/{id:int}/note", "mailboxes:write", note, OPTIONAL),
    Endpoint("POST", "/mailboxes/{id:int}/password", "mailboxes:write", set_password, REQUIRED, sets_password=True),
    Endpoint("POST", "/mailboxes/{id:int}/enable-imap", "mailboxes:write", enable_imap, REQUIRED, sets_password=True),
)
