# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the mail records of domains stand, as a table: one line a domain, and below it what was found and what to do."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils.terminal import printable

SHOWN = 200
_CLASSES = ("mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dane", "bimi", "parked")
_QUIET = ("not_asked",)
_ORDER = {"error": 0, "warning": 1, "info": 2}


def posture_lines(result: t.Mapping[str, t.Any]) -> list[str]:
    """Lines of the table; none for results that hold no posture."""
    rows = [row for row in result.get("domains") or () if row.get("classes")]
    if not rows:
        return []
    ready = len([row for row in rows if row["ready"]])
    lines = ["DNS  %d of %d domains ready to send" % (ready, len(rows))]
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        lines.extend(_of_domain(row, width))
    if len(lines) > SHOWN:
        lines[SHOWN:] = ["  ... and %d lines more; everything is in the result." % (len(lines) - SHOWN)]
    return lines


def _of_domain(row: t.Mapping[str, t.Any], width: int) -> t.Iterator[str]:
    told = []
    for name in _CLASSES:
        part = row["classes"].get(name) or {}
        if part.get("status", "not_asked") in _QUIET:
            continue
        word = part["status"] if part["status"] != "error" else "ERROR"
        more = " %d/10" % part["lookups"] if name == "spf" and part.get("lookups") is not None else ""
        told.append("%s %s%s" % (name, word, more))
    drift = row.get("drift")
    if drift:
        told.append("drift %d" % len(drift))
    yield (
        "  %s  %-9s  %s" % (row["name"].ljust(width), "ready" if row["ready"] else "NOT READY", "  ".join(told))
    ).rstrip()
    for one in sorted(row.get("findings") or (), key=lambda found: _ORDER.get(found["severity"], 3)):
        word = one["severity"].upper() if one["severity"] == "error" else one["severity"]
        yield "    %-7s  %s  %s: %s" % (word, one["code"], _text(one["object"]), _text(one["evidence"]))
        if one["severity"] != "info":
            yield "             breaks: %s; next: %s" % (one["breaks"], _text(one["next"]))


def _text(value: t.Any) -> str:
    text = printable(value)
    return text if len(text) <= 300 else text[:297] + "..."
