# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers speak for a domain, what each of them says, and whether they say the same (D-AUTH-1)."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NXDOMAIN,
    Answer,
    Asking,
    Question,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ERROR, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.line import NO_ROUTE, NO_TCP, PORT, TIMEOUT, UNREACHABLE
from ansible_collections.mailops.email.plugins.module_utils.dns.wire import REFERRAL, within

# No answer at all; everything else that is none is an answer of a server that does not speak for the zone.
_SILENT = (TIMEOUT, UNREACHABLE, NO_TCP)
# Zone cuts below a domain that are followed, such as that of a _domainkey at another host.
_CUTS_MOST = 3
# Servers of the zone above that are asked whom it delegates to; all of them say the same but for minutes.
_PARENTS = 2

# More name servers than anybody has; a zone that names more is asked at the first of them.
_SERVERS_MOST = 32

Place: t.TypeAlias = "tuple[str, str]"


@dataclasses.dataclass(frozen=True)
class Authorities:
    """Who speaks for a domain.

    :param zone: apex of the zone in which it lies; empty when that is not known.
    :param names: the zone's name servers with their addresses; empty where servers were given.
    :param servers: ``address@port`` of each, in the order of *names*.
    :param findings: what is wrong with the delegation.
    """

    domain: str
    zone: str
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    servers: tuple[str, ...] = ()
    findings: tuple[DnsFinding, ...] = ()


@dataclasses.dataclass(frozen=True)
class Agreement:
    """What all servers say of one name and type.

    :param answers: one of each server, in their order; of servers that this machine has no way to, none.
    :param spoke: those of them that are answers of the zone's authority.
    """

    name: str
    type: str
    answers: tuple[Answer, ...] = ()
    spoke: tuple[Answer, ...] = ()

    @property
    def agreed(self) -> bool:
        """At least one server speaks, and all that do say the same."""
        return len({_said(answer) for answer in self.spoke}) == 1

    @property
    def everywhere(self) -> bool:
        """All servers speak and say the same."""
        return self.agreed and len(self.spoke) == len(self.answers)

    @functools.cached_property
    def answer(self) -> Answer:
        """What stands for all, as if it came from a resolver: what the first that speaks says."""
        asked = Question(self.name, self.type)
        for one in self.spoke or self.answers:
            more = (one.aliases, one.authoritative, one.authenticated, one.zone)
            return Answer(asked, one.status, one.values, one.ttl, one.why, *more)
        return Answer(asked, FAILED, why="no_server")

    @property
    def values(self) -> tuple[str, ...]:
        return self.answer.values

    @property
    def ttl(self) -> int:
        return self.answer.ttl


def authorities(domain: str, given: t.Sequence[str] = ()) -> Asking[Authorities]:
    """Find the zone of a domain and its name servers, by a resolver.

    :param given: ``address@port`` of servers to ask instead: a primary that is hidden, or a server inside.
    """
    if given:
        return (yield from _given(domain, tuple(given)))
    name, why = domain, ""
    while name:
        (answer,) = yield [Question(name, "NS")]
        if answer.status == FAILED and not answer.aliases:
            return _unknown(domain, "NS of %s: %s" % (name, answer.why))
        if answer.status == FOUND and not answer.aliases:
            return (yield from _addressed(domain, name, answer))
        zone = "" if answer.aliases else answer.zone
        if answer.status == NXDOMAIN and not why:
            why = "%s does not exist" % name
        # A top level is nobody's mail domain: there the delegation ends before it has begun.
        name = zone if zone and zone != name and within(name, zone) else name.partition(".")[2]
        if "." not in name:
            return _unknown(domain, why or "no zone below the top level holds it")
    return _unknown(domain, why or "no zone holds it")


def _given(domain: str, servers: tuple[str, ...]) -> Asking[Authorities]:
    answers = yield [Question(domain, "SOA", server) for server in servers]
    for answer in answers:
        if answer.authoritative and not answer.aliases:
            return Authorities(domain, domain if answer.status == FOUND else answer.zone, servers=servers)
    return Authorities(domain, "", servers=servers)


def _addressed(domain: str, zone: str, answer: Answer) -> Asking[Authorities]:
    hosts = [value.rstrip(".") for value in answer.values[:_SERVERS_MOST]]
    first = yield [Question(host, "A") for host in hosts]
    addresses = {host: one.values for host, one in zip(hosts, first, strict=True)}
    # A host has several addresses but is one server: the newer kind is asked for where the older is missing.
    left = [host for host in hosts if not addresses[host]]
    second: t.Sequence[Answer] = []
    if left:
        second = yield [Question(host, "AAAA") for host in left]
    addresses.update((host, one.values) for host, one in zip(left, second, strict=True))
    names = tuple((host, addresses[host]) for host in hosts)
    servers = dict.fromkeys("%s@%d" % (address, PORT) for dummy, known in names for address in known)
    if not servers:
        return _unknown(domain, "no name server of %s has an address: %s" % (zone, ", ".join(hosts)), zone)
    findings = tuple(
        found("authority_lame", zone, "%s, a name server of %s, has no address." % (host, zone))
        for host, known in names
        if not known
    )
    return Authorities(domain, zone, names, tuple(servers)[:_SERVERS_MOST], findings)


def _unknown(domain: str, why: str, zone: str = "") -> Authorities:
    return Authorities(domain, zone, findings=(found("authority_unknown", domain, "%s." % why),))


