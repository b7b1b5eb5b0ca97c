# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verification found, as a table: one line a domain, and one for each check that did not pass."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils.terminal import printable

SHOWN = 200


def verdict_lines(result: t.Mapping[str, t.Any]) -> list[str]:
    """Lines of the table; none for results that hold no verification."""
    if "verified" not in result:
        return []
    audit, rows = result.get("audit") or {}, result["domains"]
    good = len([row for row in rows if row["passed"]])
    told = "nothing was tried" if result["verified"] is None else "%d of %d domains verified" % (good, len(rows))
    lines = [
        "VERIFICATION %s  client %s  %s  sample of %d by seed %s"
        % (
            audit.get("request_id", ""),
            audit.get("client") or "-",
            told,
            result["sample_size"],
            printable(result["seed"]),
        )
    ]
    width = max([len(row["domain"]) for row in rows] + [1])
    for row in rows:
        lines.extend(_of_domain(row, width))
    if len(lines) > SHOWN:
        lines[SHOWN:] = ["  … and %d lines more; everything is in the result." % (len(lines) - SHOWN)]
    return lines


def _of_domain(row: t.Mapping[str, t.Any], width: int) -> t.Iterator[str]:
    word = {True: "verified", False: "NOT VERIFIED", None: "not tried"}[row["passed"]]
    passed = [check["check"] for check in row["checks"] if check["passed"]]
    if row["results"].get("dns") is None:
        passed.append("(dns not checked)")
    yield ("  %s  %-12s  %s" % (row["domain"].ljust(width), word, " ".join(passed))).rstrip()
    for check in row["checks"]:
        if check["passed"]:
            continue
        word = "FAILED" if check["passed"] is False else "not shown"
        yield "    %-18s  %-9s  %s  %s" % (check["check"], word, printable(check["code"]), printable(check["meaning"]))
        if check["passed"] is False:
            yield "      next: %s" % printable(check["next_step"])
