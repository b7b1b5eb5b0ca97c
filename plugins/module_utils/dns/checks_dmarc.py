# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMARC of a domain: the record, where its reports go, and how the known senders stand (R-DNS-01, R-DNS-18, D-DMARC-1 to D-DMARC-4)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns import alignment, dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FOUND,
    Asking,
    Question,
    together,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc_walk import Applied, applying, walk
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.mx import NULL
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import Part, Seen, failed, part, texts_of


def dmarc_part(baseline: Baseline, seen: Seen) -> Asking[Part]:
    domain = baseline.domain
    answer = seen.get(("_dmarc." + domain, "TXT"))
    why = failed(answer)
    if answer is None or why:
        return part("dmarc", (), [found("dmarc_not_checked", domain, why)])
    texts = texts_of(answer)
    policy, findings = dmarc.judge(domain, baseline.dmarc, texts)
    applied, inherited = Applied(""), None
    if policy is None:
        walked = yield from walk(domain)
        applied = applying(walked)
        inherited = walked.policy
        if applied.source and baseline.dmarc is None and not any(map(dmarc.is_meant, texts)):
            evidence = "%s from %s." % (applied.policy, applied.source)
            findings = [found("dmarc_inherited", domain, evidence)]
    elif policy.applies:
        applied = Applied(policy.policy, domain, policy.testing)
    rule = policy or (inherited[1] if inherited else None)
    enforced = bool(applied.policy) and dmarc.applied(applied.policy, applied.testing) > 0
    strict_spf, strict_dkim = (rule is not None and rule.get(tag) == "s" for tag in ("aspf", "adkim"))
    standings = yield from together([alignment.standing(sender) for sender in baseline.senders])
    for one in standings:
        findings += alignment.judge(one, enforced, strict_spf, strict_dkim)
    if policy is not None:
        # Whether the domain itself takes mail is for its MX records to say, where they are ours.
        findings += yield from reports_arrive(domain, policy, itself=baseline.mx is None)
    more = {
        "policy": applied.policy,
        "source": applied.source,
        "testing": applied.testing,
        "senders": [one.to_dict() for one in standings],
    }
    return part("dmarc", [text for text in texts if dmarc.is_meant(text)], findings, more)


def reports_arrive(domain: str, policy: dmarc.Policy, *, itself: bool = True) -> Asking[list[DnsFinding]]:
    """Whether those to whom reports go take mail, and want them (RFC 9990 section 4; D-DMARC-4)."""
    skipped = {"", domain} if not itself else {""}
    targets = sorted({dmarc.domain_of(uri) for uri in (*policy.rua, *policy.ruf)} - skipped)
    found_ones = yield from together([_arrives(domain, target) for target in targets])
    return [finding for each in found_ones for finding in each]


def _arrives(domain: str, target: str) -> Asking[list[DnsFinding]]:
    name = "_dmarc." + domain
    outside = not _same_tree(domain, target)
    permission = "%s._report._dmarc.%s" % (domain, target)
    questions = [Question(target, "MX")] + ([Question(permission, "TXT")] if outside else [])
    mail, *allowed = yield questions
    if mail.status != FOUND and not mail.why:
        # Without MX records, mail goes to the address of the domain itself (RFC 5321 section 5.1).
        (mail,) = yield [Question(target, "A")]
    findings = []
    if mail.status != FOUND and not mail.why or any(value.split()[-1] == NULL for value in mail.values):
        findings.append(found("dmarc_rua_undeliverable", name, "%s takes no mail." % target))
    if not outside or any(map(dmarc.is_record, texts_of(allowed[0]))):
        return findings
    if failed(allowed[0]):
        return [*findings, found("dmarc_not_checked", name, failed(allowed[0]))]
    if (yield from _same_organization(domain, target)):
        return findings
    evidence = "Reports go to %s; there is no TXT record %s." % (target, permission)
    return [*findings, found("dmarc_rua_unauthorised", name, evidence, record=permission)]


def _same_tree(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _same_organization(one: str, other: str) -> Asking[bool]:
    """Only asked of names that have a chance: those that end alike."""
    if one.split(".")[-2:] != other.split(".")[-2:]:
        return False
    mine, theirs = yield from together([walk(one), walk(other)])
    return mine.organization == theirs.organization
