# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions and answers as they travel (RFC 1035 section 4.1, RFC 6891)."""

from __future__ import annotations

import functools
import struct
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FAILED, FOUND, NODATA, NXDOMAIN
from ansible_collections.mailops.email.plugins.module_utils.dns.rdata import (
    TYPES,
    Malformed,
    name_at,
    to_wire,
    value_at,
)

# What passes every network in one piece (DNS flag day 2020).
UDP_SIZE = 1232

NOERROR, FORMERR, SERVFAIL, NXDOMAIN_CODE, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
_CODES = {
    FORMERR: "FORMERR",
    SERVFAIL: "SERVFAIL",
    NOTIMP: "NOTIMP",
    REFUSED: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    BADVERS: "BADVERS",
}
# Why an answer failed without a response code.
REFERRAL = "referral"
ALIAS_LOOP = "alias_loop"
ALIASES_MAX = 16

_QR, _OPCODE, _AA, _TC, _RD, _AD = 0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0020
_HEAD = struct.Struct("!6H")
_RECORD = struct.Struct("!HHLH")
_PAIR = struct.Struct("!HH")
_IN = 1
_CNAME, _NS, _SOA, _OPT = TYPES["CNAME"], TYPES["NS"], TYPES["SOA"], 41
_EDNS = b"\0" + _RECORD.pack(_OPT, UDP_SIZE, 0, 0)


class Reply(t.NamedTuple):
    """What a message says of a question.

    :param code: the response code.
    :param truncated: only the beginning came; nothing else was read.
    :param status: as in `asking.Answer`.
    :param follow: the aliases end at this name, of which the message says nothing more; empty when it says all.
    """

    code: int
    truncated: bool = False
    status: str = FAILED
    values: tuple[str, ...] = ()
    ttl: int = 0
    why: str = ""
    aliases: tuple[str, ...] = ()
    authoritative: bool = False
    authenticated: bool = False
    zone: str = ""
    follow: str = ""


def type_number(kind: str) -> int:
    """:raises Malformed: for a type that has no number."""
    number = TYPES.get(kind)
    if number is None and kind.startswith("TYPE") and kind[4:].isdecimal():
        number = int(kind[4:])
    if number is None or number > 0xFFFF:
        raise Malformed("%r is no type of records" % kind)
    return number


@functools.lru_cache(maxsize=8192)
def question(name: str, kind: int) -> tuple[bytes, str]:
    """The question section, and the name as answers will have it.

    :raises Malformed: for a name that cannot be asked for.
    """
    octets = to_wire(name)
    return octets + _PAIR.pack(kind, _IN), name_at(octets, 0)[0]


def query(ident: int, section: bytes, *, recursive: bool, edns: bool) -> bytes:
    """A message with one question. A resolver is asked to say whether it has validated the answer (RFC 6840 section 5.7)."""
    head = _HEAD.pack(ident, _RD | _AD if recursive else 0, 1, 0, 0, 1 if edns else 0)
    return head + section + _EDNS if edns else head + section


def answers(message: bytes, section: bytes) -> bool:
    """Whether a message is an answer to this question, its id apart. An error may leave the question out."""
    if len(message) < _HEAD.size:
        return False
    dummy, flags, count, *more = _HEAD.unpack_from(message)
    if flags & (_QR | _OPCODE) != _QR:
        return False
    if count == 0:
        return flags & 0xF in (FORMERR, SERVFAIL, NOTIMP, REFUSED) and not any(more[:2])
    echoed = message[_HEAD.size : _HEAD.size + len(section)]
    if count != 1:
        return False
    return echoed == section or (echoed[-4:] == section[-4:] and echoed[:-4].lower() == section[:-4].lower())


def read(message: bytes, section: bytes, name: str, kind: int) -> Reply:
    """What a message says, of which `answers` holds.

    :raises Malformed:
    """
    try:
        return _read(message, section, name, kind)
    except (IndexError, struct.error, ValueError) as error:
        raise Malformed("the answer about %s cannot be read: %s" % (name, error)) from error


