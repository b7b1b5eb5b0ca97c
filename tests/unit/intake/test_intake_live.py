# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that need the provider's state: R-VAL-01 to -03, R-VAL-07, R-VAL-08, R-CSV-09, R-BULK-05, R-PLANLIM."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.intake.validate import settled, validate_live
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import PlanLimits

ALEX, BILLING = "alex@example.com", "billing@example.com"
OWNER = "alex.personal@example.org"
ROW = "mailboxes.csv:2:local_part"


@pytest.fixture
def live(folder: t.Any, now: t.Any) -> t.Any:
    """Findings of the two seed rows against a state that is good but for what is given."""
    intake = folder.write().load()

    def run(known: PlanLimits | None = None, **state: t.Any) -> list[tuple[str, str]]:
        observed = {"domains": {"example.com": {"status": "active"}}, **state}
        found = validate_live(intake.request, intake.rows, observed, now, known_limits=known)
        assert all(one.severity == "error" and one.evidence and one.next for one in found)
        return [(one.code, one.object) for one in found]

    run.intake = intake  # type: ignore[attr-defined]
    return run


def test_nothing_in_the_way(live: t.Any) -> None:
    """R-VAL-11: a good state gives no finding."""
    assert live() == []


@pytest.mark.parametrize(
    ("domains", "code"),
    [
        ({}, "domain_missing"),
        ({"example.com": {"status": "pending_dns"}}, "domain_not_verified"),
        ({"example.com": {}}, "domain_not_verified"),
        ({"example.com": {"status": "suspended"}}, "domain_suspended"),
        ({"example.com": {"status": "active", "mail_hosting": "external"}}, "domain_send_only"),
        ({"example.com": {"status": "active", "client": "globex"}}, "client_boundary"),
    ],
)
def test_domains(live: t.Any, domains: dict[str, t.Any], code: str) -> None:
    """R-VAL-01, R-VAL-02, R-VAL-03, R-FORM-03, R-FORM-10: said once for a domain, at its place in the request."""
    assert live(domains=domains) == [(code, "request.yml:/domains/0")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"mailboxes": {ALEX: {"state": "present"}}}, "already_exists"),
        ({"mailboxes": {ALEX: {"state": "suspended"}}}, "already_exists"),
        ({"mailboxes": {ALEX: {"state": "trashed"}}}, "already_exists"),
        ({"mailboxes": {ALEX: {"state": "pending"}}}, "already_exists"),
        ({"mailboxes": {ALEX: {"state": "present", "request_id": "REQ-2026-001"}}}, "already_exists"),
        (
            {"mailboxes": {ALEX: {"state": "present", "request_id": "REQ-2025-009", "owner_email": OWNER}}},
            "already_exists",
        ),
        (
            {"mailboxes": {ALEX: {"state": "present", "request_id": "REQ-2026-001", "owner_email": "x@example.org"}}},
            "already_exists",
        ),
        ({"invites": {ALEX: {"state": "pending", "recipient": OWNER, "request_id": "REQ-2025-009"}}}, "already_exists"),
        (
            {"invites": {ALEX: {"state": "pending", "recipient": "x@example.org", "request_id": "REQ-2026-001"}}},
            "already_exists",
        ),
        ({"aliases": {ALEX: "sales@example.com"}}, "alias_collision"),
        ({"forwards": {ALEX: {"targets": ["x@example.org"]}}}, "forward_collision"),
    ],
)
def test_collisions(live: t.Any, state: dict[str, t.Any], code: str) -> None:
    """R-VAL-07, R-VAL-08: mailbox, invite, alias and forward of another hand, at row and column."""
    assert live(**state) == [(code, ROW)]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ({"invites": {ALEX: {"state": "pending", "recipient": OWNER, "request_id": "REQ-2026-001"}}}, "pending"),
        (
            {
                "mailboxes": {ALEX: {"state": "pending"}},
                "invites": {ALEX: {"state": "pending", "recipient": OWNER, "request_id": "REQ-2026-001"}},
            },
            "pending",
        ),
        (
            {
                "mailboxes": {ALEX: {"state": "present"}},
                "invites": {ALEX: {"state": "redeemed", "recipient": OWNER.upper(), "request_id": "REQ-2026-001"}},
            },
            "present",
        ),
        (
            {"mailboxes": {ALEX: {"state": "present", "request_id": "REQ-2026-001", "owner_email": OWNER}}},
            "present",
        ),
    ],
)
def test_what_this_request_made_is_done(live: t.Any, now: t.Any, state: dict[str, t.Any], verdict: str) -> None:
    """R-BULK-05: a re-run finishes the rest; its own work is no collision, nor is it counted again."""
    assert live(**state) == []
    request, rows = live.intake.request, live.intake.rows
    assert settled(request, rows, state, now) == {ALEX: verdict}
    account = {"plan": "pro", "limits": {"mailboxes_per_domain": 2}, "usage": {}}
    assert live(account=account, **state) == []


