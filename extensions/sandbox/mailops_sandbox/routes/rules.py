# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter rules and the script of a mailbox (contract 7.9): kept and shown, never carried out."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .. import plans
from ..clock import iso
from ..context import OPTIONAL, REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid, not_found
from ..objects import find_mailbox

FIELDS = ("from", "to", "subject", "body", "header", "size")
OPERATORS = ("is", "contains", "matches", "over", "under", "exists")
ACTIONS = ("fileinto", "redirect_copy", "redirect", "addflag", "discard", "reject")


def _need(ctx: Ctx, what: str) -> None:
    """Raise feature_not_available where the plan does not hold it: rules from Pro, scripts from Agency."""
    if not plans.PLANS[ctx.core.plan][what]:
        raise ApiError("feature_not_available", f"The plan {ctx.core.plan} has no {what}.")


def _rows(ctx: Ctx, name: str, high: int) -> list[dict[str, Any]]:
    rows = ctx.listing(name, 1, high)
    if not all(isinstance(row, dict) for row in rows):
        raise invalid(name, "must hold objects")
    return rows


def _word(row: dict[str, Any], place: str, name: str, words: tuple[str, ...]) -> None:
    if row.get(name) not in words:
        raise invalid(f"{place}.{name}", "must be one of " + ", ".join(words))


def _text(row: dict[str, Any], place: str, name: str, high: int) -> None:
    if row.get(name) is not None and (not isinstance(row[name], str) or len(row[name]) > high):
        raise invalid(f"{place}.{name}", f"must be a text of at most {high} characters")


def _given(ctx: Ctx) -> dict[str, Any]:
    """Return the checked fields of a rule."""
    conditions, actions = _rows(ctx, "conditions", 10), _rows(ctx, "actions", 5)
    for row in conditions:
        _word(row, "conditions", "field", FIELDS)
        _word(row, "conditions", "operator", OPERATORS)
        _text(row, "conditions", "value", 500)
        _text(row, "conditions", "header_name", 100)
    for row in actions:
        _word(row, "actions", "type", ACTIONS)
        _text(row, "actions", "value", 500)
        if row["type"].startswith("redirect") and "@" not in (row.get("value") or ""):
            raise invalid("actions.value", "must be an address")
    return {
        "name": ctx.text("name", 255),
        "match_type": ctx.choice("match_type", ("all", "any")),
        "conditions": json.dumps(conditions),
        "actions": json.dumps(actions),
        "stop": ctx.flag("stop", False),
        "enabled": ctx.flag("enabled", True),
    }


def view(row: sqlite3.Row) -> dict[str, Any]:
    """Return a rule."""
    return {
        "id": row["id"],
        "name": row["name"],
        "match_type": row["match_type"],
        "conditions": json.loads(row["conditions"]),
        "actions": json.loads(row["actions"]),
        "stop": bool(row["stop"]),
        "enabled": bool(row["enabled"]),
        "position": row["position"],
        "created_at": iso(row["created_at"]),
    }


def _box(ctx: Ctx) -> sqlite3.Row:
    box = find_mailbox(ctx, ctx.params["id"])
    _need(ctx, "rules")
    return box


def _find(ctx: Ctx) -> sqlite3.Row:
    box = _box(ctx)
    row = ctx.store.one("SELECT * FROM filter_rule WHERE id = ? AND mailbox_id = ?", ctx.params["rid"], box["id"])
    if row is None:
        raise not_found("Rule")
    return row


