# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an SPF policy works, without a sender: what it costs, what it leads to, what breaks it (R-DNS-03, D-SPF-1 to D-SPF-5)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.follow import Node, Reader
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import MAX_LOOKUPS, MAX_VOIDS, VERSION, Record

NONE = "none"
VALID = "valid"
BROKEN = "broken"
UNKNOWN = "unknown"

# D-SPF-2: room for what others add to what we include.
_WARN_LOOKUPS = 8
# RFC 7208 section 3.4: an answer that fits into 512 octets, with room for its name and its neighbours.
_WARN_OCTETS = 450


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


def judge(domain: str, record: str | None = None, values: t.Sequence[str] | None = None) -> Asking[SpfVerdict]:
    """The verdict on a domain's policy. All names of one record are asked for at the same time.

    :param record: text of a record that is not published, or was asked for already.
    :param values: the same as all values of the domain's TXT record set, in normal form.
    """
    domain = domain.removesuffix(".").lower()
    reader = Reader(domain)
    if record is not None:
        node: Node | None = yield from reader.read(domain, record, (domain,))
    else:
        node = yield from reader.node(domain, (), values)
    if node is None:
        return SpfVerdict(NONE)
    return _Count(reader.cut).verdict(node)


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

    def walk(self, node: Node) -> None:
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

    def verdict(self, node: Node) -> SpfVerdict:
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

    def remark(self, node: Node, record: Record) -> None:
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


def _last(node: Node | None) -> str:
    while node is not None and node.record is not None:
        if node.record.all:
            return node.record.all
        node = next((step.node for step in node.steps if step.name == "redirect"), None)
    return ""
