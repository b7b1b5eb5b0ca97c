# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate before a stricter DMARC policy: none, then quarantine, then reject, each only when nobody legitimate is blocked by it
(R-DNS-06, D-DMARC-5, D-DMARC-6, RFC 9989 sections 5.1.6 and 7.4)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import alignment, dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.alignment import Standing
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, together
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import POLICIES, Dmarc, Sender
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.reports import Report, Row

# "At least a month", and reports of that time are evidence.
STANDS = datetime.timedelta(days=30)
# What a receiver calls mail that was passed on, or let through for a reason of its own: no sender of ours can mend that.
PASSED_ON = frozenset(("forwarded", "mailing_list", "trusted_forwarder", "local_policy", "arc", "sampled_out"))
SOURCES_SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Strictness:
    """What a policy does to mail that is not aligned.

    :param steps: how strict it is for the domain, for its subdomains, and for those that do not exist: 0 to 2.
    """

    steps: tuple[int, int, int] = (0, 0, 0)
    strict_spf: bool = False
    strict_dkim: bool = False
    present: bool = False

    @classmethod
    def of(cls, policy: str | Dmarc) -> Strictness:
        """Of a record's text, of a policy by its name, or of an approved step; of an empty text when there is no record."""
        if isinstance(policy, Dmarc):
            record = dmarc.of_baseline(policy)
        elif policy in POLICIES:
            record = dmarc.parse("v=DMARC1; p=" + policy)
        elif dmarc.is_record(policy):
            record = dmarc.parse(policy)
        else:
            return cls()
        if not record.applies:
            return cls()
        words = (record.policy, record.subdomain_policy, record.nonexistent_policy)
        own, sub, none = (dmarc.applied(word, record.testing) for word in words)
        return cls((own, sub, none), record.get("aspf") == "s", record.get("adkim") == "s", True)

    def stricter_than(self, other: Strictness) -> bool:
        enforced = any(self.steps)
        return any(mine > theirs for mine, theirs in zip(self.steps, other.steps, strict=True)) or (
            enforced and ((self.strict_spf and not other.strict_spf) or (self.strict_dkim and not other.strict_dkim))
        )


def tightening(
    domain: str,
    before: str | Dmarc,
    after: str | Dmarc,
    senders: t.Sequence[Sender],
    reports: t.Sequence[Report] = (),
    since: datetime.datetime | None = None,
    now: datetime.datetime | None = None,
) -> Asking[list[DnsFinding]]:
    """What stands in the way of a stricter policy; nothing for one that is not stricter. A finding of severity ``error`` refuses it.

    :param before: text of the record that is published, empty without one; *after* the same of the one that is wanted.
    :param senders: everybody who legitimately sends as the domain.
    :param since: when the published policy began to stand, None when nobody knows.
    :param now: UTC.
    """
    was, will = Strictness.of(before), Strictness.of(after)
    if not will.stricter_than(was):
        return []
    now = now or datetime.datetime.now(datetime.timezone.utc)
    standings = yield from together([alignment.standing(sender) for sender in senders])
    findings = _steps(domain, was, will, since, now)
    if not senders:
        # A first record has nobody's mail behind it; one that others rely on has.
        findings.append(
            found(
                "dmarc_no_senders",
                domain,
                "The list of senders is empty.",
                severity="error" if was.present else "warning",
            )
        )
    for one in standings:
        findings += _sender(one, will)
    return findings + _evidence(domain, reports, senders, now, first=not was.present)


def _steps(
    domain: str, was: Strictness, will: Strictness, since: datetime.datetime | None, now: datetime.datetime
) -> list[DnsFinding]:
    (before, after), findings = (was.steps[0], will.steps[0]), []
    shown = "p=%s, wanted is %s." % (POLICIES[before] if was.present else "nothing", POLICIES[after])
    if after - before > 1:
        findings.append(found("dmarc_step_skipped", domain, shown))
    if not was.present or was.steps == will.steps:
        return findings
    if since is None:
        findings.append(
            found(
                "dmarc_too_soon",
                domain,
                shown + " Since when is not recorded.",
                date="a month after the first snapshot",
            )
        )
    elif now - since < STANDS:
        evidence = "%s It stands for %d days." % (shown, (now - since).days)
        findings.append(found("dmarc_too_soon", domain, evidence, date=(since + STANDS).date().isoformat()))
    return findings


def _sender(one: Standing, will: Strictness) -> list[DnsFinding]:
    sender = one.sender
    words = {"sender": sender.name, "domain": sender.from_domain}
    aligned = one.aligned(will.strict_spf, will.strict_dkim)
    if aligned:
        if will.steps[0] == 2 and not one.dkim.aligned(will.strict_dkim):
            return [found("dmarc_reject_without_dkim", sender.name, one.evidence, **words)]
        return []
    if aligned is None:
        # Not known to pass is not known to be safe.
        evidence = "It could not be decided. " + one.evidence
        return [found("dmarc_unaligned_sender", sender.name, evidence, **words)]
    if one.aligned():
        return [found("dmarc_strict_misaligned", sender.name, one.evidence, **words)]
    return [found("dmarc_unaligned_sender", sender.name, one.evidence, **words)]


def _evidence(
    domain: str, reports: t.Sequence[Report], senders: t.Sequence[Sender], now: datetime.datetime, *, first: bool
) -> list[DnsFinding]:
    """What the aggregate reports of the last month show."""
    recent = [one for one in reports if _is_of(one, domain) and now - STANDS <= one.end <= now + STANDS]
    if not recent:
        if first:
            return []
        return [found("dmarc_reports_missing", domain, "%d reports, none of the last 30 days." % len(reports))]
    failing: collections.Counter[str] = collections.Counter()
    unknown: collections.Counter[str] = collections.Counter()
    for row in (row for report in recent for row in report.rows):
        if row.passed or PASSED_ON & set(row.reasons):
            continue
        name = whose(row, senders)
        if name:
            failing[name] += row.count
        else:
            unknown[row.source] += row.count
    findings = [
        found("dmarc_reports_failing", name, "%d messages failed in %d reports." % (count, len(recent)), sender=name)
        for name, count in failing.most_common()
    ]
    if unknown:
        shown = ", ".join("%s (%d)" % pair for pair in unknown.most_common(SOURCES_SHOWN))
        evidence = "%d messages of %d sources failed: %s." % (sum(unknown.values()), len(unknown), shown)
        findings.append(found("dmarc_unknown_source", domain, evidence))
    return findings


def _is_of(report: Report, domain: str) -> bool:
    return domain == report.domain or domain.endswith("." + report.domain)


def whose(row: Row, senders: t.Sequence[Sender]) -> str:
    """Name of the known sender whose mail a row tells of: by its address, or by the selector of its signature."""
    for sender in senders:
        if sender.dkim_domain and sender.dkim_selector:
            pair = (sender.dkim_domain, sender.dkim_selector)
            if any((domain, selector) == pair for domain, selector, dummy in row.signatures):
                return sender.name
    try:
        source = ipaddress.ip_address(row.source)
    except ValueError:
        return ""
    return next((sender.name for sender in senders if any(_within(source, one) for one in sender.addresses)), "")


def _within(source: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    try:
        return source in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
