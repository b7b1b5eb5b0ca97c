# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal that cannot be written, or is damaged, and secrets that cannot be sealed: stop before the change (R-LOG-18)."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from plays import allowed, plays
from project import Project
from truth import QUICK, finish, onboard, people, says, violations

from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import verify_chain
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="mounts a file system")


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Programs started meanwhile can make no file larger than *size* bytes; what they write beyond fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own at *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def full_journal(project: Project, room: int) -> int:
    """A journal of this run, long enough that only it meets the limit; returns the limit that leaves *room* bytes."""
    project.environment["MAILOPS_RUN_ID"] = "long"
    writer = JournalWriter(str(project.journal), "long", {"provider": "trekmail@127.0.0.1"})
    note = {"action": "request.received", "phase": "note", "after": {"text": "x" * 1000}}
    writer.append([note] * 400)
    writer.close()
    return (project.journal / "long.jsonl").stat().st_size + room


def test_no_room_for_the_intents(project: Project) -> None:
    """Nothing leaves, the journal is as it was, and says why."""
    rows = people(*("u%d" % number for number in range(12)))
    limit = full_journal(project, 3000)
    before = (project.journal / "long.jsonl").read_bytes()
    with largest_file(limit):
        run = project.run(onboard(rows))
    result = says(run, "journal_not_writable", "long.jsonl", "File too large", "Make room", "12 not attempted")
    assert len(result["not_attempted"]) == 12 and result["applied"] == [] and not result["changed"]
    assert set(result["requests"]) == {"GET"} and project.sandbox.writes() == 0
    assert (project.journal / "long.jsonl").read_bytes() == before
    finish(project, onboard(rows), rows)


def test_no_room_for_the_outcomes(project: Project) -> None:
    """The invites are out, and the run says so; their outcomes are written by the next one. One mail each."""
    rows = people(*("u%d" % number for number in range(12)))
    with largest_file(full_journal(project, 12 * 1250)):
        run = project.run(onboard(rows))
    result = says(run, "journal_not_writable", "File too large", "12 of 12 operations done", "Make room")
    assert len(result["applied"]) == 12 and project.sandbox.writes() == 1
    assert verify_chain(str(project.journal / "long.jsonl")) == []
    assert violations(project, rows, settled=False) == []
    finish(project, onboard(rows), rows)
    assert project.sandbox.writes() == 1 and project.sandbox.ours("GET", "/writes")["replayed"] == 1


@ROOT_ONLY
def test_a_full_file_system(project: Project) -> None:
    """ENOSPC itself: 64 KB hold a few batches of what is asked for; the rest is finished with more room."""
    rows = [row for n in range(8) for row in people(*("u%d-%d" % (n, m) for m in range(6)), expires_in_hours=24 + n)]
    with mounted(project.journal, "size=64k"):
        first = project.run(onboard(rows, concurrency=1))
        result = says(first, "journal_not_writable", "No space left", "not attempted", "Make room")
        assert result["applied"] and result["not_attempted"]
        made = len(project.sandbox.ours("GET", "/state")["invites"])
        assert made == len(result["applied"]) == len(rows) - len(result["not_attempted"])
        assert violations(project, rows, settled=False) == []
        dry = project.run(onboard(rows), "--check")
        assert "Traceback" not in dry.output
        subprocess.run(["mount", "-o", "remount,size=8m", str(project.journal)], check=True)
        finish(project, onboard(rows), rows)


@ROOT_ONLY
def test_a_file_system_that_is_read_only(project: Project) -> None:
    """Reading and dry runs of a read-only task work; a change is refused before anything is sent."""
    rows = people("ann")
    with mounted(project.journal, "size=1m"):
        subprocess.run(["mount", "-o", "remount,ro", str(project.journal)], check=True)
        info = project.task("account_info", QUICK)
        assert info.rc == 0, info.output
        says(
            project.run(onboard(rows)), "journal_not_writable", str(project.journal), "Read-only file system", "access"
        )
        assert project.sandbox.writes() == 0
        subprocess.run(["mount", "-o", "remount,rw", str(project.journal)], check=True)
        finish(project, onboard(rows), rows)


@ROOT_ONLY
def test_a_folder_that_may_not_be_written(project: Project) -> None:
    """EPERM, even for root: refused before anything is sent, by name; finished when it is given back."""
    rows = people("ann")
    assert project.run(onboard(people("zoe"))).rc == 0
    writes = project.sandbox.writes()
    places = [str(project.journal), str(project.journal / "runs.index")]
    if subprocess.run(["chattr", "+i", *places], check=False, capture_output=True).returncode:
        pytest.skip("nothing can be made immutable here")
    try:
        run = project.run(onboard(rows))
        says(run, "journal_not_writable", str(project.journal), "Operation not permitted", "access")
        assert run.rc and project.sandbox.writes() == writes
    finally:
        subprocess.run(["chattr", "-i", *places], check=True)
    finish(project, onboard(rows), rows)


