# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a policy and all that it leads to, and asks for what its terms name, without a sender (RFC 7208 section 4.6)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FAILED, Answer, Asking, Question, together
from ansible_collections.mailops.email.plugins.module_utils.dns.spf import macros
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import hosts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import (
    ASKING,
    MAX_MX,
    Record,
    Term,
    parse,
    records_of,
)

# A policy that leads to more terms than this is not followed any further: it is broken long before.
_MOST = 64


@dataclasses.dataclass
class Node:
    """A record on the way, and what its terms lead to."""

    domain: str
    text: str = ""
    record: Record | None = None
    problem: str = ""
    detail: str = ""
    steps: list[Step] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Step:
    """A term that is reached: the record behind it, or the names that it asks for."""

    name: str
    lookups: int = 0
    voids: int = 0
    problem: str = ""
    detail: str = ""
    node: Node | None = None
    names_senders: bool = True
    # Which family of addresses finds nothing: (IPv4, IPv6).
    silent: tuple[int, int] = (0, 0)
    warning: tuple[str, str] | None = None


class Reader:
    """Follows a policy, and asks for what its terms name."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.left = _MOST
        self.cut = False

    def node(self, domain: str, path: tuple[str, ...], values: t.Sequence[str] | None = None) -> Asking[Node | None]:
        """The record of a domain, None when it has none."""
        if values is None:
            (answer,) = yield [Question(domain, "TXT")]
            if answer.status == FAILED:
                return Node(domain, problem="spf_server_failed", detail="TXT of %s: %s" % (domain, answer.why))
            values = answer.values
        found = records_of(values)
        if not found:
            return None
        if len(found) > 1:
            return Node(
                domain,
                found[0],
                problem="spf_multiple",
                detail="%s has %d SPF records, one is allowed" % (domain, len(found)),
            )
        return (yield from self.read(domain, found[0], (*path, domain)))

    def read(self, domain: str, text: str, path: tuple[str, ...]) -> Asking[Node]:
        try:
            record = parse(text)
        except macros.SpfSyntax as error:
            return Node(domain, text, problem="spf_syntax", detail="%s: %s" % (domain, error))
        steps: list[Step | None] = []
        asking: list[tuple[int, Asking[Step]]] = []
        for term in record.reached:
            if term.name in ASKING:
                asking.append((len(steps), self.step(term, domain, path)))
                steps.append(None)
            else:
                steps.append(Step(term.name, names_senders=term.name != "all" and term.qualifier == "+"))
        if asking:
            found = yield from together([one for dummy, one in asking])
            for (place, dummy), step in zip(asking, found, strict=True):
                steps[place] = step
        return Node(domain, text, record, steps=[one for one in steps if one is not None])

    def step(self, term: Term, domain: str, path: tuple[str, ...]) -> Asking[Step]:
        self.left -= 1
        step = Step(term.name, lookups=1, names_senders=term.qualifier == "+" or term.name == "redirect")
        if self.left < 0:
            self.cut = True
            return step
        if term.name == "ptr":
            step.warning = ("spf_ptr", "%s uses ptr, which is slow and which receivers may leave out" % domain)
            return step
        target = macros.known(term.target, domain, self.origin) if term.target else domain
        if target is None:
            if term.name in ("include", "redirect"):
                step.warning = ("spf_not_followed", "%s:%s differs from message to message" % (term.name, term.target))
        elif term.name in ("include", "redirect"):
            yield from self.follow(step, domain, target, path)
        elif not macros.askable(target):
            step.voids, step.silent, step.names_senders = 1, (1, 1), False
        elif term.name == "mx":
            yield from self.exchangers(step, target)
        elif term.name == "exists":
            (answer,) = yield [Question(target, "A")]
            step.voids = self.voids(step, [answer])
            step.silent = (step.voids, step.voids)
        else:
            answers = yield [Question(target, "A"), Question(target, "AAAA")]
            self.addresses(step, [answers])
        return step

    def follow(self, step: Step, domain: str, target: str, path: tuple[str, ...]) -> Asking[None]:
        if target in path:
            step.problem, step.detail = "spf_loop", "%s leads back to %s" % (domain, target)
            return
        if macros.askable(target):
            step.node = yield from self.node(target, path)
        if step.node is None:
            step.problem = "spf_%s_missing_record" % step.name
            leads = "includes" if step.name == "include" else "redirects to"
            step.detail = "%s %s %s, which has no SPF record" % (domain, leads, target)

    def exchangers(self, step: Step, target: str) -> Asking[None]:
        (answer,) = yield [Question(target, "MX")]
        hosts = hosts_of(answer)
        step.voids = self.voids(step, [answer])
        step.silent = (step.voids, step.voids)
        if len(hosts) > MAX_MX:
            step.problem, step.detail = (
                "spf_too_many_mx",
                "%s has %d mail exchangers, %d are the most" % (target, len(hosts), MAX_MX),
            )
            return
        hosts = [host for host in hosts if macros.askable(host)]
        step.names_senders = step.names_senders and bool(hosts)
        if hosts:
            answers = yield [Question(host, kind) for host in hosts for kind in ("A", "AAAA")]
            self.addresses(step, [answers[at : at + 2] for at in range(0, len(answers), 2)])

    def addresses(self, step: Step, pairs: t.Sequence[t.Sequence[Answer]]) -> None:
        """A and AAAA of each host: a void look-up for everybody when it has neither."""
        for pair in pairs:
            self.voids(step, pair)
            step.voids += all(answer.void for answer in pair)
        step.silent = (
            step.silent[0] + sum(pair[0].void for pair in pairs),
            step.silent[1] + sum(pair[1].void for pair in pairs),
        )
        step.names_senders = step.names_senders and any(answer.values for pair in pairs for answer in pair)

    def voids(self, step: Step, answers: t.Sequence[Answer]) -> int:
        for answer in answers:
            if answer.status == FAILED and not step.problem:
                question = answer.question
                step.problem, step.detail = (
                    "spf_server_failed",
                    "%s of %s: %s" % (question.type, question.name, answer.why),
                )
        return sum(answer.void for answer in answers)
