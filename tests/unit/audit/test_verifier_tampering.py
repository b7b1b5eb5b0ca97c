# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each way to tamper with a journal gets its verdict from the stand-alone verifier, offline (R-LOG-18)."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journal_book import Book, killed, the_verifier

from ansible_collections.mailops.email.plugins.module_utils.journal.event import line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX, Session

INDEX_STEM = Path(INDEX).stem


def test_a_sound_journal(book: Book) -> None:
    assert book.verdicts() == {}
    done = book.verify()
    assert done.returncode == 0 and "ok: 4 files" in done.stdout and not done.stderr
    assert book.verdicts("--checkpoint", str(book.seal())) == {}


def changed(rows: list[dict[str, Any]]) -> None:
    rows[1]["after"]["row"] = 9


LINES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "changed": (lambda lines: [lines[0], lines[1].replace(b'"row":1', b'"row":9'), *lines[2:]], "invalid"),
    "last changed": (lambda lines: [*lines[:3], lines[3].replace(b'"row":3', b'"row":9')], "invalid"),
    "removed": (lambda lines: [lines[0], *lines[2:]], "invalid"),
    "first removed": (lambda lines: lines[1:], "invalid"),
    "doubled": (lambda lines: [*lines[:2], *lines[1:]], "invalid"),
    "swapped": (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "invalid"),
    "inserted": (lambda lines: [lines[0], b'{"spec":"mailops.audit/1"}\n', *lines[1:]], "invalid"),
    "no JSON": (lambda lines: [lines[0], b"\xff\n", *lines[2:]], "invalid"),
    "not canonical": (lambda lines: [*lines[:3], lines[3].replace(b'":', b'": ', 1)], "invalid"),
    "a key twice": (lambda lines: [*lines[:3], lines[3].replace(b"{", b'{"action":"x",', 1)], "invalid"),
    "cut at its end": (lambda lines: lines[:2], "missing"),
    "emptied": (lambda lines: [], "missing"),
    "cut in a line": (lambda lines: [*lines[:3], lines[3][:-9]], "invalid"),
    "bytes behind it": (lambda lines: [*lines, b'{"action'], "invalid"),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_of_a_run(book: Book, name: str) -> None:
    tamper, verdict = LINES[name]
    book.put("two", tamper(book.lines("two")))
    assert book.verdicts() == {"two": verdict, "": verdict}


def test_a_removed_line_is_told_as_a_gap_too(book: Book) -> None:
    book.put("two", [line for number, line in enumerate(book.lines("two")) if number != 1])
    found = book.said("two")
    assert {verdict for verdict, text in found} == {"invalid", "gap", "missing"}
    assert ("gap", "line 2: 2 is missing in front of 3") in found


def test_one_who_knows_the_rule_is_caught_by_the_index(book: Book) -> None:
    """A chain that was made anew holds by itself; the index names the old last line."""
    book.forge("two", changed)
    assert book.verdicts() == {"two": "invalid", "": "invalid"}
    assert book.said("two") == [("invalid", "line 4 is not the one that line 4 of the index names")]


def test_a_line_taken_out_of_a_run_that_nobody_closed_is_a_gap(book: Book) -> None:
    """Chained anew, so only its number is missing, and no line of the index counts it yet."""
    writer = book.write("open", close=False)
    assert book.verdicts() == {"open": "unanchored", "": "unanchored"}
    book.forge("open", lambda rows: rows.pop(1), number=False)
    assert book.verdicts() == {"open": "gap", "": "gap"}
    writer.close()


def test_files(book: Book) -> None:
    """One that is gone, one that was added, one that passes for another."""
    kept = book.path("two").read_bytes()
    os.unlink(book.path("two"))
    assert book.verdicts() == {"two": "missing", "": "missing"}
    book.path("two").write_bytes(kept)
    shutil.copy(book.path("two"), book.path("added"))
    assert book.verdicts() == {"added": "invalid", "": "invalid"}, "its events are of another run"
    book.forge("added", lambda rows: [row.update(stream="added") for row in rows])
    assert book.verdicts() == {"added": "unanchored", "": "unanchored"}
    os.unlink(book.path("added"))
    shutil.copy(book.path("one"), book.path("two"))
    assert book.verdicts() == {"two": "invalid", "": "invalid"}


def test_what_is_no_file(book: Book) -> None:
    """Nothing that blocks the verifier, or makes it give up, in place of a run."""
    os.mkdir(book.path("folder"))
    os.mkfifo(book.path("pipe"))
    assert book.verdicts() == {"folder": "invalid", "pipe": "invalid", "": "invalid"}
    os.unlink(book.folder / INDEX)
    os.mkfifo(book.folder / INDEX)
    assert book.verify().returncode == 2


