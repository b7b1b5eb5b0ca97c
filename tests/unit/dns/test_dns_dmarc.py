# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMARC records and the tree walk (RFC 9989 sections 4.7, 4.8, 4.10 and appendix B.4; D-DMARC-1 to D-DMARC-4)."""

from __future__ import annotations

import pytest
from dnstable import Table
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Question, run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, Dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.checks_dmarc import dmarc_part, reports_arrive
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc_walk import (
    QUERIES,
    Applied,
    applying,
    names,
    walk,
)


@pytest.mark.parametrize(
    "text, is_record",
    [
        ("v=DMARC1", True),
        ("v=DMARC1;", True),
        ("v=DMARC1;p=none", True),
        ("V = DMARC1 ; p=none", True),
        ("v=dmarc1; p=none", False),
        ("p=none; v=DMARC1", False),
        ("v=DMARC10; p=none", False),
        ("v=DMARC1 p=none", False),
        (" v=DMARC1; p=none", False),
        ("v=spf1 -all", False),
        ("", False),
    ],
)
def test_what_receivers_take_for_a_record(text: str, is_record: bool) -> None:
    """RFC 9989 section 4.7: the version stands first, and its case matters."""
    assert dmarc.is_record(text) == is_record


@pytest.mark.parametrize(
    "text, p, sp, np, applies",
    [
        ("v=DMARC1; p=reject", "reject", "reject", "reject", True),
        ("v=DMARC1; p=reject; sp=none", "reject", "none", "none", True),
        ("v=DMARC1; p=none; np=reject", "none", "none", "reject", True),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", "none", "quarantine", "reject", True),
        ("v=DMARC1; P=Reject", "reject", "reject", "reject", True),
        ("v=DMARC1; rua=mailto:a@example.com", "none", "none", "none", True),
        ("v=DMARC1", "none", "none", "none", False),
        ("v=DMARC1; p=bogus; rua=mailto:a@example.com", "none", "none", "none", True),
        ("v=DMARC1; p=bogus", "none", "none", "none", False),
        ("v=DMARC1; p=reject; sp=bogus; rua=mailto:a@example.com", "none", "none", "none", True),
        ("v=DMARC1; p=reject; sp=bogus", "none", "none", "none", False),
        ("v=DMARC1; p=bogus; rua=example.com", "none", "none", "none", False),
    ],
)
def test_the_policy_of_a_record(text: str, p: str, sp: str, np: str, applies: bool) -> None:
    """RFC 9989 sections 4.7 and 4.10.1: a missing ``p`` counts as none when reports are asked for, and as no record otherwise."""
    record = dmarc.parse(text)
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == (p, sp, np)
    assert record.applies == applies


@pytest.mark.parametrize(
    "text, codes",
    [
        ("v=DMARC1; p=none; pct=50; rf=afrf; ri=86400", ["dmarc_obsolete_tag"] * 3),
        ("v=DMARC1; p=none; xyz=1", ["dmarc_unknown_tag"]),
        ("v=DMARC1; p=none; p=reject", ["dmarc_syntax"]),
        ("v=DMARC1; p=none; adkim=x; aspf=strict; t=1; psd=maybe", ["dmarc_syntax"] * 4),
        ("v=DMARC1; p=none; fo=1:d:s", []),
        ("v=DMARC1; p=none; fo=0:1", ["dmarc_syntax"]),
        ("v=DMARC1; p=none; fo=x", ["dmarc_syntax"]),
        ("v=DMARC1; p=none; rua", ["dmarc_syntax"]),
        ("v=DMARC1; p=none; rua=a@example.com", ["dmarc_rua_invalid"]),
        ("v=DMARC1; p=none; rua=mailto:example.com", ["dmarc_rua_invalid"]),
        ("v=DMARC1; p=none; rua=mailto:a@example.com!10m, mailto:b@example.com", []),
        ("v=DMARC1; p=none; ruf=https://example.com/in", []),
        ("v=DMARC1; p=reject; sp=none;", []),
        ("v=DMARC1; sp=none", ["dmarc_policy_missing"]),
    ],
)
def test_what_is_wrong_with_a_record(text: str, codes: list[str]) -> None:
    """D-DMARC-2 among them."""
    assert [code for code, dummy in dmarc.parse(text).problems] == codes


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    record = dmarc.parse("v=DMARC1;" + text)
    assert record.policy in ("none", "quarantine", "reject")
    assert record.applies in (True, False)


@given(
    st.sampled_from(("none", "quarantine", "reject")),
    st.sampled_from(("", "none", "reject")),
    st.sampled_from(("relaxed", "strict")),
    st.booleans(),
)
def test_what_is_approved_reads_as_it_was_meant(policy: str, sp: str, adkim: str, testing: bool) -> None:
    approved = Dmarc(policy, sp, dkim_alignment=adkim, aggregate_reports=("a@example.com",), testing=testing)
    record = dmarc.parse(dmarc.of_baseline(approved).text)
    assert not record.problems
    assert not [
        one for one in dmarc.judge("example.com", approved, [record.text])[1] if one.severity != "info" and "weaker" not in one.code
    ]  # fmt: skip


# ---- the walk


def dmarc_at(**texts: str) -> Table:
    return Table({"_dmarc." + name.replace("_", "."): {"TXT": [text]} for name, text in texts.items()})


def test_long_names_take_eight_queries() -> None:
    """RFC 9989 section 4.10, the example there."""
    asked = list(names("a.b.c.d.e.f.g.h.i.j.mail.example.com"))
    assert asked == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_no_walk_takes_more_than_eight_queries(labels: list[str]) -> None:
    asked = list(names(".".join(labels)))
    assert len(asked) <= QUERIES == 8
    assert asked[0] == ".".join(labels) and asked[-1] == labels[-1]
    assert len(asked) == min(len(labels), 8)


