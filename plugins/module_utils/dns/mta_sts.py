# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MTA-STS: the record, and the policy file behind it (RFC 8461, D-STS-1)."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import MtaSts
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.mx import NULL
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

MODES = ("none", "testing", "enforce")
MAX_AGE_MOST = 31557600
_RECORD = re.compile(r"v=STSv1[ \t]*(?:;.*)?", re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
# Gets the text behind an https URL; raises MailopsError or OSError when it cannot.
Fetch: t.TypeAlias = "t.Callable[[str], str]"


@dataclasses.dataclass(frozen=True)
class Policy:
    """What a policy file says.

    :param max_age: seconds.
    :param mx: host names or patterns such as ``*.example.net``.
    """

    mode: str
    max_age: int
    mx: tuple[str, ...]


def place(domain: str) -> str:
    return "_mta-sts." + domain


def url(domain: str) -> str:
    return "https://mta-sts.%s/.well-known/mta-sts.txt" % domain


def policy_text(wanted: MtaSts) -> str:
    """The file that says what is approved, with the line ends that the standard wants."""
    lines = [
        "version: STSv1",
        "mode: " + wanted.mode,
        *["mx: " + one for one in wanted.mx],
        "max_age: %d" % wanted.max_age,
    ]
    return "".join(line + "\r\n" for line in lines)


def parse_policy(text: str) -> Policy:
    """:raises ValueError: with the line that is wrong."""
    values: dict[str, str] = {}
    hosts: list[str] = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not line.strip():
            continue
        if not colon:
            raise ValueError("%r is no line of a policy" % line[:60])
        if name == "mx":
            hosts.append(value.rstrip(".").lower())
        else:
            values.setdefault(name, value)
    if values.get("version") != "STSv1":
        raise ValueError("version is %r" % values.get("version", ""))
    mode, age = values.get("mode", ""), values.get("max_age", "")
    if mode not in MODES:
        raise ValueError("mode is %r" % mode)
    if not (age.isdecimal() and int(age) <= MAX_AGE_MOST):
        raise ValueError("max_age is %r" % age)
    if mode != "none" and not hosts:
        raise ValueError("there is no mx")
    return Policy(mode, int(age), tuple(hosts))


def covered(host: str, patterns: t.Iterable[str]) -> bool:
    """Whether a pattern names a host: ``*`` stands for one label (RFC 8461 section 4.1)."""
    return any(host == one or (one.startswith("*.") and host.partition(".")[2] == one[2:]) for one in patterns)


def judge_record(domain: str, approved: MtaSts, published: t.Sequence[str]) -> list[DnsFinding]:
    name = place(domain)
    records = [text for text in published if _RECORD.fullmatch(text)]
    if not records:
        code = "mta_sts_syntax" if any("sts" in text.casefold() for text in published) else "mta_sts_missing"
        return [found(code, name, ", ".join(published) or "No TXT record at %s." % name)]
    if len(records) > 1:
        return [found("mta_sts_multiple", name, " | ".join(records))]
    try:
        tags = texts.tags_of(records[0])
    except ValueError as error:
        return [found("mta_sts_syntax", name, "%s: %s." % (records[0], error))]
    if not _ID.fullmatch(tags.get("id", "")):
        return [found("mta_sts_syntax", name, "%s: id is up to 32 letters and digits." % records[0])]
    if tags["id"] != approved.id:
        return [found("mta_sts_id_differs", name, "id=%s, approved is %s." % (tags["id"], approved.id))]
    return []


def judge_policy(domain: str, approved: MtaSts, hosts: t.Iterable[str], fetch: Fetch) -> list[DnsFinding]:
    """The policy file, beside what is approved and beside the MX hosts that are published."""
    where = url(domain)
    try:
        policy = parse_policy(fetch(where))
    except (MailopsError, OSError) as error:
        return [found("mta_sts_policy_unreachable", domain, "%s: %s." % (where, error), url=where)]
    except ValueError as error:
        return [found("mta_sts_policy_syntax", domain, "%s: %s." % (where, error))]
    findings = []
    if approved.mode == "enforce" and policy.mode == "none":
        findings.append(found("mta_sts_step_skipped", domain, "%s: mode none." % where))
    told = []
    if policy.mode != approved.mode:
        told.append("mode %s, approved is %s" % (policy.mode, approved.mode))
    if policy.max_age != approved.max_age:
        told.append("max_age %d, approved is %d" % (policy.max_age, approved.max_age))
    if approved.mx and set(policy.mx) != set(approved.mx):
        told.append("mx %s, approved is %s" % (", ".join(policy.mx), ", ".join(approved.mx)))
    if told:
        findings.append(found("mta_sts_policy_differs", domain, "%s: %s." % (where, "; ".join(told))))
    return findings + uncovered(domain, hosts, policy.mx, policy.mode)


def uncovered(domain: str, hosts: t.Iterable[str], patterns: t.Sequence[str], mode: str) -> list[DnsFinding]:
    """MX hosts to which a sender that follows the policy does not deliver."""
    if mode == "none":
        return []
    severity = "error" if mode == "enforce" else "warning"
    return [
        found(
            "mta_sts_mx_uncovered",
            domain,
            "%s is in none of %s." % (host, ", ".join(patterns)),
            severity=severity,
            host=host,
        )
        for host in hosts
        if host != NULL and not covered(host, patterns)
    ]
