# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Display names (R-FORM-14, R-CONF-08), exceptions (R-GOAL-03, R-PWD-05), limits (R-PLANLIM, R-BULK-03)."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.display_names import check_display_name
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import format_instant, parse_instant
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import (
    PLAN_LIMITS,
    PlanLimits,
    check_batch_size,
    check_limits,
    effective_limits,
)

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ("text", "role", "normal"),
    [
        ("Josh Smith", False, "Josh Smith"),
        ("  Josh   Smith ", False, "Josh Smith"),
        ("Ine\u0302s Duarte", False, "In\u00eas Duarte"),
        ("Suharto", False, "Suharto"),
        ("Smith, Josh", False, "Smith, Josh"),
        ("Henry Ford 3rd", False, "Henry Ford 3rd"),
        ("Billing Team", True, "Billing Team"),
        ("Front Desk Kiosk 01", True, "Front Desk Kiosk 01"),
        ("Rechnungsabteilung", True, "Rechnungsabteilung"),
        ("\u8acb\u6c42\u66f8", True, "\u8acb\u6c42\u66f8"),
        ("x" * 255, False, "x" * 255),
    ],
)
def test_good_display_names(text: str, role: bool, normal: str) -> None:
    """R-FORM-14, R-CONF-08: a person, or a description."""
    assert check_display_name(text, role) == normal


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("", False),
        ("  ", True),
        ("Admin", False),
        ("Admin", True),
        ("User", False),
        ("User", True),
        ("Test", False),
        ("Test", True),
        ("user 1", False),
        ("User01", True),
        ("Test User", True),
        ("Billing", True),
        ("Billing Team", False),
        ("Kiosk 01", False),
        ("Desk7 Kiosk", False),
        ("Reader 7", False),
        ("12345", True),
        ("alex@example.com", False),
        ("Alex\u202eRivera", False),
        ("Alex\u200bRivera", False),
        ("Alex\x00", False),
        ("Alex\nRivera", False),
        ("y" * 256, False),
    ],
)
def test_bad_display_names(text: str, role: bool) -> None:
    """R-FORM-14: bare words for neither; a function is not a person."""
    with pytest.raises(Refused) as caught:
        check_display_name(text, role)
    assert caught.value.code == "display_name_invalid"
    assert caught.value.hint


GOOD = {"reason": "Board meeting tonight", "approver": "dana@example.org", "expires_at": "2026-03-02T00:00:00Z"}


def test_exception_normal_form() -> None:
    """R-GOAL-03: reason, approver and end, nothing else unless it is known."""
    assert check_exception({**GOOD, "other": 1}, NOW) == GOOD
    assert check_exception({**GOOD, "accept_unforced_rotation": True}, NOW)["accept_unforced_rotation"] is True
    assert check_exception(GOOD, NOW, "sam@example.org") == GOOD


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": ""}, "exception_incomplete"),
        ({"reason": "n/a"}, "exception_incomplete"),
        ({"approver": None}, "exception_incomplete"),
        ({"expires_at": ""}, "exception_incomplete"),
        ({"expires_at": "2026-03-02"}, "time_invalid"),
        ({"expires_at": "2026-03-02T00:00:00+01:00"}, "time_invalid"),
        ({"expires_at": "2026-02-30T00:00:00Z"}, "time_invalid"),
        ({"expires_at": "2026-03-01T12:00:00Z"}, "exception_expired"),
        ({"approver": "Sam+x@example.org"}, "approver_is_requester"),
    ],
)
def test_bad_exceptions(change: dict[str, t.Any], code: str) -> None:
    """R-CREATE-07, R-PWD-05: no end, no approver or the wrong one: no exception."""
    with pytest.raises(Refused) as caught:
        check_exception({**GOOD, **change}, NOW, "sam@example.org")
    assert caught.value.code == code


def test_instants() -> None:
    """Design rule 15: UTC with Z, there and back."""
    assert format_instant(parse_instant("2030-01-31T12:00:00.5Z")) == "2030-01-31T12:00:00Z"


