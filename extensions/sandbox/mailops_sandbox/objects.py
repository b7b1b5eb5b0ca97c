# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding objects as a token may see them, who holds an address, and what fits into limits and storage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from . import plans
from .clock import iso
from .context import Ctx
from .errors import ApiError, not_found


def domain_where(ctx: Ctx, column: str = "name") -> tuple[str, list[Any]]:
    """Return the SQL condition that keeps the token's domains (contract 2.2: the others do not exist for it)."""
    if ctx.token.domains is None:
        return "1", []
    names = sorted(ctx.token.domains)
    return f"{column} IN ({','.join('?' * len(names))})", list(names)


def find_domain(ctx: Ctx, domain_id: Any) -> sqlite3.Row:
    """Return a domain of the token. Raises not_found."""
    row = None
    if isinstance(domain_id, int) and not isinstance(domain_id, bool) and 0 < domain_id < 2**53:
        row = ctx.store.one("SELECT * FROM domain WHERE id = ?", domain_id)
    if row is None or (ctx.token.domains is not None and row["name"] not in ctx.token.domains):
        raise not_found("Domain")
    return row


def may_see(ctx: Ctx, row: sqlite3.Row) -> bool:
    """Say whether the token may see this mailbox."""
    if ctx.token.mailboxes is not None and row["id"] not in ctx.token.mailboxes:
        return False
    return ctx.token.domains is None or row["email"].rpartition("@")[2] in ctx.token.domains


def find_mailbox(ctx: Ctx, mailbox_id: Any, trashed: bool = False) -> sqlite3.Row:
    """Return a mailbox of the token; a trashed one only when asked for. Raises not_found."""
    row = None
    if isinstance(mailbox_id, int) and not isinstance(mailbox_id, bool) and 0 < mailbox_id < 2**53:
        row = ctx.store.one("SELECT * FROM mailbox WHERE id = ?", mailbox_id)
    if (
        row is None
        or not may_see(ctx, row)
        or row["status"] == "deleting"
        or (row["status"] == "trashed" and not trashed)
    ):
        raise not_found("Mailbox")
    return row


def need_mail_domain(domain: sqlite3.Row) -> None:
    """Raise unless mailboxes may be made in ``domain``: active, and hosted here."""
    if domain["mail_hosting"] != "trekmail":
        raise ApiError("domain_hosts_no_mailboxes", f"{domain['name']} is a send-only domain.")
    if domain["status"] != "active":
        raise ApiError("domain_not_active", f"{domain['name']} is {domain['status']}, not active.")


_HOLDERS = (
    ("mailbox", "SELECT email FROM mailbox WHERE status <> 'trashed' AND email IN (?*)"),
    ("invite", "SELECT email FROM invite WHERE status = 'pending' AND email IN (?*)"),
    ("alias", "SELECT email FROM alias WHERE email IN (?*)"),
    ("forwarding address", "SELECT email FROM forwarding_address WHERE email IN (?*)"),
    ("retired address", "SELECT email FROM retired_address WHERE email IN (?*)"),
)


def taken(ctx: Ctx, emails: Iterable[str], ignore: str = "") -> dict[str, str]:
    """Return {address: what holds it} for those of ``emails`` that are in use; ``ignore`` leaves one kind out."""
    wanted = list(emails)
    found: dict[str, str] = {}
    for kind, sql in _HOLDERS:
        if kind != ignore:
            for row in ctx.store.within(sql, wanted):
                found.setdefault(row[0], kind)
    if ctx.switch("trashed_holds_address"):  # our choice: switch trashed_holds_address
        for row in ctx.store.within("SELECT email FROM mailbox WHERE status = 'trashed' AND email IN (?*)", wanted):
            found.setdefault(row[0], "trashed mailbox")
    return found


def need_free(ctx: Ctx, email: str, ignore: str = "") -> None:
    """Raise already_exists when ``email`` is in use."""
    holder = taken(ctx, [email], ignore).get(email)
    if holder:
        # our choice: code already_exists, switch duplicate_status
        raise ApiError("already_exists", f"{email} is in use ({holder}).", status=ctx.switch("duplicate_status"))


