# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The approved SPF pattern laid into the record that is there, which others have written into too (R-DNS-02, R-DNS-08)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.macros import SpfSyntax
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import (
    VERSION,
    is_record,
    parse_term,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

_ALL = ("all",)
_REDIRECT = ("modifier", "redirect")
_HINT = "Correct the SPF part of the baseline: includes are domains, mechanisms are terms such as ip4:192.0.2.0/24, all is ~all or -all."


def merged(existing: str | None, wanted: Spf, owned_includes: t.Collection[str] = ()) -> str:
    """The one record that says what is approved and keeps what others have put in.

    Every term that is not ours stays as it is written, in its place; what is missing is put before the first ``all``. A record that
    says all of it already is given back unchanged.

    :param existing: text of the SPF record that is there, None without one.
    :param owned_includes: domains that the baseline once included: an include of them goes when it is no longer wanted.
    :raises Refused: ``spf_invalid`` for a pattern that is no SPF; ``spf_redirect_foreign`` when the record hands its verdict to a domain
        that the baseline does not name: an ``all`` beside it would silence that domain.
    """
    ours = _wanted_terms(wanted)
    last = _last(wanted.all)
    if existing is None or not is_record(existing):
        return " ".join([VERSION, *ours.values(), *([last] if last else [])])
    words = [word for word in existing[len(VERSION) :].split(" ") if word]
    names = {_plain(one) for one in wanted.includes}
    gone = {_plain(one) for one in owned_includes} - names
    decided = any(_identity(word) == _ALL for word in words)
    kept, missing, closed = [], dict(ours), False
    for word in words:
        identity = _identity(word)
        if identity == _ALL:
            if not closed:
                kept.append(last if last and not _same(word, last) else word)
            closed = True
        elif identity in ours:
            # Behind `all` it is never looked at, and a second time it says nothing.
            if not closed and identity in missing:
                approved = missing.pop(identity)
                kept.append(word if _same(word, approved) else approved)
        elif identity == _REDIRECT and last and _plain(word.partition("=")[2]) in names | gone:
            continue
        elif identity == _REDIRECT and last and not decided:
            target = _plain(word.partition("=")[2])
            raise Refused(
                "spf_redirect_foreign",
                "The record %r redirects to %s, which the approved pattern does not name." % (existing, target),
                "Put %s into the includes of the approved pattern, or name the record to be removed." % target,
            )
        elif identity[0] != "include" or identity[1] not in gone:
            kept.append(word)
    place = next((at for at, word in enumerate(kept) if _identity(word) == _ALL), len(kept))
    kept[place:place] = missing.values()
    if last and not decided:
        kept.append(last)
    if kept == words and existing[: len(VERSION)] == VERSION:
        return existing
    return " ".join([VERSION, *kept])


def merged_values(values: t.Sequence[str], wanted: Spf, owned_includes: t.Collection[str] = ()) -> list[str]:
    """The same for the values of a TXT record set: other texts stay octet for octet, and several SPF records become one.

    :param values: in normal form.
    :raises Refused: as `merged`.
    """
    others = [value for value in values if not is_record(txt.text(value))]
    found = [value for value in values if is_record(txt.text(value))]
    union = _union([txt.text(value) for value in found]) if found else None
    text = merged(union, wanted, owned_includes)
    # What is right already keeps its own division into strings.
    same = [value for value in found if txt.text(value) == text]
    return [*others, same[0] if same else txt.encode(text)]


def _union(records: t.Sequence[str]) -> str:
    """One record with the terms of all; the first one's ``all``, ``redirect`` and ``exp`` count."""
    if len(records) == 1:
        return records[0]
    words: list[str] = []
    dead: list[str] = []
    last: list[str] = []
    seen: set[t.Any] = set()
    for record in records:
        into = words
        for word in filter(None, record[len(VERSION) :].split(" ")):
            identity = _identity(word)
            if identity == _ALL:
                into = dead
                last = last or [word]
                continue
            # Two redirects to different domains stay: what comes of them is refused, as nobody can tell which one is meant.
            mark = word.lower() if identity == _REDIRECT else identity
            if mark not in seen or into is dead:
                seen.add(mark)
                into.append(word)
    return " ".join([VERSION, *words, *last, *dead])


def _wanted_terms(wanted: Spf) -> dict[t.Any, str]:
    """Terms of the pattern by identity, those that ask nobody first."""
    terms: dict[t.Any, str] = {}
    for word in [*wanted.mechanisms, *["include:%s" % _plain(one) for one in wanted.includes]]:
        try:
            term = parse_term(word)
        except SpfSyntax as error:
            raise Refused("spf_invalid", "The approved SPF pattern is not valid: %s." % error, _HINT) from error
        if term.name == "all":
            raise Refused("spf_invalid", "%r stands among the mechanisms of the approved SPF pattern." % word, _HINT)
        terms.setdefault(term.identity, word)
    return terms


def _last(word: str) -> str:
    if not word:
        return ""
    try:
        term = parse_term(word)
    except SpfSyntax as error:
        raise Refused(
            "spf_invalid", "The last term of the approved SPF pattern is not valid: %s." % error, _HINT
        ) from error
    if term.name != "all":
        raise Refused("spf_invalid", "The approved SPF pattern ends with %r, which is no form of all." % word, _HINT)
    return word


def _identity(word: str) -> tuple[t.Any, ...]:
    """What a word of a record is about; one that is no directive is about itself (a modifier about its name)."""
    try:
        term = parse_term(word)
    except SpfSyntax:
        name, equals, dummy = word.partition("=")
        return ("modifier", name.lower()) if equals and name.lower() in ("redirect", "exp") else ("word", word)
    return _ALL if term.name == "all" else term.identity


def _same(one: str, other: str) -> bool:
    """Whether two words with one identity also give the same verdict."""
    return parse_term(one).qualifier == parse_term(other).qualifier


def _plain(name: str) -> str:
    return name.strip().removesuffix(".").lower()
