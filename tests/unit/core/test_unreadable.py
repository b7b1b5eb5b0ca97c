# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No listing shows a password, so reading back says nothing of one: it is never told as set without a good answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import RECIPIENT, Desk, FakeDriver, done, exception, lost

from ansible_collections.mailops.email.plugins.module_utils.engine.apply import Applier
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

ANN = {"address": "ann@example.com", "state": "suspended", "suspended": "login", "id": 1}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def driver(*steps: Any) -> FakeDriver:
    made = FakeDriver(*steps, batch=1)
    made.records["mailbox"] = {"ann@example.com": dict(ANN)}
    return made


def hand_over(desk: Desk, driver: FakeDriver) -> Any:
    item = {
        "address": "ann@example.com",
        "owner_email": "cleo@home.example",
        "reason": "offboarding",
        "seal_to": RECIPIENT,
        "exception": {**exception(), "accept_unforced_rotation": True},
    }
    return desk.run(driver, item, kind="mailbox_owner")


def test_a_lost_answer_stays_in_doubt(desk: Desk) -> None:
    """Found by the kill harness: told as done, the mailbox was opened again with the secret of whoever had left."""
    report = hand_over(desk, driver(lost))
    assert [one.status for one in report.results] == ["in_doubt"]
    assert [one.verb for one in report.not_attempted] == ["resume", "record"]
    assert desk.phases() == ["intent", "outcome in_doubt"]


def test_after_it_another_one_is_set(desk: Desk) -> None:
    """What became of the first nobody knows, and the journal does not say more than that."""
    hand_over(desk, driver(lost))
    again = driver(done)
    report = hand_over(desk, again)
    assert not report.failures and [one.operation.verb for one in report.results] == [
        "set_password",
        "resume",
        "record",
    ]
    recovered = next(event for event in desk.events() if event.get("recovered"))
    assert (recovered["verb"], recovered["outcome"]) == ("set_password", "unverified")
    assert not desk.memory("mailbox").open_intents


def test_so_it_is_when_the_run_was_killed(desk: Desk) -> None:
    class Killed(BaseException):
        pass

    def dies(operations: Sequence[Operation], key: str) -> list[Result]:
        raise Killed

    with pytest.raises(Killed):
        hand_over(desk, driver(dies))
    assert not hand_over(desk, driver(done)).failures
    assert desk.phases()[:2] == ["intent", "outcome unverified"]


def test_a_good_answer_is_enough(desk: Desk) -> None:
    """Where writes are read back, this one cannot be: it is no less done for that."""
    made = driver(done)
    made.reads_back = True  # type: ignore[misc]
    made.steps = [done]
    report = hand_over(desk, made)
    assert [one.status for one in report.results][0] == "applied"


def test_what_was_to_be_recorded_is_not_told_as_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by the kill harness: told as done by a run that planned it again, and was killed when it had sealed another
    password; the next one found nothing to do, and the sealed password was not the one that was set."""

    class Killed(BaseException):
        pass

    true = Applier._send

    def dies(self: Applier, group: list[Operation], key: str) -> list[Result]:
        if group[0].verb == "record":
            raise Killed
        return true(self, group, key)

    with monkeypatch.context() as patch:
        patch.setattr(Applier, "_send", dies)
        with pytest.raises(Killed):
            hand_over(desk, driver(done))

    def never(operations: Sequence[Operation], key: str) -> list[Result]:
        raise Killed

    with pytest.raises(Killed):
        hand_over(desk, driver(never))
    last = driver(done)
    assert not hand_over(desk, last).failures
    assert [one for _key, keys in last.calls for one in keys], "a password is set that is the sealed one"
