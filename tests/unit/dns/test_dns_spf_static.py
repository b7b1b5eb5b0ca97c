# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on a policy without a sender: what the guards refuse and what the checks tell (R-DNS-03, D-SPF-1 to D-SPF-5, G5)."""

from __future__ import annotations

import typing as t

import pytest
from spfsuite import Table

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.static import SpfVerdict, judge


def spf(text: str) -> list[dict[str, str]]:
    return [{"TXT": text}]


HOST = [{"A": "192.0.2.1"}, {"AAAA": "2001:db8::1"}]


def verdict(text: str, zone: dict[str, t.Any] | None = None) -> SpfVerdict:
    return run(
        judge("example.com", text),
        Table({"h.example": HOST, "ok.example": spf("v=spf1 ip4:192.0.2.0/24 -all"), **(zone or {})}),
    )


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 " + " ".join("+a:h%d.example" % one for one in range(20)),
        "v=spf1 " + " ".join("+a:h%d.example" % one for one in range(20)) + " -all",
        "v=spf1 " + " ".join("a:h%d.example" % one for one in range(11)),
        "v=spf1 " + " ".join("a:h.example" for dummy in range(11)),
        "v=spf1 " + " ".join("include:i%d.example" % one for one in range(11)) + " ~all",
    ],
)
def test_eleven_look_ups_are_refused(record: str) -> None:
    """G5 and R-DNS-03: whatever causes the look-ups, and with or without a last term."""
    zone: dict[str, t.Any] = {"h%d.example" % one: HOST for one in range(20)}
    zone.update({"i%d.example" % one: spf("v=spf1 ip4:192.0.2.%d" % one) for one in range(11)})
    found = verdict(record, zone)
    assert (found.status, found.problem, found.unfit) == ("broken", "spf_too_many_lookups", "spf_too_many_lookups")
    assert found.lookups in (11, 20)


def test_capitals_are_no_way_round() -> None:
    """G5: a receiver compares the version without case (D-SPF-1), so what it says counts; we do not publish it."""
    found = verdict("V=SPF1 " + " ".join("a:h.example" for dummy in range(11)))
    assert found.problem == "spf_too_many_lookups"
    found = verdict("V=SPF1 mx:h.example -all")
    assert (found.status, found.unfit) == ("valid", "spf_version_case")


def test_look_ups_are_counted_through_includes() -> None:
    zone = {
        "one.example": spf("v=spf1 include:two.example a:h.example"),
        "two.example": spf("v=spf1 mx exists:h.example ptr redirect=three.example"),
        "three.example": spf("v=spf1 ip4:192.0.2.1 ~all include:never.example"),
    }
    found = verdict("v=spf1 include:one.example include:ok.example -all", zone)
    assert (found.lookups, found.status) == (8, "valid")
    assert [code for code, dummy in found.warnings] == ["spf_ptr", "spf_many_lookups"]
    assert found.includes == ("one.example", "ok.example")


def test_strangers_alone_meet_the_limit() -> None:
    """The suite's include-at-limit: who is named gets its verdict in time. It works, and we would not publish it."""
    found = verdict("v=spf1 " + " ".join("a:h.example" for dummy in range(10)) + " mx -all")
    assert (found.status, found.lookups, found.unfit) == ("valid", 11, "spf_too_many_lookups")
    assert [code for code, dummy in found.warnings] == ["spf_too_many_lookups"]
    assert verdict("v=spf1 " + " ".join("a:h.example" for dummy in range(10)) + " -a:h.example -all").status == "valid"
    assert (
        verdict("v=spf1 " + " ".join("a:h.example" for dummy in range(10)) + " exists:%{i}.h.example -all").status
        == "broken"
    )


@pytest.mark.parametrize(
    "record, zone, problem, words",
    [
        ("v=spf1 include:none.example -all", {}, "spf_include_missing_record", "none.example"),
        ("v=spf1 include:h.example -all", {}, "spf_include_missing_record", "h.example"),
        ("v=spf1 redirect=none.example", {}, "spf_redirect_missing_record", "none.example"),
        ("v=spf1 include:a.example -all", {"a.example": spf("v=spf1 include:example.com")}, "spf_loop", "a.example"),
        ("v=spf1 redirect=example.com", {}, "spf_loop", "example.com"),
        ("v=spf1 a:n1.example a:n2.example mx:n3.example -all", {}, "spf_too_many_voids", "3"),
        ("v=spf1 ip4:192.0.2.300 -all", {}, "spf_syntax", "192.0.2.300"),
        ("v=spf1 include:bad.example", {"bad.example": spf("v=spf1 nonsense")}, "spf_syntax", "bad.example"),
        ("v=spf1 include:two.example", {"two.example": spf("v=spf1 -all") * 2}, "spf_multiple", "two.example"),
        (
            "v=spf1 mx:many.example -all",
            {"many.example": [{"MX": [1, "mx%d.example" % one]} for one in range(11)]},
            "spf_too_many_mx",
            "many.example",
        ),
    ],
)
def test_what_breaks_a_policy(record: str, zone: dict[str, t.Any], problem: str, words: str) -> None:
    found = verdict(record, zone)
    assert (found.status, found.problem, found.unfit) == ("broken", problem, problem)
    assert words in found.detail


