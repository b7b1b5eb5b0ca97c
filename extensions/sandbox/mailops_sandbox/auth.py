# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bearer tokens: kinds, scopes, expiry, constraints, plan gates (contract 2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import plans
from .credentials import digest
from .errors import ApiError
from .store import Store

KINDS = ("ops", "member", "message")


@dataclass(frozen=True)
class Token:
    """``domains`` (names) and ``mailboxes`` (ids) are None when the token is not constrained."""

    id: int
    kind: str
    name: str
    scopes: frozenset[str]
    domains: frozenset[str] | None
    mailboxes: frozenset[int] | None
    permissions: frozenset[str] | None
    mailbox_id: int | None
    created_at: int
    expires_at: int | None

    @property
    def constrained(self) -> bool:
        """Say whether the token sees less than the account."""
        return self.domains is not None or self.mailboxes is not None


def mint(
    store: Store,
    secret: str,
    *,
    now: int,
    kind: str,
    name: str,
    scopes: list[str],
    domains: list[str] | None = None,
    mailboxes: list[int] | None = None,
    permissions: list[str] | None = None,
    mailbox_id: int | None = None,
    expires_at: int | None = None,
) -> int:
    """Keep a token (digest only) and return its id."""
    return store.run(
        "INSERT INTO token (kind, name, prefix, digest, scopes, domains, mailboxes, permissions, mailbox_id, created_at,"
        " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        kind, name, secret[:12], digest(secret), json.dumps(scopes), *(None if v is None else json.dumps(v) for v in (domains, mailboxes, permissions)),
        mailbox_id, now, expires_at,
    )  # fmt: skip


def _names(text: str | None) -> frozenset[Any] | None:
    return None if text is None else frozenset(json.loads(text))


def authenticate(store: Store, header: str | None, now: float) -> Token:
    """Return the token of an Authorization header. Raises ApiError unauthenticated."""
    scheme, _space, secret = (header or "").partition(" ")
    row = None
    if scheme.lower() == "bearer" and secret:
        row = store.one("SELECT * FROM token WHERE digest = ?", digest(secret.strip()))
    if row is None or row["revoked_at"] is not None or (row["expires_at"] is not None and row["expires_at"] <= now):
        raise ApiError("unauthenticated", "The bearer token is missing, unknown, expired or revoked.")
    if row["mailbox_id"] is not None and not store.value(
        "SELECT 1 FROM mailbox WHERE id = ? AND status = 'active'", row["mailbox_id"]
    ):
        raise ApiError("unauthenticated", "The mailbox of this token is gone or paused.")
    return Token(
        row["id"], row["kind"], row["name"], frozenset(json.loads(row["scopes"])), _names(row["domains"]), _names(row["mailboxes"]),
        _names(row["permissions"]), row["mailbox_id"], row["created_at"], row["expires_at"],
    )  # fmt: skip


def effective_scopes(token: Token, plan: str, gated: bool) -> frozenset[str]:
    """Return the token's scopes after the plan's filter."""
    if token.kind == "message":
        return token.scopes
    return token.scopes & plans.allowed_scopes(plan, gated)


def require(token: Token, scope: str, plan: str, gated: bool) -> None:
    """Raise ApiError unless ``token`` may use ``scope`` on ``plan``. An empty scope asks for a message token only."""
    if not scope:
        if token.kind != "message":
            raise ApiError("insufficient_scope", "This endpoint takes a message token.")
        return
    allowed = plans.allowed_scopes(plan, gated)
    if not allowed:
        raise ApiError("plan_api_disabled", f"The plan {plan} has no API access.")
    if scope not in token.scopes or token.kind == "message":
        raise ApiError("insufficient_scope", f"The token lacks the scope {scope}.", extras={"required_scope": scope})
    if scope not in allowed:
        raise ApiError(
            "token_scope_blocked_by_plan",
            f"The plan {plan} does not hold the scope {scope}.",
            extras={"required_scope": scope},
        )


def require_password_permission(token: Token) -> None:
    """Raise for a member's token without the permission to set passwords (contract 2.3)."""
    if token.kind == "member" and "mailboxes:password:set" not in (token.permissions or ()):
        raise ApiError("scope_blocked_by_membership", "The membership lacks the permission mailboxes:password:set.")
