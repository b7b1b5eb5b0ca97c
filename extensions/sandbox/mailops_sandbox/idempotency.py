# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored answers by key (contract 5).

Our choices: a key belongs to one token and one route; the concrete path is part of what must match; an answer is stored in
the transaction of the change itself, with its secrets removed; 5xx are never stored, refusals only with the switch
idempotency_stores_4xx; a second request while the first is running gets 409 idempotency_in_progress (retryable).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .errors import ApiError
from .store import Store

_NEVER = (401, 403, 409, 429)


def check_key(key: str | None, required: bool) -> str | None:
    """Return the usable key. Raises missing_idempotency_key or validation_error."""
    if key is None or not key.strip():
        if required:
            raise ApiError("missing_idempotency_key", "The header Idempotency-Key is required here.")
        return None
    if len(key) > 255:
        raise ApiError(
            "validation_error",
            "Idempotency-Key may have at most 255 characters.",
            fields={"Idempotency-Key": ["too long"]},
        )
    return key


def fingerprint(method: str, path: str, body: Any) -> str:
    """Return the digest of what a repeated request must have in common with the first."""
    text = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def lookup(store: Store, token_id: int, route: str, key: str, print_: str, since: float) -> tuple[int, str] | None:
    """Return (status, JSON text) of a stored answer younger than ``since``, or None. Raises idempotency_mismatch."""
    row = store.one("SELECT * FROM idempotency WHERE token_id = ? AND route = ? AND key = ?", token_id, route, key)
    if row is None or row["created_at"] <= since:
        return None
    if row["fingerprint"] != print_:
        raise ApiError("idempotency_mismatch", "This Idempotency-Key was used for another request.")
    return row["status"], row["body"]


def storable(status: int, stores_4xx: bool) -> bool:
    """Say whether an answer of ``status`` is kept."""
    return status < 400 or (stores_4xx and status < 500 and status not in _NEVER)


def store_answer(
    store: Store, token_id: int, route: str, key: str, print_: str, status: int, body: Any, now: int
) -> None:
    """Keep an answer (``body`` already without secrets; None is an empty body)."""
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    store.run(
        "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
        token_id,
        route,
        key,
        print_,
        status,
        text,
        now,
    )
