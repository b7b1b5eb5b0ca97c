# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox's name server: answers, updates with prerequisites and a key, and a provider that looks at its zones."""

from __future__ import annotations

import base64
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest
from sandboxlib import Sandbox

ZONE = "example.com"
RECORDS = [
    {"name": ZONE, "type": "MX", "values": ["10 mail.trekmail.net."]},
    {"name": ZONE, "type": "TXT", "values": ['"v=spf1 include:spf.trekmail.net -all"', '"other=1"']},
    {"name": "_dmarc.example.com", "type": "TXT", "values": ['"v=DMARC1; p=none"']},
    {"name": "alias.example.com", "type": "CNAME", "values": ["mail.trekmail.net."]},
    {"name": "*.wild.example.com", "type": "TXT", "values": ['"w"']},
    {"name": "cut.example.com", "type": "NS", "values": ["ns1.elsewhere.example."]},
]


class Names:
    """A client of one sandbox's name server."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.at: dict[str, Any] = sandbox.ours("GET", "/dns")
        self.key = dns.tsig.Key(
            self.at["tsig_name"], base64.b64decode(self.at["tsig_secret"]), self.at["tsig_algorithm"]
        )

    def send(self, message: dns.message.Message, tcp: bool = False) -> dns.message.Message:
        how = dns.query.tcp if tcp else dns.query.udp
        return how(message, self.at["address"], port=self.at["port"], timeout=5)

    def ask(self, name: str, kind: str, recursive: bool = False, **more: Any) -> dns.message.Message:
        query = dns.message.make_query(name, kind, **more)
        query.flags = dns.flags.RD if recursive else 0
        return self.send(query)

    def values(self, name: str, kind: str) -> list[str]:
        return sorted(one.to_text() for rrset in self.ask(name, kind).answer for one in rrset)

    def update(self, key: dns.tsig.Key | None = None) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(ZONE, keyring=key or self.key)

    def rcode(self, update: dns.update.UpdateMessage) -> str:
        return dns.rcode.to_text(self.send(update, tcp=True).rcode())


@pytest.fixture
def names(start: Callable[..., Sandbox]) -> Iterator[Names]:
    """A sandbox of the test's own with the zone example.com."""
    sandbox = start("--dns", "0")
    sandbox.ours("PUT", "/dns/zones/" + ZONE, {"records": RECORDS})
    yield Names(sandbox)
    log = sandbox.folder.with_suffix(".log").read_text()
    assert "Traceback" not in log, log


def test_it_is_there_only_when_asked_for(sandbox: Sandbox, names: Names) -> None:
    with pytest.raises(RuntimeError, match="404.*--dns"):
        sandbox.ours("GET", "/dns")
    printed = names.sandbox.folder.with_suffix(".log").read_text().splitlines()
    assert printed[2:] == [
        "name server %s" % names.at["server"],
        "tsig hmac-sha256 sandbox %s" % names.at["tsig_secret"],
    ]


def test_answers_of_a_zone(names: Names) -> None:
    """RFC 1034 section 4.3.2: found, no data, no such name, not ours."""
    found = names.ask(ZONE, "MX")
    assert found.flags & dns.flags.AA and names.values(ZONE, "MX") == ["10 mail.trekmail.net."]
    assert len(names.values(ZONE, "TXT")) == 2
    assert names.values(ZONE, "NS") == ["ns1.dns-host.test."]
    for name, kind, rcode in (
        (ZONE, "AAAA", "NOERROR"),
        ("nothing.example.com", "TXT", "NXDOMAIN"),
        # a name that only has names below it exists
        ("wild.example.com", "TXT", "NOERROR"),
    ):
        answer = names.ask(name, kind)
        assert (dns.rcode.to_text(answer.rcode()), answer.answer) == (rcode, []), name
        assert answer.authority[0].to_text().startswith("example.com. 60 IN SOA ")
    assert names.ask("elsewhere.example", "MX").rcode() == dns.rcode.REFUSED
    assert names.values("a.b.wild.example.com", "TXT") == ['"w"']
    assert names.ask("_DMARC.Example.COM", "TXT").answer[0].to_text().endswith('"v=DMARC1; p=none"')


