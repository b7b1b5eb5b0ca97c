# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk create of mailboxes and of invites: row checks shared, one transaction, a few statements for 100 rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from .. import names
from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..credentials import digest, hash_password, new_password, password_problem
from ..errors import ApiError, invalid
from ..limits import cooldown_left, cooldown_made
from ..objects import find_domain, need_mail_domain, need_storage, room, taken
from .domains import bulk_reply
from .mailboxes import AUTH_MODES


class Row:
    """One item of a batch: ``reason`` and ``error`` are set once it has failed."""

    __slots__ = ("item", "domain_id", "local", "email", "allocation", "reason", "error")

    def __init__(self, item: Any) -> None:
        self.item: dict[str, Any] = item if isinstance(item, dict) else {}
        self.domain_id = 0
        self.local = ""
        self.email = ""
        self.allocation: int | None = None
        self.reason = ""
        self.error = ""

    def fail(self, reason: str, error: str) -> None:
        """Note the first failure."""
        if not self.reason:
            self.reason, self.error = reason, error

    def failed(self) -> dict[str, Any]:
        """Return the row of the answer."""
        email = self.email or self.item.get("local_part")
        return {"email": email, "status": "failed", "reason": self.reason, "error": self.error}


def _domain(ctx: Ctx, domains: dict[int, Any], wanted: Any) -> Any:
    """Return the domain of a row, or the ApiError that refuses it; remembered in ``domains``."""
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        return ApiError("not_found", "domain_id must be an integer.")
    if wanted not in domains:
        try:
            domains[wanted] = find_domain(ctx, wanted)
            need_mail_domain(domains[wanted])
        except ApiError as exc:
            domains[wanted] = exc
    return domains[wanted]


def _read(ctx: Ctx, items: list[Any], default_domain: Any, check: Callable[[Row], None]) -> list[Row]:
    """Return the rows with domain, address and allocation checked."""
    domains: dict[int, Any] = {}
    rows = []
    for item in items:
        row = Row(item)
        rows.append(row)
        wanted = row.item.get("domain_id", default_domain)
        if wanted is None:
            wanted = default_domain
        known = _domain(ctx, domains, wanted)
        row.local = row.item.get("local_part", "")
        problem = names.local_part_problem(row.local)
        if problem:
            row.local = ""
            row.fail("validation_error", f"local_part {problem}")
        if isinstance(known, ApiError):
            row.fail(known.code, known.message)
        else:
            row.domain_id = known["id"]
            row.email = f"{row.local}@{known['name']}" if row.local else ""
        allocation = row.item.get("storage_allocation_mb")
        if allocation is not None:
            if isinstance(allocation, bool) or not isinstance(allocation, int) or allocation < 1:
                row.fail("validation_error", "storage_allocation_mb must be a positive integer")
            else:
                row.allocation = allocation
        check(row)
    return rows


def _settle(ctx: Ctx, rows: list[Row], ignore: str = "") -> list[Row]:
    """Fail rows whose address is in use, repeated, above the domain's limit or inside a cooldown; return those to create."""
    need_storage(ctx, sum(row.allocation or 0 for row in rows))  # first, and over all rows (contract 7.3)
    held = taken(ctx, [row.email for row in rows if row.email and not row.reason], ignore)
    left: dict[int, int] = {}
    seen: set[str] = set()
    good = []
    for row in rows:
        if row.reason:
            continue
        if row.email in held:
            row.fail("already_exists", f"{row.email} is in use ({held[row.email]}).")
        elif row.email in seen:
            row.fail("already_exists", f"{row.email} appears twice in this batch.")
        else:
            if row.domain_id not in left:
                left[row.domain_id] = room(ctx, row.domain_id)
            if left[row.domain_id] < 1:
                row.fail("plan_limit_reached", "The domain holds as many mailboxes and pending invites as it may.")
                continue
            left[row.domain_id] -= 1
            seen.add(row.email)
            good.append(row)
    now = ctx.core.clock.now()
    allowed = cooldown_left(ctx.core, ctx.token.id, len(good), now)
    for row in good[allowed:]:
        row.fail("rate_limited", "The account is cooling down.")
    cooldown_made(ctx.core, ctx.token.id, min(allowed, len(good)), now)
    return good[:allowed]


def _answer(ctx: Ctx, rows: list[Row], results: list[dict[str, Any]], secret: str, redact: str | None) -> Reply:
    """Return counts and results; the replay has field ``secret`` removed, or replaced by ``redact``."""
    created = sum(1 for row in rows if not row.reason)
    body = {"counts": {"created": created, "failed": len(rows) - created}, "results": results}
    kept = []
    for result in results:
        if secret in result:
            result = dict(result)
            if redact is None:
                del result[secret]
            else:
                result[secret] = redact
        kept.append(result)
    return bulk_reply(ctx, body, created, len(rows), {**body, "results": kept})


