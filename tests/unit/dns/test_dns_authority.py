# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding a zone's name servers, and what their answers say about them (D-AUTH-1), over a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NODATA,
    NXDOMAIN,
    Answer,
    Question,
    run,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import (
    Agreement,
    Authorities,
    all_everywhere,
    authorities,
    delegation,
    everywhere,
    findings_of,
)

ONE, TWO, SIX = "192.0.2.1@53", "192.0.2.2@53", "2001:db8::1@53"


class World:
    """A table of answers; what it does not have is what a resolver says of a name that is not there."""

    def __init__(self) -> None:
        self.table: dict[tuple[str, str, str], Answer] = {}
        self.asked: list[Question] = []

    def put(self, name: str, kind: str, *values: str, server: str = "", status: str = "", **more: object) -> None:
        question = Question(name, kind, server)
        status = status or (FOUND if values else NODATA)
        known = Answer(question, status, tuple(sorted(values)), 300, authoritative=bool(server) and status != FAILED)
        self.table[name, kind, server] = dataclasses.replace(known, **more)  # type: ignore[arg-type]

    def zone(self, zone: str, **hosts: Sequence[str]) -> None:
        """A zone whose name servers are these, with their addresses."""
        names = [name.replace("_", ".") for name in hosts]
        self.put(zone, "NS", *(name + "." for name in names))
        for name, addresses in zip(names, hosts.values(), strict=True):
            self.put(name, "A", *(one for one in addresses if ":" not in one))
            self.put(name, "AAAA", *(one for one in addresses if ":" in one))

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked += questions
        return [
            self.table.get((one.name, one.type, one.server)) or Answer(one, NXDOMAIN, zone=one.name.rpartition(".")[2])
            for one in questions
        ]


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("example.test", ns1_host_test=["192.0.2.1"], ns2_host_test=["192.0.2.2", "2001:db8::2"])
    return world


def codes(world: World, known: Authorities, *agreements: Agreement) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in findings_of(known, agreements)]


# ---- who speaks ----


def test_the_servers_of_a_zone(world: World) -> None:
    known = run(authorities("example.test"), world)
    assert (known.zone, known.servers, known.findings) == ("example.test", (ONE, TWO), ())
    assert dict(known.names)["ns2.host.test"] == ("192.0.2.2",)
    # one round for the names, one for the addresses
    assert [one.type for one in world.asked] == ["NS", "A", "A"]


def test_a_host_that_has_only_the_newer_address() -> None:
    world = World()
    world.zone("example.test", ns1_host_test=["2001:db8::1"])
    assert run(authorities("example.test"), world).servers == (SIX,)


@pytest.mark.parametrize("status", [NODATA, NXDOMAIN])
@pytest.mark.parametrize("named", [True, False])
def test_a_domain_below_its_zone(world: World, status: str, named: bool) -> None:
    world.put("news.example.test", "NS", status=status, zone="example.test" if named else "")
    known = run(authorities("news.example.test"), world)
    assert (known.domain, known.zone, known.servers) == ("news.example.test", "example.test", (ONE, TWO))


def test_an_alias_has_no_zone_of_its_own(world: World) -> None:
    """The NS records behind it are those of somebody else."""
    world.put("www.example.test", "NS", "ns.other.test.", aliases=("other.test",), zone="other.test")
    assert run(authorities("www.example.test"), world).zone == "example.test"
    world.put("www.example.test", "NS", status=FAILED, why="SERVFAIL", aliases=("other.test",))
    assert run(authorities("www.example.test"), world).zone == "example.test"
    world.zone("sub.example.test", ns_sub_test=["192.0.2.9"])
    world.put("www.sub.example.test", "NS", aliases=("www.example.test",), zone="example.test")
    assert run(authorities("www.sub.example.test"), world).zone == "sub.example.test"


