# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal in PostgreSQL as files, for the verifier: what it finds when somebody with all rights has changed a row."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from database import PASSWORD, SCHEMA, Database

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

NOTE: dict[str, Any] = {
    "action": "request.received",
    "phase": "note",
    "object": {"kind": "mailbox", "key": "a@x.example"},
}
UPDATE = "UPDATE mailops_journal.event SET "
ROW = " WHERE run = 'one' AND seq = 2"


def write(database: Database, folder: Path, run: str, count: int = 4, close: bool = True) -> None:
    writer = database.store(folder / "local").writer(run, {"request_id": "REQ-1", "provider": "p@h"})
    writer.append([dict(NOTE, after={"row": row, "text": "\u00e4\x00\n"}) for row in range(count)])
    if close:
        writer.close()


@pytest.fixture
def written(database: Database, tmp_path: Path) -> Database:
    for run in ("one", "two"):
        write(database, tmp_path, run)
    database.store(tmp_path / "local").keep("known-good/p@h/example.com/abc.json", b"{}")
    return database


def test_the_export_is_the_folder_that_files_would_be(written: Database, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    verdict, files = written.verdict(folder)
    assert verdict == "ok" and {name: one["lines"] for name, one in files.items()} == {
        "one.jsonl": 4,
        "two.jsonl": 4,
        "runs.index": 4,
    }
    assert list(FileStore(str(folder)).all_events()) == list(written.store(tmp_path).all_events())
    assert (folder / "known-good" / "p@h" / "example.com" / "abc.json").read_bytes() == b"{}"
    assert stat.S_IMODE((folder / "one.jsonl").stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_tables_can_be_made_again(written: Database, tmp_path: Path) -> None:
    """Nothing is lost by it, and what was granted in the meantime is taken back."""
    written.sql("GRANT UPDATE ON mailops_journal.event TO mailops_journal_writer")
    written.sql(SCHEMA.read_text(encoding="utf-8"))
    with pytest.raises(RuntimeError, match="permission denied"):
        written.sql("SET ROLE controller", "UPDATE mailops_journal.event SET seq = 9")
    assert written.verdict(tmp_path / "export")[0] == "ok"


def test_a_second_export_adds_what_is_new(written: Database, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert written.verdict(folder)[0] == "ok"
    assert written.export(folder).stdout == ""
    write(written, tmp_path, "two", 2)
    write(written, tmp_path, "three", 1)
    # As it is left when the disk was full on the way.
    os.truncate(folder / "one.jsonl", (folder / "one.jsonl").stat().st_size - 30)
    done = written.export(folder)
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["1", "one.jsonl"],
        ["4", "runs.index"],
        ["1", "three.jsonl"],
        ["2", "two.jsonl"],
    ]
    assert written.verdict(folder)[0] == "ok"


@pytest.mark.parametrize(
    ("statements", "verdict", "said"),
    [
        # He knows the digest rule of the line, and the columns agree with it.
        (
            (
                UPDATE + "line = l, digest = 'sha256:' || encode(sha256('mailops-event-v1\\012'::bytea || l), 'hex') "
                "FROM (SELECT convert_to(replace(convert_from(line, 'UTF8'), '\"row\":1', '\"row\":7'), 'UTF8') AS l "
                "FROM mailops_journal.event" + ROW + ") AS new" + ROW,
            ),
            "invalid",
            "does not follow",
        ),
        (("DELETE FROM mailops_journal.event" + ROW,), "gap", "is missing"),  # noqa: S608
        (("DELETE FROM mailops_journal.event WHERE run = 'one' AND seq = 4",), "missing", "of which 3 are there"),
        (("DELETE FROM mailops_journal.event WHERE run = 'one'",), "missing", "the file is gone"),
        (("DELETE FROM mailops_journal.index_line WHERE seq = 4",), "unanchored", "no line of the index counts them"),
        (("DELETE FROM mailops_journal.index_line WHERE seq = 2",), "gap", "is missing"),
    ],
    ids=["changed", "taken out", "tail cut off", "run gone", "index cut off", "index line gone"],
)  # fmt: skip
def test_what_a_superuser_did_is_found(
    written: Database, tmp_path: Path, statements: tuple[str, ...], verdict: str, said: str
) -> None:
    """R-LOG-18: by the verifier, in a fresh export; by comparison, in one that goes on from yesterday's."""
    assert written.verdict(tmp_path / "yesterday")[0] == "ok"
    kept = {path.name: path.read_bytes() for path in (tmp_path / "yesterday").glob("*.*")}
    written.sql(*statements)
    worst, files = written.verdict(tmp_path / "today")
    found = [(one["verdict"], one["text"]) for file in files.values() for one in file["findings"]]
    assert worst not in ("ok", "recovered") and any(one == verdict and said in text for one, text in found), found
    again = written.export(tmp_path / "yesterday")
    assert again.returncode == 6 and "exported before" in again.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "yesterday").glob("*.*")} == kept


