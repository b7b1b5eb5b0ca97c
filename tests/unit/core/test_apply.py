# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying a plan out when things go wrong in the middle (design 4.5, 4.6; R-LOG-18, R-BULK)."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, done, invite, lost, refused, sealed, with_password

from ansible_collections.mailops.email.plugins.module_utils.delivery import seal as seal_module
from ansible_collections.mailops.email.plugins.module_utils.engine import apply as apply_module
from ansible_collections.mailops.email.plugins.module_utils.journal import writer as writer_module
from ansible_collections.mailops.email.plugins.module_utils.model import (
    JournalError,
    MailopsError,
    Operation,
    ProviderError,
    Refused,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress
from ansible_collections.mailops.email.plugins.module_utils.shell.result import message_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def statuses(report: Any) -> list[str]:
    return [result.status for result in report.results]


def test_intent_request_outcome(desk: Desk) -> None:
    """design 4.5: the intent is on disk when the driver is called, the outcome when the run ends."""
    seen: list[list[str]] = []

    def looks(operations: Sequence[Operation], key: str) -> list[Result]:
        seen.append(desk.phases())
        assert [event["idempotency_key"] for event in desk.events()] == [key] * 2
        return done(operations, key)

    report = desk.run(FakeDriver(looks), invite(0), invite(1))
    assert seen == [["intent", "intent"]]
    assert desk.phases() == ["intent", "intent", "outcome success", "outcome success"]
    assert statuses(report) == ["applied"] * 2 and report.fatal is None
    assert desk.run(FakeDriver(), invite(0), invite(1)).plan.operations == []
    desk.check_chain()


def test_a_batch_may_fail_in_part(desk: Desk) -> None:
    def half(operations: Sequence[Operation], key: str) -> list[Result]:
        return done(operations[:1], key) + refused()(operations[1:], key)

    report = desk.run(FakeDriver(half), invite(0), invite(1), invite(2))
    assert statuses(report) == ["applied", "failed", "failed"]
    assert [failure.key for failure in report.failures] == ["u1@example.com", "u2@example.com"]
    again = FakeDriver()
    report = desk.run(again, invite(0), invite(1), invite(2))
    assert [call[1] for call in again.calls] == [["u1@example.com", "u2@example.com"]]
    assert not desk.memory().open_intents


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_stops_a_run_leaves_the_rest_untried(desk: Desk, concurrency: int) -> None:
    """A revoked token fails once, not a hundred times; what was not sent is told, not called failed."""
    driver = FakeDriver(done, refused("unauthenticated", status=401, stop=True), batch=1, concurrency=concurrency)
    report = desk.run(driver, *[invite(number) for number in range(40)])
    tried, left = len(report.results), len(report.not_attempted)
    assert tried + left == 40 and left >= 40 - 2 * concurrency - 1
    assert len(driver.calls) == tried == len([phase for phase in desk.phases() if phase == "intent"])
    assert "%d not attempted" % left in message_of(report)
    assert not desk.memory().open_intents


def test_an_outage_is_not_hammered(desk: Desk) -> None:
    driver = FakeDriver(lost, batch=1)
    report = desk.run(driver, *[invite(number) for number in range(20)])
    assert len(driver.calls) == apply_module.OUTAGE and len(report.not_attempted) == 20 - apply_module.OUTAGE
    answers = FakeDriver(lost, lost, done, lost, lost, done, batch=1)
    assert len(Desk(desk.folder / "b").run(answers, *[invite(number) for number in range(6)]).results) == 6


def test_objects_unknown_here_are_no_outage(desk: Desk) -> None:
    driver = FakeDriver(refused("not_found", status=0), batch=1)
    assert len(desk.run(driver, *[invite(number) for number in range(6)]).results) == 6


class Broken(JournalError):
    pass


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("fails_at", [0, 1, 2, 3, 7])
def test_a_journal_that_breaks_stops_everything(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, concurrency: int, fails_at: int
) -> None:
    """Nothing is sent whose intent is not on disk; nobody hangs; what was done is told."""
    count = iter(range(10**6))
    lock = threading.Lock()
    true_fsync = writer_module.os.fsync

    def fsync(handle: int) -> None:
        with lock:
            if next(count) > fails_at + 3:  # the first four are the folders' and the index's
                raise OSError(28, "No space left on device")
        true_fsync(handle)

    driver = FakeDriver(batch=1, concurrency=concurrency)
    monkeypatch.setattr(writer_module.os, "fsync", fsync)
    report = desk.run(driver, *[invite(number) for number in range(20)])
    monkeypatch.undo()
    intents = {event["object"]["key"] for event in desk.events() if event["phase"] == "intent"}
    sent = {key for _key, keys in driver.calls for key in keys}
    assert sent <= intents
    assert report.fatal and "No space left" in message_of(report)
    assert {result.operation.key for result in report.results} == sent
    assert len(report.results) + len(report.not_attempted) == 20
    desk.check_chain()
    again = FakeDriver(batch=1)
    final = desk.run(again, *[invite(number) for number in range(20)])
    assert final.fatal is None and not final.failures and not desk.memory().open_intents
    old = {keys[0]: key for key, keys in driver.calls}
    new = {keys[0]: key for key, keys in again.calls}
    assert all(new[name] == old[name] for name in set(old) & set(new)), "asked again with its own key"


def test_a_defect_of_a_driver_costs_nobody_else(desk: Desk) -> None:
    def crashes(operations: Sequence[Operation], key: str) -> list[Result]:
        raise KeyError("tm_live_secret")

    report = desk.run(FakeDriver(done, crashes, done, batch=1), *[invite(number) for number in range(4)])
    assert statuses(report) == ["applied", "in_doubt"] and len(report.not_attempted) == 2
    message = message_of(report)
    assert "u1@example.com" in message and "KeyError" in message and "tm_live_secret" not in message
    assert desk.phases() == ["intent", "outcome success", "intent", "outcome in_doubt"]
    again = FakeDriver(batch=1)
    assert not desk.run(again, *[invite(number) for number in range(4)]).failures
    assert len(again.calls) == 3


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_driver_that_loses_results(desk: Desk, count: int) -> None:
    def loses(operations: Sequence[Operation], key: str) -> list[Result]:
        return (done(operations, key) * 2)[:count]

    report = desk.run(FakeDriver(loses), invite(0), invite(1))
    assert statuses(report) == ["in_doubt"] * 2
    assert set(desk.memory().open_intents) and "driver" in message_of(report)


# in doubt: what can be read back


def test_a_lost_answer_is_settled_by_reading(desk: Desk) -> None:
    driver = FakeDriver()

    def commits(operations: Sequence[Operation], key: str) -> list[Result]:
        for operation in operations[:1]:
            driver.records["mailbox"][operation.key] = {"address": operation.key, "state": "present", "used_mb": 1}
        return lost(operations, key)

    driver.steps = [commits]
    report = desk.run(driver, with_password(0), with_password(1))
    assert statuses(report) == ["applied", "in_doubt"]
    assert report.results[0].http["settled"] == "read_back"
    (failure,) = report.failures
    assert failure.error.code == "in_doubt" and "p1@example.com" in failure.error.message and failure.error.hint
    assert len(desk.memory("mailbox").open_intents) == 1


def test_absence_right_after_is_no_proof(desk: Desk) -> None:
    """The request may still be under way: the next run reads again, before it plans."""
    driver = FakeDriver(lost)
    assert statuses(desk.run(driver, with_password())) == ["in_doubt"]
    late = FakeDriver()
    late.records["mailbox"]["p0@example.com"] = {
        "address": "p0@example.com", "state": "present", "suspended": "", "display_name": None, "note": None,
    }  # fmt: skip
    report = desk.run(late, with_password())
    assert late.calls == [] and not report.failures
    assert desk.phases()[-1] == "outcome success" and desk.events()[-1]["recovered"] is True
    assert not desk.memory("mailbox").open_intents


def test_what_never_came_is_closed_and_done_anew(desk: Desk) -> None:
    first = FakeDriver(lost)
    desk.run(first, with_password())
    second = FakeDriver()
    desk.run(second, with_password())
    assert [phase for phase in desk.phases() if phase != "intent"] == [
        "outcome in_doubt", "outcome failure", "outcome success",
    ]  # fmt: skip
    assert second.calls[0][0] != first.calls[0][0], "a new request has a new key"


@pytest.mark.parametrize("error", [ProviderError("x", "down"), KeyError("x"), Refused("x", "y")])
def test_reading_back_may_fail_too(desk: Desk, error: Exception) -> None:
    driver = FakeDriver(lost)
    driver.trouble["observe"] = error
    report = desk.run(driver, with_password())
    assert statuses(report) == ["in_doubt"] and desk.phases() == ["intent", "outcome in_doubt"]


# in doubt: what cannot be read


def test_a_record_is_the_journals_own(desk: Desk) -> None:
    """What a provider has no call for is written down here; no driver has to know of it."""
    desk.run(FakeDriver(), invite(0))
    driver = FakeDriver()
    report = desk.run(driver, {"address": "u0@example.com", "state": "absent", "done_by_hand": True}, kind="invite")
    assert driver.calls == [] and statuses(report) == ["applied"]
    assert desk.events()[-1]["action"] == "invite.cancelled" and desk.events()[-1]["after"]["state"] == "cancelled"


def test_an_invite_is_asked_for_again_with_its_key(desk: Desk) -> None:
    first = FakeDriver(lost)
    report = desk.run(first, invite(0), invite(1))
    assert [failure.error.code for failure in report.failures] == ["in_doubt"] * 2
    for name in ("u0@example.com", "u1@example.com"):
        assert name in message_of(report), "each is named"
    second = FakeDriver()
    report = desk.run(second, invite(0), invite(1))
    assert second.calls == first.calls and not report.failures
    assert desk.phases().count("intent") == 2 and desk.phases().count("retry") == 2
    assert not desk.memory().open_intents
    assert desk.run(FakeDriver(), invite(0), invite(1)).plan.operations == []
    desk.check_chain()


def test_a_batch_is_asked_for_again_whole_and_in_order(desk: Desk) -> None:
    """The body has to be the same to the byte, also when one of its outcomes was still written."""
    first = FakeDriver(lost)
    desk.run(first, invite(2), invite(0), invite(1))
    open_ = list(desk.memory().open_intents.values())
    journal = writer_module.JournalWriter(str(desk.folder / "journal"), "torn", {"provider": "fake@test"})
    journal.append(
        [
            {
                "phase": "outcome",
                "action": "invite.sent",
                "object": open_[1]["object"],
                "intent_id": open_[1]["id"],
                "outcome": "success",
                "after": {**open_[1]["after"], "expires_at": "2099-01-01T00:00:00Z"},
            }
        ]
    )
    second = FakeDriver()
    report = desk.run(second, invite(0), invite(1), invite(2))
    assert second.calls == first.calls == [(first.calls[0][0], ["u2@example.com", "u0@example.com", "u1@example.com"])]
    assert not report.failures and not desk.memory().open_intents


@pytest.mark.parametrize("code", ["unauthenticated", "rate_limited", "not_found"])
def test_a_refused_retry_leaves_the_doubt(desk: Desk, code: str) -> None:
    """The driver says in doubt, as TrekMail's does for whatever is no judgement of the body."""
    desk.run(FakeDriver(lost), invite())
    desk.run(FakeDriver(lost), invite())
    assert len(desk.memory().open_intents) == 1
    (intent,) = desk.memory().open_intents.values()
    assert intent["resent_at"] > intent["timestamp"]
    assert not desk.run(FakeDriver(), invite()).failures


def test_after_the_window_a_person_has_to_look(desk: Desk) -> None:
    desk.run(FakeDriver(lost), invite())
    driver = FakeDriver()
    report = desk.run(driver, invite(), invite(1), ahead=24)
    assert driver.calls == []
    (failure,) = report.failures
    assert failure.error.code == "in_doubt" and "u0@example.com" in failure.error.message
    assert "cancel it there" in failure.error.hint and "72 hours" in failure.error.hint
    assert not desk.run(FakeDriver(), invite(1), ahead=24).failures, "others are not held up"


def test_after_its_end_it_is_sent_anew(desk: Desk) -> None:
    first = FakeDriver(lost)
    desk.run(first, invite())
    second = FakeDriver()
    assert not desk.run(second, invite(), ahead=73).failures
    assert len(second.calls) == 1 and second.calls[0][0] != first.calls[0][0]


def test_its_end_is_reckoned_from_the_last_time_it_was_sent(desk: Desk) -> None:
    """The second attempt may have been the one that went out: its link lives on when the first one's would be dead."""
    desk.run(FakeDriver(lost), invite(expires_in_hours=1))
    earlier = desk.events()[0]["timestamp"]
    desk.run(FakeDriver(lost), invite(expires_in_hours=1))
    desk.change("run-1", earlier, "2020-01-01T00:00:00.000Z")
    driver = FakeDriver()
    report = desk.run(driver, invite(expires_in_hours=1))
    assert driver.calls == [] and report.failures[0].error.code == "in_doubt"


def test_an_owner_who_has_set_up_settles_it(desk: Desk) -> None:
    desk.run(FakeDriver(lost), invite())
    driver = FakeDriver()
    driver.records["mailbox"]["u0@example.com"] = {
        "address": "u0@example.com", "state": "present", "suspended": "", "display_name": None, "note": None,
    }  # fmt: skip
    report = desk.run(driver, invite())
    assert driver.calls == [] and not report.failures and not desk.memory().open_intents


def test_an_invite_settled_by_its_mailbox_ends_too(desk: Desk) -> None:
    """Nobody told its end; once the mailbox is gone again, the owner can be invited anew."""
    desk.run(FakeDriver(lost), invite())
    driver = FakeDriver()
    driver.records["mailbox"]["u0@example.com"] = {
        "address": "u0@example.com", "state": "present", "suspended": "", "display_name": None, "note": None,
    }  # fmt: skip
    desk.run(driver, invite())
    assert desk.run(FakeDriver(), invite(), ahead=71).plan.operations == []
    assert [one.verb for one in desk.run(FakeDriver(), invite(), ahead=73).plan.operations] == ["create"]


# secrets


def test_a_password_is_sealed_before_it_is_sent(desk: Desk) -> None:
    def looks(operations: Sequence[Operation], key: str) -> list[Result]:
        assert (desk.folder / "sealed" / "REQ-1" / "p0@example.com.age").exists()
        assert operations[0].secret
        return done(operations, key)

    report = desk.run(FakeDriver(looks), with_password())
    assert statuses(report) == ["applied"]
    assert report.results[0].operation.secret not in json.dumps(desk.events())


def broken_seal(monkeypatch: pytest.MonkeyPatch, after: int = 0) -> None:
    """Sealing fails once *after* files were written."""
    true_write, count = seal_module.write_private, iter(range(10**6))

    def write(path: str, data: bytes) -> None:
        if not path.endswith(".age") or next(count) < after:
            true_write(path, data)
        else:
            raise OSError(30, "Read-only file system")

    monkeypatch.setattr(seal_module, "write_private", write)


def test_what_is_found_out_later_keeps_what_allowed_it(desk: Desk) -> None:
    """R-LOG-06, R-CREATE-07: a password whose outcome was never written still has its end, and its rank."""
    driver = FakeDriver()
    desk.run(driver, with_password())
    journal = desk.folder / "journal" / "run-1.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    box = {"address": "p0@example.com", "id": 1, "state": "present", "suspended": "", "quota_mb": None}
    driver.records["mailbox"] = {"p0@example.com": box}
    desk.run(driver, with_password())
    intent, outcome = desk.events()
    assert outcome["recovered"] and outcome["delivery_rank"] == 3
    for name in ("delivery", "delivery_method", "exception", "redacted"):
        assert outcome[name] == intent[name], name


def test_a_password_that_cannot_be_sealed_is_never_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_seal(monkeypatch)
    driver = FakeDriver()
    report = desk.run(driver, with_password())
    assert driver.calls == [] and report.results == [] and len(report.not_attempted) == 1
    assert report.fatal and report.fatal.code == "seal_not_writable" and "sealed" in message_of(report)
    assert desk.phases() == []


def with_link(operations: Sequence[Operation], key: str) -> list[Result]:
    results = done(operations, key)
    for result in results:
        result.secret = "https://x.example/setup/secret"
    return results


def test_a_link_that_cannot_be_sealed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The invite is out: it is told as such, its outcome is written, and nothing more is sent."""
    broken_seal(monkeypatch, after=1)
    driver = FakeDriver(with_link, batch=1)
    report = desk.run(driver, sealed(0), sealed(1), sealed(2))
    assert statuses(report) == ["applied", "applied"] and len(report.not_attempted) == 1
    assert report.failures[0].error.code == "link_lost" and "u1@example.com" in report.failures[0].error.message
    assert desk.phases() == ["intent", "outcome success", "intent", "outcome success"]
    assert desk.events()[-1]["after"]["link"] == "lost" and desk.events()[-1]["error"]["code"] == "link_lost"
    assert report.fatal and report.fatal.code == "seal_not_writable"
    assert "secret" not in json.dumps(desk.events())


def test_a_link_whose_answer_was_lost(desk: Desk) -> None:
    report = desk.run(FakeDriver(lost, batch=1), sealed())
    assert statuses(report) == ["in_doubt"]
    report = desk.run(FakeDriver(done, batch=1), sealed())
    (failure,) = report.failures
    assert failure.error.code == "link_lost" and "Cancel the invite" in failure.error.hint
    assert not desk.memory().open_intents
    # It is pending, without a link for anybody: said again until somebody has ended it.
    again = desk.run(FakeDriver(done, batch=1), sealed())
    assert [one.error.code for one in again.failures] == ["link_lost"] and again.failures[0].phase == "plan"


def test_a_sealed_folder_that_cannot_be_written_is_found_first(desk: Desk) -> None:
    (desk.folder / "sealed").write_text("")
    driver = FakeDriver(with_link)
    with pytest.raises(MailopsError) as found:
        desk.run(driver, sealed())
    assert found.value.code == "seal_not_writable" and driver.calls == [] and desk.phases() == []


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Any] = []

    class Listener(Progress):
        def start(self, what: str, total: int) -> None:
            told.append((what, total))

        def advance(self, count: int) -> None:
            told.append(count)

    Desk(tmp_path).run(FakeDriver(batch=2), *[invite(number) for number in range(5)], progress=Listener())
    assert told == [("mailboxes", 5), 2, 2, 1]
