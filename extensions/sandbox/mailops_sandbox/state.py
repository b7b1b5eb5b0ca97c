# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The truth for tests: counters and the whole state as JSON."""

from __future__ import annotations

import json
from typing import Any

from .clock import iso
from .core import Core


def writes(core: Core) -> dict[str, Any]:
    """Return the counters.

    ``writes``: requests other than GET whose change committed with a 2xx answer (replays and refusals are not among them).
    ``requests``: every request that reached the API, by method and route. ``by_route``: writes by route.
    """
    found: dict[str, Any] = {
        "writes": 0,
        "replayed": 0,
        "refused_in_cooldown": 0,
        "cut_before_commit": 0,
        "requests": {},
        "by_route": {},
        "statuses": {},
    }
    groups = {"request": "requests", "write": "by_route", "status": "statuses"}
    for name, n in core.store.all("SELECT name, n FROM counter ORDER BY name"):
        group, _space, rest = name.partition(" ")
        if rest:
            found[groups[group]][rest] = n
        else:
            found[name] = n
    return found


def reset(core: Core) -> dict[str, Any]:
    """Set all counters to zero."""
    core.store.run("DELETE FROM counter")
    return writes(core)


def history(core: Core, token: str | None) -> dict[str, Any]:
    """Return every change that committed, each once whatever was answered: what a client's own record is held against.

    ``rows`` are the objects of a bulk answer, which says by row what was done.
    """
    sql = (
        "SELECT h.*, i.body FROM history h LEFT JOIN idempotency i USING (token_id, route, key)"
        " WHERE ?1 IS NULL OR h.token_id = ?1 ORDER BY h.id"
    )
    data = []
    for row in core.store.all(sql, None if token is None else int(token)):
        method, _space, _route = row["route"].partition(" ")
        kept = json.loads(row["body"]) if row["body"] else {}
        rows = kept.get("results") if isinstance(kept, dict) else None
        data.append(
            {"id": row["id"], "token_id": row["token_id"], "method": method, "route": row["route"], "path": row["path"],
             "key": row["key"], "status": row["status"], "at": iso(row["at"]), "rows": rows or []}
        )  # fmt: skip
    return {"data": data, "total": len(data)}


def _times(row: Any, drop: tuple[str, ...] = (), lists: tuple[str, ...] = ()) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key in row.keys():
        if key in drop:
            continue
        value = row[key]
        if key.endswith("_at"):
            value = iso(value)
        elif key in lists:
            value = json.loads(value)
        out[key] = value
    return out


_INSIDE = {
    table: f"SELECT * FROM {table} WHERE ?1 IS NULL"  # noqa: S608 - names of ours
    " OR mailbox_id IN (SELECT id FROM mailbox WHERE domain_id = ?1) ORDER BY id"
    for table in ("member", "delete_intent", "drive_device", "filter_rule")
}


def dump(core: Core, domain: str | None = None) -> dict[str, Any]:
    """Return everything the sandbox knows, or only of one domain and what is in it; secrets only as digests."""
    store = core.store
    # an unknown domain has nothing in it
    only = None if domain is None else int(store.value("SELECT id FROM domain WHERE name = ?", domain.lower()) or 0)
    credentials = []
    mailboxes = []
    for row in store.all("SELECT * FROM mailbox WHERE (?1 IS NULL OR domain_id = ?1) ORDER BY id", only):
        mailboxes.append(_times(row, ("password", "recovery", "password_set_by", "password_set_at"), ("fwd_targets",)))
        who = {"mailbox_id": row["id"], "address": row["email"]}
        if row["password"]:
            credentials.append(
                {
                    **who,
                    "kind": "password",
                    "digest": row["password"],
                    "set_by": row["password_set_by"],
                    "set_at": iso(row["password_set_at"]),
                }
            )
        if row["recovery"]:
            credentials.append(
                {
                    **who,
                    "kind": "recovery_code",
                    "digest": row["recovery"],
                    "set_by": "provider",
                    "set_at": iso(row["created_at"]),
                }
            )
    sql = "SELECT p.*, m.email FROM app_password p JOIN mailbox m ON m.id = p.mailbox_id WHERE (?1 IS NULL OR domain_id = ?1) ORDER BY p.id"
    for row in store.all(sql, only):
        credentials.append(
            {"mailbox_id": row["mailbox_id"], "address": row["email"], "kind": "app_password", "id": row["id"], "digest": row["password"],
             "set_by": "provider", "set_at": iso(row["created_at"]), "revoked_at": iso(row["revoked_at"])}
        )  # fmt: skip
    for row in store.all(
        "SELECT t.*, m.email FROM token t LEFT JOIN mailbox m ON m.id = t.mailbox_id WHERE t.kind = 'message' AND (?1 IS NULL OR domain_id = ?1)"
        " ORDER BY t.id",
        only,
    ):
        credentials.append(
            {"mailbox_id": row["mailbox_id"], "address": row["email"], "kind": "message_token", "id": row["id"], "digest": row["digest"],
             "set_by": "provider", "set_at": iso(row["created_at"]), "revoked_at": iso(row["revoked_at"])}
        )  # fmt: skip
    forwards = [
        {
            "address": m["email"],
            "mailbox_id": m["id"],
            "targets": m["fwd_targets"],
            "keep_copy": bool(m["fwd_keep_copy"]),
        }
        for m in mailboxes
        if m["fwd_enabled"]
    ]
    for row in store.all("SELECT * FROM forwarding_address WHERE (?1 IS NULL OR domain_id = ?1) ORDER BY id", only):
        forwards.append(
            {
                "address": row["email"],
                "forwarding_address_id": row["id"],
                "targets": json.loads(row["recipients"]),
                "is_active": bool(row["is_active"]),
            }
        )
    domains = store.all("SELECT * FROM domain WHERE ?1 IS NULL OR id = ?1 ORDER BY id", only)
    return {
        "now": iso(core.clock.now()),
        "plan": core.plan,
        "domains": [_times(row, lists=("dns",)) for row in domains],
        "mailboxes": mailboxes,
        "invites": [
            _times(row)
            for row in store.all("SELECT * FROM invite WHERE (?1 IS NULL OR domain_id = ?1) ORDER BY id", only)
        ],
        "aliases": [
            _times(row)
            for row in store.all("SELECT * FROM alias WHERE (?1 IS NULL OR domain_id = ?1) ORDER BY id", only)
        ],
        "forwards": forwards,
        "catch_alls": [
            {"domain": r["name"], "destination": r["catch_all_destination"]} for r in domains if r["catch_all_enabled"]
        ],
        "members": [_times(row) for row in store.all(_INSIDE["member"], only)],
        "devices": [_times(row, ("password",)) for row in store.all(_INSIDE["drive_device"], only)],
        "rules": [_times(row, (), ("conditions", "actions")) for row in store.all(_INSIDE["filter_rule"], only)],
        "delete_intents": [_times(row) for row in store.all(_INSIDE["delete_intent"], only)],
        "retired_addresses": [row[0] for row in store.all("SELECT email FROM retired_address ORDER BY email")],
        "credentials": credentials,
        "switches": core.switches,
    }
