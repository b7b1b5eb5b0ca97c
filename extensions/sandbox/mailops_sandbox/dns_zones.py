# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones and their records in the sandbox's database. Names are lower case without the final dot, values as in a zone file, names absolute."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype

from .store import Store

# Where the zones lie, and the provider's own names, so that what its records point to is there.
HOST_ZONE, HOST = "dns-host.test", "ns1.dns-host.test"
PROVIDER_ZONE = "trekmail.net"
KEY_NAME, KEY_ALGORITHM = "sandbox", "hmac-sha256"
TTL, NEGATIVE_TTL = 300, 60

_FIRST: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (HOST_ZONE, ((HOST, "A", "127.0.0.1"),)),
    (
        PROVIDER_ZONE,
        (
            # it takes the reports that its own requirements send there
            (PROVIDER_ZONE, "MX", "10 mail.%s." % PROVIDER_ZONE),
            ("mail." + PROVIDER_ZONE, "A", "192.0.2.25"),
            ("mail." + PROVIDER_ZONE, "AAAA", "2001:db8::25"),
            ("spf." + PROVIDER_ZONE, "TXT", '"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"'),
            # RFC 9989: whoever names this host for reports is welcome
            ("*._report._dmarc." + PROVIDER_ZONE, "TXT", '"v=DMARC1"'),
        ),
    ),
)


class ZoneError(ValueError):
    """A zone or record that cannot be; the text says why."""


def plain(name: dns.name.Name) -> str:
    """Return a name as it is kept."""
    return name.canonicalize().to_text(omit_final_dot=True)


def parsed(text: str) -> str:
    """Return a name that a person wrote as it is kept. Raises ZoneError."""
    try:
        found = plain(dns.name.from_text(text))
    except dns.exception.DNSException as exc:
        raise ZoneError(f"{text!r} is no name: {exc}") from None
    if not text or found == ".":
        raise ZoneError("a name is needed")
    return found


def rdata(kind: str, value: str) -> dns.rdata.Rdata:
    """Return a record's data. Raises ZoneError."""
    try:
        return dns.rdata.from_text("IN", kind, value, origin=dns.name.root, relativize=False)
    except dns.exception.DNSException as exc:
        raise ZoneError(f"{kind} {value!r}: {exc}") from None


def shown(data: dns.rdata.Rdata) -> str:
    """Return a record's data as it is kept: names in lower case, so that equal data are equal text."""
    wire = data.to_digestable()
    return dns.rdata.from_wire(data.rdclass, data.rdtype, wire, 0, len(wire)).to_text()


