# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloudflare accounts that are connected (contract 7.2). The zones of `--dns` are what such an account holds.

All answers, the ids of records but for two, and what is a conflict are our choice.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..credentials import digest
from ..errors import ApiError, invalid, not_found
from ..objects import find_domain
from . import dns
from .domains import add

# Row of dns-requirements -> id of the record here; the contract names the first two.
IDS = {"mx": "mx_primary", "spf": "spf_record", "dkim": "dkim_record", "dmarc": "dmarc_record"}
TTL = 300
_MOST = 50


def _zones(ctx: Ctx) -> Any:
    if ctx.core.names is None:
        raise ApiError("feature_not_available", "This sandbox was started without --dns, so Cloudflare has no zones.")
    return ctx.core.names.zones


def _token_of(ctx: Ctx) -> str:
    """Any text but ``wrong`` is a good token of Cloudflare."""
    token = ctx.text("api_token", 255, required=True) or ""
    if token == "wrong":  # noqa: S105 - no secret
        raise invalid("api_token", "is not accepted by Cloudflare")
    return token


def validate(ctx: Ctx) -> Reply:
    """POST /cloudflare/validate-token."""
    _token_of(ctx)
    return Reply(200, {"valid": True}, wrote=False)


def zones(ctx: Ctx) -> Reply:
    """POST /cloudflare/zones."""
    _token_of(ctx)
    rows = [{"zone_id": digest(name)[:32], "zone_name": name} for name in _zones(ctx).names()]
    return Reply(200, {"data": rows}, wrote=False)


def connect(ctx: Ctx) -> Reply:
    """POST /cloudflare/connect: creates missing domains."""
    token, known = _token_of(ctx), _zones(ctx).names()
    number = ctx.store.run(
        "INSERT INTO cloudflare_token (prefix, digest, created_at) VALUES (?, ?, ?)", token[:4], digest(token), ctx.now
    )
    results = []
    for row in ctx.listing("selected", 1, _MOST):
        zone = row.get("zone_name") if isinstance(row, dict) else None
        if not isinstance(zone, str) or zone not in known:
            raise invalid("selected", "names a zone that the Cloudflare account does not hold")
        found = ctx.store.one("SELECT id FROM domain WHERE name = ?", zone)
        domain_id = row.get("trekmail_domain_id") or (found["id"] if found else add(ctx, zone, "trekmail"))
        find_domain(ctx, domain_id)
        ctx.store.run("INSERT OR REPLACE INTO cloudflare_zone VALUES (?, ?, ?)", domain_id, number, zone)
        results.append({"zone_name": zone, "domain_id": domain_id, "status": "connected"})
    ctx.store.cache.clear()
    return Reply(200, {"token_id": number, "results": results})


def _chosen(ctx: Ctx, field: str, domain_id: int) -> set[str] | None:
    """Return the record ids that a request names for a domain, None when it has no such field."""
    if ctx.body.get(field) is None:
        return None
    by_domain = ctx.body[field]
    rows = by_domain.get(str(domain_id), []) if isinstance(by_domain, dict) else None
    if not isinstance(rows, list) or not all(isinstance(one, str) for one in rows):
        raise invalid(field, "must be lists of record ids by domain id")
    return set(rows)


