# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of one journal line (R-LOG-01 to R-LOG-08), its names, and its digest."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, canonical_json

Event = dict[str, t.Any]

SPEC = "mailops.audit/1"
DIGEST_DOMAIN = b"mailops-event-v1\n"
GENESIS = "sha256:" + "0" * 64

# R-LOG-05: a closed list in the past tense; the writer refuses any other name.
ACTIONS = frozenset(
    family + "." + verb
    for family, verbs in {
        "domain": ("created", "updated", "deleted"),
        "subdomain": ("created", "updated", "deleted"),
        "mailbox": ("created", "updated", "suspended", "resumed", "deleted", "restored", "reset"),
        "invite": ("sent", "resent", "recipient_changed", "cancelled", "redeemed", "expired"),
        "forward": ("created", "updated", "deleted"),
        "alias": ("created", "updated", "deleted"),
        "session": ("revoked",),
        "app_password": ("revoked",),
        "token": ("revoked",),
        "device": ("revoked",),
        "delegate": ("created", "revoked"),
        "rule": ("created", "deleted"),
        "verification": ("completed",),
        "catch_all": ("enabled", "updated", "disabled"),
        "evidence": ("captured",),
        "freeze": ("set", "lifted"),
        "offboarding": ("started", "closed"),
        "owner": ("changed",),
        "recovery": ("rotated",),
        "role_account": ("rotated",),
        "request": ("received", "refused"),
        "rollback": ("started", "closed"),
        "dns": ("published", "removed", "restored", "checked", "recorded"),
        "batch": ("started", "finished"),
        "audit": ("opened", "recovered", "closed"),
    }.items()
    for verb in verbs
)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


# Ten bits at a time: half the steps of one character at a time.
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]


def ulid() -> str:
    """26 characters: 48 bits of milliseconds, then 80 random bits; sorts by time."""
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(120, -1, -10)])


def utc_now() -> str:
    """Now in UTC, ISO 8601 with milliseconds and ``Z`` (R-LOG-03)."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (now.microsecond // 1000)


def parse_time(text: str) -> datetime.datetime:
    """A UTC time from ISO 8601 text with ``Z`` or an offset.

    :raises ValueError: for anything else, a time without a zone included.
    """
    value = datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if value.tzinfo is None:
        raise ValueError("a time needs a zone: %s" % text)
    return value.astimezone(datetime.timezone.utc)


def event_digest(event: t.Mapping[str, t.Any]) -> str:
    """``sha256:…`` of an event that was read back: prefix and RFC 8785 bytes."""
    return line_digest(canonical_json(dict(event)))


def line_digest(line: bytes) -> str:
    """The same from the canonical bytes, which are what a journal line holds."""
    return "sha256:" + hashlib.sha256(DIGEST_DOMAIN + line).hexdigest()


def completed(common: Event, event: t.Mapping[str, t.Any], own: Event) -> tuple[Event, bytes]:
    """An event as it is written, and its canonical line without the line feed.

    :param common: fields that every event of a writer carries.
    :param own: ``id``, ``seq``, ``timestamp`` and ``prev``.
    :raises JournalError: ``unknown_action``, ``event_not_canonical``.
    """
    if event.get("action") not in ACTIONS:
        raise JournalError("unknown_action", "The journal has no action named %r." % (event.get("action"),))
    whole = {**common, **event, **own}
    try:
        return whole, canonical_json(whole)
    except (TypeError, ValueError) as error:
        raise JournalError("event_not_canonical", "An event cannot be written: %s." % error) from error


def parse_line(line: bytes) -> dict[str, t.Any]:
    """One event from one line.

    :raises ValueError: when the line is no JSON object.
    """
    event = json.loads(line)
    if not isinstance(event, dict):
        raise ValueError("a journal line holds one JSON object")
    return event


# What settling and repeating a request rests on: a line without it is damaged.
_SHAPE: dict[str, dict[str, type]] = {
    "intent": {"id": str, "timestamp": str, "action": str, "verb": str, "idempotency_key": str, "batch": dict},
    "outcome": {"timestamp": str, "outcome": str, "intent_id": str},
    "retry": {"timestamp": str, "intent_id": str},
}


def check_shape(event: Event) -> None:
    """:raises ValueError: naming what an intent or an outcome lacks."""
    shape = _SHAPE.get(str(event.get("phase")), {})
    wrong = [name for name, kind in shape.items() if not isinstance(event.get(name), kind)]
    thing = event.get("object")
    if shape and not (isinstance(thing, dict) and isinstance(thing.get("kind"), str) and thing.get("key")):
        wrong.append("object")
    if event.get("phase") == "intent" and not wrong:
        parse_time(event["timestamp"])
        wrong = [] if isinstance(event["batch"].get("position"), int) else ["batch"]
    if wrong:
        raise ValueError("it has no %s" % ", ".join(wrong))
