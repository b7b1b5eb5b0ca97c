# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS requirements, rechecks, DKIM (contract 7.2, product 2). The row shape and all result words are our choice."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from typing import Any

from .. import verifying
from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..core import Core
from ..errors import ApiError, not_found
from ..objects import find_domain

# ASN.1 around an RSA-2048 modulus and the exponent 65537 (RFC 8017 A.1.1, RFC 5280 4.1)
_SPKI = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_EXPONENT = bytes.fromhex("0203010001")


def dkim_value(core: Core, domain: sqlite3.Row) -> str:
    """Return the DKIM record of a domain.

    The key has the form of an RSA-2048 public key, differs per data folder, domain and generation, and has no private
    half: the sandbox signs nothing, so nothing could be signed with it either.
    """
    seed = f"{core.token}:{domain['name']}:{domain['dkim_generation']}".encode()
    number = bytearray(hashlib.shake_256(seed).digest(256))
    number[0] |= 0x80
    number[-1] |= 0x01
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(_SPKI + bytes(number) + _EXPONENT).decode()


def records(core: Core, domain: sqlite3.Row) -> list[dict[str, Any]]:
    """Return the DNS rows of a domain; ``status`` is what the provider last saw."""
    name, hosted = domain["name"], domain["mail_hosting"] == "trekmail"
    seen = json.loads(domain["dns"])
    default = "ok" if domain["verified_at"] is not None and domain["status"] == "active" else "missing"
    rows = (
        ("mx", "MX", "@", name, "mail.trekmail.net", hosted),
        ("spf", "TXT", "@", name, "v=spf1 include:spf.trekmail.net -all", True),
        ("dkim", "TXT", "dkim._domainkey", f"dkim._domainkey.{name}", dkim_value(core, domain), True),
        ("dmarc", "TXT", "_dmarc", f"_dmarc.{name}", "v=DMARC1; p=quarantine; rua=mailto:dmarc@trekmail.net", True),
        ("tls_rpt", "TXT", "_smtp._tls", f"_smtp._tls.{name}", "v=TLSRPTv1; rua=mailto:tlsrpt@trekmail.net", False),
        ("mta_sts", "TXT", "_mta-sts", f"_mta-sts.{name}", f"v=STSv1; id={domain['id']:08d}", False),
    )
    found = []
    for key, kind, host, full, value, required in rows:
        row: dict[str, Any] = {"id": key, "type": kind, "host": host, "name": full, "value": value}
        if kind == "MX":
            row["priority"] = 10
        found.append({**row, "required": required, "status": seen.get(key, default)})
    if core.switches["domain_verifies"] == "dns":
        there = verifying.found(core, found)
        for row in found:
            row["status"] = there.get(row["id"], row["status"])
    return found


def requirements(ctx: Ctx) -> Reply:
    """GET /domains/{id}/dns-requirements."""
    rows = records(ctx.core, find_domain(ctx, ctx.params["id"]))
    return Reply(200, {ctx.switch("dns_records_key"): rows})  # our choice: switch dns_records_key


def recheck(ctx: Ctx) -> Reply:
    """POST /domains/{id}/dns-recheck: starts a check."""
    domain = find_domain(ctx, ctx.params["id"])
    cooldown, last = ctx.switch("dns_recheck_cooldown_seconds"), domain["last_recheck_at"]
    if cooldown and last is not None and ctx.now - last < cooldown:
        raise ApiError("rate_limited", "This domain was checked a moment ago.", retry_after=cooldown - (ctx.now - last))
    check_id = ctx.store.run("INSERT INTO dns_check (domain_id, started_at) VALUES (?, ?)", domain["id"], ctx.now)
    ctx.store.run("UPDATE domain SET last_recheck_at = ? WHERE id = ?", ctx.now, domain["id"])
    shown = ctx.switch("dns_check_id_field")  # our choice: switch dns_check_id_field
    ids = {name: check_id for name in ("id", "check_id") if shown in ("both", name)}
    return ctx.obj({**ids, "status": "pending"}, 202)


def check(ctx: Ctx) -> Reply:
    """GET /dns-checks/{id}; the poll that finds it complete carries the result (switches dns_check_*, domain_verifies)."""
    row = ctx.store.one("SELECT * FROM dns_check WHERE id = ?", ctx.params["id"])
    if row is None:
        raise not_found("DNS check")
    domain = find_domain(ctx, row["domain_id"])
    body: dict[str, Any] = {"id": row["id"], "domain_id": domain["id"], "started_at": iso(row["started_at"])}
    if ctx.switch("dns_check_stays_pending") or ctx.now - row["started_at"] < ctx.switch("dns_check_seconds"):
        return ctx.obj({**body, "status": "pending", "results": {}})
    if not row["done"]:
        ctx.store.run("UPDATE dns_check SET done = 1 WHERE id = ?", row["id"])
        if ctx.switch("domain_verifies") == "on_recheck" and domain["status"] == "pending_dns":
            sql = "UPDATE domain SET status = 'active', verified_at = ? WHERE id = ?"
            ctx.store.run(sql, ctx.now, domain["id"])
            ctx.store.cache.clear()
        verifying.look_at_all(ctx.core)
        domain = find_domain(ctx, row["domain_id"])
    rows = records(ctx.core, domain)
    results = {r["id"]: {"status": r["status"], "required": r["required"]} for r in rows}
    return ctx.obj({**body, "status": "complete", "domain_status": domain["status"], "results": results})


def retry_dkim(ctx: Ctx) -> Reply:
    """POST /domains/{id}/dkim:retry: a new key; DNS must follow."""
    domain = find_domain(ctx, ctx.params["id"])
    ctx.store.run("UPDATE domain SET dkim_generation = dkim_generation + 1 WHERE id = ?", domain["id"])
    domain = find_domain(ctx, domain["id"])
    value = dkim_value(ctx.core, domain)
    return ctx.obj(
        {"status": "provisioned", "selector": "dkim", "generation": domain["dkim_generation"], "value": value}
    )


ROUTES = (
    Endpoint("GET", "/domains/{id:int}/dns-requirements", "domains:dns:read", requirements),
    Endpoint("POST", "/domains/{id:int}/dns-recheck", "domains:dns:recheck", recheck, REQUIRED),
    Endpoint("GET", "/dns-checks/{id:int}", "domains:dns:read", check),
    Endpoint("POST", "/domains/{id:int}/dkim:retry", "domains:write", retry_dkim, REQUIRED),
)