class Zones:
    """All zones of one store. Each change is the caller's transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        if store.get("tsig_secret") is None:
            with store.transaction():
                store.put("tsig_secret", base64.b64encode(secrets.token_bytes(32)).decode())
                for zone, records in _FIRST:
                    self.make(zone)
                    for name, kind, value in records:
                        self.put(zone, name, kind, TTL, [value])
        self.secret: str = store.get("tsig_secret")

    def names(self) -> list[str]:
        """Return the zones."""
        return [row["name"] for row in self.store.all("SELECT name FROM dns_zone ORDER BY name")]

    def make(self, zone: str) -> None:
        """Make a zone, or empty the one that is there."""
        self.store.run("DELETE FROM dns_record WHERE zone = ?", zone)
        self.store.run(
            "INSERT INTO dns_zone VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET serial = serial + 1",
            zone,
        )
        self.put(zone, zone, "NS", TTL, [HOST + "."])

    @staticmethod
    def checked(zone: str) -> str:
        """Return the name of a zone. Raises ZoneError."""
        if parsed(zone) != zone:
            raise ZoneError(f"{zone!r} is not written as a zone is: lower case, no final dot")
        return zone

    def drop(self, zone: str) -> bool:
        """Remove a zone; say whether there was one."""
        there = self.serial(zone) is not None
        self.store.run("DELETE FROM dns_record WHERE zone = ?", zone)
        self.store.run("DELETE FROM dns_zone WHERE name = ?", zone)
        return there

    def serial(self, zone: str) -> int | None:
        """Return the serial number of a zone, None when there is no such zone."""
        found = self.store.value("SELECT serial FROM dns_zone WHERE name = ?", zone)
        return None if found is None else int(found)

    def bump(self, zone: str) -> None:
        """Count a change."""
        self.store.run("UPDATE dns_zone SET serial = serial % 4294967295 + 1 WHERE name = ?", zone)

    def zone_of(self, name: str) -> str | None:
        """Return the longest zone that ``name`` lies in."""
        labels = name.split(".")
        above = [".".join(labels[start:]) for start in range(len(labels))]
        found = [row["name"] for row in self.store.within("SELECT name FROM dns_zone WHERE name IN (?*)", above)]
        return max(found, key=len, default=None)

    def above_a_zone(self, name: str) -> bool:
        """Say whether a zone lies below ``name``."""
        tail = "." + name
        return any(zone.endswith(tail) for zone in self.names())

    def at(self, zone: str, name: str) -> dict[str, tuple[int, list[str]]]:
        """Return ``{type: (ttl, values)}`` of a name."""
        found: dict[str, tuple[int, list[str]]] = {}
        for row in self.store.all("SELECT * FROM dns_record WHERE zone = ? AND name = ?", zone, name):
            found.setdefault(row["type"], (row["ttl"], []))[1].append(row["value"])
        return found

    def has_below(self, zone: str, name: str) -> bool:
        """Say whether a name with records lies below ``name``, which then exists too (RFC 4592 section 2.2.2)."""
        tail = "." + name
        sql = "SELECT 1 FROM dns_record WHERE zone = ? AND substr(name, -length(?2)) = ?2 LIMIT 1"
        return self.store.value(sql, zone, tail) is not None

    def put(self, zone: str, name: str, kind: str, ttl: int, values: Iterable[str]) -> None:
        """Put a record set in the place of the one that is there; no values remove it."""
        self.store.run("DELETE FROM dns_record WHERE zone = ? AND name = ? AND type = ?", zone, name, kind)
        self.store.many(
            "INSERT OR IGNORE INTO dns_record VALUES (?, ?, ?, ?, ?)",
            [(zone, name, kind, ttl, shown(rdata(kind, value))) for value in values],
        )

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, the strings of each joined."""
        zone = self.zone_of(name)
        values = self.at(zone, name).get("TXT", (0, []))[1] if zone else []
        return [b"".join(rdata("TXT", value).strings).decode("utf-8", "replace") for value in values]  # type: ignore[attr-defined]

    def hosts(self, name: str) -> list[str]:
        """Return the hosts of the MX records of a name."""
        zone = self.zone_of(name)
        values = self.at(zone, name).get("MX", (0, []))[1] if zone else []
        return [value.split()[1].rstrip(".").lower() for value in values]

    def soa(self, zone: str) -> dns.rdata.Rdata:
        """Return the SOA record of a zone, or of a top level that is not here."""
        text = f"{HOST}. hostmaster.{HOST_ZONE}. {self.serial(zone) or 1} 3600 600 86400 {NEGATIVE_TTL}"
        return rdata("SOA", text)

    def shown(self) -> list[dict[str, Any]]:
        """Return all zones with their record sets."""
        found: dict[str, dict[str, Any]] = {
            row["name"]: {"name": row["name"], "serial": row["serial"], "records": {}}
            for row in self.store.all("SELECT * FROM dns_zone ORDER BY name")
        }
        for row in self.store.all("SELECT * FROM dns_record ORDER BY zone, name, type, value"):
            sets = found[row["zone"]]["records"]
            one = {"name": row["name"], "type": row["type"], "ttl": row["ttl"], "values": []}
            sets.setdefault((row["name"], row["type"]), one)["values"].append(row["value"])
        return [{**zone, "records": list(zone["records"].values())} for zone in found.values()]

    def shown_zone(self, zone: str) -> list[tuple[Any, ...]]:
        """Return the records of one zone."""
        sql = "SELECT name, type, ttl, value FROM dns_record WHERE zone = ? ORDER BY name, type, value"
        return [tuple(row) for row in self.store.all(sql, zone)]

    def change(self, zone: str, body: Mapping[str, Any]) -> None:
        """Write ``{set: [{name, type, ttl?, values}], remove: [{name, type}]}`` and count it. Raises ZoneError."""
        if self.serial(zone) is None:
            raise ZoneError(f"no zone is named {zone}")
        for row in body.get("set", []):
            self.put(zone, *self._place(zone, row), int(row.get("ttl", TTL)), list(row["values"]))
        for row in body.get("remove", []):
            self.put(zone, *self._place(zone, row), 0, [])
        self.bump(zone)

    def _place(self, zone: str, row: Mapping[str, Any]) -> tuple[str, str]:
        name, kind = parsed(row["name"]), str(row["type"]).upper()
        if self.zone_of(name) != zone:
            raise ZoneError(f"{name} does not lie in the zone {zone}")
        try:
            dns.rdatatype.from_text(kind)
        except dns.exception.DNSException:
            raise ZoneError(f"{kind} is no type of a record") from None
        if kind == "SOA":
            raise ZoneError("the SOA record is made by the sandbox")
        return name, kind