@pytest.mark.parametrize(
    "invite",
    [
        {"state": "cancelled", "recipient": OWNER, "request_id": "REQ-2026-001"},
        {"state": "expired", "recipient": "x@example.org", "request_id": "REQ-2025-001"},
        {"state": "pending", "recipient": "x@example.org", "request_id": "X-1", "expires_at": "2026-02-01T00:00:00Z"},
    ],
)
def test_ended_invites_are_not_in_the_way(live: t.Any, now: t.Any, invite: dict[str, str]) -> None:
    """R-INV-12: after expiry or cancellation the address is free again."""
    assert live(invites={ALEX: invite}) == []
    assert settled(live.intake.request, live.intake.rows, {"invites": {ALEX: invite}}, now) == {}


def test_owner_on_the_domain_itself(folder: t.Any, now: t.Any) -> None:
    """R-CSV-09: such an owner must have a working address there today."""
    folder.rows = [folder.row(owner_email="lee@example.com")]
    intake = folder.write().load()
    assert intake.findings == []

    def codes(**state: t.Any) -> list[tuple[str, str]]:
        observed = {"domains": {"example.com": {"status": "active"}}, **state}
        return [(one.code, one.object) for one in validate_live(intake.request, intake.rows, observed, now)]

    missing = [("owner_unreachable", "mailboxes.csv:2:owner_email")]
    assert codes() == missing
    assert codes(mailboxes={"lee@example.com": {"state": "suspended"}}) == missing
    assert codes(mailboxes={"lee@example.com": {"state": "present"}}) == []
    assert codes(aliases={"lee@example.com": "l@example.com"}) == []


def test_limits_before_the_first_write(live: t.Any) -> None:
    """R-PLANLIM-01 to -06: mailboxes and pending invites of all hands count; the pool is the account's."""
    taken = {"u%d@example.com" % n: {"state": "present"} for n in range(298)}
    account: dict[str, t.Any] = {"plan": "pro", "limits": {}, "usage": {"storage_mb": 0}}
    assert live(mailboxes=taken, account=account) == []
    invites = {"p@example.com": {"state": "pending", "recipient": "p@example.org", "request_id": "X-1"}}
    assert live(mailboxes=taken, invites=invites, account=account) == [("plan_limit", "request.yml:/domains/0")]
    agency: dict[str, t.Any] = {"plan": "agency", "limits": {}, "usage": {}}
    assert live(account=agency) == [("plan_limit_unknown", "request.yml:/domains/0")]
    assert live(account=agency, known=PlanLimits("agency", 1000, 1000, 204800)) == []


def test_storage_pool(folder: t.Any, now: t.Any) -> None:
    """R-PLANLIM-05, R-FORM-19: quotas of the rows against what is left of the pool."""
    folder.header += ",quota_mb"
    folder.rows = [folder.row() + ",600", folder.row(local_part="lee", display_name="Lee Roy") + ",600"]
    intake = folder.write().load()
    account = {"plan": "x", "limits": {"mailboxes_per_domain": 9, "storage_mb": 2000}, "usage": {"allocated_mb": 801}}
    observed: dict[str, t.Any] = {"domains": {"example.com": {"status": "active"}}, "account": account}
    (found,) = validate_live(intake.request, intake.rows, observed, now)
    assert found.code == "storage_pool" and "1200" in found.evidence
    account["usage"] = {"allocated_mb": 800}
    assert validate_live(intake.request, intake.rows, observed, now) == []


def test_batch_findings_name_the_field(folder: t.Any, now: t.Any) -> None:
    """R-FORM-18: a generated row has no line; its pattern is what one can change."""
    folder.rows, folder.count = None, 2
    folder.request += (
        "batch: {count: 2, start: 1, name_pattern: 'k{n}', display_name_pattern: 'Front Desk {n}', domain: example.com,"
        " owner_email: o@example.org, department: D, manager_email: m@example.org, role_account: true}\n"
    )
    intake = folder.write().load()
    assert intake.findings == []
    observed = {"domains": {"example.com": {"status": "active"}}, "aliases": {"k2@example.com": "x@example.com"}}
    (found,) = validate_live(intake.request, intake.rows, observed, now)
    assert found.object == "request.yml:/batch/name_pattern" and "k2@example.com" in found.evidence
