# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that are slow, wrong, cut off or hostile: each question ends in time, with the answer or with the reason."""

from __future__ import annotations

import gc
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import pytest
from hostile import TCP, UDP, Hostile, asked, reply
from servers.processes import HOST, free_port

from ansible_collections.mailops.email.plugins.module_utils.dns import line as line_module
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Answer, Asking, Question, ask
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes, stream
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

Message = dns.message.Message


@contextmanager
def takes(least: float, most: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert least <= time.monotonic() - began <= most


def one(eyes: WireEyes, name: str, kind: str = "A", server: str = "") -> Answer:
    return eyes.answer([Question(name, kind, server)])[0]


def good(query: Message, transport: str) -> list[Message]:
    return [reply(query, (asked(query), "A", "192.0.2.1"))]


def test_what_answers_nothing_is_ignored() -> None:
    """Another id, another question, a question back, another opcode, rubbish: the true answer comes after all of them."""

    def answering(query: Message, transport: str) -> list[Message | bytes]:
        other = reply(query, (asked(query), "A", "192.0.2.66"))
        other.id = (query.id + 1) % 65536
        wrong = reply(dns.message.make_query("b.test", "A"), ("b.test", "A", "192.0.2.66"))
        wrong.id = query.id
        back = dns.message.make_query(asked(query), "A")
        back.id = query.id
        return [other, wrong, back, b"", b"\0", query.id.to_bytes(2, "big") + b"\x84", *good(query, transport)]

    with Hostile(answering, tcp=False) as server, WireEyes([]) as eyes:
        assert one(eyes, "a.test", server=server.address).values == ("192.0.2.1",)
        assert eyes.ignored >= 5


def test_an_answer_from_elsewhere_is_not_heard() -> None:
    """Whoever is not the server that was asked cannot answer, whatever he knows (RFC 5452)."""
    spoofer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    whom: list[int] = []

    def answering(query: Message, transport: str) -> list[Message]:
        forged = reply(query, (asked(query), "A", "192.0.2.66")).to_wire()
        for port in _ports_that_ask(server.port):
            spoofer.sendto(forged, (HOST, port))
            whom.append(port)
        time.sleep(0.05)
        return good(query, transport)

    with Hostile(answering) as server, WireEyes([]) as eyes:
        assert one(eyes, "a.test", server=server.address).values == ("192.0.2.1",)
    spoofer.close()
    assert whom


def _ports_that_ask(port: int) -> list[int]:
    """Ports of the sockets that are connected to ours."""
    with open("/proc/net/udp", encoding="ascii") as rows:
        ends = [row.split()[1:3] for row in list(rows)[1:]]
    return [int(own.split(":")[1], 16) for own, other in ends if int(other.split(":")[1], 16) == port]


def test_a_silent_server_is_asked_three_times_and_given_up() -> None:
    with Hostile(lambda query, transport: []) as server, WireEyes([], timeout=0.7) as eyes, takes(0.6, 4):
        answer = one(eyes, "a.test", server=server.address)
        assert (answer.status, answer.why) == ("failed", "timeout")
        assert server.count() == 3


def test_questions_at_a_silent_server_do_not_wait_one_after_the_other() -> None:
    """300 questions, no answer: the time of a few, because a server that never answers is left alone."""
    with Hostile(lambda query, transport: []) as server, WireEyes([], timeout=0.7) as eyes, takes(0.6, 5):
        answers = eyes.answer([Question("a%d.test" % number, "A", server.address) for number in range(300)])
        assert {answer.why for answer in answers} == {"timeout"}
    assert server.count() <= 300


def test_a_slow_server_is_waited_for() -> None:
    """Its answer to the first message counts, though another was sent since, which it does not answer."""
    seen: list[int] = []

    def answering(query: Message, transport: str) -> list[Message]:
        seen.append(query.id)
        if len(seen) > 1:
            return []
        time.sleep(0.2)
        return good(query, transport)

    with Hostile(answering) as server, WireEyes([], timeout=0.7) as eyes:
        assert one(eyes, "a.test", server=server.address).status == "found"
        assert eyes.counts[server.address] == {"udp": 2}


def test_a_slow_domain_holds_up_no_other() -> None:
    """Checks of one run go on by themselves; the last of the good ones ends before the bad one."""
    ended: list[str] = []

    def check(name: str, server: str) -> Asking[str]:
        for step in range(4):
            yield from ask("%d.%s" % (step, name), "A", server)
        ended.append(name)
        return name

    with Hostile(lambda query, transport: []) as silent, Hostile(good) as fine, WireEyes([], timeout=0.3) as eyes:
        askings = [check("slow", silent.address), *(check("fast%d" % number, fine.address) for number in range(50))]
        assert stream(askings, eyes)[:2] == ["slow", "fast0"]
    assert ended[-1] == "slow"


def test_lost_messages_are_sent_again() -> None:
    seen: set[str] = set()

    def answering(query: Message, transport: str) -> list[Message]:
        if asked(query) not in seen:
            seen.add(asked(query))
            return []
        return good(query, transport)

    with Hostile(answering) as server, WireEyes([], timeout=0.7) as eyes:
        answers = eyes.answer([Question("a%d.test" % number, "A", server.address) for number in range(20)])
        assert {answer.status for answer in answers} == {"found"}


def test_nobody_listens() -> None:
    with WireEyes([], timeout=3) as eyes, takes(0, 2):
        nowhere = "%s@%d" % (HOST, free_port())
        assert one(eyes, "a.test", server=nowhere).why == "unreachable"
        answers = eyes.answer([Question("b%d.test" % number, "A", nowhere) for number in range(50)])
        assert {answer.status for answer in answers} == {"failed"}


def test_another_resolver_is_asked_when_the_first_fails() -> None:
    nowhere = "%s@%d" % (HOST, free_port())
    refusing = Hostile(lambda query, transport: [reply(query, code=dns.rcode.REFUSED)])
    silent = Hostile(lambda query, transport: [])
    with refusing, silent, Hostile(good) as fine:
        for first in (nowhere, refusing.address, silent.address):
            with WireEyes([first, fine.address], timeout=0.7) as eyes:
                assert one(eyes, "a.test").values == ("192.0.2.1",)
        with WireEyes([refusing.address], timeout=0.7) as eyes:
            assert one(eyes, "a.test").why == "REFUSED"
    with WireEyes([]) as eyes:
        assert one(eyes, "a.test").why == "no_server"


def test_a_server_fails_for_a_moment() -> None:
    codes = [dns.rcode.SERVFAIL, dns.rcode.NOERROR]

    def answering(query: Message, transport: str) -> list[Message]:
        return [reply(query, (asked(query), "A", "192.0.2.1"), code=codes.pop(0))]

    with Hostile(answering) as server, WireEyes([]) as eyes:
        assert one(eyes, "a.test", server=server.address).status == "found"


@pytest.mark.parametrize("code", ["REFUSED", "NOTAUTH", "SERVFAIL"])
def test_a_server_that_will_not_says_so(code: str) -> None:
    def answering(query: Message, transport: str) -> list[Message]:
        return [reply(query, code=dns.rcode.from_text(code))]

    with Hostile(answering) as server, WireEyes([]) as eyes, takes(0, 3):
        assert one(eyes, "a.test", server=server.address).why == code


@pytest.mark.parametrize("code", ["FORMERR", "NOTIMP", "BADVERS"])
def test_a_server_without_edns_is_asked_without(code: str) -> None:
    """RFC 6891 section 7; from the second question on it is known."""

    def answering(query: Message, transport: str) -> list[Message]:
        return [reply(query, code=dns.rcode.from_text(code))] if query.edns >= 0 else good(query, transport)

    with Hostile(answering) as server, WireEyes([]) as eyes:
        assert one(eyes, "a.test", server=server.address).status == "found"
        assert one(eyes, "b.test", server=server.address).status == "found"
        assert [query.edns for dummy, query in server.seen] == [0, -1, -1]


def test_a_network_that_swallows_edns() -> None:
    def answering(query: Message, transport: str) -> list[Message]:
        return [] if query.edns >= 0 else good(query, transport)

    with Hostile(answering) as server, WireEyes([], timeout=0.7) as eyes:
        assert one(eyes, "a.test", server=server.address).status == "found"


def test_cut_off_answers_come_over_tcp() -> None:
    strings = ['"%s"' % ("x" * 250)] * 40

    def answering(query: Message, transport: str) -> list[Message]:
        if transport == UDP:
            cut = reply(query)
            cut.flags |= dns.flags.TC
            return [cut]
        return [reply(query, (asked(query), "TXT", " ".join(strings)))]

    with Hostile(answering) as server, WireEyes([]) as eyes:
        answers = eyes.answer([Question("a%d.test" % number, "TXT", server.address) for number in range(20)])
        assert {len(answer.values[0]) for answer in answers} == {40 * 253 - 1}
        assert eyes.counts[server.address] == {"udp": 20, "tcp": 20}


def test_a_server_that_keeps_no_connection() -> None:
    """It closes after each answer; the next question gets a new connection, and no answer is lost."""

    def answering(query: Message, transport: str) -> list[Message]:
        if transport == UDP:
            cut = reply(query)
            cut.flags |= dns.flags.TC
            return [cut]
        return good(query, transport)

    class Closing(Hostile):
        def _serve_connection(self, connection: socket.socket) -> None:
            size = int.from_bytes(connection.recv(2), "big")
            for answer in self._answers(connection.recv(size), TCP):
                connection.sendall(len(answer).to_bytes(2, "big") + answer)
            connection.close()

    with Closing(answering) as server, WireEyes([]) as eyes:
        answers = eyes.answer([Question("a%d.test" % number, "A", server.address) for number in range(30)])
        assert {answer.status for answer in answers} == {"found"}


@pytest.mark.parametrize("how", ["closed", "hangs_up", "drips"])
def test_a_cut_off_answer_and_no_tcp(how: str) -> None:
    def answering(query: Message, transport: str) -> list[Message | bytes]:
        cut = reply(query)
        cut.flags |= dns.flags.TC
        return [cut] if transport == UDP else []

    class Dripping(Hostile):
        def _serve_connection(self, connection: socket.socket) -> None:
            try:
                while not self._ended.wait(0.05):
                    connection.sendall(b"\0")
            except OSError:
                pass

    kind = Dripping if how == "drips" else Hostile
    with kind(answering, tcp=how != "closed") as server, WireEyes([], timeout=0.7) as eyes, takes(0, 3.5):
        answers = eyes.answer([Question("a%d.test" % number, "A", server.address) for number in range(20)])
        assert {answer.why for answer in answers} == {"no_tcp"}


def test_rubbish_over_udp_and_tcp() -> None:
    def answering(query: Message, transport: str) -> list[bytes]:
        # without its OPT record and the last two octets of the address
        return [reply(query, (asked(query), "A", "192.0.2.1")).to_wire()[:-13]]

    with Hostile(answering) as server, WireEyes([]) as eyes:
        assert one(eyes, "a.test", server=server.address).why == "malformed"
        assert (server.count(UDP), server.count(TCP)) == (1, 1)


def test_aliases_that_lead_elsewhere_are_followed_by_the_resolver() -> None:
    def owner(query: Message, transport: str) -> list[Message]:
        return [reply(query, ("s1.a.test", "CNAME", "s1.provider.test."))]

    def provider(query: Message, transport: str) -> list[Message]:
        if asked(query) == "s1.provider.test":
            return [reply(query, ("s1.provider.test", "CNAME", "s2.provider.test."))]
        return [reply(query, (asked(query), "TXT", '"v=DKIM1; p="'), authoritative=False)]

    with Hostile(owner) as first, Hostile(provider) as other, WireEyes([other.address]) as eyes:
        answer = one(eyes, "s1.a.test", "TXT", first.address)
        assert (answer.values, answer.aliases) == (('"v=DKIM1; p="',), ("s1.provider.test", "s2.provider.test"))
        assert answer.authoritative
        assert one(eyes, "s1.a.test", "CNAME", first.address).values == ("s1.provider.test.",)
    with Hostile(owner) as first, WireEyes([]) as eyes:
        answer = one(eyes, "s1.a.test", "TXT", first.address)
        assert (answer.status, answer.why, answer.aliases) == ("failed", "no_server", ("s1.provider.test",))


@pytest.mark.parametrize("endless", [False, True])
def test_aliases_without_an_end(endless: bool) -> None:
    def answering(query: Message, transport: str) -> list[Message]:
        number = int(asked(query).split(".")[0])
        following = number + 1 if endless else (number + 1) % 3
        return [reply(query, (asked(query), "CNAME", "%d.test." % following))]

    with Hostile(answering) as server, WireEyes([server.address]) as eyes:
        assert one(eyes, "0.test").why == "alias_loop"
        assert server.count() <= 20


def test_a_flood_does_not_hold_up_the_end() -> None:
    def answering(query: Message, transport: str) -> list[bytes]:
        return [bytes([number % 256]) * 40 for number in range(3000)]

    with Hostile(answering) as server, WireEyes([], timeout=0.7) as eyes, takes(0.3, 6):
        assert one(eyes, "a.test", server=server.address).why == "timeout"


def test_what_cannot_be_asked() -> None:
    with WireEyes([]) as eyes:
        assert one(eyes, "a..b").why == "malformed"
        assert one(eyes, "a" * 64 + ".test").why == "malformed"
        assert one(eyes, "a.test", "NONE").why == "malformed"
        assert one(eyes, "a.test", server="ns.example.com@53").why == "no_server"
    with pytest.raises(ValueError):
        WireEyes(["ns.example.com"])


def test_the_same_question_is_asked_once_until_it_is_forgotten() -> None:
    with Hostile(good) as server, WireEyes([]) as eyes:
        question = Question("a.test", "A", server.address)
        assert len({id(answer) for answer in eyes.answer([question, question])}) == 1
        eyes.answer([question])
        assert server.count() == 1
        eyes.forget()
        eyes.answer([question])
        assert server.count() == 2


def test_sockets_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """More servers than sockets: those that are idle give theirs."""
    monkeypatch.setattr("%s.SOCKETS" % WireEyes.__module__, 3)
    servers = [Hostile(good, tcp=False) for dummy in range(10)]
    for server in servers:
        server.__enter__()
    try:
        with WireEyes([]) as eyes:
            answers = eyes.answer(
                [Question("a%d.test" % number, "A", one.address) for number in range(5) for one in servers]
            )
            assert {answer.status for answer in answers} == {"found"}
            assert len(eyes._poll.get_map()) <= 3
    finally:
        for server in servers:
            server.__exit__()


def test_a_check_that_breaks_leaves_the_eyes_whole() -> None:
    """What the checks beside it still wait for is nobody's any more."""

    def breaks(broken: bool = True) -> Asking[int]:
        if broken:
            raise RuntimeError("mistake")
        yield []
        return 0

    def works(first: int) -> Asking[int]:
        names = ["%d.test" % number for number in range(first, first + 5)]
        answers = yield [Question(name, "A", server.address) for name in names]
        return len([answer for answer in answers if answer.status == "found"])

    def answering(query: Message, transport: str) -> list[Message]:
        time.sleep(0.01)
        return good(query, transport)

    with Hostile(answering) as server, WireEyes([]) as eyes:
        with pytest.raises(RuntimeError):
            eyes.stream([works(0), breaks(), works(5)])
        assert eyes.stream([works(10), works(0), works(20)]) == [5, 5, 5]


def test_the_collector_is_on_again() -> None:
    """It is off while checks run, and stays off where somebody else has switched it off."""

    def check(broken: bool) -> Asking[bool]:
        yield [Question("a.test", "A", server.address)]
        if broken:
            raise RuntimeError("mistake")
        return gc.isenabled()

    with Hostile(good) as server, WireEyes([]) as eyes:
        assert stream([check(False)], eyes) == [False]
        assert gc.isenabled()
        with pytest.raises(RuntimeError):
            stream([check(True)], eyes)
        assert gc.isenabled()
        gc.disable()
        try:
            stream([check(False)], eyes)
            assert not gc.isenabled()
        finally:
            gc.enable()


def test_progress_is_told() -> None:
    told: list[object] = []

    class Told(Progress):
        def start(self, what: str, total: int) -> None:
            told.append((what, total))

        def advance(self, count: int) -> None:
            told.append(count)

    def check(number: int) -> Asking[int]:
        yield from ask("a%d.test" % number, "A", server.address)
        return number

    with Hostile(good) as server, WireEyes([]) as eyes:
        assert stream([check(number) for number in range(5)], eyes, Told(), "asking") == [0, 1, 2, 3, 4]
    assert told[0] == ("asking", 5)
    assert sum(told[1:]) == 5  # type: ignore[arg-type]


def test_a_person_is_told_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, float]] = []

    class Told(Progress):
        def waiting(self, why: str, seconds: float) -> None:
            told.append((why, seconds))

    def check(number: int) -> Asking[str]:
        answer = yield from ask("a%d.test" % number, "A", server.address)
        return answer.why

    monkeypatch.setattr("%s._PATIENCE" % WireEyes.__module__, 0.2)
    with Hostile(lambda query, transport: []) as server, WireEyes([], timeout=1.4) as eyes:
        assert stream([check(number) for number in range(3)], eyes, Told()) == ["timeout"] * 3
    assert 2 <= len(told) <= 7
    assert told[0][0] == "no answer yet from " + server.address
    assert all(0 <= seconds <= 0.9 for dummy, seconds in told)


