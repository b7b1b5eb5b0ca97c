# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The eyes at BIND, Knot and PowerDNS: what they see is what dnspython sees, and what was published."""

from __future__ import annotations

from typing import Any

from nameservers import Bind, Knot, NameServer, PowerDns

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, Question
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes, stream
from ansible_collections.mailops.email.plugins.module_utils.dns.record import normal_value

RECORDS = """
@ 600 IN MX 10 mx1
@ 600 IN MX 20 MX2.Example.NET.
@ IN TXT "v=spf1 mx ~all"
@ IN TXT "second \\"quoted\\" \\\\ \\195\\188"
mx1 IN A 192.0.2.1
mx1 IN AAAA 2001:db8::1
s1._domainkey IN TXT "v=DKIM1; k=rsa; p=%s" "%s"
s2._domainkey IN CNAME s1._domainkey
s3._domainkey IN CNAME elsewhere.example.net.
_25._tcp.mx1 IN TLSA 3 1 1 %s
*.wild IN TXT "wild"
empty.between IN A 192.0.2.3
sub IN NS ns.sub
ns.sub IN A 192.0.2.4
""" % ("A" * 200, "B" * 190, "ab" * 32)

NAMES = [
    ("", "SOA"), ("", "NS"), ("", "MX"), ("", "TXT"), ("", "A"), ("mx1", "A"), ("mx1", "AAAA"), ("mx1", "TXT"), ("none", "TXT"),
    ("s1._domainkey", "TXT"), ("s2._domainkey", "TXT"), ("s2._domainkey", "CNAME"), ("_25._tcp.mx1", "TLSA"), ("x.wild", "TXT"),
    ("between", "TXT"),
]  # fmt: skip


def list_of(eyes: WireEyes, questions: list[Question]) -> list[Any]:
    """Answers to be taken apart."""
    return list(eyes.answer(questions))


def test_they_see_what_is_published(name_server: NameServer) -> None:
    zone = name_server.make_zone(records=RECORDS)
    questions = [Question("%s.%s" % (name, zone) if name else zone, kind, name_server.address) for name, kind in NAMES]
    with WireEyes([]) as eyes:
        answers = eyes.answer(questions)
    for question, answer in zip(questions, answers, strict=True):
        theirs = name_server.values(question.name, question.type)
        lower = theirs if question.type == "TXT" else [value.lower() for value in theirs]
        wanted = sorted(normal_value(question.type, value) for value in lower)
        assert sorted(answer.values) == wanted, question
        assert answer.authoritative
        assert answer.status in ("found", "nodata", "nxdomain")
    found = {(question.name, question.type): answer for question, answer in zip(questions, answers, strict=True)}
    assert found[(zone, "MX")].ttl == 600
    assert found[(zone, "MX")].values == ("10 mx1.%s." % zone, "20 mx2.example.net.")
    assert found["s2._domainkey." + zone, "TXT"].aliases == ("s1._domainkey." + zone,)
    assert (found["none." + zone, "TXT"].status, found["none." + zone, "TXT"].zone) == ("nxdomain", zone)
    assert (found["mx1." + zone, "TXT"].status, found["mx1." + zone, "TXT"].ttl) == ("nodata", 60)
    assert found["between." + zone, "TXT"].status == "nodata"


def test_what_is_not_theirs(name_server: NameServer) -> None:
    zone = name_server.make_zone(records=RECORDS)
    with WireEyes([]) as eyes:
        below, elsewhere, alias = list_of(
            eyes,
            [
                Question("a.sub." + zone, "TXT", name_server.address),
                Question("nowhere.example", "TXT", name_server.address),
                Question("s3._domainkey." + zone, "TXT", name_server.address),
            ],
        )
    assert (below.why, below.zone) == ("referral", "sub." + zone)
    assert elsewhere.why == "REFUSED"
    assert (alias.why, alias.aliases) == ("no_server", ("elsewhere.example.net",))


def test_large_sets_come_over_tcp(name_server: NameServer) -> None:
    values = ["%s%d" % ("x" * 200, number) for number in range(60)]
    zone = name_server.make_zone(records="".join('@ IN TXT "%s"\n' % value for value in values))
    with WireEyes([]) as eyes:
        (answer,) = list_of(eyes, [Question(zone, "TXT", name_server.address)])
        assert answer.values == tuple(sorted('"%s"' % value for value in values))
        assert eyes.counts[name_server.address] == {"udp": 1, "tcp": 1}
        more = eyes.answer(
            [
                Question(zone, "TXT", name_server.address),
                *(Question("n%d.%s" % (n, zone), "A", name_server.address) for n in range(50)),
            ]
        )
        assert more[0] is answer


def test_a_resolver_is_asked_for_what_is_elsewhere(resolver: Bind, knot: Knot, powerdns: PowerDns) -> None:
    target = powerdns.make_zone(records='s1 IN TXT "v=DKIM1; p="')
    zone = knot.make_zone(records="s1._domainkey IN CNAME s1.%s." % target)
    resolver.forward(zone, knot.address)
    resolver.forward(target, powerdns.address)
    with WireEyes([resolver.address]) as eyes:
        of_owner, of_all, none = list_of(
            eyes,
            [
                Question("s1._domainkey." + zone, "TXT", knot.address),
                Question("s1._domainkey." + zone, "TXT"),
                Question("none." + zone, "TXT"),
            ],
        )
    assert of_owner.values == of_all.values == ('"v=DKIM1; p="',)
    assert of_owner.aliases == of_all.aliases == ("s1." + target,)
    assert of_owner.authoritative and not of_all.authoritative
    assert (none.status, none.zone) == ("nxdomain", zone)


def test_a_server_that_pauses_is_seen_again(knot: Knot) -> None:
    zone = knot.make_zone()
    with WireEyes([], timeout=0.35) as eyes:
        knot.silent()
        try:
            assert eyes.answer([Question(zone, "SOA", knot.address)])[0].why == "timeout"
        finally:
            knot.awake()
        eyes.forget()
        assert eyes.answer([Question(zone, "SOA", knot.address)])[0].status == "found"


def test_a_hundred_domains_lose_nothing(name_server: NameServer) -> None:
    """15 questions a domain, each answered, with few messages sent twice."""
    zones = {name_server.fresh("many.test"): RECORDS for dummy in range(100)}
    name_server.make_zones(zones)

    def check(zone: str) -> Asking[int]:
        first = yield [Question(zone, "SOA", name_server.address)]
        rest = yield [
            Question("%s.%s" % (name, zone) if name else zone, kind, name_server.address) for name, kind in NAMES[1:]
        ]
        return sum(answer.status == "found" for answer in [*first, *rest])

    with WireEyes([]) as eyes:
        assert set(stream([check(zone) for zone in zones], eyes)) == {11}
        assert 1500 <= eyes.sent <= 1600
