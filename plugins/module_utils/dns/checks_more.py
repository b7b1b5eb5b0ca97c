# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The classes of records that not every domain has, and those of a domain that never sends (D-STS-1, D-TLSRPT-1, D-DANE-1, D-BIMI-1, D-PARK-1)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns import bimi, dane, dmarc, mta_sts, mx, parked, tls_rpt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FOUND, Answer, Asking, Question
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.mta_sts import Fetch
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import Part, Seen, failed, part, texts_of


def optional_parts(baseline: Baseline, seen: Seen, fetch: Fetch | None) -> list[Asking[Part]]:
    """Those that the baseline names; nobody looks at the others."""
    parts = []
    if baseline.mta_sts is not None:
        parts.append(_mta_sts(baseline, seen, fetch))
    if baseline.tls_rpt:
        parts.append(_tls_rpt(baseline, seen))
    if baseline.dane:
        parts.append(_dane(baseline, seen))
    if baseline.bimi is not None:
        parts.append(_bimi(baseline, seen))
    return parts


def _mta_sts(baseline: Baseline, seen: Seen, fetch: Fetch | None) -> Asking[Part]:
    yield from ()
    domain, approved = baseline.domain, baseline.mta_sts
    answer = seen.get((mta_sts.place(domain), "TXT"))
    if approved is None or failed(answer):
        return part("mta_sts", (), [found("mta_sts_not_checked", domain, failed(answer))])
    texts = texts_of(answer)
    findings = mta_sts.judge_record(domain, approved, texts)
    hosts = [host for dummy, host in mx.hosts_of(_values(seen, (domain, "MX")))]
    if fetch is not None:
        findings += mta_sts.judge_policy(domain, approved, hosts, fetch)
    elif approved.mx:
        findings += mta_sts.uncovered(domain, hosts, approved.mx, approved.mode)
    return part("mta_sts", texts, findings)


def _tls_rpt(baseline: Baseline, seen: Seen) -> Asking[Part]:
    yield from ()
    answer = seen.get((tls_rpt.place(baseline.domain), "TXT"))
    if failed(answer):
        return part("tls_rpt", (), [found("tls_rpt_not_checked", baseline.domain, failed(answer))])
    texts = texts_of(answer)
    return part("tls_rpt", texts, tls_rpt.judge(baseline.domain, baseline.tls_rpt, texts))


def _dane(baseline: Baseline, seen: Seen) -> Asking[Part]:
    findings: list[DnsFinding] = []
    records: list[str] = []
    # Of what is there and of what is not, a validating resolver says whether the zone proves it.
    proofs = yield [Question(one.host, "DS") for one in baseline.dane]
    for one, proof in zip(baseline.dane, proofs, strict=True):
        seen_here: Answer | None = seen.get((dane.place(one), "TLSA"))
        if seen_here is None or failed(seen_here):
            findings.append(found("dane_not_checked", dane.place(one), failed(seen_here)))
            continue
        records += seen_here.values
        findings += dane.judge(one, seen_here.values, proof.authenticated)
    return part("dane", records, findings)


def _bimi(baseline: Baseline, seen: Seen) -> Asking[Part]:
    yield from ()
    domain, approved = baseline.domain, baseline.bimi
    answer = seen.get((bimi.place(domain, approved), "TXT")) if approved is not None else None
    if approved is None or failed(answer):
        return part("bimi", (), [found("bimi_not_checked", domain, failed(answer))])
    texts = texts_of(answer)
    policies = dmarc.records(texts_of(seen.get(("_dmarc." + domain, "TXT"))))
    enforced = len(policies) == 1 and dmarc.parse(policies[0]).strength > 0
    return part("bimi", texts, bimi.judge(domain, approved, texts, enforced))


def parked_part(baseline: Baseline, seen: Seen) -> Asking[Part]:
    """A domain that never sends: all of it is one class."""
    yield from ()
    domain = baseline.domain
    apex, policy, key = (domain, "TXT"), ("_dmarc." + domain, "TXT"), (parked.key_place(domain), "TXT")
    findings: list[DnsFinding] = []
    hosts = mx.hosts_of(_values(seen, (domain, "MX")))
    if failed(seen.get((domain, "MX"))):
        findings.append(found("mx_not_checked", domain, failed(seen.get((domain, "MX"))), record_class="parked"))
    else:
        findings += parked.judge_mx(domain, hosts)
    for place, code, judge in (
        (apex, "spf_not_checked", parked.judge_spf),
        (policy, "dmarc_not_checked", parked.judge_dmarc),
        (key, "dkim_not_checked", parked.judge_dkim),
    ):
        why = failed(seen.get(place))
        if why:
            findings.append(found(code, domain, why, record_class="parked"))
        else:
            findings += judge(domain, texts_of(seen.get(place)))
    shown = ["MX %d %s" % one for one in hosts]
    shown += [text for text in texts_of(seen.get(apex)) if text.casefold().startswith("v=spf1")]
    shown += dmarc.records(texts_of(seen.get(policy))) + texts_of(seen.get(key))
    return part("parked", shown, findings)


def _values(seen: Seen, place: tuple[str, str]) -> tuple[str, ...]:
    answer = seen.get(place)
    return answer.values if answer is not None and answer.status == FOUND else ()
