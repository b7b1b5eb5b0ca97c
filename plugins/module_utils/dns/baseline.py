# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain's mail needs in the DNS, as approved: the client's template, the domain's own values, and what the provider asks for.

Data alone; `wanted.py` makes records of it, the checks hold what is published against it.
"""

from __future__ import annotations

import dataclasses

POLICIES = ("none", "quarantine", "reject")


@dataclasses.dataclass(frozen=True)
class Spf:
    """The approved pattern (R-DNS-08, R-DNS-12).

    :param includes: domains whose SPF record is included.
    :param mechanisms: other terms in the order in which they stand, such as ``mx`` or ``ip4:192.0.2.0/24``.
    :param all: the last term with its qualifier, such as ``~all``: a policy of the client, never a default.
    """

    includes: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    all: str = "~all"


@dataclasses.dataclass(frozen=True)
class DkimKey:
    """A selector that signs for the domain.

    :param value: text of the TXT record (``v=DKIM1; …``), empty when it is an alias.
    :param cname: host whose key is meant, empty when the domain has the key itself.
    """

    selector: str
    value: str = ""
    cname: str = ""


@dataclasses.dataclass(frozen=True)
class Dmarc:
    """The approved step of the policy path (RFC 9989 section 4.7)."""

    policy: str = "none"
    subdomain_policy: str = ""
    nonexistent_policy: str = ""
    dkim_alignment: str = "relaxed"
    spf_alignment: str = "relaxed"
    aggregate_reports: tuple[str, ...] = ()
    failure_reports: tuple[str, ...] = ()
    testing: bool = False


@dataclasses.dataclass(frozen=True)
class MtaSts:
    """The record beside a policy file that is served elsewhere (RFC 8461). *mx* and the rest are what that file must say."""

    id: str
    mode: str = "testing"
    max_age: int = 604800
    mx: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Bimi:
    location: str
    selector: str = "default"
    authority: str = ""


@dataclasses.dataclass(frozen=True)
class Dane:
    """TLSA records of one server, only in a signed zone (RFC 7672). *host* lies in the domain's own zone."""

    host: str
    values: tuple[str, ...]
    port: int = 25


@dataclasses.dataclass(frozen=True)
class Sender:
    """Somebody who legitimately sends as the domain (R-DNS-06, R-DNS-07).

    :param from_domain: domain of the header From.
    :param mail_from: domain of the envelope sender, empty when it is *from_domain*.
    :param addresses: IP addresses that it sends from.
    :param dkim_domain: ``d=`` of its signatures, empty when it does not sign.
    """

    name: str
    from_domain: str
    mail_from: str = ""
    addresses: tuple[str, ...] = ()
    dkim_domain: str = ""
    dkim_selector: str = ""


@dataclasses.dataclass(frozen=True)
class Baseline:
    """All that is approved for one domain. A part that is None (or empty) is not ours: neither written nor compared.

    :param sending: False for a domain that never sends or receives: what it needs is `parked` (D-PARK-1).
    :param mx: ``(preference, host)``.
    :param remove: values that go, each named by a person: ``(name, type, value)`` in normal form.
    :param ttl: seconds, of record sets that are made; one that exists keeps its own.
    """

    domain: str
    sending: bool = True
    mx: tuple[tuple[int, str], ...] | None = None
    spf: Spf | None = None
    dkim: tuple[DkimKey, ...] = ()
    dmarc: Dmarc | None = None
    mta_sts: MtaSts | None = None
    tls_rpt: tuple[str, ...] = ()
    bimi: Bimi | None = None
    dane: tuple[Dane, ...] = ()
    senders: tuple[Sender, ...] = ()
    remove: tuple[tuple[str, str, str], ...] = ()
    ttl: int = 3600
    # Selectors of every kind that the provider says it signs with; a key of them is never removed while it is in use.
    signing_selectors: frozenset[str] = frozenset()
