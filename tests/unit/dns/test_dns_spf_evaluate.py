# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the suite of RFC 7208 leaves open about evaluation: limits of what is asked, names of senders, macros (R-DNS-03)."""

from __future__ import annotations

import typing as t

import pytest
from spfsuite import Table

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import SpfResult, check_host
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.macros import SpfSyntax, check_name, expand
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import is_record, parse, records_of

REVERSE = "9.2.0.192.in-addr.arpa"


def check(
    record: str, zone: dict[str, t.Any] | None = None, sender: str = "ann@example.com"
) -> tuple[SpfResult, Table]:
    table = Table({"example.com": [{"TXT": record}], **(zone or {})})
    return run(check_host("192.0.2.9", "example.com", sender, "mta.example.net", now=1700000000.5), table), table


def test_what_cannot_be_asked_for_is_not_asked_for() -> None:
    """RFC 7208 sections 4.3 and 4.8: a label of 64 characters does not exist, and no server has to say so."""
    table = Table({})
    for domain in (
        "x" * 64 + ".example.com",
        "a..example.com",
        "example",
        "[192.0.2.9]",
        "192.0.2.9",
        "é.example",
        ".".join(["x" * 50] * 6),
    ):
        assert run(check_host("192.0.2.9", domain, "ann@" + domain), table).result == "none"
    assert not table.asked
    record = "v=spf1 a:%s.example mx:a..example ?all" % ("x" * 64)
    result, table = check(record)
    assert (result.result, result.void_lookups, len(table.asked)) == ("neutral", 2, 1)


def test_results_and_counts() -> None:
    result, dummy = check(
        "v=spf1 a:h.example include:i.example -all", {"i.example": [{"TXT": "v=spf1 exists:no.example"}]}
    )
    assert (result.result, result.lookups, result.void_lookups, result.problem) == ("fail", 3, 2, "")
    result, dummy = check("v=spf1 include:none.example -all")
    assert (result.result, result.problem) == ("permerror", "spf_include_missing_record")
    assert "none.example" in result.detail
    result, dummy = check("v=spf1 mx -all", {"example.com": [{"TXT": "v=spf1 mx -all"}, {"MX": [0, "."]}]})
    assert (result.result, result.void_lookups) == ("fail", 0)


def test_an_explanation_is_asked_for_only_where_it_is_shown() -> None:
    """RFC 7208 section 6.2: that of an included record never is."""
    zone = {"i.example": [{"TXT": "v=spf1 -all exp=why.example"}], "why.example": [{"TXT": "%{c} at %{t} by %{r}"}]}
    result, table = check("v=spf1 include:i.example ~all", zone)
    assert (result.result, result.explanation) == ("softfail", "")
    assert [one.name for one in table.asked] == ["example.com", "i.example"]
    assert check("v=spf1 redirect=i.example", zone)[0].explanation == "192.0.2.9 at 1700000000 by unknown"


def test_names_of_an_address_have_to_lead_back() -> None:
    zone: dict[str, t.Any] = {
        REVERSE: [{"PTR": "liar.example.com"}, {"PTR": "mta.notexample.com"}, {"PTR": "mta.example.net"}],
        "liar.example.com": [{"A": "192.0.2.8"}],
        "mta.notexample.com": [{"A": "192.0.2.9"}],
        "mta.example.net": [{"A": "192.0.2.9"}],
    }
    assert check("v=spf1 ptr -all", zone)[0].result == "fail"
    assert check("v=spf1 ptr:example.net -all", zone)[0].result == "pass"
    zone = {REVERSE: [{"PTR": "h%02d.example.com" % one} for one in range(12)]}
    zone.update({"h%02d.example.com" % one: [{"A": "192.0.2.9" if one > 9 else "192.0.2.8"}] for one in range(12)})
    assert check("v=spf1 ptr -all", zone)[0].result == "fail"


@pytest.mark.parametrize(
    "names, shown",
    [
        (["a.example.net", "b.example.com", "example.com"], "example.com"),
        (["a.example.net", "b.example.com"], "b.example.com"),
        (["a.example.net"], "a.example.net"),
        ([], "unknown"),
    ],
)
def test_the_name_that_p_says(names: list[str], shown: str) -> None:
    """RFC 7208 section 7.3: the domain itself, then one below it, then any."""
    zone: dict[str, t.Any] = {one: [{"A": "192.0.2.9"}] for one in names}
    zone[REVERSE] = [{"PTR": one} for one in names]
    zone["why.example"] = [{"TXT": "%{p}"}]
    if "example.com" in names:
        zone["example.com"] = [{"TXT": "v=spf1 exp=why.example -all"}, {"A": "192.0.2.9"}]
    assert check("v=spf1 exp=why.example -all", zone)[0].explanation == shown


def test_macros() -> None:
    values = {"s": "a/b+c@example.com", "d": "mail.example.com", "l": "a-b.c"}
    assert expand("%{S}", values.__getitem__) == "a%2Fb%2Bc%40example.com"
    assert expand("%{d2}/%{dr}/%{d1r}/%{l-}/%{lr-.}%%%_%-", values.__getitem__) == (
        "example.com/com.example.mail/mail/a.b.c/c.b.a% %20"
    )
    for text in (
        "%{d0}.example.com",
        "%{d",
        "%",
        "%{x}.example.com",
        "%{d}example",
        "a.123",
        "a.b-",
        "localhost",
        "",
        "a b.com",
    ):
        with pytest.raises(SpfSyntax):
            check_name(text)
    for text in ("%{d}", "%{d}.com", "a.%%", "a.b.", "%{i1}.a.b-c", "%{d99999}", "a/b.com"):
        check_name(text)


def test_which_texts_are_records() -> None:
    """D-SPF-1: the version without case, and nothing glued to it."""
    assert all(is_record(one) for one in ("v=spf1", "V=SPF1 -all", "v=spf1 "))
    assert not any(is_record(one) for one in ("v=spf10", "v=spf1. mx", "v=spf1\tmx", " v=spf1", "v=spf2.0/pra"))
    assert records_of(['"v=sp" "f1 -all"', '"other"']) == ["v=spf1 -all"]
    with pytest.raises(SpfSyntax, match="ASCII"):
        parse("v=spf1 a:ex\udce4mple.com")