def delegation(known: Authorities) -> Asking[list[DnsFinding]]:
    """Whether the zone above names the same name servers as the zone itself; resolvers believe now one, now the other.

    Nothing is found where the servers above do not answer, such as in a network that lets only its own resolvers out.
    """
    above = known.zone.partition(".")[2]
    if not known.names or not above:
        return []
    parent = yield from authorities(above)
    if known.zone == parent.zone or not parent.servers:
        return []
    answers = yield [Question(known.zone, "NS", server) for server in parent.servers[:_PARENTS]]
    own = {host for host, dummy in known.names}
    for answer in answers:
        if answer.why == REFERRAL and answer.zone == known.zone:
            named = {value.rstrip(".") for value in answer.values}
            if named == own:
                return []
            evidence = "%s names %s, the zone itself %s." % (
                parent.zone,
                ", ".join(sorted(named)),
                ", ".join(sorted(own)),
            )
            return [found("delegation_differs", known.zone, evidence)]
        if answer.authoritative and answer.void:
            return [found("authority_unknown", known.zone, "%s does not delegate it any more." % parent.zone)]
    return []


def everywhere(name: str, kind: str, servers: t.Sequence[str]) -> Asking[Agreement]:
    """What each of these servers says of one name and type."""
    agreements = yield from all_everywhere([(name, kind)], servers)
    return agreements[name, kind]


def all_everywhere(
    places: t.Sequence[Place], servers: t.Sequence[str], cuts: int = 0
) -> Asking[dict[Place, Agreement]]:
    """What each of these servers says of each name and type, asked at the same time.

    A name below a zone cut, such as a ``_domainkey`` that is delegated to a signing service, is asked for where it lies.
    """
    answers = yield [Question(name, kind, server) for name, kind in places for server in servers]
    agreements = {}
    below: dict[str, list[Place]] = {}
    for index, place in enumerate(places):
        said = answers[index * len(servers) : (index + 1) * len(servers)]
        agreement = _agreement(place, said)
        agreements[place] = agreement
        cut = _cut(agreement)
        if cut and cuts < _CUTS_MOST:
            below.setdefault(cut, []).append(place)
    for zone, inside in below.items():
        there = yield from authorities(zone)
        if there.servers and there.zone == zone and not set(there.servers) & set(servers):
            agreements.update((yield from all_everywhere(inside, there.servers, cuts + 1)))
    return agreements


def _agreement(place: Place, answers: t.Sequence[Answer]) -> Agreement:
    reached = [answer for answer in answers if answer.why != NO_ROUTE] or answers
    # Where aliases lead elsewhere, the server has said so though nobody may know the end of them.
    spoke = [answer for answer in reached if answer.authoritative and (answer.status != FAILED or answer.aliases)]
    return Agreement(*place, tuple(reached), tuple(spoke))


def _cut(agreement: Agreement) -> str:
    """The zone to which all servers point that say anything, empty when they do not."""
    zones = {answer.zone for answer in agreement.answers if answer.why not in _SILENT}
    if agreement.spoke or len(zones) != 1 or not all(one.why == REFERRAL for one in agreement.answers if one.zone):
        return ""
    (zone,) = zones
    return zone if "." in zone and within(agreement.name, zone) else ""


def _said(answer: Answer) -> tuple[t.Any, ...]:
    """What has to be the same; that a name does not exist, or exists without the type, comes to the same for mail."""
    return answer.status == FAILED, answer.values, answer.aliases


# ---- findings ----


def findings_of(known: Authorities, agreements: t.Iterable[Agreement]) -> list[DnsFinding]:
    """What the servers' answers say about the servers: one finding a server, and one for each record set they differ in."""
    agreements = list(agreements)
    found_here = list(known.findings)
    by_server: dict[str, list[Answer]] = {}
    for agreement in agreements:
        for answer in agreement.answers:
            by_server.setdefault(answer.question.server, []).append(answer)
    names = {"%s@%d" % (address, PORT): host for host, addresses in known.names for address in addresses}
    zone = known.zone or known.domain
    any_spoke = any(agreement.spoke for agreement in agreements)
    for server, answers in by_server.items():
        shown = "%s (%s)" % (names[server], server) if server in names else server
        bad = [answer for answer in answers if not answer.authoritative]
        silent = [answer for answer in bad if answer.why in _SILENT]
        wrong = [answer for answer in bad if answer.why not in (*_SILENT, NO_ROUTE)]
        if wrong:
            why = wrong[0].why or "it answers without authority"
            evidence = "%s does not serve %s: %s to %s." % (shown, zone, why, _counted(wrong, answers))
            found_here.append(found("authority_lame", zone, evidence))
        elif silent:
            evidence = "%s: %s to %s." % (shown, silent[0].why, _counted(silent, answers))
            found_here.append(found("authority_silent", zone, evidence, severity="" if any_spoke else ERROR))
    for agreement in agreements:
        if agreement.spoke and not agreement.agreed:
            said: dict[tuple[t.Any, ...], list[str]] = {}
            for answer in agreement.spoke:
                said.setdefault(_said(answer), []).append(answer.question.server)
            parts = ["%s at %s" % (_told(what), ", ".join(who)) for what, who in said.items()]
            evidence = "%s: %s." % (agreement.type, "; ".join(parts))
            found_here.append(found("authority_disagrees", agreement.name, evidence))
    return found_here


def _counted(some: t.Sequence[Answer], of: t.Sequence[Answer]) -> str:
    return "all questions" if len(some) == len(of) else "%d of %d questions" % (len(some), len(of))


def _told(said: tuple[t.Any, ...]) -> str:
    dummy, values, aliases = said
    return " + ".join(values) or (aliases and "an alias of %s" % aliases[-1]) or "nothing"
