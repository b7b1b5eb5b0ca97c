# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/sandbox.md, made from the code: ``python -m mailops_sandbox.tables docs/sandbox.md`` renews them."""

from __future__ import annotations

import sys
from pathlib import Path

from .control import TABLE as CONTROL
from .routes import ROUTES
from .switches import TABLE as SWITCHES


def switches() -> str:
    """Return the table of switches."""
    rows = ["| switch | default | values | contract | meaning |", "| --- | --- | --- | --- | --- |"]
    for row in SWITCHES:
        values = ", ".join(f"`{_word(v)}`" for v in row.values) if row.values else type(row.default).__name__
        rows.append(f"| `{row.name}` | `{_word(row.default)}` | {values} | {row.source} | {row.meaning} |")
    return "\n".join(rows)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def control() -> str:
    """Return the table of the control side."""
    rows = ["| call | what it does |", "| --- | --- |"]
    rows += [f"| `{row.method} /_sandbox{row.path.replace(':int}', '}')}` | {row.help} |" for row in CONTROL]
    return "\n".join(rows)


def endpoints() -> str:
    """Return the table of API calls."""
    rows = ["| call | scope | key |", "| --- | --- | --- |"]
    for row in ROUTES:
        rows.append(f"| `{row.name}` | {f'`{row.scope}`' if row.scope else 'message token'} | {row.key or '-'} |")
    return "\n".join(rows)


def renewed(text: str) -> str:
    """Return ``text`` with the parts between ``<!-- NAME begin -->`` and ``<!-- NAME end -->`` made new. Raises ValueError."""
    for name, made in (("switches", switches()), ("control", control()), ("endpoints", endpoints())):
        head, begin, rest = text.partition(f"<!-- {name} begin -->\n")
        _old, end, tail = rest.partition(f"<!-- {name} end -->")
        if not begin or not end:
            raise ValueError(f"the markers of {name} are missing")
        text = head + begin + made + "\n" + end + tail
    return text


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
