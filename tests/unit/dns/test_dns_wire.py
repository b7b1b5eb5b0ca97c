# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What we write to the wire and read from it is what dnspython writes and reads; nothing that comes in raises anything else than Malformed."""

from __future__ import annotations

import random
import struct

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import rdata, wire
from ansible_collections.mailops.email.plugins.module_utils.dns.rdata import Malformed
from ansible_collections.mailops.email.plugins.module_utils.dns.record import normal_value

LABELS = st.text(alphabet="abcxyz0129-_", min_size=1, max_size=12)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
OCTETS = st.binary(min_size=1, max_size=63)
NUMBERS = st.integers(0, 65535)
SMALL = st.integers(0, 255)


def text_of(strings: list[bytes]) -> str:
    return " ".join('"%s"' % "".join("\\%03d" % octet for octet in part) for part in strings)


RECORDS = st.one_of(
    st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(st.just("MX"), st.tuples(NUMBERS, HOSTS).map(lambda one: "%d %s." % one)),
    st.tuples(st.just("NS"), HOSTS.map(lambda host: host + ".")),
    st.tuples(st.just("PTR"), HOSTS.map(lambda host: host + ".")),
    st.tuples(st.just("TXT"), st.lists(st.binary(max_size=255), min_size=1, max_size=4).map(text_of)),
    st.tuples(st.just("SRV"), st.tuples(NUMBERS, NUMBERS, NUMBERS, HOSTS).map(lambda one: "%d %d %d %s." % one)),
    st.tuples(
        st.just("TLSA"),
        st.tuples(SMALL, SMALL, st.just(0), st.binary(min_size=1, max_size=64).map(bytes.hex)).map(lambda one: "%d %d %d %s" % one),
    ),
    st.tuples(
        st.just("DS"),
        st.tuples(NUMBERS, SMALL, st.binary(min_size=32, max_size=32).map(bytes.hex)).map(lambda one: "%d %d 2 %s" % one),
    ),
    st.tuples(
        st.just("SOA"),
        st.tuples(HOSTS, HOSTS, *[st.integers(0, 2**31)] * 5).map(lambda one: "%s. %s. %d %d %d %d %d" % one),
    ),
)  # fmt: skip


def response(name: str, kind: str, *rrsets: dns.rrset.RRset, section: str = "answer") -> dns.message.Message:
    message = dns.message.make_response(dns.message.make_query(name, kind, use_edns=True))
    getattr(message, section).extend(rrsets)
    return message


def rrset(owner: str, kind: str, *values: str, ttl: int = 300) -> dns.rrset.RRset:
    return dns.rrset.from_text(owner + ".", ttl, "IN", kind, *values)


def reading(octets: bytes, name: str, kind: str) -> wire.Reply:
    number = wire.type_number(kind)
    section, normal = wire.question(name, number)
    assert wire.answers(octets, section)
    return wire.read(octets, section, normal, number)


# ---- questions ----


@given(st.lists(OCTETS, min_size=1, max_size=4))
@example([b"a.b", b"test"])
@example([b".", b"..", b"test"])
def test_any_name_is_written_and_read_as_dnspython_does(labels: list[bytes]) -> None:
    name = dns.name.Name([*labels, b""])
    text = name.to_text(omit_final_dot=True)
    octets = rdata.to_wire(text)
    assert octets == name.to_wire()
    lower = dns.name.from_wire(octets, 0)[0].canonicalize().to_text(omit_final_dot=True)
    assert rdata.name_at(octets, 0) == (lower, len(octets))


@pytest.mark.parametrize("name", ["a..b", ".a", "a" * 64, ".".join(["a" * 63] * 4), "a\\", "a\\25", "a\\256.b"])
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    with pytest.raises(Malformed):
        rdata.to_wire(name)


@pytest.mark.parametrize("edns", [True, False])
@pytest.mark.parametrize("recursive", [True, False])
def test_dnspython_understands_our_question(edns: bool, recursive: bool) -> None:
    section, name = wire.question("S1._domainkey.Example.com.", wire.type_number("TXT"))
    assert name == "s1._domainkey.example.com"
    read = dns.message.from_wire(wire.query(4711, section, recursive=recursive, edns=edns))
    assert (read.id, read.question[0].name.to_text().lower(), read.question[0].rdtype) == (
        4711,
        name + ".",
        dns.rdatatype.TXT,
    )
    assert read.edns == (0 if edns else -1)
    assert bool(read.flags & dns.flags.RD) == bool(read.flags & dns.flags.AD) == recursive
    if edns:
        assert read.payload == 1232


def test_types_without_a_name_of_ours() -> None:
    assert wire.type_number("TYPE65") == 65
    for kind in ("TYPE", "TYPE70000", "NO", ""):
        with pytest.raises(Malformed):
            wire.type_number(kind)
    assert {kind: int(dns.rdatatype.from_text(kind)) for kind in rdata.TYPES} == rdata.TYPES


# ---- answers ----


def _shown(kind: str, value: str) -> str:
    return value if kind == "TXT" else dns.rdata.from_text("IN", kind, value).to_text().lower()


