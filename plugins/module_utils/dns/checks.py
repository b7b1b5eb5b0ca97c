# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MX, SPF and DKIM of a domain: what is published, held against the baseline (R-DNS-11)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import dkim, mx, spf_pattern
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, ask, together
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import RULES, found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import OUTBOUND, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import (
    Part,
    Seen,
    failed,
    part,
    texts_of,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.spf import static
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.parse import is_record as is_spf


def key_name(key: DkimKey, domain: str) -> str:
    return dkim.name_of(key.selector, domain)


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
    records = [text for text in texts if is_spf(text)]
    if not records:
        return part("spf", (), _no_spf(baseline, texts))
    verdict = yield from static.judge(domain, values=answer.values)
    findings = [_spf_problem(domain, verdict)] if verdict.problem else []
    findings += [_spf_finding(code, domain, detail) for code, detail in verdict.warnings if code != verdict.problem]
    if len(records) == 1 and baseline.spf is not None:
        findings += spf_pattern.judge(domain, baseline.spf, records[0])
    more = {"lookups": verdict.lookups, "void_lookups": verdict.void_lookups, "all": verdict.all}
    return part("spf", records, findings, more if len(records) == 1 else {})


def _spf_problem(domain: str, verdict: static.SpfVerdict) -> DnsFinding:
    if verdict.status == "unknown":
        return found("spf_not_checked", domain, verdict.detail + ".")
    return _spf_finding(verdict.problem, domain, verdict.detail)


def _spf_finding(code: str, domain: str, detail: str) -> DnsFinding:
    return found(code if code in RULES else "spf_broken", domain, detail + ".")


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
    name = key_name(key, domain)
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
        why = failed(answer)
        if why:
            return [], [found("dkim_not_checked", name, why)]
    findings += dkim.judge(name, key, answer.values)
    if findings and findings[0].code == "dkim_selector_unpublished":
        place = yield from dkim.misplaced(domain, key, others)
        if place:
            evidence = "The key is at %s and not at %s." % (place, name)
            findings = [found("dkim_wrong_domain", name, evidence, record=name, found=place)]
    return texts_of(answer), findings
