# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether known senders pass DMARC with what is published (R-DNS-06, R-DNS-07, RFC 9989 sections 4.4 and 4.10.2).

A sender passes when its SPF or its DKIM passes for a domain that is aligned with the one in From. Nothing is sent for that: SPF is evaluated for its
addresses, and of DKIM the published key is looked at.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import dkim
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, ask, together
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Sender
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc_walk import Walk, walk
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import failed, texts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import check_host

STRICT = "strict"
RELAXED = "relaxed"
# Addresses of one sender that are evaluated; of a network its first and last.
ADDRESSES_MOST = 16


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to pass: by SPF or by DKIM.

    :param domain: that is authenticated, empty when the sender does not use this way.
    :param passes: None when it could not be decided.
    :param alignment: ``strict`` (the same domain), ``relaxed`` (the same organization), or empty.
    :param why: what was seen when it does not pass.
    """

    domain: str = ""
    passes: bool | None = False
    alignment: str = ""
    why: str = ""

    def aligned(self, strict: bool) -> bool:
        return bool(self.passes) and (self.alignment == STRICT or (self.alignment == RELAXED and not strict))

    def open(self, strict: bool) -> bool:
        """Whether it would be aligned, if only it could be decided that it passes."""
        return self.passes is None and (self.alignment == STRICT or (self.alignment == RELAXED and not strict))


@dataclasses.dataclass(frozen=True)
class Standing:
    """How a sender stands."""

    sender: Sender
    spf: Way
    dkim: Way

    @property
    def mismatch(self) -> bool:
        """It authenticates as other organizations only: whatever is published, DMARC fails (R-DNS-07)."""
        ways = [way for way in (self.spf, self.dkim) if way.domain]
        return bool(ways) and not any(way.alignment for way in ways)

    def aligned(self, strict_spf: bool = False, strict_dkim: bool = False) -> bool | None:
        """Whether DMARC passes; None when it could not be decided."""
        if self.spf.aligned(strict_spf) or self.dkim.aligned(strict_dkim):
            return True
        return None if self.spf.open(strict_spf) or self.dkim.open(strict_dkim) else False

    @property
    def evidence(self) -> str:
        ways = []
        for name, way in (("SPF", self.spf), ("DKIM", self.dkim)):
            if not way.domain:
                ways.append("%s not used" % name)
                continue
            passed = {True: "passes", False: "does not pass", None: "is unknown"}[way.passes]
            where = "aligned (%s)" % way.alignment if way.alignment else "not aligned"
            ways.append("%s for %s %s%s, %s" % (name, way.domain, passed, way.why and " (%s)" % way.why, where))
        return "From %s: %s." % (self.sender.from_domain, "; ".join(ways))

    def to_dict(self) -> dict[str, t.Any]:
        return {
            "name": self.sender.name,
            "from_domain": self.sender.from_domain,
            "aligned": self.aligned(),
            "by": [name for name, way in (("spf", self.spf), ("dkim", self.dkim)) if way.aligned(False)],
            "evidence": self.evidence,
        }


def standing(sender: Sender) -> Asking[Standing]:
    """How one sender stands, with what is published."""
    envelope = (sender.mail_from or sender.from_domain).rpartition("@")[2]
    spf, key = yield from together([_spf(sender, envelope), _dkim(sender)])
    domains = [way.domain for way in (spf, key) if way.domain and way.domain != sender.from_domain]
    walks: dict[str, Walk] = {}
    if domains:
        names = list(dict.fromkeys([sender.from_domain, *domains]))
        walks = dict(zip(names, (yield from together([walk(name) for name in names])), strict=True))
    return Standing(sender, _aligned(sender, spf, walks), _aligned(sender, key, walks))


def _aligned(sender: Sender, way: Way, walks: t.Mapping[str, Walk]) -> Way:
    if not way.domain:
        return way
    if way.domain == sender.from_domain:
        return dataclasses.replace(way, alignment=STRICT)
    mine, theirs = walks[sender.from_domain], walks[way.domain]
    if mine.organization == theirs.organization:
        return dataclasses.replace(way, alignment=RELAXED)
    why = mine.failed or theirs.failed
    if why and sender.from_domain.split(".")[-2:] == way.domain.split(".")[-2:]:
        # A record that was not seen may join the two: not decided, rather than misaligned.
        return dataclasses.replace(way, alignment=RELAXED, passes=None, why=why)
    return way


def _spf(sender: Sender, envelope: str) -> Asking[Way]:
    if not sender.addresses:
        return Way(envelope, None, why="no addresses are given") if sender.mail_from else Way()
    try:
        addresses = [each for one in sender.addresses for each in _ends(one)][:ADDRESSES_MOST]
    except ValueError as error:
        return Way(envelope, None, why="%s" % error)
    address = sender.mail_from if "@" in sender.mail_from else "postmaster@" + envelope
    results = yield from together([check_host(one, envelope, address, envelope) for one in addresses])
    for one, result in zip(addresses, results, strict=True):
        if result.result == "pass":
            continue
        why = "%s: %s%s" % (one, result.result, result.detail and ", " + result.detail)
        return Way(envelope, None if result.result == "temperror" else False, why=why)
    return Way(envelope, True)


def _ends(address: str) -> list[str]:
    """:raises ValueError: for text that is neither an address nor a network."""
    network = ipaddress.ip_network(address, strict=False)
    ends = [str(network[0]), str(network[-1])]
    return ends[:1] if network.num_addresses == 1 else ends


def _dkim(sender: Sender) -> Asking[Way]:
    domain, selector = sender.dkim_domain, sender.dkim_selector
    if not domain:
        return Way()
    if not selector:
        return Way(domain, None, why="no dkim_selector is given")
    answer = yield from ask(dkim.name_of(selector, domain), "TXT")
    why = failed(answer)
    if why:
        return Way(domain, None, why=why)
    texts = texts_of(answer)
    if len(texts) != 1:
        return Way(domain, False, why="%d key records at the selector %s" % (len(texts), selector))
    try:
        usable = dkim.parse(texts[0]).usable
    except ValueError as error:
        return Way(domain, False, why="selector %s: %s" % (selector, error))
    return Way(domain, usable, why="" if usable else "the key of selector %s is not usable" % selector)


def judge(one: Standing, enforced: bool, strict_spf: bool, strict_dkim: bool) -> list[DnsFinding]:
    """What a sender's standing means under a policy.

    :param enforced: receivers are asked to quarantine or reject what does not pass.
    """
    sender = one.sender
    words = {"sender": sender.name, "domain": sender.from_domain}
    if one.mismatch:
        return [found("sender_identity_mismatch", sender.name, one.evidence, **words)]
    aligned = one.aligned(strict_spf, strict_dkim)
    if aligned is None or not (one.spf.domain or one.dkim.domain):
        return [found("sender_not_checked", sender.name, one.evidence, **words)]
    if not aligned:
        if enforced:
            return [found("dmarc_unaligned_sender", sender.name, one.evidence, **words)]
        return [found("sender_unaligned", sender.name, one.evidence, **words)]
    if enforced and not one.dkim.aligned(strict_dkim):
        return [found("sender_only_spf", sender.name, one.evidence, **words)]
    return []
