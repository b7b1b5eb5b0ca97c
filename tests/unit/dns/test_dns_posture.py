# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The posture of a domain: one thing broken at a time, and what is said of it (R-DNS-11, R-DNS-15 to R-DNS-18, R-PAT-15)."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
from typing import Any

import pytest
from dnstable import Table

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey, Dmarc, Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import Posture, posture

SERVER = "192.0.2.53@53"


def rsa(bits: int, fill: int = 0xA7) -> str:
    """A key record with a modulus of so many bits; it belongs to nobody."""
    modulus = bytes([0, 0x80 | fill] + [fill] * (bits // 8 - 1))
    number = _der(0x02, modulus) + _der(0x02, b"\x01\x00\x01")
    spki = _der(0x30, bytes.fromhex("06092a864886f70d0101010500")) + _der(0x03, b"\x00" + _der(0x30, number))
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(_der(0x30, spki)).decode()


def _der(tag: int, body: bytes) -> bytes:
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


KEY = rsa(2048)
BASELINE = Baseline(
    "example.com",
    mx=((10, "mail.provider.test"), (20, "backup.provider.test")),
    spf=Spf(("spf.provider.test",), ("ip4:192.0.2.10",), "~all"),
    dkim=(DkimKey("dkim", KEY),),
    dmarc=Dmarc("quarantine", aggregate_reports=("dmarc@example.com",), dkim_alignment="strict"),
)
GOOD: dict[str, dict[str, list[str]]] = {
    "example.com": {
        "MX": ["10 mail.provider.test.", "20 backup.provider.test."],
        "TXT": ["v=spf1 include:spf.provider.test ip4:192.0.2.10 ~all", "site-verification=17"],
    },
    "dkim._domainkey.example.com": {"TXT": [KEY]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com; adkim=s"]},
    "mail.provider.test": {"A": ["192.0.2.1"]},
    "backup.provider.test": {"AAAA": ["2001:db8::1"]},
    "spf.provider.test": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
    "spf.other.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
}


def look(records: dict[str, Any], baseline: Baseline = BASELINE, **options: Any) -> Posture:
    return run(posture(baseline, (SERVER,), **options), Table(records))


def changed(name: str, kind: str, *values: str) -> dict[str, Any]:
    records = copy.deepcopy(GOOD)
    if values:
        records.setdefault(name, {})[kind] = list(values)
    else:
        del records[name][kind]
    return records


def codes(found: Posture, *severities: str) -> set[str]:
    return {one.code for one in found.findings if not severities or one.severity in severities}


def test_a_good_domain_has_nothing_to_say_of() -> None:
    found = look(GOOD)
    assert not found.findings
    assert {name: found.classes[name].status for name in ("mx", "spf", "dkim", "dmarc")} == dict.fromkeys(
        ("mx", "spf", "dkim", "dmarc"), "ok"
    )
    assert found.classes["mta_sts"].status == "not_asked"
    assert found.ready and found.ok


def test_the_result_is_plain_and_complete() -> None:
    """Design section 4.15."""
    found = look(GOOD)
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert {(one["name"], one["type"]) for one in found.to_dict()["observed"]} >= {
        ("example.com", "MX"),
        ("example.com", "TXT"),
        ("_dmarc.example.com", "TXT"),
        ("dkim._domainkey.example.com", "TXT"),
    }


DMARC = "_dmarc.example.com"
DKIM = "dkim._domainkey.example.com"
SPF = "v=spf1 include:spf.provider.test ip4:192.0.2.10 ~all"


@pytest.mark.parametrize(
    "name, kind, values, code, breaks",
    [
        ("example.com", "MX", [], "mx_missing", "inbound stops"),
        ("example.com", "MX", ["10 mail.provider.test."], "mx_host_missing", "inbound stops"),
        ("example.com", "MX", ["10 mail.provder.test.", "20 backup.provider.test."], "record_typo", "inbound stops"),
        ("example.com", "MX", ["0 ."], "mx_null", "inbound stops"),
        ("example.com", "MX", ["0 .", *GOOD["example.com"]["MX"]], "mx_null_beside_others", "inbound stops"),
        ("example.com", "MX", [*GOOD["example.com"]["MX"], "30 old.host.test."], "mx_host_unapproved", "inbound stops"),
        ("example.com", "MX", [*GOOD["example.com"]["MX"], "30 192.0.2.9."], "mx_address", "inbound stops"),
        ("mail.provider.test", "A", [], "mx_unresolvable", "inbound stops"),
        ("mail.provider.test", "CNAME", ["backup.provider.test."], "mx_alias", "inbound stops"),
        ("example.com", "TXT", ["site-verification=17"], "spf_missing", "outbound rejected"),
        ("example.com", "TXT", [SPF, "v=spf1 -all"], "spf_multiple", "outbound rejected"),
        ("example.com", "TXT", ["v=spf1 ip4:192.0.2.10 ~all"], "spf_include_missing", "outbound rejected"),
        ("example.com", "TXT", ["v=spf1 include:spf.provider.test ~all"], "spf_mechanism_missing", "outbound rejected"),
        ("example.com", "TXT", [SPF.replace("provider", "provdier")], "record_typo", "outbound rejected"),
        ("example.com", "TXT", [SPF.replace("v=spf1", "v=spf1;")], "record_typo", "outbound rejected"),
        ("example.com", "TXT", [SPF.replace("v=spf1", "v=sfp1")], "record_typo", "outbound rejected"),
        ("example.com", "TXT", [SPF.replace("~all", "-all")], "spf_all_differs", "outbound rejected"),
        (DKIM, "TXT", [], "dkim_selector_unpublished", "alignment breaks"),
        (DKIM, "TXT", [rsa(2048, 0x35)], "dkim_key_differs", "alignment breaks"),
        (DKIM, "TXT", [KEY[:200]], "dkim_syntax", "alignment breaks"),
        (DKIM, "TXT", [KEY[:-8]], "record_typo", "alignment breaks"),
        (DKIM, "TXT", [KEY[:60] + "x" + KEY[61:]], "record_typo", "alignment breaks"),
        (DKIM, "TXT", ["v=DKIM1; p="], "dkim_revoked", "alignment breaks"),
        (DKIM, "TXT", [KEY, rsa(2048, 0x35)], "dkim_multiple", "alignment breaks"),
        (DKIM, "TXT", [KEY + "; h=sha1"], "dkim_hash_refused", "alignment breaks"),
        (DKIM, "TXT", [KEY + "; s=tlsrpt"], "dkim_not_for_mail", "alignment breaks"),
        (DMARC, "TXT", [], "dmarc_missing", "others can send in its name"),
        (DMARC, "TXT", ["v=DMARC1; p=reject; rua=mailto:dmarc@example.com; adkim=s"], "dmarc_policy_differs", "silent block"),
        (DMARC, "TXT", ["v=DMARC1; p=none; rua=mailto:dmarc@example.com; adkim=s"], "dmarc_policy_differs", "silent block"),
        (DMARC, "TXT", ["v=DMARC1; p=quarentine; rua=mailto:dmarc@example.com; adkim=s"], "record_typo", "silent block"),
        (DMARC, "TXT", ["v=dmarc1; p=quarantine"], "record_typo", "silent block"),
        (DMARC, "TXT", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "dmarc_multiple", "others can send in its name"),
        (DMARC, "TXT", ["v=DMARC1; rua=mailto:dmarc@example.com; adkim=s"], "dmarc_policy_missing", "others can send in its name"),
    ],
)  # fmt: skip
def test_one_thing_broken(name: str, kind: str, values: list[str], code: str, breaks: str) -> None:
    found = look(changed(name, kind, *values))
    (finding,) = [one for one in found.findings if one.code == code]
    assert (finding.severity, finding.breaks) == ("error", breaks)
    assert finding.next and finding.evidence
    assert "{" not in finding.next
    assert found.classes[finding.record_class].status == "error"
    assert not found.ok
    assert found.ready == (finding.record_class == "mx")


@pytest.mark.parametrize(
    "name, kind, values, code",
    [
        ("example.com", "MX", ["10 backup.provider.test.", "20 mail.provider.test."], "mx_priority_differs"),
        ("example.com", "TXT", [SPF.replace("~", "include:spf.other.test ~")], "spf_include_unapproved"),
        (DKIM, "TXT", [KEY + "; t=y"], "dkim_testing"),
        (DMARC, "TXT", ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com; adkim=s; pct=50"], "dmarc_obsolete_tag"),
        (DMARC, "TXT", ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com; adkim=s; foo=1"], "dmarc_unknown_tag"),
        (DMARC, "TXT", ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"], "dmarc_tag_differs"),
        (DMARC, "TXT", ["v=DMARC1; p=quarantine; adkim=s"], "dmarc_rua_missing"),
    ],
)
def test_one_thing_to_see_to(name: str, kind: str, values: list[str], code: str) -> None:
    found = look(changed(name, kind, *values))
    assert code in codes(found, "warning")
    assert not codes(found, "error") and found.ready


def test_a_name_server_that_fails_is_no_missing_record() -> None:
    """A look-up that failed is `unknown`, never `missing`: nobody publishes anything because of it."""
    found = run(posture(BASELINE, (SERVER,)), Table(GOOD, failing=(SERVER,)))
    assert codes(found) - {"authority_silent"} == {
        "mx_not_checked",
        "spf_not_checked",
        "dkim_not_checked",
        "dmarc_not_checked",
    }
    assert {found.classes[name].status for name in ("mx", "spf", "dkim", "dmarc")} == {"unknown"}
    assert not found.ready and not found.observed
    assert {("example.com", "MX"), ("example.com", "TXT")} < set(found.unseen)


def test_a_key_at_the_wrong_domain_is_found_there() -> None:
    """R-DNS-05."""
    records = changed(DKIM, "TXT")
    records["dkim._domainkey.other.example"] = {"TXT": [KEY]}
    found = look(records, others=("example.com", "other.example"))
    (finding,) = [one for one in found.findings if one.record_class == "dkim"]
    assert finding.code == "dkim_wrong_domain"
    assert "dkim._domainkey.other.example" in finding.evidence
    records = changed(DKIM, "TXT")
    records[DKIM + ".example.com"] = {"TXT": [KEY]}
    assert "dkim_wrong_domain" in codes(look(records))


def test_a_selector_that_is_an_alias() -> None:
    baseline = dataclasses.replace(BASELINE, dkim=(DkimKey("s1", cname="s1.keys.provider.test"),))
    records = copy.deepcopy(GOOD)
    assert codes(look(records, baseline)) == {"dkim_selector_unpublished"}
    records["s1._domainkey.example.com"] = {"CNAME": ["s1.keys.provider.test."]}
    assert codes(look(records, baseline)) == {"dkim_selector_unpublished"}
    records["s1.keys.provider.test"] = {"TXT": [KEY]}
    assert not codes(look(records, baseline))
    records["s1._domainkey.example.com"] = {"CNAME": ["s1.keys.former.test."]}
    assert codes(look(records, baseline)) == {"dkim_alias_differs"}


def test_what_is_not_ours_is_neither_missing_nor_too_much() -> None:
    baseline = dataclasses.replace(BASELINE, mx=None, spf=None, dmarc=None)
    records = changed("example.com", "MX")
    found = look(records, baseline)
    assert found.classes["mx"].status == "absent"
    assert codes(found, "error") == {"dmarc_rua_undeliverable"}
    assert found.ready, "lost reports hold no mail up"


@pytest.mark.parametrize("bits, code", [(512, "dkim_key_weak"), (1024, "dkim_key_short"), (2048, "")])
def test_length_of_a_key(bits: int, code: str) -> None:
    """D-DKIM-2."""
    key = rsa(bits)
    found = look(changed(DKIM, "TXT", key), dataclasses.replace(BASELINE, dkim=(DkimKey("dkim", key),)))
    assert codes(found) == ({code} if code else set())


def test_few_questions_in_few_rounds() -> None:
    """1,000 domains are looked at in seconds."""
    table = Table(GOOD)
    run(posture(BASELINE, (SERVER,)), table)
    assert len(table.asked) <= 9
    assert table.rounds <= 4


def test_servers_that_differ_are_told() -> None:
    """D-AUTH-1: every authoritative server is asked for every name."""
    other = changed("example.com", "MX", "10 old.host.test.")
    table = Table(GOOD, {"192.0.2.54@53": other})
    found = run(posture(BASELINE, (SERVER, "192.0.2.54@53")), table)
    assert codes(found) == {"authority_disagrees"}
    assert not found.ready and found.servers == (SERVER, "192.0.2.54@53")


def test_an_alias_where_a_key_should_be_is_observed_as_one() -> None:
    """What is recorded and restored is the alias, not the text at its end."""
    records = copy.deepcopy(GOOD)
    records[DKIM] = {"CNAME": ["dkim.keys.provider.test."]}
    records["dkim.keys.provider.test"] = {"TXT": [KEY]}
    found = look(records)
    assert not codes(found)
    sets = {(one.name, one.type): one.values for one in found.observed}
    assert sets[DKIM, "CNAME"] == ("dkim.keys.provider.test.",)
    assert (DKIM, "TXT") not in sets


def test_an_alias_into_another_zone_is_followed_by_the_resolver() -> None:
    """A client's DMARC record is often that of its agency; the client's name servers know the alias alone."""
    records = copy.deepcopy(GOOD)
    text = records[DMARC]["TXT"]
    records[DMARC] = {"CNAME": ["_dmarc.agency.test."]}
    own = copy.deepcopy(records)
    records["_dmarc.agency.test"] = {"TXT": text}
    found = run(posture(BASELINE, (SERVER,)), Table(records, {SERVER: own}))
    assert not codes(found) and found.ready and not found.unseen
    sets = {(one.name, one.type): one.values for one in found.observed}
    assert sets[DMARC, "CNAME"] == ("_dmarc.agency.test.",) and (DMARC, "TXT") not in sets
    del records["_dmarc.agency.test"]
    assert codes(run(posture(BASELINE, (SERVER,)), Table(records, {SERVER: own}))) == {"dmarc_missing"}


def test_what_is_known_already_is_not_asked_for() -> None:
    table = Table(GOOD)
    known = {("example.com", "MX"): None}
    found = run(posture(BASELINE, (SERVER,), observed=known), table)
    assert "mx_missing" in codes(found)
    assert not [one for one in table.asked if one.type == "MX"]
