# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of a real PowerDNS: its errors in words, and what it has beside records left alone."""

from __future__ import annotations

from typing import Any

import pytest
from nameservers import PowerDns
from publishing import FOREIGN, MAIL, code, one, planned, powerdns_api

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

WRONG = "s3cret-of-somebody"


@pytest.fixture
def zone(powerdns: PowerDns) -> str:
    return powerdns.make_zone(records=FOREIGN + MAIL)


def refusal(powerdns: PowerDns, zone: str, **other: Any) -> MailopsError:
    with pytest.raises(MailopsError) as error:
        powerdns_api(powerdns, **other).observe(KIND, [key_of(zone, zone, "MX")])
    return error.value


def test_a_wrong_key_is_named_and_never_shown(powerdns: PowerDns, zone: str) -> None:
    error = refusal(powerdns, zone, api_key=WRONG)
    assert error.code == "unauthenticated"
    assert "MAILOPS_DNS_API_KEY" in error.hint and WRONG not in str(error.to_dict())


def test_a_wrong_server_id_is_named(powerdns: PowerDns, zone: str) -> None:
    error = refusal(powerdns, zone, server_id="other")
    assert "server_id" in error.hint


@pytest.mark.parametrize("missing", ["api_url", "api_key"])
def test_what_is_not_set_is_named(powerdns: PowerDns, missing: str) -> None:
    with pytest.raises(MailopsError) as error:
        powerdns_api(powerdns, **{missing: ""})
    assert error.value.code == "publisher_" + missing


def test_a_key_travels_in_clear_to_this_machine_only(powerdns: PowerDns) -> None:
    with pytest.raises(MailopsError) as error:
        powerdns_api(powerdns, api_url="http://dns.example.net:8081")
    assert error.value.code == "api_url"


def test_a_record_that_it_refuses_is_told_in_its_words(
    powerdns: PowerDns, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """422: nothing of the batch is there, and each result says so."""
    publisher = powerdns_api(powerdns)
    good = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=reject"'])
    bad = planned(publisher, zone, zone, "MX", ["10 mx9.mail.test."])
    before = powerdns.records(zone)
    call = publisher._http.call  # type: ignore[attr-defined]

    def spoilt(method: str, path: str, **rest: Any) -> Any:
        if method == "PATCH":
            rest["json"]["rrsets"][1]["records"][0]["content"] = "mx9.mail.test."
        return call(method, path, **rest)

    monkeypatch.setattr(publisher._http, "call", spoilt)  # type: ignore[attr-defined]
    results = publisher.apply([good, bad], "k")
    assert [(result.status, code(result)) for result in results] == [("failed", "record_refused")] * 2
    assert "MX" in str(results[0].error)
    assert powerdns.records(zone) == before


def test_disabled_records_and_comments_stay(powerdns: PowerDns, zone: str) -> None:
    name = zone + "."
    comment = {"content": "asked for by Ann", "account": "ann", "modified_at": 1}
    rows = [{"content": '"site-verification=abc"', "disabled": False}, {"content": '"off for now"', "disabled": True}]
    rrset = {"name": name, "type": "TXT", "ttl": 300, "changetype": "REPLACE", "records": rows, "comments": [comment]}
    powerdns.must("PATCH", "/zones/%s" % name, {"rrsets": [rrset]})

    def shown() -> dict[str, Any]:
        zone_body = powerdns.must("GET", "/zones/%s" % name)
        (found,) = [row for row in zone_body["rrsets"] if (row["name"], row["type"]) == (name, "TXT")]
        return {"off": [row["content"] for row in found["records"] if row["disabled"]], "comments": found["comments"]}

    publisher = powerdns_api(powerdns)
    before = shown()
    assert before["off"] == ['"off for now"']
    values = ['"site-verification=abc"', '"v=spf1 -all"']
    assert one(publisher.apply([planned(publisher, zone, zone, "TXT", values, 300)], "k")).status == "applied"
    assert shown() == before
    assert powerdns.values(zone, "TXT") == sorted(values)
    assert one(publisher.apply([planned(publisher, zone, zone, "TXT", None)], "k")).status == "applied"
    assert shown()["off"] == before["off"]
    assert powerdns.values(zone, "TXT") == []


def test_a_disabled_record_can_be_switched_on(powerdns: PowerDns, zone: str) -> None:
    row = {"content": '"v=spf1 -all"', "disabled": True}
    rrset = {"name": "x.%s." % zone, "type": "TXT", "ttl": 300, "changetype": "REPLACE", "records": [row]}
    powerdns.must("PATCH", "/zones/%s." % zone, {"rrsets": [rrset]})
    publisher = powerdns_api(powerdns)
    operation = planned(publisher, zone, "x." + zone, "TXT", ['"v=spf1 -all"'])
    assert operation.before is None
    assert one(publisher.apply([operation], "k")).status == "applied"
    assert powerdns.values("x." + zone, "TXT") == ['"v=spf1 -all"']


def test_a_copy_of_a_zone_is_no_place_to_publish(powerdns: PowerDns) -> None:
    zone = powerdns.fresh()
    body = {"name": zone + ".", "kind": "Slave", "masters": ["127.0.0.1:9"], "nameservers": []}
    powerdns.must("POST", "/zones", body)
    assert refusal(powerdns, zone).code == "zone_secondary"


def test_a_serial_that_stays_is_told(powerdns: PowerDns, zone: str) -> None:
    """The records are there, and no secondary would ever fetch them."""
    powerdns.must("PUT", "/zones/%s." % zone, {"kind": "Master", "soa_edit_api": "OFF"})
    publisher = powerdns_api(powerdns, timeout=0.5)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=reject"'])
    result = one(publisher.apply([operation], "k"))
    assert (result.status, code(result)) == ("unverified", "serial_stale")
    assert powerdns.values("_dmarc." + zone, "TXT") == ['"v=DMARC1; p=reject"']
    powerdns.must("PUT", "/zones/%s." % zone, {"kind": "Master", "soa_edit_api": "INCREASE"})
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=none"'])
    assert one(publisher.apply([operation], "k")).status == "applied"


def test_octets_of_all_kinds_come_back(powerdns: PowerDns, zone: str) -> None:
    publisher = powerdns_api(powerdns)
    value = txt.join([bytes(range(0x20, 0x7F)), "grün".encode(), rb'quoted "and" \ back', b"B" * 255])
    operation = planned(publisher, zone, "odd." + zone, "TXT", [value])
    assert one(publisher.apply([operation], "k")).status == "applied"
    assert publisher.observe(KIND, [operation.key])[operation.key]["values"] == [value]


def test_a_silent_server_leaves_a_doubt(powerdns: PowerDns, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = powerdns_api(powerdns, timeout=0.5)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"'])
    write = publisher.write

    def into_silence(*arguments: Any) -> dict[str, Any]:
        powerdns.silent()
        return write(*arguments)

    monkeypatch.setattr(publisher, "write", into_silence)
    try:
        result = one(publisher.apply([operation], "k"))
    finally:
        powerdns.awake()
    assert (result.status, code(result)) == ("in_doubt", "timeout")
    assert publisher.request_counts["PATCH"] == 1
