# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that write one journal share the disk's time, and none goes on before its own events are there."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal import writer as module
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import verify_chain
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

EVENT = {"action": "mailbox.created", "phase": "note"}


@pytest.fixture
def journal(tmp_path: Path) -> JournalWriter:
    writer = JournalWriter(str(tmp_path), "run", {"request_id": "REQ-2026-001"})
    writer.open()
    return writer


class SlowDisk:
    """An fsync that takes a while, and remembers how large the file was when each began."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.synced: list[int] = []
        self.seconds = seconds
        self.fails = False

    def __call__(self, handle: int) -> None:
        size = os.fstat(handle).st_size
        time.sleep(self.seconds)
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")
        self.synced.append(size)


def test_what_append_returns_is_on_disk(journal: JournalWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-LOG-18: of many threads each returns only after an fsync that began behind its own block."""
    disk = SlowDisk()
    monkeypatch.setattr(module.os, "fsync", disk)
    late = []

    def work(_number: int) -> None:
        for event in journal.append([dict(EVENT), dict(EVENT)]):
            durable = Path(journal.path).read_bytes()[: max(disk.synced, default=0)]
            if event["id"].encode() not in durable:
                late.append(event["id"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    assert not late
    assert verify_chain(journal.path) == []
    assert len(Path(journal.path).read_bytes().splitlines()) == 160
    assert len(disk.synced) < 60, "the threads waited for the disk one after another"


def test_nobody_goes_on_when_the_disk_fails(journal: JournalWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thread that waits for a failing fsync is refused, and its events, on which nobody will act, are taken back."""
    kept = journal.append([dict(EVENT)])
    disk = SlowDisk(0.05)
    disk.fails = True
    monkeypatch.setattr(module.os, "fsync", disk)
    gate = threading.Barrier(8)

    def work(_number: int) -> Any:
        gate.wait()
        with pytest.raises(JournalError) as caught:
            journal.append([dict(EVENT)])
        return caught.value.code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {"journal_not_writable"}
    assert [json.loads(line)["id"] for line in Path(journal.path).read_bytes().splitlines()] == [kept[0]["id"]]


def test_events_of_another_fork_are_never_taken_back(
    journal: JournalWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer has chained to ours and acts on it: a failing fsync of ours must not cut its lines off."""
    other = JournalWriter(str(tmp_path), "run", {"request_id": "REQ-2026-001"})
    mine = journal.append([dict(EVENT)])
    theirs = other.append([dict(EVENT)])
    disk = SlowDisk(0)
    disk.fails = True
    monkeypatch.setattr(module.os, "fsync", disk)
    with pytest.raises(JournalError):
        journal.append([dict(EVENT)])
    left = [json.loads(line)["id"] for line in Path(journal.path).read_bytes().splitlines()]
    assert left == [mine[0]["id"], theirs[0]["id"]]