@pytest.mark.parametrize(
    "more, evidence",
    [
        ({"status": NXDOMAIN, "zone": "test"}, "gone.test does not exist."),
        ({"status": FAILED, "why": "SERVFAIL"}, "NS of gone.test: SERVFAIL."),
        ({"status": NODATA, "zone": "test"}, "no zone below the top level holds it."),
        ({"status": FAILED, "why": "no_server"}, "NS of gone.test: no_server."),
    ],
)
def test_nobody_speaks_for_it(more: dict[str, str], evidence: str) -> None:
    world = World()
    world.put("gone.test", "NS", **more)  # type: ignore[arg-type]
    known = run(authorities("gone.test"), world)
    assert known.servers == ()
    assert [(one.code, one.evidence) for one in known.findings] == [("authority_unknown", evidence)]


def test_name_servers_without_an_address(world: World) -> None:
    world.zone("example.test", ns1_host_test=["192.0.2.1"], ns9_host_test=[])
    known = run(authorities("example.test"), world)
    assert known.servers == (ONE,)
    assert [(one.code, one.object) for one in known.findings] == [("authority_lame", "example.test")]
    world.zone("example.test", ns9_host_test=[])
    assert [one.code for one in run(authorities("example.test"), world).findings] == ["authority_unknown"]


def test_a_zone_with_more_servers_than_anybody_has() -> None:
    world = World()
    world.zone("example.test", **{"n%d_test" % number: ["192.0.2.%d" % number] for number in range(200)})
    assert len(run(authorities("example.test"), world).servers) == 32


def test_servers_that_are_given(world: World) -> None:
    """Of a primary that is hidden, say; its own SOA tells the zone."""
    world.put("example.test", "SOA", "ns. host. 1 2 3 4 5", server=TWO)
    world.put("news.example.test", "SOA", server=TWO, zone="example.test")
    for name in ("example.test", "news.example.test"):
        known = run(authorities(name, [ONE, TWO]), world)
        assert (known.zone, known.servers, known.names) == ("example.test", (ONE, TWO), ())
    assert run(authorities("else.test", [ONE]), world).zone == ""
    assert not [one for one in world.asked if not one.server]


# ---- what they say ----


def test_all_say_the_same(world: World) -> None:
    for server in (ONE, TWO):
        world.put("example.test", "MX", "10 mx.example.test.", server=server)
        world.put("example.test", "TXT", server=server)
    known = run(authorities("example.test"), world)
    seen = run(all_everywhere([("example.test", "MX"), ("example.test", "TXT")], known.servers), world)
    mx = seen["example.test", "MX"]
    assert (mx.values, mx.ttl, mx.agreed, mx.everywhere) == (("10 mx.example.test.",), 300, True, True)
    assert mx.answer.question == Question("example.test", "MX")
    assert seen["example.test", "TXT"].answer.status == NODATA
    assert codes(world, known, *seen.values()) == []


def test_that_there_is_nothing_can_be_said_in_two_ways(world: World) -> None:
    world.put("example.test", "TXT", server=ONE)
    world.put("example.test", "TXT", status=NXDOMAIN, server=TWO)
    assert run(everywhere("example.test", "TXT", [ONE, TWO]), world).everywhere


def test_servers_that_differ(world: World) -> None:
    world.put("example.test", "MX", "10 a.test.", server=ONE)
    world.put("example.test", "MX", server=TWO)
    agreement = run(everywhere("example.test", "MX", [ONE, TWO]), world)
    assert (agreement.agreed, agreement.values) == (False, ("10 a.test.",))
    (finding,) = findings_of(run(authorities("example.test"), world), [agreement])
    assert (finding.code, finding.severity, finding.record_class) == ("authority_disagrees", "error", "authority")
    assert finding.evidence == "MX: 10 a.test. at 192.0.2.1@53; nothing at 192.0.2.2@53."