def _read(message: bytes, section: bytes, name: str, kind: int) -> Reply:
    dummy, flags, asked, answered, authority, additional = _HEAD.unpack_from(message)
    code = flags & 0xF
    if flags & _TC:
        return Reply(code, True)
    at = _HEAD.size + (len(section) if asked else 0)
    found: dict[str, list[tuple[str, int]]] = {}
    aliases: dict[str, str] = {}
    for dummy in range(answered):
        owner, rtype, rclass, ttl, start, at = _record(message, at, name)
        if rclass != _IN:
            continue
        if rtype == kind:
            found.setdefault(owner, []).append((value_at(message, rtype, start, at), ttl))
        elif rtype == _CNAME:
            target = value_at(message, rtype, start, at)[:-1]
            if aliases.setdefault(owner, target) != target:
                raise Malformed("%s is an alias of several names" % owner)
    here, chain = name, []
    while here not in found and here in aliases:
        here = aliases[here]
        chain.append(here)
        if here == name or len(chain) > ALIASES_MAX or here in chain[:-1]:
            return Reply(code, why=ALIAS_LOOP, aliases=tuple(chain))
    soa, delegated, hosts, at = _authority(message, at, authority, name)
    if code == NOERROR and not found and additional:
        code = _extended(message, at, additional)
    authoritative, authenticated = bool(flags & _AA), bool(flags & _AD)
    zone = soa[0] if soa else delegated or ""
    data = found.get(here)
    if data and code in (NOERROR, NXDOMAIN_CODE):
        values = {value for value, dummy in data}
        ttl = min([ttl for dummy, ttl in data])
        return Reply(
            code, False, FOUND, tuple(sorted(values)), ttl, "", tuple(chain), authoritative, authenticated, zone
        )
    named: tuple[str, ...] = ()
    status, ttl, why, follow = FAILED, 0, "", ""
    if code not in (NOERROR, NXDOMAIN_CODE):
        why = _CODES.get(code, "RCODE%d" % code)
    elif chain and not (soa and within(here, soa[0])):
        follow = here
    elif code == NOERROR and delegated is not None and not soa and not authoritative:
        why, named = REFERRAL, tuple(sorted(set(hosts)))
    else:
        status, ttl = NXDOMAIN if code == NXDOMAIN_CODE else NODATA, soa[1] if soa else 0
    return Reply(code, False, status, named, ttl, why, tuple(chain), authoritative, authenticated, zone, follow)


def _record(message: bytes, at: int, name: str) -> tuple[str, int, int, int, int, int]:
    """``(owner, type, class, ttl, start, end)``; *name* is what a pointer to the question means."""
    if message[at] == 0xC0 and message[at + 1] == _HEAD.size:
        owner, at = name, at + 2
    else:
        owner, at = name_at(message, at)
    rtype, rclass, ttl, length = _RECORD.unpack_from(message, at)
    start = at + _RECORD.size
    end = start + length
    if end > len(message):
        raise Malformed("a record ends after the message")
    # RFC 2181 section 8
    return owner, rtype, rclass, 0 if ttl & 0x80000000 else ttl, start, end


def _authority(
    message: bytes, at: int, count: int, name: str
) -> tuple[tuple[str, int] | None, str | None, list[str], int]:
    """The zone's SOA with how long its "no" may be believed (RFC 2308 section 5), the zone of NS records with its hosts, and the end
    of the section."""
    soa: tuple[str, int] | None = None
    delegated: str | None = None
    hosts: list[str] = []
    for dummy in range(count):
        owner, rtype, rclass, ttl, start, at = _record(message, at, name)
        if rtype == _SOA and rclass == _IN:
            value_at(message, rtype, start, at)
            soa = (owner, min(ttl, int.from_bytes(message[at - 4 : at], "big")))
        elif rtype == _NS and rclass == _IN:
            delegated = owner
            hosts.append(value_at(message, rtype, start, at))
    return soa, delegated, hosts, at


def _extended(message: bytes, at: int, count: int) -> int:
    """The response code whose upper part is in the OPT record (RFC 6891 section 6.1.3), of a message whose lower part is 0."""
    for dummy in range(count):
        dummy2, rtype, dummy3, dummy4, start, at = _record(message, at, "")
        if rtype == _OPT:
            return message[start - 6] << 4
    return NOERROR


def within(name: str, zone: str) -> bool:
    """Whether a name is a zone's own or below it."""
    return not zone or name == zone or name.endswith("." + zone)
