# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner's and the dashboard's side of invites, the outbox, and whether a login would work."""

from __future__ import annotations

import secrets
import sqlite3
from typing import Any

from . import names
from .clock import iso
from .control_data import Missing
from .core import Core
from .credentials import digest, hash_password, new_recovery_code, password_problem, verify_password
from .plans import PLANS


class Closed(Exception):
    """An invite that cannot be used: ``status`` is the HTTP status, ``word`` the reason."""

    def __init__(self, text: str, status: int, word: str) -> None:
        super().__init__(text)
        self.status = status
        self.word = word


def outbox(core: Core, _params: Any, query: dict[str, str], _body: Any) -> tuple[int, Any]:
    """GET /_sandbox/outbox."""
    rows = core.store.all("SELECT * FROM outbox WHERE ?1 IS NULL OR recipient = ?1 ORDER BY id", query.get("to"))
    data = [
        {"id": r["id"], "to": r["recipient"], "kind": r["kind"], "subject": r["subject"], "invite_id": r["invite_id"], "link": r["link"],
         "sent_at": iso(r["sent_at"])}
        for r in rows
    ]  # fmt: skip
    return 200, {"data": data, "total": len(data)}


def empty_outbox(core: Core, *_unused: Any) -> tuple[int, Any]:
    """DELETE /_sandbox/outbox."""
    core.store.run("DELETE FROM outbox")
    return 200, {"data": [], "total": 0}


def invite_view(row: sqlite3.Row) -> dict[str, Any]:
    """Return an invite without its link."""
    return {
        "id": row["id"],
        "domain_id": row["domain_id"],
        "email": row["email"],
        "recipient_email": row["recipient_email"],
        "status": row["status"],
        "mailbox_id": row["mailbox_id"],
        "recovery_code_issued": row["status"] == "redeemed",
        "storage_allocation_mb": row["allocation_mb"],
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
        "closed_at": iso(row["closed_at"]),
    }


def list_invites(core: Core, _params: Any, query: dict[str, str], _body: Any) -> tuple[int, Any]:
    """GET /_sandbox/invites."""
    rows = core.store.all("SELECT * FROM invite WHERE ?1 IS NULL OR status = ?1 ORDER BY id", query.get("status"))
    return 200, {"data": [invite_view(row) for row in rows], "total": len(rows)}


def find_invite(core: Core, invite_id: int) -> sqlite3.Row:
    """Return a pending invite. Raises Missing or Closed."""
    row = core.store.one("SELECT * FROM invite WHERE id = ?", invite_id)
    if row is None:
        raise Missing(f"no invite has the id {invite_id}")
    need_pending(row)
    return row


def need_pending(row: sqlite3.Row) -> None:
    """Raise Closed (410) unless the invite is pending."""
    if row["status"] != "pending":
        raise Closed(f"the invite is {row['status']}", 410, row["status"])


def accept(core: Core, invite: sqlite3.Row, password: str, local_part: str | None = None) -> dict[str, Any]:
    """Turn a pending invite into a mailbox that the owner holds; the caller has the transaction.

    Returns {mailbox_id, email, recovery_code, pooled}. Raises ValueError (password, local part), Closed (409 address in use,
    409 domain gone). Storage that no longer fits makes the mailbox pooled and is no error (contract 7.5).
    """
    need_pending(invite)
    problem = password_problem(password)
    if problem:
        raise ValueError(f"password {problem}")
    store, now = core.store, int(core.clock.now())
    domain = store.one("SELECT * FROM domain WHERE id = ?", invite["domain_id"])
    if domain is None or domain["mail_hosting"] != "trekmail":
        raise Closed("the domain holds no mailboxes any more", 409, "domain_gone")
    email, local = invite["email"], invite["local_part"]
    if local_part and local_part != local:
        if core.switches["invite_local_part"] != "owner_choice":  # our choice: switch invite_local_part
            raise ValueError("local_part is fixed by the invite")
        problem = names.local_part_problem(local_part)
        if problem:
            raise ValueError(f"local_part {problem}")
        local, email = local_part, f"{local_part}@{domain['name']}"
    for sql in _IN_USE:
        if store.value(sql, email, invite["id"]):
            raise Closed(f"{email} is in use", 409, "already_exists")
    allocation = invite["allocation_mb"]
    pooled = False
    if allocation is not None:
        pool = core.switches["storage_pool_mb"] or PLANS[core.plan]["pool_mb"]
        used = store.value("SELECT coalesce(sum(allocation_mb), 0) FROM mailbox WHERE allocation_mb IS NOT NULL")
        if used + allocation > pool:
            allocation, pooled = None, True
    code = new_recovery_code()
    rounds = core.switches["password_hash_iterations"]
    mode = store.get("new_mailbox_client_auth_mode", "password_or_app_password")
    mailbox_id = store.run(
        "INSERT INTO mailbox (domain_id, local_part, email, allocation_mb, client_auth_mode, password, password_set_by,"
        " password_set_at, recovery, created_via, created_at) VALUES (?, ?, ?, ?, ?, ?, 'owner', ?, ?, 'invite', ?)",
        domain["id"], local, email, allocation, mode, hash_password(password, rounds), now, hash_password(code, 1), now,
    )  # fmt: skip
    sql = "UPDATE invite SET status = 'redeemed', mailbox_id = ?, email = ?, local_part = ?, closed_at = ? WHERE id = ?"
    store.run(sql, mailbox_id, email, local, now, invite["id"])
    store.cache.clear()
    return {"mailbox_id": mailbox_id, "email": email, "recovery_code": code, "pooled": pooled}


