# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about DMARC: the record, who is aligned, and what stands in the way of a stricter policy (the table of codes.py)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.findings import (
    ALIGNMENT,
    ERROR,
    INFO,
    NOTHING,
    REPORTS,
    SILENT,
    SPOOFING,
    WARNING,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.rule import Rule

_PUBLISH = "Publish it: mailops.email.dns_baseline with state=present, or restore the last known good state."
_MEND = "Mend the sender first: give it SPF or DKIM of the domain that stands in From."

DMARC_RULES: dict[str, Rule] = {
    "dmarc_missing": Rule(
        ERROR, SPOOFING, "There is no DMARC record for the domain.", _PUBLISH, "R-DNS-01, R-DNS-18, D-DMARC-1"
    ),
    "dmarc_inherited": Rule(
        INFO,
        NOTHING,
        "The domain has no DMARC record; the one of a domain above it applies.",
        "Nothing, unless the baseline wants a record of its own.",
        "D-DMARC-3",
    ),
    "dmarc_multiple": Rule(
        ERROR,
        SPOOFING,
        "There is more than one DMARC record; receivers then use none.",
        "Remove the others by name (`remove`).",
        "D-DMARC-1",
    ),
    "dmarc_syntax": Rule(
        ERROR,
        SILENT,
        "The DMARC record cannot be read as it stands.",
        "Correct the tag that is named.",
        "R-DNS-18, D-DMARC-1",
    ),
    "dmarc_policy_missing": Rule(
        ERROR,
        SPOOFING,
        "The DMARC record has no valid `p`: it counts as `p=none`, or not at all without `rua`.",
        _PUBLISH,
        "D-DMARC-1",
    ),
    "dmarc_policy_none": Rule(
        INFO,
        SPOOFING,
        "The policy is `none`: receivers are told to do nothing.",
        "Follow the path to `quarantine` when all senders are aligned.",
        "D-DMARC-5",
    ),
    "dmarc_testing": Rule(
        INFO,
        SPOOFING,
        "The record says `t=y`: the policy counts one step weaker.",
        "Take it out when the reports are clean.",
        "D-DMARC-2",
    ),
    "dmarc_subdomains_weaker": Rule(
        WARNING,
        SPOOFING,
        "Subdomains have a weaker policy (`sp`, `np`) than the domain.",
        "Raise `sp` and `np`, or take them out.",
        "RFC 9989 section 4.7",
    ),
    "dmarc_obsolete_tag": Rule(
        WARNING,
        NOTHING,
        "The record has a tag that RFC 9989 took out: `pct`, `rf` or `ri`.",
        "Take it out; test a policy with `t=y`.",
        "D-DMARC-2",
    ),
    "dmarc_unknown_tag": Rule(
        WARNING,
        NOTHING,
        "The record has a tag that is not known, so it is ignored.",
        "Is it misspelt?",
        "RFC 9989 section 4.8",
    ),
    "dmarc_policy_differs": Rule(
        ERROR,
        SILENT,
        "The published policy (`p`, `sp`, `np`) is not the approved one.",
        "Who changed it? A change of the policy needs an approval of its own.",
        "R-DNS-18, R-DNS-19",
    ),
    "dmarc_tag_differs": Rule(
        WARNING, ALIGNMENT, "A tag of the DMARC record is not as approved.", _PUBLISH, "R-DNS-10, R-DNS-19"
    ),
    "dmarc_rua_missing": Rule(
        WARNING, REPORTS, "Nobody gets aggregate reports (`rua`).", "Add `aggregate_reports` to `dmarc`.", "D-DMARC-4"
    ),
    "dmarc_rua_invalid": Rule(
        WARNING,
        REPORTS,
        "An address for reports is no valid URI.",
        "Write mailto:name@domain; a comma or `!` in it is written as %2C or %21.",
        "D-DMARC-4",
    ),
    "dmarc_rua_undeliverable": Rule(
        ERROR,
        REPORTS,
        "The domain of an address for reports takes no mail.",
        "Name an address that receives mail.",
        "D-DMARC-4",
    ),
    "dmarc_rua_unauthorised": Rule(
        ERROR,
        REPORTS,
        "Reports go to another organisation that does not say that it wants them.",
        'Ask whoever runs it to publish {record} TXT "v=DMARC1;", or name an address of the domain itself.',
        "D-DMARC-4, RFC 9990 section 4",
    ),
    "dmarc_psd": Rule(
        ERROR,
        ALIGNMENT,
        "The record says `psd=y`: that the domain is a registry of domains.",
        "Take `psd=y` out.",
        "D-DMARC-3",
    ),
    "dmarc_not_checked": Rule(
        WARNING,
        NOTHING,
        "A name server did not answer, so DMARC could not be judged.",
        "Run the check again.",
        "D-DMARC-1",
    ),
    "sender_identity_mismatch": Rule(
        ERROR,
        SILENT,
        "A sender writes as one domain and authenticates as another: DMARC fails for certain.",
        "Let {sender} sign with DKIM as {domain}, or use an envelope sender of that domain.",
        "R-DNS-07",
    ),
    "sender_unaligned": Rule(
        ERROR, SILENT, "A known sender does not pass DMARC with what is published now.", _MEND, "R-DNS-01, R-DNS-06"
    ),
    "sender_only_spf": Rule(
        WARNING,
        SILENT,
        "A known sender passes by SPF alone: forwarded mail of it fails.",
        "Let {sender} sign with DKIM.",
        "D-DMARC-5",
    ),
    "sender_not_checked": Rule(
        WARNING,
        NOTHING,
        "It could not be decided whether a known sender is aligned.",
        "Give it `addresses` or `dkim_domain` and `dkim_selector`, and run the check again.",
        "R-DNS-06",
    ),
}

