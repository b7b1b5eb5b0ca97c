# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers of one zone: they are found by a resolver, asked each, and told apart (D-AUTH-1)."""

from __future__ import annotations

from nameservers import Bind, Knot, PowerDns

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import (
    all_everywhere,
    authorities,
    delegation,
    findings_of,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.line import Line

HOSTS = {"ns1.agency.test": "192.0.2.53", "ns2.agency.test": "192.0.2.54"}


class Elsewhere(WireEyes):
    """Addresses at port 53 are servers of the tests at other ports."""

    def __init__(self, resolver: str, **places: str) -> None:
        self.places = {"192.0.2.53@53": places["ns1"], "192.0.2.54@53": places["ns2"]}
        super().__init__([resolver], timeout=0.7)

    def _line(self, address: str) -> Line:
        return super()._line(self.places.get(address, address))


def test_a_zone_at_two_servers(resolver: Bind, bind: Bind, knot: Knot, powerdns: PowerDns) -> None:
    hosts = "".join("%s IN A %s\n" % (name.partition(".")[0], address) for name, address in HOSTS.items())
    if "agency.test" not in powerdns.zones:
        powerdns.make_zone("agency.test", hosts)
    zone = bind.fresh()
    records = '@ IN MX 10 mx\nsigner._domainkey IN CNAME key.agency.test.\n_dmarc IN TXT "v=DMARC1; p=none"\n'
    for server in (bind, knot):
        server.make_zone(zone, records)
    resolver.forward("agency.test", powerdns.address)
    resolver.forward(zone, bind.address)
    places = [(zone, "MX"), ("_dmarc." + zone, "TXT"), ("signer._domainkey." + zone, "CNAME"), ("none." + zone, "TXT")]
    with Elsewhere(resolver.address, ns1=bind.address, ns2=knot.address) as eyes:
        known = run(authorities("mail." + zone), eyes)
        assert (known.zone, known.servers) == (zone, ("192.0.2.53@53", "192.0.2.54@53"))
        seen = run(all_everywhere(places, known.servers), eyes)
        assert all(one.everywhere for one in seen.values())
        assert findings_of(known, seen.values()) == []

        # one of them has not heard of a change
        knot.put(zone, zone, "MX", 300, ["20 other.example.net."])
        eyes.forget()
        seen = run(all_everywhere(places, known.servers), eyes)
        (finding,) = findings_of(known, seen.values())
        assert (finding.code, finding.object) == ("authority_disagrees", zone)
        assert "20 other.example.net. at 192.0.2.54@53" in finding.evidence

        # one of them pauses: the other is believed
        knot.silent()
        try:
            eyes.forget()
            seen = run(all_everywhere(places, known.servers), eyes)
        finally:
            knot.awake()
        assert seen[zone, "MX"].values == ("10 mx.%s." % zone,)
        assert [(one.code, one.severity) for one in findings_of(known, seen.values())] == [
            ("authority_silent", "warning")
        ]

    # one of them does not have the zone
    with Elsewhere(resolver.address, ns1=bind.address, ns2=powerdns.address) as eyes:
        known = run(authorities(zone), eyes)
        seen = run(all_everywhere(places, known.servers), eyes)
        (finding,) = findings_of(known, seen.values())
        assert finding.code == "authority_lame"
        assert "ns2.agency.test (192.0.2.54@53)" in finding.evidence and "REFUSED" in finding.evidence


def test_a_part_of_a_zone_at_another_host(resolver: Bind, bind: Bind, knot: Knot, powerdns: PowerDns) -> None:
    if "agency.test" not in powerdns.zones:
        powerdns.make_zone("agency.test", "".join("%s IN A %s\n" % (n.partition(".")[0], a) for n, a in HOSTS.items()))
    zone = bind.make_zone(records="_domainkey IN NS ns2.agency.test.")
    signer = knot.make_zone("_domainkey." + zone, 's1 IN TXT "v=DKIM1; p="')
    for name, server in (("agency.test", powerdns), (zone, bind), (signer, knot)):
        resolver.forward(name, server.address)
    # the zone itself says both are its servers; only the first is asked for it here
    with Elsewhere(resolver.address, ns1=bind.address, ns2=knot.address) as eyes:
        seen = run(all_everywhere([("s1." + signer, "TXT")], [bind.address]), eyes)
    assert seen["s1." + signer, "TXT"].values == ('"v=DKIM1; p="',)


def test_the_zone_above_at_a_real_server(resolver: Bind, bind: Bind, knot: Knot, powerdns: PowerDns) -> None:
    """Each of the three tells whom it delegates to."""
    if "agency.test" not in powerdns.zones:
        powerdns.make_zone("agency.test", "".join("%s IN A %s\n" % (n.partition(".")[0], a) for n, a in HOSTS.items()))
    resolver.forward("agency.test", powerdns.address)
    for parent in (bind, knot, powerdns):
        zone = parent.make_zone(
            records="same IN NS ns1.agency.test.\nsame IN NS ns2.agency.test.\nother IN NS ns2.agency.test."
        )
        child = knot if parent is bind else bind
        child.make_zones({"same." + zone: "", "other." + zone: ""})
        resolver.forward(zone, parent.address)
        for label, codes in (("same", []), ("other", ["delegation_differs"])):
            resolver.forward("%s.%s" % (label, zone), child.address)
            with Elsewhere(resolver.address, ns1=parent.address, ns2=parent.address) as eyes:
                known = run(authorities("%s.%s" % (label, zone)), eyes)
                assert [one.code for one in run(delegation(known), eyes)] == codes, (parent.name, label)


def test_given_servers_tell_their_zone(bind: Bind, knot: Knot) -> None:
    zone = bind.make_zone()
    with WireEyes([]) as eyes:
        assert run(authorities("mail." + zone, [bind.address]), eyes).zone == zone
        known = run(authorities(zone, [knot.address, bind.address]), eyes)
        assert known.zone == zone
        seen = run(all_everywhere([(zone, "MX")], known.servers), eyes)
        assert [one.code for one in findings_of(known, seen.values())] == ["authority_lame"]
