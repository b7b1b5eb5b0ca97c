# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instants: UTC, ISO 8601 with ``Z`` (design rule 15). A time without zone is never guessed."""

from __future__ import annotations

import datetime
import re

from ansible_collections.mailops.email.plugins.module_utils.model import Refused

_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z")


def parse_instant(text: object, what: str = "time") -> datetime.datetime:
    """An aware UTC time of ``2030-01-31T12:00:00Z``; an aware datetime is taken as it is.

    :param what: name of the field, for the message.
    :raises Refused: ``time_invalid``.
    """
    if isinstance(text, datetime.datetime) and text.tzinfo is not None:
        return text.astimezone(datetime.timezone.utc)
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Refused("time_invalid", "%s is %r." % (what, text), "Write UTC with Z, such as 2030-01-31T12:00:00Z.")
    fields = [int(part) for part in found.groups()[:6]]
    micro = int((found.group(7) or "0").ljust(6, "0"))
    try:
        return datetime.datetime(*fields, micro, tzinfo=datetime.timezone.utc)  # type: ignore[misc,arg-type]
    except ValueError as exc:
        raise Refused("time_invalid", "%s is %r: %s." % (what, text, exc), "Check the date.") from exc


def format_instant(value: datetime.datetime) -> str:
    """``2030-01-31T12:00:00Z`` of an aware time; parts of a second are dropped."""
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
