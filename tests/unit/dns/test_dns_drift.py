# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift from what is approved and from what was recorded (R-DNS-13, R-PAT-15)."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey, Dmarc, Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.drift import (
    Row,
    findings_of,
    from_baseline,
    from_snapshot,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import planned, restoring, wanted_of

NAME = "example.com"
Place = tuple[str, str]
Zone = dict[Place, RecordSet]

DKIM, DMARC, TLS = "s1._domainkey." + NAME, "_dmarc." + NAME, "_smtp._tls." + NAME
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"


def records(*rows: tuple[str, str, t.Sequence[str]], ttl: int = 300) -> Zone:
    out = {}
    for name, kind, values in rows:
        shown = [txt.encode(value) for value in values] if kind == "TXT" else values
        out[name, kind] = RecordSet.of(name, kind, ttl, shown)
    return out


GOOD = records(
    (NAME, "MX", ["10 mx1.example.net.", "20 mx2.example.net."]),
    (NAME, "TXT", ["v=spf1 include:spf.example.net -all", "site=1"]),
    (DKIM, "TXT", [KEY]),
    (DMARC, "TXT", ["v=DMARC1; p=reject"]),
)
ABSENT = [(TLS, "TXT"), (DKIM, "CNAME")]
APPROVED = Baseline(
    NAME,
    mx=((10, "mx1.example.net"), (20, "mx2.example.net")),
    spf=Spf(includes=("spf.example.net",), all="-all"),
    dkim=(DkimKey("s1", KEY),),
    dmarc=Dmarc(policy="reject"),
)


def drift(now: Zone) -> list[Row]:
    return from_snapshot(NAME, GOOD.values(), ABSENT, now)


def test_what_is_as_it_was_is_no_drift() -> None:
    assert not drift(GOOD) and not from_baseline(APPROVED, GOOD)


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ((NAME, "MX", ["10 mx1.exampel.net.", "20 mx2.example.net."]), "changed", "record_typo"),
        ((NAME, "MX", ["10 mx1.example.net."]), "changed", "record_differs"),
        (
            (NAME, "MX", ["5 evil.example.org.", "10 mx1.example.net.", "20 mx2.example.net."]),
            "changed",
            "record_differs",
        ),
        ((NAME, "MX", []), "missing", "record_missing"),
        ((NAME, "TXT", ["v=spf1 include:spf.exmaple.net -all", "site=1"]), "changed", "record_typo"),
        ((NAME, "TXT", ["v=spf1 include:spf.example.net include:x.example.org -all"]), "changed", "record_differs"),
        ((NAME, "TXT", ["site=1"]), "missing", "record_missing"),
        ((DKIM, "TXT", [KEY[:-1]]), "changed", "record_typo"),
        ((DKIM, "TXT", ["v=DKIM1; p="]), "changed", "record_differs"),
        ((DMARC, "TXT", ["v=DMARC1; p=none"]), "changed", "record_differs"),
        ((TLS, "TXT", ["v=TLSRPTv1; rua=mailto:x@example.org"]), "added", "record_added"),
    ],
)
def test_each_change_is_a_row_and_a_finding(changed: tuple[str, str, list[str]], kind: str, code: str) -> None:
    now = {**GOOD, **records(changed)}
    if not changed[2]:
        del now[changed[:2]]
    (row,) = drift(now)
    assert (row.name, row.type, row.kind) == (*changed[:2], kind)
    (finding,) = findings_of([row])
    assert finding.code == code and finding.object == changed[0] and finding.next
    if kind != "added":
        # A term that somebody else has put into an SPF record is merged with; the checks tell of it (R-DNS-02).
        assert bool(from_baseline(APPROVED, now)) is ("x.example.org" not in str(changed))
        assert finding.record_class == row.record_class and finding.breaks != "nothing yet"


def test_what_others_put_beside_ours_is_no_drift() -> None:
    now = {
        **GOOD,
        **records(
            (
                NAME,
                "TXT",
                ["v=spf1 include:spf.example.net -all", "other=2"],
            ),
            ttl=60,
        ),
    }
    now.update(records(("www." + NAME, "A", ["192.0.2.1"])))
    assert not drift(now)
    assert not from_baseline(APPROVED, now)


def test_a_time_to_live_is_drift_where_all_of_the_set_is_ours() -> None:
    now = {**GOOD, (NAME, "MX"): RecordSet.of(NAME, "MX", 5, GOOD[NAME, "MX"].values)}
    (row,) = drift(now)
    assert (row.kind, row.was_ttl, row.now_ttl) == ("ttl", 300, 5)
    assert "was 300 seconds and is 5" in findings_of([row])[0].evidence
    assert not from_baseline(APPROVED, now), "the baseline leaves it to who publishes"


def test_a_second_spf_record_is_drift_from_both() -> None:
    now = {**GOOD, **records((NAME, "TXT", ["v=spf1 include:spf.example.net -all", "v=spf1 -all"]))}
    (row,) = drift(now)
    assert row.kind == "changed" and len(row.now) == 2 and len(row.was) == 1
    (row,) = from_baseline(APPROVED, now)
    assert "2 records" in row.why and "2 records" in str(row.to_dict()["why"])


def test_what_was_to_go_and_is_there_is_drift() -> None:
    old = (NAME, "TXT", txt.encode("site=1"))
    (row,) = from_baseline(Baseline(NAME, remove=(old,)), GOOD)
    assert row.kind == "added" and row.now == (old[2],)


_PLACES = [(NAME, "MX"), (NAME, "TXT"), (DKIM, "TXT"), (DMARC, "TXT"), (TLS, "TXT")]
_TEXTS = {
    NAME: ["v=spf1 -all", "v=spf1 mx ~all", "site=1", "site=2"],
    DKIM: [KEY, "v=DKIM1; p="],
    DMARC: ["v=DMARC1; p=none", "v=DMARC1; p=reject", "lost"],
    TLS: ["v=TLSRPTv1; rua=mailto:a@example.com"],
}


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    rows: list[Zone] = []
    for name, kind in _PLACES:
        values = ["10 a.example.net.", "20 b.example.net.", "0 ."] if kind == "MX" else _TEXTS[name]
        chosen = draw(st.sets(st.sampled_from(values), max_size=3))
        if chosen:
            rows.append(records((name, kind, sorted(chosen)), ttl=draw(st.sampled_from([60, 300]))))
    return {place: one for row in rows for place, one in row.items()}


@given(zones(), zones())
def test_drift_is_what_restoring_would_change(good: Zone, now: Zone) -> None:
    """R-DNS-13: a row for each record set that putting the snapshot back would write, and no other."""
    absent = [place for place in _PLACES if place not in good]
    rows = {(row.name, row.type) for row in from_snapshot(NAME, good.values(), absent, now)}
    changes = planned(restoring(good.values(), absent), (), now, 3600)
    assert rows == {(change.name, change.type) for change in changes}


@given(zones())
def test_what_the_baseline_would_write_is_drift(now: Zone) -> None:
    """The other way round a host that nobody approved is drift too, although only a person removes it."""
    rows = {(row.name, row.type) for row in from_baseline(APPROVED, now)}
    if any(row.why for row in from_baseline(APPROVED, now)):
        return
    changes = planned(wanted_of(APPROVED), (), now, 300)
    assert {(one.name, one.type) for one in changes} <= rows
