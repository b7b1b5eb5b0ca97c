# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading journals back: what is open, what was last, whatever order files and lines come in (R-LOG-18)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import journal_files, verify_chain
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import last_holding, remember
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

PROVIDER = "trekmail@127.0.0.1"


class Book:
    """Writes intents and outcomes of invites into a journal folder."""

    def __init__(self, folder: Path, run: str = "run") -> None:
        self.folder = folder
        self.journal = JournalWriter(str(folder), run, {"provider": PROVIDER, "request_id": "REQ-1"})

    def intents(self, key: str, *addresses: str, kind: str = "invite") -> list[dict[str, Any]]:
        # Runs are told apart by time, which a journal keeps in milliseconds.
        time.sleep(0.002)
        return self.journal.append(
            [
                {
                    "action": kind + (".sent" if kind == "invite" else ".created"),
                    "phase": "intent",
                    "verb": "create",
                    "object": {"kind": kind, "key": address},
                    "idempotency_key": key,
                    "batch": {"position": position, "size": len(addresses)},
                    "after": {"state": "pending"},
                }
                for position, address in enumerate(addresses)
            ]
        )

    def outcome(self, intent: dict[str, Any], outcome: str = "success", **after: Any) -> dict[str, Any]:
        return self.journal.append(
            [
                {
                    "action": intent["action"],
                    "phase": "outcome",
                    "verb": "create",
                    "object": intent["object"],
                    "intent_id": intent["id"],
                    "outcome": outcome,
                    "after": after or {"state": "pending"},
                }
            ]
        )[0]

    def memory(self, kind: str = "invite", provider: str = PROVIDER) -> Any:
        return remember(FileStore(str(self.folder)), kind, provider)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_no_folder_is_an_empty_memory(tmp_path: Path) -> None:
    memory = remember(FileStore(str(tmp_path / "none")), "invite", PROVIDER)
    assert not memory.last and not memory.open_intents and not memory.open_batches


def test_an_intent_is_open_until_its_outcome(book: Book) -> None:
    first, second = book.intents("k", "a@example.com", "b@example.com")
    assert set(book.memory().open_intents) == {first["id"], second["id"]}
    book.outcome(first)
    memory = book.memory()
    assert set(memory.open_intents) == {second["id"]}
    assert [one["id"] for one in memory.open_batches["k"]] == [first["id"], second["id"]], "a request is repeated whole"
    assert set(memory.last) == {"a@example.com"}
    book.outcome(second, "failure")
    memory = book.memory()
    assert not memory.open_intents and not memory.open_batches
    assert set(memory.last) == {"a@example.com"}, "what failed changed nothing"


def test_in_doubt_leaves_the_intent_open(book: Book) -> None:
    (intent,) = book.intents("k", "a@example.com")
    book.outcome(intent, "in_doubt")
    assert set(book.memory().open_intents) == {intent["id"]}
    book.outcome(intent, "unverified")
    memory = book.memory()
    assert not memory.open_intents and "a@example.com" in memory.last


def test_other_kinds_and_accounts_are_apart(book: Book) -> None:
    book.outcome(*book.intents("k", "a@example.com"))
    book.intents("m", "a@example.com", kind="mailbox")
    assert not book.memory("mailbox").last and len(book.memory("mailbox").open_intents) == 1
    assert not book.memory(provider="trekmail@other.example").last


def test_runs_may_be_named_in_any_order(tmp_path: Path) -> None:
    """A controller numbers its jobs: job-10 sorts before job-9, and yet happened after it."""
    earlier, later = Book(tmp_path, "job-9"), Book(tmp_path, "job-10")
    (lost,) = earlier.intents("k9", "lost@example.com")
    earlier.outcome(*earlier.intents("k", "ann@example.com"), state="pending", turn=1)
    later.outcome(*later.intents("k2", "ann@example.com"), state="pending", turn=2)
    later.outcome(lost)
    memory = later.memory()
    assert memory.last["ann@example.com"]["after"]["turn"] == 2
    assert not memory.open_intents and not memory.open_batches, "the outcome stands in a file that sorts first"


def test_notes_of_a_field_in_any_order(tmp_path: Path) -> None:
    earlier, later = Book(tmp_path, "job-9"), Book(tmp_path, "job-10")
    for number, one in enumerate((earlier, later)):
        one.outcome(*one.intents("k%d" % number, "f@example.com"), owner="owner%d" % number)
    found = last_holding(FileStore(str(tmp_path)), "invite", PROVIDER, "owner")
    assert found["f@example.com"]["after"]["owner"] == "owner1"


