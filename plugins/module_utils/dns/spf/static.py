# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an SPF policy works, without a sender: what it costs, what it leads to, what breaks it (R-DNS-03, D-SPF-1 to D-SPF-5)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FAILED, Answer, Asking, Question, together
from ansible_collections.mailops.email.plugins.module_utils.dns.spf import macros
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import hosts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import (
    ASKING,
    MAX_LOOKUPS,
    MAX_MX,
    MAX_VOIDS,
    VERSION,
    Record,
    Term,
    parse,
    records_of,
)

NONE = "none"
VALID = "valid"
BROKEN = "broken"
UNKNOWN = "unknown"

# D-SPF-2: room for what others add to what we include.
_WARN_LOOKUPS = 8
# RFC 7208 section 3.4: an answer that fits into 512 octets, with room for its name and its neighbours.
_WARN_OCTETS = 450
# A policy that leads to more terms than this is not followed any further: it is broken long before.
_MOST = 64


@dataclasses.dataclass(frozen=True)
class SpfVerdict:
    """What can be said of a policy.

    :param status: ``none`` (no record), ``valid``, ``broken`` (senders that it names get ``permerror``) or ``unknown`` (a server failed).
    :param problem: of ``broken`` and ``unknown``: ``spf_multiple``, ``spf_syntax``, ``spf_too_many_lookups``, ``spf_too_many_voids``,
        ``spf_too_many_mx``, ``spf_include_missing_record``, ``spf_redirect_missing_record``, ``spf_loop``, ``spf_server_failed``.
    :param detail: the same as a sentence.
    :param record: text of the record, empty without one.
    :param lookups: terms that ask name servers, through all includes, when the sender is nobody that the policy names.
    :param void_lookups: names that have no address at all, of those terms.
    :param includes: targets of the record's own includes in their order, as they stand.
    :param all: the qualifier and ``all`` of what ends the policy, of the redirect's record too; empty without one.
    :param redirect: as it stands, empty without one or where an ``all`` silences it.
    :param warnings: ``(code, sentence)`` of what works and should not be so.
    """

    status: str
    problem: str = ""
    detail: str = ""
    record: str = ""
    lookups: int = 0
    void_lookups: int = 0
    includes: tuple[str, ...] = ()
    all: str = ""
    redirect: str = ""
    warnings: tuple[tuple[str, str], ...] = ()

    @property
    def unfit(self) -> str:
        """Code of what keeps the record from being published by us, empty when nothing does (G5).

        Stricter than *status*: a policy that only strangers overtax, or whose version not every receiver reads, works for now.
        """
        if self.status != VALID:
            return self.problem or "spf_none"
        return next((code for code, dummy in self.warnings if code in _UNFIT), "")


_UNFIT = ("spf_too_many_lookups", "spf_version_case", "spf_allows_everyone")


@dataclasses.dataclass
class _Node:
    """A record on the way, and what its terms lead to."""

    domain: str
    text: str = ""
    record: Record | None = None
    problem: str = ""
    detail: str = ""
    steps: list[_Step] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class _Step:
    """A term that is reached: the record behind it, or the names that it asks for."""

    name: str
    lookups: int = 0
    voids: int = 0
    problem: str = ""
    detail: str = ""
    node: _Node | None = None
    names_senders: bool = True
    # Which family of addresses finds nothing: (IPv4, IPv6).
    silent: tuple[int, int] = (0, 0)
    warning: tuple[str, str] | None = None


def judge(domain: str, record: str | None = None, values: t.Sequence[str] | None = None) -> Asking[SpfVerdict]:
    """The verdict on a domain's policy. All names of one record are asked for at the same time.

    :param record: text of a record that is not published, or was asked for already.
    :param values: the same as all values of the domain's TXT record set, in normal form.
    """
    domain = domain.removesuffix(".").lower()
    reader = _Reader(domain)
    if record is not None:
        node: _Node | None = yield from reader.read(domain, record, (domain,))
    else:
        node = yield from reader.node(domain, (), values)
    if node is None:
        return SpfVerdict(NONE)
    return _Count(reader.cut).verdict(node)