def test_lines_of_the_index(book: Book) -> None:
    path = book.folder / INDEX
    whole = path.read_bytes().splitlines(keepends=True)
    for name, lines, verdict in (
        ("changed", [*whole[:3], whole[3].replace(b'"events":4', b'"events":3'), *whole[4:]], "invalid"),
        ("removed", whole[:3] + whole[4:], "invalid"),
        ("a run removed", whole[:2] + whole[4:], "invalid"),
        ("swapped", [*whole[:2], whole[3], whole[2], *whole[4:]], "invalid"),
        ("no line of an index", [*whole, b"{}\n"], "invalid"),
        ("torn", [*whole, b'{"eve'], "unanchored"),
        ("emptied", [], "missing"),
    ):
        path.write_bytes(b"".join(lines))
        assert book.verdicts()[""] == verdict, name
        assert book.verdicts()[INDEX_STEM] == verdict, name
    os.unlink(path)
    assert book.verdicts() == dict.fromkeys(["one", "two", "three"], "unanchored") | {
        INDEX_STEM: "missing",
        "": "missing",
    }


def test_an_index_that_was_made_anew(book: Book) -> None:
    """A run taken out of it with its file, renumbered: only a checkpoint knows. Not renumbered: a gap."""
    kept = book.seal()
    os.unlink(book.path("two"))
    whole = (book.folder / INDEX).read_bytes()
    book.forge_index(lambda rows: rows.__delitem__(slice(2, 4)), number=False)
    assert book.verdicts() == {INDEX_STEM: "gap", "": "gap"}
    (book.folder / INDEX).write_bytes(whole)
    book.forge_index(lambda rows: rows.__delitem__(slice(2, 4)))
    assert book.verdicts() == {}
    assert book.verdicts("--checkpoint", str(kept))[""] == "missing"
    book.write("four")
    assert book.verdicts() == {}
    found = book.verdicts("--checkpoint", str(kept))
    assert found[kept.stem] == "invalid" and found["one"] == "unanchored", "nothing covers it any more"


def test_a_session_that_was_taken_out(book: Book) -> None:
    """Its run's end was removed and the index made anew: what was open behind each line does not fit."""
    book.forge_index(lambda rows: rows.pop(3))
    assert book.verdicts()[INDEX_STEM] == "invalid"


def test_a_whole_history_written_anew(book: Book) -> None:
    """Run, index and all: it holds by itself, and not against a checkpoint that was kept elsewhere."""
    kept = book.seal()
    book.forge("one", changed)
    last = book.lines("one")[-1]
    book.forge_index(lambda rows: rows[1].update(last=line_digest(last[:-1])))
    assert book.verdicts() == {}, "this is why checkpoints have to leave the machine"
    assert book.verdicts("--checkpoint", str(kept))[kept.stem] == "invalid"


def test_what_came_behind_the_checkpoint(book: Book) -> None:
    kept = book.seal()
    book.write("four")
    book.write("one", 2)
    assert book.verdicts() == {}
    assert book.verdicts("--checkpoint", str(kept)) == {"four": "unanchored", "one": "unanchored", "": "unanchored"}
    assert book.said("one", "--checkpoint", str(kept)) == [("unanchored", "events 5 to 6: behind the checkpoint")]
    assert book.verdicts("--checkpoint", str(kept), "--checkpoint", str(book.seal())) == {}


def test_a_torn_tail_after_a_crash_is_recovered(book: Book) -> None:
    """Not yet declared, then declared by the next run, then cut off by its own run: never invalid, never hidden."""
    killed(lambda: book.write("crashed", close=False))
    whole = book.path("crashed").read_bytes()
    book.path("crashed").write_bytes(whole[:-7])
    assert book.verdicts() == {"crashed": "unanchored", "": "unanchored"}
    book.write("next")
    assert book.verdicts() == {"crashed": "recovered", "": "recovered"}
    assert any("torn line" in text for dummy, text in book.said("crashed"))
    book.path("crashed").write_bytes(whole[:-8])
    assert book.verdicts()["crashed"] == "invalid", "it is evidence, and was changed"
    book.path("crashed").write_bytes(whole[:-7])
    book.write("crashed")
    assert book.verdicts() == {"crashed": "recovered", "": "recovered"}
    assert book.verify().returncode == 0


def test_killed_between_the_index_and_the_first_event(book: Book) -> None:
    killed(Session(str(book.folder), "early").begin)
    assert book.verdicts() == {"early": "unanchored", "": "unanchored"}
    book.write("next")
    assert book.verdicts() == {"early": "recovered", "": "recovered"}


@pytest.mark.parametrize("place", ["two.jsonl", INDEX])
def test_each_flipped_bit_is_found(book: Book, place: str) -> None:
    """A random sample over the whole file, the last line included; that of the index is held by a checkpoint."""
    verifier, kept = the_verifier(), str(book.seal())
    path = book.folder / place
    whole = path.read_bytes()
    dice = random.Random(4)  # noqa: S311
    for dummy in range(300):
        where, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        path.write_bytes(whole[:where] + bytes([whole[where] ^ bit]) + whole[where + 1 :])
        assert verifier.main([str(book.folder), "--checkpoint", kept]) >= 3, (where, bit)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seq":1,"open":[],"event":"closed","session":[],"file":"../x"}'])
def test_a_hostile_index_is_judged_and_not_run_into(book: Book, text: str) -> None:
    def put(rows: list[dict[str, Any]]) -> None:
        rows.append({**(json.loads(text) if text.startswith("{") else {}), "spec": "mailops.index/1"})

    book.forge_index(put)
    assert book.verdicts()[INDEX_STEM] == "invalid"
    assert "Traceback" not in book.verify().stderr
