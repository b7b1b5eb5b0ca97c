# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Page style listings with Laravel's ``links`` and ``meta`` (contract 3), from SQL that stays fast on deep pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .context import Ctx
from .errors import invalid


def page_numbers(ctx: Ctx, default: int | None = None, maximum: int = 100) -> tuple[int, int]:
    """Return (page, per_page) of the query. Raises validation_error."""
    found = []
    for name, fallback, high in (("page", 1, 10**9), ("per_page", default or ctx.switch("default_per_page"), maximum)):
        text = ctx.query.get(name)
        if text is None:
            found.append(max(1, min(fallback, high)))
            continue
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= high:
            raise invalid(name, f"must be an integer from 1 to {high}")
        found.append(int(text))
    return found[0], found[1]


def envelope(ctx: Ctx, path: str, rows: list[Any], total: int, page: int, per_page: int) -> dict[str, Any]:
    """Return ``{data, links, meta}``."""
    last = max(1, -(-total // per_page))
    base = f"{ctx.core.origin}/api/v1{path}"
    extra = "".join(f"&{k}={v}" for k, v in ctx.query.items() if k not in ("page", "per_page") and v.isalnum())

    def link(number: int | None) -> str | None:
        return None if number is None else f"{base}?page={number}&per_page={per_page}{extra}"

    first_row = (page - 1) * per_page + 1 if rows else None
    return {
        "data": rows,
        "links": {
            "first": link(1),
            "last": link(last),
            "prev": link(page - 1 if page > 1 else None),
            "next": link(page + 1 if page < last else None),
        },
        "meta": {
            "current_page": page,
            "from": first_row,
            "last_page": last,
            "path": base,
            "per_page": per_page,
            "to": None if first_row is None else first_row + len(rows) - 1,
            "total": total,
        },
    }


def select_page(
    ctx: Ctx, table: str, where: str, args: list[Any], page: int, per_page: int, shape: Callable[[Any], dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """Return (shaped rows of the page, total) of ``table`` by id.

    The total, and the id at which the next page starts, are remembered until the next write.
    """
    store = ctx.store
    memo = (table, where, tuple(args))
    total = store.cache.get(memo)
    if total is None:
        total = store.cache[memo] = store.value(f"SELECT count(*) FROM {table} WHERE {where}", *args)  # noqa: S608
    after = store.cache.get((memo, per_page, page))
    if after is not None:
        sql = f"SELECT * FROM {table} WHERE ({where}) AND id > ? ORDER BY id LIMIT ?"  # noqa: S608
        rows = store.all(sql, *args, after, per_page)
    else:
        sql = f"SELECT * FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {where} ORDER BY id LIMIT ? OFFSET ?) ORDER BY id"  # noqa: S608
        rows = store.all(sql, *args, per_page, (page - 1) * per_page)
    if rows:
        store.cache[(memo, per_page, page + 1)] = rows[-1]["id"]
    return [shape(row) for row in rows], total