class _Reader:
    """Follows a policy, and asks for what its terms name."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.left = _MOST
        self.cut = False

    def node(self, domain: str, path: tuple[str, ...], values: t.Sequence[str] | None = None) -> Asking[_Node | None]:
        """The record of a domain, None when it has none."""
        if values is None:
            (answer,) = yield [Question(domain, "TXT")]
            if answer.status == FAILED:
                return _Node(domain, problem="spf_server_failed", detail="TXT of %s: %s" % (domain, answer.why))
            values = answer.values
        found = records_of(values)
        if not found:
            return None
        if len(found) > 1:
            return _Node(
                domain,
                found[0],
                problem="spf_multiple",
                detail="%s has %d SPF records, one is allowed" % (domain, len(found)),
            )
        return (yield from self.read(domain, found[0], (*path, domain)))

    def read(self, domain: str, text: str, path: tuple[str, ...]) -> Asking[_Node]:
        try:
            record = parse(text)
        except macros.SpfSyntax as error:
            return _Node(domain, text, problem="spf_syntax", detail="%s: %s" % (domain, error))
        steps = []
        for term in record.terms:
            steps.append(self.step(term, domain, path))
            if term.name == "all":
                break
        else:
            if record.redirect:
                steps.append(self.step(Term("+", "redirect", record.redirect), domain, path))
        found = yield from together(steps)
        return _Node(domain, text, record, steps=[one for one in found if one is not None])

    def step(self, term: Term, domain: str, path: tuple[str, ...]) -> Asking[_Step | None]:
        if term.name not in ASKING:
            return _Step(term.name, names_senders=term.name != "all" and term.qualifier == "+")
        self.left -= 1
        step = _Step(term.name, lookups=1, names_senders=term.qualifier == "+" or term.name == "redirect")
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

    def follow(self, step: _Step, domain: str, target: str, path: tuple[str, ...]) -> Asking[None]:
        if target in path:
            step.problem, step.detail = "spf_loop", "%s leads back to %s" % (domain, target)
            return
        if macros.askable(target):
            step.node = yield from self.node(target, path)
        if step.node is None:
            step.problem = "spf_%s_missing_record" % step.name
            leads = "includes" if step.name == "include" else "redirects to"
            step.detail = "%s %s %s, which has no SPF record" % (domain, leads, target)

    def exchangers(self, step: _Step, target: str) -> Asking[None]:
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

    def addresses(self, step: _Step, pairs: t.Sequence[t.Sequence[Answer]]) -> None:
        """A and AAAA of each host: a void look-up for everybody when it has neither."""
        for pair in pairs:
            self.voids(step, pair)
            step.voids += all(answer.void for answer in pair)
        step.silent = (
            step.silent[0] + sum(pair[0].void for pair in pairs),
            step.silent[1] + sum(pair[1].void for pair in pairs),
        )
        step.names_senders = step.names_senders and any(answer.values for pair in pairs for answer in pair)

    def voids(self, step: _Step, answers: t.Sequence[Answer]) -> int:
        for answer in answers:
            if answer.status == FAILED and not step.problem:
                question = answer.question
                step.problem, step.detail = (
                    "spf_server_failed",
                    "%s of %s: %s" % (question.type, question.name, answer.why),
                )
        return sum(answer.void for answer in answers)


class _Count:
    """Walks what was read in the order of evaluation, as a receiver does for a sender that no term names."""

    def __init__(self, cut: bool) -> None:
        self.cut = cut
        self.lookups = 0
        self.voids = 0
        self.silent = [0, 0]
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        # A term behind the tenth look-up that names somebody: those senders get an error.
        self.late = False

    def walk(self, node: _Node) -> None:
        if node.problem:
            self.problems.append((node.problem, node.detail))
        for step in node.steps:
            self.lookups += step.lookups
            self.voids += step.voids
            self.silent = [self.silent[0] + step.silent[0], self.silent[1] + step.silent[1]]
            if self.lookups > MAX_LOOKUPS and step.names_senders:
                self.late = True
            if step.problem:
                self.problems.append((step.problem, step.detail))
            if step.warning:
                self.warnings.append(step.warning)
            if step.node:
                self.walk(step.node)

    def verdict(self, node: _Node) -> SpfVerdict:
        self.walk(node)
        record = node.record
        if record is not None:
            self.remark(node, record)
        if self.voids > MAX_VOIDS:
            self.problems.append(
                (
                    "spf_too_many_voids",
                    "%d names that the policy asks for have no address, %d are the most" % (self.voids, MAX_VOIDS),
                )
            )
        if self.lookups > MAX_LOOKUPS:
            more = "at least " if self.cut else ""
            detail = "the policy asks %s%d times, %d are the most" % (more, self.lookups, MAX_LOOKUPS)
            (self.problems if self.late or self.cut else self.warnings).append(("spf_too_many_lookups", detail))
        broken = [one for one in self.problems if one[0] != "spf_server_failed"]
        status = BROKEN if broken else UNKNOWN if self.problems else VALID
        problem, detail = (broken or self.problems or [("", "")])[0]
        return SpfVerdict(
            status,
            problem,
            detail,
            node.text,
            self.lookups,
            self.voids,
            tuple(term.target for term in record.terms if term.name == "include") if record else (),
            _last(node),
            record.redirect if record and not record.all else "",
            tuple(dict.fromkeys(self.warnings)),
        )

    def remark(self, node: _Node, record: Record) -> None:
        """What works, and should not be so (D-SPF-2, D-SPF-4, D-SPF-5)."""
        warn = self.warnings.append
        last = _last(node)
        names = [term.name for term in record.terms]
        if not node.text.startswith(VERSION):
            warn(
                (
                    "spf_version_case",
                    "the record begins with %s; not every receiver reads that" % node.text[: len(VERSION)],
                )
            )
        if last == "+all":
            warn(("spf_allows_everyone", "+all lets everybody send in the domain's name"))
        elif last in ("?all", "") and not any(step.name == "redirect" for step in node.steps):
            warn(("spf_no_verdict", "nothing is said of senders that the record does not name"))
        if "all" in names and names[-1] != "all":
            warn(("spf_dead_terms", "what stands behind all is never looked at"))
        if "all" in names and record.redirect:
            warn(("spf_dead_redirect", "redirect is ignored beside all"))
        if _WARN_LOOKUPS <= self.lookups <= MAX_LOOKUPS:
            warn(("spf_many_lookups", "the policy asks %d times, %d are the most" % (self.lookups, MAX_LOOKUPS)))
        if self.voids <= MAX_VOIDS < max(self.silent):
            family = "IPv4" if self.silent[0] > MAX_VOIDS else "IPv6"
            warn(
                (
                    "spf_voids_of_family",
                    "senders over %s get an error: more than %d names have no such address" % (family, MAX_VOIDS),
                )
            )
        if len(node.text.encode("utf-8", "surrogateescape")) > _WARN_OCTETS:
            warn(
                (
                    "spf_long",
                    "the record has more than %d octets; its answer may not fit into one packet" % _WARN_OCTETS,
                )
            )


def _last(node: _Node | None) -> str:
    while node is not None and node.record is not None:
        if node.record.all:
            return node.record.all
        node = next((step.node for step in node.steps if step.name == "redirect"), None)
    return ""
