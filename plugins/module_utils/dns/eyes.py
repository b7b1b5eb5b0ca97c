# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions over the wire: very many on their way at the same time, from one thread, to servers that may be slow, wrong or hostile.

What a server does never raises and never holds up others: each question ends with an answer or with the reason why there is none.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import selectors
import socket
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import wire
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    Answer,
    Asking,
    Eyes,
    Question,
    run,
    together,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.line import (
    NO_TCP,
    TIMEOUT,
    UNREACHABLE,
    Line,
    Look,
    normal_address,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.rdata import Malformed
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

MALFORMED, NO_SERVER = "malformed", "no_server"
# Checks that are under way at the same time; more would only lengthen the queues.
AT_ONCE = 1000
# Sockets at the same time; a process has about a thousand files.
SOCKETS = 400
# How long the tries last, in parts of the whole time.
_SHARES = (1 / 7, 2 / 7, 4 / 7)
# Seconds without a check that ends, after which a person is told what is waited for.
_PATIENCE = 2.0
# Where the system took no more, or nothing has a deadline: seconds until the next look.
_SOON = 0.01

T = t.TypeVar("T")


def stream(
    askings: t.Sequence[Asking[T]], eyes: Eyes, progress: Progress | None = None, what: str = "looking at the DNS"
) -> list[T]:
    """The outcomes of many checks in their order. None waits for the slow servers of another, if the eyes can do that."""
    if progress is not None:
        progress.start(what, len(askings))
    if isinstance(eyes, WireEyes):
        with _without_collector():
            return eyes.stream(askings, progress)
    outcomes = run(together(askings), eyes)
    if progress is not None:
        progress.advance(len(outcomes))
    return outcomes


@contextlib.contextmanager
def _without_collector() -> t.Iterator[None]:
    """Answers make no cycles, and the collector would go through those of a whole portfolio again and again: a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def system_resolvers(path: str = "/etc/resolv.conf") -> list[str]:
    """The name servers of this machine in their order, without those that are no IP address."""
    found = []
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for words in map(str.split, lines):
                if words[:1] == ["nameserver"] and len(words) > 1:
                    try:
                        found.append(normal_address(words[1]))
                    except ValueError:
                        continue
    except OSError:
        return []
    return found


class _Run:
    """A check that waits for answers; without *asking*, answers that somebody waits for."""

    __slots__ = ("answers", "asking", "missing", "place", "results")

    def __init__(self, asking: t.Optional[Asking[t.Any]], results: list[t.Any], place: int) -> None:
        self.asking = asking
        self.results = results
        self.place = place
        self.answers: t.Optional[list[t.Any]] = None
        self.missing = 0


class WireEyes:
    """Implements `asking.Eyes`, for one thread. The same question is asked once, until `forget`.

    :param servers: resolvers as ``address`` or ``address@port``, tried in turn; None: those of this machine.
    :param timeout: seconds for one question at one server, all tries together, or at all resolvers.
    :raises ValueError: for a server that is no IP address.
    """

    def __init__(self, servers: t.Sequence[str] | None = None, timeout: float = 5.0) -> None:
        self._lines: dict[str, Line] = {}
        self._poll = selectors.DefaultSelector()
        self._cache: dict[Question, Answer] = {}
        self._looks: dict[Question, Look] = {}
        self._ready: collections.deque[_Run] = collections.deque()
        # Tries that are on their way by how long they may take, so that each row is in the order of its ends.
        self._ends: dict[float, collections.deque[tuple[float, Look]]] = {}
        # lines with something to send
        self._filling: dict[Line, None] = {}
        self._settled = False
        self._now = time.monotonic()
        self._waits = [timeout * share for share in _SHARES]
        given = system_resolvers() if servers is None else [normal_address(server) for server in servers]
        self.resolvers = tuple(dict.fromkeys(given))
        self._resolver_lines = [self._line(address) for address in self.resolvers]

    def __enter__(self) -> WireEyes:
        return self

    def __exit__(self, *dummy: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all sockets."""
        for line in self._lines.values():
            line.close()
        self._poll.close()

    # ---- what a caller uses ----

    def answer(self, questions: t.Sequence[Question]) -> list[Answer]:
        """One answer for each question, in order; never raises for a server that fails."""
        wanted = _Run(None, [], 0)
        self._ask(wanted, questions)
        while wanted.missing:
            self._turn()
        return t.cast("list[Answer]", wanted.answers)

    def stream(self, askings: t.Sequence[Asking[T]], progress: Progress | None = None) -> list[T]:
        """The outcomes of many checks in their order; each goes on as soon as its own answers are there."""
        results: list[t.Any] = [None] * len(askings)
        begun = under_way = 0
        told = self._now = time.monotonic()
        while begun < len(askings) or under_way:
            while begun < len(askings) and under_way < AT_ONCE:
                self._ready.append(_Run(askings[begun], results, begun))
                begun += 1
                under_way += 1
            done = 0
            while self._ready:
                one = self._ready.popleft()
                # what an earlier call left behind when one of its checks raised
                if one.results is results and self._go_on(one):
                    done += 1
            if progress is not None:
                if done:
                    progress.advance(done)
                    told = self._now
                elif self._now - told >= _PATIENCE:
                    self._tell(progress)
                    told = self._now
            under_way -= done
            if under_way == AT_ONCE or (under_way and begun == len(askings)):
                self._turn()
        return results

    def forget(self) -> None:
        """Ask again from now on, because something may have changed."""
        self._cache.clear()

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many messages went to each server, by transport: ``{"192.0.2.1@53": {"udp": 12, "tcp": 1}}``."""
        return {address: dict(line.counts) for address, line in self._lines.items() if line.counts}

    @property
    def sent(self) -> int:
        """All messages that went out."""
        return sum(sum(line.counts.values()) for line in self._lines.values())

    @property
    def ignored(self) -> int:
        """Messages that answered nothing we had asked."""
        return sum(line.ignored for line in self._lines.values())

    def _tell(self, progress: Progress) -> None:
        late = [(look.line.address, look.ends) for look in self._looks.values() if look.line is not None and look.ends]
        servers = sorted({address for address, dummy in late})
        if servers:
            more = " and %d more" % (len(servers) - 3) if len(servers) > 3 else ""
            seconds = max(ends for dummy, ends in late) - self._now
            progress.waiting("no answer yet from %s%s" % (", ".join(servers[:3]), more), seconds)

    # ---- checks ----

    def _go_on(self, one: _Run) -> bool:
        """:return: whether the check is done."""
        if one.asking is None:
            return False
        try:
            questions = next(one.asking) if one.answers is None else one.asking.send(one.answers)
        except StopIteration as end:
            one.results[one.place] = end.value
            return True
        self._ask(one, questions)
        return False

    def _ask(self, one: _Run, questions: t.Sequence[Question]) -> None:
        answers: list[t.Any] = []
        one.answers = answers
        # held until all are counted, because some are settled at once
        one.missing = 1
        for question in questions:
            known = self._cache.get(question)
            answers.append(known)
            if known is None:
                one.missing += 1
                look = self._looks.get(question)
                if look is None:
                    self._looks[question] = look = Look(question)
                    look.waiters.append((one, len(answers) - 1))
                    self._begin(look, question)
                else:
                    look.waiters.append((one, len(answers) - 1))
        self._one_less(one)

    def _one_less(self, one: _Run) -> None:
        one.missing -= 1
        if not one.missing and one.asking is not None:
            self._ready.append(one)

    # ---- questions ----

    def _begin(self, look: Look, question: Question) -> None:
        try:
            lines = [self._line(question.server)] if question.server else self._resolver_lines
        except ValueError:
            lines = []
        try:
            look.aim(question.name, wire.type_number(question.type), lines, not question.server)
        except Malformed:
            self._fail(look, MALFORMED)
        else:
            self._queue(look)

    def _line(self, address: str) -> Line:
        line = self._lines.get(address)
        if line is None:
            normal = normal_address(address)
            line = self._lines.get(normal) or Line(normal, self)
            self._lines[normal] = line
        return line

    def _queue(self, look: Look) -> None:
        """To the next server that does not rest."""
        lines, last = look.lines, look.tries == len(_SHARES) - 1
        for step in range(len(lines)):
            line = lines[(look.tries + step) % len(lines)]
            if line.rests_until <= self._now:
                look.line = line
                look.edns = line.edns if line.edns is not None else not last
                line.queue.append(look)
                self._filling[line] = None
                return
        self._fail(look, TIMEOUT if lines else NO_SERVER)

    def _next(self, look: Look, why: str, reply: wire.Reply | None = None) -> None:
        """A try came to nothing; *reply* is what a server said instead."""
        look.ends = 0.0
        look.tcp = False
        look.tries += 1
        if len(look.lines) > 1 or why == TIMEOUT:
            most = max(len(_SHARES), len(look.lines))
        else:
            most = 2 if why in (UNREACHABLE, "SERVFAIL") else 1
        if look.tries < most:
            self._queue(look)
        else:
            self._settle(look, reply or wire.Reply(0, why=why))

    def _fail(self, look: Look, why: str) -> None:
        self._settle(look, wire.Reply(0, why=why))

    def _settle(self, look: Look, reply: wire.Reply) -> None:
        first = look.first or reply
        question = look.subject
        answer = Answer(
            question,
            reply.status,
            reply.values,
            reply.ttl,
            reply.why,
            look.aliases + reply.aliases,
            first.authoritative,
            reply.authenticated and first.authenticated,
            reply.zone,
        )
        self._cache[question] = answer
        self._settled = True
        del self._looks[question]
        for one, index in look.waiters:
            one.answers[index] = answer
            self._one_less(one)

    def _follow(self, look: Look, reply: wire.Reply) -> None:
        """The alias leads to a name of which the answer says nothing: a resolver knows it."""
        look.first = look.first or reply
        look.aliases += reply.aliases
        names = [look.subject.name, *look.aliases]
        if len(set(names)) < len(names) or len(names) > wire.ALIASES_MAX:
            self._fail(look, wire.ALIAS_LOOP)
            return
        try:
            look.aim(reply.follow, look.kind, self._resolver_lines, True)
        except Malformed:
            self._fail(look, MALFORMED)
        else:
            self._queue(look)

    # ---- what lines tell (line.Desk) ----

    def room(self) -> bool:
        if len(self._poll.get_map()) < SOCKETS:
            return True
        for line in self._lines.values():
            if line.open and line.idle:
                line.close()
        return len(self._poll.get_map()) < SOCKETS

    def sent_now(self, look: Look) -> None:
        """A try is on its way."""
        wait = self._waits[-1] if look.tcp else self._waits[min(look.tries, len(_SHARES) - 1)]
        look.ends = self._now + wait
        self._ends.setdefault(wait, collections.deque()).append((look.ends, look))

    def heard(self, look: Look, message: bytes) -> None:
        look.ends = 0.0
        try:
            reply = wire.read(message, look.section, look.name, look.kind)
        except Malformed:
            reply = None
        if reply is None or reply.truncated:
            if look.tcp:
                self._next(look, MALFORMED)
            else:
                look.tcp = True
                self.again(look)
        elif look.edns and reply.code in (wire.FORMERR, wire.NOTIMP, wire.BADVERS):
            t.cast(Line, look.line).edns = look.edns = False
            self.again(look)
        else:
            if look.edns:
                t.cast(Line, look.line).edns = True
            if reply.follow:
                self._follow(look, reply)
            elif reply.why and reply.why != wire.ALIAS_LOOP:
                self._next(look, reply.why, reply)
            else:
                self._settle(look, reply)

    def lost(self, look: Look, why: str) -> None:
        self._next(look, why)

    def again(self, look: Look) -> None:
        look.ends = 0.0
        line = t.cast(Line, look.line)
        line.queue.appendleft(look)
        self._filling[line] = None

    def watch(self, sock: socket.socket, call: t.Callable[[bool], None], writing: bool = False) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
        try:
            self._poll.modify(sock, events, call)
        except KeyError:
            self._poll.register(sock, events, call)

    def unwatch(self, sock: socket.socket) -> None:
        try:
            self._poll.unregister(sock)
        except (KeyError, ValueError):
            pass  # it was not watched, or is closed

    # ---- time ----

    def _turn(self) -> None:
        """Send what can be sent, wait for something to come or to be over, and see to it."""
        self._now = time.monotonic()
        self._settled = False
        for line in list(self._filling):
            line.fill(self._now)
            if not line.queue and not line.tcp_queue:
                self._filling.pop(line, None)
        for key, mask in self._poll.select(0 if self._settled else self._patience()):
            key.data(bool(mask & selectors.EVENT_WRITE))
        self._now = time.monotonic()
        for wait in list(self._ends):
            row = self._ends[wait]
            while row and (row[0][0] != row[0][1].ends or row[0][0] <= self._now):
                ends, look = row.popleft()
                if ends == look.ends:
                    self._overdue(look)

    def _patience(self) -> float:
        """Seconds until the next try is over."""
        ends = [row[0][0] for row in self._ends.values() if row]
        if not ends or any(line.stuck for line in self._filling):
            return _SOON
        return max(min(ends) - self._now, 0.0)

    def _overdue(self, look: Look) -> None:
        line = t.cast(Line, look.line)
        if not look.tcp and len(look.lines) == 1 and look.tries + 1 < len(_SHARES):
            line.overdue(look, self._now)
            look.tries += 1
            look.edns = look.edns and (line.edns is True or look.tries < len(_SHARES) - 1)
            line.send_again(look)
            return
        line.leave(look, self._now)
        if line.rests_until > self._now:
            waiting = list(line.queue)
            line.queue.clear()
            for one in waiting:
                self._queue(one)
        self._next(look, NO_TCP if look.tcp else TIMEOUT)