def test_a_name_that_is_cut_off_is_referred(names: Names) -> None:
    referral = names.ask("mail.cut.example.com", "A")
    assert not referral.answer and not referral.flags & dns.flags.AA
    assert referral.authority[0].to_text() == "cut.example.com. 300 IN NS ns1.elsewhere.example."


def test_with_recursion_the_zones_are_the_world(names: Names) -> None:
    """An alias leads into another zone; what is in no zone does not exist, and the levels above a zone do."""
    chain = names.ask("alias.example.com", "A", recursive=True)
    assert [rrset.to_text().split(" ", 2)[2] for rrset in chain.answer] == [
        "IN CNAME mail.trekmail.net.",
        "IN A 192.0.2.25",
    ]
    assert len(names.ask("alias.example.com", "A").answer) == 1
    missing = names.ask("_dmarc.com", "TXT", recursive=True)
    assert missing.rcode() == dns.rcode.NXDOMAIN and missing.authority[0].name.to_text() == "com."
    assert names.ask("com", "TXT", recursive=True).rcode() == dns.rcode.NOERROR


def test_an_alias_that_goes_in_circles_fails(names: Names) -> None:
    ring = [
        {"name": "a.example.com", "type": "CNAME", "values": ["b.example.com."]},
        {"name": "b.example.com", "type": "CNAME", "values": ["a.example.com."]},
    ]
    names.sandbox.ours("POST", "/dns/zones/example.com:change", {"set": ring})
    assert names.ask("a.example.com", "A").rcode() == dns.rcode.SERVFAIL


def test_long_answers_go_over_tcp(names: Names) -> None:
    many = {"name": "big.example.com", "type": "TXT", "values": ['"%s"' % (str(n) * 200) for n in range(9)]}
    names.sandbox.ours("POST", "/dns/zones/example.com:change", {"set": [many]})
    short = names.ask("big.example.com", "TXT")
    assert short.flags & dns.flags.TC
    whole = names.send(dns.message.make_query("big.example.com", "TXT"), tcp=True)
    assert len(whole.answer[0]) == 9 and not whole.flags & dns.flags.TC
    assert len(names.ask("big.example.com", "TXT", use_edns=0, payload=4096).answer[0]) == 9


def test_an_update_needs_the_key(names: Names) -> None:
    unsigned = dns.update.UpdateMessage(ZONE)
    unsigned.add("x", 60, "TXT", "y")
    assert names.rcode(unsigned) == "REFUSED"
    wrong = names.update(dns.tsig.Key("sandbox", b"x" * 32, "hmac-sha256"))
    wrong.add("x", 60, "TXT", "y")
    with pytest.raises(dns.tsig.PeerBadSignature):
        names.rcode(wrong)
    stranger = names.update(dns.tsig.Key("nobody", b"x" * 32, "hmac-sha256"))
    stranger.add("x", 60, "TXT", "y")
    with pytest.raises(dns.tsig.PeerBadKey):
        names.rcode(stranger)
    assert names.ask("x.example.com", "TXT").rcode() == dns.rcode.NXDOMAIN


