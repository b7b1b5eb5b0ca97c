# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name servers that lie, hang up or live in another time: what the publisher rfc2136 believes of them."""

from __future__ import annotations

import socket
import threading
import time
import types
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rrset
import pytest
from nameservers import SECRET, Bind
from publishing import MAIL, rfc2136

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers import link
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import publisher_of
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

ZONE = "example.com"
SOA = "ns1.example.com. host.example.com. 7 3600 600 86400 60"
Answer = Callable[[dns.message.Message], bytes]


def good(query: dns.message.Message) -> bytes:
    """An unsigned answer to anything: the zone is example.com, and each name has one text."""
    answer = dns.message.make_response(query)
    answer.tsig = None
    answer.flags |= dns.flags.AA
    name = query.question[0].name
    kind = query.question[0].rdtype.name
    if kind == "SOA" and str(name) != ZONE + ".":
        answer.authority.append(dns.rrset.from_text(ZONE + ".", 60, "IN", "SOA", SOA))
    else:
        text = SOA if kind == "SOA" else '"%s"' % name
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, text))
    return answer.to_wire()


class Fake:
    """A server over TCP that answers as told, and hangs up after *most* answers on a connection."""

    def __init__(self, answer: Answer, most: int = 1000) -> None:
        self.answer = answer
        self.most = most
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.settimeout(2)
                try:
                    self._talk(connection)
                except (OSError, ValueError):
                    continue

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        for dummy in range(self.most):
            head = stream.read(2)
            if len(head) < 2:
                return
            length = int.from_bytes(head, "big")
            query = dns.message.from_wire(stream.read(length), keyring=KEYRING)
            wire = self.answer(query)
            connection.sendall(len(wire).to_bytes(2, "big") + wire)


KEYRING = {dns.name.from_text("baseline"): dns.tsig.Key("baseline", SECRET, "hmac-sha256")}


@pytest.fixture
def fake() -> Iterator[Callable[..., Fake]]:
    started: list[Fake] = []

    def start(answer: Answer, most: int = 1000) -> Fake:
        started.append(Fake(answer, most))
        return started[-1]

    yield start
    for one in started:
        one.listener.close()


def ask(server: Fake, signed: bool = False) -> Publisher:
    key = {"tsig_name": "baseline", "tsig_secret": SECRET} if signed else {}
    config = {"type": "rfc2136", "server": "127.0.0.1", "port": server.port, **key}
    return publisher_of(config, read_only=True, timeout=1.0)


def refusal(publisher: Publisher, name: str = ZONE) -> MailopsError:
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, [key_of(ZONE, name, "TXT")])
    return error.value


def test_with_a_key_no_answer_is_believed_that_is_not_signed(fake: Callable[..., Fake]) -> None:
    """RFC 8945 section 5.3: else anybody on the way could say what is there before a change."""
    server = fake(good)
    assert refusal(ask(server, signed=True)).code == "answer_unsigned"
    assert ask(server).zone_of("a." + ZONE) == ZONE


def test_a_server_that_hangs_up_now_and_then_is_asked_again(fake: Callable[..., Fake]) -> None:
    server = fake(good, most=7)
    keys = {key_of(ZONE, "h%d.%s" % (number, ZONE), "TXT") for number in range(120)}
    found = ask(server).observe(KIND, keys)
    assert set(found) == keys
    assert all(record["values"] == ['"%s."' % record["name"]] for record in found.values())
    assert server.connections > 120 * 2 / 7


def test_a_server_that_only_hangs_up_is_given_up(fake: Callable[..., Fake]) -> None:
    server = fake(good, most=0)
    assert refusal(ask(server)).code == "connection_lost"
    assert server.connections <= 4


@pytest.mark.parametrize("wire", [b"", b"\0\0", b"no message at all, certainly"])
def test_what_is_no_message_is_told(fake: Callable[..., Fake], wire: bytes) -> None:
    server = fake(lambda query: query.id.to_bytes(2, "big") + wire)
    assert refusal(ask(server)).code == "malformed"


def test_an_answer_to_another_question_is_told(fake: Callable[..., Fake]) -> None:
    def other(query: dns.message.Message) -> bytes:
        return good(dns.message.make_query("other.test", "SOA", id=query.id))

    assert refusal(ask(fake(other))).code == "malformed"


def test_a_resolver_is_no_place_to_publish(fake: Callable[..., Fake]) -> None:
    """It knows the records and does not speak for them; their TTL runs down in its hands."""

    def recursive(query: dns.message.Message) -> bytes:
        answer = dns.message.from_wire(good(query))
        answer.flags = (answer.flags & ~dns.flags.AA) | dns.flags.RA
        return answer.to_wire()

    assert refusal(ask(fake(recursive))).code == "zone_missing"


def test_clocks_that_are_apart_are_told(bind: Bind, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = bind.make_zone(records=MAIL)
    monkeypatch.setattr(dns.message, "time", types.SimpleNamespace(time=lambda: time.time() - 1000))
    publisher = rfc2136(bind)
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, [key_of(zone, zone, "MX")])
    assert error.value.code == "dns_key_clock" and "NTP" in error.value.hint


def test_more_than_one_update_holds_is_told(bind: Bind, monkeypatch: pytest.MonkeyPatch) -> None:
    """65,535 octets are all that a message has."""
    from publishing import code, one, planned

    zone = bind.make_zone(records=MAIL)
    publisher = rfc2136(bind)
    text = ['"%s"' % ("%03d" % number * 80) for number in range(300)]
    operation = planned(publisher, zone, "big." + zone, "TXT", text)
    assert code(one(publisher.apply([operation], "k"))) == "update_too_large"
    assert bind.values("big." + zone, "TXT") == []
    assert link.AT_ONCE < 0x8000
