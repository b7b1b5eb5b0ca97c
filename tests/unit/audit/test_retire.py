# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs whose time is over are removed with a word in the index: retired, which is not missing."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from journal_book import VERIFIER, Book

from ansible_collections.mailops.email.plugins.module_utils.journal import index_lines as index_module
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter

INDEX_STEM = Path(INDEX).stem


def retire(book: Book, *options: str, days: int = 400) -> subprocess.CompletedProcess[str]:
    program = VERIFIER.with_name("retire_runs.py")
    fixed = ["--days", str(days), "--by", "lee@agency.example", "--reason", "retention rule 7", *options]
    return subprocess.run(
        [sys.executable, "-I", str(program), str(book.folder), *fixed],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """Three runs that ended 500 days ago, of which two are needed, and one of today."""
    book = Book(tmp_path / "journal")
    then = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=500)).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z"
    )
    with monkeypatch.context() as patch:
        patch.setattr(index_module, "utc_now", lambda: then)
        book.write("notes")
        change(book, "made", ("ann", {"state": "active"}), ("bob", {"state": "active"}), ("cleo", {"state": "active"}))
        change(book, "gone", ("ann", None))
        change(book, "doubt", ("dan", {"state": "active"}), outcome="in_doubt")
    change(book, "today", ("bob", {"state": "suspended"}))
    return book


def change(book: Book, run: str, *what: tuple[str, dict[str, Any] | None], outcome: str = "success") -> None:
    writer = JournalWriter(str(book.folder), run, {"provider": "p"})
    for name, after in what:
        address = name + "@example.com"
        about = {"action": "mailbox.updated", "object": {"kind": "mailbox", "key": address}}
        (intent,) = writer.append([{**about, "phase": "intent"}])
        writer.append([{**about, "phase": "outcome", "outcome": outcome, "intent_id": intent["id"], "after": after}])
    writer.close()


def test_what_nobody_needs_goes_and_is_not_missing(old: Book) -> None:
    """First it is only said; then the files go, the index tells who and why, and all verifies."""
    before = sorted(path.name for path in old.folder.iterdir())
    said = retire(old)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines() == [
        "stays     doubt.jsonl  an intent of it is in doubt",
        "stays     made.jsonl  it is the last to speak of mailbox cleo@example.com",
        "would go  gone.jsonl",
        "would go  notes.jsonl",
        "2 of 4 runs of that age",
    ]
    assert sorted(path.name for path in old.folder.iterdir()) == before and old.verdicts() == {}
    kept = old.seal()
    done = retire(old, "--apply")
    assert done.returncode == 0 and "retired   gone.jsonl" in done.stdout, done.stderr
    assert sorted(path.stem for path in old.folder.glob("*.jsonl")) == ["doubt", "made", "today"]
    assert old.verdicts() == {"gone": "retired", "notes": "retired", "": "retired"}
    assert old.verify().returncode == 0
    ((verdict, text),) = old.said("gone")
    assert "2 events, retired" in text and "by lee@agency.example: retention rule 7" in text
    assert old.verdicts("--retention", "400") == old.verdicts(), "they were kept for longer than that"
    assert retire(old, "--apply").stdout.splitlines()[-1] == "0 of 2 runs of that age"
    # Behind the last checkpoint nobody else has seen it; a new one covers it.
    assert old.verdicts("--checkpoint", str(kept))["gone"] == "unanchored"
    assert old.verdicts("--checkpoint", str(old.seal()))["gone"] == "retired"
    # The journal goes on.
    change(old, "next", ("eve", {"state": "active"}))
    assert old.verdicts() == {"gone": "retired", "notes": "retired", "": "retired"}


def test_what_is_young_stays(old: Book) -> None:
    assert retire(old, "--apply", days=600).stdout.splitlines() == ["0 of 0 runs of that age"]


def test_removing_and_saying_so_is_not_enough(old: Book) -> None:
    """One who removes today's run with a word of his own is found by the rule on how long runs are kept."""
    state = next(json.loads(line) for line in reversed((old.folder / INDEX).read_bytes().splitlines()))
    assert state["event"] == "closed" and state["run"] == "today"
    os.unlink(old.path("today"))
    old.forge_index(
        lambda rows: rows.append({**state, "event": "retired", "session": "", "by": "me", "reason": "none"})
    )
    assert old.verdicts()["today"] == "retired"
    assert old.verdicts("--retention", "90")["today"] == "missing"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"events": 1}, "invalid"),
        ({"last": "sha256:" + "1" * 64}, "invalid"),
        ({"file": "never.jsonl", "run": "never"}, "invalid"),
        ({"timestamp": "then"}, "invalid"),
        ({"open": [{"session": "X", "run": "x", "file": "x.jsonl"}]}, "invalid"),
    ],
)
def test_a_word_that_does_not_fit(old: Book, change: dict[str, Any], verdict: str) -> None:
    retire(old, "--apply")
    old.forge_index(lambda rows: rows[-1].update(change))
    assert old.verdicts()[""] == verdict


def test_killed_between_the_word_and_the_file(old: Book) -> None:
    """The file is still there and verifies as what it is; the next call removes it."""
    kept = old.path("gone").read_bytes()
    retire(old, "--apply")
    old.path("gone").write_bytes(kept)
    assert old.verdicts()["gone"] == "retired" and "still there" in old.said("gone")[0][1]
    old.path("gone").write_bytes(kept.replace(b"ann@", b"bob@"))
    assert old.verdicts()["gone"] == "invalid"
    old.path("gone").write_bytes(kept)
    assert "retired   gone.jsonl" in retire(old, "--apply").stdout and not old.path("gone").exists()


def test_nothing_goes_from_a_journal_that_does_not_verify(old: Book) -> None:
    lines = old.lines("made")
    old.put("made", [lines[0], *lines[2:]])
    done = retire(old, "--apply")
    assert done.returncode == 2 and "made.jsonl is invalid" in done.stderr and old.path("gone").exists()