def test_prerequisites(names: Names) -> None:
    """RFC 2136 section 3.2: each says by its own code that it does not hold, and then nothing is changed."""

    def refused(need: Callable[[dns.update.UpdateMessage], None]) -> str:
        update = names.update()
        need(update)
        update.replace("_dmarc", 60, "TXT", '"v=DMARC1; p=reject"')
        return names.rcode(update)

    assert refused(lambda one: one.present("gone")) == "NXDOMAIN"
    assert refused(lambda one: one.present("_dmarc", "MX")) == "NXRRSET"
    assert refused(lambda one: one.present("_dmarc", "TXT", '"v=DMARC1; p=quarantine"')) == "NXRRSET"
    # of two values one is not enough
    assert refused(lambda one: one.present("@", "TXT", '"other=1"')) == "NXRRSET"
    assert refused(lambda one: one.absent("_dmarc")) == "YXDOMAIN"
    assert refused(lambda one: one.absent("_dmarc", "TXT")) == "YXRRSET"
    assert refused(lambda one: one.present(dns.name.from_text("a.example.net"))) == "NOTZONE"
    assert names.values("_dmarc.example.com", "TXT") == ['"v=DMARC1; p=none"']
    assert refused(lambda one: one.present("_dmarc", "TXT", '"v=DMARC1; p=none"')) == "NOERROR"
    assert names.values("_dmarc.example.com", "TXT") == ['"v=DMARC1; p=reject"']


def test_changes(names: Names) -> None:
    """RFC 2136 section 3.4.2: add, take away one value, one type, a whole name; servers of the zone and aliases are left alone."""
    serial = names.ask(ZONE, "SOA").answer[0][0].serial
    update = names.update()
    update.delete("@", "TXT", '"other=1"')
    update.add("@", 60, "TXT", '"third=3"')
    update.delete("_dmarc")
    update.delete("@", "MX")
    update.delete("@", "NS")
    update.add("alias", 60, "TXT", '"not beside an alias"')
    assert names.rcode(update) == "NOERROR"
    assert names.values(ZONE, "TXT") == ['"third=3"', '"v=spf1 include:spf.trekmail.net -all"']
    assert names.ask(ZONE, "TXT").answer[0].ttl == 60
    assert names.ask("_dmarc.example.com", "TXT").rcode() == dns.rcode.NXDOMAIN
    assert names.values(ZONE, "MX") == []
    assert names.values(ZONE, "NS") == ["ns1.dns-host.test."]
    assert names.values("alias.example.com", "TXT") == ["mail.trekmail.net."]
    assert names.ask(ZONE, "SOA").answer[0][0].serial == serial + 1
    again = names.update()
    again.replace("@", 60, "TXT", '"third=3"')
    again.add("@", 60, "TXT", '"v=spf1 include:spf.trekmail.net -all"')
    assert names.rcode(again) == "NOERROR"
    assert names.ask(ZONE, "SOA").answer[0][0].serial == serial + 1


def test_an_update_is_all_or_nothing(names: Names) -> None:
    update = names.update()
    update.replace("_dmarc", 60, "TXT", '"v=DMARC1; p=reject"')
    update.add(dns.name.from_text("a.example.net"), 60, "TXT", '"outside"')
    assert names.rcode(update) == "NOTZONE"
    assert names.values("_dmarc.example.com", "TXT") == ['"v=DMARC1; p=none"']
    elsewhere = dns.update.UpdateMessage("example.net", keyring=names.key)
    elsewhere.add("a", 60, "TXT", "x")
    assert names.rcode(elsewhere) == "NOTAUTH"


def test_a_killed_server_knows_what_it_has_answered(names: Names) -> None:
    update = names.update()
    update.replace("_dmarc", 60, "TXT", '"v=DMARC1; p=reject"')
    assert names.rcode(update) == "NOERROR"
    names.sandbox.stop(signal.SIGKILL)
    names.sandbox.start()
    again = Names(names.sandbox)
    assert again.at["tsig_secret"] == names.at["tsig_secret"]
    assert again.values("_dmarc.example.com", "TXT") == ['"v=DMARC1; p=reject"']


def test_what_is_no_message_gets_no_answer_or_an_error(names: Names) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(5)
        wire.connect((names.at["address"], names.at["port"]))
        for junk in (b"", b"x", b"\0" * 11):
            wire.send(junk)
        wire.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\x3fshort")
        answer = wire.recv(512)
        assert answer[:2] == b"\0\7" and answer[3] & 15 in (dns.rcode.FORMERR, dns.rcode.SERVFAIL)
        wire.send(dns.message.make_query(ZONE, "AXFR").to_wire())
        assert wire.recv(512)[3] & 15 == dns.rcode.REFUSED
    assert names.values(ZONE, "MX") == ["10 mail.trekmail.net."]


