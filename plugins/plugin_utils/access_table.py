# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access paths of identities as a table: a line for each, and one for each kind that is work for people."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils.terminal import printable

SHOWN = 60


def access_lines(result: t.Mapping[str, t.Any]) -> list[str]:
    """Lines of the table of an info task; none for a result that lists no paths."""
    if "paths" not in result:
        return []
    paths = result["paths"]
    identities = {row["address"] for row in paths}
    by_hand = [row for row in paths if row["by"] == "human"]
    lines = [
        "ACCESS PATHS  %s of %s, %d to be closed by people"
        % (_count(len(paths), "path"), _count(len(identities), "mailbox", "es"), len(by_hand))
    ]
    rows = [_row(row) for row in paths[:SHOWN]]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for row in rows:
        cells = [row[column].ljust(widths[column]) for column in range(3)]
        lines.append(("  " + "  ".join(cells) + "  " + row[3]).rstrip())
    if len(paths) > SHOWN:
        lines.append("  … and %d more; everything is in the result." % (len(paths) - SHOWN))
    return lines + left_lines(result)


def left_lines(result: t.Mapping[str, t.Any]) -> list[str]:
    """What no API does, with whose it is and what to do."""
    lines = []
    for row in result.get("left_to_people") or ():
        addresses = row["addresses"]
        whose = printable(addresses[0]) if len(addresses) == 1 else "%d mailboxes" % len(addresses)
        lines.append("  left to people: %s of %s: %s" % (printable(row["kind"]), whose, printable(row["next"])))
    return lines


def _row(row: t.Mapping[str, t.Any]) -> tuple[str, str, str, str]:
    key = printable(row["key"])
    below = key.partition("/%s/" % row["kind"])
    what = below[2] if below[1] and below[0] == row["address"] else key
    parts = ['"%s"' % printable(row["name"]) if row["name"] else "", printable(row["detail"])]
    parts += [printable(one) for one in row["others"] if printable(one) != what]
    parts += ["since " + printable(row["since"])[:10] if row["since"] else ""]
    parts += ["last used " + printable(row["last_used"])[:10] if row["last_used"] else ""]
    parts += ["BY HAND" if row["by"] == "human" else ""]
    return (
        printable(row["address"]),
        printable(row["kind"]),
        what if what != row["address"] else "",
        ", ".join(filter(None, parts)),
    )


def _count(number: int, word: str, more: str = "s") -> str:
    return "%d %s%s" % (number, word, "" if number == 1 else more)
