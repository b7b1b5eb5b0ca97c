# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owner-first where the provider makes mailboxes at once: nobody's secret, a recovery link, and signs of an owner."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, exception, refused

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

ANN = "ann@example.com"
WANTED = {"address": ANN, "owner_email": "ann@home.example"}


def at(hours: float) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Recovers(FakeDriver):
    """Modoboa in small; ``secrets`` is every secret that it was given, by address."""

    invite_form = "recovery_link"
    invite_hours = 72
    capabilities = FakeDriver.capabilities | {"invite.cancel", "invite.resend", "invite.change_recipient"}

    def __init__(self) -> None:
        super().__init__(self._change, batch=1)
        self.secrets: dict[str, list[str]] = {}
        self.fails: set[str] = set()

    def _change(self, operations: Sequence[Operation], key: str) -> list[Result]:
        if operations[0].verb in self.fails or operations[0].kind in self.fails:
            return refused()(operations, key)
        results = []
        for operation in operations:
            boxes = self.records["mailbox"]
            if operation.secret:
                self.secrets.setdefault(operation.key, []).append(operation.secret)
            after = dict(operation.after) if operation.after else None
            if operation.kind == "invite" and after:
                after["expires_at"] = at(72)
            elif operation.verb == "create":
                fresh = {"address": ANN, "id": 1, "state": "present", "suspended": "", "last_login": None}
                boxes[operation.key] = {**fresh, "created_at": at(0), "quota_mb": None}
            elif operation.kind == "mailbox":
                boxes[operation.key].update(after or {})
            results.append(Result(operation, "applied", after))
        return results


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def verbs(report: Any) -> list[tuple[str, str]]:
    return [(operation.kind, operation.verb) for operation in report.plan.operations]


def test_a_mailbox_with_a_secret_that_nobody_keeps(desk: Desk) -> None:
    """R-DELIV-01, R-PWD-06: made, mailed, rank 1; the secret is in no event and not in the report."""
    driver = Recovers()
    report = desk.run(driver, WANTED)
    assert verbs(report) == [("mailbox", "create"), ("invite", "create")]
    assert {operation.delivery["method"] for operation in report.plan.operations} == {"recovery_link"}
    (secret,) = driver.secrets[ANN]
    assert len(secret) >= 32
    assert all(not operation.secret for operation in report.plan.operations)
    assert secret not in "".join(map(str, desk.events()))
    assert all(event["redacted"] == ["password"] for event in desk.events())


def test_it_waits_until_somebody_logs_in(desk: Desk) -> None:
    driver = Recovers()
    desk.run(driver, WANTED)
    again = desk.run(driver, WANTED)
    assert verbs(again) == [] and again.objects[0]["state"] == "pending"
    driver.records["mailbox"][ANN]["last_login"] = at(-1)  # before the link went out
    assert desk.run(driver, WANTED).objects[0]["state"] == "pending"
    driver.records["mailbox"][ANN]["last_login"] = at(1)
    assert desk.run(driver, WANTED).objects[0]["state"] == "present"


def test_a_persons_word_is_a_sign_too(desk: Desk) -> None:
    driver = Recovers()
    desk.run(driver, WANTED)
    assert verbs(desk.run(driver, {**WANTED, "owner_confirmed": True})) == [("mailbox", "record")]
    assert desk.run(driver, WANTED).objects[0]["state"] == "present"


def test_a_link_that_did_not_go_out_is_sent_by_the_next_run(desk: Desk) -> None:
    """Design §4.6: the mailbox is there, its owner does not know."""
    driver = Recovers()
    driver.fails = {"invite"}
    assert desk.run(driver, WANTED).failures
    driver.fails = set()
    assert verbs(desk.run(driver, WANTED)) == [("invite", "create")]
    assert len(driver.secrets[ANN]) == 2, "an old link would have gone on working"


def test_a_link_that_ran_out_is_sent_anew(desk: Desk) -> None:
    driver = Recovers()
    desk.run(driver, WANTED)
    late = desk.run(driver, WANTED, ahead=80)
    assert verbs(late) == [("invite", "create")]
    assert late.plan.operations[0].before["state"] == "expired"


def test_withdrawn_means_closed_and_can_be_begun_again(desk: Desk) -> None:
    """R-INV-03: no link works, nobody can log in, and nothing is deleted."""
    driver = Recovers()
    desk.run(driver, WANTED)
    gone = desk.run(driver, {"address": ANN, "state": "absent"}, kind="invite")
    assert verbs(gone) == [("invite", "cancel"), ("mailbox", "pause")]
    assert driver.records["mailbox"][ANN]["suspended"] == "all"
    assert verbs(desk.run(driver, {"address": ANN, "state": "absent"}, kind="invite")) == []
    assert verbs(desk.run(driver, WANTED)) == [("mailbox", "resume"), ("invite", "create")]


def test_what_somebody_else_made_since_is_theirs(desk: Desk) -> None:
    """A mailbox that is younger than the invite is another one."""
    driver = Recovers()
    desk.run(driver, WANTED)
    desk.run(driver, {"address": ANN, "state": "absent"}, kind="invite")
    driver.records["mailbox"][ANN].update(state="present", suspended="", created_at=at(2))
    assert desk.run(driver, WANTED).objects[0]["state"] == "present"


def test_hours_that_the_provider_decides(desk: Desk) -> None:
    report = desk.run(Recovers(), {**WANTED, "expires_in_hours": 24})
    assert report.plan.operations[1].after["expires_in_hours"] == 72
    assert any("alone decides" in warning for warning in report.plan.warnings)


def test_a_link_out_of_band_is_refused_by_name(desk: Desk) -> None:
    driver = Recovers()
    driver.capabilities = driver.capabilities - {"invite.link"}  # type: ignore[misc]
    recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    wanted = {**WANTED, "delivery": "sealed", "seal_to": recipient, "exception": exception()}
    report = desk.run(driver, wanted)
    assert [failure.error.code for failure in report.failures] == ["capability_missing"]
    assert "invite.link" in report.failures[0].error.message and driver.calls == []