def test_an_object_that_was_removed_has_no_notes(tmp_path: Path) -> None:
    earlier, later = Book(tmp_path, "job-9"), Book(tmp_path, "job-10")
    earlier.outcome(*earlier.intents("k", "f@example.com"), owner="o")
    gone = dict(later.intents("k2", "f@example.com")[0])
    later.journal.append(
        [
            {
                "action": "invite.cancelled",
                "phase": "outcome",
                "object": gone["object"],
                "intent_id": gone["id"],
                "outcome": "success",
                "after": None,
            }
        ]
    )
    assert last_holding(FileStore(str(tmp_path)), "invite", PROVIDER, "owner") == {}


def test_a_torn_last_line_is_passed_over(book: Book) -> None:
    book.intents("k", "a@example.com")
    book.intents("l", "b@example.com")
    path = Path(book.journal.path)
    path.write_bytes(path.read_bytes()[:-1])
    assert [event["object"]["key"] for event in book.memory().open_intents.values()] == ["a@example.com"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"object":{"kind":"invite"',
        b'["kind":"invite"]',
        b'"\\"kind\\":\\"invite\\" and \xff"kind":"invite"',
        b'{"object":{"kind":"invite"},"phase":"intent","provider":"%s"}' % PROVIDER.encode(),
        b'{"object":{"kind":"invite"},"phase":"outcome","outcome":"success","provider":"%s"}' % PROVIDER.encode(),
        b'{"object":{"key":7,"kind":"invite"},"id":[],"idempotency_key":{},"phase":"intent","provider":"%s"}'
        % PROVIDER.encode(),
        b'{"object":null,"phase":"intent","x":{"kind":"invite"}}',
        b'{"object":["kind"],"phase":"outcome","x":{"kind":"invite"}}',
        b"[" * 100000 + b'"kind":"invite"',
    ],
)
def test_damage_is_an_error_with_a_next_step(book: Book, line: bytes) -> None:
    """Fail closed, and name file and line: what a damaged line meant cannot be guessed."""
    book.intents("k", "a@example.com")
    with open(book.journal.path, "ab") as handle:
        handle.write(line + b"\n")
    with pytest.raises(JournalError) as found:
        book.memory()
    assert found.value.code == "journal_damaged"
    assert book.journal.path in found.value.message and "line 2" in found.value.message and found.value.hint


def test_a_changed_line_of_another_kind_is_found(book: Book) -> None:
    """It may have been one that mattered: its kind is among what can change."""
    book.intents("k", "a@example.com")
    book.outcome(*book.intents("l", "b@example.com"))
    path = Path(book.journal.path)
    whole = path.read_bytes()
    for old, new in ((b'"kind":"invite"', b'"kind":"invitf"'), (b'"key":"a@', b'"key":"c@'), (b"REQ-1", b"REQ-2")):
        path.write_bytes(whole.replace(old, new, 1))
        with pytest.raises(JournalError) as found:
            book.memory("mailbox")
        assert found.value.code == "journal_damaged" and "line 2" in found.value.message
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    with pytest.raises(JournalError):
        book.memory()


@pytest.mark.parametrize(
    "event",
    [
        {"phase": "intent", "object": {"kind": "invite", "key": "x"}},
        {"phase": "outcome", "outcome": "success", "object": {"kind": "invite"}, "intent_id": "x"},
        {"phase": "outcome", "object": {"kind": "invite", "key": "x"}, "outcome": "success"},
        {"phase": "intent", "object": None, "x": {"kind": "invite"}},
        {"phase": "retry", "object": {"kind": "invite", "key": "x"}},
    ],
)
def test_an_event_without_what_settling_needs(book: Book, event: dict[str, Any]) -> None:
    book.journal.append([{"action": "invite.sent", **event}])
    with pytest.raises(JournalError) as found:
        book.memory()
    assert found.value.code == "journal_damaged" and "it has no" in found.value.message


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError) as found:
        journal_files(str(tmp_path / "file"))
    assert found.value.code == "journal_not_readable" and found.value.hint
    (tmp_path / "x.jsonl").mkdir()
    with pytest.raises(JournalError) as found:
        remember(FileStore(str(tmp_path)), "invite", PROVIDER)
    assert found.value.code == "journal_not_readable" and found.value.hint


def test_files_of_others_are_left_alone(book: Book) -> None:
    book.intents("k", "a@example.com")
    (book.folder / "notes.txt").write_text("x")
    (book.folder / ".predictions").mkdir()
    assert journal_files(str(book.folder)) == [book.journal.path]


def test_a_long_journal_is_read_quickly(book: Book) -> None:
    """Lines of other kinds are passed over by their bytes: 20,000 of them cost far less than a second."""
    (intent,) = book.intents("k", "a@example.com")
    note = {"action": "forward.created", "phase": "note", "object": {"kind": "forward", "key": "x"}}
    book.journal.append([note] * 20000)
    before = os.times().user
    assert set(book.memory().open_intents) == {intent["id"]}
    assert os.times().user - before < 0.5


def test_a_good_chain_has_no_problems(book: Book) -> None:
    book.outcome(*book.intents("k", "a@example.com"))
    assert verify_chain(book.journal.path) == []
