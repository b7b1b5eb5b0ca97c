# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, seeding and the truth about a domain's DNS, for tests and the demo."""

from __future__ import annotations

import json
import secrets
from typing import Any

from . import names, plans
from .auth import KINDS, mint
from .clock import iso, parse_iso
from .core import Core


class Missing(Exception):
    """The named object does not exist."""


def list_tokens(core: Core, *_unused: Any) -> tuple[int, Any]:
    """GET /_sandbox/tokens."""
    rows = core.store.all("SELECT * FROM token ORDER BY id")
    return 200, {
        "data": [
            {"id": r["id"], "kind": r["kind"], "name": r["name"], "prefix": r["prefix"], "scopes": json.loads(r["scopes"]),
             "domains": json.loads(r["domains"] or "null"), "mailboxes": json.loads(r["mailboxes"] or "null"),
             "expires_at": iso(r["expires_at"]), "revoked_at": iso(r["revoked_at"])}
            for r in rows
        ]
    }  # fmt: skip


def mint_token(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/tokens; domains are names or ids. Raises ValueError for an unknown kind or scope."""
    kind = body.get("kind", "ops")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    known = plans.MESSAGE_SCOPES if kind == "message" else plans.SCOPES
    scopes = list(body.get("scopes", known))
    if set(scopes) - set(known):
        raise ValueError(f"unknown scopes: {', '.join(sorted(set(scopes) - set(known)))}")
    domains = body.get("domains")
    if domains is not None:
        domains = [_domain_name(core, value) for value in domains]
    expires = body.get("expires_at")
    secret = ("tm_msg_" if kind == "message" else "tm_live_") + secrets.token_hex(20)
    token_id = mint(
        core.store, secret, now=int(core.clock.now()), kind=kind, name=str(body.get("name", "sandbox token")), scopes=scopes,
        domains=domains, mailboxes=body.get("mailboxes"), permissions=body.get("permissions"), mailbox_id=body.get("mailbox_id"),
        expires_at=None if expires is None else int(parse_iso(expires)),
    )  # fmt: skip
    return 201, {"id": token_id, "token": secret, "kind": kind, "scopes": scopes, "domains": domains}


def _domain_name(core: Core, value: Any) -> str:
    if isinstance(value, str):
        return value.lower()
    name = core.store.value("SELECT name FROM domain WHERE id = ?", value)
    if name is None:
        raise Missing(f"no domain has the id {value}")
    return name


def revoke_token(core: Core, params: dict[str, Any], *_unused: Any) -> tuple[int, Any]:
    """DELETE /_sandbox/tokens/{id}."""
    core.store.run(
        "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", int(core.clock.now()), params["id"]
    )
    return 200, {"id": params["id"], "revoked": True}


def seed(core: Core, _params: Any, _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/seed: many domains and mailboxes in one step; seeded mailboxes have no password."""
    store, now = core.store, int(core.clock.now())
    wanted = list(body.get("domains", []))
    per_domain = int(body.get("mailboxes_per_domain", 0))
    active = bool(body.get("active", True))
    prefix = str(body.get("prefix", "user"))
    for name in [*wanted, *body.get("foreign", [])]:
        problem = names.domain_problem(name)
        if problem:
            raise ValueError(f"{name!r} {problem}")
    store.many("INSERT OR IGNORE INTO foreign_domain VALUES (?)", [(name,) for name in body.get("foreign", [])])
    status = ("active", now) if active else ("pending_dns", None)
    store.many(
        "INSERT OR IGNORE INTO domain (name, status, mail_hosting, created_at, verified_at) VALUES (?, ?, 'trekmail', ?, ?)",
        [(name, status[0], now, status[1]) for name in wanted],
    )
    ids = {row["name"]: row["id"] for row in store.within("SELECT id, name FROM domain WHERE name IN (?*)", wanted)}
    locals_ = [f"{prefix}{number:05d}" for number in range(1, per_domain + 1)]
    store.many(
        "INSERT OR IGNORE INTO mailbox (domain_id, local_part, email, created_via, created_at) VALUES (?, ?, ?, 'seed', ?)",
        ((ids[name], local, f"{local}@{name}", now) for name in wanted for local in locals_),
    )
    return 200, {"domains": ids, "mailboxes": per_domain * len(wanted)}


def verify_domain(core: Core, params: dict[str, Any], _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/domains/{name}:verify: the domain's DNS is right.

    ``status`` (active, pending_dns, suspended) and ``records`` ({mx: missing, ...}) set another truth.
    """
    name = params["name"].lower()
    status = body.get("status", "active")
    if status not in ("active", "pending_dns", "suspended"):
        raise ValueError("status must be active, pending_dns or suspended")
    row = core.store.one("SELECT * FROM domain WHERE name = ?", name)
    if row is None:
        raise Missing(f"no domain is named {name}")
    verified = int(core.clock.now()) if status == "active" else row["verified_at"]
    sql = "UPDATE domain SET status = ?, verified_at = ?, dns = ? WHERE id = ?"
    core.store.run(sql, status, verified, json.dumps(body.get("records", {})), row["id"])
    return 200, {"id": row["id"], "name": name, "status": status}
