# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains: create, bulk-add, list, get, delete, catch-all, mail hosting, note (contract 7.1)."""

from __future__ import annotations

from typing import Any

from .. import names, plans
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid
from ..objects import domain_view, domain_where, find_domain
from ..paging import envelope, page_numbers, select_page

STATUSES = ("pending_dns", "active", "suspended")


def like(text: str) -> str:
    """Return a LIKE pattern that finds ``text`` anywhere, taken literally (ESCAPE '!')."""
    for char in "!%_":
        text = text.replace(char, "!" + char)
    return f"%{text}%"


def listing(ctx: Ctx) -> Reply:
    """GET /domains."""
    where, args = domain_where(ctx)
    status, search = ctx.query.get("status"), ctx.query.get("search")
    if status is not None:
        if status not in STATUSES:
            raise invalid("status", "must be one of " + ", ".join(STATUSES))
        where, args = where + " AND status = ?", [*args, status]
    if search is not None:
        if len(search) > 255:
            raise invalid("search", "may have at most 255 characters")
        where, args = where + " AND name LIKE ? ESCAPE '!'", [*args, like(search)]
    page, per_page = page_numbers(ctx)
    rows, total = select_page(ctx, "domain", where, args, page, per_page, domain_view)
    return Reply(200, envelope(ctx, "/domains", rows, total, page, per_page))


def detail(ctx: Ctx, domain_id: int | None = None, status: int = 200) -> Reply:
    """GET /domains/{id}; also the answer to a change."""
    row = find_domain(ctx, domain_id or ctx.params["id"])
    view = domain_view(row)
    view["mailboxes_count"] = ctx.store.value(
        "SELECT count(*) FROM mailbox WHERE domain_id = ? AND status <> 'trashed'", row["id"]
    )
    view["dkim"] = {"selector": "dkim", "generation": row["dkim_generation"]}
    return ctx.obj(view, status)


def _problem(ctx: Ctx, name: str) -> ApiError | None:
    """Return why a new domain ``name`` is refused, or None."""
    if ctx.token.constrained and name not in (ctx.token.domains or ()):
        return ApiError("domain_scope_forbidden", f"The token is constrained to other domains than {name}.")
    if ctx.store.value("SELECT 1 FROM domain WHERE name = ?", name):
        return ApiError("already_exists", f"{name} is already in this account.", status=ctx.switch("duplicate_status"))
    if ctx.store.value("SELECT 1 FROM foreign_domain WHERE name = ?", name):
        return ApiError(
            "domain_already_connected",
            f"{name} is connected to another account.",
            status=ctx.switch("duplicate_status"),
        )
    if ctx.store.value("SELECT count(*) FROM domain") >= ctx.switch("max_domains"):
        return ApiError("plan_limit_reached", "The account holds as many domains as it may.")
    return None


def add(ctx: Ctx, name: str, hosting: str) -> int:
    """Insert a domain and return its id."""
    active = ctx.switch("domain_verifies") == "auto"  # our choice: switch domain_verifies
    return ctx.store.run(
        "INSERT INTO domain (name, status, mail_hosting, created_at, verified_at) VALUES (?, ?, ?, ?, ?)",
        name, "active" if active else "pending_dns", hosting, ctx.now, ctx.now if active else None,
    )  # fmt: skip


def create(ctx: Ctx) -> Reply:
    """POST /domains."""
    name = ctx.body.get("name")
    problem = names.domain_problem(name)
    if problem:
        raise invalid("name", problem)
    hosting = ctx.choice("mail_hosting", ("trekmail", "external"), "trekmail")
    refused = _problem(ctx, name)
    if refused:
        raise refused
    return detail(ctx, add(ctx, name, hosting), ctx.switch("create_status"))


def bulk_add(ctx: Ctx) -> Reply:
    """POST /domains:bulk-add; a failed row says ``error`` here, not ``failed``."""
    results: list[dict[str, Any]] = []
    created = 0
    for name in ctx.listing("domains", 1, ctx.switch("bulk_add_max")):
        text = names.domain_problem(name)
        refused = ApiError("validation_error", text) if text else _problem(ctx, name)
        if refused:
            results.append({"domain": name, "status": "error", "reason": refused.code, "error": refused.message})
        else:
            results.append({"domain": name, "status": "created", "id": add(ctx, name, "trekmail")})
            created += 1
    body = {"created": created, "total": len(results), "results": results}
    return bulk_reply(ctx, body, created, len(results))


def bulk_reply(ctx: Ctx, body: dict[str, Any], created: int, total: int, replay: dict[str, Any] | None = None) -> Reply:
    """Answer a bulk call: 200 all, 207 some, 422 none (contract 4: then without ``error``; switch bulk_all_failed_shape)."""
    if created == 0 and total:
        if ctx.switch("bulk_all_failed_shape") == "envelope":
            raise ApiError("bulk_failed", "No row succeeded.", extras={"results": body["results"]})
        return Reply(422, body, wrote=False)
    return Reply(200 if created == total else 207, body, replay)


