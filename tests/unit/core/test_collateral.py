# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a provider switches off on the side is recorded, and given back when its cause is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, done, refused

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import switched_off
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

ANN, INFO = "ann@example.com", "info@example.com"
ON: dict[str, Any] = {"mailbox": ANN, "can_receive": True, "can_send": True, "enabled": True}


class OneSwitch(FakeDriver):
    """Suspending a mailbox switches its aliases off; resuming it does not switch them on."""

    capabilities = (FakeDriver.capabilities - {"mailbox.suspend"}) | {"mailbox.pause"}

    def __init__(self) -> None:
        super().__init__(self._change, batch=1)
        self.records["mailbox"][ANN] = {"address": ANN, "id": 1, "state": "present", "suspended": ""}
        self.records["alias"] = {INFO: {"address": INFO, "id": 2, **ON}}
        self.fails: set[str] = set()

    def foresee(self, operations: Sequence[Operation]) -> list[str]:
        for operation in operations:
            if operation.verb == "pause" and self.records["alias"][INFO]["enabled"]:
                entry = {"kind": "alias", "key": INFO, "before": ON, "after": {**ON, "enabled": False}, "request": {}}
                operation.collateral.append(entry)
        return ["something else goes off"] if any(one.collateral for one in operations) else []

    def _change(self, operations: Sequence[Operation], key: str) -> list[Result]:
        if operations[0].key in self.fails:
            return refused()(operations, key)
        for operation in operations:
            self.records[operation.kind][operation.key].update(operation.after or {})
            if operation.verb == "pause":
                self.records["alias"][INFO]["enabled"] = False
        return done(operations, key)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def keys(report: Any) -> list[tuple[str, str]]:
    return [(operation.verb, operation.key) for operation in report.plan.operations]


def pending(desk: Desk) -> dict[str, Any]:
    return switched_off(FileStore(str(desk.folder / "journal")), "fake@test")


def test_the_plan_tells_and_the_journal_keeps_it(desk: Desk) -> None:
    driver = OneSwitch()
    report = desk.run(driver, {"address": ANN, "state": "suspended"})
    assert report.plan.operations[0].summary()["collateral"][0]["key"] == INFO
    assert "something else goes off" in report.plan.warnings
    assert [event["collateral"][0]["key"] for event in desk.events()] == [INFO, INFO]
    assert list(pending(desk)) == [ANN]


def test_resuming_gives_it_back_once(desk: Desk) -> None:
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    report = desk.run(driver, {"address": ANN, "state": "present"})
    assert keys(report) == [("resume", ANN), ("update", INFO)]
    assert driver.records["alias"][INFO]["enabled"] is True
    assert pending(desk) == {}
    # Whoever switches it off by hand now is not overruled.
    driver.records["alias"][INFO]["enabled"] = False
    assert keys(desk.run(driver, {"address": ANN, "state": "present"})) == []


def test_what_failed_is_given_back_by_the_next_run(desk: Desk) -> None:
    """Design §4.6: the mailbox is open already, and its alias is still owed."""
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    driver.fails = {INFO}
    assert desk.run(driver, {"address": ANN, "state": "present"}).failures
    driver.fails = set()
    assert keys(desk.run(driver, {"address": ANN, "state": "present"})) == [("update", INFO)]
    assert keys(desk.run(driver, {"address": ANN, "state": "present"})) == []


def test_what_an_interrupted_run_switched_off_is_owed_too(desk: Desk) -> None:
    """The suspension was made, its outcome never written: the run that finds it out keeps what went off with it."""
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    journal = desk.folder / "journal" / "run-1.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:1]))
    desk.run(driver, {"address": ANN, "state": "suspended"})
    assert desk.phases()[-1] == "outcome success" and list(pending(desk)) == [ANN]
    assert keys(desk.run(driver, {"address": ANN, "state": "present"})) == [("resume", ANN), ("update", INFO)]


def test_nothing_is_given_back_to_a_mailbox_that_stays_closed(desk: Desk) -> None:
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    driver.fails = {ANN}
    report = desk.run(driver, {"address": ANN, "state": "present"})
    assert [operation.key for operation in report.not_attempted] == [INFO]
    assert driver.records["alias"][INFO]["enabled"] is False and list(pending(desk)) == [ANN]


def test_what_somebody_has_changed_since_is_left_alone(desk: Desk) -> None:
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    driver.records["alias"][INFO].update(mailbox="bob@example.com")
    assert keys(desk.run(driver, {"address": ANN, "state": "present"})) == [("resume", ANN)]


def test_a_suspension_that_failed_owes_nothing(desk: Desk) -> None:
    driver = OneSwitch()
    driver.fails = {ANN}
    assert desk.run(driver, {"address": ANN, "state": "suspended"}).failures
    assert pending(desk) == {}


def test_a_dry_run_knows_it_for_its_later_tasks(desk: Desk) -> None:
    """Design §4.4: what follows in the same run sees the alias as it will be."""
    driver = OneSwitch()
    desk.run(driver, {"address": ANN, "state": "suspended"}, check_mode=True)
    desk.runs -= 1  # the next task of the same run
    report = desk.run(driver, {"address": INFO, "mailbox": ANN}, kind="alias", check_mode=True)
    assert keys(report) == [("update", INFO)]
    assert driver.calls == []


def test_login_alone_cannot_be_closed_so_all_is_and_the_plan_says_so(desk: Desk) -> None:
    report = desk.run(OneSwitch(), {"address": ANN, "state": "suspended"})
    assert report.plan.operations[0].after["suspended"] == "all"
    assert any("cannot close the login alone" in warning for warning in report.plan.warnings)
    assert any("sessions that are open stay open" in warning for warning in report.plan.warnings)