def mailboxes(ctx: Ctx) -> Reply:
    """POST /mailboxes:bulk."""
    items = ctx.listing("items", 1, ctx.switch("bulk_max"))
    generated = (
        ctx.choice("password_mode", ("user_supplied", "generated_one_time"), "user_supplied") == "generated_one_time"
    )
    cooldown_left(ctx.core, ctx.token.id, 0, ctx.core.clock.now())

    def check(row: Row) -> None:
        problem = None if generated else password_problem(row.item.get("password"))
        if problem:
            row.fail("validation_error", f"password {problem}")

    rows = _read(ctx, items, None, check)
    good = _settle(ctx, rows)
    mode = ctx.store.get("new_mailbox_client_auth_mode", AUTH_MODES[0])
    rounds = 1 if generated else ctx.switch("password_hash_iterations")
    first = ctx.store.next_id("mailbox")
    secrets_: dict[str, str] = {}
    values = []
    for number, row in enumerate(good, first):
        secret = new_password() if generated else row.item["password"]
        secrets_[row.email] = secret
        stored = hash_password(secret, rounds)
        who = "provider" if generated else "operator"
        values.append(
            (number, row.domain_id, row.local, row.email, row.allocation, mode, stored, who, ctx.now, ctx.now)
        )
    ctx.store.many(
        "INSERT INTO mailbox (id, domain_id, local_part, email, allocation_mb, client_auth_mode, password,"
        " password_set_by, password_set_at, created_via, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'api_bulk', ?)",
        values,
    )
    ids = {value[3]: value[0] for value in values}
    results = []
    for row in rows:
        if row.reason:
            results.append(row.failed())
            continue
        result: dict[str, Any] = {"email": row.email, "status": "created", "mailbox_id": ids[row.email]}
        if generated:
            result["one_time_password"] = secrets_[row.email]
        results.append(result)
    return _answer(ctx, rows, results, "one_time_password", None)


def link_for(ctx: Ctx, token: str) -> str:
    """Return the owner's setup link."""
    return f"{ctx.core.origin}/setup/{token}"


def invite_rows(ctx: Ctx, good: list[Row], hours: int, results_for: dict[str, dict[str, Any]]) -> None:
    """Insert pending invites and their mails; fills ``results_for`` by address."""
    store = ctx.store
    first = store.next_id("invite")
    expires = ctx.now + hours * 3600
    if ctx.switch("duplicate_invite") == "new":  # our choice: the first link dies
        sql = "UPDATE invite SET status = 'cancelled', closed_at = ? WHERE email = ? AND status = 'pending'"
        store.many(sql, [(ctx.now, row.email) for row in good])
    invites, mails = [], []
    for number, row in enumerate(good, first):
        token = secrets.token_urlsafe(32)
        link = link_for(ctx, token)
        recipient = row.item["recipient_email"]
        invites.append(
            (number, row.domain_id, row.local, row.email, recipient, digest(token), row.allocation, ctx.now, expires)
        )
        mails.append((recipient, f"Set up your mailbox {row.email}", number, link, ctx.now))
        result: dict[str, Any] = {
            "id": number,
            "email": row.email,
            "recipient_email": recipient,
            "status": "pending",
            "invite_url": link,
        }
        if ctx.switch("invite_answers_expires_at"):  # our choice: switch invite_answers_expires_at
            result["expires_at"] = iso(expires)
        if row.allocation is not None:
            result["storage_allocation_mb"] = row.allocation
        results_for[row.email] = result
    store.many(
        "INSERT INTO invite (id, domain_id, local_part, email, recipient_email, status, link_digest, allocation_mb, created_at,"
        " expires_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)",
        invites,
    )
    store.many(
        "INSERT INTO outbox (recipient, kind, subject, invite_id, link, sent_at) VALUES (?, 'invite', ?, ?, ?, ?)",
        mails,
    )
    ctx.core.due(expires)


def redacted(result: dict[str, Any]) -> dict[str, Any]:
    """Return an invite without its link, as a replay shows it."""
    return {**result, "invite_url": result["invite_url"].rsplit("/", 1)[0] + "/<redacted>"}


def check_recipient(row: Row) -> None:
    """Fail a row whose recipient_email is no address."""
    problem = names.email_problem(row.item.get("recipient_email"))
    if problem:
        row.fail("validation_error", f"recipient_email {problem}")


def prepare(ctx: Ctx, items: list[Any]) -> tuple[list[Row], list[Row], int]:
    """Return (rows, rows to create, hours) of invites. Raises rate_limited, storage_pool_exceeded, validation_error."""
    hours = ctx.number("expires_in_hours", 1, 720, 72) or 72
    cooldown_left(ctx.core, ctx.token.id, 0, ctx.core.clock.now())
    rows = _read(ctx, items, ctx.body.get("domain_id"), check_recipient)
    good = _settle(ctx, rows, "invite" if ctx.switch("duplicate_invite") == "new" else "")
    return rows, good, hours


def invites(ctx: Ctx) -> Reply:
    """POST /mailboxes/invites:bulk; the fields of a created row are our choice (contract 7.5)."""
    items = ctx.listing("items", 1, ctx.switch("bulk_max"))
    if ctx.body.get("domain_id") is None and not all(isinstance(i, dict) and i.get("domain_id") for i in items):
        raise invalid("domain_id", "is required")
    rows, good, hours = prepare(ctx, items)
    made: dict[str, dict[str, Any]] = {}
    invite_rows(ctx, good, hours, made)
    results = []
    for row in rows:
        if row.reason:
            results.append(row.failed())
            continue
        result = dict(made[row.email])
        result["invite_id"] = result["id"]
        results.append(result)
    return _answer(ctx, rows, results, "invite_url", f"{ctx.core.origin}/setup/<redacted>")


ROUTES = (
    Endpoint("POST", "/mailboxes:bulk", "mailboxes:create", mailboxes, REQUIRED, creates=True),
    Endpoint("POST", "/mailboxes/invites:bulk", "mailboxes:invites:create", invites, REQUIRED, creates=True),
)