@pytest.mark.parametrize(("how", "seen"), [("servfail", "SERVFAIL"), ("refused", "REFUSED")])
def test_it_can_be_out_of_order(names: Names, how: str, seen: str) -> None:
    names.sandbox.set(dns_answers=how)
    assert dns.rcode.to_text(names.ask(ZONE, "MX").rcode()) == seen
    update = names.update()
    update.delete("_dmarc")
    assert names.rcode(update) == seen


def test_it_can_be_silent_or_send_everybody_to_tcp(names: Names) -> None:
    names.sandbox.set(dns_answers="truncated")
    assert names.ask(ZONE, "MX").flags & dns.flags.TC
    assert names.send(dns.message.make_query(ZONE, "MX"), tcp=True).answer
    names.sandbox.set(dns_answers="silent")
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(dns.message.make_query(ZONE, "MX"), names.at["address"], port=names.at["port"], timeout=0.3)


def test_what_the_control_side_refuses(names: Names) -> None:
    for body, why in (
        ({"set": [{"name": "a.example.net", "type": "TXT", "values": ["x"]}]}, "does not lie in"),
        ({"set": [{"name": ZONE, "type": "SOA", "values": ["x"]}]}, "SOA"),
        ({"set": [{"name": ZONE, "type": "NONE1", "values": ["x"]}]}, "no type"),
        ({"set": [{"name": ZONE, "type": "MX", "values": ["ten mail."]}]}, "MX"),
    ):
        with pytest.raises(RuntimeError, match="400.*" + why):
            names.sandbox.ours("POST", "/dns/zones/example.com:change", body)
    with pytest.raises(RuntimeError, match="404"):
        names.sandbox.ours("POST", "/dns/zones/example.net:change", {})
    names.sandbox.ours("DELETE", "/dns/zones/example.com")
    assert names.ask(ZONE, "MX").rcode() == dns.rcode.REFUSED
    with pytest.raises(RuntimeError, match="404"):
        names.sandbox.ours("DELETE", "/dns/zones/example.com")


def test_the_provider_looks_at_the_zones(names: Names) -> None:
    """Switch `domain_verifies: dns`: a domain becomes active when its required records are there, and the rows say which are."""
    sandbox = names.sandbox
    sandbox.set(domain_verifies="dns")
    made = sandbox.domain(ZONE, active=False)
    rows = {row["id"]: row for row in sandbox.get(f"/domains/{made['id']}/dns-requirements").json()["records"]}
    assert {key: row["status"] for key, row in rows.items()} == {
        "mx": "ok", "spf": "ok", "dkim": "missing", "dmarc": "ok", "tls_rpt": "missing", "mta_sts": "missing",
    }  # fmt: skip
    assert sandbox.get(f"/domains/{made['id']}").json()["status"] == "pending_dns"
    value = rows["dkim"]["value"]
    update = names.update()
    update.add("dkim._domainkey", 60, "TXT", '"%s" "%s"' % (value[:250], value[250:]))
    assert names.rcode(update) == "NOERROR"
    assert sandbox.get(f"/domains/{made['id']}").json()["status"] == "active"
    sandbox.ours("POST", "/dns/zones/example.com:change", {"remove": [{"name": ZONE, "type": "MX"}]})
    rows = {row["id"]: row for row in sandbox.get(f"/domains/{made['id']}/dns-requirements").json()["records"]}
    assert (rows["mx"]["status"], rows["dkim"]["status"]) == ("missing", "ok")


def test_case_does_not_matter(names: Names) -> None:
    """RFC 4343: a prerequisite and a removal find the record however its names are written."""
    update = names.update()
    update.present("@", "MX", "10 MAIL.trekmail.NET.")
    update.delete("@", "MX", "10 Mail.TrekMail.net.")
    assert names.rcode(update) == "NOERROR"
    assert names.values(ZONE, "MX") == []
