# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The route tables of the API, one module per area."""

from __future__ import annotations

from . import account, bulk, domains, forwarding, invites, mailboxes

ROUTES = (
    *account.ROUTES,
    *domains.ROUTES,
    *mailboxes.ROUTES,
    *bulk.ROUTES,
    *invites.ROUTES,
    *forwarding.ROUTES,
)
