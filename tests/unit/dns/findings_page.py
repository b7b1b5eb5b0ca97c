# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/dns-findings.md as the table of findings has it: run this file to write the page anew."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.mailops.email.plugins.module_utils.dns.codes import CLASSES, FIVE_CAUSES, RULES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "dns-findings.md"
_HEAD = """# Findings about the DNS

What the modules `dns_baseline` and `dns_baseline_info` find, by code. A finding is `{code, severity, object, evidence, next, breaks, record_class}`.

- An `error` breaks mail or lets it break, a `warning` is to be seen to, an `info` is to be known.
- What could not be looked at is never called missing: its code ends in `_not_checked`, and its class of records is `unknown`.
- A code that stands for several classes, such as `record_typo`, says of which it speaks in `record_class`, and what that breaks in `breaks`.
- A domain is ready for outbound mail when SPF, DKIM and DMARC are there and none of their findings is an error (R-DNS-01). Lost reports alone hold
  nothing up.

This page is made from the table in the code (`plugins/module_utils/dns/codes.py`), and a test compares both.

## The five causes that people make themselves

| cause | what happened |
|---|---|
"""


def render() -> str:
    parts = [_HEAD]
    parts += ["| `%s` | %s |\n" % (code, _cell(RULES[code][1].meaning)) for code in FIVE_CAUSES]
    for record_class, heading, rules in CLASSES:
        parts.append("\n## %s\n\nRecord class `%s`.\n\n" % (heading, record_class))
        parts.append("| code | severity | breaks | what is wrong | next step | source |\n|---|---|---|---|---|---|\n")
        for code, rule in rules.items():
            cells = (rule.severity, rule.breaks, rule.meaning, rule.next, rule.source)
            parts.append("| `%s` | %s |\n" % (code, " | ".join(map(_cell, cells))))
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "<").replace("}", ">").replace("mailops.email.", "")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