@ROOT_ONLY
def test_no_room_for_the_second_witness(project: Project) -> None:
    """The callback's file cannot be begun: exit code 77, no task, nothing at the provider."""
    rows = people("ann")
    with mounted(project.audit, "size=4k"):
        (project.audit / "filler").write_bytes(b"x" * 4096)
        run = project.run(onboard(rows))
        assert run.rc == 77 and not run.tasks and "No space left" in run.output, run.output
        assert project.sandbox.writes() == 0 and project.events() == []
    finish(project, onboard(rows), rows)


@ROOT_ONLY
def test_no_more_room_for_the_second_witness(project: Project) -> None:
    """Full in the middle of a run: the run goes on, says so, and the file has whole lines and how many are not there."""
    names = ["u%03d" % number for number in range(120)]
    with mounted(project.audit, "size=16k"):
        short = onboard(people("ann"))[0]["tasks"]
        long = onboard(people(*names), max_listed=0)
        filler = str(project.audit / "filler")
        free = {"name": "Free", "ansible.builtin.file": {"path": filler, "state": "absent"}}
        long[0]["tasks"] += [free, *short]
        (project.audit / "filler").write_bytes(b"x" * 8192)
        run = project.run(long)
        assert run.rc == 0 and "events cannot be written: No space left on device" in run.output, run.output
        (path,) = project.audit.glob("*.audit.jsonl")
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert [row["event"] for row in rows if row["event"] != "object"] == [
            "run.started", "audit.incomplete", "task", "task", "run.finished",
        ]  # fmt: skip
        assert rows[1]["missing"] == 121 and "No space" in rows[1]["why"]
    assert len(project.sandbox.ours("GET", "/state")["invites"]) == 121


def test_folders_that_are_none(project: Project) -> None:
    """The journal's folder, and that of sealed secrets, is a file: refused at once, finished in another folder."""
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    sealed = people("ann", delivery="sealed", seal_to=recipient, exception=allowed())
    wrong = project.folder / "a-file"
    wrong.write_text("")
    options = {"client": "acme", **QUICK}
    cases: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        ({"mailboxes": people("bob"), "journal_dir": str(wrong)}, ("journal_not_", str(wrong), "Not a directory")),
        (
            {"mailboxes": sealed, "sealed_dir": str(wrong)},
            ("seal_not_writable", str(wrong), "Make room or give access"),
        ),
    ]
    tasks = [("mailbox", {**options, **more}, {"ignore_errors": True}) for more, _words in cases]
    run = project.run(plays(*tasks))
    for row, (_more, words) in zip(run.tasks, cases, strict=True):
        for word in words:
            assert word in row["result"]["msg"], "%r is not in: %s" % (word, row["result"]["msg"])
    assert "Traceback" not in run.output
    assert project.sandbox.writes() == 0 and project.events() == []
    rows = [*people("bob"), *sealed]
    finish(project, onboard(rows), rows)
    (path,) = project.sealed.rglob("*.age")
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_a_damaged_journal(project: Project) -> None:
    """Told with file and line before anything is planned: who was invited already cannot be guessed."""
    rows = people("ann", "bob")
    assert project.run(onboard(rows)).rc == 0
    (path,) = project.journal.glob("*.jsonl")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for damage in (
        lines[0] + lines[1][:50] + lines[1][-50:] + b"".join(lines[2:]),
        lines[0].replace(b'"idempotency_key"', b'"idempotency_kez"') + b"".join(lines[1:]),
    ):
        path.write_bytes(damage)
        writes = project.sandbox.writes()
        says(project.run(onboard([*rows, *people("eve")])), "journal_damaged", str(path), "line ", "from a copy")
        assert project.sandbox.writes() == writes
    # A last line that was cut by a crash is no damage: it is declared, and what it said is settled again.
    path.write_bytes(whole[:-40])
    project.environment["MAILOPS_RUN_ID"] = path.stem
    finish(project, onboard(rows), rows)
    assert [event["action"] for event in project.events()].count("audit.recovered") == 1
    assert project.sandbox.writes() == writes


def test_an_event_that_has_no_home_stops_a_dry_run_too(project: Project) -> None:
    """What cannot be written in the apply is told in the dry run already."""
    rows = people("ann")
    wrong = project.folder / "a-file"
    wrong.write_text("")
    run = project.run(onboard(rows, journal_dir=str(wrong)), "--check")
    says(run, "journal_not_", str(wrong))
