# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index over runs: written before a run's file, closed behind it, settled after a kill, chained (R-LOG-18)."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal import index as module
from ansible_collections.mailops.email.plugins.module_utils.journal import writer as writer_module
from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, event_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import journal_files, read_events
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import index_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

NOTE = {"action": "request.received", "phase": "note"}


def writer(folder: Path, run: str = "run") -> JournalWriter:
    return JournalWriter(str(folder), run, {"request_id": "REQ-1"})


def write(folder: Path, run: str = "run", count: int = 2) -> None:
    journal = writer(folder, run)
    journal.append([NOTE] * count)
    journal.close()


def index_of(folder: Path) -> list[dict[str, Any]]:
    """Its lines, with the chain followed."""
    prev, rows = GENESIS, []
    for number, line in enumerate((folder / INDEX).read_bytes().splitlines(), 1):
        row = json.loads(line)
        assert (row["prev"], row["seq"], row["spec"]) == (prev, number, "mailops.index/1")
        prev = index_digest(line)
        rows.append(row)
    return rows


def told(folder: Path) -> list[tuple[Any, ...]]:
    return [(row["event"], row["run"], row.get("events")) for row in index_of(folder)]


def killed(work: Callable[[], None]) -> None:
    """Do it in a child that then dies by SIGKILL, wherever it is."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL


def test_a_run_is_named_before_it_and_counted_behind_it(tmp_path: Path) -> None:
    write(tmp_path, count=3)
    write(tmp_path, "other", 1)
    write(tmp_path, count=2)
    assert told(tmp_path) == [
        ("opened", "run", None), ("closed", "run", 3), ("opened", "other", None),
        ("closed", "other", 1), ("opened", "run", None), ("closed", "run", 5),
    ]  # fmt: skip
    rows = index_of(tmp_path)
    last = list(read_events(str(tmp_path / "run.jsonl")))
    assert rows[5]["last"] == event_digest(last[4]) and rows[1]["last"] == event_digest(last[2])
    assert [len(row["open"]) for row in rows] == [1, 0] * 3 and rows[0]["file"] == "run.jsonl"
    assert stat.S_IMODE((tmp_path / INDEX).stat().st_mode) == 0o600
    assert list((tmp_path / ".open").iterdir()) == [] and len(journal_files(str(tmp_path))) == 2


def test_it_costs_two_times_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events there are: one fsync of the index before the first, and one behind the last."""
    true, names = os.fsync, []

    def fsync(handle: int) -> None:
        names.append(os.path.basename(os.readlink("/proc/self/fd/%d" % handle)))
        true(handle)

    monkeypatch.setattr(module.os, "fsync", fsync)
    journal = writer(tmp_path)
    for dummy in range(5):
        journal.append([NOTE])
    journal.close()
    assert names == [INDEX, tmp_path.parent.name, tmp_path.name, *["run.jsonl"] * 5, INDEX]


def test_a_writer_that_was_killed_is_settled_by_the_next(tmp_path: Path) -> None:
    """Between the index and the first event, behind whole events, and in the middle of a line."""
    killed(writer(tmp_path, "early").open)
    os.unlink(tmp_path / "early.jsonl")  # as if it had died one step earlier
    killed(lambda: writer(tmp_path, "late").append([NOTE, NOTE]) and None)
    killed(lambda: writer(tmp_path, "torn").append([NOTE, NOTE]) and None)
    whole = (tmp_path / "torn.jsonl").read_bytes()
    (tmp_path / "torn.jsonl").write_bytes(whole[:-5])
    assert len(list((tmp_path / ".open").iterdir())) == 1, "each settled the one before it"
    write(tmp_path, "next")
    assert told(tmp_path) == [
        ("opened", "early", None), ("recovered", "early", 0), ("opened", "late", None), ("recovered", "late", 2),
        ("opened", "torn", None), ("recovered", "torn", 1), ("opened", "next", None), ("closed", "next", 2),
    ]  # fmt: skip
    rows = index_of(tmp_path)
    assert rows[1]["absent"] and rows[1]["last"] == GENESIS
    tail = whole[whole.index(b"\n") + 1 : -5]
    assert rows[5]["torn"] == {"bytes": len(tail), "digest": "sha256:" + hashlib.sha256(tail).hexdigest()}
    assert (tmp_path / "torn.jsonl").read_bytes() == whole[:-5], "evidence stays as it is until its run goes on"
    assert list((tmp_path / ".open").iterdir()) == []


