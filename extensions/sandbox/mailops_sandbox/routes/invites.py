# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The single invite: the only other invite call that the API has (contract 7.5)."""

from __future__ import annotations

from typing import Any

from ..context import REQUIRED, Ctx, Endpoint, Reply
from ..errors import ApiError, invalid
from ..objects import find_domain
from .bulk import invite_rows, prepare, redacted


def create(ctx: Ctx) -> Reply:
    """POST /mailboxes/invites."""
    find_domain(ctx, ctx.body.get("domain_id"))
    ctx.text("recipient_email", 255, required=True)
    rows, good, hours = prepare(ctx, [{k: v for k, v in ctx.body.items() if k != "expires_in_hours"}])
    if not good:
        row = rows[0]
        if row.reason == "validation_error":
            field, _space, message = row.error.partition(" ")
            raise invalid(field, message)
        status = ctx.switch("duplicate_status") if row.reason == "already_exists" else None
        raise ApiError(row.reason, row.error, status=status)
    made: dict[str, dict[str, Any]] = {}
    invite_rows(ctx, good, hours, made)
    body = made[good[0].email]
    return ctx.created(body, replay=redacted(body))


ROUTES = (Endpoint("POST", "/mailboxes/invites", "mailboxes:invites:create", create, REQUIRED, creates=True),)
