# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that are lost, answers that never come, servers that are killed: nothing lost, nothing twice (R-LOG-18)."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from database import PASSWORD, Database
from wire import Wire

from ansible_collections.mailops.email.plugins.module_utils.journal import postgres_link
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_store import PostgresStore
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused

NOTE: dict[str, Any] = {
    "action": "request.received",
    "phase": "note",
    "object": {"kind": "mailbox", "key": "a@x.example"},
}


@pytest.fixture
def wire(database: Database) -> Iterator[Wire]:
    wire = Wire(database.server.postgres.port)
    yield wire
    wire.close()


def through(database: Database, wire: Wire, folder: Path) -> PostgresStore:
    url = database.url().replace(":%d/" % database.server.postgres.port, ":%d/" % wire.port)
    return PostgresStore(url, str(folder))


def notes(count: int, **after: Any) -> list[dict[str, Any]]:
    return [dict(NOTE, after={"row": row, **after}) for row in range(count)]


@pytest.mark.parametrize("how", ["before", "after"])
def test_an_answer_that_was_lost_is_settled_by_reading_back(
    database: Database, wire: Wire, tmp_path: Path, how: str
) -> None:
    """Whether the server had the commit or not: each event is there once, and the writer goes on."""
    cut = {"object": {"kind": "mailbox", "key": "cut-here@x.example"}}
    store = through(database, wire, tmp_path)
    writer = store.writer("run", {"request_id": "REQ-1"})
    other = database.store(tmp_path).writer("run", {})
    written = writer.append(notes(2))
    for turn in range(8):
        wire.cut = how
        written += writer.append([{**one, **cut} for one in notes(3, turn=turn)])
        # Another fork goes on from there.
        written += other.append(notes(1))
        written += writer.append(notes(1))
    other.close()
    writer.close()
    assert wire.cuts == 8
    assert list(store.events("run")) == written
    verdict, files = database.verdict(tmp_path / "export")
    assert verdict in ("ok", "recovered") and files["run.jsonl"]["lines"] == len(written) == 42
    store.close()


