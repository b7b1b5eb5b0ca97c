# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The four classes of records that every mail domain has: what is published, held against the baseline (R-DNS-11)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import dkim, dmarc, mx, spf_pattern
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, ask, together
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import OUTBOUND, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import (
    ABSENT,
    Part,
    Place,
    Seen,
    failed,
    part,
    texts_of,
)


def places(baseline: Baseline) -> list[Place]:
    """Names and types that the checks below look at."""
    domain = baseline.domain
    keys = [(dkim.name_of(key.selector, domain), "CNAME" if key.cname else "TXT") for key in baseline.dkim]
    return [(domain, "MX"), (domain, "TXT"), ("_dmarc." + domain, "TXT"), *keys]


def mx_part(baseline: Baseline, seen: Seen) -> Asking[Part]:
    domain = baseline.domain
    answer = seen.get((domain, "MX"))
    why = failed(answer)
    if answer is None or why:
        return part("mx", (), [found("mx_not_checked", domain, why)])
    hosts = mx.hosts_of(answer.values)
    findings = mx.judge(domain, baseline.mx, hosts)
    findings += yield from mx.reachable(domain, [host for dummy, host in hosts])
    return part("mx", ["%d %s" % one for one in hosts], findings)


def spf_part(baseline: Baseline, seen: Seen) -> Asking[Part]:
    domain = baseline.domain
    answer = seen.get((domain, "TXT"))
    why = failed(answer)
    if answer is None or why:
        return part("spf", (), [found("spf_not_checked", domain, why)])
    texts = texts_of(answer)
    records = [text for text in texts if text.casefold().startswith("v=spf1") and text[6:7] in ("", " ")]
    findings: list[DnsFinding] = []
    if not records:
        findings = _no_spf(baseline, texts)
    elif len(records) > 1:
        findings = [found("spf_multiple", domain, "%d records: %s." % (len(records), " | ".join(records)))]
    elif baseline.spf is not None:
        findings = spf_pattern.judge(domain, baseline.spf, records[0])
    yield from ()
    return part("spf", records, findings)


def _no_spf(baseline: Baseline, texts: t.Sequence[str]) -> list[DnsFinding]:
    meant = [text for text in texts if spf_pattern.is_meant(text)]
    if meant:
        evidence = "%s: receivers know it by v=spf1 at its beginning." % meant[0]
        return [found("record_typo", baseline.domain, evidence, breaks=OUTBOUND, record_class="spf")]
    return [found("spf_missing", baseline.domain, "No SPF record among %d TXT records." % len(texts))]


def dkim_part(baseline: Baseline, seen: Seen, others: t.Sequence[str] = ()) -> Asking[Part]:
    domain = baseline.domain
    if not baseline.dkim:
        yield from ()
        return part("dkim", (), [found("dkim_no_selector", domain, "No selector in the baseline.")])
    keys = yield from together([_key(domain, key, seen, others) for key in baseline.dkim])
    return part(
        "dkim", [text for texts, dummy in keys for text in texts], [one for dummy, each in keys for one in each]
    )


def _key(domain: str, key: DkimKey, seen: Seen, others: t.Sequence[str]) -> Asking[tuple[list[str], list[DnsFinding]]]:
    name = dkim.name_of(key.selector, domain)
    answer = seen.get((name, "CNAME" if key.cname else "TXT"))
    why = failed(answer)
    if answer is None or why:
        return [], [found("dkim_not_checked", name, why)]
    findings: list[DnsFinding] = []
    if key.cname:
        # The values of an alias are those of another zone, which the resolver knows.
        if [one.rstrip(".") for one in answer.values] != [key.cname.rstrip(".").lower()]:
            evidence = "CNAME %s, approved is %s." % (", ".join(answer.values) or "missing", key.cname)
            code = "dkim_alias_differs" if answer.values else "dkim_selector_unpublished"
            return list(answer.values), [found(code, name, evidence)]
        answer = yield from ask(name, "TXT")
    elif answer.aliases and not answer.values:
        answer = yield from ask(answer.aliases[-1], "TXT")
    why = failed(answer)
    if why:
        return [], [found("dkim_not_checked", name, why)]
    findings += dkim.judge(name, key, answer.values)
    if findings and findings[0].code == "dkim_selector_unpublished":
        place = yield from dkim.misplaced(domain, key, others)
        if place:
            evidence = "The key is at %s and not at %s." % (place, name)
            findings = [found("dkim_wrong_domain", name, evidence, name=name, found=place)]
    return texts_of(answer), findings


def dmarc_part(baseline: Baseline, seen: Seen) -> Asking[Part]:
    domain = baseline.domain
    answer = seen.get(("_dmarc." + domain, "TXT"))
    why = failed(answer)
    if answer is None or why:
        return part("dmarc", (), [found("dmarc_not_checked", domain, why)])
    texts = texts_of(answer)
    policy, findings = dmarc.judge(domain, baseline.dmarc, texts)
    yield from ()
    shown = [text for text in texts if dmarc.is_meant(text)]
    return part("dmarc", shown, findings, {"policy": policy.policy if policy is not None and policy.applies else ""})


def absent(record_class: str) -> Part:
    return Part(record_class, ABSENT)