def _values(ctx: Ctx, row: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the value that the provider wants, and those that stand against it or are it already."""
    there = _zones(ctx).at(_zones(ctx).zone_of(row["name"]), row["name"]).get(row["type"], (0, []))[1]
    if row["type"] == "MX":
        return f"{row['priority']} {row['value']}.", there
    version = row["value"].partition(";")[0].split()[0].lower()
    texts = [value for value in there if value.replace('" "', "").strip('"').lower().startswith(version)]
    parts = [row["value"][start : start + 255] for start in range(0, len(row["value"]), 255)]
    return " ".join(f'"{part}"' for part in parts), texts


def _records(ctx: Ctx, domain: sqlite3.Row) -> list[dict[str, Any]]:
    found = []
    for row in dns.records(ctx.core, domain):
        if row["id"] not in IDS or not row["required"]:
            continue
        wanted, there = _values(ctx, row)
        action = "none" if there == [wanted] else "conflict" if there else "create"
        found.append(
            {"id": IDS[row["id"]], "type": row["type"], "name": row["name"], "content": wanted, "ttl": TTL, "existing": there,
             "action": action}
        )  # fmt: skip
    return found


def _domains(ctx: Ctx) -> list[tuple[sqlite3.Row, str]]:
    found = []
    for number in ctx.listing("domain_ids", 1, _MOST):
        domain = find_domain(ctx, number)
        zone = ctx.store.value("SELECT zone FROM cloudflare_zone WHERE domain_id = ?", number)
        if zone is None or zone not in _zones(ctx).names():
            raise ApiError("cloudflare_not_connected", f"{domain['name']} is not connected to a Cloudflare account.")
        found.append((domain, zone))
    return found


def preview(ctx: Ctx) -> Reply:
    """POST /cloudflare/preview."""
    rows = []
    for domain, zone in _domains(ctx):
        included = _chosen(ctx, "included_records", domain["id"])
        records = [row for row in _records(ctx, domain) if included is None or row["id"] in included]
        rows.append({"domain_id": domain["id"], "domain": domain["name"], "zone_name": zone, "records": records})
    return Reply(200, {"data": rows}, wrote=False)


def apply(ctx: Ctx) -> Reply:
    """POST /cloudflare/apply: what stands against a record goes only when its conflict is confirmed."""
    results = []
    for domain, zone in _domains(ctx):
        included = _chosen(ctx, "included_records", domain["id"])
        confirmed = _chosen(ctx, "confirmed_conflicts", domain["id"]) or set()
        rows = []
        for row in _records(ctx, domain):
            if row["action"] == "none" or (included is not None and row["id"] not in included):
                continue
            if row["action"] == "conflict" and row["id"] not in confirmed:
                rows.append({"id": row["id"], "status": "skipped", "reason": "conflict"})
                continue
            ttl, values = _zones(ctx).at(zone, row["name"]).get(row["type"], (TTL, []))
            kept = [value for value in values if value not in row["existing"]]
            _zones(ctx).put(zone, row["name"], row["type"], ttl, [*kept, row["content"]])
            rows.append({"id": row["id"], "status": "applied"})
        _zones(ctx).bump(zone)
        results.append({"domain_id": domain["id"], "domain": domain["name"], "records": rows})
    ctx.core.names.changed()  # type: ignore[union-attr]
    return Reply(200, {"results": results})


def tokens(ctx: Ctx) -> Reply:
    """GET /cloudflare/tokens."""
    rows = ctx.store.all("SELECT id, prefix FROM cloudflare_token ORDER BY id")
    return Reply(200, {"data": [dict(row) for row in rows]})


def forget(ctx: Ctx) -> Reply:
    """DELETE /cloudflare/tokens/{id}."""
    number = ctx.params["id"]
    if ctx.store.one("SELECT id FROM cloudflare_token WHERE id = ?", number) is None:
        raise not_found("Cloudflare token")
    ctx.store.run("DELETE FROM cloudflare_zone WHERE token_id = ?", number)
    ctx.store.run("DELETE FROM cloudflare_token WHERE id = ?", number)
    return ctx.deleted()


ROUTES = (
    Endpoint("POST", "/cloudflare/validate-token", "cloudflare:read", validate, OPTIONAL),
    Endpoint("POST", "/cloudflare/zones", "cloudflare:read", zones, OPTIONAL),
    Endpoint("POST", "/cloudflare/connect", "cloudflare:write", connect, REQUIRED),
    Endpoint("POST", "/cloudflare/preview", "cloudflare:read", preview, OPTIONAL),
    Endpoint("POST", "/cloudflare/apply", "cloudflare:write", apply, REQUIRED),
    Endpoint("GET", "/cloudflare/tokens", "cloudflare:read", tokens),
    Endpoint("DELETE", "/cloudflare/tokens/{id:int}", "cloudflare:delete", forget, REQUIRED),
)
