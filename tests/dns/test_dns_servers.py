# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name servers of the tests do what the tests rely on."""

from __future__ import annotations

import dns.exception
import dns.rcode
import pytest
from nameservers import Bind, NameServer, PowerDns

RECORDS = """
@ IN MX 10 mx1
@ IN TXT "v=spf1 mx ~all"
@ IN TXT "verification=1"
mx1 IN A 192.0.2.1
s1._domainkey IN TXT "v=DKIM1; k=rsa; p=%s" "%s"
""" % ("A" * 200, "B" * 190)


def test_a_zone_is_made_changed_read_and_dropped(name_server: NameServer) -> None:
    zone = name_server.make_zone(records=RECORDS)
    assert name_server.values(zone, "MX") == ["10 mx1.%s." % zone]
    assert name_server.values(zone, "TXT") == ['"v=spf1 mx ~all"', '"verification=1"']
    before, serial = name_server.records(zone), name_server.serial(zone)
    assert (zone, "MX", 300, "10 mx1.%s." % zone) in before
    name_server.put(zone, "_dmarc." + zone, "TXT", 120, ['"v=DMARC1; p=none"'])
    assert name_server.records(zone) - before == {("_dmarc." + zone, "TXT", 120, '"v=DMARC1; p=none"')}
    assert name_server.serial(zone) > serial
    name_server.add(zone, zone, "TXT", 300, '"more"')
    assert name_server.values(zone, "TXT") == ['"more"', '"v=spf1 mx ~all"', '"verification=1"']
    name_server.put(zone, zone, "TXT", 300, ['"v=spf1 mx ~all"', '"verification=1"'])
    name_server.put(zone, "_dmarc." + zone, "TXT", 0, [])
    assert name_server.records(zone) == before
    name_server.drop_zone(zone)
    assert name_server.serial(zone) == 0
    assert name_server.ask(zone, "SOA").rcode() == dns.rcode.REFUSED


def test_many_zones_at_once(name_server: NameServer) -> None:
    zones = {name_server.fresh(): '@ IN TXT "%d"' % number for number in range(20)}
    name_server.make_zones(zones)
    assert [name_server.values(zone, "TXT") for zone in zones] == [['"%d"' % number] for number in range(20)]


def test_a_resolver_finds_what_servers_say(resolver: Bind, knot: NameServer, powerdns: PowerDns) -> None:
    for server in (knot, powerdns):
        zone = server.make_zone(records="www IN A 192.0.2.9")
        resolver.forward(zone, server.address)
        answer = resolver.ask("www." + zone, "A", recursive=True)
        assert [str(value) for found in answer.answer for value in found] == ["192.0.2.9"]


def test_a_silent_server_says_nothing_until_it_is_awake(knot: NameServer) -> None:
    zone = knot.make_zone()
    knot.silent()
    try:
        with pytest.raises(dns.exception.Timeout):
            knot.ask(zone, "SOA", timeout=0.2)
    finally:
        knot.awake()
    assert knot.serial(zone)
