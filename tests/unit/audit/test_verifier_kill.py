# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writers that are killed at any moment leave a journal that verifies: never invalid, missing or gap (R-LOG-18)."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from journal_book import Book, killed, the_verifier

from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX

VERIFY = the_verifier()


def _writing(book: Book, number: int) -> int:
    """A child that writes runs until it is killed."""
    pid = os.fork()
    if pid == 0:
        try:
            for turn in range(10**6):
                book.write("run-%d-%d" % (number % 2, turn % 3), 1 + turn % 3)
        finally:
            os._exit(1)
    return pid


def _verdict(book: Book) -> int:
    return int(VERIFY.main([str(book.folder)]))


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Two writers at a time, killed after up to 20 ms; while they write and after, only what nobody counts yet is open."""
    dice = random.Random(seed)  # noqa: S311
    book = Book(tmp_path / "journal")
    book.write("first")
    for dummy in range(12):
        children = [_writing(book, number) for number in range(2)]
        time.sleep(dice.random() * 0.02)
        assert _verdict(book) in (0, 3)
        for pid in children:
            time.sleep(dice.random() * 0.005)
            os.kill(pid, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
        assert _verdict(book) in (0, 3)
    book.write("last")
    assert _verdict(book) == 0


@pytest.mark.parametrize("place", ["run", "index"])
def test_a_tail_torn_at_any_byte(tmp_path: Path, place: str) -> None:
    """What a power cut leaves of the line that was being written: declared by the next run, and verified then."""

    source = Book(tmp_path / "source")
    source.write("first")
    killed(lambda: source.write("torn", 2, close=False))
    path = source.folder / (INDEX if place == "index" else "torn.jsonl")
    whole = path.read_bytes()
    start = whole.rfind(b"\n", 0, len(whole) - 1) + 1
    if place == "index":
        # Cut before the line was on disk, so its run had not begun.
        os.unlink(source.path("torn"))
    for cut in range(start, len(whole), 3):
        path.write_bytes(whole[:cut])
        book = Book(tmp_path / str(cut))
        book.folder.mkdir()
        for one in source.folder.iterdir():
            if one.is_file():
                (book.folder / one.name).write_bytes(one.read_bytes())
        assert _verdict(book) in (0, 3)
        book.write("next")
        assert _verdict(book) == 0, cut
        book.write("torn")
        assert _verdict(book) == 0, cut
