# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates (RFC 2136) signed with TSIG (RFC 8945): BIND, Knot, PowerDNS, Windows, and whoever speaks it.

One zone is one message, so that all of its changes come to be or none. Each record set carries the prerequisite that it is
still as it was read a moment ago (RFC 2136 section 2.4), which is compared with the plan before: nobody's change is lost.
"""

from __future__ import annotations

import base64
import binascii
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Moved,
    Publisher,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.link import Link, need_dnspython
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
    after_of,
    conflict,
    place_of,
    within,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, ProviderError, Refused

try:
    import dns.exception
    import dns.flags
    import dns.name
    import dns.rcode
    import dns.rdataset
    import dns.rdatatype
    import dns.tsig
    import dns.update
except ImportError:
    pass  # need_dnspython says so

ALGORITHMS = ("hmac-sha256", "hmac-sha224", "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5")
_PORT = 53


class Rfc2136(Publisher):
    """One primary server, with one key."""

    name = "rfc2136"

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_server``, ``publisher_tsig`` or ``library_missing``."""
        super().__init__(settings)
        need_dnspython()
        config = settings.config
        self._host = str(config.get("server") or "")
        self._port = int(config.get("port") or _PORT)
        if not self._host:
            raise Refused(
                "publisher_server", "The publisher rfc2136 has no server.", "Set server to the zone's primary."
            )
        self._key = _key(config)

    @property
    def account(self) -> str:
        return "%s@%s" % (self.name, self._host if self._port == _PORT else "%s:%d" % (self._host, self._port))

    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        wrong: dict[str, ProviderError] = {}
        wanted = {name: name for name in names}
        with self._link() as link:
            while wanted:
                rows = list(wanted.items())
                following: dict[str, str] = {}
                for (name, asked), answer in zip(rows, link.ask([(one, "SOA") for dummy, one in rows]), strict=True):
                    try:
                        zone = self._zone_in(asked, answer)
                    except ProviderError as error:
                        wrong[name] = error
                        continue
                    if zone:
                        found[name] = zone
                    else:
                        # An alias is no apex, so its zone is that of the name above.
                        following[name] = asked.partition(".")[2]
                wanted = following
        if wrong:
            first = wrong[sorted(wrong)[0]]
            more = (
                ""
                if len(wrong) == 1
                else " So it is with %d more: %s." % (len(wrong) - 1, ", ".join(sorted(wrong)[1:21]))
            )
            raise ProviderError(first.code, first.message + more, first.hint, retryable=False)
        return found

    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        asked = sorted(set(places))
        with self._link() as link:
            soa, *answers = link.ask([(zone, "SOA"), *asked])
        self._check(soa, zone)
        serials = [rdata.serial for rrset in soa.answer if rrset.rdtype == dns.rdatatype.SOA for rdata in rrset]
        seen = Seen({}, serial=serials[0] if serials else None)
        for (name, kind), answer in zip(asked, answers, strict=True):
            self._check(answer, name)
            for rrset in answer.answer:
                if _plain(rrset.name) == name and dns.rdatatype.to_text(rrset.rdtype) == kind:
                    seen.sets[name, kind] = RecordSet.of(name, kind, rrset.ttl, [rdata.to_text() for rdata in rrset])
                    seen.raw[name, kind] = rrset.to_rdataset()
                elif _plain(rrset.name) == name and rrset.rdtype == dns.rdatatype.CNAME:
                    seen.raw[name, "CNAME"] = rrset.to_rdataset()
        return seen

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        update = dns.update.UpdateMessage(zone + ".")
        for operation in operations:
            _require(update, operation, seen)
            _change(update, operation)
        with self._link() as link:
            try:
                answer = link.send(update)
            except dns.exception.TooBig as error:
                raise Refused(
                    "update_too_large",
                    "%s: %d record sets do not fit into one update." % (zone, len(operations)),
                    "Publish fewer of them at a time.",
                ) from error
        rcode = answer.rcode()
        if rcode in (dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN):
            taken = [place_of(one) for one in operations if place_of(one)[1] == "CNAME"]
            raise Moved(conflict(*taken[0], "something else") if taken and rcode == dns.rcode.YXDOMAIN else None)
        if rcode != dns.rcode.NOERROR:
            raise self._refusal(zone, rcode)
        return {"rcode": dns.rcode.to_text(rcode)}

    def _link(self) -> Link:
        return Link(self._host, self._port, self.timeout, self._key, self._counts)

    def _zone_in(self, name: str, answer: t.Any) -> str:
        """The zone that an answer to a question for SOA names, empty for an alias.

        :raises ProviderError:
        """
        self._check(answer, name)
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.SOA and _plain(rrset.name) == name:
                return name
        if any(rrset.rdtype == dns.rdatatype.CNAME and _plain(rrset.name) == name for rrset in answer.answer):
            return ""
        for rrset in answer.authority:
            zone = _plain(rrset.name)
            if rrset.rdtype == dns.rdatatype.SOA and within(name, zone):
                return zone
        raise self._no_zone(name)

    def _check(self, answer: t.Any, name: str) -> None:
        """:raises ProviderError: unless the server speaks for the name."""
        rcode = answer.rcode()
        if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and answer.flags & dns.flags.AA:
            return
        if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            for rrset in answer.authority:
                cut = _plain(rrset.name)
                if rrset.rdtype == dns.rdatatype.NS and cut and within(name, cut):
                    hosts = ", ".join(sorted(_plain(rdata.target) for rdata in rrset))
                    raise ProviderError(
                        "zone_cut",
                        "%s: the server %s hands %s on to %s." % (name, self.account, cut, hosts),
                        "Publish it there: give %s a publisher of its own, or end the delegation." % cut,
                        retryable=False,
                    )
        if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED, dns.rcode.NOTAUTH):
            raise ProviderError(
                "dns_server_failed",
                "%s: the server %s answered %s." % (name, self.account, dns.rcode.to_text(rcode)),
                "Look at its log: a zone that did not load or has expired is answered so.",
            )
        raise self._no_zone(name)

    def _no_zone(self, name: str) -> ProviderError:
        return ProviderError(
            "zone_missing",
            "%s: the server %s does not speak for it." % (name, self.account),
            "Make the zone there first, or correct server: it has to be the zone's primary.",
            retryable=False,
        )

    def _refusal(self, zone: str, rcode: t.Any) -> MailopsError:
        word = dns.rcode.to_text(rcode)
        where = "%s: the server %s answered %s" % (zone, self.account, word)
        if rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH):
            who = "the key %s" % str(self._key.name).rstrip(".") if self._key else "unsigned updates"
            return ProviderError(
                "update_refused",
                "%s; %s may not change these names." % (where, who),
                "Allow it there (BIND update-policy, Knot acl, PowerDNS TSIG-ALLOW-DNSUPDATE), and name the primary, no secondary.",
                retryable=False,
            )
        if rcode == dns.rcode.NOTZONE:
            return ProviderError("zone_cut", where + ".", "A name lies outside the zone: remove zone.", retryable=False)
        if rcode == dns.rcode.NOTIMP:
            return ProviderError("updates_off", where + ".", "Switch dynamic updates on for the zone.", retryable=False)
        # RFC 2136 section 3.5: it should have undone everything; reading tells.
        in_doubt = rcode == dns.rcode.SERVFAIL
        return ProviderError("dns_server_failed", where + ".", "Look at the server's log.", in_doubt=in_doubt)


