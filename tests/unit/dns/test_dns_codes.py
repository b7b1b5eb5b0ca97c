# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of findings: what each breaks and what to do next (R-DNS-15 to R-DNS-18, R-PAT-15)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from findings_page import PAGE, render

from ansible_collections.mailops.email.plugins.module_utils.dns import codes, findings
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import CLASSES, FIVE_CAUSES, RULES, found

BREAKS = {
    value for name, value in vars(findings).items() if name.isupper() and name not in ("ERROR", "WARNING", "INFO")
}


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_finding_says_how_bad_what_breaks_and_what_next(code: str) -> None:
    record_class, rule = RULES[code]
    assert rule.severity in ("error", "warning", "info")
    assert rule.breaks in BREAKS
    assert rule.meaning.endswith(".")
    assert rule.next and rule.source and record_class
    assert re.search(r"(R-[A-Z]+-\d|D-[A-Z]+-\d|RFC \d)", rule.source)


def test_no_code_stands_twice() -> None:
    assert sum(len(rules) for dummy, dummy2, rules in CLASSES) == len(RULES)


def test_the_five_causes_have_five_codes() -> None:
    """R-PAT-15."""
    assert len(set(FIVE_CAUSES)) == 5
    assert all(RULES[code][1].severity == "error" for code in FIVE_CAUSES)


@pytest.mark.parametrize(
    "code, breaks",
    [
        ("mx_host_missing", "inbound stops"),
        ("spf_include_missing", "outbound rejected"),
        ("dkim_selector_unpublished", "alignment breaks"),
        ("dmarc_policy_differs", "silent block"),
    ],
)
def test_the_four_impacts(code: str, breaks: str) -> None:
    """R-DNS-15 to R-DNS-18."""
    assert found(code, "example.com", "seen").breaks == breaks


def test_words_are_filled_in_and_a_missing_one_hides_nothing() -> None:
    whole = found("mx_host_unapproved", "example.com", "10 old.example.net.", host="old.example.net")
    assert "old.example.net" in whole.next
    assert "{host}" in found("mx_host_unapproved", "example.com", "10 old.example.net.").next


def test_what_is_found_can_say_more_than_the_table() -> None:
    finding = found(
        "record_typo", "example.com", "x", breaks="outbound rejected", record_class="spf", severity="warning"
    )
    assert finding.to_dict() == {
        "code": "record_typo",
        "severity": "warning",
        "object": "example.com",
        "evidence": "x",
        "next": finding.next,
        "breaks": "outbound rejected",
        "record_class": "spf",
    }


def test_the_page_is_that_of_the_table() -> None:
    """R-DNS-15 to R-DNS-18: what the documentation says of a code is what a finding says."""
    assert PAGE.read_text(encoding="utf-8") == render(), "write it anew: python tests/unit/dns/findings_page.py"


def test_every_code_that_a_check_uses_is_in_the_table() -> None:
    """A code that is not would only fail when it is found."""
    used = set()
    for path in Path(codes.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "found" and node.args:
                used.update(
                    one.value
                    for one in ast.walk(node.args[0])
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
    assert used and used <= set(RULES)
