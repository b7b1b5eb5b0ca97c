# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a good answer proves nothing, what reading back does not show is a result of its own (design §4.10)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, done

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.shell.result import message_of


class Doubtful(FakeDriver):
    """Says yes to everything; ``keeps`` decides whether it also does it."""

    reads_back = True
    capabilities = FakeDriver.capabilities | {"mailbox.set_quota"}

    def __init__(self, keeps: bool = True) -> None:
        super().__init__(self._change, batch=1)
        self.keeps = keeps
        self.records["mailbox"]["ann@example.com"] = {
            "address": "ann@example.com",
            "id": 7,
            "state": "present",
            "suspended": "",
            "display_name": None,
            "note": None,
            "quota_mb": 100,
        }

    def _change(self, operations: Sequence[Operation], key: str) -> list[Result]:
        for operation in operations:
            if self.keeps:
                self.records["mailbox"][operation.key].update(operation.after or {})
        return done(operations, key)


def ann(**more: Any) -> dict[str, Any]:
    return {"address": "ann@example.com", **more}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_reading_back_shows_is_applied(desk: Desk) -> None:
    report = desk.run(Doubtful(), ann(quota_mb=200))
    assert [result.status for result in report.results] == ["applied"]
    assert not report.failures
    assert desk.phases() == ["intent", "outcome success"]


def test_what_it_does_not_show_is_unverified(desk: Desk) -> None:
    """The task fails, the event tells what was read, and a later run plans it again."""
    driver = Doubtful(keeps=False)
    report = desk.run(driver, ann(quota_mb=200))
    assert [result.status for result in report.results] == ["unverified"]
    assert [failure.error.code for failure in report.failures] == ["unverified"]
    assert "does not show it" in message_of(report) and "run again" in message_of(report)
    outcome = desk.events()[-1]
    assert (outcome["outcome"], outcome["before"], outcome["after"]) == (
        "unverified",
        {"quota_mb": 100},
        {"quota_mb": 100},
    )
    assert report.objects[0]["quota_mb"] == 100
    driver.keeps = True
    assert [result.status for result in desk.run(driver, ann(quota_mb=200)).results] == ["applied"]


def test_what_cannot_be_read_back_is_unverified_too(desk: Desk) -> None:
    driver = Doubtful()
    driver.trouble["observe"] = RuntimeError("gone")
    report = desk.run(driver, ann(quota_mb=200))
    assert [result.status for result in report.results] == ["unverified"]
    assert "could not be read back" in message_of(report)


def test_later_steps_wait_for_a_verified_one(desk: Desk) -> None:
    """A mailbox that may still be closed is not given anything."""
    driver = Doubtful(keeps=False)
    driver.records["mailbox"]["ann@example.com"].update(state="suspended", suspended="all")
    report = desk.run(driver, ann(quota_mb=200))
    assert [operation.verb for operation in report.plan.operations] == ["resume", "set_quota"]
    assert [operation.verb for operation in report.not_attempted] == ["set_quota"]


def test_a_provider_that_can_be_believed_is_not_asked_again(desk: Desk) -> None:
    """Requests are counted: nothing is read back where an answer is proof."""
    seen: list[str] = []

    class Plain(FakeDriver):
        def observe(self, kind: str, scope: Any) -> Any:
            seen.append(kind)
            return super().observe(kind, scope)

    desk.run(Plain(), {"address": "new@example.com", "owner_email": "n@home.example"})
    assert seen == ["domain", "mailbox"]
