# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that ask the journal alone: no provider is reached, and no token needed (R-LOG-11, R-LOG-15)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import ACTIONS
from ansible_collections.mailops.email.plugins.module_utils.journal.query import Question, ask, runbook_view
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_address
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import parse_instant
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, client_domains_of, store_of


def audit_info(params: Params, driver: t.Optional[Driver] = None) -> dict[str, t.Any]:
    """Result of ``audit_info``.

    :param driver: not asked; here because other tasks that only read have one.
    :raises Refused: ``unknown_action``, ``time_invalid``, ``last_invalid``, or what is wrong with an address or a domain.
    """
    last = params.get("last")
    last = 100 if last is None else last
    if last < 0:
        raise Refused("last_invalid", "last is %d." % last, "Give the number of events, or 0 for all.")
    found = ask(store_of(params), _question(params), last)
    events = found.events
    if params.get("view") == "runbook":
        events = [runbook_view(event) for event in events]
    return {
        "changed": False,
        "events": events,
        "matched": found.matched,
        "in_doubt": found.in_doubt,
        "summary": found.summary,
    }


def _question(params: Params) -> Question:
    named = params.get("address") or params.get("domain")
    return Question(
        request_id=params.get("request_id") or "",
        address=normalise_address(params["address"]) if params.get("address") else "",
        domain=normalise_hostname(params["domain"]) if params.get("domain") else "",
        action=_action(params.get("action") or ""),
        actor=params.get("actor") or "",
        outcome=params.get("outcome") or "",
        since=parse_instant(params["since"], "since") if params.get("since") else None,
        until=parse_instant(params["until"], "until") if params.get("until") else None,
        boundary=None if named else client_domains_of(params),
    )


def _action(name: str) -> str:
    """A wrong name would find nothing, which reads as if nothing had happened."""
    if name and name not in ACTIONS and not any(one.startswith(name + ".") for one in ACTIONS):
        raise Refused(
            "unknown_action",
            "The journal has no action named %r." % name,
            "Name an action such as mailbox.created, or what it is done to, such as mailbox.",
        )
    return name
