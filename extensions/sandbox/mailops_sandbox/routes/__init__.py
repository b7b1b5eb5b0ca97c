# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The route tables of the API, one module per area."""

from __future__ import annotations

from . import (
    account,
    aliases,
    app_passwords,
    bulk,
    cloudflare,
    deletion,
    dns,
    domains,
    drive,
    forwarding,
    forwarding_addresses,
    invites,
    mailboxes,
    message_tokens,
    rules,
    shared,
    states,
)

_AREAS = (
    account, domains, dns, cloudflare, mailboxes, bulk, invites, states, deletion, aliases, forwarding, forwarding_addresses, app_passwords, shared,
    message_tokens, rules, drive,
)  # fmt: skip
ROUTES = tuple(row for area in _AREAS for row in area.ROUTES)
