# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees of mail records: the plan value by value, and the posture with what to do (design 4.8)."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.email.plugins.plugin_utils.plan_table import plan_lines
from ansible_collections.mailops.email.plugins.plugin_utils.posture_table import posture_lines


def record(before: list[str] | None, after: list[str] | None, ttl: int = 300, **more: Any) -> dict[str, Any]:
    def state(values: list[str] | None, seconds: int) -> dict[str, Any] | None:
        return None if values is None else {"name": "example.com", "type": "TXT", "ttl": seconds, "values": values}

    verb = "remove" if after is None else "set"
    key = "example.com/record_set/example.com/TXT"
    return {
        "kind": "record_set",
        "verb": verb,
        "key": key,
        "before": state(before, 300),
        "after": state(after, ttl),
        **more,
    }


def test_a_plan_says_which_values_come_and_go() -> None:
    long = '"v=DKIM1; k=rsa; p=%s"' % ("A" * 200 + "END")
    allowed = {"approver": "lee@agency.example", "reason": "Moves tonight"}
    plan = [
        record(['"kept"', '"old"'], ['"kept"', '"new"'], exception=allowed),
        record(None, [long]),
        record(['"gone"'], None),
        record(['"kept"'], ['"kept"'], ttl=60),
    ]
    text = "\n".join(plan_lines({"plan": plan, "approval_digest": "sha256:approved", "plan_digest": "sha256:p"}, True))
    assert '~  TXT  example.com  - "old"' in text and '+ "new"' in text and '"kept"' not in text
    assert "exception by lee@agency.example: Moves tonight" in text
    assert "AAAA ... AAAAAAAAAAAAAAAAEND" in text and long not in text
    assert '-  TXT  example.com  - "gone"' in text
    assert "ttl 300 -> 60" in text
    assert "digest sha256:approved" in text


def posture(**more: Any) -> dict[str, Any]:
    finding = {
        "code": "spf_missing",
        "severity": "error",
        "object": "example.com",
        "evidence": "No SPF record.\x1b[31m",
        "next": "Publish it.",
        "breaks": "outbound rejected",
    }
    notice = {**finding, "code": "dmarc_policy_none", "severity": "info", "evidence": "p=none."}
    classes = {"mx": {"status": "ok"}, "spf": {"status": "error", "lookups": 3}, "bimi": {"status": "not_asked"}}
    return {"name": "example.com", "ready": False, "classes": classes, "findings": [notice, finding], **more}


def test_a_posture_says_what_breaks_and_what_to_do() -> None:
    lines = posture_lines({"domains": [posture(drift=[{}, {}]), posture(name="b.example", ready=True, findings=[])]})
    assert lines[0] == "DNS  1 of 2 domains ready to send"
    assert lines[1].split() == "example.com NOT READY mx ok spf ERROR 3/10 drift 2".split()
    assert "ERROR" in lines[2] and "spf_missing" in lines[2] and "\x1b" not in lines[2]
    assert "breaks: outbound rejected; next: Publish it." in lines[3]
    assert "dmarc_policy_none" in lines[4]
    assert lines[5].split()[:2] == ["b.example", "ready"]


def test_a_large_portfolio_fits() -> None:
    lines = posture_lines({"domains": [posture(name="d%d.example" % number) for number in range(200)]})
    assert len(lines) == 201 and "lines more" in lines[-1]
    assert posture_lines({}) == [] and posture_lines({"domains": [{"name": "example.com"}]}) == []