def _key(config: t.Mapping[str, t.Any]) -> t.Any:
    """:raises Refused: ``publisher_tsig``; the secret is never in the message."""
    name, secret = str(config.get("tsig_name") or ""), str(config.get("tsig_secret") or "")
    if not name and not secret:
        return None
    if not (name and secret):
        missing = "tsig_secret" if name else "tsig_name"
        raise Refused("publisher_tsig", "%s of the publisher is not set." % missing, "Set both, or neither.")
    algorithm = str(config.get("tsig_algorithm") or ALGORITHMS[0])
    try:
        if algorithm not in ALGORITHMS:
            raise ValueError("no algorithm")
        return dns.tsig.Key(name, base64.b64decode(secret, validate=True), algorithm)
    except (binascii.Error, ValueError, dns.exception.DNSException):
        # The library's own text may hold the secret.
        raise Refused(
            "publisher_tsig",
            "tsig_name %r, tsig_secret and tsig_algorithm %r are no key." % (name, algorithm),
            "The secret is base64, as it stands in the server's configuration.",
        ) from None


def _require(update: t.Any, operation: Operation, seen: Seen) -> None:
    """The prerequisites: as the server itself wrote it, because one compares by text and another by value.

    :raises Refused: ``record_conflict``.
    """
    name, kind = place_of(operation)
    now = seen.raw.get((name, kind))
    if now is not None:
        update.present(name + ".", *now)
        return
    if kind == "CNAME":
        # Beside other records it would be ignored without a word (RFC 2136 section 3.4.2.2).
        update.absent(name + ".")
        return
    if (name, "CNAME") in seen.raw:
        raise conflict(name, kind, "the alias of %s" % seen.raw[name, "CNAME"][0].to_text())
    update.absent(name + ".", kind)
    update.absent(name + ".", "CNAME")


def _change(update: t.Any, operation: Operation) -> None:
    name, kind = place_of(operation)
    after = after_of(operation)
    if after is None:
        update.delete(name + ".", kind)
    else:
        update.replace(name + ".", dns.rdataset.from_text("IN", kind, after.ttl, *after.values))


def _plain(name: t.Any) -> str:
    return str(name).rstrip(".").lower()
