# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another owner: the old secret is dead before the mailbox is open again, and the new one reaches nobody else (R-OWN-04, R-OWN-12)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from fakes import KEY, RECIPIENT, Desk, FakeDriver, done, exception, invite, refused

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Report

ANN, OWNER = "ann@example.com", "ben@home.example"
SEALED: dict[str, Any] = {"seal_to": RECIPIENT, "exception": {**exception(), "accept_unforced_rotation": True}}
HANDED: dict[str, Any] = {"address": ANN, "owner_email": OWNER, "reason": "offboarding"}


class Mailing(FakeDriver):
    """Makes mailboxes at once, and mails its own recovery links."""

    capabilities = (FakeDriver.capabilities - {"mailbox.suspend"}) | {"mailbox.pause", "invite.cancel"}
    invite_form = "recovery_link"
    invite_hours = 72


def box(driver: FakeDriver, suspended: str = "") -> FakeDriver:
    empty = {"display_name": None, "note": None, "quota_mb": None, "used_mb": None, "type": "regular"}
    state = "suspended" if suspended else "present"
    driver.records["mailbox"] = {ANN: {"address": ANN, "id": 7, "state": state, "suspended": suspended, **empty}}
    return driver


def hand(desk: Desk, driver: FakeDriver, request_id: str = "OFF-1", **more: Any) -> Report:
    """As a task does it, which tells each item the request."""
    item = {**HANDED, "request_id": request_id, **more}
    return desk.run(driver, item, kind="mailbox_owner", request_id=request_id)


def steps(report: Report) -> list[tuple[str, str]]:
    ordered = sorted(report.plan.operations, key=lambda one: one.stage)
    return [(one.action, one.verb) for one in ordered]


def test_a_sealed_password_comes_before_the_door_is_opened(tmp_path: Path) -> None:
    desk, driver = Desk(tmp_path), box(FakeDriver(), "login")
    report = hand(desk, driver, until="2099-01-31", **SEALED)
    assert report.failures == []
    assert steps(report) == [
        ("mailbox.reset", "set_password"),
        ("mailbox.resumed", "resume"),
        ("owner.changed", "record"),
    ]
    (sealed,) = (tmp_path / "sealed").rglob("ann@example.com*")
    assert json.loads(pyrage.decrypt(sealed.read_bytes(), [KEY]))["secret"]
    (changed,) = [one for one in desk.events() if one["action"] == "owner.changed" and one["phase"] == "outcome"]
    assert (changed["after"]["owner"], changed["after"]["until"]) == (OWNER, "2099-01-31T00:00:00Z")
    assert report.objects == [{"address": ANN, "state": "present", "owner": OWNER, "until": "2099-01-31T00:00:00Z"}]
    assert hand(desk, driver, until="2099-01-31", **SEALED).plan.operations == []


def test_where_links_are_mailed_the_old_secret_dies_first(tmp_path: Path) -> None:
    """R-OFF-06: between opening the account and the owner's first sign-in nobody knows its secret; recovery goes to the new one."""
    desk, driver = Desk(tmp_path), box(Mailing(), "all")
    report = hand(desk, driver)
    assert report.failures == []
    assert steps(report) == [
        ("mailbox.reset", "set_password"),
        ("mailbox.resumed", "resume"),
        ("invite.sent", "create"),
        ("recovery.rotated", "record"),
        ("owner.changed", "record"),
    ]
    assert desk.memory().last[ANN]["after"]["recipient"] == OWNER


def test_one_that_is_open_gets_its_link_at_once(tmp_path: Path) -> None:
    report = hand(Desk(tmp_path), box(Mailing()))
    assert steps(report)[0] == ("invite.sent", "create")


def test_a_role_account_is_rotated_for_the_same_owner(tmp_path: Path) -> None:
    """R-ROLE-01: its owner may stay, its secret does not; once for each request."""
    desk, driver = Desk(tmp_path), FakeDriver()
    desk.run(driver, invite(address=ANN, owner_email=OWNER), kind="invite")
    box(driver)
    report = hand(desk, driver, role_account=True, **SEALED)
    assert steps(report) == [("mailbox.reset", "set_password"), ("role_account.rotated", "record")]
    assert hand(desk, driver, role_account=True, **SEALED).plan.operations == []
    again = hand(desk, driver, "OFF-2", role_account=True, **SEALED)
    assert steps(again) == [("mailbox.reset", "set_password"), ("role_account.rotated", "record")]


def test_a_half_done_one_stays_closed_and_is_done_again(tmp_path: Path) -> None:
    """The secret was set and the answer to opening was a refusal: nothing says that it was handed over."""
    desk = Desk(tmp_path)
    driver = box(FakeDriver(done, refused("provider_error", status=500)), "login")
    assert [one.status for one in hand(desk, driver, **SEALED).results] == ["applied", "failed"]
    driver.steps = [done]
    assert len(hand(desk, driver, **SEALED).results) == 3


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("address", {"address": ""}),
        ("owner_missing", {"owner_email": None}),
        ("owner_unreachable", {"owner_email": ANN}),
        ("reason_missing", {"reason": None}),
        ("expires_at", {"until": "2020-01-31"}),
        ("mailbox_missing", {"address": "nobody@example.com"}),
        ("exception_needed", {"exception": None}),
        ("seal_to_missing", {"seal_to": None}),
        ("rotation_not_guaranteed", {"exception": exception()}),
    ],
)
def test_what_cannot_be_handed_over_is_refused(tmp_path: Path, code: str, more: dict[str, Any]) -> None:
    desk, driver = Desk(tmp_path), box(FakeDriver())
    report = hand(desk, driver, **{**SEALED, **more})
    assert [failure.error.code for failure in report.failures] == [code] and driver.calls == [] and desk.events() == []
