# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of all findings about the DNS, and how one is made (R-DNS-15 to R-DNS-18, R-PAT-15). docs/dns-findings.md tells the same."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.rule import Rule
from ansible_collections.mailops.email.plugins.module_utils.dns.rules_core import DKIM_RULES, MX_RULES, SPF_RULES
from ansible_collections.mailops.email.plugins.module_utils.dns.rules_dmarc import DMARC_RULES, GATE_RULES
from ansible_collections.mailops.email.plugins.module_utils.dns.rules_more import (
    AUTHORITY_RULES,
    BASELINE_RULES,
    BIMI_RULES,
    DANE_RULES,
    MTA_STS_RULES,
    PARKED_RULES,
    ROUTE_RULES,
    TLS_RPT_RULES,
)

# What people do to themselves, each with a code of its own (R-PAT-15).
FIVE_CAUSES = (
    "record_typo",
    "spf_include_missing",
    "dkim_selector_unpublished",
    "dmarc_unaligned_sender",
    "route_wrong_mailbox",
)

# (record class, heading in the documentation, its rules)
CLASSES: tuple[tuple[str, str, dict[str, Rule]], ...] = (
    ("baseline", "Baseline and recorded state", BASELINE_RULES),
    ("authority", "Name servers", AUTHORITY_RULES),
    ("mx", "MX", MX_RULES),
    ("spf", "SPF", SPF_RULES),
    ("dkim", "DKIM", DKIM_RULES),
    ("dmarc", "DMARC", DMARC_RULES),
    ("dmarc", "A stricter DMARC policy", GATE_RULES),
    ("mta_sts", "MTA-STS", MTA_STS_RULES),
    ("tls_rpt", "TLS-RPT", TLS_RPT_RULES),
    ("dane", "DANE", DANE_RULES),
    ("bimi", "BIMI", BIMI_RULES),
    ("parked", "Parked domains", PARKED_RULES),
    ("route", "Routes", ROUTE_RULES),
)

RULES: dict[str, tuple[str, Rule]] = {
    code: (record_class, rule) for record_class, dummy, rules in CLASSES for code, rule in rules.items()
}


class _Words(dict[str, str]):
    """A word that a check did not give stays as it stands, instead of hiding the finding."""

    def __missing__(self, key: str) -> str:
        return "{%s}" % key


def found(
    code: str,
    name: str,
    evidence: str,
    /,
    *,
    breaks: str = "",
    record_class: str = "",
    severity: str = "",
    **words: str,
) -> DnsFinding:
    """A finding of the table.

    :param name: the object: a domain, the name of a record, an address or a sender.
    :param evidence: what was seen, and what was expected.
    :param breaks: instead of the table's, such as for a code that stands for several record classes.
    :param words: what the next step names.
    """
    own_class, rule = RULES[code]
    return DnsFinding(
        code,
        severity or rule.severity,
        name,
        evidence,
        rule.next.format_map(_Words(words, object=name)),
        breaks or rule.breaks,
        record_class or own_class,
    )
