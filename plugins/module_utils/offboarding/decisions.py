# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody has decided about each thing that a leaver leaves behind; what is kept has a new owner and an end (R-OFF-14)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_address, normalise_contact
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import says_something
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import parse_end
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname

Decision = dict[str, t.Any]

# Stands for all that have no decision of their own.
ALL = "*"
ACTIONS = {
    "forwards": ("end", "reown"),
    "catch_alls": ("end", "reown"),
    "aliases": ("delete", "move", "keep"),
    "role_accounts": ("rotate", "suspend", "keep"),
    "keep": ("keep",),
}
# Whoever takes something over does so for a time.
_TIMED = {("forwards", "reown"), ("catch_alls", "reown"), ("aliases", "keep"), ("keep", "keep")}


class Decisions:
    """The decisions of one run, in normal form, by what they are about.

    :raises Refused: ``decision_incomplete``, ``decision_twice``, or what is wrong with an address, a domain or an end.
    """

    def __init__(self, params: t.Mapping[str, t.Any], now: datetime.datetime) -> None:
        self._found: dict[str, dict[str, Decision]] = {}
        self.by_hand = set(params.get("done_by_hand") or ())
        for about, option in OPTIONS.items():
            rows: dict[str, Decision] = {}
            for given in params.get(option) or ():
                decision = _normal(about, given, now)
                if rows.setdefault(decision["key"], decision) is not decision:
                    raise Refused(
                        "decision_twice", "%s: %s is decided twice." % (option, decision["key"]), "Remove one."
                    )
            self._found[about] = rows

    def of(self, about: str, key: str) -> Decision:
        """The decision about one thing, or that for all; empty when there is none."""
        rows = self._found[about]
        return rows.get(key) or rows.get(ALL) or {}

    def keys(self, about: str) -> list[str]:
        return [key for key in self._found[about] if key != ALL]


# About what -> the option that has it.
OPTIONS = {
    "forwards": "forwards",
    "catch_alls": "catch_alls",
    "aliases": "aliases",
    "role_accounts": "role_account_decisions",
    "keep": "keep",
}


def _normal(about: str, given: t.Mapping[str, t.Any], now: datetime.datetime) -> Decision:
    name = str(given.get("domain" if about == "catch_alls" else "address") or "").strip()
    if name != ALL:
        name = normalise_hostname(name) if about == "catch_alls" else normalise_address(name, alias=about == "aliases")
    action = given.get("action") or ACTIONS[about][0]
    out: Decision = {"key": name, "action": action, "exception": given.get("exception")}
    for field in ("reason", "purpose", "seal_to"):
        out[field] = str(given.get(field) or "").strip()
    for field in ("new_owner", "mailbox", "destination"):
        out[field] = normalise_contact(given[field]) if given.get(field) else ""
    out["until"] = ""
    if given.get("until"):
        end = parse_end(str(given["until"]), name)
        if end <= now:
            raise Refused("decision_incomplete", "%s: until %s is over." % (name, given["until"]), "Set an end ahead.")
        out["until"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    _complete(about, out)
    return out


def _complete(about: str, one: Decision) -> None:
    missing = []
    if (about, one["action"]) in _TIMED:
        missing = [field for field in ("new_owner", "until") if not one[field]]
    if about == "aliases" and one["action"] == "move" and not one["mailbox"]:
        missing = ["mailbox"]
    if about == "role_accounts" and one["action"] == "keep" and not says_something(one["reason"]):
        missing = ["reason"]
    if missing:
        raise Refused(
            "decision_incomplete",
            "%s: %s of %s needs %s." % (one["key"], one["action"], about, " and ".join(missing)),
            "Whatever is kept has a new owner and an end (R-OFF-14); whatever is not is ended.",
        )
