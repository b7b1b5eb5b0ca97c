# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a receiver makes of a sender: check_host() of RFC 7208 section 4."""

from __future__ import annotations

import dataclasses
import ipaddress
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    NXDOMAIN,
    Answer,
    Asking,
    Question,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.spf import macros
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import (
    ASKING,
    MAX_LOOKUPS,
    MAX_MX,
    MAX_VOIDS,
    Record,
    Term,
    parse,
    records_of,
)

NONE = "none"
NEUTRAL = "neutral"
PASS = "pass"  # noqa: S105 - no password
FAIL = "fail"
SOFTFAIL = "softfail"
TEMPERROR = "temperror"
PERMERROR = "permerror"

_RESULTS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
# Section 4.6.4: so many names of an address are looked at, the others are as if they were not there.
_MAX_PTR = 10


@dataclasses.dataclass(frozen=True)
class SpfResult:
    """The outcome of one evaluation.

    :param result: one of the seven of section 2.6.
    :param explanation: of a ``fail``, what the domain has to say about it; empty when it says nothing.
    :param lookups: terms that asked name servers, at most ten.
    :param void_lookups: how many of their questions found nothing, at most two.
    :param problem: code of a ``permerror`` or ``temperror``.
    :param detail: the same as a sentence.
    """

    result: str
    explanation: str = ""
    lookups: int = 0
    void_lookups: int = 0
    problem: str = ""
    detail: str = ""