_DEPENDENTS = (
    "DELETE FROM alias WHERE domain_id = ?1 OR mailbox_id IN (SELECT id FROM mailbox WHERE domain_id = ?1)",
    "DELETE FROM app_password WHERE mailbox_id IN (SELECT id FROM mailbox WHERE domain_id = ?1)",
    "DELETE FROM member WHERE mailbox_id IN (SELECT id FROM mailbox WHERE domain_id = ?1)",
    "DELETE FROM member WHERE member_mailbox_id IN (SELECT id FROM mailbox WHERE domain_id = ?1)",
    "DELETE FROM forwarding_address WHERE domain_id = ?1",
    "DELETE FROM mailbox WHERE domain_id = ?1",
    "DELETE FROM domain WHERE id = ?1",
)


def delete(ctx: Ctx) -> Reply:
    """DELETE /domains/{id}: no second step, takes everything with it."""
    row = find_domain(ctx, ctx.params["id"])
    sql = "UPDATE invite SET status = 'cancelled', closed_at = ? WHERE domain_id = ? AND status = 'pending'"
    ctx.store.run(sql, ctx.now, row["id"])
    for sql in _DEPENDENTS:
        ctx.store.run(sql, row["id"])
    return ctx.deleted()


def catch_all(ctx: Ctx) -> Reply:
    """PATCH /domains/{id}/catch-all."""
    row = find_domain(ctx, ctx.params["id"])
    enabled = ctx.flag("enabled")
    destination = ctx.body.get("destination", row["catch_all_destination"])
    if enabled:
        if destination is None:
            raise invalid("destination", "is required when enabling")
        problem = names.email_problem(destination)
        if problem:
            raise invalid("destination", problem)
        if row["mail_hosting"] != "trekmail":
            raise ApiError("domain_hosts_no_mailboxes", f"{row['name']} is a send-only domain.")
        if destination.rpartition("@")[2].lower() != row["name"]:
            if not plans.PLANS[ctx.core.plan]["external_catch_all"]:
                raise ApiError(
                    "feature_not_available",
                    "A catch-all to another domain needs Pro or Agency.",
                    extras={"feature": "external_catch_all"},
                )
        elif not ctx.store.value("SELECT 1 FROM mailbox WHERE email = ? AND status <> 'trashed'", destination):
            raise invalid("destination", "is no mailbox of this domain")
    elif destination is not None and names.email_problem(destination):
        raise invalid("destination", "must be an e-mail address or null")
    ctx.store.run(
        "UPDATE domain SET catch_all_enabled = ?, catch_all_destination = ? WHERE id = ?",
        enabled,
        destination,
        row["id"],
    )
    return detail(ctx)


def mail_hosting(ctx: Ctx) -> Reply:
    """PATCH /domains/{id}/mail-hosting."""
    row = find_domain(ctx, ctx.params["id"])
    hosting = ctx.choice("mail_hosting", ("trekmail", "external"))
    if hosting == "external" and ctx.body.get("confirm_mailboxes_stop_receiving") is not True:
        if ctx.store.value("SELECT 1 FROM mailbox WHERE domain_id = ? AND status <> 'trashed'", row["id"]):
            raise ApiError("confirmation_required", f"{row['name']} holds mailboxes that would stop receiving.")
    ctx.store.run("UPDATE domain SET mail_hosting = ? WHERE id = ?", hosting, row["id"])
    return detail(ctx)


def note(ctx: Ctx) -> Reply:
    """PATCH /domains/{id}/note."""
    row = find_domain(ctx, ctx.params["id"])
    if "note" not in ctx.body:
        raise invalid("note", "is required, null removes it")
    ctx.store.run("UPDATE domain SET note = ? WHERE id = ?", ctx.text("note", 120), row["id"])
    return detail(ctx)


ROUTES = (
    Endpoint("GET", "/domains", "domains:read", listing),
    Endpoint("POST", "/domains", "domains:create", create, REQUIRED),
    Endpoint("POST", "/domains:bulk-add", "domains:create", bulk_add, REQUIRED),
    Endpoint("GET", "/domains/{id:int}", "domains:read", detail),
    Endpoint("DELETE", "/domains/{id:int}", "domains:delete", delete, REQUIRED, destructive=True),
    Endpoint("PATCH", "/domains/{id:int}/catch-all", "domains:write", catch_all, OPTIONAL),
    Endpoint("PATCH", "/domains/{id:int}/mail-hosting", "domains:write", mail_hosting, OPTIONAL),
    Endpoint("PATCH", "/domains/{id:int}/note", "domains:write", note, OPTIONAL),
)
