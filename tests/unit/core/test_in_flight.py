# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request of a run that was killed may still be under way: what is not there yet is not known never to come (design §4.10)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, done, invite, with_password

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress


class Killed(BaseException):
    pass


def dies(operations: Sequence[Operation], key: str) -> list[Result]:
    raise Killed


class Telling(Progress):
    def __init__(self) -> None:
        self.waits: list[float] = []

    def waiting(self, why: str, seconds: float) -> None:
        assert "under way" in why
        self.waits.append(seconds)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def killed(desk: Desk, *items: dict[str, Any]) -> None:
    with pytest.raises(Killed):
        desk.run(FakeDriver(dies), *items)


def late(seconds: float) -> FakeDriver:
    """The request of the killed run is carried out so much later."""
    ends = time.monotonic() + seconds

    class Late(FakeDriver):
        def observe(self, kind: str, scope: Any) -> Any:
            if kind == "mailbox" and time.monotonic() >= ends:
                address = "p0@example.com"
                self.records["mailbox"][address] = {"address": address, "state": "present", "suspended": ""}
            return super().observe(kind, scope)

    return Late(done)


def test_what_lands_late_is_waited_for(desk: Desk) -> None:
    """Found by the kill harness: it was settled as not done, a new password was sealed over the old, and the old one set."""
    killed(desk, with_password())
    sealed = (desk.folder / "sealed" / "REQ-1" / "p0@example.com.age").read_bytes()
    driver, progress = late(0.3), Telling()
    driver.lands_within = 0.6
    report = desk.run(driver, with_password(), progress=progress)
    assert not report.failures and not driver.calls and len(progress.waits) == 1 and progress.waits[0] <= 0.6
    assert desk.phases() == ["intent", "outcome success"]
    assert (desk.folder / "sealed" / "REQ-1" / "p0@example.com.age").read_bytes() == sealed


@pytest.mark.parametrize("more", [{"check_mode": True}, {"ahead": 1}])
def test_nobody_waits_without_need(desk: Desk, more: dict[str, Any]) -> None:
    """A dry run does nothing that a request could cross, and an old request is not under way any more."""
    killed(desk, with_password())
    driver, progress = FakeDriver(done), Telling()
    driver.lands_within = 60
    desk.run(driver, with_password(), progress=progress, **more)
    assert not progress.waits


def test_other_objects_and_keys_do_not_wait(desk: Desk) -> None:
    """What is in doubt of others is theirs to settle; what is asked again with its own key cannot come twice."""
    killed(desk, with_password())
    killed(desk, invite(7))
    driver, progress = FakeDriver(done), Telling()
    driver.lands_within = 60
    desk.run(driver, with_password(3), invite(7), progress=progress)
    assert not progress.waits
