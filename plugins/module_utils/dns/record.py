# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record sets in normal form: what is observed, wanted, compared, kept and given back (RFC 2181 section 5)."""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

# Types that a mail baseline speaks of. Never NS or SOA: whoever writes those moves the whole zone.
MAIL_TYPES = ("A", "AAAA", "CNAME", "MX", "TLSA", "TXT")
KIND = "record_set"


@dataclasses.dataclass(frozen=True)
class RecordSet:
    """All records of one name and type.

    :param name: host name in lower case without the final dot; may have underscores, and ``*`` as its first label.
    :param type: in capitals.
    :param ttl: seconds.
    :param values: in normal form (`normal_value`), sorted, each once.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]

    @classmethod
    def of(cls, name: str, kind: str, ttl: int, values: t.Iterable[str]) -> RecordSet:
        """:raises Refused: ``record_invalid``."""
        kind = kind.upper()
        normal = sorted({normal_value(kind, value) for value in values})
        return cls(normal_name(name), kind, int(ttl), tuple(normal))

    @classmethod
    def from_dict(cls, row: t.Mapping[str, t.Any]) -> RecordSet:
        return cls.of(row["name"], row["type"], row["ttl"], row["values"])

    def to_dict(self) -> dict[str, t.Any]:
        return {"name": self.name, "type": self.type, "ttl": self.ttl, "values": list(self.values)}

    def same_data(self, other: RecordSet | None) -> bool:
        """Whether both say the same, however long it may be kept by others."""
        return other is not None and self.values == other.values


def key_of(domain: str, name: str, kind: str) -> str:
    """Natural key of a record set: the mail domain that it belongs to, then its own name and type."""
    return "%s/%s/%s/%s" % (domain, KIND, name, kind)


def parts_of(key: str) -> tuple[str, str, str]:
    """``(domain, name, type)`` of a natural key."""
    domain, dummy, name, kind = key.split("/", 3)
    return domain, name, kind


def normal_name(name: str) -> str:
    """:raises Refused: ``record_invalid`` for what cannot be a name on the wire (RFC 1035 section 2.3.4)."""
    plain = name.rstrip(".").lower()
    labels = plain.split(".")
    if not plain.isascii() or len(plain) > 253 or not all(0 < len(label) < 64 for label in labels):
        raise _invalid("%r is no name of a record." % name)
    if any(character in plain for character in ' "\\/@\t'):
        raise _invalid("%r is no name of a record." % name)
    return plain


def normal_value(kind: str, value: str) -> str:
    """One record's data in the form of a zone file, names absolute and in lower case.

    :raises Refused: ``record_invalid``.
    """
    try:
        return _NORMAL.get(kind, str.strip)(value)
    except (ValueError, Refused) as error:
        raise _invalid("%s %r cannot be read: %s" % (kind, value, error)) from error


def _host(value: str) -> str:
    value = value.strip()
    return "." if value == "." else normal_name(value) + "."


def _mx(value: str) -> str:
    preference, host = value.split()
    if not (preference.isdecimal() and int(preference) < 65536):
        raise ValueError("an MX record is a preference from 0 to 65535 and a host")
    return "%d %s" % (int(preference), _host(host))


def _tlsa(value: str) -> str:
    usage, selector, matching, *data = value.split()
    octets = bytes.fromhex("".join(data))
    return "%d %d %d %s" % (int(usage), int(selector), int(matching), octets.hex())


_NORMAL: dict[str, t.Callable[[str], str]] = {
    "A": lambda value: str(ipaddress.IPv4Address(value.strip())),
    "AAAA": lambda value: str(ipaddress.IPv6Address(value.strip())),
    "CNAME": _host,
    "MX": _mx,
    "NS": _host,
    "TLSA": _tlsa,
    "TXT": lambda value: txt.join(txt.strings(value)),
}


def _invalid(message: str) -> Refused:
    return Refused("record_invalid", message, "Correct the record; names are written without spaces.")
