# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to queries (RFC 1034 section 4.3.2, wildcards by RFC 4592).

Without the RD bit the server is authoritative and refuses what is in none of its zones. With it the world is these zones and nothing
else: aliases are followed from zone to zone, and what is in none of them does not exist. So one address serves as both.
"""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from .dns_zones import NEGATIVE_TTL, Zones, plain, rdata

_MOST_ALIASES = 8


class Lookup:
    """One query and the response that it gets."""

    def __init__(self, zones: Zones, query: dns.message.Message) -> None:
        self.zones = zones
        self.recursive = bool(query.flags & dns.flags.RD)
        self.response = dns.message.make_response(query, recursion_available=True, our_payload=1232)
        self.question = query.question[0]

    def answer(self) -> dns.message.Message:
        """Fill the response and return it."""
        name, kind = plain(self.question.name), dns.rdatatype.to_text(self.question.rdtype)
        for _step in range(_MOST_ALIASES):
            zone = self.zones.zone_of(name)
            if zone is None:
                self._outside(name)
                return self.response
            following = self._inside(zone, name, kind)
            if following is None:
                return self.response
            name = following
        self.response.set_rcode(dns.rcode.SERVFAIL)
        return self.response

    def _outside(self, name: str) -> None:
        if not self.recursive:
            if not self.response.answer:
                self.response.set_rcode(dns.rcode.REFUSED)
            return
        top = name.rpartition(".")[2]
        if name not in (top, ".") and not self.zones.above_a_zone(name):
            self.response.set_rcode(dns.rcode.NXDOMAIN)
        self._negative(top)

    def _inside(self, zone: str, name: str, kind: str) -> str | None:
        """Add what ``zone`` says of ``name``; return the name to go on with, or None."""
        if self._delegated(zone, name):
            return None
        self.response.flags |= dns.flags.AA
        found = self.zones.at(zone, name)
        if name == zone:
            found = {**found, "SOA": (NEGATIVE_TTL, [self.zones.soa(zone).to_text()])}
        if not found:
            if self.zones.has_below(zone, name):
                self._negative(zone)
                return None
            found = self._wildcard(zone, name)
            if not found:
                self.response.set_rcode(dns.rcode.NXDOMAIN)
                self._negative(zone)
                return None
        wanted = [one for one in found if kind in (one, "ANY")]
        if not wanted and "CNAME" in found:
            self._add(self.response.answer, name, "CNAME", *found["CNAME"])
            target = plain(dns.name.from_text(found["CNAME"][1][0]))
            return target if self.recursive or self.zones.zone_of(target) == zone else None
        for one in wanted:
            self._add(self.response.answer, name, one, *found[one])
        if not wanted:
            self._negative(zone)
        return None

    def _delegated(self, zone: str, name: str) -> bool:
        """Refer to the servers of a zone that is cut off below ``zone`` and not here."""
        if name == zone:
            return False
        labels = name[: -len(zone) - 1].split(".")
        for start in range(len(labels) - 1, -1, -1):
            cut = ".".join([*labels[start:], zone])
            servers = self.zones.at(zone, cut).get("NS")
            if servers:
                self._add(self.response.authority, cut, "NS", *servers)
                return True
        return False

    def _wildcard(self, zone: str, name: str) -> dict[str, tuple[int, list[str]]]:
        while name != zone:
            name = name.partition(".")[2]
            found = self.zones.at(zone, "*." + name)
            # the closest name that exists decides, and only the asterisk below it counts
            if found or name == zone or self.zones.at(zone, name) or self.zones.has_below(zone, name):
                return found
        return {}

    def _negative(self, zone: str) -> None:
        soa = self.zones.soa(zone)
        self.response.authority.append(dns.rrset.from_rdata(zone + ".", NEGATIVE_TTL, soa))

    @staticmethod
    def _add(section: list[dns.rrset.RRset], name: str, kind: str, ttl: int, values: list[str]) -> None:
        section.append(dns.rrset.from_rdata_list(name + ".", ttl, [rdata(kind, value) for value in values]))
