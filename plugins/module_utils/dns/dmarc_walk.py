# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DNS tree walk of DMARC: which policy applies to a domain, and to which organisation it belongs (RFC 9989 section 4.10, D-DMARC-3)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NXDOMAIN,
    Answer,
    Asking,
    ask,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc import Policy, parse, records

# A name of more labels is cut to so many after the first query, so that no walk takes more than eight.
LABELS = 7
QUERIES = 8


@dataclasses.dataclass(frozen=True)
class Walk:
    """What a walk from a domain to the root found.

    :param steps: domains that were asked for, in order, with the policy there or None.
    :param failed: a name server did not answer, so there may be a policy that was not seen.
    """

    start: str
    steps: tuple[tuple[str, Policy | None], ...]
    failed: str = ""

    @property
    def organization(self) -> str:
        """The organizational domain (section 4.10.2)."""
        policies = [(name, policy) for name, policy in self.steps if policy is not None]
        for name, policy in policies:
            if policy.get("psd") == "n":
                return name
            if policy.get("psd") == "y" and name != self.start:
                return _below(name, self.start)
        return policies[-1][0] if policies else self.start

    @property
    def policy(self) -> tuple[str, Policy] | None:
        """The policy that applies, and whose it is: of the domain itself, of its organization, or of the public suffix above."""
        found = {name: policy for name, policy in self.steps if policy is not None}
        for name in (self.start, self.organization):
            if name in found:
                return name, found[name]
        suffix = [(name, policy) for name, policy in found.items() if policy.get("psd") == "y"]
        return suffix[0] if suffix else None


def names(domain: str) -> t.Iterator[str]:
    """The domains that a walk asks for, the longest first."""
    labels = domain.split(".")
    yield domain
    labels = labels[1:] if len(labels) <= LABELS else labels[-LABELS:]
    while labels:
        yield ".".join(labels)
        labels = labels[1:]


def walk(domain: str) -> Asking[Walk]:
    """At most eight queries; it ends at a record that says ``psd=n`` or ``psd=y``."""
    steps: list[tuple[str, Policy | None]] = []
    failed = ""
    for name in names(domain):
        answer = yield from ask("_dmarc." + name, "TXT")
        if answer.status == FAILED:
            failed = failed or "%s: %s" % (answer.question.name, answer.why)
        policy = policy_of(answer)
        steps.append((name, policy))
        if policy is not None and policy.get("psd") in ("y", "n"):
            break
    return Walk(domain, tuple(steps), failed)


def policy_of(answer: Answer) -> Policy | None:
    """The one DMARC record of an answer; several are as good as none (section 4.10 step 2)."""
    if answer.status != FOUND:
        return None
    texts = records(txt.text(value) for value in answer.values)
    return parse(texts[0]) if len(texts) == 1 else None


@dataclasses.dataclass(frozen=True)
class Applied:
    """What receivers are asked to do with mail of a domain that does not pass.

    :param policy: ``none``, ``quarantine``, ``reject``, or empty when DMARC does not apply.
    :param source: domain whose record it is.
    """

    policy: str
    source: str = ""
    testing: bool = False


def applying(walked: Walk, exists: bool = True) -> Applied:
    """The policy for mail from the domain where the walk began (section 4.10.1).

    :param exists: False for a domain that is not in the DNS: ``np`` is for those.
    """
    chosen = walked.policy
    if chosen is None or not chosen[1].applies:
        return Applied("")
    source, policy = chosen
    if source == walked.start:
        step = policy.policy
    else:
        step = policy.subdomain_policy if exists else policy.nonexistent_policy
    return Applied(step, source, policy.testing)


def exists(domain: str) -> Asking[bool]:
    """Whether a domain exists: it, or something below it, has records (RFC 9989 section 3.2.13, RFC 8020)."""
    answer = yield from ask(domain, "A")
    return answer.status != NXDOMAIN


def _below(suffix: str, start: str) -> str:
    """The domain one label below *suffix* on the way to *start*."""
    count = suffix.count(".") + 2
    return ".".join(start.split(".")[-count:])
