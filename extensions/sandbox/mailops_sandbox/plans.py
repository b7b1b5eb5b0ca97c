# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each plan holds. None means: not known from the contract, so not limited here."""

from __future__ import annotations

from typing import Any

PLANS: dict[str, dict[str, Any]] = {
    "nano": {"api": "none", "mailboxes": 10, "pool_mb": 5 * 1024, "fwd_targets": 0, "fwd_addresses": 0, "aliases": False,
             "external_catch_all": False, "log_days": 0, "rules": False, "scripts": False},
    "starter": {"api": "read", "mailboxes": 100, "pool_mb": 15 * 1024, "fwd_targets": 5, "fwd_addresses": 0, "aliases": True,
                "external_catch_all": False, "log_days": 0, "rules": False, "scripts": False},
    "pro": {"api": "full", "mailboxes": 300, "pool_mb": 50 * 1024, "fwd_targets": 15, "fwd_addresses": 100, "aliases": True,
            "external_catch_all": True, "log_days": 7, "rules": True, "scripts": False},
    "agency": {"api": "full", "mailboxes": 1000, "pool_mb": 200 * 1024, "fwd_targets": 30, "fwd_addresses": 300, "aliases": True,
               "external_catch_all": True, "log_days": 30, "rules": True, "scripts": True},
}  # fmt: skip

ALIASES_PER_MAILBOX = 50  # our choice: the contract names no cap
APP_PASSWORDS = 25

SCOPES: tuple[str, ...] = (
    "account:read",
    "domains:read",
    "domains:create",
    "domains:write",
    "domains:delete",
    "domains:dns:read",
    "domains:dns:recheck",
    "cloudflare:read",
    "cloudflare:write",
    "cloudflare:delete",
    "mailboxes:read",
    "mailboxes:create",
    "mailboxes:write",
    "mailboxes:delete",
    "mailboxes:invites:create",
    "mailboxes:forwarding:read",
    "mailboxes:forwarding:write",
    "mailboxes:message-tokens:manage",
    "mailboxes:rules:read",
    "mailboxes:rules:write",
    "drive:read",
    "drive:write",
)
MESSAGE_SCOPES: tuple[str, ...] = ("messages:read", "messages:write", "messages:send")


def allowed_scopes(plan: str, gated: bool) -> frozenset[str]:
    """Return the scopes that ``plan`` grants (switch plan_gates_scopes off: all of them)."""
    api = PLANS[plan]["api"] if gated else "full"
    if api == "none":
        return frozenset()
    if api == "read":
        return frozenset(s for s in SCOPES if s.endswith(":read"))
    return frozenset(SCOPES)