def test_no_connection_to_be_had_again_is_the_end(
    database: Database, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer says so, and stays unusable also when the server is back: what came after is not known."""
    monkeypatch.setattr(postgres_link, "PATIENCE_SECONDS", 1.0)
    store = through(database, wire, tmp_path)
    writer = store.writer("run", {})
    writer.open()
    wire.down = True
    wire.cut_all()
    with pytest.raises(JournalError) as found:
        writer.append(notes(1))
    assert found.value.code == "journal_not_writable" and store.place in found.value.message
    assert "Nothing more was changed" in found.value.message and PASSWORD not in found.value.message + found.value.hint
    wire.down = False
    with pytest.raises(JournalError):
        writer.append(notes(1))
    writer.close()
    assert database.sql("SELECT count(*) FROM mailops_journal.event") == "0"


def test_a_lock_that_another_has_taken_meanwhile_ends_the_run(database: Database, wire: Wire, tmp_path: Path) -> None:
    """R-IRB-A1: also when the other has already let go of it: it has read and changed what we believe to know."""
    for released in (False, True):
        store = through(database, wire, tmp_path)
        lock = store.lock("client")
        assert lock.take({"run_id": "first"})
        writer = store.writer("run", {})
        writer.append(notes(1))
        wire.cut_all()
        other = database.store(tmp_path).lock("client")
        ends = time.monotonic() + 10
        while not other.take({"run_id": "second"}):
            assert time.monotonic() < ends
            time.sleep(0.02)
        if released:
            other.release()
        with pytest.raises(JournalError, match="another run has taken the lock"):
            writer.append(notes(1))
        with pytest.raises(JournalError, match="another run has taken the lock"):
            list(store.all_events())
        writer.close()
        lock.release()
        other.release()
        store.close()
    assert database.sql("SELECT count(*) FROM mailops_journal.event") == "2"


def test_a_lock_that_nobody_else_took_is_taken_again(database: Database, wire: Wire, tmp_path: Path) -> None:
    store = through(database, wire, tmp_path)
    lock = store.lock("client")
    assert lock.take({"run_id": "first"})
    writer = store.writer("run", {})
    writer.append(notes(1))
    wire.cut_all()
    writer.append(notes(1))
    other = database.store(tmp_path).lock("client")
    assert not other.take({}) and other.holder() == {"run_id": "first"}
    writer.close()
    lock.release()
    assert other.take({})
    store.close()


@pytest.mark.parametrize("how", ["kill", "immediate"])
def test_eight_writers_while_the_server_is_killed(database: Database, tmp_path: Path, how: str) -> None:
    """10,000 events by eight processes in three runs, the server killed and started again four times in between: every
    event that was answered is there, no event is there twice, and the chains and the index hold."""
    count, size = 1250, 5
    children = [child(lambda n=n: write_many(database, tmp_path, n, count, size)) for n in range(8)]  # type: ignore[misc]
    kill: Callable[[], None] = getattr(database.server, how)
    before = 0
    for turn in range(4):
        # Not at any moment, but when they are at it; and when nobody is left to be disturbed, it would prove nothing.
        ends = time.monotonic() + 60
        while (there := int(database.sql("SELECT count(*) FROM mailops_journal.event"))) < before + 700:
            assert time.monotonic() < ends
            time.sleep(0.02)
        assert there < 9500, "they were through before the server was killed the time %d" % (turn + 1)
        kill()
        time.sleep(0.3)
        database.server.again()
        before = int(database.sql("SELECT count(*) FROM mailops_journal.event"))
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 8
    store = database.store(tmp_path)
    found = [(event["after"]["who"], event["after"]["row"]) for event in store.all_events()]
    assert sorted(found) == [(who, row) for who in range(8) for row in range(count)], "lost, or twice"
    ids = [event["id"] for event in store.all_events()]
    told = [one for who in range(8) for one in json.loads((tmp_path / ("ids%d" % who)).read_text())]
    assert sorted(ids) == sorted(told) and len(set(ids)) == 8 * count
    verdict, files = database.verdict(tmp_path / "export")
    assert verdict in ("ok", "recovered"), files
    assert sum(one["lines"] for name, one in files.items() if name != "runs.index") == 8 * count == 10000


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001
            # A child's end is all that the parent sees of it.
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    return pid


def write_many(database: Database, folder: Path, who: int, count: int, size: int) -> None:
    """Blocks of *size*, by two threads; what was answered is told in a file."""
    store = PostgresStore(database.url(), str(folder))
    writer = store.writer("run%d" % (who % 3), {"request_id": "REQ-1"})
    writer.open()
    rows = list(range(count))
    told: list[str] = []
    failed: list[BaseException] = []

    def work(mine: list[int]) -> None:
        try:
            for start in range(0, len(mine), size):
                block = [dict(NOTE, after={"who": who, "row": row}) for row in mine[start : start + size]]
                told.extend(event["id"] for event in writer.append(block))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(rows[part::2],)) for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    store.close()
    (folder / ("ids%d" % who)).write_text(json.dumps(told))
    if failed:
        raise failed[0]


def test_a_server_that_is_not_there(database: Database, tmp_path: Path) -> None:
    """At once, for it was not there before: reading, writing and locking name host and database, and no more."""
    nobody = PostgresStore("postgresql://controller:%s@127.0.0.1:1/none" % PASSWORD, str(tmp_path))
    started = time.monotonic()
    for work, code in (
        (nobody.runs, "journal_not_readable"),
        (lambda: list(nobody.all_events()), "journal_not_readable"),
        (nobody.writer("run", {}).open, "journal_not_writable"),
        (lambda: nobody.lock("client").take({}), "journal_not_writable"),
    ):
        with pytest.raises(JournalError) as found:
            work()
        said = found.value.message + found.value.hint
        assert found.value.code == code and "postgresql:127.0.0.1:1/none" in said and "MAILOPS_JOURNAL_URL" in said
        assert PASSWORD not in said
    assert time.monotonic() - started < 5


def test_what_is_no_journal(database: Database, tmp_path: Path) -> None:
    database.sql("DROP SCHEMA mailops_journal CASCADE")
    with pytest.raises(JournalError) as found:
        database.store(tmp_path).runs()
    assert "journal.sql" in found.value.hint
    for wrong in ("postgresql://u:%s@h/d?nonsense=1", "mysql://u:%s@h/d", "%s"):
        with pytest.raises(Refused) as refused:
            PostgresStore(wrong % PASSWORD, str(tmp_path))
        assert refused.value.code == "journal_url" and PASSWORD not in refused.value.message + refused.value.hint


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres_link, "HAS_PSYCOPG", False)
    with pytest.raises(Refused) as found:
        PostgresStore("postgresql://localhost/none", str(tmp_path))
    assert found.value.code == "library_missing" and "pip install 'psycopg[binary]>=" in found.value.hint


def test_a_role_that_may_only_read_writes_nothing(database: Database, tmp_path: Path) -> None:
    store = database.store(tmp_path, "auditor")
    with pytest.raises(JournalError, match="permission denied") as found:
        store.writer("run", {}).append(notes(1))
    assert found.value.code == "journal_not_writable" and "Grant" in found.value.hint
    assert list(store.all_events()) == []


def test_commits_are_durable_whatever_the_role_says(database: Database, tmp_path: Path) -> None:
    database.sql("ALTER ROLE controller SET synchronous_commit = off")
    try:
        store = database.store(tmp_path)
        shown = store._link.run(lambda one: one.execute("SHOW synchronous_commit").fetchone()[0])
        assert shown == "on"
    finally:
        database.sql("ALTER ROLE controller RESET synchronous_commit")


def test_a_server_without_fsync_is_refused(database: Database, tmp_path: Path) -> None:
    database.sql("ALTER SYSTEM SET fsync = off")
    database.sql("SELECT pg_reload_conf()")
    try:
        time.sleep(0.3)
        with pytest.raises(JournalError, match="fsync = off") as found:
            database.store(tmp_path).writer("run", {}).open()
        assert found.value.code == "journal_not_writable"
    finally:
        database.sql("ALTER SYSTEM RESET fsync")
        database.sql("SELECT pg_reload_conf()")