def test_the_window_shrinks_when_answers_are_lost() -> None:
    """A server that takes ten at a time gets no more for long."""
    answered: list[float] = []

    def answering(query: Message, transport: str) -> list[Message]:
        now = time.monotonic()
        answered[:] = [moment for moment in answered if now - moment < 0.05]
        if len(answered) >= 10:
            return []
        answered.append(now)
        return good(query, transport)

    with Hostile(answering) as server, WireEyes([], timeout=1.4) as eyes:
        answers = eyes.answer([Question("a%d.test" % number, "A", server.address) for number in range(60)])
        assert sum(answer.status == "found" for answer in answers) > 20
        assert next(iter(eyes._lines.values())).window < line_module.WINDOW_FIRST + 20


@pytest.mark.parametrize("seed", range(5))
def test_whatever_servers_do_each_question_ends_in_time(seed: int) -> None:
    """Answers that are lost, late, doubled, broken, cut off, refused, or somebody else's, over both transports."""
    dice = random.Random(seed)  # noqa: S311 - no secret

    def broken(message: Message) -> bytes:
        octets = bytearray(message.to_wire())
        for dummy in range(dice.randint(1, 4)):
            octets[dice.randrange(2, len(octets))] = dice.randrange(256)
        return bytes(octets)[: dice.randint(0, len(octets))] if dice.random() < 0.5 else bytes(octets)

    def cut(query: Message) -> Message:
        message = reply(query)
        message.flags |= dns.flags.TC
        return message

    def alias(query: Message) -> Message:
        return reply(query, (asked(query), "CNAME", "%d.test." % dice.randrange(50)))

    ways = [
        lambda query: good(query, UDP),
        lambda query: good(query, UDP) * 2,
        lambda query: [],
        lambda query: [broken(good(query, UDP)[0])],
        lambda query: [broken(good(query, UDP)[0]), *good(query, UDP)],
        lambda query: [cut(query)],
        lambda query: [reply(query, code=dice.choice([1, 2, 3, 4, 5, 9, 16, 23]))],
        lambda query: [alias(query)],
        lambda query: [dice.randbytes(dice.randint(0, 600))],
    ]

    def answering(query: Message, transport: str) -> list[Message | bytes]:
        return dice.choice(ways)(query)  # type: ignore[no-any-return, no-untyped-call]

    with Hostile(answering) as one_server, Hostile(answering) as other, Hostile(answering, tcp=False) as third:
        servers = [one_server.address, other.address, third.address]
        questions = [Question("a%d.test" % number, "A", dice.choice(["", *servers])) for number in range(300)]
        with WireEyes(servers[:2], timeout=0.35) as eyes, takes(0, 30):
            answers = eyes.answer(questions)
            assert not eyes._looks
        assert [answer.question for answer in answers] == questions
        assert all((answer.status == "failed") == bool(answer.why) for answer in answers)
        assert all((answer.status == "found") == bool(answer.values) for answer in answers)
        assert sum(answer.status == "found" for answer in answers) > 30