@given(st.lists(RECORDS, min_size=1, max_size=5), st.integers(0, 2**31 - 1), st.booleans())
def test_values_are_those_of_dnspython_in_our_normal_form(
    records: list[tuple[str, str]], ttl: int, upper: bool
) -> None:
    kind = records[0][0]
    values = [value for one, value in records if one == kind]
    owner = "Www.Example.COM" if upper else "www.example.com"
    others = [rrset(owner, one, value) for one, value in records if one != kind]
    reply = reading(
        response("www.example.com", kind, *others, *(rrset(owner, kind, value, ttl=ttl) for value in values)).to_wire(),
        "www.example.com",
        kind,
    )
    assert set(reply.values) == {normal_value(kind, _shown(kind, value)) for value in values}
    assert list(reply.values) == sorted(set(reply.values))
    assert (reply.status, reply.ttl) == ("found", ttl)


@given(st.lists(HOSTS, min_size=1, max_size=6, unique=True), st.randoms())
def test_aliases_are_followed_in_any_order(hosts: list[str], dice: random.Random) -> None:
    names = ["start.test", *("%s.alias.test" % host for host in hosts)]
    chain = [rrset(one, "CNAME", other + ".") for one, other in zip(names, names[1:], strict=False)]
    records = [*chain, rrset(names[-1], "A", "192.0.2.1", ttl=77)]
    dice.shuffle(records)
    reply = reading(response("start.test", "A", *records).to_wire(), "start.test", "A")
    assert (reply.status, reply.values, reply.ttl, reply.aliases) == ("found", ("192.0.2.1",), 77, tuple(names[1:]))
    cut = reading(response("start.test", "A", *chain).to_wire(), "start.test", "A")
    assert (cut.status, cut.follow, cut.aliases) == ("failed", names[-1], tuple(names[1:]))
    itself = reading(response("start.test", "CNAME", *chain).to_wire(), "start.test", "CNAME")
    assert (itself.values, itself.aliases) == ((names[1] + ".",), ())


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_loop_of_aliases_is_no_loop_of_ours(length: int) -> None:
    names = ["a%d.test" % number for number in range(length)]
    records = [rrset(one, "CNAME", names[(index + 1) % length] + ".") for index, one in enumerate(names)]
    assert reading(response("a0.test", "A", *records).to_wire(), "a0.test", "A").why == "alias_loop"
    records = [rrset("start.test", "CNAME", "a0.test."), *records]
    assert reading(response("start.test", "A", *records).to_wire(), "start.test", "A").why == "alias_loop"


def test_an_alias_of_two_names_is_malformed() -> None:
    message = response("a.test", "A", rrset("a.test", "CNAME", "b.test."), rrset("a.test", "CNAME", "c.test."))
    with pytest.raises(Malformed):
        reading(message.to_wire(), "a.test", "A")


SOA = rrset("test", "SOA", "ns.test. host.test. 1 2 3 4 60", ttl=900)


def test_no_has_its_zone_and_its_time() -> None:
    """RFC 2308 section 5: no longer than the SOA's own TTL, nor than its minimum."""
    none = response("a.test", "TXT", SOA, section="authority")
    assert reading(none.to_wire(), "a.test", "TXT")[2:6] == ("nodata", (), 60, "")
    none.set_rcode(dns.rcode.NXDOMAIN)
    reply = reading(none.to_wire(), "a.test", "TXT")
    assert (reply.status, reply.ttl, reply.zone) == ("nxdomain", 60, "test")


def test_the_end_of_the_aliases_may_be_missing() -> None:
    """RFC 6604: the code speaks of the last name."""
    message = response("a.test", "TXT", rrset("a.test", "CNAME", "b.test."))
    message.authority.append(SOA)
    message.set_rcode(dns.rcode.NXDOMAIN)
    reply = reading(message.to_wire(), "a.test", "TXT")
    assert (reply.status, reply.aliases, reply.follow) == ("nxdomain", ("b.test",), "")
    message.authority[0] = rrset("other", "SOA", "ns.test. host.test. 1 2 3 4 60")
    assert reading(message.to_wire(), "a.test", "TXT").follow == "b.test"


def test_a_referral_is_no_answer() -> None:
    for zone in ("sub.test", ""):
        message = response("a.sub.test", "TXT", rrset(zone, "NS", "ns.test."), section="authority")
        referral = reading(message.to_wire(), "a.sub.test", "TXT")
        assert (referral.why, referral.zone, referral.values) == ("referral", zone, ("ns.test.",))
        message.flags |= dns.flags.AA
        assert reading(message.to_wire(), "a.sub.test", "TXT").status == "nodata"


@pytest.mark.parametrize("code", ["FORMERR", "SERVFAIL", "NOTIMP", "REFUSED", "NOTAUTH", "BADVERS"])
def test_codes_have_their_names(code: str) -> None:
    message = response("a.test", "A")
    message.set_rcode(dns.rcode.from_text(code))
    assert (reading(message.to_wire(), "a.test", "A").status, reading(message.to_wire(), "a.test", "A").why) == (
        "failed",
        code,
    )
    without = wire.read(struct.pack("!6H", 1, 0x8001, 0, 0, 0, 0), *_asked("a.test", "A"))
    assert without.why == "FORMERR"


