# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DANE for SMTP: TLSA records of the domain's own mail hosts, in a signed zone (RFC 7672, D-DANE-1)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Dane
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.record import normal_value

# Octets of the data by matching type; 0 is a whole certificate or key.
_LENGTHS = {1: 32, 2: 64}


def place(one: Dane) -> str:
    return "_%d._tcp.%s" % (one.port, one.host)


def judge(one: Dane, published: t.Sequence[str], signed: bool) -> list[DnsFinding]:
    """:param signed: the zone has DNSSEC, without which nobody uses what it says."""
    name = place(one)
    approved = {normal_value("TLSA", value) for value in one.values}
    findings = [found("dane_missing", name, "TLSA %s." % value) for value in sorted(approved - set(published))]
    findings += [found("dane_extra", name, "TLSA %s." % value) for value in sorted(set(published) - approved)]
    for value in published:
        usage, selector, matching, data = value.split()
        if usage not in ("2", "3"):
            findings.append(found("dane_usage", name, "TLSA %s." % value))
        size = _LENGTHS.get(int(matching))
        if selector not in ("0", "1") or int(matching) > 2 or (size and len(data) != size * 2):
            findings.append(found("dane_syntax", name, "TLSA %s." % value))
    if published and not signed:
        findings.append(found("dane_unsigned", name, "The zone of %s is not signed." % one.host))
    return findings