@pytest.mark.parametrize("why", ["timeout", "unreachable", "no_tcp"])
def test_a_server_that_is_silent(world: World, why: str) -> None:
    """The others are believed; it is one finding, however much it was asked."""
    known = run(authorities("example.test"), world)
    places = [("example.test", "MX"), ("example.test", "TXT")]
    for name, kind in places:
        world.put(name, kind, "10 a.test.", server=ONE)
        world.put(name, kind, status=FAILED, why=why, server=TWO)
    seen = run(all_everywhere(places, known.servers), world)
    assert [(one.agreed, one.everywhere, one.values) for one in seen.values()] == [(True, False, ("10 a.test.",))] * 2
    (finding,) = findings_of(known, seen.values())
    assert (finding.code, finding.severity) == ("authority_silent", "warning")
    assert finding.evidence == "ns2.host.test (192.0.2.2@53): %s to all questions." % why
    for name, kind in places:
        world.put(name, kind, status=FAILED, why=why, server=ONE)
    seen = run(all_everywhere(places, known.servers), world)
    assert [one.answer.why for one in seen.values()] == [why] * 2
    assert codes(world, known, *seen.values()) == [("authority_silent", "error")] * 2


@pytest.mark.parametrize("why", ["REFUSED", "NOTAUTH", "SERVFAIL", "malformed", ""])
def test_a_server_that_does_not_serve_the_zone(world: World, why: str) -> None:
    """What is answered without authority is not believed, even if it is there."""
    known = run(authorities("example.test"), world)
    world.put("example.test", "MX", "10 a.test.", server=ONE)
    if why:
        world.put("example.test", "MX", status=FAILED, why=why, server=TWO)
    else:
        world.put("example.test", "MX", "10 old.test.", server=TWO, authoritative=False)
    agreement = run(everywhere("example.test", "MX", known.servers), world)
    assert (agreement.agreed, agreement.values) == (True, ("10 a.test.",))
    (finding,) = findings_of(known, [agreement])
    assert (finding.code, finding.severity) == ("authority_lame", "error")
    assert (why or "answers without authority") in finding.evidence


def test_a_way_that_this_machine_does_not_have_is_nobodys_fault(world: World) -> None:
    known = Authorities("example.test", "example.test", servers=(ONE, SIX))
    world.put("example.test", "MX", "10 a.test.", server=ONE)
    world.put("example.test", "MX", status=FAILED, why="no_route", server=SIX)
    agreement = run(everywhere("example.test", "MX", known.servers), world)
    assert agreement.everywhere
    assert codes(world, known, agreement) == []
    only = run(everywhere("example.test", "MX", [SIX]), world)
    assert (only.agreed, only.answer.why) == (False, "no_route")


def test_no_server_at_all(world: World) -> None:
    agreement = run(everywhere("example.test", "MX", []), world)
    assert (agreement.agreed, agreement.answer.status, agreement.answer.why) == (False, FAILED, "no_server")


def test_an_alias_whose_end_nobody_knows_is_still_said(world: World) -> None:
    world.put(
        "s1.example.test",
        "TXT",
        server=ONE,
        status=FAILED,
        why="timeout",
        aliases=("s1.host.test",),
        authoritative=True,
    )
    agreement = run(everywhere("s1.example.test", "TXT", [ONE]), world)
    assert (agreement.agreed, agreement.answer.status) == (True, FAILED)
    assert codes(world, Authorities("example.test", "example.test", servers=(ONE,)), agreement) == []


# ---- below the zone ----


def cut(world: World, name: str, zone: str, *servers: str) -> None:
    for server in servers:
        world.put(name, "TXT", status=FAILED, why="referral", zone=zone, server=server)


