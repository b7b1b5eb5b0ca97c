# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to name servers and their answers, and checks that ask them without knowing how they travel.

A check is a generator: it yields the questions that may be asked at the same time, is sent their answers in the same order, and returns what it
found. So one check runs over the wire, over a table in a test, and over a plan that is not published yet.
"""

from __future__ import annotations

import dataclasses
import typing as t

FOUND = "found"
NODATA = "nodata"
NXDOMAIN = "nxdomain"
FAILED = "failed"

T = t.TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Question:
    """One look-up.

    :param name: in lower case without the final dot.
    :param type: in capitals.
    :param server: ``address@port`` of the authoritative server that is asked, without recursion; empty for the resolver.
    """

    name: str
    type: str
    server: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back.

    :param status: ``found``, ``nodata`` (the name exists, not with this type), ``nxdomain`` or ``failed``.
    :param values: data of the asked type in normal form (`record.normal_value`), sorted, at the end of the *aliases*.
    :param ttl: seconds; of ``nodata`` and ``nxdomain`` how long that may be believed.
    :param why: of ``failed``: the name of the response code, such as ``SERVFAIL``, or ``timeout``, ``unreachable`` (nobody listens there),
        ``no_route`` (this machine cannot go there), ``no_tcp`` (the answer needs TCP, which does not work), ``malformed``, ``referral`` (the
        server does not speak for the name; *values* are the hosts that it says do, *zone* is theirs), ``alias_loop``, ``no_server`` (there is none to ask).
    :param aliases: names that CNAME records led to, in their order.
    :param authoritative: the server speaks for the zone (AA).
    :param authenticated: a validating resolver vouches for it (AD).
    :param zone: the zone that the authority section names, empty when it names none.
    """

    question: Question
    status: str
    values: tuple[str, ...] = ()
    ttl: int = 0
    why: str = ""
    aliases: tuple[str, ...] = ()
    authoritative: bool = False
    authenticated: bool = False
    zone: str = ""

    @property
    def void(self) -> bool:
        """A look-up that found nothing (RFC 7208 section 4.6.4)."""
        return self.status in (NODATA, NXDOMAIN)


Asking: t.TypeAlias = "t.Generator[t.Sequence[Question], t.Sequence[Answer], T]"


class Eyes(t.Protocol):
    """Who answers questions: the wire, a table, or a plan laid over another."""

    def answer(self, questions: t.Sequence[Question]) -> list[Answer]:
        """One answer for each question, in order; never raises for a server that fails."""


def ask(name: str, kind: str, server: str = "") -> Asking[Answer]:
    """One question of a check: ``answer = yield from ask("example.com", "MX")``."""
    (answer,) = yield [Question(name, kind, server)]
    return answer


def together(askings: t.Sequence[Asking[T]]) -> Asking[list[T]]:
    """Several checks as one, so that what they ask is asked at the same time."""
    done: dict[int, T] = {}
    waiting: list[tuple[int, Asking[T], t.Sequence[Question]]] = []
    for index, asking in enumerate(askings):
        try:
            waiting.append((index, asking, next(asking)))
        except StopIteration as end:
            done[index] = end.value
    while waiting:
        questions: list[Question] = []
        for one in waiting:
            questions += one[2]
        answers = yield questions
        start, left = 0, []
        for index, asking, wanted in waiting:
            own = answers[start : start + len(wanted)]
            start += len(wanted)
            try:
                left.append((index, asking, asking.send(own)))
            except StopIteration as end:
                done[index] = end.value
        waiting = left
    return [done[index] for index in range(len(askings))]


def run(asking: Asking[T], eyes: Eyes) -> T:
    """The outcome of one check."""
    try:
        questions = next(asking)
        while True:
            questions = asking.send(eyes.answer(questions))
    except StopIteration as end:
        return t.cast(T, end.value)
