# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account, the token itself, sending limits (contract 2.5, 7.12). Field names inside are our choice (contract 10.11)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from .. import plans
from ..auth import effective_scopes
from ..clock import iso
from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError
from ..objects import free_mb, pool_mb
from .mailboxes import AUTH_MODES


def me(ctx: Ctx) -> Reply:
    """GET /me and GET /messages/_me."""
    token = ctx.token
    scopes = sorted(effective_scopes(token, ctx.core.plan, ctx.switch("plan_gates_scopes")))
    body: dict[str, Any] = {
        "token": {
            "id": token.id,
            "name": token.name,
            "kind": token.kind,
            "scopes": sorted(token.scopes),
            "expires_at": iso(token.expires_at),
        },
        "account": {"id": 1, "plan": ctx.core.plan},
        "constraints": {
            "domains": None if token.domains is None else sorted(token.domains),
            "mailboxes": None if token.mailboxes is None else sorted(token.mailboxes),
        },
        "capabilities": {"effective_scopes": scopes},
    }
    if token.mailbox_id is not None:
        body["mailbox"] = {
            "id": token.mailbox_id,
            "email": ctx.store.value("SELECT email FROM mailbox WHERE id = ?", token.mailbox_id),
        }
    return ctx.obj(body)


def account(ctx: Ctx) -> Reply:
    """GET /account: plan, limits, features, usage of the whole account."""
    plan = plans.PLANS[ctx.core.plan]
    store = ctx.store
    enabled = ctx.switch("app_passwords_enabled")
    body: dict[str, Any] = {
        "id": 1,
        "plan": ctx.core.plan,
        "limits": {
            "domains": ctx.switch("max_domains"),
            "mailboxes_per_domain": plan["mailboxes"],
            "storage_pool_mb": pool_mb(ctx),
            "forwarding_targets_per_mailbox": plan["fwd_targets"],
            "forwarding_addresses_per_domain": plan["fwd_addresses"],
            "bulk_mailboxes": ctx.switch("bulk_max"),
            "bulk_invites": ctx.switch("bulk_max"),
            "bulk_domains": ctx.switch("bulk_add_max"),
        },
        "features": {
            "app_passwords": enabled,
            "aliases": plan["aliases"],
            "external_catch_all": plan["external_catch_all"],
        },
        "usage": {
            "domains": store.value("SELECT count(*) FROM domain"),
            "mailboxes": store.value("SELECT count(*) FROM mailbox WHERE status IN ('active', 'paused')"),
            "trashed_mailboxes": store.value("SELECT count(*) FROM mailbox WHERE status = 'trashed'"),
            "pending_invites": store.value("SELECT count(*) FROM invite WHERE status = 'pending'"),
            "storage_dedicated_mb": pool_mb(ctx) - free_mb(ctx),
            "storage_free_mb": max(0, free_mb(ctx)),
        },
    }
    if enabled:
        body["new_mailbox_client_auth_mode"] = store.get("new_mailbox_client_auth_mode", AUTH_MODES[0])
    return ctx.obj(body)


def change(ctx: Ctx) -> Reply:
    """PATCH /account: the sign-in mode of new mailboxes; the owner's token only."""
    if ctx.token.kind != "ops":
        raise ApiError("scope_blocked_by_membership", "Only the account owner's token may change the account.")
    if ctx.token.constrained:
        raise ApiError("domain_scope_forbidden", "The account is wider than the token's domains.")
    if not ctx.switch("app_passwords_enabled"):
        raise ApiError("not_found", "App passwords are switched off on this platform.")
    ctx.store.put("new_mailbox_client_auth_mode", ctx.choice("new_mailbox_client_auth_mode", AUTH_MODES))
    return account(ctx)


def sending_limits(ctx: Ctx) -> Reply:
    """GET /sending-limits: allowances in recipients, renewed at 00:00 UTC."""
    today = datetime.fromtimestamp(ctx.now, timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    allowance = {"mailbox_daily": 500, "account_daily": 10000, "recipients_per_message": 100}
    return ctx.obj(
        {
            "limits": allowance,
            "causes": [],
            "warm_up_domains": [],
            "after_payment": allowance,
            "usage": {"account_today": 0},
            "resets_at": iso((today + timedelta(days=1)).timestamp()),
        }
    )


ROUTES = (
    Endpoint("GET", "/me", "account:read", me),
    Endpoint("GET", "/messages/_me", "", me),
    Endpoint("GET", "/account", "account:read", account),
    Endpoint("PATCH", "/account", "mailboxes:write", change, REQUIRED),
    Endpoint("GET", "/sending-limits", "account:read", sending_limits),
)
