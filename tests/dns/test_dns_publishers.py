# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every publisher does, each against real servers: written, read back, refused when somebody was faster (G6)."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator

import pytest
from publishing import FOREIGN, MAIL, Host, code, octodns, one, planned, powerdns_api, rfc2136

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

DKIM = "v=DKIM1; k=rsa; p=" + "A" * 392
HOSTS = {
    "bind": ("bind", rfc2136),
    "knot": ("knot", rfc2136),
    "powerdns": ("powerdns", rfc2136),
    "powerdns-api": ("powerdns", powerdns_api),
    "octodns": ("powerdns", octodns),
}


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    server, make = HOSTS[request.param]
    found = Host(request.getfixturevalue(server), make)
    yield found
    found.publisher.close()


@pytest.fixture
def zone(host: Host) -> str:
    return host.server.make_zone(records=FOREIGN + MAIL)


def test_sets_and_removes_record_sets_and_nothing_else(host: Host, zone: str) -> None:
    publisher = host.publisher
    before = host.server.records(zone)
    operations = [
        planned(publisher, zone, zone, "TXT", ['"site-verification=abc"', '"v=spf1 include:spf.mail.test -all"'], 300),
        planned(publisher, zone, "s1._domainkey." + zone, "TXT", [txt.encode(DKIM)]),
        planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"']),
        planned(publisher, zone, "_25._tcp." + zone, "TLSA", ["3 1 1 " + "ab" * 32]),
        planned(publisher, zone, "mta-sts." + zone, "CNAME", ["sts.agency.test"]),
    ]
    results = publisher.apply(operations, "k1")
    assert [result.status for result in results] == ["applied"] * 5
    assert [result.operation for result in results] == operations
    changed = host.server.records(zone)
    ours = {(row[0], row[1]) for row in changed ^ before}
    assert ours == {tuple(one.key.split("/")[2:]) for one in operations}
    observed = publisher.observe(KIND, [one.key for one in operations])
    assert {key: {**(one.after or {}), "zone": zone} for key, one in zip(observed, operations, strict=True)} == observed

    gone = [planned(publisher, zone, zone, "MX", None)]
    assert one(publisher.apply(gone, "k2")).status == "applied"
    assert host.server.values(zone, "MX") == []
    assert publisher.observe(KIND, [gone[0].key]) == {}
    publisher.close()


@pytest.mark.parametrize(
    ("kind", "name", "now"),
    [
        ("TXT", "_dmarc.", ['"v=DMARC1; p=reject"']),
        ("TXT", "_dmarc.", []),
        ("TXT", "fresh.", ['"somebody was faster"']),
        ("MX", "", ["10 mx1.mail.test.", "20 mx2.mail.test.", "30 mx3.mail.test."]),
    ],
)
def test_a_change_between_plan_and_apply_is_refused(
    host: Host, zone: str, kind: str, name: str, now: list[str]
) -> None:
    """G6: the plan speaks of what was there, and that is gone; nothing of the zone is touched."""
    publisher = host.publisher
    wanted = ['"v=DMARC1; p=quarantine"'] if kind == "TXT" else ["10 mx9.mail.test."]
    moved = planned(publisher, zone, name + zone, kind, wanted)
    beside = planned(publisher, zone, "_smtp._tls." + zone, "TXT", ['"v=TLSRPTv1; rua=mailto:a@example.com"'])
    host.server.put(zone, name + zone, kind, 3600, now)
    before = host.server.records(zone)
    results = publisher.apply([moved, beside], "k")
    assert [(result.status, code(result)) for result in results] == [
        ("failed", "changed_meanwhile"),
        ("failed", "zone_left_alone"),
    ]
    assert (now[0] if now else "not there") in str(results[0].error)
    assert host.server.records(zone) == before


def test_a_ttl_that_was_lowered_meanwhile_is_a_change(host: Host, zone: str) -> None:
    publisher = host.publisher
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"'])
    host.server.put(zone, "_dmarc." + zone, "TXT", 60, ['"v=DMARC1; p=none"'])
    assert code(one(publisher.apply([operation], "k"))) == "changed_meanwhile"


def test_doing_it_twice_is_doing_it_once(host: Host, zone: str) -> None:
    """A retry after a lost answer finds its own work and sends nothing more."""
    publisher = host.publisher
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"'])
    assert one(publisher.apply([operation], "k")).status == "applied"
    sent = host.writes()
    again = one(publisher.apply([operation], "k"))
    assert (again.status, again.http, host.writes()) == ("applied", {"settled": "already"}, sent)


@pytest.mark.parametrize(("name", "kind"), [("shop.", "TXT"), ("www.", "CNAME")])
def test_a_set_beside_an_alias_is_refused(host: Host, zone: str, name: str, kind: str) -> None:
    """A server leaves such an addition out without a word (RFC 2136 section 3.4.2.2); the plan must not believe it."""
    publisher = host.publisher
    operation = planned(publisher, zone, name + zone, kind, ['"v=spf1 -all"' if kind == "TXT" else "a.example."])
    before = host.server.records(zone)
    result = one(publisher.apply([operation], "k"))
    assert (result.status, code(result)) == ("failed", "record_conflict")
    assert host.server.records(zone) == before


def test_a_zone_that_is_not_there_is_named(host: Host, zone: str) -> None:
    publisher = host.publisher
    keys = [key_of(name, name, "MX") for name in ("absent-a.example", "absent-b.example", zone)]
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, keys)
    assert error.value.code == "zone_missing"
    assert "absent-a.example" in error.value.message and "absent-b.example" in error.value.message
    assert zone not in error.value.message


def test_a_part_that_is_delegated_elsewhere_is_named(host: Host) -> None:
    zone = host.server.make_zone(records=MAIL + "_domainkey IN NS ns.elsewhere.example.\n")
    publisher = host.publisher
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, [key_of(zone, "s1._domainkey." + zone, "TXT")])
    assert error.value.code == "zone_cut"
    assert "ns.elsewhere.example" in error.value.message and "_domainkey." + zone in error.value.message


def test_a_mail_domain_below_the_apex(host: Host, zone: str) -> None:
    publisher = host.publisher
    domain = "news." + zone
    operation = planned(publisher, domain, "_dmarc." + domain, "TXT", ['"v=DMARC1; p=reject"'])
    assert publisher.zone_of(domain) == zone
    assert one(publisher.apply([operation], "k")).status == "applied"
    assert publisher.zone_of("shop." + zone) == zone  # an alias is no apex


def test_check_mode_sends_no_update(host: Host, zone: str) -> None:
    publisher = host.again(read_only=True)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", None)
    assert code(one(publisher.apply([operation], "k"))) == "check_mode_write"
    assert not host.writes()


def test_zones_are_published_side_by_side(host: Host) -> None:
    """As the engine does it: one batch a zone, several at a time. PowerDNS over SQLite would refuse some of its own accord."""
    zones = [host.server.fresh() for dummy in range(24)]
    host.server.make_zones(dict.fromkeys(zones, MAIL))
    operations = [planned(host.publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=reject"']) for zone in zones]
    assert len({host.publisher.batch_key(operation) for operation in operations}) == len(zones)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda operation: one(host.publisher.apply([operation], "k")), operations))
    assert [(result.status, code(result)) for result in results] == [("applied", "")] * len(zones)
