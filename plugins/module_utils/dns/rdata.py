# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and data of records between the wire and the form of a zone file (RFC 1035 sections 3.1, 3.3, 4.1.4).

Code of our own, because a portfolio asks ten thousand questions and a general library takes most of the time of each; the tests hold it
against dnspython. What comes from the wire is hostile until it is read: everything that does not fit raises `Malformed`.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import struct
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
    "DS": 43,
    "DNSKEY": 48,
    "TLSA": 52,
    "SPF": 99,
    "CAA": 257,
}

_NAME_MAX = 255
_LABEL_MAX = 63
_LENGTHS = [bytes([length]) for length in range(_LABEL_MAX + 1)]
# What stands for itself in a name; the rest is escaped, as dnspython does it.
_PLAIN = bytes(octet for octet in range(0x21, 0x7F) if octet not in b'"().;\\@$')


def _shown(octet: int) -> str:
    if octet in _PLAIN:
        return chr(octet)
    return ("\\%c" if 0x20 < octet < 0x7F else "\\%03d") % octet


_SHOWN = [_shown(octet) for octet in range(256)]


class Malformed(ValueError):
    """Octets that are no such record, name or message."""


# ---- names ----


@functools.lru_cache(maxsize=8192)
def to_wire(name: str) -> bytes:
    r"""A name for a question. Dots part the labels; ``\.`` and ``\DDD`` are octets of a label.

    :raises Malformed: for a name that cannot be asked for: an empty label, one of more than 63 octets, more than 255 in all.
    """
    octets = name.encode("utf-8", "surrogateescape")
    if octets in (b"", b"."):
        return b"\0"
    labels = _unescaped(octets) if b"\\" in octets else octets.split(b".")
    if labels[-1] == b"":
        labels.pop()
    if not all(0 < len(label) <= _LABEL_MAX for label in labels):
        raise Malformed("a label of %r is empty or longer than %d octets" % (name, _LABEL_MAX))
    wire = b"".join([_LENGTHS[len(label)] + label for label in labels]) + b"\0"
    if len(wire) > _NAME_MAX:
        raise Malformed("%r is longer than %d octets" % (name, _NAME_MAX))
    return wire


def _unescaped(octets: bytes) -> list[bytes]:
    labels = [bytearray()]
    at = 0
    while at < len(octets):
        octet = octets[at]
        at += 1
        if octet == 0x2E:
            labels.append(bytearray())
            continue
        if octet == 0x5C:
            digits = octets[at : at + 3]
            if digits.isdigit() and len(digits) == 3 and int(digits) < 256:
                octet = int(digits)
                at += 3
            elif at < len(octets) and not octets[at : at + 1].isdigit():
                octet = octets[at]
                at += 1
            else:
                raise Malformed("an escape without its character in a name")
        labels[-1].append(octet)
    return [bytes(label) for label in labels]


def name_at(message: bytes, at: int) -> tuple[str, int]:
    """A name of a message in lower case without the final dot, and where the next thing begins.

    A pointer has to lead backwards, so there is no loop.

    :raises Malformed:
    :raises IndexError: when the message ends within it.
    """
    labels: list[bytes] = []
    end = 0
    left = _NAME_MAX - 1
    before = at
    while True:
        length = message[at]
        if length == 0:
            break
        if length <= _LABEL_MAX:
            at += 1
            label = message[at : at + length]
            at += length
            left -= length + 1
            if len(label) != length or left < 0:
                raise Malformed("a name ends too late")
            labels.append(label)
        elif length >= 0xC0:
            target = (length & 0x3F) << 8 | message[at + 1]
            if target >= before:
                raise Malformed("a name points forwards")
            end = end or at + 2
            before = at = target
        else:
            raise Malformed("a label of an unknown kind")
    text = b".".join(labels).lower()
    if not text.translate(None, _PLAIN).strip(b".") and text.count(b".") == max(len(labels) - 1, 0):
        return text.decode("ascii"), end or at + 1
    shown = ["".join([_SHOWN[octet] for octet in label.lower()]) for label in labels]
    return ".".join(shown), end or at + 1


# ---- data ----


def _whole_name(message: bytes, start: int, end: int) -> str:
    name, at = name_at(message, start)
    if at != end:
        raise Malformed("data do not end with their name")
    return name + "."


def _a(message: bytes, start: int, end: int) -> str:
    return "%d.%d.%d.%d" % struct.unpack("!4B", message[start:end])


def _aaaa(message: bytes, start: int, end: int) -> str:
    if end - start != 16:
        raise Malformed("an address of IPv6 has 16 octets")
    octets = message[start:end]
    text = socket.inet_ntop(socket.AF_INET6, octets)
    # it writes the end of some addresses as one of IPv4, the normal form of record sets does not
    return str(ipaddress.IPv6Address(octets)) if "." in text else text


def _mx(message: bytes, start: int, end: int) -> str:
    return "%d %s" % (message[start] << 8 | message[start + 1], _whole_name(message, start + 2, end))


def _soa(message: bytes, start: int, end: int) -> str:
    primary, at = name_at(message, start)
    mailbox, at = name_at(message, at)
    return "%s. %s. %d %d %d %d %d" % (primary, mailbox, *struct.unpack("!5L", message[at:end]))


def _txt(message: bytes, start: int, end: int) -> str:
    strings = []
    while start < end:
        stop = start + 1 + message[start]
        if stop > end:
            raise Malformed("a character-string ends after its record")
        strings.append(message[start + 1 : stop])
        start = stop
    return txt.join(strings)


def _srv(message: bytes, start: int, end: int) -> str:
    return "%d %d %d %s" % (*struct.unpack("!3H", message[start : start + 6]), _whole_name(message, start + 6, end))


def _tlsa(message: bytes, start: int, end: int) -> str:
    octets = message[start:end]
    return "%d %d %d %s" % (*struct.unpack("!3B", octets[:3]), octets[3:].hex())


def _ds(message: bytes, start: int, end: int) -> str:
    octets = message[start:end]
    return ("%d %d %d %s" % (*struct.unpack("!HBB", octets[:4]), octets[4:].hex())).rstrip()


def _caa(message: bytes, start: int, end: int) -> str:
    octets = message[start:end]
    tag, value = octets[2 : octets[1] + 2], octets[octets[1] + 2 :]
    if len(tag) != octets[1] or not tag.isalnum():
        raise Malformed("the tag of a CAA record is letters and digits")
    return "%d %s %s" % (octets[0], tag.decode("ascii"), txt.join([value]))


_DATA: dict[int, t.Callable[[bytes, int, int], str]] = {
    TYPES["A"]: _a,
    TYPES["NS"]: _whole_name,
    TYPES["CNAME"]: _whole_name,
    TYPES["SOA"]: _soa,
    TYPES["PTR"]: _whole_name,
    TYPES["MX"]: _mx,
    TYPES["TXT"]: _txt,
    TYPES["AAAA"]: _aaaa,
    TYPES["SRV"]: _srv,
    TYPES["DS"]: _ds,
    TYPES["TLSA"]: _tlsa,
    TYPES["SPF"]: _txt,
    TYPES["CAA"]: _caa,
}


def value_at(message: bytes, kind: int, start: int, end: int) -> str:
    """Data of a record in the normal form of `record.normal_value`; those of a type that we do not know as in RFC 3597.

    :raises Malformed:
    :raises IndexError, struct.error, ValueError: when the data end too early or too late.
    """
    read = _DATA.get(kind)
    if read is None:
        return ("\\# %d %s" % (end - start, message[start:end].hex())).rstrip()
    return read(message, start, end)