def room(ctx: Ctx, domain_id: int) -> int:
    """Return how many mailboxes still fit into a domain; pending invites count."""
    store = ctx.store
    where = (
        "domain_id = ?"
        if ctx.switch("trashed_counts_to_limits")
        else "domain_id = ? AND status IN ('active', 'paused')"
    )
    have = store.value(f"SELECT count(*) FROM mailbox WHERE {where}", domain_id)  # noqa: S608
    pending = store.value("SELECT count(*) FROM invite WHERE domain_id = ? AND status = 'pending'", domain_id)
    return plans.PLANS[ctx.core.plan]["mailboxes"] - have - pending


def need_room(ctx: Ctx, domain: sqlite3.Row) -> None:
    """Raise plan_limit_reached when the domain is full."""
    if room(ctx, domain["id"]) < 1:
        cap = plans.PLANS[ctx.core.plan]["mailboxes"]
        raise ApiError(
            "plan_limit_reached",
            f"{domain['name']} holds {cap} mailboxes and pending invites already.",
            extras={"limit": cap},
        )


def pool_mb(ctx: Ctx) -> int:
    """Return the size of the storage pool in MB."""
    return int(ctx.switch("storage_pool_mb") or plans.PLANS[ctx.core.plan]["pool_mb"])


def free_mb(ctx: Ctx) -> int:
    """Return the MB of the pool that are neither dedicated to a mailbox nor reserved by a pending invite."""
    store = ctx.store
    used = store.value("SELECT coalesce(sum(allocation_mb), 0) FROM mailbox WHERE allocation_mb IS NOT NULL")
    held = store.value(
        "SELECT coalesce(sum(allocation_mb), 0) FROM invite WHERE status = 'pending' AND allocation_mb IS NOT NULL"
    )
    return pool_mb(ctx) - used - held


def need_storage(ctx: Ctx, wanted: int) -> None:
    """Raise storage_pool_exceeded when ``wanted`` dedicated MB do not fit."""
    if wanted:
        free = free_mb(ctx)
        if wanted > free:
            message = f"{wanted} MB of dedicated storage were asked for, {max(0, free)} MB are free."
            raise ApiError(
                "storage_pool_exceeded", message, extras={"requested_mb": wanted, "available_mb": max(0, free)}
            )


def domain_view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a domain as the API shows it; field names beyond id and name are our choice (contract 10.4)."""
    return {
        "id": row["id"],
        "name": row["name"],
        "status": row["status"],
        "mail_hosting": row["mail_hosting"],
        "note": row["note"],
        "catch_all": {"enabled": bool(row["catch_all_enabled"]), "destination": row["catch_all_destination"]},
        "verified_at": iso(row["verified_at"]),
        "created_at": iso(row["created_at"]),
    }


def mailbox_view(ctx: Ctx, row: sqlite3.Row) -> dict[str, Any]:
    """Return a mailbox as the API shows it."""
    shown_as = ctx.core.switches["login_suspended_as"]
    suspended = bool(row["login_suspended"])
    view = {
        "id": row["id"],
        "domain_id": row["domain_id"],
        "local_part": row["local_part"],
        "email": row["email"],
        # our choice: switch login_suspended_as; the words besides active and trashed are ours too
        "status": "login_suspended"
        if suspended and shown_as != "field" and row["status"] == "active"
        else row["status"],
        "type": row["type"],
        "display_name": row["display_name"],
        "note": row["note"],
        "used_mb": row["used_mb"],
        "quota_mb": row["allocation_mb"],
        "allocation_mb": row["allocation_mb"],
        "is_pooled": row["allocation_mb"] is None,
        "conversation_view": bool(row["conversation_view"]),
        "drive_access": row["drive_access"],
        "created_at": iso(row["created_at"]),
    }
    if shown_as != "status":
        view["login_suspended"] = suspended
    if ctx.core.switches["app_passwords_enabled"]:
        view["client_auth_mode"] = row["client_auth_mode"]
    if row["status"] == "trashed":
        view["trashed_at"] = iso(row["trashed_at"])
        view["purge_at"] = iso(row["purge_at"])
    return view