@pytest.mark.parametrize(
    "record, warnings",
    [
        ("v=spf1 include:ok.example +all", ["spf_allows_everyone"]),
        ("v=spf1 include:ok.example ?all", ["spf_no_verdict"]),
        ("v=spf1 include:ok.example", ["spf_no_verdict"]),
        ("v=spf1 -all include:ok.example", ["spf_dead_terms"]),
        ("v=spf1 -all redirect=ok.example", ["spf_dead_redirect"]),
        ("v=spf1 redirect=ok.example", []),
        ("v=spf1 a:h.example -all", []),
        ("v=spf1 a:v4.example a:w4.example a:x4.example -all", ["spf_voids_of_family"]),
        ("v=spf1 exists:%{i}.ok.example include:%{l}.example -all", ["spf_not_followed"]),
        ("v=spf1 include:%{d1}.ok.%{o} -all", []),
        ("v=spf1 " + " ".join("ip4:192.0.2.%d" % one for one in range(40)) + " -all", ["spf_long"]),
    ],
)
def test_what_works_and_should_not_be_so(record: str, warnings: list[str]) -> None:
    zone: dict[str, t.Any] = {"%s4.example" % one: [{"A": "192.0.2.9"}] for one in "vwx"}
    zone["com.ok.example.com"] = spf("v=spf1 -all")
    found = verdict(record, zone)
    assert found.status == "valid"
    assert [code for code, dummy in found.warnings] == warnings


def test_a_redirect_decides_the_last_term() -> None:
    found = verdict("v=spf1 mx:h.example redirect=ok.example")
    assert (found.redirect, found.all) == ("ok.example", "-all")
    assert verdict("v=spf1 redirect=ok.example all").redirect == ""


def test_a_server_that_fails_is_no_verdict() -> None:
    zone = {"slow.example": ["TIMEOUT"], "a.example": spf("v=spf1 a:slow.example -all")}
    for record in ("v=spf1 include:slow.example -all", "v=spf1 a:slow.example -all", "v=spf1 include:a.example -all"):
        found = verdict(record, zone)
        assert (found.status, found.problem, found.unfit) == ("unknown", "spf_server_failed", "spf_server_failed")
        assert "timeout" in found.detail
    assert verdict("v=spf1 a:slow.example include:none.example -all", zone).status == "broken"


def test_the_domain_s_own_record() -> None:
    """With the record set asked for already, nothing is asked for again."""
    table = Table({"example.com": [{"TXT": "v=spf1 -all"}, {"TXT": "other"}], "two.example": spf("v=spf1 mx") * 2})
    assert run(judge("Example.COM."), table).record == "v=spf1 -all"
    assert run(judge("none.example"), table).status == "none"
    assert run(judge("two.example"), table).problem == "spf_multiple"
    table.asked.clear()
    assert run(judge("example.com", values=['"v=spf1 -all"']), table).all == "-all"
    assert run(judge("example.com", values=()), table).unfit == "spf_none"
    assert not table.asked


def test_a_hostile_policy_costs_little() -> None:
    """A record may hold thousands of terms, and each include as many again."""
    wide = "v=spf1 " + " ".join("include:w%d.example" % one for one in range(50))
    zone = {
        "w%d.example" % one: spf("v=spf1 " + " ".join("include:x%d-%d.example" % (one, two) for two in range(5)))
        for one in range(50)
    }
    table = Table(zone)
    found = run(judge("example.com", wide), table)
    assert (found.status, found.unfit) == ("broken", found.problem)
    assert len(table.asked) < 200
    table = Table({"example.com": [{"MX": [one, "mx%d.example" % one]} for one in range(500)]})
    assert run(judge("example.com", "v=spf1 mx"), table).problem == "spf_too_many_mx"
    assert len(table.asked) == 1
    table.asked.clear()
    assert run(judge("example.com", "v=spf1 a:%s.example a:b..example -all" % ("x" * 64)), table).void_lookups == 2
    assert not table.asked