def _asked(name: str, kind: str) -> tuple[bytes, str, int]:
    number = wire.type_number(kind)
    return (*wire.question(name, number), number)


def test_what_is_no_answer_to_the_question() -> None:
    section = _asked("a.test", "A")[0]
    good = response("A.tesT", "A").to_wire()
    assert wire.answers(good, section)
    for bad in (
        dns.message.make_query("a.test", "A").to_wire(),
        response("b.test", "A").to_wire(),
        response("a.test", "AAAA").to_wire(),
        good[:11],
        b"",
        struct.pack("!6H", 1, 0x8000, 0, 1, 0, 0),
        struct.pack("!6H", 1, 0x8000, 2, 0, 0, 0) + section * 2,
        struct.pack("!6H", 1, 0xA800, 1, 0, 0, 0) + section,
    ):
        assert not wire.answers(bad, section)


def test_another_class_and_a_huge_ttl() -> None:
    message = response("a.test", "A", dns.rrset.from_text("a.test.", 5, "CH", "A", "b.test. 1"))
    assert reading(message.to_wire(), "a.test", "A").status == "nodata"
    octets = bytearray(response("a.test", "A", rrset("a.test", "A", "192.0.2.1", ttl=1)).to_wire())
    at = octets.rindex(b"\0\1\0\1\0\0\0\1")
    octets[at + 4] = 0x80
    assert reading(bytes(octets), "a.test", "A").ttl == 0


def test_a_caa_record() -> None:
    message = response("a.test", "CAA", rrset("a.test", "CAA", '0 issue "ca.example; a=\\"b"'))
    assert reading(message.to_wire(), "a.test", "CAA").values == ('0 issue "ca.example; a=\\"b"',)


def test_a_type_that_nobody_knows() -> None:
    message = response(
        "a.test", "TYPE65280", rrset("a.test", "TYPE65280", "\\# 3 010203"), rrset("a.test", "A", "192.0.2.1")
    )
    assert reading(message.to_wire(), "a.test", "TYPE65280").values == ("\\# 3 010203",)


# ---- hostile octets ----

WHOLE = response(
    "a.test", "MX", rrset("a.test", "CNAME", "b.test."), rrset("b.test", "MX", "10 mx.b.test.", "20 mx2.b.test."), rrset("b.test", "TXT", '"x"')
)  # fmt: skip
WHOLE.authority.append(SOA)
GOOD = WHOLE.to_wire()


@given(st.data())
def test_a_broken_message_is_malformed_or_says_something(data: st.DataObject) -> None:
    octets = bytearray(GOOD)
    for dummy in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(2, len(octets) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(octets)[: data.draw(st.integers(0, len(octets)))]
    try:
        reply = wire.read(broken, *_asked("a.test", "MX"))
    except Malformed:
        return
    assert reply.truncated or reply.status in ("found", "nodata", "nxdomain", "failed")


@given(st.binary(max_size=400), st.sampled_from(sorted(rdata.TYPES)))
def test_any_octets_are_malformed_or_a_value(octets: bytes, kind: str) -> None:
    head = struct.pack("!6H", 1, 0x8400, 1, 1, 0, 0)
    section, name, number = _asked("a.test", kind)
    record = b"\xc0\x0c" + struct.pack("!HHLH", number, 1, 60, len(octets)) + octets
    message = head + section + record
    try:
        ours: object = wire.read(message, section, name, number).values
    except Malformed:
        ours = None
    try:
        theirs = dns.rdata.from_wire("IN", kind, message, len(message) - len(octets), len(octets))
    except Exception:  # noqa: BLE001 - whatever it raises
        theirs = None
    if theirs is not None and ours is not None and kind not in ("TXT", "SPF", "CAA", "DNSKEY"):
        assert ours == (normal_value(kind, theirs.to_text().lower()),)
    if kind in ("TXT", "SPF"):
        assert (ours is None) == (theirs is None)


def test_pointers_that_never_end() -> None:
    section, name, number = _asked("a.test", "MX")
    head = struct.pack("!6H", 1, 0x8400, 1, 1, 0, 0) + section
    for data in (
        b"\0\1" + struct.pack("!H", 0xC000 | (len(head) + 14)),
        b"\0\1\xff\xff",
        b"\0\1\x40",
        b"\0\1" + b"\x3fa" * 40,
    ):
        record = b"\xc0\x0c" + struct.pack("!HHLH", number, 1, 60, len(data)) + data
        with pytest.raises(Malformed):
            wire.read(head + record, section, name, number)


def test_more_records_than_there_are() -> None:
    octets = bytearray(GOOD)
    octets[6:8] = b"\xff\xff"
    with pytest.raises(Malformed):
        wire.read(bytes(octets), *_asked("a.test", "MX"))
