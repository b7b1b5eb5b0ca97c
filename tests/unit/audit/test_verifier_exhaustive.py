# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A log of 1,000 events, tampered with in every place: each is found, with the right verdict, and never taken for another run's.

One hundred runs of ten events each have the same form, so that each look of the verifier judges a hundred cases.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journal_book import Book, the_verifier

from ansible_collections.mailops.email.plugins.module_utils.journal.event import line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX

RUNS, EVENTS = 100, 10
VERIFY = the_verifier()
OPTIONS = argparse.Namespace(checkpoint=[], allowed_signers=None, signature=None, signer=None, retention=0)

Tamper = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book(tmp_path_factory.mktemp("log") / "journal")
    for number in range(RUNS):
        book.write("run-%03d" % number, EVENTS)
    return book


def names() -> list[str]:
    return ["run-%03d" % number for number in range(RUNS)]


def verdicts(book: Book) -> dict[str, str]:
    subjects, dummy = VERIFY.verify(str(book.folder), OPTIONS)
    return {Path(one.name).stem: one.verdict for one in subjects if one.name != INDEX}


def judged(log: Book, cases: Iterator[tuple[str, Tamper]]) -> Iterator[tuple[str, str]]:
    """Each case's name and verdict; as many cases at a time as there are runs, and the log as it was afterwards."""
    whole = {run: log.path(run).read_bytes() for run in names()}
    pending = list(cases)
    for start in range(0, len(pending), RUNS):
        batch = list(zip(names(), pending[start : start + RUNS], strict=False))
        for run, (dummy, tamper) in batch:
            log.path(run).write_bytes(tamper(whole[run]))
        found = verdicts(log)
        for run, (case, dummy) in batch:
            log.path(run).write_bytes(whole[run])
            yield case, found.pop(run)
        assert set(found.values()) <= {"ok"}, "a sound run was judged"
    assert set(verdicts(log).values()) == {"ok"}


def flipped(where: int, mask: int) -> Tamper:
    def tamper(data: bytes) -> bytes:
        place = where % len(data)
        return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]

    return tamper


def test_ten_thousand_random_bytes(log: Book) -> None:
    """Any byte changed to any other: invalid, the last line feed included."""
    dice = random.Random(2026)  # noqa: S311
    cases = (("%d" % n, flipped(dice.randrange(1 << 30), dice.randrange(1, 256))) for n in range(10_000))
    assert {verdict for dummy, verdict in judged(log, cases)} == {"invalid"}


def test_each_byte_of_a_run(log: Book) -> None:
    size = log.path("run-000").stat().st_size
    cases = (("byte %d" % place, flipped(place, 1 << place % 8)) for place in range(size))
    assert [case for case, verdict in judged(log, cases) if verdict != "invalid"] == []


def edited(change: Callable[[list[bytes]], list[bytes]]) -> Tamper:
    return lambda data: b"".join(change(data.splitlines(keepends=True)))


def test_each_record_dropped_doubled_swapped_and_moved(log: Book) -> None:
    """One that is dropped at the end is missing; all else does not follow what is before it."""
    cases: list[tuple[str, Tamper]] = []
    for place in range(EVENTS):
        cases.append(("drop %d" % place, edited(lambda rows, at=place: rows[:at] + rows[at + 1 :])))
        cases.append(("double %d" % place, edited(lambda rows, at=place: rows[: at + 1] + rows[at:])))
        for other in range(EVENTS):
            if other != place:
                cases.append(
                    ("move %d to %d" % (place, other), edited(lambda rows, a=place, b=other: moved(rows, a, b)))
                )
            if other > place:
                cases.append(
                    ("swap %d and %d" % (place, other), edited(lambda rows, a=place, b=other: swapped(rows, a, b)))
                )
    wrong = [
        (case, verdict)
        for case, verdict in judged(log, iter(cases))
        if verdict != ("missing" if case == "drop %d" % (EVENTS - 1) else "invalid")
    ]
    assert wrong == []


def moved(rows: list[bytes], start: int, end: int) -> list[bytes]:
    rows.insert(end, rows.pop(start))
    return rows


def swapped(rows: list[bytes], one: int, other: int) -> list[bytes]:
    rows[one], rows[other] = rows[other], rows[one]
    return rows


def test_cut_at_each_byte(log: Book) -> None:
    """Whole lines gone are missing; a line that was cut, in a run that its writer has closed, was cut by somebody else."""
    data = log.path("run-000").read_bytes()
    cases = (("%d" % size, lambda whole, at=size: whole[:at]) for size in range(len(data)))
    for case, verdict in judged(log, cases):
        whole_lines = int(case) == 0 or data[int(case) - 1 : int(case)] == b"\n"
        assert verdict == ("missing" if whole_lines else "invalid"), case


def test_a_record_of_another_run(log: Book) -> None:
    """Put in place of one's own, or behind the last: whatever is true elsewhere is not true here."""
    strange = log.lines("run-099")
    cases: list[tuple[str, Tamper]] = [("behind", lambda whole: whole + strange[-1])]
    for place in range(EVENTS):
        cases.append(("%d" % place, edited(lambda rows, at=place: [*rows[:at], strange[at], *rows[at + 1 :]])))
    cases.append(("all", lambda whole: b"".join(strange)))
    assert {verdict for dummy, verdict in judged(log, iter(cases))} == {"invalid"}


def test_a_fork(book: Book, tmp_path: Path) -> None:
    """Two histories from one state: each holds by itself, and neither against the other's checkpoint."""
    other = Book(tmp_path / "other" / "journal")
    other.folder.parent.mkdir()
    shutil.copytree(book.folder, other.folder)
    book.write("today", 3)
    other.write("today", 2)
    kept = {id(one): one.seal() for one in (book, other)}
    for one, strange in ((book, other), (other, book)):
        assert one.verdicts("--checkpoint", str(kept[id(one)])) == {}
        found = one.verdicts("--checkpoint", str(kept[id(strange)]))
        assert found[kept[id(strange)].stem] == "invalid" and found["today"] == "unanchored"
        both = one.verdicts(*(part for path in kept.values() for part in ("--checkpoint", str(path))))
        assert both[""] == "invalid", "a checkpoint that does not fit is never outvoted by one that does"


def test_a_run_rewritten_whole_with_the_index(book: Book) -> None:
    """Every run, every digest and the index made anew with other contents: only what left the machine before tells."""
    kept = book.seal()
    for run in ("one", "two", "three"):
        book.forge(run, lambda rows: [row.update(request_id="REQ-9") for row in rows])
    lasts = {run: line_digest(book.lines(run)[-1][:-1]) for run in ("one", "two", "three")}
    book.forge_index(lambda rows: [row.update(last=lasts[row["run"]]) for row in rows if "last" in row])
    assert book.verdicts() == {}
    found = book.verdicts("--checkpoint", str(kept))
    assert found[kept.stem] == "invalid" and {found[run] for run in lasts} == {"unanchored"}