def test_a_line_that_is_not_what_its_digest_says_cannot_be_put_in(written: Database) -> None:
    with pytest.raises(RuntimeError, match="event_digest_check|violates check constraint"):
        written.sql(UPDATE + "line = convert_to(replace(convert_from(line, 'UTF8'), 'REQ-1', 'REQ-9'), 'UTF8')" + ROW)


def test_a_column_that_lies_is_found(written: Database, tmp_path: Path) -> None:
    """Nothing of ours believes the columns, people do."""
    written.sql(UPDATE + "key = 'eve@x.example', request_id = NULL" + ROW)
    done = written.export(tmp_path / "export")
    assert done.returncode == 6 and "row 2 of one: request_id, key is not what the line says" in done.stderr


def test_readers_meet_a_changed_line(written: Database, tmp_path: Path) -> None:
    """A line that was changed cannot pass for one of no interest."""
    written.sql(
        "ALTER TABLE mailops_journal.event DROP CONSTRAINT event_check",
        UPDATE
        + "line = convert_to(replace(convert_from(line, 'UTF8'), '\"kind\":\"mailbox\"', '\"kind\":\"xailbox\"'), 'UTF8')"
        + ROW,
    )
    with pytest.raises(JournalError, match="line 3 of one is damaged") as found:
        list(written.store(tmp_path).all_events(b'"kind":"mailbox"'))
    assert found.value.code == "journal_damaged" and PASSWORD not in found.value.message


def test_a_writer_that_was_killed_is_settled_by_the_next(database: Database, tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        write(database, tmp_path, "one", 3, close=False)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert database.verdict(tmp_path / "before")[1]["one.jsonl"]["verdict"] == "unanchored"
    ends = 50
    while ends and database.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'controller'") != "0":
        ends -= 1
    write(database, tmp_path, "two")
    verdict, files = database.verdict(tmp_path / "after")
    assert verdict == "recovered" and files["one.jsonl"]["lines"] == 3
    lines = [json.loads(one) for one in (tmp_path / "after" / "runs.index").read_bytes().splitlines()]
    assert [(one["event"], one["run"], one.get("events")) for one in lines] == [
        ("opened", "one", None),
        ("recovered", "one", 3),
        ("opened", "two", None),
        ("closed", "two", 4),
    ]


def test_an_export_needs_no_right_but_to_read(written: Database, tmp_path: Path) -> None:
    for words in ("UPDATE mailops_journal.event SET seq = 9", "DELETE FROM mailops_journal.event"):
        for role in ("controller", "auditor"):
            with pytest.raises(RuntimeError, match="permission denied"):
                written.sql("SET ROLE " + role, words)
    with pytest.raises(RuntimeError, match="permission denied"):
        written.sql("SET ROLE auditor", "INSERT INTO mailops_journal.document (path, data) VALUES ('a', '')")
    with pytest.raises(RuntimeError, match="permission denied"):
        written.sql("SET ROLE controller", "TRUNCATE mailops_journal.index_line")
    written.sql("ALTER ROLE auditor PASSWORD 'another'")
    try:
        done = written.export(tmp_path / "export")
        assert done.returncode == 2 and "password authentication failed" in done.stderr
        assert PASSWORD not in done.stderr
    finally:
        written.sql("ALTER ROLE auditor PASSWORD '%s'" % PASSWORD)