def account(plan: str, **limits: t.Any) -> dict[str, t.Any]:
    usage = {"domains": limits.pop("used_domains", 0), "storage_mb": limits.pop("used_mb", 0), "allocated_mb": 0}
    usage["allocated_mb"] = limits.pop("allocated_mb", 0)
    return {"plan": plan, "limits": limits, "usage": usage}


@pytest.mark.parametrize(
    ("plan", "domains", "mailboxes"), [("free", 10, 10), ("nano", 10, 10), ("starter", 50, 100), ("pro", 100, 300)]
)
def test_plans(plan: str, domains: int, mailboxes: int) -> None:
    """R-PLANLIM-01 to -03, R-CONF-02: the last one fits, one more does not; limit and usage are named."""
    assert check_limits({"a.example": 1}, account(plan), {"a.example": mailboxes - 1}) == []
    (found,) = check_limits({"a.example": 1}, account(plan), {"a.example": mailboxes})
    assert found.code == "plan_limit" and str(mailboxes) in found.evidence
    assert check_limits({}, account(plan, used_domains=domains - 1), new_domains=["n.example"]) == []
    (found,) = check_limits({}, account(plan, used_domains=domains), new_domains=["n.example"])
    assert found.code == "plan_limit" and str(domains) in found.evidence


def test_custom_plan_needs_numbers() -> None:
    """R-PLANLIM-04: unknown is not unlimited."""
    (found,) = check_limits({"a.example": 5, "b.example": 1}, account("agency"))
    assert found.code == "plan_limit_unknown"
    known = PlanLimits("agency", 1000, 1000, 200 * 1024)
    assert check_limits({"a.example": 5}, account("agency"), known=known) == []
    assert check_limits({"a.example": 5}, account("agency", mailboxes_per_domain=1000, storage_mb=10)) == []
    (found,) = check_limits({}, account("agency"), new_domains=["n.example"])
    assert found.code == "plan_limit_unknown"


def test_provider_numbers_win() -> None:
    """R-PLANLIM-08: limits are read live where the API gives them."""
    limits = effective_limits(account("pro", mailboxes_per_domain=7), PLAN_LIMITS["starter"])
    assert (limits.mailboxes_per_domain, limits.domains) == (7, 50)


@pytest.mark.parametrize(
    ("quotas", "used", "allocated", "fits"),
    [
        ([30 * 1024], 0, 0, True),  # R-PLANLIM-05: one 30 GB mailbox in a 50 GB pool
        ([30 * 1024, 20 * 1024], 0, 0, True),
        ([30 * 1024, 20 * 1024 + 1], 0, 0, False),
        ([1024], 0, 50 * 1024, False),
        ([1024], 50 * 1024, 0, False),
        ([None, None], 49 * 1024, 0, True),
        ([None], 50 * 1024, 0, False),
    ],
)
def test_storage_pool(quotas: list[int | None], used: int, allocated: int, fits: bool) -> None:
    """R-PLANLIM-05: the pool of the account, not the mailbox, is what runs out."""
    rows = [{"quota_mb": quota} for quota in quotas]
    found = check_limits({"a.example": rows}, account("pro", used_mb=used, allocated_mb=allocated))
    assert [one.code for one in found] == ([] if fits else ["storage_pool"])


@pytest.mark.parametrize(
    ("count", "most", "approved", "codes"),
    [
        (50, 100, 50, []),
        (50, 100, None, []),
        (101, 100, 101, ["max_batch"]),
        (500, None, 50, ["blast_radius"]),
        (20, None, 19, ["approval_rows_mismatch"]),
        (40, None, 50, ["approval_rows_mismatch"]),
    ],
)
def test_batch_size(count: int, most: int | None, approved: int | None, codes: list[str]) -> None:
    """R-BULK-03, R-PLANLIM-06: the exact number is what was approved."""
    assert [one.code for one in check_batch_size(count, most, 25, approved, "x")] == codes
