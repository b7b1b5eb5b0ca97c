# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting that processes share (R-BULK-01: no request inside a cooldown, whichever fork was told of it)."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from scripted import Clock, Server, make_client

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.pace import Pacer

ACCOUNT = "https://trekmail.example/api/v1"


def fork(work: object) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work()  # type: ignore[operator]
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_without_a_pace_nobody_waits(tmp_path: Path) -> None:
    pacer = Pacer(str(tmp_path / "p"), ACCOUNT, 0)
    assert pacer.turn() == 0.0 and pacer.held_until() == 0.0


def test_a_pause_holds_for_other_processes(tmp_path: Path) -> None:
    Pacer(str(tmp_path / "p"), ACCOUNT, 0).hold(60)
    now = time.time()
    assert fork(lambda: 0 if 58 < Pacer(str(tmp_path / "p"), ACCOUNT, 0).held_until() - now < 61 else 1) == 0
    assert Pacer(str(tmp_path / "p"), ACCOUNT + "/other", 0).held_until() == 0.0, "another account"


def test_a_shorter_pause_does_not_end_a_longer_one(tmp_path: Path) -> None:
    pacer = Pacer(str(tmp_path / "p"), ACCOUNT, 0)
    pacer.hold(60)
    pacer.hold(1)
    assert pacer.held_until() > time.time() + 50


def test_turns_are_shared_by_processes(tmp_path: Path) -> None:
    """600 a minute: two processes take 20 turns of 0.1 s each, no two of them the same."""
    read, write = os.pipe()
    for _child in range(2):
        if os.fork() == 0:
            try:
                pacer = Pacer(str(tmp_path / "p"), ACCOUNT, 600)
                for _turn in range(10):
                    os.write(write, b"%.6f\n" % pacer.turn())
            finally:
                os._exit(0)
    os.close(write)
    for _child in range(2):
        os.wait()
    with os.fdopen(read) as pipe:
        turns = sorted(float(line) for line in pipe)
    assert len(turns) == 20
    assert all(
        0.099 < later - earlier < 0.101 or later - earlier > 0.1
        for earlier, later in zip(turns, turns[1:], strict=False)
    )


def test_the_file_is_private(tmp_path: Path) -> None:
    Pacer(str(tmp_path / "p"), ACCOUNT, 60).turn()
    (path,) = (tmp_path / "p").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "trekmail" not in path.name


@pytest.mark.parametrize("data", [b"", b"x", b"1", b"nan nan nan", b"\xff" * 100, b"12.5 "])
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, data: bytes) -> None:
    pacer = Pacer(str(tmp_path / "p"), ACCOUNT, 60)
    pacer.turn()
    (path,) = (tmp_path / "p").iterdir()
    path.write_bytes(data)
    assert pacer.held_until() == 0.0
    assert abs(pacer.turn() - time.time()) < 1
    pacer.hold(30)
    assert pacer.held_until() > time.time() + 28


def test_a_folder_that_cannot_be_used_is_no_reason_to_fail(tmp_path: Path) -> None:
    """A read must work though the journal's folder cannot be written; the journal itself complains before a write."""
    (tmp_path / "file").write_text("")
    pacer = Pacer(str(tmp_path / "file" / "p"), ACCOUNT, 60)
    first, second = pacer.turn(), pacer.turn()
    assert second - first == pytest.approx(1.0)
    pacer.hold(30)
    assert pacer.held_until() > time.time() + 28
    other = Pacer(str(tmp_path / "p"), ACCOUNT, 60)
    other.turn()
    (path,) = (tmp_path / "p").iterdir()
    path.unlink()
    path.mkdir()
    other.hold(30)
    assert other.held_until() > time.time() + 28


def test_the_client_keeps_the_pace(server: Server, clock: Clock, tmp_path: Path) -> None:
    client = make_client(server.url, requests_per_minute=60, pace_dir=str(tmp_path / "p"))
    started = clock.now
    for _turn in range(5):
        client.get("/x")
    assert 3.99 <= clock.now - started < 4.5


def test_another_fork_s_pause_is_honoured(server: Server, clock: Clock, tmp_path: Path) -> None:
    first = make_client(server.url, pace_dir=str(tmp_path / "p"))
    second = make_client(server.url, pace_dir=str(tmp_path / "p"), requests_per_minute=60)
    server.script((429, {"error": {"code": "rate_limited", "retry_after": 20}}, {}), (200, {}, {}))
    told = clock.now
    first.get("/x")
    assert clock.now - told >= 19.99
    first._pacer.hold(20)
    held = clock.now
    second.get("/x")
    second.get("/x")
    assert clock.now - held >= 20.99, "the turn that fell into the pause is gone, the next ones keep their distance"


def test_a_pause_that_begins_while_waiting_for_a_turn(server: Server, clock: Clock, tmp_path: Path) -> None:
    client = make_client(server.url, pace_dir=str(tmp_path / "p"), requests_per_minute=6)
    client.get("/x")
    true_sleep = clock.sleep

    def sleep(seconds: float) -> None:
        true_sleep(seconds)
        if len(clock.naps) == 1:
            client._pacer.hold(50)

    clock.sleep = sleep  # type: ignore[method-assign]
    before = clock.now
    client.get("/x")
    assert clock.now - before >= 59.99


def test_a_pause_beyond_the_deadline(server: Server, clock: Clock, tmp_path: Path) -> None:
    client = make_client(server.url, pace_dir=str(tmp_path / "p"), deadline=10)
    client._pacer.hold(2999.5)
    with pytest.raises(ProviderError) as found:
        client.call("POST", "/x", key="k")
    assert found.value.code == "rate_limited" and found.value.stop and not found.value.in_doubt
    assert "3000 s" in found.value.message and "deadline" in found.value.hint
    assert server.seen == [] and clock.naps == [] and client.counts["POST"] == 0
