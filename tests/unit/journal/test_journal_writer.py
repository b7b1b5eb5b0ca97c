# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write-ahead file under bad conditions: many writers, torn tails, full disks, lost rights (R-LOG-18)."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal import writer as module
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import read_events, verify_chain
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

NOTE: dict[str, Any] = {"action": "request.received", "phase": "note", "object": {"kind": "mailbox", "key": "\u00e4@x"}}


def writer(folder: Path, run: str = "run") -> JournalWriter:
    return JournalWriter(str(folder), run, {"request_id": "REQ-1"})


def in_child(work: Callable[[], None]) -> int:
    """Exit status of *work* in a forked child: 0 when it returns, 1 when it raises."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def must_fail(journal: JournalWriter, code: str = "journal_not_writable", events: Any = (NOTE,)) -> JournalError:
    with pytest.raises(JournalError) as found:
        journal.append(events)
    assert found.value.code == code
    return found.value


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    journal = writer(tmp_path / "j")
    first = journal.append([NOTE, NOTE])
    second = journal.append([NOTE])
    journal.close()
    events = list(read_events(journal.path))
    assert events == first + second
    assert [event["seq"] for event in events] == [1, 2, 3]
    assert len({event["id"] for event in events}) == 3
    assert {event["stream"] for event in events} == {"run"}
    assert verify_chain(journal.path) == []


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        journal = writer(tmp_path / "j")
        journal.append([NOTE])
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(journal.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(tmp_path / "j").st_mode) == 0o700


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").touch(mode=0o644)
    journal = writer(tmp_path)
    journal.append([NOTE])
    assert stat.S_IMODE(os.stat(journal.path).st_mode) == 0o600


def test_many_forks_write_one_chain(tmp_path: Path) -> None:
    """Eight processes, 200 events each, single ones and blocks: no gap, no lost event, no broken link."""
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                journal = writer(tmp_path)
                for turn in range(40):
                    journal.append([dict(NOTE, after={"who": number, "turn": turn})])
                    journal.append([dict(NOTE, after={"who": number, "turn": turn, "row": row}) for row in range(4)])
                journal.close()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 8
    path = str(tmp_path / "run.jsonl")
    assert verify_chain(path) == []
    events = list(read_events(path))
    assert [event["seq"] for event in events] == list(range(1, 1601))
    assert {sum(event["after"]["who"] == number for event in events) for number in range(8)} == {200}


def test_many_threads_share_one_writer(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    threads = [
        threading.Thread(target=lambda: [journal.append([NOTE, NOTE]) for dummy in range(25)]) for dummy in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify_chain(journal.path) == []
    assert len(list(read_events(journal.path))) == 400


def test_a_tail_torn_at_any_byte_is_cut_off_and_declared(tmp_path: Path) -> None:
    """R-LOG-18: what a killed writer left of a line is never silently dropped, and never breaks the chain."""
    journal = writer(tmp_path)
    journal.append([NOTE, NOTE, NOTE])
    journal.close()
    whole = Path(journal.path).read_bytes()
    keep = whole.rfind(b"\n", 0, len(whole) - 1) + 1
    for cut in range(keep + 1, len(whole)):
        torn = whole[keep:cut]
        Path(journal.path).write_bytes(whole[:cut])
        assert [problem for problem in verify_chain(journal.path) if "torn" in problem]
        assert len(list(read_events(journal.path))) == 2
        after = writer(tmp_path)
        after.append([NOTE])
        after.close()
        assert verify_chain(journal.path) == []
        events = list(read_events(journal.path))
        assert [event["action"] for event in events[2:]] == ["audit.recovered", "request.received"]
        digest = "sha256:" + hashlib.sha256(torn).hexdigest()
        assert events[2]["after"] == {"dropped_bytes": len(torn), "digest": digest}


def test_a_torn_first_line_is_declared_too(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_bytes(b'{"acti')
    journal = writer(tmp_path)
    journal.append([NOTE])
    assert verify_chain(journal.path) == []
    assert [event["action"] for event in read_events(journal.path)] == ["audit.recovered", "request.received"]


def test_a_line_longer_than_the_tail_that_is_read(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    journal.append([dict(NOTE, after={"text": "x" * 300000})])
    journal.append([NOTE])
    journal.close()
    other = writer(tmp_path)
    other.append([NOTE])
    assert verify_chain(other.path) == []


def test_a_damaged_last_line_stops_the_run(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    journal.append([NOTE])
    journal.close()
    with open(journal.path, "ab") as handle:
        handle.write(b"no event\n")
    before = Path(journal.path).read_bytes()
    error = must_fail(writer(tmp_path), "journal_damaged")
    assert journal.path in error.message and error.hint
    assert Path(journal.path).read_bytes() == before


@pytest.mark.parametrize(
    "event",
    [{"action": "mailbox.exploded"}, {}, {"action": "request.received", "after": {"x": 0.5}}, {"action": None}],
)
def test_a_refused_event_leaves_no_trace(tmp_path: Path, event: dict[str, Any]) -> None:
    """R-LOG-05: an unknown action, or what has no canonical form; what is written next still follows the chain."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    with pytest.raises(JournalError) as found:
        journal.append([NOTE, event])
    assert found.value.code in ("unknown_action", "event_not_canonical")
    journal.append([NOTE])
    assert verify_chain(journal.path) == []
    assert [one["seq"] for one in read_events(journal.path)] == [1, 2]


