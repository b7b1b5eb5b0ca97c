# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures both stores of the journal, files and a PostgreSQL on this machine; docs/performance.md reads the figures.

Events a second as they are made durable, seconds to read 10,000, and the onboarding of 1,000 mailboxes with either.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("bench", "sandbox", "postgres", "live")]

import run as bench  # noqa: E402 - found by the line above
from database import Database, Server  # noqa: E402

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore  # noqa: E402
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store  # noqa: E402

COMMON = {
    "actor": {"human": "dana@agency.example", "system": "ansible@controller"},
    "request_id": "REQ-2026-900",
    "provider": "trekmail@127.0.0.1",
    "plan_digest": "sha256:" + "0" * 64,
    "tool_version": "mailops.email@1.0.0",
    "run": {"playbook": "Onboard the request", "task": "Bring the mailboxes to their owners", "task_id": "0" * 26},
}
EVENT: dict[str, Any] = {
    "action": "invite.sent", "phase": "outcome", "outcome": "success", "verb": "create", "intent_id": "0" * 26,
    "object": {"kind": "invite", "key": "a@example.com", "client": "acme", "domain": "example.com"},
    "before": None, "after": {"state": "pending", "recipient": "a@people.example.net", "expires_in_hours": 72},
    "http": {"status": 201, "attempts": 1, "request_ids": ["0" * 26]}, "redacted": ["setup_link"],
}  # fmt: skip
EVENTS = 10000
TURNS = 3
Make = Callable[[], Store]


def per_second(make: Make, run: str, count: int, size: int, threads: int = 1) -> float:
    """*count* events in blocks of *size* by one writer."""
    writer = make().writer(run, COMMON)
    writer.open()

    def work() -> None:
        for dummy in range(count // size // threads):
            writer.append([EVENT] * size)

    started = time.perf_counter()
    workers = [threading.Thread(target=work) for dummy in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - started
    writer.close()
    return count / took


def by_processes(make: Make, run: str, count: int, size: int, processes: int = 8) -> float:
    started = time.perf_counter()
    children = []
    for dummy in range(processes):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                per_second(make, run, count // processes, size)
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    if any(status for dummy, status in [os.waitpid(pid, 0) for pid in children]):
        raise SystemExit("a writer failed")
    return count / (time.perf_counter() - started)


def reading(store: Store) -> tuple[float, float]:
    """Seconds to follow all chains for a question that few lines answer, at first and once more."""
    found = []
    for dummy in range(2):
        started = time.perf_counter()
        list(store.all_events(b'"no such words"'))
        found.append(time.perf_counter() - started)
    return found[0], found[1]


def measured(make: Make) -> list[str]:
    rows = [
        "%.0f" % per_second(make, "single", 1000, 1),
        "%.0f" % per_second(make, "threads", 2000, 1, threads=8),
        "%.0f" % by_processes(make, "processes", 2000, 1),
        "%.0f" % per_second(make, "blocks", 5000, 100),
    ]
    if len(list(make().all_events())) != EVENTS:
        raise SystemExit("not every event is there")
    times = [reading(make()) for dummy in range(3)]
    return [*rows, *("%.2f" % min(one[turn] for one in times) for turn in range(2))]


def onboarding(folder: Path, database: Database) -> list[list[str]]:
    """Seconds of the main job for 1,000 mailboxes and of doing it again with nothing to do, by store; by turns, because
    other work on the machine comes and goes, and the fastest."""
    found: list[list[tuple[float, float]]] = [[], []]
    for turn in range(TURNS):
        for number, url in enumerate(("", database.url())):
            here = folder / ("%d-%d" % (number, turn))
            here.mkdir()
            if url:
                database.sql("TRUNCATE mailops_journal.event, mailops_journal.index_line, mailops_journal.document")
                os.environ["MAILOPS_JOURNAL_URL"] = url
            try:
                cell = bench.Bench(here, 0, 1, time.perf_counter()).cell(1000)
            finally:
                os.environ.pop("MAILOPS_JOURNAL_URL", None)
            found[number].append((cell.apply.measured.seconds, cell.again.measured.seconds))
    return [["%.2f" % min(one[part] for one in times) for part in range(2)] for times in found]


def main() -> int:
    titles = (
        "events a second, one at a time", "the same, 8 threads of one task", "the same, 8 processes in one run",
        "events a second, in blocks of 100", "10,000 events followed for a question, s", "the next question, s",
        "onboarding of 1,000 mailboxes, s", "once more, nothing to do, s",
    )  # fmt: skip
    columns = []
    server = Server()
    try:
        server.start()
        database = Database(server)
        with tempfile.TemporaryDirectory(prefix="mailops-bench-", dir=TESTS.parent / ".cache") as scratch:
            folder = Path(scratch)
            columns.append(measured(lambda: FileStore(str(folder / "journal"))))
            columns.append(measured(lambda: database.store(folder / "local")))
            for column, more in zip(columns, onboarding(folder, database), strict=True):
                column += more
    finally:
        server.stop()
    print("\n| journal | files | PostgreSQL |\n|---|---|---|")
    for title, files, rows in zip(titles, *columns, strict=True):
        print("| %s | %s | %s |" % (title, files, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
