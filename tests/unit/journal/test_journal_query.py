# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the journal (R-LOG-10, R-LOG-11, R-LOG-15): by request, object, actor, time, action, outcome."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal import file_store as module
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.query import Question, ask
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, MailopsError
from ansible_collections.mailops.email.plugins.module_utils.shell.audit import audit_info
from ansible_collections.mailops.email.plugins.module_utils.shell.info import run_info


class Book:
    """Writes changes as the engine does; each in a run of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = 0

    def change(
        self,
        address: str,
        action: str,
        request: str = "REQ-1",
        actor: str = "dana",
        outcomes: tuple[str, ...] = ("success",),
    ) -> list[dict[str, Any]]:
        time.sleep(0.002)  # the journal's time is in milliseconds
        self._runs += 1
        thing = {"kind": action.split(".")[0], "key": address, "domain": address.split("@")[-1]}
        if "@" in address:
            thing["mailbox"] = address
        common = {
            "request_id": request,
            "actor": {"human": actor + "@example.net", "system": "ansible@ctl01"},
            "tool_version": "mailops.email@1.0.0",
        }
        # Names of runs that sort against their time.
        journal = JournalWriter(str(self.folder), "run-%03d" % (900 - self._runs), common)
        about = {"action": action, "verb": "update", "object": thing}
        batch = {"position": 0, "size": 1}
        events = journal.append([{**about, "phase": "intent", "idempotency_key": "k", "batch": batch}])
        for outcome in outcomes:
            said = {"phase": "outcome", "outcome": outcome, "intent_id": events[0]["id"], "delivery_method": "none"}
            events += journal.append([{**about, **said}])
        journal.close()
        return events


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path)
    book.change("alex@example.com", "mailbox.created")
    book.change("alex@example.com", "mailbox.suspended", "REQ-2", "lee")
    book.change("bea@example.net", "mailbox.created", outcomes=("failure",))
    book.change("bea@example.net", "invite.sent", outcomes=())
    book.change("example.net", "domain.created", "REQ-3", outcomes=("in_doubt", "success"))
    book.change("cleo@example.com", "forward.created", "REQ-2", outcomes=("in_doubt",))
    return book


def told(book: Book, last: int = 0, **question: Any) -> list[tuple[str, str]]:
    events = ask(FileStore(str(book.folder)), Question(**question), last).events
    return [(event["object"]["key"].split("@")[0], event["action"].split(".")[1]) for event in events]


def test_all_of_it_newest_first(book: Book) -> None:
    found = ask(FileStore(str(book.folder)), Question())
    stamps = [event["timestamp"] for event in found.events]
    assert stamps == sorted(stamps, reverse=True) and found.matched == len(stamps) == 6
    assert {event["phase"] for event in found.events} == {"outcome"}


def test_each_question(book: Book) -> None:
    assert told(book, address="alex@example.com") == [("alex", "suspended"), ("alex", "created")]
    assert told(book, domain="example.net", outcome="failure") == [("bea", "created")]
    assert told(book, request_id="REQ-2") == [("cleo", "created"), ("alex", "suspended")]
    assert told(book, action="mailbox.created") == [("bea", "created"), ("alex", "created")]
    assert told(book, action="forward") == [("cleo", "created")]
    assert told(book, actor="lee@example.net") == [("alex", "suspended")]
    assert len(told(book, actor="ansible@ctl01")) == 6
    assert told(book, request_id="REQ-2", address="alex@example.com") == [("alex", "suspended")]
    assert told(book, last=1) == [("cleo", "created")]
    assert told(book, request_id="REQ-") == [] and told(book, domain="example") == []
    assert told(book, boundary={"example.com"}, outcome="success") == [("alex", "suspended"), ("alex", "created")]


def test_a_time_span(book: Book) -> None:
    """From its beginning on, and not its end."""
    (first, second) = ask(FileStore(str(book.folder)), Question(address="alex@example.com")).events[::-1]
    since, until = parse_time(first["timestamp"]), parse_time(second["timestamp"])
    assert told(book, since=since, until=until) == [("alex", "created")]
    assert told(book, since=until)[-1] == ("alex", "suspended")


def test_what_is_in_doubt_is_named(book: Book) -> None:
    """No outcome, or only one that is not known; a later outcome of another run settles it, whatever was asked."""

    def doubts(**question: Any) -> list[str]:
        return [event["object"]["key"] for event in ask(FileStore(str(book.folder)), Question(**question)).in_doubt]

    assert doubts() == ["cleo@example.com", "bea@example.net"]
    assert doubts(address="bea@example.net") == ["bea@example.net"] and doubts(domain="example.com") == [
        "cleo@example.com"
    ]
    assert doubts(request_id="REQ-3") == [] and doubts(outcome="failure", request_id="REQ-2") == ["cleo@example.com"]


def test_what_changed_last_and_who_changed_it(book: Book) -> None:
    (row,) = ask(FileStore(str(book.folder)), Question(address="alex@example.com")).summary
    assert (row["kind"], row["changes"], row["changed_by"]) == ("mailbox", 2, ["dana@example.net", "lee@example.net"])
    assert (row["last_action"], row["last_actor"], row["last_request_id"]) == (
        "mailbox.suspended",
        "lee@example.net",
        "REQ-2",
    )
    everything = ask(FileStore(str(book.folder)), Question()).summary
    assert [row["key"] for row in everything] == ["example.net", "alex@example.com"], "what failed changed nothing"
    assert len(ask(FileStore(str(book.folder)), Question(), 1).summary) == 1


def test_only_lines_that_can_fit_are_parsed(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    true = module.read_events

    def read(path: str, must_hold: bytes = b"") -> Any:
        seen.append(must_hold)
        return true(path, must_hold)

    monkeypatch.setattr(module, "read_events", read)
    ask(FileStore(str(book.folder)), Question(address="alex@example.com", domain="example.com", request_id="REQ-1"))
    ask(FileStore(str(book.folder)), Question(domain="example.com"))
    assert set(seen) == {b'"alex@example.com"', b'"example.com"'}


def test_a_damaged_journal_is_no_answer(book: Book) -> None:
    path = next(book.folder.glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"outcome", b"oUtcome", 1).replace(b"sha256:0", b"sha256:1", 1))
    with pytest.raises(JournalError):
        ask(FileStore(str(book.folder)), Question())


def test_the_task_needs_no_provider(book: Book) -> None:
    result = run_info("audit_info", {"journal_dir": str(book.folder), "address": "Alex@Example.com", "last": 0})
    assert result["requests"] == {} and not result["changed"] and result["matched"] == 2
    view = run_info("audit_info", {"journal_dir": str(book.folder), "action": "mailbox.suspended", "view": "runbook"})
    (row,) = view["events"]
    del row["timestamp"]
    assert row == {
        "request_id": "REQ-2", "actor": "lee@example.net", "action": "mailbox.suspended", "domain": "example.com",
        "mailbox": "alex@example.com", "delivery": "none", "tool_version": "mailops.email@1.0.0",
    }  # fmt: skip


def test_a_client_is_told_of_its_own(book: Book) -> None:
    params = {"journal_dir": str(book.folder), "client_domains": ["example.com"]}
    assert {event["object"]["domain"] for event in audit_info(params)["events"]} == {"example.com"}
    assert audit_info({**params, "domain": "example.net"})["matched"] == 3, "named on purpose"
    assert audit_info({**params, "client_domains": []})["matched"] == 0


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("action", "mailbox.exploded", "unknown_action"),
        ("action", "mail", "unknown_action"),
        ("since", "yesterday", "time_invalid"),
        ("until", "2026-01-01", "time_invalid"),
        ("last", -1, "last_invalid"),
        ("address", "alex", "address_invalid"),
    ],
)
def test_what_would_find_nothing_is_refused(book: Book, option: str, value: Any, code: str) -> None:
    with pytest.raises(MailopsError) as caught:
        audit_info({"journal_dir": str(book.folder), option: value})
    assert caught.value.code == code and caught.value.hint