def listing(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/rules, in the order in which they apply."""
    rows = ctx.store.all("SELECT * FROM filter_rule WHERE mailbox_id = ? ORDER BY position, id", _box(ctx)["id"])
    return Reply(200, {"data": [view(row) for row in rows]})


def detail(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/rules/{rid}."""
    return ctx.obj(view(_find(ctx)))


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes/{id}/rules: the last to apply."""
    box, given = _box(ctx), _given(ctx)
    last = ctx.store.value("SELECT coalesce(max(position), 0) FROM filter_rule WHERE mailbox_id = ?", box["id"])
    number = ctx.store.run(
        "INSERT INTO filter_rule (mailbox_id, position, name, match_type, conditions, actions, stop, enabled, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        box["id"], last + 1, *given.values(), ctx.now,
    )  # fmt: skip
    row = ctx.store.one("SELECT * FROM filter_rule WHERE id = ?", number)
    if row is None:
        raise not_found("Rule")
    return ctx.created(view(row))


def change(ctx: Ctx) -> Reply:
    """PUT /mailboxes/{id}/rules/{rid}: the whole rule."""
    row, given = _find(ctx), _given(ctx)
    sql = "UPDATE filter_rule SET name = ?, match_type = ?, conditions = ?, actions = ?, stop = ?, enabled = ? WHERE id = ?"
    ctx.store.run(sql, *given.values(), row["id"])
    return ctx.obj(view(_find(ctx)))


def remove(ctx: Ctx) -> Reply:
    """DELETE /mailboxes/{id}/rules/{rid}."""
    ctx.store.run("DELETE FROM filter_rule WHERE id = ?", _find(ctx)["id"])
    return ctx.deleted()


def reorder(ctx: Ctx) -> Reply:
    """PATCH /mailboxes/{id}/rules/reorder: all ids of the mailbox, each once."""
    box = _box(ctx)
    order = ctx.listing("order", 1, 1000)
    known = {row["id"] for row in ctx.store.all("SELECT id FROM filter_rule WHERE mailbox_id = ?", box["id"])}
    if len(order) != len(known) or not all(one in known for one in order):
        raise invalid("order", "must hold each rule of the mailbox once")
    places = list(enumerate(order, 1))
    ctx.store.many("UPDATE filter_rule SET position = ? WHERE id = ?", places)
    return listing(ctx)


def script(ctx: Ctx) -> Reply:
    """GET /mailboxes/{id}/sieve."""
    box = find_mailbox(ctx, ctx.params["id"])
    _need(ctx, "scripts")
    text = ctx.store.value("SELECT script FROM sieve_script WHERE mailbox_id = ?", box["id"])
    return ctx.obj({"mailbox_id": box["id"], "script": text})


def set_script(ctx: Ctx) -> Reply:
    """PUT /mailboxes/{id}/sieve: takes the place of the rules (our choice: these are removed)."""
    box = find_mailbox(ctx, ctx.params["id"])
    _need(ctx, "scripts")
    text = ctx.body.get("script")
    if not isinstance(text, str) or len(text) > 10000:
        raise invalid("script", "must be a text of at most 10000 characters")
    ctx.store.run("DELETE FROM sieve_script WHERE mailbox_id = ?", box["id"])
    if text:
        ctx.store.run("INSERT INTO sieve_script VALUES (?, ?)", box["id"], text)
        ctx.store.run("DELETE FROM filter_rule WHERE mailbox_id = ?", box["id"])
    return script(ctx)


_READ, _WRITE, _BASE = "mailboxes:rules:read", "mailboxes:rules:write", "/mailboxes/{id:int}/rules"
ROUTES = (
    Endpoint("GET", _BASE, _READ, listing),
    Endpoint("POST", _BASE, _WRITE, create, REQUIRED),
    Endpoint("PATCH", _BASE + "/reorder", _WRITE, reorder, OPTIONAL),
    Endpoint("GET", _BASE + "/{rid:int}", _READ, detail),
    Endpoint("PUT", _BASE + "/{rid:int}", _WRITE, change, REQUIRED),
    Endpoint("DELETE", _BASE + "/{rid:int}", _WRITE, remove, REQUIRED),
    Endpoint("GET", "/mailboxes/{id:int}/sieve", _READ, script),
    Endpoint("PUT", "/mailboxes/{id:int}/sieve", _WRITE, set_script, REQUIRED),
)
