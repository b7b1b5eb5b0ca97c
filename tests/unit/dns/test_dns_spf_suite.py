# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The suite of RFC 7208: all 203 evaluations, and all 164 policies of which it says one thing (R-DNS-03, anchors 2.4)."""

from __future__ import annotations

import typing as t

import pytest
from spfsuite import Table, policies, scenarios

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import check_host
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.static import judge

TESTS = [pytest.param(scenario, test, id=name) for scenario in scenarios() for name, test in scenario["tests"].items()]
POLICIES = policies()


@pytest.mark.parametrize("scenario, test", TESTS)
def test_evaluation(scenario: dict[str, t.Any], test: dict[str, t.Any]) -> None:
    sender = test["mailfrom"]
    domain = sender.rpartition("@")[2] or test["helo"]
    check = check_host(test["host"], domain, sender, test["helo"], test.get("receiver", "unknown"))
    result = run(check, Table(scenario["zonedata"]))
    assert result.result in (test["result"] if isinstance(test["result"], list) else [test["result"]]), result
    assert bool(result.problem) == (result.result in ("permerror", "temperror")), result
    if "explanation" in test:
        assert (result.explanation or "DEFAULT") == test["explanation"]


@pytest.mark.parametrize("scenario, domain, status", POLICIES, ids=["%s %s" % (one[0], one[1]) for one in POLICIES])
def test_policy(scenario: str, domain: str, status: str) -> None:
    zone = next(one["zonedata"] for one in scenarios() if one["description"] == scenario)
    verdict = run(judge(domain), Table(zone))
    assert verdict.status == status, verdict
    assert bool(verdict.problem) == (status == "broken")


def test_nothing_of_the_suite_is_left_out() -> None:
    assert len(TESTS) == 203
    statuses = [status for dummy, dummy2, status in POLICIES]
    assert (statuses.count("valid"), statuses.count("broken")) == (90, 74)