def test_one_that_still_writes_is_left_alone(tmp_path: Path) -> None:
    """Several clients of one run, and runs side by side, are open at the same time."""
    first, second = writer(tmp_path), writer(tmp_path)
    first.append([NOTE])
    second.append([NOTE])
    write(tmp_path, "other")
    first.append([NOTE])
    first.close()
    second.close()
    assert [row[0] for row in told(tmp_path)] == ["opened", "opened", "opened", "closed", "closed", "closed"]
    assert [row["events"] for row in index_of(tmp_path)[3:]] == [2, 3, 2]


def test_one_that_was_taken_for_dead_ends_all_the_same(tmp_path: Path) -> None:
    """Its lock was out of sight, and it went on: the index says so, and then how far it came."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    (lock,) = (tmp_path / ".open").iterdir()
    os.unlink(lock)
    write(tmp_path, "other")
    journal.append([NOTE])
    journal.close()
    assert told(tmp_path) == [
        ("opened", "run", None), ("recovered", "run", 1), ("opened", "other", None),
        ("closed", "other", 2), ("opened", "run", None), ("closed", "run", 2),
    ]  # fmt: skip


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    """Eight processes at once, some of them killed: every session is opened once and ended once."""
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            for turn in range(10):
                write(tmp_path, "run-%d" % (turn % 3))
            if number % 4 == 0:
                writer(tmp_path, "killed").append([NOTE])
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(0)
        children.append(pid)
    statuses = [os.waitpid(pid, 0)[1] for pid in children]
    assert sorted(statuses) == [0] * 6 + [signal.SIGKILL] * 2
    write(tmp_path, "last")
    rows = index_of(tmp_path)
    sessions = [row["session"] for row in rows if row["event"] == "opened"]
    assert len(sessions) == len(set(sessions)) == 83
    assert sorted(row["session"] for row in rows if row["event"] != "opened") == sorted(sessions)
    assert [row["run"] for row in rows if row["event"] == "recovered"] == ["killed"] * 2 and rows[-1]["open"] == []


def test_a_torn_line_of_the_index_is_cut_off_and_declared(tmp_path: Path) -> None:
    write(tmp_path)
    whole = (tmp_path / INDEX).read_bytes()
    (tmp_path / INDEX).write_bytes(whole + b'{"event":"ope')
    write(tmp_path, "next")
    row = index_of(tmp_path)[2]
    digest = "sha256:" + hashlib.sha256(b'{"event":"ope').hexdigest()
    assert (row["event"], row["cut_off"]) == ("opened", {"bytes": 13, "digest": digest})
    assert (tmp_path / INDEX).read_bytes().startswith(whole)


def test_what_the_index_cannot_say_at_the_end_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The changes are made and recorded by then: a full disk fails nothing, and the next session tells it."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    monkeypatch.setattr(module._Index, "write", fails)
    journal.close()
    monkeypatch.undo()
    write(tmp_path, "next")
    assert [row[0] for row in told(tmp_path)] == ["opened", "recovered", "opened", "closed"]


def fails(*_whatever: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_without_the_index_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LOG-18: the run's file is not even made, and nobody is left waiting for."""
    monkeypatch.setattr(module.os, "fsync", fails)
    with pytest.raises(JournalError) as caught:
        writer(tmp_path).append([NOTE])
    monkeypatch.undo()
    assert caught.value.code == "journal_not_writable" and INDEX in caught.value.message and caught.value.hint
    assert (tmp_path / INDEX).read_bytes() == b"" and not journal_files(str(tmp_path))
    assert list((tmp_path / ".open").iterdir()) == []
    write(tmp_path)
    assert len(told(tmp_path)) == 2


@pytest.mark.parametrize("line", [b"no line\n", b"[]\n", b'{"seq":1}\n', b'{"open":[],"seq":"x"}\n'])
def test_a_damaged_index_stops_the_run(tmp_path: Path, line: bytes) -> None:
    write(tmp_path)
    whole = (tmp_path / INDEX).read_bytes() + line
    (tmp_path / INDEX).write_bytes(whole)
    with pytest.raises(JournalError) as caught:
        writer(tmp_path, "next").open()
    assert caught.value.code == "journal_damaged" and INDEX in caught.value.message
    assert (tmp_path / INDEX).read_bytes() == whole and len(journal_files(str(tmp_path))) == 1


def test_the_index_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / INDEX).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError):
        writer(tmp_path / "j").open()
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_only_what_is_on_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block whose fsync failed was taken back: the index never counts it."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    monkeypatch.setattr(writer_module.os, "fsync", fails)
    with pytest.raises(JournalError):
        journal.append([NOTE])
    monkeypatch.undo()
    journal.close()
    assert told(tmp_path)[-1] == ("closed", "run", 1)
