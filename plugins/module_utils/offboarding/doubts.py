# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run that was killed left in doubt under this request: done at the provider, it is in no list, so nobody would settle it."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import LETS_IN

Item = dict[str, t.Any]
_GOVERNED = ("owner", "purpose", "expires_at")


def settling(event: Event, record: Record | None, reason: str) -> tuple[str, Item] | None:
    """The list, and the item in it, by which a module comes to the object of an open intent and changes nothing.

    :param record: the object as it is now.
    :returns: None where it is not as the intent wanted it: then it is in its list anyway, or is left alone by a decision.
    """
    thing, after, before = event["object"], event.get("after"), event.get("before") or {}
    kind, key = thing["kind"], thing["key"]
    if kind == "mailbox" and event["verb"] in ("suspend", "pause"):
        return ("suspend", {"address": key, "state": "suspended", "reason": reason}) if record else None
    if kind in LETS_IN and after is None:
        return "access", {"address": thing.get("mailbox") or before.get("mailbox") or key}
    if kind in ("forward", "alias", "catch_all"):
        gone = record is None or (kind == "catch_all" and not record.get("enabled"))
        if after is None:
            return _ended(kind, key, before) if gone else None
        if not gone and all(
            (record or {}).get(name) == value for name, value in after.items() if name in (record or {})
        ):
            return _kept(kind, key, after, event)
    return None


def _ended(kind: str, key: str, before: Record) -> tuple[str, Item]:
    if kind == "alias":
        return "aliases_absent", {"address": key, "mailbox": before["mailbox"], "state": "absent"}
    if kind == "catch_all":
        return "catch_alls", {"domain": key, "state": "absent"}
    return "forwards", {"address": key, "state": "absent"}


def _kept(kind: str, key: str, after: Record, event: Event) -> tuple[str, Item] | None:
    exception = {"exception": event["exception"]} if event.get("exception") else {}
    if kind == "alias":
        flags: Record = {name: after[name] for name in ("can_receive", "can_send") if name in after}
        return "aliases_present", {
            "address": key,
            "mailbox": after["mailbox"],
            "state": "present",
            **flags,
            **exception,
        }
    if not all(after.get(name) for name in _GOVERNED):
        return None
    item = {"state": "present", **{name: after[name] for name in _GOVERNED}, **exception}
    if kind == "catch_all":
        return "catch_alls", {"domain": key, "destination": after["destination"], **item}
    copy = {"keep_copy": after["keep_copy"]} if "keep_copy" in after else {}
    return "forwards", {"address": key, "targets": after["targets"], **copy, **item}