def test_a_part_that_is_delegated_is_asked_for_where_it_lies(world: World) -> None:
    """Many signing services have ``_domainkey`` or ``_dmarc`` delegated to themselves."""
    name = "s1._domainkey.example.test"
    cut(world, name, "_domainkey.example.test", ONE, TWO)
    world.zone("_domainkey.example.test", ns_signer_test=["192.0.2.77"])
    world.put(name, "TXT", '"v=DKIM1; p="', server="192.0.2.77@53")
    known = run(authorities("example.test"), world)
    agreement = run(everywhere(name, "TXT", known.servers), world)
    assert (agreement.agreed, agreement.values) == (True, ('"v=DKIM1; p="',))
    assert codes(world, known, agreement) == []


@pytest.mark.parametrize("zone", ["test", "", "other.test"])
def test_a_server_that_points_upwards_is_lame(world: World, zone: str) -> None:
    known = run(authorities("example.test"), world)
    cut(world, "example.test", zone, ONE, TWO)
    # whoever is there is not believed
    world.zone(zone, ns_evil_test=["192.0.2.66"])
    world.put("example.test", "TXT", '"evil"', server="192.0.2.66@53")
    agreement = run(everywhere("example.test", "TXT", known.servers), world)
    assert codes(world, known, agreement) == [("authority_lame", "error")] * 2


def test_servers_that_point_at_each_other_come_to_an_end(world: World) -> None:
    """Below every cut is another, without end."""
    name = "a.b.c.d.e.f.g.example.test"
    zone = "example.test"
    for number, label in enumerate(reversed(name.removesuffix(".example.test").split("."))):
        below = "%s.%s" % (label, zone)
        world.zone(below, **{"n%d_test" % number: ["198.51.100.%d" % number]})
        for server in (ONE, TWO) if not number else ("198.51.100.%d@53" % (number - 1),):
            cut(world, name, below, server)
        zone = below
    world.put(name, "TXT", '"never"', server="198.51.100.6@53")
    assert not run(everywhere(name, "TXT", [ONE, TWO]), world).agreed
    assert "198.51.100.4@53" not in {one.server for one in world.asked}


# ---- the zone above ----


def above(world: World, *hosts: str, **more: object) -> None:
    world.zone("test", a_nic_test=["192.0.2.250"], b_nic_test=["192.0.2.251"], c_nic_test=["192.0.2.252"])
    more = more or {"status": FAILED, "why": "referral", "zone": "example.test"}
    for server in ("192.0.2.250@53", "192.0.2.251@53"):
        world.put("example.test", "NS", *hosts, server=server, **more)  # type: ignore[arg-type]


def told(world: World) -> list[tuple[str, str, str]]:
    return [
        (one.code, one.severity, one.evidence)
        for one in run(delegation(run(authorities("example.test"), world)), world)
    ]


def test_the_zone_above_names_the_same(world: World) -> None:
    above(world, "ns2.host.test.", "ns1.host.test.")
    assert told(world) == []
    assert [one.server for one in world.asked if one.server] == ["192.0.2.250@53", "192.0.2.251@53"]


def test_the_zone_above_names_others(world: World) -> None:
    above(world, "ns1.host.test.", "ns1.old.test.")
    evidence = "test names ns1.host.test, ns1.old.test, the zone itself ns1.host.test, ns2.host.test."
    assert told(world) == [("delegation_differs", "warning", evidence)]


def test_the_zone_above_has_let_it_go(world: World) -> None:
    """The registration ran out, and a resolver still remembers."""
    above(world, status=NXDOMAIN, zone="test")
    assert told(world) == [("authority_unknown", "error", "test does not delegate it any more.")]


@pytest.mark.parametrize("why", ["timeout", "REFUSED"])
def test_the_zone_above_says_nothing(world: World, why: str) -> None:
    assert told(world) == []
    above(world, status=FAILED, why=why)
    assert told(world) == []


def test_one_server_for_both_zones(world: World) -> None:
    above(world, "ns1.host.test.", status=FOUND)
    assert told(world) == []


def test_servers_that_are_given_have_no_delegation(world: World) -> None:
    world.put("example.test", "SOA", "x", server=ONE)
    assert run(delegation(run(authorities("example.test", [ONE]), world)), world) == []