_IN_USE = (
    "SELECT 1 FROM mailbox WHERE email = ? AND ?2 IS NOT NULL",
    "SELECT 1 FROM invite WHERE email = ? AND status = 'pending' AND id <> ?2",
    "SELECT 1 FROM alias WHERE email = ? AND ?2 IS NOT NULL",
    "SELECT 1 FROM forwarding_address WHERE email = ? AND ?2 IS NOT NULL",
    "SELECT 1 FROM retired_address WHERE email = ? AND ?2 IS NOT NULL",
)


def redeem(core: Core, params: dict[str, Any], _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/invites/{id}:redeem."""
    return 201, accept(core, find_invite(core, params["id"]), body["password"], body.get("local_part"))


def cancel(core: Core, params: dict[str, Any], *_unused: Any) -> tuple[int, Any]:
    """POST /_sandbox/invites/{id}:cancel."""
    row = find_invite(core, params["id"])
    core.store.run(
        "UPDATE invite SET status = 'cancelled', closed_at = ? WHERE id = ?", int(core.clock.now()), row["id"]
    )
    return 200, {"id": row["id"], "status": "cancelled"}


def resend(core: Core, params: dict[str, Any], _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/invites/{id}:resend: a new link, to another recipient when one is named."""
    row = find_invite(core, params["id"])
    recipient = body.get("recipient_email", row["recipient_email"])
    problem = names.email_problem(recipient)
    if problem:
        raise ValueError(f"recipient_email {problem}")
    now = int(core.clock.now())
    expires = now + int(body["expires_in_hours"]) * 3600 if "expires_in_hours" in body else row["expires_at"]
    token = secrets.token_urlsafe(32)
    link = f"{core.origin}/setup/{token}"
    sql = "UPDATE invite SET link_digest = ?, recipient_email = ?, expires_at = ? WHERE id = ?"
    core.store.run(sql, digest(token), recipient, expires, row["id"])
    sql = "INSERT INTO outbox (recipient, kind, subject, invite_id, link, sent_at) VALUES (?, 'invite', ?, ?, ?, ?)"
    core.store.run(sql, recipient, f"Set up your mailbox {row['email']}", row["id"], link, now)
    core.due(expires)
    return 200, {"id": row["id"], "status": "pending", "recipient_email": recipient, "expires_at": iso(expires)}


def login(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/login: the truth about a credential; ``via`` is webmail (default), imap or smtp."""
    address, password, via = str(body["address"]).lower(), str(body["password"]), body.get("via", "webmail")
    row = core.store.one("SELECT * FROM mailbox WHERE email = ? AND status <> 'trashed'", address)
    if row is None or row["status"] != "active" or row["login_suspended"] or row["type"] == "shared":
        return 401, {"login": False, "reason": "no mailbox that may sign in"}
    found = {"login": True, "mailbox_id": row["id"], "address": address}
    if verify_password(password, row["password"]):
        if via == "webmail" or row["client_auth_mode"] == "password_or_app_password":
            return 200, {**found, "with": "password", "set_by": row["password_set_by"]}
        return 401, {"login": False, "reason": "mail programs need an app password"}
    if via != "webmail":
        for kept in core.store.all("SELECT * FROM app_password WHERE mailbox_id = ? AND revoked_at IS NULL", row["id"]):
            if verify_password(password, kept["password"]):
                return 200, {**found, "with": "app_password", "set_by": "provider", "app_password_id": kept["id"]}
    return 401, {"login": False, "reason": "wrong password"}
