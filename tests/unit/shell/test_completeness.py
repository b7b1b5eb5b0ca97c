# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intents without an outcome are known by name, from the bytes of the journal, and each line is looked at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.plugin_utils.completeness import Completeness, Ledger
from ansible_collections.mailops.email.plugins.plugin_utils.witness import Witness

TASK = "01JJQ8ZKTTTTTTTTTTTTTTTTTT"


class Desk:
    """A journal, and what the callback knows of it."""

    def __init__(self, folder: Path) -> None:
        self.journal, self.audit = folder / "journal", folder / "audit"
        self.audit.mkdir()

    def intents(self, run: str, *names: str, **more: Any) -> list[str]:
        return self._write(run, [{"phase": "intent", **about(name), **more} for name in names])

    def outcomes(self, run: str, *intents: str, outcome: str = "success", **more: Any) -> None:
        row = {"phase": "outcome", "outcome": outcome, **about("x"), "http": {"status": 200}, **more}
        self._write(run, [{**row, "intent_id": one} for one in intents])

    def _write(self, run: str, rows: list[dict[str, Any]]) -> list[str]:
        writer = JournalWriter(str(self.journal), run, {"run": {"task_id": TASK}})
        made = [event["id"] for event in writer.append(rows)]
        writer.close()
        return made

    def look(self) -> Completeness:
        found = Completeness(FileStore(str(self.journal)), str(self.audit))
        found.look()
        return found

    def doubts(self) -> list[tuple[str, str, str]]:
        return [(one.run, one.action, one.key) for one in self.look().open()]


def about(name: str) -> dict[str, Any]:
    address = name + "@example.com"
    thing = {"kind": "mailbox", "key": address, "mailbox": address, "domain": "example.com", "client": "acme"}
    return {
        "action": "mailbox.created",
        "verb": "create",
        "object": thing,
        "idempotency_key": "k",
        "batch": {"position": 0},
    }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_is_open_is_known_by_name(desk: Desk) -> None:
    """Whichever run closes it; an outcome that is itself in doubt closes nothing."""
    assert desk.doubts() == []
    first, second, third = desk.intents("a", "ann", "bob", "cleo")
    assert desk.doubts() == [("a", "mailbox.created", one + "@example.com") for one in ("ann", "bob", "cleo")]
    desk.outcomes("a", first, outcome="failure")
    desk.outcomes("a", second, outcome="in_doubt")
    assert [one[2] for one in desk.doubts()] == ["bob@example.com", "cleo@example.com"]
    # Its name sorts in front of that of the run with the intent.
    desk.outcomes("0-later", second, third, recovered=True)
    assert desk.doubts() == []
    assert desk.look().open("a") == []


def test_an_event_that_holds_other_ids(desk: Desk) -> None:
    """Ids of the provider that look like ours, even the same in two intents, hide nothing."""
    same = {"id": "01JJQ8ZKAAAAAAAAAAAAAAAAAA", "note": '"phase":"outcome","intent_id":"x"'}
    first, second = desk.intents("a", "ann", "bob", request=same, before=same)
    assert len(desk.doubts()) == 2
    desk.outcomes("a", first, after=same)
    assert [one[2] for one in desk.doubts()] == ["bob@example.com"]
    desk.outcomes("a", second)
    assert desk.doubts() == []


def test_each_line_is_read_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.intents("a", "ann", "bob")
    (late,) = desk.intents("b", "cleo")
    assert len(desk.doubts()) == 3
    seen: list[tuple[str, int]] = []
    since = FileStore.since

    def watched(store: FileStore, run: str, place: int) -> Iterator[tuple[int, bytes]]:
        for behind, line in since(store, run, place):
            seen.append((run, behind))
            yield behind, line

    monkeypatch.setattr(FileStore, "since", watched)
    assert len(desk.doubts()) == 3 and seen == []
    desk.outcomes("c", late)
    assert len(desk.doubts()) == 2 and [run for run, dummy in seen] == ["c"]
    for path in (desk.audit / ".completeness").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text("damaged")
    seen.clear()
    assert len(desk.doubts()) == 2 and {run for run, dummy in seen} == {"a", "b", "c"}, "what it knew is found again"


