# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan as a table that a person can judge before it is applied."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import place_of
from ansible_collections.mailops.email.plugins.plugin_utils.terminal import printable

SHOWN = 40
# Characters of a record's data.
_WIDE = 90
_MARKS = {"create": "+", "enable": "+", "delete": "-", "disable": "-", "cancel": "-", "revoke": "-"}
# Of what is made, in words.
_WORDS = {"credential: discarded": "with a secret that nobody keeps"}
_QUIET = frozenset(("state", "via", "role_account", "recipient", "expires_in_hours"))


def plan_lines(result: t.Mapping[str, t.Any], check_mode: bool) -> list[str]:
    """Lines of the table; none when there is nothing to do and nothing was refused."""
    plan = result.get("plan") or []
    audit = result.get("audit") or {}
    if not plan:
        return []
    title = "PLAN %s  client %s  %s  %s" % (
        audit.get("request_id", ""),
        audit.get("client") or "-",
        "1 operation" if len(plan) == 1 else "%d operations" % len(plan),
        "(dry run, nothing is changed)" if check_mode else "",
    )
    rows = [row for operation in plan[:SHOWN] for row in _rows(operation)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [title.rstrip()]
    for row in rows:
        cells = [row[column].ljust(widths[column]) for column in range(3)]
        lines.append(("  " + "  ".join(cells) + "  " + row[3]).rstrip())
    if len(plan) > SHOWN:
        lines.append("  … and %d more. By domain:" % (len(plan) - SHOWN))
        lines.extend(_by_domain(plan))
    lines.append("  digest %s" % (result.get("approval_digest") or result.get("plan_digest", "")))
    return lines


def _rows(operation: t.Mapping[str, t.Any]) -> list[tuple[str, str, str, str]]:
    """The operation, and below it what the provider changes on the side."""
    if operation["kind"] == "record_set":
        return _record_rows(operation)
    mark = _MARKS.get(operation["verb"], "~")
    rows = [(mark, "%s %s" % (operation["kind"], operation["verb"]), str(operation["key"]), _detail(operation))]
    for entry in operation.get("collateral") or ():
        detail = _detail({"verb": "", **entry})
        rows.append(("!", "%s, on the side" % entry["kind"], str(entry["key"]), detail))
    return rows


def _detail(operation: t.Mapping[str, t.Any]) -> str:
    before, after = operation.get("before") or {}, operation.get("after") or {}
    if operation["kind"] == "invite" and operation["verb"] == "create":
        sealed = operation.get("delivery", {}).get("rank", 1) > 1
        way = "sealed setup link for" if sealed else "setup link to"
        if operation.get("delivery", {}).get("method") == "recovery_link":
            way = "recovery link to"
        return "%s %s, valid %d h" % (way, after.get("recipient"), after.get("expires_in_hours", 0))
    parts = []
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        if old == new or (name in _QUIET and not before):
            continue
        if not before:
            known = _WORDS.get("%s: %s" % (name, new))
            if known:
                parts.append(known)
            elif new not in (None, "", False):
                parts.append("%s: %s" % (name, _text(new)))
        elif after:
            parts.append("%s: %s -> %s" % (name, _text(old), _text(new)))
    if operation.get("exception"):
        parts.append("exception by %s: %s" % (operation["exception"]["approver"], operation["exception"]["reason"]))
    return ", ".join(parts)


def _record_rows(operation: t.Mapping[str, t.Any]) -> list[tuple[str, str, str, str]]:
    """A record set: which of its values come and go; the others stay."""
    before, after = operation.get("before") or {}, operation.get("after") or {}
    state = after or before
    old, new = before.get("values", ()), after.get("values", ())
    changes = ["- " + _short(one) for one in old if one not in new] + [
        "+ " + _short(one) for one in new if one not in old
    ]
    if before and after and before["ttl"] != after["ttl"]:
        changes.append("ttl %d -> %d" % (before["ttl"], after["ttl"]))
    exception = operation.get("exception")
    if exception:
        changes.append("exception by %s: %s" % (exception["approver"], exception["reason"]))
    mark = "~" if before and after else "+" if after else "-"
    first = [(mark, state["type"], state["name"], changes[0] if changes else "")]
    return first + [("", "", "", one) for one in changes[1:]]


def _short(value: str) -> str:
    """Of a key, the beginning and the end tell it from another."""
    text = _text(value)
    return text if len(text) <= _WIDE else "%s ... %s" % (text[: _WIDE - 24], text[-20:])


def _text(value: t.Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return printable("none" if value is None or value == "" else value)


def _by_domain(plan: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    counts: dict[tuple[str, str], int] = {}
    for operation in plan:
        place = place_of(operation["kind"], str(operation["key"]))
        key = (place.rsplit("@", 1)[-1], "%s %s" % (operation["kind"], operation["verb"]))
        counts[key] = counts.get(key, 0) + 1
    lines = ["    %s  %s  %d" % (domain, what, count) for (domain, what), count in sorted(counts.items())]
    return lines[:SHOWN] + (["    … and %d more domains" % (len(lines) - SHOWN)] if len(lines) > SHOWN else [])
