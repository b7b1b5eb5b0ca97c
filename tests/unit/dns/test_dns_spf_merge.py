# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The approved pattern goes into the record that is there, and nobody else's terms go out of it (R-DNS-02, R-DNS-08)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.macros import SpfSyntax
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.merge import merged, merged_values
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import is_record, parse, parse_term
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

OURS = Spf(includes=("spf.mail.example",), all="~all")


@pytest.mark.parametrize(
    "existing, wanted, result",
    [
        (None, Spf(("spf.mail.example",), all="-all"), "v=spf1 include:spf.mail.example -all"),
        (
            None,
            Spf(("a.example",), ("mx", "ip4:192.0.2.0/24"), "~all"),
            "v=spf1 mx ip4:192.0.2.0/24 include:a.example ~all",
        ),
        (None, Spf(all="-all"), "v=spf1 -all"),
        ("v=spf1 include:other.example -all", OURS, "v=spf1 include:other.example include:spf.mail.example ~all"),
        ("v=spf1", OURS, "v=spf1 include:spf.mail.example ~all"),
        ("v=spf1 mx exp=why.example", OURS, "v=spf1 mx exp=why.example include:spf.mail.example ~all"),
        # said already, in another spelling
        ("v=spf1  +include:SPF.mail.example.  mx ~all ", OURS, "v=spf1  +include:SPF.mail.example.  mx ~all "),
        (
            "v=spf1 ip4:192.0.2.1/32 -all",
            Spf(mechanisms=("ip4:192.0.2.1",), all="-all"),
            "v=spf1 ip4:192.0.2.1/32 -all",
        ),
        # said with another verdict
        ("v=spf1 ?include:spf.mail.example ~all", OURS, "v=spf1 include:spf.mail.example ~all"),
        ("V=SPF1 mx ~all", OURS, "v=spf1 mx include:spf.mail.example ~all"),
        # behind `all` nobody reads it; what others have there stays dead
        ("v=spf1 ~all include:spf.mail.example mx", OURS, "v=spf1 include:spf.mail.example ~all mx"),
        ("v=spf1 mx -all ~all", OURS, "v=spf1 mx include:spf.mail.example ~all"),
        (
            "v=spf1 include:spf.mail.example mx include:spf.mail.example ~all",
            OURS,
            "v=spf1 include:spf.mail.example mx ~all",
        ),
        # a pattern without a last term leaves theirs
        ("v=spf1 mx ?all", Spf(("a.example",), all=""), "v=spf1 mx include:a.example ?all"),
        ("v=spf1 redirect=b.example", Spf(("a.example",), all=""), "v=spf1 redirect=b.example include:a.example"),
        # a redirect to what we include
        ("v=spf1 redirect=SPF.mail.example", OURS, "v=spf1 include:spf.mail.example ~all"),
        ("v=spf1 -all redirect=other.example", OURS, "v=spf1 include:spf.mail.example ~all redirect=other.example"),
        # what others broke is theirs to mend; the guard refuses to publish it
        ("v=spf1 ip4:192.0.2.1, -all", OURS, "v=spf1 ip4:192.0.2.1, include:spf.mail.example ~all"),
    ],
)
def test_merge(existing: str | None, wanted: Spf, result: str) -> None:
    assert merged(existing, wanted) == result


def test_what_the_baseline_once_included_goes() -> None:
    before = "v=spf1 include:old.example include:other.example ~all"
    assert merged(before, OURS, ["Old.Example."]) == "v=spf1 include:other.example include:spf.mail.example ~all"
    assert merged("v=spf1 redirect=old.example", OURS, ["old.example"]) == "v=spf1 include:spf.mail.example ~all"
    assert merged(before, Spf(("old.example",), all="~all"), ["old.example"]) == before


def test_a_redirect_of_others_is_not_silenced() -> None:
    with pytest.raises(Refused) as caught:
        merged("v=spf1 mx redirect=_spf.other.example", OURS)
    assert caught.value.code == "spf_redirect_foreign"
    assert "_spf.other.example" in caught.value.message + str(caught.value.hint)


@pytest.mark.parametrize(
    "wanted",
    [
        Spf(("no domain",)),
        Spf(mechanisms=("ip4:192.0.2.300",)),
        Spf(mechanisms=("-all",)),
        Spf(all="mx"),
        Spf(all="!all"),
    ],
)
def test_a_pattern_that_is_no_spf_is_refused(wanted: Spf) -> None:
    with pytest.raises(Refused) as caught:
        merged(None, wanted)
    assert caught.value.code == "spf_invalid"


def test_other_texts_of_the_name_stay_octet_for_octet() -> None:
    """R-DNS-09: the apex holds texts of others too, some of them no UTF-8 and in several strings."""
    others = ['"MS=ms1234"', '"a" "b"', '"\\255\\000"', '"v=spf10 mx"']
    spf = '"v=spf1 " "mx ~all"'
    assert merged_values([*others, spf], Spf(mechanisms=("mx",))) == [*others, spf]
    changed = merged_values([*others, spf], OURS)
    assert changed[:-1] == others
    assert txt.text(changed[-1]) == "v=spf1 mx include:spf.mail.example ~all"
    assert merged_values(others, OURS) == [*others, '"v=spf1 include:spf.mail.example ~all"']


