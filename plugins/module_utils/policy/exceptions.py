# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded exceptions: the only way past a control (R-GOAL-03, R-CREATE-07, R-PWD-05)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import same_person
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import format_instant, parse_instant

_HINT = "An exception is {reason, approver, expires_at}; expires_at is UTC with Z and lies in the future."
# Words that fill a field without saying anything.
_EMPTY_WORDS = frozenset(
    {"", "-", ".", "n/a", "na", "none", "null", "tbd", "tbc", "todo", "reason", "because", "x", "?"}
)
_EXTRA_FIELDS = ("rule", "object", "accept_unforced_rotation")


def says_something(text: str) -> bool:
    """Whether a reason is more than a filled field."""
    return text.strip().casefold() not in _EMPTY_WORDS


def check_exception(value: t.Mapping[str, t.Any], now: datetime.datetime, requester: str = "") -> dict[str, t.Any]:
    """An exception in normal form: ``{reason, approver, expires_at}`` and, when given, ``rule``, ``object``,
    ``accept_unforced_rotation``.

    :param now: aware time.
    :param requester: who asks; must be somebody else than the approver (empty: not known here).
    :raises Refused: ``exception_incomplete``, ``exception_expired``, ``approver_is_requester`` or ``time_invalid``.
    """
    if not isinstance(value, t.Mapping):
        raise Refused("exception_incomplete", "An exception is %s." % type(value).__name__, _HINT)
    fields: dict[str, str] = {}
    for name in ("reason", "approver"):
        text = str(value.get(name) or "").strip()
        if not says_something(text):
            raise Refused("exception_incomplete", "The exception has no %s." % name, _HINT)
        fields[name] = text
    if not value.get("expires_at"):
        raise Refused("exception_incomplete", "The exception has no expires_at.", _HINT)
    expires = parse_instant(value["expires_at"], "expires_at of the exception")
    if expires <= now:
        raise Refused(
            "exception_expired",
            "The exception approved by %s ended at %s." % (fields["approver"], format_instant(expires)),
            "Close what it allowed, or have a new one approved.",
        )
    if requester and same_person(fields["approver"], requester):
        raise Refused(
            "approver_is_requester",
            "The exception was approved by %s, who also asks for it." % fields["approver"],
            "Have somebody else approve it.",
        )
    out: dict[str, t.Any] = {**fields, "expires_at": format_instant(expires)}
    for name in _EXTRA_FIELDS:
        if value.get(name):
            out[name] = value[name]
    return out
