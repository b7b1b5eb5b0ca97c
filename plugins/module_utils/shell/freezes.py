# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freezes that are told to people: as a list, and early to whoever checks a request."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import Intake
from ansible_collections.mailops.email.plugins.module_utils.journal.freezes import active, freezes
from ansible_collections.mailops.email.plugins.module_utils.model import Finding
from ansible_collections.mailops.email.plugins.module_utils.policy.freezes import Freeze, told
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, client_domains_of, store_of


def freeze_info(params: Params, driver: t.Optional[Driver] = None) -> dict[str, t.Any]:
    """Result of ``freeze_info``: what is frozen, and on demand what was.

    :param driver: not asked; here because other tasks that only read have one.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    client, boundary = params.get("client") or "", client_domains_of(params)
    chosen = [
        one
        for one in freezes(store_of(params), now)
        if (one.state == "active" or params.get("ended")) and _concerns(one, client, boundary)
    ]
    return {"changed": False, "freezes": [one.to_dict() for one in chosen]}


def _concerns(freeze: Freeze, client: str, boundary: Boundary | None) -> bool:
    """A client's task is told of no other client's incident."""
    if freeze.scope == "client":
        return not client or freeze.name == client
    if freeze.scope == "domain":
        return boundary is None or freeze.name in boundary
    return True


def frozen_findings(intake: Intake, params: Params, now: datetime.datetime) -> list[Finding]:
    """R-IRB-A1: what would be refused when it is applied is refused when it is checked."""
    request = intake.request
    domains = {str(row.get("domain") or "") for row in intake.rows} | set(request.domains)
    return [
        finding("frozen", request.place("/request_id"), told(one))
        for one in active(store_of(params), now)
        if any(one.covers(params.get("client") or "", request.request_id, name) for name in sorted(domains) or [""])
    ]
