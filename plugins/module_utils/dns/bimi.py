# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIMI: a logo beside the mail of a domain (drafts of the BIMI group, D-BIMI-1)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Bimi
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding


def place(domain: str, approved: Bimi) -> str:
    return "%s._bimi.%s" % (approved.selector, domain)


def judge(domain: str, approved: Bimi, published: t.Sequence[str], enforced: bool) -> list[DnsFinding]:
    """:param enforced: the domain's DMARC policy is ``quarantine`` or ``reject``."""
    name = place(domain, approved)
    records = [text for text in published if text.casefold().startswith("v=bimi1")]
    if not records:
        return [found("bimi_missing", name, "No BIMI record at %s." % name)]
    findings = []
    try:
        tags = texts.tags_of(records[0])
    except ValueError as error:
        return [found("bimi_syntax", name, "%s: %s." % (records[0], error))]
    if len(records) > 1 or not records[0].startswith("v=BIMI1") or not tags.get("l", "").startswith("https://"):
        findings.append(found("bimi_syntax", name, " | ".join(records)))
    elif (tags["l"], tags.get("a", "")) != (approved.location, approved.authority):
        evidence = "%s, approved is l=%s a=%s." % (records[0], approved.location, approved.authority)
        findings.append(found("bimi_differs", name, evidence))
    if not enforced:
        findings.append(found("bimi_without_policy", name, "The DMARC policy asks for nothing."))
    return findings
