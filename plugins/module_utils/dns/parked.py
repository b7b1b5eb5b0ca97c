# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A domain that never sends or receives says so (D-PARK-1, RFC 7505, RFC 7208 section 10.1.2)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import dkim, dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.mx import NULL, Hosts


def key_place(domain: str) -> str:
    """The wildcard that stands for every selector."""
    return "*._domainkey." + domain


def judge_mx(domain: str, hosts: Hosts) -> list[DnsFinding]:
    if [host for dummy, host in hosts] == [NULL]:
        return []
    return [found("parked_mx", domain, "MX %s." % (", ".join(host for dummy, host in hosts) or "missing"))]


def judge_spf(domain: str, texts: t.Sequence[str]) -> list[DnsFinding]:
    records = [text for text in texts if text.casefold().startswith("v=spf1")]
    if [text.casefold().split() for text in records] == [["v=spf1", "-all"]]:
        return []
    return [found("parked_spf", domain, " | ".join(records) or "No SPF record.")]


def judge_dmarc(domain: str, texts: t.Sequence[str]) -> list[DnsFinding]:
    records = dmarc.records(texts)
    if len(records) == 1:
        policy = dmarc.parse(records[0])
        if (policy.policy, policy.subdomain_policy, policy.testing) == ("reject", "reject", False):
            return []
    return [found("parked_dmarc", "_dmarc." + domain, " | ".join(records) or "No DMARC record.")]


def judge_dkim(domain: str, texts: t.Sequence[str]) -> list[DnsFinding]:
    try:
        if len(texts) == 1 and not dkim.parse(texts[0]).data:
            return []
    except ValueError:
        pass
    return [found("parked_dkim", key_place(domain), " | ".join(texts) or "No TXT record.")]
