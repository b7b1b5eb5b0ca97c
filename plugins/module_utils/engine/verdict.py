# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verification found of each domain, and its event (R-SMTP-05, R-LOG-09)."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.known_good import ACTION
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Plan, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import Diagnosis, clean
from ansible_collections.mailops.email.plugins.module_utils.probe.imap import ImapSession
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account

# Without each of these a domain is not verified, whatever else was found (R-SCOPE-09, R-SMTP-06).
NEEDED = frozenset(("login", "submission", "outbound", "inbound", "login_refused", "submission_refused", "closed"))
# Of a check that passed, how it went step by step is no part of the record.
_WORDY = frozenset(("steps", "tls"))


@dataclasses.dataclass
class Subject:
    """One domain under verification.

    :param address: its probe mailbox.
    :param sample: real mailboxes that are asked for.
    :param account: how the probe logs in, while it may; nobody else ever holds that.
    :param session: a session from before the mailbox was closed.
    :param slow: the provider said that the new secret takes effect later.
    :param touched: something was changed at the provider.
    :param fault: why the mailbox could not be closed.
    """

    domain: str
    address: str
    sample: list[str] = dataclasses.field(default_factory=list)
    checks: list[Check] = dataclasses.field(default_factory=list)
    account: Account | None = dataclasses.field(default=None, repr=False)
    session: ImapSession | None = dataclasses.field(default=None, repr=False)
    slow: bool = False
    refused: bool = False
    touched: bool = False
    fault: MailopsError | None = None
    state: str = ""
    known_good: dict[str, str] | None = None

    @property
    def passed(self) -> bool | None:
        """None in a dry run, in which nothing was tried."""
        if any(check.passed is False for check in self.checks):
            return False
        if not self.touched:
            return None
        return NEEDED <= {check.check for check in self.checks if check.passed}

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.passed is False]


@dataclasses.dataclass
class Verdict:
    """What a verification did and found.

    :param reports: of the engine: opening, closing, discarding.
    :param journal: file of the run, empty in a dry run.
    """

    subjects: list[Subject]
    plan: Plan
    reports: list[Report]
    journal: str = ""


def refusal(domain: str, check: str, target: str, error: MailopsError) -> Check:
    """A check that did not pass because of one of our own errors."""
    said = Diagnosis(error.code, "setup", error.message, "", error.hint, "no", "", "none")
    return Check(domain, check, False, target, error.code, said)


def given_check(row: t.Mapping[str, t.Any]) -> Check:
    """A result of another module, as ``{domain, check, passed, code, evidence, next}``."""
    passed, code = row.get("passed"), clean(str(row.get("code") or ""))
    evidence = row.get("evidence")
    text = evidence if isinstance(evidence, str) else ""
    meaning = clean(text) or ("passed" if passed else "not shown" if passed is None else "did not pass")
    kind = "ok" if passed else "given"
    said = Diagnosis(code, kind, meaning, "", clean(str(row.get("next") or "")), "no", "", "none")
    return Check(row["domain"], row["check"], passed, "", code, said, {"given": evidence} if evidence else {})


def told(check: Check, wordy: bool = True) -> dict[str, t.Any]:
    """A check in plain types that the journal takes."""
    row = check.to_dict()
    evidence = row["evidence"]
    if not wordy and check.passed:
        evidence = {name: value for name, value in evidence.items() if name not in _WORDY}
    return {**row, "evidence": _plain(evidence)}


def _plain(value: t.Any) -> t.Any:
    try:
        canonical_json(value)
    except (TypeError, ValueError):
        return {"json": json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)}
    return value


def results_of(subject: Subject) -> dict[str, bool | None]:
    """By check, whether it passed; one that came more than once passed when each did. ``dns`` is always there."""
    found: dict[str, bool | None] = {"dns": None}
    for check in subject.checks:
        before = found.get(check.check)
        found[check.check] = False if False in (before, check.passed) else check.passed or before
    return found


def verification_result(subject: Subject, seed: str, size: int) -> dict[str, t.Any]:
    """What the journal and the audit file say of a domain."""
    results = results_of(subject)
    return {
        "passed": bool(subject.passed),
        "results": results,
        "dns": results["dns"],
        "checks": [told(check, wordy=False) for check in subject.checks],
        "probe_mailbox": subject.address,
        "seed": seed,
        "sample_size": size,
        "sample": subject.sample,
    }


def verification_event(context: Context, subject: Subject, seed: str, size: int) -> dict[str, t.Any]:
    thing = {"kind": "domain", "key": subject.domain, "domain": subject.domain}
    if context.client:
        thing["client"] = context.client
    event: dict[str, t.Any] = {
        "phase": "verification",
        "action": ACTION,
        "object": thing,
        "outcome": "success" if subject.passed else "failure",
        "verification_result": verification_result(subject, seed, size),
    }
    if subject.known_good:
        event["last_known_good"] = subject.known_good
    return event
