# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates (RFC 2136): prerequisites, then changes, all or nothing. Whoever has the key may change every zone."""

from __future__ import annotations

from collections.abc import Iterator

import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.update

from .dns_zones import Zones, plain, shown

# types that exist in questions only (RFC 2136 section 3.4.1.2)
_META = {"ANY", "AXFR", "IXFR", "MAILA", "MAILB"}
Sets = dict[tuple[str, str], tuple[int, list[str]]]


class Rejected(Exception):
    """An update that is not carried out; ``rcode`` says why."""

    def __init__(self, rcode: dns.rcode.Rcode) -> None:
        super().__init__(dns.rcode.to_text(rcode))
        self.rcode = rcode


def carry_out(zones: Zones, update: dns.update.UpdateMessage) -> bool:
    """Change a zone inside the caller's transaction and return whether it is another now. Raises Rejected."""
    if len(update.zone) != 1 or update.zone[0].rdclass != dns.rdataclass.IN:
        raise Rejected(dns.rcode.FORMERR)
    zone = plain(update.zone[0].name)
    if zones.serial(zone) is None:
        raise Rejected(dns.rcode.NOTAUTH)
    _need(zones, zone, update.prerequisite)
    changes = list(_checked(zone, update.update))
    before = zones.shown_zone(zone)
    for name, rrset in changes:
        _apply(zones, zone, name, rrset)
    if zones.shown_zone(zone) == before:
        return False
    zones.bump(zone)
    return True


def _need(zones: Zones, zone: str, section: list[dns.rrset.RRset]) -> None:
    """Hold what must be true against the zone (RFC 2136 section 3.2)."""
    exact: dict[tuple[str, str], set[str]] = {}
    for rrset in section:
        name, kind = _inside(zone, rrset), dns.rdatatype.to_text(rrset.rdtype)
        there = zones.at(zone, name)
        if rrset.ttl:
            raise Rejected(dns.rcode.FORMERR)
        if rrset.deleting == dns.rdataclass.ANY:
            if kind == "ANY" and not there:
                raise Rejected(dns.rcode.NXDOMAIN)
            if kind != "ANY" and kind not in there:
                raise Rejected(dns.rcode.NXRRSET)
        elif rrset.deleting == dns.rdataclass.NONE:
            if kind == "ANY" and there:
                raise Rejected(dns.rcode.YXDOMAIN)
            if kind != "ANY" and kind in there:
                raise Rejected(dns.rcode.YXRRSET)
        else:
            exact.setdefault((name, kind), set()).update(shown(one) for one in rrset)
    for (name, kind), values in exact.items():
        if set(zones.at(zone, name).get(kind, (0, []))[1]) != values:
            raise Rejected(dns.rcode.NXRRSET)


def _checked(zone: str, section: list[dns.rrset.RRset]) -> Iterator[tuple[str, dns.rrset.RRset]]:
    """Look at every change before the first one is made (RFC 2136 section 3.4.1)."""
    for rrset in section:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        if kind in _META and not (kind == "ANY" and rrset.deleting == dns.rdataclass.ANY):
            raise Rejected(dns.rcode.FORMERR)
        yield _inside(zone, rrset), rrset


def _inside(zone: str, rrset: dns.rrset.RRset) -> str:
    name = plain(rrset.name)
    if name != zone and not name.endswith("." + zone):
        raise Rejected(dns.rcode.NOTZONE)
    return name


def _apply(zones: Zones, zone: str, name: str, rrset: dns.rrset.RRset) -> None:
    """One change (RFC 2136 section 3.4.2); the SOA and the servers of the zone itself stay."""
    kind, there, apex = dns.rdatatype.to_text(rrset.rdtype), zones.at(zone, name), name == zone
    values = [shown(one) for one in rrset]
    if kind == "SOA":
        return
    if rrset.deleting == dns.rdataclass.ANY:
        for one in there if kind == "ANY" else [kind]:
            if not (apex and one == "NS"):
                zones.put(zone, name, one, 0, [])
        return
    ttl, old = there.get(kind, (0, []))
    if rrset.deleting == dns.rdataclass.NONE:
        left = [value for value in old if value not in values]
        if not (apex and kind == "NS" and not left):
            zones.put(zone, name, kind, ttl, left)
        return
    # an alias stands alone: what does not fit is ignored without a word
    if (kind == "CNAME" and set(there) - {"CNAME"}) or (kind != "CNAME" and "CNAME" in there):
        return
    kept = [] if kind == "CNAME" else [value for value in old if value not in values]
    zones.put(zone, name, kind, rrset.ttl, [*kept, *values])
