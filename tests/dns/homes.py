# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client domain on a real name server, and the options with which ``dns_baseline`` brings it to its baseline."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nameservers import ALGORITHM, KEY, SECRET, NameServer
from plays import soon

# Somebody else's records, which must never change.
OTHERS = """
@ 300 IN TXT "site-verification=abc"
www 300 IN A 192.0.2.1
@ 300 IN CAA 0 issue "ca.example"
shop 300 IN CNAME shops.example.
"""
# What the domain's own records point to.
WORLD = """
mx 300 IN A 192.0.2.10
mx2 300 IN A 192.0.2.11
spf 300 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
crm 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
"""


def dkim_key() -> str:
    """Text of a key record that verifiers would accept."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(octets).decode()


@dataclasses.dataclass
class Home:
    """:param zone: the client's domain."""

    server: NameServer
    zone: str
    key: str

    @classmethod
    def on(cls, server: NameServer, records: str = "") -> Home:
        return cls(server, server.make_zone(records=OTHERS + WORLD + records), dkim_key())

    @property
    def looking(self) -> dict[str, Any]:
        """Whom to ask."""
        return {"resolver": {"servers": [self.server.address], "authoritative": [self.server.address], "https": False}}

    @property
    def baseline(self) -> dict[str, Any]:
        return {
            "name": self.zone,
            "provider_records": False,
            "mx": [{"host": "mx." + self.zone, "priority": 10}],
            "spf": {"includes": ["spf." + self.zone], "all": "~all"},
            "dkim": [{"selector": "s1", "value": self.key}],
            "dmarc": {"policy": "none", "aggregate_reports": ["dmarc@" + self.zone]},
        }

    @property
    def rfc2136(self) -> dict[str, Any]:
        return {
            "type": "rfc2136",
            "server": self.server.host,
            "port": self.server.port,
            "tsig_name": KEY,
            "tsig_secret": SECRET,
            "tsig_algorithm": ALGORITHM,
        }

    def task(self, state: str = "present", **more: Any) -> dict[str, Any]:
        """Options of a task."""
        publisher = {"publisher": self.rfc2136} if state in ("present", "restored") else {}
        return {"client": "acme", "state": state, "wait": 5, **self.baseline, **self.looking, **publisher, **more}

    def others(self) -> set[tuple[str, str, int, str]]:
        """All records that are no business of a baseline."""
        return {row for row in self.server.records(self.zone) if not self._is_mail(row)}

    def mail(self) -> set[tuple[str, str, int, str]]:
        return {row for row in self.server.records(self.zone) if self._is_mail(row)}

    def _is_mail(self, row: tuple[str, str, int, str]) -> bool:
        name, kind, dummy, value = row
        if name == self.zone:
            return kind == "MX" or (kind == "TXT" and value.startswith('"v=spf1'))
        return any(mark in name for mark in ("_dmarc.", "._domainkey."))

    def put(self, name: str, kind: str, *values: str) -> None:
        """Make this the whole record set, behind the collection's back; *name* is relative, ``@`` the zone itself."""
        whole = self.zone if name == "@" else "%s.%s" % (name, self.zone)
        self.server.put(self.zone, whole, kind, 300, values)

    def exception(self, guard: str, name: str) -> dict[str, Any]:
        return {
            "guard": guard,
            "object": name,
            "reason": "Asked for by the client",
            "approver": "lee@agency.example",
            "expires_at": soon(),
        }
