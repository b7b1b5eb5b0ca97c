# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/verification.md, made from the code: ``python tests/unit/probe/code_tables.py`` renews them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "verification.md"

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / ".cache" / "tree"))

from ansible_collections.mailops.email.plugins.module_utils.probe.imap_table import IMAP, OUTCOMES  # noqa: E402
from ansible_collections.mailops.email.plugins.module_utils.probe.smtp_table import CLASSES, SMTP, Row  # noqa: E402


def classes() -> str:
    """What to do, by class."""
    rows = ["| class | about | next step | look at |", "| --- | --- | --- | --- |"]
    rows += [
        "| `%s` | %s | %s | %s |" % (name, about, following, related and "`%s`" % related)
        for name, (about, following, related) in CLASSES.items()
    ]
    return "\n".join(rows)


def answers(rows: tuple[Row, ...]) -> str:
    lines = ["| answer | step | class | retry | meaning | likely cause |", "| --- | --- | --- | --- | --- | --- |"]
    for key, kind, retry, meaning, cause in rows:
        answer, _at, step = key.partition("@")
        lines.append("| `%s` | %s | `%s` | %s | %s | %s |" % (answer, step, kind, retry, meaning, cause))
    return "\n".join(lines)


def renewed(text: str) -> str:
    """*text* with the parts between ``<!-- NAME begin -->`` and ``<!-- NAME end -->`` made new. Raises ValueError."""
    made = {"classes": classes(), "smtp": answers(SMTP), "imap": answers(IMAP), "outcomes": answers(OUTCOMES)}
    for name, table in made.items():
        head, begin, rest = text.partition("<!-- %s begin -->\n" % name)
        _old, end, tail = rest.partition("<!-- %s end -->" % name)
        if not begin or not end:
            raise ValueError("the markers of %s are missing" % name)
        text = head + begin + table + "\n" + end + tail
    return text


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
