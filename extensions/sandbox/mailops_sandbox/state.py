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


def dump(core: Core) -> dict[str, Any]:
    """Return everything the sandbox knows; secrets only as digests."""
    store = core.store
    credentials = []
    mailboxes = []
    for row in store.all("SELECT * FROM mailbox ORDER BY id"):
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
    sql = "SELECT p.*, m.email FROM app_password p JOIN mailbox m ON m.id = p.mailbox_id ORDER BY p.id"
    for row in store.all(sql):
        credentials.append(
            {"mailbox_id": row["mailbox_id"], "address": row["email"], "kind": "app_password", "id": row["id"], "digest": row["password"],
             "set_by": "provider", "set_at": iso(row["created_at"]), "revoked_at": iso(row["revoked_at"])}
        )  # fmt: skip
    for row in store.all(
        "SELECT t.*, m.email FROM token t LEFT JOIN mailbox m ON m.id = t.mailbox_id WHERE t.kind = 'message' ORDER BY t.id"
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
    for row in store.all("SELECT * FROM forwarding_address ORDER BY id"):
        forwards.append(
            {
                "address": row["email"],
                "forwarding_address_id": row["id"],
                "targets": json.loads(row["recipients"]),
                "is_active": bool(row["is_active"]),
            }
        )
    domains = store.all("SELECT * FROM domain ORDER BY id")
    return {
        "now": iso(core.clock.now()),
        "plan": core.plan,
        "domains": [_times(row, lists=("dns",)) for row in domains],
        "mailboxes": mailboxes,
        "invites": [_times(row) for row in store.all("SELECT * FROM invite ORDER BY id")],
        "aliases": [_times(row) for row in store.all("SELECT * FROM alias ORDER BY id")],
        "forwards": forwards,
        "catch_alls": [
            {"domain": r["name"], "destination": r["catch_all_destination"]} for r in domains if r["catch_all_enabled"]
        ],
        "members": [_times(row) for row in store.all("SELECT * FROM member ORDER BY id")],
        "delete_intents": [_times(row) for row in store.all("SELECT * FROM delete_intent ORDER BY id")],
        "retired_addresses": [row[0] for row in store.all("SELECT email FROM retired_address ORDER BY email")],
        "credentials": credentials,
        "switches": core.switches,
    }
