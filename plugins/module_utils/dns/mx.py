# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of MX records: what is published is what is approved, and every host can be reached (R-DNS-15, D-MX-1, RFC 7505)."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FAILED, FOUND, Answer, Asking, Question
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import INBOUND, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.near import nearest

NULL = "."
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*")

Hosts: t.TypeAlias = "tuple[tuple[int, str], ...]"


def hosts_of(values: t.Iterable[str]) -> Hosts:
    """``(preference, host)`` of MX values in normal form, the preferred first; a null MX has the host ``.``."""
    pairs = [value.split() for value in values]
    return tuple(sorted((int(preference), host.rstrip(".") or NULL) for preference, host in pairs))


def judge(domain: str, approved: Hosts | None, published: Hosts) -> list[DnsFinding]:
    """What is wrong with the records themselves.

    :param approved: None when MX records are not ours, so that nothing is missing or too much.
    """
    findings = []
    shown = ", ".join("%d %s" % one for one in published) or "none"
    null = any(host == NULL for dummy, host in published)
    if null and len(published) > 1:
        findings.append(found("mx_null_beside_others", domain, "MX %s." % shown))
    for dummy, host in published:
        if _ADDRESS.fullmatch(host):
            findings.append(found("mx_address", domain, "MX %s." % shown, host=host))
    if approved is None:
        return findings
    if not published:
        return [
            found("mx_missing", domain, "No MX record, expected %s." % ", ".join("%d %s" % one for one in approved))
        ]
    if null and len(published) == 1:
        return [found("mx_null", domain, "MX 0 . and nothing else.")]
    return findings + _compared(domain, dict(_by_host(approved)), dict(_by_host(published)))


def _by_host(hosts: Hosts) -> t.Iterator[tuple[str, int]]:
    return ((host, preference) for preference, host in reversed(hosts))


def _compared(domain: str, approved: dict[str, int], published: dict[str, int]) -> list[DnsFinding]:
    findings = []
    foreign = [host for host in published if host not in approved and host != NULL]
    for host, preference in sorted(approved.items()):
        if host in published:
            if published[host] != preference:
                evidence = "MX %d %s, approved is %d." % (published[host], host, preference)
                findings.append(found("mx_priority_differs", domain, evidence, host=host))
            continue
        slip = nearest(foreign, host)
        if slip:
            foreign.remove(slip)
            evidence = "MX %d %s, approved is %s." % (published[slip], slip, host)
            findings.append(found("record_typo", domain, evidence, breaks=INBOUND, record_class="mx"))
        else:
            evidence = "No MX record names %s; there are %s." % (host, ", ".join(sorted(published)))
            findings.append(found("mx_host_missing", domain, evidence, host=host))
    findings += [
        found("mx_host_unapproved", domain, "MX %d %s." % (published[host], host), host=host)
        for host in sorted(foreign)
    ]
    return findings


def reachable(domain: str, hosts: t.Iterable[str]) -> Asking[list[DnsFinding]]:
    """Whether each host has an address of its own, as the resolver sees it."""
    names = sorted({host for host in hosts if host != NULL and not _ADDRESS.fullmatch(host)})
    if not names:
        return []
    answers: dict[str, Answer] = dict(zip(names, (yield [Question(name, "A") for name in names]), strict=True))
    # Only a host without an IPv4 address has to have an IPv6 one.
    left = [name for name in names if answers[name].status != FOUND and not answers[name].aliases]
    if left:
        for name, answer in zip(left, (yield [Question(name, "AAAA") for name in left]), strict=True):
            if answer.status == FOUND or answers[name].status != FAILED:
                answers[name] = answer
    findings = []
    for name, answer in answers.items():
        if answer.aliases:
            evidence = "%s is an alias of %s." % (name, answer.aliases[-1])
            findings.append(found("mx_alias", domain, evidence, host=name))
        elif answer.status == FAILED:
            findings.append(found("mx_not_checked", domain, "%s: %s." % (name, answer.why or "no answer")))
        elif answer.status != FOUND:
            evidence = "%s has no address (%s)." % (name, answer.status)
            findings.append(found("mx_unresolvable", domain, evidence, host=name))
    return findings
