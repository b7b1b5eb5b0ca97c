# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a baseline to record sets: ours is replaced, what others have put beside it stays (R-DNS-08 to R-DNS-11, R-DNS-13)."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import (
    Baseline,
    DkimKey,
    Dmarc,
    MtaSts,
    Spf,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import (
    places_of,
    planned,
    restoring,
    wanted_of,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

NAME = "example.com"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
BASELINE = Baseline(
    NAME,
    mx=((10, "mx.example.net"),),
    spf=Spf(("spf.example.net",), (), "-all"),
    dkim=(DkimKey("selector1", KEY), DkimKey("s2", cname="s2.dkim.example.net")),
    dmarc=Dmarc(
        "quarantine", dkim_alignment="strict", spf_alignment="strict", aggregate_reports=("dmarc@example.com",)
    ),
    mta_sts=MtaSts("20260101"),
    tls_rpt=("tls@example.com",),
)

Sets = dict[tuple[str, str], RecordSet]


def sets(*rows: tuple[str, str, list[str]]) -> Sets:
    return {(name, kind): RecordSet.of(name, kind, 300, values) for name, kind, values in rows}


def plan(baseline: Baseline, observed: Sets) -> Sets:
    """What is there once the plan is carried out."""
    return carried_out(planned(wanted_of(baseline), baseline.remove, observed, baseline.ttl), observed)


def carried_out(changes: t.Any, observed: Sets) -> Sets:
    after = dict(observed)
    for change in changes:
        assert change.before == observed.get((change.name, change.type))
        if change.after is None:
            del after[change.name, change.type]
        else:
            after[change.name, change.type] = change.after
    return after


def text_of(found: Sets, name: str) -> str:
    (value,) = found[name, "TXT"].values
    return txt.text(value)


def test_an_empty_zone_gets_the_reference_records() -> None:
    """R-DNS-08, R-DNS-09, R-DNS-10."""
    found = plan(BASELINE, {})
    assert found[NAME, "MX"].values == ("10 mx.example.net.",)
    assert text_of(found, NAME) == "v=spf1 include:spf.example.net -all"
    assert text_of(found, "selector1._domainkey." + NAME) == KEY
    assert [len(one) for one in txt.strings(found["selector1._domainkey." + NAME, "TXT"].values[0])] == [255, 155]
    assert found["s2._domainkey." + NAME, "CNAME"].values == ("s2.dkim.example.net.",)
    dmarc = "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com; adkim=s; aspf=s"
    assert text_of(found, "_dmarc." + NAME) == dmarc
    assert text_of(found, "_mta-sts." + NAME) == "v=STSv1; id=20260101;"
    assert text_of(found, "_smtp._tls." + NAME) == "v=TLSRPTv1; rua=mailto:tls@example.com"
    assert {one.ttl for one in found.values()} == {3600}


def test_nothing_is_planned_twice() -> None:
    found = plan(BASELINE, {})
    assert planned(wanted_of(BASELINE), (), found, 3600) == []


def test_other_text_at_the_apex_stays_to_the_byte() -> None:
    foreign = ['"google-site-verification=abc"', '"two" "strings \\"quoted\\" \\200"']
    before = sets((NAME, "TXT", [*foreign, '"v=spf1 include:old.example a:web.example.com ~all"']))
    after = plan(BASELINE, before)
    assert set(foreign) < set(after[NAME, "TXT"].values)
    assert after[NAME, "TXT"].ttl == 300
    (spf,) = set(after[NAME, "TXT"].values) - set(foreign)
    for term in ("include:old.example", "a:web.example.com", "include:spf.example.net", "-all"):
        assert term in txt.text(spf).split()
    assert "~all" not in txt.text(spf)


def test_an_old_mx_goes_only_by_name() -> None:
    before = sets((NAME, "MX", ["5 old.example.org.", "10 mx.example.net."]))
    assert plan(BASELINE, before)[NAME, "MX"] == before[NAME, "MX"]
    named = Baseline(NAME, mx=BASELINE.mx, remove=((NAME, "MX", "5 old.example.org."),))
    assert plan(named, before)[NAME, "MX"].values == ("10 mx.example.net.",)


def test_what_means_the_same_is_left_as_it_is_written() -> None:
    before = plan(BASELINE, {})
    for name, text in (
        ("_dmarc." + NAME, "v=DMARC1;p=quarantine;adkim=s;aspf=s;rua=mailto:dmarc@example.com;t=n"),
        ("selector1._domainkey." + NAME, "k=rsa; p=" + "A" * 200 + " " + "A" * 192),
    ):
        before[name, "TXT"] = RecordSet.of(name, "TXT", 300, [txt.encode(text)])
    assert planned(wanted_of(BASELINE), (), before, 3600) == []


def test_two_spf_records_are_a_decision_of_a_person() -> None:
    """RFC 7208 section 4.5: with two of them there is none."""
    before = sets((NAME, "TXT", ['"v=spf1 -all"', '"v=spf1 mx ~all"']))
    with pytest.raises(Refused) as caught:
        plan(BASELINE, before)
    assert caught.value.code == "several_records"
    named = Baseline(NAME, spf=BASELINE.spf, remove=((NAME, "TXT", '"v=spf1 mx ~all"'),))
    assert len(plan(named, before)[NAME, "TXT"].values) == 1


def test_a_cname_is_not_put_beside_a_key() -> None:
    """RFC 1034 section 3.6.2."""
    before = sets(("s2._domainkey." + NAME, "TXT", ['"p=abc"']))
    with pytest.raises(Refused) as caught:
        plan(BASELINE, before)
    assert caught.value.code == "record_in_the_way"
    name = "s2._domainkey." + NAME
    named = Baseline(NAME, dkim=BASELINE.dkim, remove=((name, "TXT", '"p=abc"'),))
    after = plan(named, before)
    assert (name, "TXT") not in after and (name, "CNAME") in after
    assert ("s2._domainkey." + NAME, "TXT") in places_of(BASELINE)


def test_a_parked_domain() -> None:
    """D-PARK-1; a null MX stands alone (RFC 7505 section 3)."""
    parked = Baseline(NAME, sending=False)
    found = plan(parked, {})
    assert found[NAME, "MX"].values == ("0 .",)
    assert text_of(found, NAME) == "v=spf1 -all"
    assert text_of(found, "_dmarc." + NAME) == "v=DMARC1; p=reject"
    assert text_of(found, "*._domainkey." + NAME) == "v=DKIM1; p="
    with pytest.raises(Refused) as caught:
        plan(parked, sets((NAME, "MX", ["10 mx.example.net."])))
    assert caught.value.code == "record_in_the_way"


_VALUES = {
    "MX": st.sampled_from(["10 a.example.", "20 b.example.", "0 ."]),
    "TXT": st.sampled_from(
        ['"v=spf1 -all"', '"v=spf1 include:x.example ~all"', '"site=1"', '"x" "y"', '"v=DMARC1; p=none"', '"\\255"']
    ),
    "CNAME": st.sampled_from(["c.example."]),
}
_PLACES = [
    (NAME, "MX"),
    (NAME, "TXT"),
    ("_dmarc." + NAME, "TXT"),
    ("k._domainkey." + NAME, "TXT"),
    ("www." + NAME, "TXT"),
]


@st.composite
def zones(draw: t.Any) -> Sets:
    zone: Sets = {}
    for name, kind in _PLACES:
        values = draw(st.sets(_VALUES[kind], max_size=3))
        if values:
            zone[name, kind] = RecordSet.of(name, kind, draw(st.sampled_from([60, 300])), values)
    return zone


def ours(place: tuple[str, str], values: t.Iterable[str]) -> set[str]:
    prefix = {"_dmarc." + NAME: '"v=DMARC1', NAME: '"v=spf1'}.get(place[0], "")
    return {value for value in values if place[1] != "TXT" or value.startswith(prefix)}


@given(zones(), zones())
def test_restoring_gives_back_ours_and_leaves_the_rest(good: Sets, bad: Sets) -> None:
    """R-DNS-13: restore after anything gives back our values; those of others are as anything has left them."""
    watched = _PLACES[:4]
    wanted = restoring(
        [good[place] for place in watched if place in good], [place for place in watched if place not in good]
    )
    after = carried_out(planned(wanted, (), bad, 3600), bad)
    for place in _PLACES:
        now = set(after[place].values if place in after else ())
        then = set(good[place].values if place in good else ())
        left = set(bad[place].values if place in bad else ())
        if place not in watched:
            assert after.get(place) == bad.get(place)
            continue
        assert ours(place, now) == ours(place, then)
        assert now - ours(place, now) == left - ours(place, left)
        if now and not now - ours(place, now):
            assert after[place].ttl == good[place].ttl, "all of it is ours, so it is as it was"
        elif now and left - ours(place, left):
            assert after[place].ttl == bad[place].ttl, "others share it"
    assert planned(wanted, (), after, 3600) == []
