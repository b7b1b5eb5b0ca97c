# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A published SPF record held against the approved pattern (R-DNS-02, R-DNS-12, R-DNS-19, D-SPF-6)."""

from __future__ import annotations

import re

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import OUTBOUND, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.near import near_miss, nearest

_ALL = re.compile(r"[-+?~]?all", re.IGNORECASE)


def is_meant(text: str) -> bool:
    """Whether a text that is no SPF record was meant to be one."""
    first = text.strip().partition(" ")[0].casefold()
    return near_miss(first, "v=spf1", numbers=True) or first.strip('"').startswith(("v=spf1", "spf1", "v=spf"))


def plain(term: str) -> str:
    """One spelling for terms that mean the same."""
    term = term.strip().removesuffix(".")
    return (term if "%" in term else term.casefold()).removeprefix("+")


def terms_of(text: str) -> list[str]:
    return [plain(word) for word in text.split()[1:]]


def approved_terms(approved: Spf) -> list[str]:
    return [plain("include:" + one) for one in approved.includes] + [plain(one) for one in approved.mechanisms]


def judge(domain: str, approved: Spf, text: str) -> list[DnsFinding]:
    """What is missing, what is too much, and whether it ends as approved."""
    findings = []
    published = terms_of(text)
    wanted = approved_terms(approved)
    foreign = [term for term in published if term not in wanted and not _ALL.fullmatch(term)]
    for term in wanted:
        if term in published:
            continue
        slip = nearest(foreign, term, numbers=term.startswith(("ip4:", "ip6:")))
        if slip:
            foreign.remove(slip)
            evidence = "%s, approved is %s." % (slip, term)
            findings.append(found("record_typo", domain, evidence, breaks=OUTBOUND, record_class="spf"))
        else:
            code = "spf_include_missing" if term.startswith("include:") else "spf_mechanism_missing"
            findings.append(found(code, domain, "%s is not in %s." % (term, text), term=term))
    for term in foreign:
        if term.startswith("exp="):
            continue
        included = term.startswith(("include:", "redirect="))
        code = "spf_include_unapproved" if included else "spf_mechanism_unapproved"
        findings.append(found(code, domain, "%s in %s." % (term, text), term=term))
    last = next((term for term in published if _ALL.fullmatch(term)), "")
    if approved.all and last != plain(approved.all):
        evidence = "The record ends in %s, approved is %s." % (last or "nothing", plain(approved.all))
        findings.append(found("spf_all_differs", domain, evidence))
    return findings
