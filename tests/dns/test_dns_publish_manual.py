# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person publishes: told what to enter, and waited for until all real servers of the zone show it (R-DNS-24)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from nameservers import NameServer
from publishing import FOREIGN, MAIL, code, one, planned

from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers import manual
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import publisher_of
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

POLICY = '"v=DMARC1; p=quarantine"'


class Notes(Progress):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.waits: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)

    def waiting(self, why: str, seconds: float) -> None:
        self.waits.append(why)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual, "EVERY", 0.1)


def by_hand(*servers: NameServer, **other: Any) -> Publisher:
    eyes = other.pop("eyes", None) or WireEyes([], timeout=1.0)
    addresses = [server.address for server in servers]
    return publisher_of({"type": "manual"}, read_only=False, eyes=eyes, authoritative=addresses, **other)


def pair(bind: NameServer, knot: NameServer) -> str:
    zone = bind.fresh()
    for server in (bind, knot):
        server.make_zones({zone: FOREIGN + MAIL})
    return zone


def test_it_says_what_to_enter_and_waits_until_all_servers_show_it(bind: NameServer, knot: NameServer) -> None:
    zone, notes = pair(bind, knot), Notes()
    publisher = by_hand(bind, knot, wait=10, progress=notes)
    operations = [
        planned(publisher, zone, "_dmarc." + zone, "TXT", [POLICY]),
        planned(publisher, zone, zone, "MX", ["10 mx1.mail.test.", "30 mx3.mail.test."]),
    ]

    def person() -> None:
        for server in (bind, knot):
            server.put(zone, "_dmarc." + zone, "TXT", 3600, [POLICY])
            server.put(zone, zone, "MX", 3600, ["10 mx1.mail.test.", "30 mx3.mail.test."])

    timer = threading.Timer(0.4, person)
    timer.start()
    results = publisher.apply(operations, "k")
    timer.join()
    assert [result.status for result in results] == ["applied", "applied"]
    told = "\n".join(notes.lines)
    assert "_dmarc.%s. 3600 IN TXT %s" % (zone, POLICY) in told
    assert "name _dmarc, type TXT, TTL 3600, value v=DMARC1; p=quarantine" in told
    assert "remove from %s MX" % zone in told and "IN MX 20 mx2.mail.test." in told
    assert "name @, type MX, TTL 3600, priority 30, host mx3.mail.test" in told
    assert "mx1" not in told  # it stays as it is
    assert "0 of 2 record sets" in notes.waits[0]
    assert not publisher.writes


def test_one_server_that_lags_behind_is_named(bind: NameServer, knot: NameServer) -> None:
    zone = pair(bind, knot)
    publisher = by_hand(bind, knot, wait=0.3)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", [POLICY])
    bind.put(zone, "_dmarc." + zone, "TXT", 3600, [POLICY])
    result = one(publisher.apply([operation], "k"))
    assert (result.status, code(result)) == ("failed", "not_published_yet")
    assert knot.address in str(result.error) and bind.address not in str(result.error)


def test_without_waiting_the_lines_stand_in_the_failure_and_in_the_plan(bind: NameServer) -> None:
    zone = bind.make_zone(records=MAIL)
    publisher = by_hand(bind)
    operation = planned(publisher, zone, "s1._domainkey." + zone, "TXT", ['"v=DKIM1; p=AAAA"'])
    line = 's1._domainkey.%s. 3600 IN TXT "v=DKIM1; p=AAAA"' % zone
    assert line in "\n".join(publisher.foresee([operation]))
    error = one(publisher.apply([operation], "k")).error
    assert error is not None and line in error.hint
    bind.put(zone, "s1._domainkey." + zone, "TXT", 3600, ['"v=DKIM1; p=AAAA"'])
    assert one(publisher.apply([operation], "k")).status == "applied"


def test_what_somebody_else_changed_meanwhile_is_not_asked_for(bind: NameServer) -> None:
    zone = bind.make_zone(records=MAIL)
    publisher = by_hand(bind)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", [POLICY])
    bind.put(zone, "_dmarc." + zone, "TXT", 3600, ['"v=DMARC1; p=reject"'])
    assert code(one(publisher.apply([operation], "k"))) == "changed_meanwhile"


def test_a_dead_server_is_no_empty_zone(bind: NameServer, knot: NameServer) -> None:
    zone = pair(bind, knot)
    key = key_of(zone, zone, "MX")
    publisher = by_hand(bind, knot)
    knot.silent()
    try:
        assert publisher.observe(KIND, [key])[key]["values"] == ["10 mx1.mail.test.", "20 mx2.mail.test."]
    finally:
        knot.awake()


def test_servers_are_found_by_a_resolver(
    bind: NameServer, resolver: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = bind.make_zone(records=MAIL)
    resolver.forward(zone, bind.address)  # type: ignore[attr-defined]
    eyes = WireEyes([resolver.address], timeout=2.0)
    publisher = by_hand(eyes=eyes)
    assert publisher.zone_of("a.b." + zone) == zone
    # the zone's name servers have names that nobody knows here
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, [key_of(zone, zone, "MX")])
    assert error.value.code == "authority_silent"


def test_a_zone_that_nobody_knows_is_told(bind: NameServer) -> None:
    with pytest.raises(MailopsError) as error:
        by_hand(bind).zone_of("absent.example")
    assert error.value.code == "zone_missing"
