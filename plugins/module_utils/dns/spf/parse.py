# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPF records in their parts (RFC 7208 sections 4.5, 4.6, 5, 6 and 12)."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.macros import SpfSyntax, check_name, pieces

VERSION = "v=spf1"
# Section 4.6.4: these ask name servers, and at most ten of them may be looked at in one evaluation.
ASKING = frozenset(("a", "exists", "include", "mx", "ptr", "redirect"))
MAX_LOOKUPS = 10
MAX_VOIDS = 2
MAX_MX = 10

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)\Z", re.DOTALL)
_DIRECTIVE = re.compile(r"([-+?~]?)([A-Za-z0-9]+)(?:(:)(.*?))?(/[0-9/]+)?\Z", re.DOTALL)
_PREFIX = re.compile(r"(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?\Z")


@dataclasses.dataclass(frozen=True)
class Term:
    """A directive.

    :param qualifier: ``+``, ``-``, ``~`` or ``?``.
    :param name: of the mechanism, in lower case.
    :param target: domain-spec as it stands, empty where the domain itself is meant.
    :param network: of ``ip4`` and ``ip6``.
    :param prefix4: bits of an address that count, of ``a`` and ``mx``.
    """

    qualifier: str
    name: str
    target: str = ""
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    prefix4: int = 32
    prefix6: int = 128

    @property
    def identity(self) -> tuple[t.Any, ...]:
        """What it names, whatever its verdict and spelling: two terms with one identity match the same senders."""
        # The case of a macro's letter says something, that of a name does not.
        target = self.target if "%" in self.target else self.target.lower().removesuffix(".")
        return (self.name, target, self.network, self.prefix4, self.prefix6)


@dataclasses.dataclass(frozen=True)
class Record:
    """A record without errors.

    :param redirect: domain-spec of the modifier, empty without one.
    :param exp: the same.
    """

    terms: tuple[Term, ...]
    redirect: str = ""
    exp: str = ""

    @functools.cached_property
    def all(self) -> str:
        """The first ``all`` with its qualifier, such as ``-all``; empty without one."""
        for term in self.terms:
            if term.name == "all":
                return term.qualifier + "all"
        return ""

    @functools.cached_property
    def reached(self) -> tuple[Term, ...]:
        """Terms that are looked at for a sender whom none of them names: up to the first ``all``, or with the redirect as the last."""
        for index, term in enumerate(self.terms):
            if term.name == "all":
                return self.terms[: index + 1]
        return (*self.terms, Term("+", "redirect", self.redirect)) if self.redirect else self.terms


def is_record(text: str) -> bool:
    """Whether a TXT record is an SPF record: the version, compared without case, and a space or the end (section 4.5)."""
    return text[:6].lower() == VERSION and text[6:7] in ("", " ")


def records_of(values: t.Iterable[str]) -> list[str]:
    """Texts of the SPF records among the values of a TXT record set."""
    return [text for text in map(txt.text, values) if is_record(text)]


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Record:
    """:raises SpfSyntax: with a sentence that names the term."""
    if not is_record(text):
        raise SpfSyntax("%r does not begin with %s" % (text[:40], VERSION))
    if not text.isascii():
        raise SpfSyntax("the record holds octets that are no ASCII")
    terms: list[Term] = []
    once: dict[str, str] = {}
    for word in text[len(VERSION) :].split(" "):
        modifier = _MODIFIER.match(word)
        if modifier is None:
            if word:
                terms.append(parse_term(word))
            continue
        name, value = modifier[1].lower(), modifier[2]
        if name not in ("redirect", "exp"):
            pieces(value)
        elif name in once:
            raise SpfSyntax("%s= stands twice" % name)
        else:
            once[name] = check_name(value)
    return Record(tuple(terms), once.get("redirect", ""), once.get("exp", ""))


@functools.lru_cache(maxsize=8192)
def parse_term(word: str) -> Term:
    """One directive.

    :raises SpfSyntax:
    """
    parts = _DIRECTIVE.match(word)
    name = parts[2].lower() if parts else ""
    if parts is None or name not in ("a", "all", "exists", "include", "ip4", "ip6", "mx", "ptr"):
        raise SpfSyntax("%r is no mechanism of SPF" % word)
    qualifier, colon, target, bits = parts[1] or "+", bool(parts[3]), parts[4] or "", parts[5] or ""
    if name in ("ip4", "ip6"):
        return Term(qualifier, name, network=_network(word, name, target + bits))
    if name in ("a", "mx"):
        prefixes = _PREFIX.match(bits)
        if prefixes is None:
            raise SpfSyntax("%r ends in no length of a prefix" % word)
        prefix4, prefix6 = int(prefixes[1] or 32), int(prefixes[2] or 128)
        if prefix4 > 32 or prefix6 > 128:
            raise SpfSyntax("%r counts more bits than an address has" % word)
        if colon:
            check_name(target)
        return Term(qualifier, name, target, prefix4=prefix4, prefix6=prefix6)
    target += bits
    if name == "all":
        if colon or bits:
            raise SpfSyntax("%r: all stands alone" % word)
    elif colon or name != "ptr" or bits:
        check_name(target if colon else "")
    return Term(qualifier, name, target)


def _network(word: str, name: str, text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    address, slash, bits = text.partition("/")
    try:
        if slash and not re.fullmatch("0|[1-9][0-9]{0,2}", bits):
            raise ValueError(bits)
        if name == "ip4":
            return ipaddress.IPv4Network((ipaddress.IPv4Address(address), int(bits or 32)), strict=False)
        if "%" in address:
            raise ValueError(address)
        return ipaddress.IPv6Network((ipaddress.IPv6Address(address), int(bits or 128)), strict=False)
    except ValueError as error:
        raise SpfSyntax("%r names no network" % word) from error
