# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate before a stricter DMARC policy (R-DNS-06, D-DMARC-5, D-DMARC-6)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from dnstable import Table
from test_dns_alignment import ORG

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Dmarc, Sender
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc_gate import tightening
from ansible_collections.mailops.email.plugins.module_utils.dns.reports import Report, Row

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
LONG_AGO = NOW - datetime.timedelta(days=60)
GOOD = Sender("app", "example.com", addresses=("192.0.2.1",), dkim_domain="example.com", dkim_selector="s1")
SPF_ONLY = Sender("printer", "example.com", addresses=("192.0.2.2",))
RELAXED = Sender("news", "example.com", dkim_domain="mail.example.com", dkim_selector="s1")
BAD = Sender("crm", "example.com", addresses=("203.0.113.200",))
OPEN = Sender("shop", "example.com", dkim_domain="example.com")
CLEAN = Row("192.0.2.1", 90, "example.com", "example.com", "none", True, True)


def report(*rows: Row, days_ago: int = 3, domain: str = "example.com") -> Report:
    end = NOW - datetime.timedelta(days=days_ago)
    return Report("r.xml", "receiver.test", "1", end - datetime.timedelta(days=1), end, domain, "none", rows)


def gate(before: Any, after: Any, *senders: Sender, **options: Any) -> dict[str, str]:
    options = {"reports": [report(CLEAN)], "since": LONG_AGO, "now": NOW, **options}
    found = run(tightening("example.com", before, after, senders, **options), Table(ORG))
    return {one.code: one.severity for one in found}


NONE, QUARANTINE, REJECT = ("v=DMARC1; p=" + policy for policy in ("none", "quarantine", "reject"))


@pytest.mark.parametrize("before, after", [(NONE, QUARANTINE), (QUARANTINE, REJECT), (REJECT + "; sp=none", REJECT)])
def test_the_way_is_free_when_all_are_aligned(before: str, after: str) -> None:
    assert gate(before, after, GOOD) == {}


@pytest.mark.parametrize(
    "before, after",
    [
        (REJECT, NONE),
        (QUARANTINE, QUARANTINE),
        (QUARANTINE, QUARANTINE + "; t=y"),
        (REJECT + "; adkim=s", REJECT),
        ("", NONE),
        (NONE, NONE + "; adkim=s; aspf=s"),
        (NONE, "v=DMARC1; p=quarantine; t=y"),
        ("v=DMARC1; p=reject; t=y", QUARANTINE),
    ],
)
def test_what_is_not_stricter_is_not_asked_about(before: str, after: str) -> None:
    """A policy that is tested counts one step weaker (RFC 9989 section 4.7)."""
    assert gate(before, after, BAD, since=None, reports=()) == {}


@pytest.mark.parametrize("after", ["quarantine", "v=DMARC1; p=quarantine", Dmarc("quarantine")])
def test_a_failing_sender_refuses(after: str | Dmarc) -> None:
    """R-DNS-06, R-PAT-15: however the policy is said."""
    assert gate("none", after, GOOD, BAD) == {"dmarc_unaligned_sender": "error"}


def test_a_sender_that_cannot_be_judged_refuses_too() -> None:
    """Fail closed: not known to pass is not known to be safe."""
    assert gate(NONE, QUARANTINE, OPEN) == {"dmarc_unaligned_sender": "error"}


def test_subdomains_count() -> None:
    assert gate(NONE, NONE + "; sp=quarantine", BAD) == {"dmarc_unaligned_sender": "error"}


def test_reject_wants_dkim() -> None:
    """D-DMARC-5: forwarded mail that has SPF alone fails."""
    assert gate(QUARANTINE, REJECT, SPF_ONLY) == {"dmarc_reject_without_dkim": "error"}
    assert gate(NONE, QUARANTINE, SPF_ONLY) == {}


def test_strict_alignment_wants_exact_domains() -> None:
    """D-DMARC-6."""
    assert gate(QUARANTINE, QUARANTINE + "; adkim=s", RELAXED) == {"dmarc_strict_misaligned": "error"}
    assert gate(QUARANTINE, QUARANTINE + "; aspf=s", RELAXED) == {}
    assert gate(QUARANTINE, QUARANTINE + "; adkim=s; aspf=s", GOOD) == {}


def test_one_step_after_the_other() -> None:
    assert gate(NONE, REJECT, GOOD) == {"dmarc_step_skipped": "error"}
    assert gate("", REJECT, GOOD) == {"dmarc_step_skipped": "error"}
    assert gate(NONE, "v=DMARC1; p=reject; t=y", GOOD) == {}


def test_each_step_stands_for_a_month() -> None:
    """RFC 9989 section 7.4."""
    assert gate(NONE, QUARANTINE, GOOD, since=NOW - datetime.timedelta(days=29)) == {"dmarc_too_soon": "error"}
    assert gate(NONE, QUARANTINE, GOOD, since=None) == {"dmarc_too_soon": "error"}
    assert gate(NONE, QUARANTINE, GOOD, since=NOW - datetime.timedelta(days=30)) == {}


def test_a_new_domain_may_begin_with_quarantine() -> None:
    """Nobody relies on a domain without a record yet; its senders still have to pass."""
    assert gate("", QUARANTINE, GOOD, since=None, reports=()) == {}
    assert gate("", QUARANTINE, since=None, reports=()) == {"dmarc_no_senders": "warning"}
    assert gate("", QUARANTINE, BAD, since=None, reports=()) == {"dmarc_unaligned_sender": "error"}


def test_nobody_named_is_nobody_asked() -> None:
    assert gate(NONE, QUARANTINE) == {"dmarc_no_senders": "error"}


def test_reports_are_evidence() -> None:
    """Those of the domain, of the last month; without any, it is said."""
    assert gate(NONE, QUARANTINE, GOOD, reports=()) == {"dmarc_reports_missing": "warning"}
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(CLEAN, days_ago=40)]) == {"dmarc_reports_missing": "warning"}
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(CLEAN, domain="x.test")]) == {
        "dmarc_reports_missing": "warning"
    }
    failed = Row("192.0.2.1", 4, "example.com", "example.com", "none", False, False)
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(CLEAN, failed)]) == {"dmarc_reports_failing": "error"}
    stranger = Row("203.0.113.50", 400, "example.com", "", "none", False, False)
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(CLEAN, stranger)]) == {"dmarc_unknown_source": "warning"}
    signed = Row("203.0.113.50", 4, "example.com", "", "none", False, False, (), (("example.com", "s1", "fail"),))
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(signed)]) == {"dmarc_reports_failing": "error"}


def test_mail_that_was_passed_on_is_nobodys_fault() -> None:
    forwarded = Row("203.0.113.50", 4, "example.com", "", "none", False, False, ("forwarded",))
    assert gate(NONE, QUARANTINE, GOOD, reports=[report(CLEAN, forwarded)]) == {}