def test_several_records_become_one() -> None:
    """D-SPF-1: two records are an error for every sender; what both say is kept, what was dead in one stays dead."""
    values = ['"v=spf1 mx include:a.example -all include:dead.example"', '"v=spf1 MX include:b.example ?all"']
    (one,) = merged_values(values, OURS)
    assert (
        txt.text(one)
        == "v=spf1 mx include:a.example include:b.example include:spf.mail.example ~all include:dead.example"
    )
    two = ['"v=spf1 redirect=a.example"', '"v=spf1 redirect=b.example"']
    with pytest.raises(SpfSyntax):
        parse(txt.text(merged_values(two, Spf(("c.example",), all=""))[0]))


NAMES = st.sampled_from(["a.example", "b.example", "c.example", "spf.mail.example", "%{d}.x.example", "A.Example."])
TERMS = st.one_of(
    st.builds(
        "{}{}".format, st.sampled_from(["", "+", "-", "~", "?"]), st.sampled_from(["mx", "a", "ptr", "a/24", "mx//64"])
    ),
    st.builds(
        "{}{}:{}".format,
        st.sampled_from(["", "+", "-", "?"]),
        st.sampled_from(["include", "a", "mx", "exists", "INCLUDE"]),
        NAMES,
    ),
    st.builds("ip4:192.0.2.{}".format, st.integers(0, 5)),
    st.builds("ip6:2001:db8::{:x}/{}".format, st.integers(0, 5), st.integers(126, 128)),
)
LASTS = st.sampled_from(["-all", "~all", "?all", "all"])
WORDS = st.one_of(
    TERMS, TERMS, TERMS, LASTS, st.sampled_from(["exp=why.example", "x=1", "ip4:1.2.3", "include", "nonsense"])
)
RECORDS = st.builds(
    lambda version, words, gaps: version + "".join(" " * gap + word for gap, word in zip(gaps, words, strict=False)),
    st.sampled_from(["v=spf1", "v=spf1", "V=SPF1"]),
    st.lists(WORDS, max_size=10),
    st.lists(st.integers(1, 3), min_size=10, max_size=10),
)
WANTED = st.builds(
    Spf,
    st.lists(st.sampled_from(["spf.mail.example", "new.example", "a.example"]), max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from(["mx", "ip4:192.0.2.1", "a:web.example", "-ip4:192.0.2.9"]), max_size=3, unique=True).map(
        tuple
    ),
    LASTS,
)


def identities(words: list[str]) -> list[object]:
    found: list[object] = []
    for word in words:
        try:
            found.append(parse_term(word).identity)
        except SpfSyntax:
            found.append(word)
    return found


def split(record: str) -> list[str]:
    return record[6:].split()


@given(RECORDS, WANTED)
def test_nobody_loses_a_term(existing: str, wanted: Spf) -> None:
    """Every foreign word is there as it was written, in its order, alive when it was and dead when it was."""
    ours = set(identities([*wanted.mechanisms, *["include:" + one for one in wanted.includes]]))
    result = merged(existing, wanted)

    def foreign(record: str) -> tuple[list[str], list[str]]:
        alive: list[str] = []
        dead: list[str] = []
        into = alive
        for word, identity in zip(split(record), identities(split(record)), strict=True):
            if word.lstrip("+-~?").lower() == "all":
                into = dead
            elif identity not in ours:
                into.append(word)
        return alive, dead

    assert foreign(result) == foreign(existing)


@given(st.none() | RECORDS, WANTED)
def test_what_is_approved_is_said_once_and_before_all(existing: str | None, wanted: Spf) -> None:
    result = merged(existing, wanted)
    words = split(result)
    lasts = [word for word in words if word.lstrip("+-~?").lower() == "all"]
    assert len(lasts) == 1
    assert parse_term(lasts[0]) == parse_term(wanted.all)
    alive = words[: words.index(lasts[0])]
    for term in [*wanted.mechanisms, *["include:" + one for one in wanted.includes]]:
        found = [word for word in words if identities([word]) == identities([term])]
        assert len(found) == 1
        assert found[0] in alive
        assert (
            parse_term(found[0]) == parse_term(term)
            or parse_term(found[0]).target.lower() in parse_term(term).target + "."
        )


@given(st.none() | RECORDS, WANTED)
def test_twice_is_once(existing: str | None, wanted: Spf) -> None:
    once = merged(existing, wanted)
    assert merged(once, wanted) == once
    assert is_record(once)
    assert once.startswith("v=spf1")


@given(RECORDS, WANTED)
def test_a_record_that_could_be_read_still_can(existing: str, wanted: Spf) -> None:
    try:
        parse(existing)
    except SpfSyntax:
        return
    parse(merged(existing, wanted))