def test_simple_example() -> None:
    """B.4.1: the organization is the highest domain with a record."""
    table = dmarc_at(example_com="v=DMARC1; p=reject", signing_example_com="v=DMARC1; p=none")
    author = run(walk("example.com"), table)
    assert [question.name for question in table.asked] == ["_dmarc.example.com", "_dmarc.com"]
    assert author.organization == "example.com"
    assert run(walk("signing.example.com"), table).organization == "example.com"
    assert applying(author) == Applied("reject", "example.com")


def test_deep_example() -> None:
    """B.4.2."""
    table = dmarc_at(example_com="v=DMARC1; p=reject; sp=quarantine; np=none", signing_example_com="v=DMARC1; p=none")
    author = run(walk("a.b.c.d.e.f.g.h.i.j.k.example.com"), table)
    assert len(table.asked) == 8
    assert author.organization == "example.com"
    assert applying(author) == Applied("quarantine", "example.com")
    assert applying(author, exists=False) == Applied("none", "example.com")


def test_example_with_a_public_suffix() -> None:
    """B.4.3: the organization is the domain below the one that says psd=y, record or not."""
    table = dmarc_at(bank_example="v=DMARC1; p=reject; psd=y", giant_bank_example="v=DMARC1; p=quarantine")
    author = run(walk("giant.bank.example"), table)
    assert author.organization == "giant.bank.example"
    assert [question.name for question in table.asked] == ["_dmarc.giant.bank.example", "_dmarc.bank.example"]
    assert applying(author) == Applied("quarantine", "giant.bank.example")
    assert run(walk("mail.giant.bank.example"), table).organization == "giant.bank.example"
    other = run(walk("mail.mega.bank.example"), table)
    assert other.organization == "mega.bank.example"
    assert applying(other) == Applied("reject", "bank.example")


def test_the_walk_ends_where_an_organization_says_that_it_is_one() -> None:
    table = dmarc_at(mail_example_com="v=DMARC1; p=none; psd=n", example_com="v=DMARC1; p=reject")
    found = run(walk("a.mail.example.com"), table)
    assert found.organization == "mail.example.com"
    assert [question.name for question in table.asked] == ["_dmarc.a.mail.example.com", "_dmarc.mail.example.com"]


def test_two_records_are_as_good_as_none() -> None:
    table = Table({"_dmarc.example.com": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}})
    found = run(walk("example.com"), table)
    assert found.policy is None and found.organization == "example.com"
    assert applying(found) == Applied("")


def test_a_walk_that_could_not_see_all_says_so() -> None:
    table = Table({"_dmarc.example.com": {"TXT": ["v=DMARC1; p=none"]}}, failing=("_dmarc.com",))
    assert "timeout" in run(walk("example.com"), table).failed


# ---- reports


def codes(table: Table, text: str) -> list[str]:
    return [one.code for one in run(reports_arrive("example.com", dmarc.parse(text)), table)]


def test_reports_to_others_need_their_word() -> None:
    """D-DMARC-4."""
    record = "v=DMARC1; p=none; rua=mailto:d@reports.test"
    mail = {"reports.test": {"MX": ["10 mx.reports.test."]}}
    assert codes(Table(mail), record) == ["dmarc_rua_unauthorised"]
    for value in ("v=DMARC1;", "v=DMARC1; rua=mailto:other@reports.test"):
        assert codes(Table({**mail, "example.com._report._dmarc.reports.test": {"TXT": [value]}}), record) == []
    assert codes(Table({**mail, "example.com._report._dmarc.reports.test": {"TXT": ["yes"]}}), record) == [
        "dmarc_rua_unauthorised"
    ]


def test_reports_have_to_arrive() -> None:
    record = "v=DMARC1; p=none; rua=mailto:d@example.com"
    assert codes(Table({"example.com": {"TXT": ["x"]}}), record) == ["dmarc_rua_undeliverable"]
    assert codes(Table({"example.com": {"MX": ["0 ."]}}), record) == ["dmarc_rua_undeliverable"]
    assert codes(Table({"example.com": {"A": ["192.0.2.1"]}}), record) == []
    assert codes(Table({}, failing=("example.com",)), record) == []


def test_one_organization_needs_no_word() -> None:
    for target in ("example.com", "sub.example.com"):
        assert codes(Table({target: {"MX": ["10 a.test."]}}), "v=DMARC1; p=none; rua=mailto:d@" + target) == []
    siblings = {
        "b.example.com": {"MX": ["10 a.test."]},
        "_dmarc.example.com": {"TXT": ["v=DMARC1; p=none"]},
    }
    policy = dmarc.parse("v=DMARC1; p=none; rua=mailto:d@b.example.com")
    assert not run(reports_arrive("a.example.com", policy), Table(siblings))


# ---- the part of a domain


def test_a_subdomain_has_the_policy_of_its_organization() -> None:
    table = dmarc_at(example_com="v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com")
    place = ("_dmarc.mail.example.com", "TXT")
    seen = {place: table.answer([Question(*place)])[0]}
    found = run(dmarc_part(Baseline("mail.example.com"), seen), table)
    assert [one.code for one in found.findings] == ["dmarc_inherited"]
    assert (found.more["policy"], found.more["source"]) == ("quarantine", "example.com")
    wanted = run(dmarc_part(Baseline("mail.example.com", dmarc=Dmarc("none")), seen), table)
    assert [one.code for one in wanted.findings] == ["dmarc_missing"]