class _Error(Exception):
    def __init__(self, result: str, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = (result, problem, detail)


def check_host(
    ip: str, domain: str, sender: str, helo: str = "", receiver: str = "unknown", now: float | None = None
) -> Asking[SpfResult]:
    """Whether *domain* lets *ip* send.

    :param domain: of the envelope sender, or the HELO name when there is none.
    :param sender: envelope sender; empty for a bounce.
    :param receiver: what ``%{r}`` says in an explanation.
    :param now: seconds since the epoch, for ``%{t}``.
    :raises ValueError: when *ip* is no address.
    """
    check = _Check(ip, domain, sender, helo, receiver, time.time() if now is None else now)
    plain = domain.removesuffix(".")
    if not (plain.isascii() and macros.askable(plain) and macros.ends_well(plain)):
        return SpfResult(NONE)
    problem = detail = explanation = ""
    try:
        result, explanation = yield from check.policy(plain.lower())
    except _Error as error:
        result, problem, detail = error.outcome
    return SpfResult(result, explanation, check.lookups, check.voids, problem, detail)


class _Check:
    """State of one evaluation: the sender, and what was asked so far."""

    def __init__(self, ip: str, domain: str, sender: str, helo: str, receiver: str, now: float) -> None:
        address = ipaddress.ip_address(ip)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        self.address = address
        self.kind, self.bits = ("A", 32) if address.version == 4 else ("AAAA", 128)
        self.number = int(address)
        local, at, origin = sender.rpartition("@")
        # Section 4.3: without a local part the postmaster is meant.
        self.local = local or "postmaster"
        self.origin = origin if at or sender else (helo or domain)
        self.helo, self.receiver, self.now = helo, receiver, now
        self.lookups = 0
        self.voids = 0
        self.names: tuple[str, ...] | None = None

    # ---- policies

    def policy(self, domain: str, explains: bool = True) -> Asking[tuple[str, str]]:
        """Result and explanation of one domain's record, and of those that it leads to.

        :param explains: False below an include, whose explanations are never shown (section 6.2).
        """
        (answer,) = yield [Question(domain, "TXT")]
        if answer.status == FAILED:
            raise _Error(TEMPERROR, "spf_server_failed", "TXT of %s: %s" % (domain, answer.why))
        found = records_of(answer.values)
        if not found:
            return NONE, ""
        if len(found) > 1:
            raise _Error(PERMERROR, "spf_multiple", "%s has %d SPF records" % (domain, len(found)))
        try:
            record = parse(found[0])
        except macros.SpfSyntax as error:
            raise _Error(PERMERROR, "spf_syntax", "%s: %s" % (domain, error)) from error
        for term in record.terms:
            if (yield from self.matches(term, domain)):
                result = _RESULTS[term.qualifier]
                explanation = ""
                if result == FAIL and explains and record.exp:
                    explanation = yield from self.explanation(record, domain)
                return result, explanation
        if not record.redirect:
            return NEUTRAL, ""
        self.count("redirect")
        target = yield from self.expanded(record.redirect, domain)
        result, explanation = NONE, ""
        if macros.askable(target):
            result, explanation = yield from self.policy(target, explains)
        if result == NONE:
            raise _Error(
                PERMERROR, "spf_redirect_missing_record", "%s redirects to %s, which has no record" % (domain, target)
            )
        return result, explanation

    def matches(self, term: Term, domain: str) -> Asking[bool]:
        """Whether a directive speaks of the sender (section 5)."""
        if term.name == "all":
            return True
        if term.network is not None:
            return self.address in term.network
        if term.name in ASKING:
            self.count(term.name)
        target = domain
        if term.target:
            target = yield from self.expanded(term.target, domain)
        if term.name == "ptr":
            names = yield from self.validated()
            return any(name == target or name.endswith("." + target) for name in names)
        if term.name == "include":
            return (yield from self.included(domain, target))
        if term.name == "exists":
            answer = yield from self.asked(target, "A")
            return bool(answer.values)
        hosts = [target]
        if term.name == "mx":
            hosts = yield from self.exchangers(target)
        return (yield from self.at(hosts, term.prefix4 if self.bits == 32 else term.prefix6))

    def included(self, domain: str, target: str) -> Asking[bool]:
        """Section 5.2: only a ``pass`` of the other record matches, and one that is missing is an error."""
        result = NONE
        if macros.askable(target):
            result, dummy = yield from self.policy(target, explains=False)
        if result == NONE:
            raise _Error(
                PERMERROR, "spf_include_missing_record", "%s includes %s, which has no record" % (domain, target)
            )
        return result == PASS

    # ---- questions

    def count(self, name: str) -> None:
        if self.lookups >= MAX_LOOKUPS:
            raise _Error(
                PERMERROR,
                "spf_too_many_lookups",
                "%s would be look-up %d, %d are the most" % (name, MAX_LOOKUPS + 1, MAX_LOOKUPS),
            )
        self.lookups += 1

    def asked(self, name: str, kind: str) -> Asking[Answer]:
        """:raises _Error: when no server answers, or when too many questions found nothing."""
        question = Question(name, kind)
        answer = Answer(question, NXDOMAIN)
        if macros.askable(name):
            (answer,) = yield [question]
        self.judge(answer)
        return answer

    def judge(self, answer: Answer) -> None:
        if answer.status == FAILED:
            raise _Error(
                TEMPERROR,
                "spf_server_failed",
                "%s of %s: %s" % (answer.question.type, answer.question.name, answer.why),
            )
        if not answer.values:
            if self.voids >= MAX_VOIDS:
                raise _Error(PERMERROR, "spf_too_many_voids", "more than %d questions found nothing" % MAX_VOIDS)
            self.voids += 1

    def exchangers(self, domain: str) -> Asking[list[str]]:
        answer = yield from self.asked(domain, "MX")
        found = hosts_of(answer)
        if len(found) > MAX_MX:
            raise _Error(PERMERROR, "spf_too_many_mx", "%s has more than %d mail exchangers" % (domain, MAX_MX))
        return found

    def at(self, hosts: t.Sequence[str], prefix: int) -> Asking[bool]:
        """Whether the sender is at one of the hosts; all of them are asked for at once."""
        asked = [Question(host, self.kind) for host in hosts if macros.askable(host)]
        answers = iter((yield asked) if asked else ())
        shift = self.bits - prefix
        for host in hosts:
            answer = next(answers) if macros.askable(host) else Answer(Question(host, self.kind), NXDOMAIN)
            self.judge(answer)
            if any(int(ipaddress.ip_address(one)) >> shift == self.number >> shift for one in answer.values):
                return True
        return False

    def validated(self) -> Asking[tuple[str, ...]]:
        """Names of the sender's address that lead back to it (section 5.5); a server that fails means there are none."""
        if self.names is None:
            (answer,) = yield [Question(self.address.reverse_pointer, "PTR")]
            names = [one.removesuffix(".").lower() for one in answer.values][:_MAX_PTR]
            names = [one for one in names if macros.askable(one)]
            answers = (yield [Question(one, self.kind) for one in names]) if names else ()
            own = str(self.address)
            self.names = tuple(one.question.name for one in answers if own in one.values)
        return self.names

    # ---- macros

    def explanation(self, record: Record, domain: str) -> Asking[str]:
        """Section 6.2: whatever goes wrong with it, there is just none."""
        target = yield from self.expanded(record.exp, domain)
        if not macros.askable(target):
            return ""
        (answer,) = yield [Question(target, "TXT")]
        if len(answer.values) != 1:
            return ""
        text = txt.text(answer.values[0])
        try:
            yield from self.prepared(text, True)
            return macros.expand(text, lambda letter: self.value(letter, domain), True)
        except macros.SpfSyntax:
            return ""

    def expanded(self, text: str, domain: str) -> Asking[str]:
        if "%" not in text:
            return text.removesuffix(".").lower()
        yield from self.prepared(text)
        return macros.name_of(text, lambda letter: self.value(letter, domain))

    def prepared(self, text: str, explanation: bool = False) -> Asking[None]:
        """Ask for what ``%{p}`` says before it is said."""
        if any(isinstance(one, macros.Macro) and one.letter == "p" for one in macros.pieces(text, explanation)):
            yield from self.validated()

    def value(self, letter: str, domain: str) -> str:
        """Section 7.2."""
        if letter == "s":
            return "%s@%s" % (self.local, self.origin)
        if letter == "i" and self.bits == 128:
            digits = self.address.exploded.replace(":", "").upper()
            return ".".join(digits)
        if letter == "p":
            names = self.names or ()
            below = [one for one in names if one.endswith("." + domain)]
            return domain if domain in names else (below or list(names) or ["unknown"])[0]
        return {
            "l": self.local,
            "o": self.origin,
            "d": domain,
            "i": str(self.address),
            "c": str(self.address),
            "v": "in-addr" if self.bits == 32 else "ip6",
            "h": self.helo,
            "r": self.receiver,
            "t": str(int(self.now)),
        }[letter]


def hosts_of(answer: Answer) -> list[str]:
    """Names of mail exchangers in the order of their preference; a null MX (RFC 7505) is none."""
    rows = sorted((int(preference), host) for preference, host in (one.split(" ", 1) for one in answer.values))
    return [host.removesuffix(".") for dummy, host in rows if host != "."]