def test_a_file_that_was_cut_or_damaged_is_still_looked_at(desk: Desk) -> None:
    """It is the verifier who judges it; here nothing may be passed over, and nothing may break."""
    (one, two) = desk.intents("a", "ann", "bob")
    desk.outcomes("a", one, two)
    assert desk.doubts() == []
    path = desk.journal / "a.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    assert [row[2] for row in desk.doubts()] == ["bob@example.com"]
    path.write_bytes(lines[0] + b'{"phase":"intent","id":"01JJQ8ZKAAAAAAAAAAAAAAAAAA"\n' + b"\xff\n" + lines[1][:9])
    assert {row[2] for row in desk.doubts()} == {"ann@example.com", "bob@example.com"}


def test_ten_thousand_changes_take_no_time(desk: Desk) -> None:
    names = ["u%d" % number for number in range(10_000)]
    made = desk.intents("a", *names)
    desk.outcomes("a", *made[:-1])
    start = time.process_time()
    found = desk.look()
    spent = time.process_time() - start
    assert [one.key for one in found.open()] == ["u9999@example.com"] and found.outcomes[TASK] == 9_999
    assert spent < 0.5, spent


def claim(desk: Desk, count: int, **more: Any) -> dict[str, Any]:
    changes = [{"outcome": "success"}] * count + [{"outcome": "not_attempted"}]
    journal = str(desk.journal / "a.jsonl")
    return {"task_id": TASK, "journal": journal, "changes": changes, "check_mode": False, **more}


def test_what_a_task_claims_is_counted(desk: Desk) -> None:
    """Changes beyond the list count too; a dry run and what was never sent claim nothing."""
    ledger = Ledger()
    ledger.task("dry", claim(desk, 5, check_mode=True))
    assert ledger.journals() == []
    ledger.task("Made", claim(desk, 2, unlisted=3))
    (journal,) = ledger.journals()
    assert ledger.missing(journal, {TASK: 5}) == ledger.missing(journal, {TASK: 6}) == []
    assert ledger.missing(journal, {TASK: 4}) == [("Made", TASK, 1)]
    assert ledger.missing(journal, {}) == [("Made", TASK, 5)]


def witness(desk: Desk, run: str = "a", alive: tuple[str, ...] = ()) -> Witness:
    return Witness(str(desk.audit), run, str(desk.journal), lambda name: name in alive)


def test_what_the_terminal_and_the_file_say(desk: Desk) -> None:
    first, *others = desk.intents("old", *("u%02d" % number for number in range(12)))
    desk.intents("busy", "bea")
    now = witness(desk, alive=("busy",))
    events, sentences = now.at_start()
    assert len(events) == 12 and {event["event"] for event in events} == {"audit.in_doubt"}
    assert events[0]["key"] == "u00@example.com" and events[0]["intent_id"] == first and events[0]["client"] == "acme"
    (text,) = sentences
    assert text.startswith("In doubt since an earlier run: mailbox.created u00@example.com (") and "and 2 more" in text
    # This run leaves one, writes one and tells of three.
    made = desk.intents("a", "ann", "bob")
    desk.outcomes("a", made[0])
    now.task("Made", claim(desk, 3))
    events, sentences = now.at_end()
    assert [event["event"] for event in events] == ["audit.in_doubt", "audit.unrecorded"]
    assert events[0]["key"] == "bob@example.com" and events[1]["missing"] == 2 and events[1]["task"] == "Made"
    assert "bob@example.com" in sentences[0] and "'Made' tells of 2 changes" in sentences[1]
    desk.outcomes("a", made[1], *others, first)
    assert [event["key"] for event in witness(desk, "b").at_start()[0]] == ["bea@example.com"]


def test_a_journal_that_is_gone_or_elsewhere(desk: Desk) -> None:
    """What another host has written cannot be counted here; what was here and is gone is told."""
    now = witness(desk)
    now.task("Far", claim(desk, 3, journal="/elsewhere/run.jsonl"))
    assert now.at_end() == ([], [])
    desk.intents("a", "ann")
    now = witness(desk)
    now.task("Here", claim(desk, 1))
    (desk.journal / "a.jsonl").unlink()
    events, dummy = now.at_end()
    assert [event["event"] for event in events] == ["audit.unrecorded"]
    (desk.journal / "b.jsonl").mkdir()
    events, sentences = witness(desk).at_start()
    assert events == [] and "cannot be told" in sentences[0]
    json.dumps(events)
