# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strings of a TXT record: what stands between the quotes of a zone file, and back (RFC 1035 sections 3.3.14 and 5.1).

A value in normal form is one or more quoted character-strings: ``"v=spf1 -all"``. Printable ASCII stands for itself but for ``"`` and
the backslash, which are escaped; every other octet is a backslash and three decimal digits.
"""

from __future__ import annotations

import typing as t

# RFC 1035 section 3.3: a character-string has one octet for its length.
STRING_MAX = 255

_PLAIN = {octet: chr(octet) for octet in range(0x20, 0x7F)}
_PLAIN[0x22] = '\\"'
_PLAIN[0x5C] = "\\\\"
_ITSELF = bytes(octet for octet, shown in _PLAIN.items() if chr(octet) == shown)
_SHOWN = [_PLAIN.get(octet, "\\%03d" % octet) for octet in range(256)]


def encode(text: str | bytes) -> str:
    """The value of a text of any length: split after 255 octets, as a verifier joins it without anything in between
    (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2)."""
    octets = text.encode("utf-8") if isinstance(text, str) else text
    parts = [octets[start : start + STRING_MAX] for start in range(0, len(octets), STRING_MAX)]
    return join(parts or [b""])


def join(strings: t.Iterable[bytes]) -> str:
    """The value of given character-strings, kept as they are.

    :raises ValueError: for a string of more than 255 octets, or for none at all.
    """
    shown = []
    for octets in strings:
        if len(octets) > STRING_MAX:
            raise ValueError("a character-string has %d octets, %d are the most" % (len(octets), STRING_MAX))
        if octets.translate(None, _ITSELF):
            shown.append('"%s"' % "".join([_SHOWN[octet] for octet in octets]))
        else:
            shown.append('"%s"' % octets.decode("ascii"))
    if not shown:
        raise ValueError("a TXT record has at least one character-string")
    return " ".join(shown)


def strings(value: str) -> tuple[bytes, ...]:
    """The character-strings of a value as it stands in a zone file, quoted or not.

    :raises ValueError: for text that is no such value.
    """
    if "\\" not in value:
        # All but a few are so, and each is read several times: what stands between quotation marks is every second part.
        parts = value.split('"')
        if len(parts) % 2 and len(parts) > 1 and not any(one.strip(" \t") for one in parts[::2]):
            return tuple([_short(one.encode("utf-8"), value) for one in parts[1::2]])
    found: list[bytes] = []
    at, end = 0, len(value)
    while at < end:
        if value[at] in " \t":
            at += 1
            continue
        quoted = value[at] == '"'
        at += quoted
        octets = bytearray()
        while at < end and (value[at] != '"' if quoted else value[at] not in ' \t"'):
            if value[at] != "\\":
                octets += value[at].encode("utf-8")
                at += 1
                continue
            digits = value[at + 1 : at + 4]
            if digits.isdecimal() and digits.isascii() and len(digits) == 3 and int(digits) < 256:
                octets.append(int(digits))
                at += 4
            elif at + 1 < end and not digits[:1].isdecimal():
                octets += value[at + 1].encode("utf-8")
                at += 2
            else:
                raise ValueError("an escape without its character at %d of %r" % (at, value))
        if quoted:
            if at >= end:
                raise ValueError("a quotation mark is not closed in %r" % value)
            at += 1
        elif at < end and value[at] == '"':
            raise ValueError("a quotation mark within a word of %r" % value)
        found.append(_short(bytes(octets), value))
    if not found:
        raise ValueError("a TXT record has at least one character-string")
    return tuple(found)


def text(value: str) -> str:
    """What all strings of a value say together; octets that are no UTF-8 become surrogates, so nothing is lost.

    :raises ValueError: as `strings`.
    """
    return b"".join(strings(value)).decode("utf-8", "surrogateescape")


def _short(octets: bytes, value: str) -> bytes:
    if len(octets) > STRING_MAX:
        raise ValueError("a character-string has %d octets, %d are the most: %r" % (len(octets), STRING_MAX, value))
    return octets