# What refuses a stricter policy (D-DMARC-5, D-DMARC-6, R-DNS-06).
GATE_RULES: dict[str, Rule] = {
    "dmarc_unaligned_sender": Rule(
        ERROR,
        SILENT,
        "The policy is, or would be, stricter while a known sender is not aligned (one of the five causes).",
        _MEND,
        "R-PAT-15, R-DNS-06, D-DMARC-5",
    ),
    "dmarc_strict_misaligned": Rule(
        ERROR,
        SILENT,
        "Strict alignment is wanted, but a known sender passes by relaxed alignment only.",
        "Keep relaxed alignment, or let {sender} use {domain} itself.",
        "D-DMARC-6",
    ),
    "dmarc_reject_without_dkim": Rule(
        ERROR,
        SILENT,
        "`reject` is wanted, but a known sender would pass by SPF alone, which forwarding breaks.",
        "Let {sender} sign with DKIM as {domain}.",
        "D-DMARC-5",
    ),
    "dmarc_step_skipped": Rule(
        ERROR,
        SILENT,
        "The policy would go from `none` to `reject`.",
        "Go to `quarantine` first, for a month.",
        "D-DMARC-5",
    ),
    "dmarc_too_soon": Rule(
        ERROR,
        SILENT,
        "The present policy has not stood for a month, or nobody knows since when it stands.",
        "Wait until {date}; the domain's recorded snapshots are what tells since when it stands.",
        "D-DMARC-5",
    ),
    "dmarc_no_senders": Rule(
        ERROR,
        SILENT,
        "No sender is named, so nobody knows whom a stricter policy would block.",
        "Name them in `senders`.",
        "R-DNS-06",
    ),
    "dmarc_reports_missing": Rule(
        WARNING,
        SILENT,
        "No aggregate report was given as evidence.",
        "Give `reports`: the reports of the last month.",
        "D-DMARC-5",
    ),
    "dmarc_reports_failing": Rule(
        ERROR,
        SILENT,
        "Aggregate reports show that mail of a known sender failed DMARC.",
        _MEND,
        "D-DMARC-5, RFC 9990",
    ),
    "dmarc_unknown_source": Rule(
        WARNING,
        SILENT,
        "Aggregate reports show mail that failed DMARC, of a source that is no known sender.",
        "Whose is it? Name it in `senders` if it is yours; else it is what the policy is for.",
        "D-DMARC-5, RFC 9990",
    ),
    "dmarc_reports_unreadable": Rule(
        WARNING, NOTHING, "An aggregate report could not be read.", "Look at the file that is named.", "RFC 9990"
    ),
}
