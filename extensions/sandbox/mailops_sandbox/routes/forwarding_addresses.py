# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forwarding addresses without a mailbox, with their log (contract 7.8)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .. import names, plans
from ..clock import iso
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid, not_found
from ..objects import find_domain, need_free
from .forwarding import check_targets


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a forwarding address."""
    return {
        "id": row["id"],
        "email": row["email"],
        "local_part": row["local_part"],
        "recipients": json.loads(row["recipients"]),
        "is_active": bool(row["is_active"]),
        "created_at": iso(row["created_at"]),
    }


def listing(ctx: Ctx) -> Reply:
    """GET /domains/{id}/forwarding-addresses."""
    domain = find_domain(ctx, ctx.params["id"])
    rows = ctx.store.all("SELECT * FROM forwarding_address WHERE domain_id = ? ORDER BY id", domain["id"])
    cap = plans.PLANS[ctx.core.plan]["fwd_addresses"]
    limits = {"max": cap or plans.PLANS["pro"]["fwd_addresses"], "used": len(rows)}
    delivery = {"active": cap > 0, "requires_plan": "pro"}
    return Reply(200, {"data": [view(row) for row in rows], "limits": limits, "delivery": delivery})


def _recipients(ctx: Ctx, email: str) -> list[str]:
    wanted = ctx.listing("recipients", 1, 1000)
    cap = plans.PLANS["agency"]["fwd_targets"]
    if len(wanted) > cap:
        raise ApiError(
            "limit_exceeded", f"At most {cap} recipients are allowed, not {len(wanted)}.", extras={"limit": cap}
        )
    return check_targets(wanted, "recipients", email)


def create(ctx: Ctx) -> Reply:
    """POST /domains/{id}/forwarding-addresses; always inside ``data``."""
    domain = find_domain(ctx, ctx.params["id"])
    local = ctx.body.get("local_part")
    problem = names.local_part_problem(local, alias=True)
    if problem:
        raise invalid("local_part", problem)
    if domain["mail_hosting"] != "trekmail":
        raise ApiError("domain_hosts_no_mailboxes", f"{domain['name']} is a send-only domain.")
    email = f"{local}@{domain['name']}"
    recipients = _recipients(ctx, email)
    active = ctx.flag("is_active", True)
    need_free(ctx, email)
    cap = plans.PLANS[ctx.core.plan]["fwd_addresses"] or plans.PLANS["pro"]["fwd_addresses"]
    if ctx.store.value("SELECT count(*) FROM forwarding_address WHERE domain_id = ?", domain["id"]) >= cap:
        raise ApiError("plan_limit_reached", f"A domain may have {cap} forwarding addresses.", extras={"limit": cap})
    sql = "INSERT INTO forwarding_address (domain_id, local_part, email, recipients, is_active, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    number = ctx.store.run(sql, domain["id"], local, email, json.dumps(recipients), active, ctx.now)
    return Reply(ctx.switch("create_status"), {"data": view(_find(ctx, domain["id"], number))})


def _find(ctx: Ctx, domain_id: int, number: int) -> sqlite3.Row:
    row = ctx.store.one("SELECT * FROM forwarding_address WHERE id = ? AND domain_id = ?", number, domain_id)
    if row is None:
        raise not_found("Forwarding address")
    return row


def change(ctx: Ctx) -> Reply:
    """PATCH /domains/{id}/forwarding-addresses/{fid}."""
    domain = find_domain(ctx, ctx.params["id"])
    row = _find(ctx, domain["id"], ctx.params["fid"])
    recipients = _recipients(ctx, row["email"]) if "recipients" in ctx.body else json.loads(row["recipients"])
    active = ctx.flag("is_active", bool(row["is_active"]))
    sql = "UPDATE forwarding_address SET recipients = ?, is_active = ? WHERE id = ?"
    ctx.store.run(sql, json.dumps(recipients), active, row["id"])
    return Reply(200, {"data": view(_find(ctx, domain["id"], row["id"]))})


def delete(ctx: Ctx) -> Reply:
    """DELETE /domains/{id}/forwarding-addresses/{fid} -> {deleted: true} (the contract names this body)."""
    domain = find_domain(ctx, ctx.params["id"])
    ctx.store.run("DELETE FROM forwarding_address WHERE id = ?", _find(ctx, domain["id"], ctx.params["fid"])["id"])
    return Reply(200, {"deleted": True})


def log(ctx: Ctx) -> Reply:
    """GET /domains/{id}/forwarding-addresses/{fid}/log; the sandbox moves no mail, so it is empty."""
    domain = find_domain(ctx, ctx.params["id"])
    row = _find(ctx, domain["id"], ctx.params["fid"])
    limit = ctx.query.get("limit", "100")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= 200:
        raise invalid("limit", "must be an integer from 1 to 200")
    sql = "SELECT * FROM forwarding_log WHERE forwarding_id = ? ORDER BY id DESC LIMIT ?"
    rows = [
        {"at": iso(r["at"]), "sender": r["sender"], "outcome": r["outcome"]}
        for r in ctx.store.all(sql, row["id"], int(limit))
    ]
    return Reply(200, {"data": rows, "window": {"retention_days": plans.PLANS[ctx.core.plan]["log_days"]}})


_BASE = "/domains/{id:int}/forwarding-addresses"
ROUTES = (
    Endpoint("GET", _BASE, "domains:read", listing),
    Endpoint("POST", _BASE, "domains:write", create, REQUIRED),
    Endpoint("PATCH", _BASE + "/{fid:int}", "domains:write", change, OPTIONAL),
    Endpoint("DELETE", _BASE + "/{fid:int}", "domains:write", delete, REQUIRED),
    Endpoint("GET", _BASE + "/{fid:int}/log", "domains:read", log),
)