def test_a_refused_event_does_not_lose_a_torn_tail(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    journal.append([NOTE])
    journal.close()
    with open(journal.path, "ab") as handle:
        handle.write(b'{"half')
    other = writer(tmp_path)
    must_fail(other, "unknown_action", [{"action": "x"}])
    other.append([NOTE])
    assert [one["action"] for one in read_events(journal.path)][1] == "audit.recovered"
    assert verify_chain(journal.path) == []


def test_a_symbolic_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"")
    (tmp_path / "run.jsonl").symlink_to(target)
    must_fail(writer(tmp_path))
    assert target.read_bytes() == b""


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "j").write_text("")
    error = must_fail(writer(tmp_path / "j"))
    assert str(tmp_path / "j") in error.message and error.hint


def test_a_journal_that_is_taken_away_stops_the_run(tmp_path: Path) -> None:
    """Events written into a file without a name are lost when the process ends."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    os.unlink(journal.path)
    must_fail(journal)


def test_without_rights_nothing_is_written(tmp_path: Path) -> None:
    """EACCES, as another user when the tests run as root."""
    folder = tmp_path / "j"
    folder.mkdir(mode=0o500)

    def work() -> None:
        if os.getuid() == 0:
            # Inside the folder, so that the folders above it need not let another user pass.
            os.chown(folder, 65534, 65534)
            os.chdir(folder)
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        error = must_fail(writer(Path(".") if Path.cwd() == folder else folder))
        if "denied" not in error.message:
            raise ValueError(error.message)

    assert in_child(work) == 0
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path) -> None:
    """EFBIG stands for ENOSPC: the write breaks off in the middle of a block."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    size = os.stat(journal.path).st_size
    rows = [dict(NOTE, after={"row": row}) for row in range(10)]

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 900, resource.RLIM_INFINITY))
        must_fail(journal, events=rows)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        must_fail(journal)  # room or not: this writer has lost its word

    assert in_child(work) == 0
    assert os.stat(journal.path).st_size == size
    other = writer(tmp_path)
    other.append(rows)
    assert verify_chain(journal.path) == []
    assert len(list(read_events(journal.path))) == 11


def test_a_full_disk_keeps_a_torn_tail(tmp_path: Path) -> None:
    """The tail is cut off before it can be declared; when the declaration cannot be written it is put back."""
    torn = b'{"action":"mailbox.cre'
    (tmp_path / "run.jsonl").write_bytes(torn)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(torn) + 100, resource.RLIM_INFINITY))
        must_fail(writer(tmp_path))

    assert in_child(work) == 0
    assert (tmp_path / "run.jsonl").read_bytes() == torn


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EPERM])
def test_a_failed_fsync_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """After it the page cache cannot be trusted, so there is no second try."""
    journal = writer(tmp_path)
    journal.append([NOTE])
    size = os.stat(journal.path).st_size

    def fails(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.os, "fsync", fails)
    error = must_fail(journal)
    assert os.strerror(number) in error.message and "Nothing more was changed" in error.message
    monkeypatch.undo()
    must_fail(journal)
    assert os.stat(journal.path).st_size == size


def test_a_failed_fsync_of_the_folder_is_final_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(module.os, "fsync", fails)
    journal = writer(tmp_path)
    with pytest.raises(JournalError):
        journal.open()
    monkeypatch.undo()
    must_fail(journal)


def test_verify_names_each_kind_of_damage(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    journal.append([dict(NOTE, after={"row": row}) for row in range(6)])
    journal.close()
    path = Path(journal.path)
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = {
        "dropped": lines[:2] + lines[3:],
        "doubled": lines[:3] + lines[2:],
        "swapped": [*lines[:2], lines[3], lines[2], *lines[4:]],
        "changed": [*lines[:2], lines[2].replace(b'"row":2', b'"row":9'), *lines[3:]],
        "not an event": [*lines[:2], b"[]\n", *lines[3:]],
        "cut in front": lines[1:],
    }
    for name, wrong in damaged.items():
        path.write_bytes(b"".join(wrong))
        assert verify_chain(journal.path), name


def test_each_flipped_byte_is_found(tmp_path: Path) -> None:
    """Of all lines but the last, whose digest nothing holds yet."""
    journal = writer(tmp_path)
    journal.append([NOTE, NOTE, NOTE])
    journal.close()
    path = Path(journal.path)
    whole = path.read_bytes()
    last = whole.rfind(b"\n", 0, len(whole) - 1) + 1
    for place in range(0, last, 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert verify_chain(journal.path), place


def test_lines_are_canonical(tmp_path: Path) -> None:
    journal = writer(tmp_path)
    journal.append([NOTE])
    line = Path(journal.path).read_bytes().rstrip(b"\n")
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
