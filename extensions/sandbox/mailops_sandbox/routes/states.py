# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pause, login suspension, one by one and in bulk (contract 7.3, product 6)."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid
from ..objects import find_domain, find_mailbox
from .mailboxes import AUTH_MODES, DRIVE, detail, revoke_app_passwords, revoke_devices, visible

SELECTION_MAX = 1000


def _set_status(ctx: Ctx, status: str) -> Reply:
    row = find_mailbox(ctx, ctx.params["id"])
    ctx.store.run("UPDATE mailbox SET status = ? WHERE id = ?", status, row["id"])
    return detail(ctx)


def pause(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:pause; repeat-safe (our choice)."""
    return _set_status(ctx, "paused")


def resume(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:resume; repeat-safe (our choice)."""
    return _set_status(ctx, "active")


def _need_regular(row: sqlite3.Row) -> None:
    if row["type"] == "shared":
        raise ApiError("mailbox_not_eligible", "A shared mailbox has no sign-in of its own; suspend its members.")


def suspend_login(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:suspend-login; app passwords and those of Drive devices are revoked for good."""
    row = find_mailbox(ctx, ctx.params["id"])
    _need_regular(row)
    reason = ctx.text("reason", 255)
    ctx.store.run("UPDATE mailbox SET login_suspended = 1, suspend_reason = ? WHERE id = ?", reason, row["id"])
    revoke_app_passwords(ctx, row["id"], "login_suspended")
    revoke_devices(ctx, row["id"])
    return detail(ctx)


def resume_login(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}:resume-login."""
    row = find_mailbox(ctx, ctx.params["id"])
    _need_regular(row)
    ctx.store.run("UPDATE mailbox SET login_suspended = 0, suspend_reason = NULL WHERE id = ?", row["id"])
    return detail(ctx)


def selection(ctx: Ctx) -> list[sqlite3.Row]:
    """Return the mailboxes of exactly one of mailbox_ids, domain_id, all.

    Raises validation_error, not_found, selection_too_large (more than 1000), domain_scope_forbidden (all, with a
    constrained token).
    """
    given = [name for name in ("mailbox_ids", "domain_id", "all") if ctx.body.get(name) not in (None, False)]
    if len(given) != 1:
        raise ApiError("validation_error", "Send exactly one of mailbox_ids, domain_id, all.")
    if given[0] == "mailbox_ids":
        ids = ctx.listing("mailbox_ids", 1, SELECTION_MAX, "selection_too_large")
        if not all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 2**53 for n in ids):
            raise invalid("mailbox_ids", "must hold positive integers")
        return [find_mailbox(ctx, n, trashed=True) for n in dict.fromkeys(ids)]
    where, args = visible(ctx)
    if given[0] == "domain_id":
        domain = find_domain(ctx, ctx.body["domain_id"])
        where, args = where + " AND domain_id = ?", [*args, domain["id"]]
    elif ctx.token.constrained:
        raise ApiError("domain_scope_forbidden", "all is wider than the token's domains.")
    rows = ctx.store.all(f"SELECT * FROM mailbox WHERE {where} ORDER BY id", *args)  # noqa: S608 - where is ours
    if len(rows) > SELECTION_MAX and given[0] == "domain_id":
        raise ApiError("selection_too_large", f"{len(rows)} mailboxes are selected.", extras={"max": SELECTION_MAX})
    return rows


def answer(matched: int, updated: int, **extra: Any) -> Reply:
    """Return the counts of a bulk state change; always inside ``data`` (contract 7.3, 3)."""
    return Reply(200, {"data": {**extra, "matched": matched, "updated": updated, "skipped": matched - updated}})


def login_access(ctx: Ctx) -> Reply:
    """POST /mailboxes:login-access; shared, paused and trashed are skipped."""
    suspended = ctx.flag("login_suspended")
    reason = ctx.text("reason", 255) if suspended else None
    rows = selection(ctx)
    chosen = [
        r["id"]
        for r in rows
        if r["type"] == "regular" and r["status"] == "active" and r["login_suspended"] != suspended
    ]
    sql = "UPDATE mailbox SET login_suspended = ?, suspend_reason = ? WHERE id = ?"
    ctx.store.many(sql, [(suspended, reason, n) for n in chosen])
    if suspended:
        for number in chosen:
            revoke_app_passwords(ctx, number, "login_suspended")
            revoke_devices(ctx, number)
    return answer(len(rows), len(chosen), login_suspended=suspended)


def drive_access(ctx: Ctx) -> Reply:
    """POST /mailboxes:drive-access."""
    access = ctx.choice("drive_access", DRIVE)
    rows = selection(ctx)
    chosen = [r["id"] for r in rows if r["type"] == "regular" and r["status"] != "trashed"]
    ctx.store.many("UPDATE mailbox SET drive_access = ? WHERE id = ?", [(access, n) for n in chosen])
    return answer(len(rows), len(chosen), drive_access=access)


def client_auth_mode(ctx: Ctx) -> Reply:
    """POST /mailboxes:client-auth-mode."""
    if not ctx.switch("app_passwords_enabled"):
        raise ApiError("not_found", "App passwords are switched off on this platform.")
    mode = ctx.choice("mode", AUTH_MODES)
    rows = selection(ctx)
    chosen = [r["id"] for r in rows if r["type"] == "regular" and r["status"] != "trashed"]
    ctx.store.many("UPDATE mailbox SET client_auth_mode = ? WHERE id = ?", [(mode, n) for n in chosen])
    return answer(len(rows), len(chosen), client_auth_mode=mode)


ROUTES = (
    Endpoint("POST", "/mailboxes/{id:int}:pause", "mailboxes:write", pause, REQUIRED),
    Endpoint("POST", "/mailboxes/{id:int}:resume", "mailboxes:write", resume, REQUIRED),
    Endpoint("POST", "/mailboxes/{id:int}:suspend-login", "mailboxes:write", suspend_login, REQUIRED),
    Endpoint("POST", "/mailboxes/{id:int}:resume-login", "mailboxes:write", resume_login, REQUIRED),
    Endpoint("POST", "/mailboxes:login-access", "mailboxes:write", login_access, REQUIRED),
    Endpoint("POST", "/mailboxes:drive-access", "mailboxes:write", drive_access, REQUIRED),
    Endpoint("POST", "/mailboxes:client-auth-mode", "mailboxes:write", client_auth_mode, REQUIRED, sets_password=True),
)
