# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Macros in the domain names and explanations of SPF (RFC 7208 section 7)."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t
import urllib.parse

# Section 7.3: an expanded name is cut from the left until it fits.
NAME_MAX = 253
# Section 7.1: what stands for something in a name, and what only an explanation may say.
_IN_NAMES = "slodipvh"
_IN_EXPLANATIONS = _IN_NAMES + "crt"
_PIECE = re.compile(
    r"%(?:\{(?P<letter>[A-Za-z])(?P<digits>[0-9]{0,9})(?P<reverse>[rR]?)(?P<delimiters>[-.+,/_=]*)\}|(?P<escape>[%_-]))"
)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
# Section 7.1, domain-end: a dot and a top label that is no number, or a macro.
_TOP = re.compile(r"\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\.?\Z")
_LITERAL = re.compile(r"[!-~]*\Z")
_SPOKEN = re.compile(r"[ -~]*\Z")


class SpfSyntax(ValueError):
    """A record, or a part of it, that a receiver answers with ``permerror``."""


@dataclasses.dataclass(frozen=True)
class Macro:
    """``%{…}`` in parts.

    :param letter: in lower case.
    :param keep: how many labels are kept, from the right; 0 for all of them.
    :param escaped: the letter was a capital: what is put in is escaped as in a URL.
    """

    letter: str
    keep: int = 0
    reverse: bool = False
    delimiters: str = "."
    escaped: bool = False

    def transformed(self, value: str) -> str:
        labels = [value]
        if self.reverse or self.keep or self.delimiters != ".":
            labels = re.split("[%s]" % re.escape(self.delimiters), value)
        if self.reverse:
            labels.reverse()
        text = ".".join(labels[-self.keep :] if self.keep else labels)
        return urllib.parse.quote(text, safe="-._~", errors="surrogateescape") if self.escaped else text


Pieces = tuple[t.Union[str, Macro], ...]


@functools.lru_cache(maxsize=4096)
def pieces(text: str, explanation: bool = False) -> Pieces:
    """A macro string in its parts: texts that stand for themselves, and macros.

    :raises SpfSyntax: for what section 7.1 does not know.
    """
    allowed, literal = (_IN_EXPLANATIONS, _SPOKEN) if explanation else (_IN_NAMES, _LITERAL)
    found: list[str | Macro] = []
    at = 0
    while at < len(text):
        percent = text.find("%", at)
        plain = text[at:] if percent < 0 else text[at:percent]
        if not literal.match(plain):
            raise SpfSyntax("%r holds characters that no SPF record may hold" % text)
        if plain:
            found.append(plain)
        if percent < 0:
            break
        piece = _PIECE.match(text, percent)
        if piece is None:
            raise SpfSyntax("%r holds a percent sign that begins no macro" % text)
        at = piece.end()
        if piece["escape"]:
            found.append(_ESCAPES[piece["escape"]])
            continue
        letter = piece["letter"].lower()
        if letter not in allowed:
            raise SpfSyntax("%r holds the macro letter %r, which does not exist here" % (text, piece["letter"]))
        if piece["digits"] and not int(piece["digits"]):
            raise SpfSyntax("%r keeps 0 labels of a macro" % text)
        found.append(
            Macro(
                letter,
                int(piece["digits"] or 0),
                bool(piece["reverse"]),
                piece["delimiters"] or ".",
                piece["letter"].isupper(),
            )
        )
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def check_name(text: str) -> str:
    """*text* when it is a domain-spec (section 7.1).

    :raises SpfSyntax:
    """
    pieces(text)
    end = 0
    for macro in _PIECE.finditer(text):
        end = macro.end()
    tail = text[end:]
    if not text or (tail and not ends_well(tail)):
        raise SpfSyntax("%r is no domain name" % text)
    return text


def known(text: str, domain: str, origin: str) -> str | None:
    """A name whose macros depend on no message, expanded; None for one that differs from sender to sender.

    :param domain: whose record is read.
    :param origin: domain of the sender.
    """
    values = {"d": domain, "o": origin}
    if any(isinstance(piece, Macro) and piece.letter not in values for piece in pieces(text)):
        return None
    return name_of(text, values.__getitem__)


def expand(text: str, value_of: t.Callable[[str], str], explanation: bool = False) -> str:
    """The text with its macros replaced.

    :raises SpfSyntax: as `pieces`.
    """
    return "".join(
        [
            piece if isinstance(piece, str) else piece.transformed(value_of(piece.letter))
            for piece in pieces(text, explanation)
        ]
    )


def name_of(text: str, value_of: t.Callable[[str], str]) -> str:
    """The name that a domain-spec stands for: lower case, no final dot, cut from the left to 253 characters."""
    name = expand(text, value_of).removesuffix(".").lower()
    while len(name) > NAME_MAX and "." in name:
        name = name.partition(".")[2]
    return name


def ends_well(name: str) -> bool:
    """Whether a name ends in a dot and a top label: an address in brackets does not, nor does a single label."""
    return bool(_TOP.search(name))


def askable(name: str) -> bool:
    """Whether the name can be asked for at all; one that cannot does not exist (sections 4.3 and 4.8)."""
    return 0 < len(name) <= NAME_MAX and all(0 < len(label) < 64 for label in name.split("."))
