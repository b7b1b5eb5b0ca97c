# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a journal that is kept in PostgreSQL into a folder, byte for byte, for verify_journal.py and for copying away.

The database is that of MAILOPS_JOURNAL_URL, so that no password is in a list of processes; a role that may only read will do.
Needs Python 3.10 or newer and psycopg 3, and nothing of the collection. An export into the same folder adds what is new. What
was exported before has to be in the database still, byte for byte: where it is not, nothing of that file is touched.

Exit codes: 0 done; 6 the database is not what was exported before, or its columns are not what the lines say; 2 it could
not be read, or the folder not be written.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import typing as t

DONE, UNUSABLE, CHANGED = 0, 2, 6
INDEX = "runs.index"
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
DOCUMENT = re.compile(r"[A-Za-z0-9@_+-][A-Za-z0-9@._+-]*(/[A-Za-z0-9@_+-][A-Za-z0-9@._+-]*)+\Z")
CHUNK = 2000
# Column -> where the line has it.
COLUMNS = {
    "run": ("stream",),
    "seq": ("seq",),
    "id": ("id",),
    "at": ("timestamp",),
    "phase": ("phase",),
    "action": ("action",),
    "request_id": ("request_id",),
    "provider": ("provider",),
    "kind": ("object", "kind"),
    "key": ("object", "key"),
}


class Export:
    """One export, of one state of the database."""

    def __init__(self, connection: t.Any, folder: str) -> None:
        self.connection = connection
        self.folder = folder
        self.problems = []  # type: t.List[str]
        self.seen = set()  # type: t.Set[str]
        self.new = {}  # type: t.Dict[str, int]

    def all(self) -> None:
        """Runs first: a folder whose export was cut short has lines that no index counts, and not the other way round."""
        columns = ", ".join(COLUMNS)
        rows = self._rows("SELECT line, %s FROM mailops_journal.event ORDER BY run, seq" % columns)  # noqa: S608
        names = ["line", *COLUMNS]
        run, file = "", None  # type: t.Tuple[str, t.Optional[Follower]]
        for values in rows:
            row = dict(zip(names, values, strict=True))
            if file is None or row["run"] != run:
                self._finish(file)
                run = row["run"]
                file = Follower(self.folder, run + ".jsonl" if RUN.match(run) else "")
            self._compare(row)
            file.take(bytes(row["line"]))
        self._finish(file)
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".jsonl") and name not in self.seen:
                self.problems.append("%s: it was exported before, and the database has nothing of it" % name)
        index = Follower(self.folder, INDEX)
        for (line,) in self._rows("SELECT line FROM mailops_journal.index_line ORDER BY seq"):
            index.take(bytes(line))
        self._finish(index)
        self._documents()

    def _rows(self, query: str) -> t.Iterator[tuple[t.Any, ...]]:
        with self.connection.cursor(name="export", binary=True) as cursor:
            cursor.itersize = CHUNK
            cursor.execute(query)
            yield from cursor

    def _compare(self, row: dict[str, t.Any]) -> None:
        """What people search by is what the line says."""
        try:
            event = json.loads(bytes(row["line"]))
            wrong = [name for name, path in COLUMNS.items() if row[name] != _column(event, path)]
        except (ValueError, AttributeError):
            wrong = ["line"]
        if wrong:
            self.problems.append(
                "row %s of %s: %s is not what the line says" % (row["seq"], row["run"], ", ".join(wrong))
            )

    def _finish(self, file: Follower | None) -> None:
        if file is None:
            return
        problem = file.finish()
        if problem:
            self.problems.append(problem)
        self.seen.add(file.name)
        if file.added and not problem:
            self.new[file.name] = file.added

    def _documents(self) -> None:
        newest = "SELECT DISTINCT ON (path) path, data FROM mailops_journal.document ORDER BY path, number DESC"
        for path, data in self._rows(newest):
            if not DOCUMENT.match(path):
                self.problems.append("the document %r has no name for a file" % path)
                continue
            target = os.path.join(self.folder, *path.split("/"))
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            if not os.path.exists(target) or _content(target) != bytes(data):
                with private(target + ".new", os.O_TRUNC) as file:
                    file.write(bytes(data))
                os.replace(target + ".new", target)
                self.new[path] = 1


class Follower:
    """A file that grows by what the database has more than it."""

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        self.added = 0
        self._problem = "" if name else "a run has a name that no file can have"
        self._path = os.path.join(folder, name)
        self._file = None  # type: t.Optional[t.BinaryIO]
        if name:
            self._file = private(self._path, 0)

    def take(self, line: bytes) -> None:
        file = self._file
        if file is None or self._problem:
            return
        if b"\n" in line:
            self._problem = "%s: a line has a line feed in it" % self.name
            return
        place = file.tell()
        there = file.read(len(line) + 1)
        if there == line + b"\n":
            return
        # A line that was cut while it was exported is put right; anything else was not in the database then.
        if len(there) == len(line) + 1 or not (line + b"\n").startswith(there):
            self._problem = "%s: the database does not have what was exported before" % self.name
            return
        file.seek(place)
        file.write(line + b"\n")
        self.added += 1

    def finish(self) -> str:
        """What is wrong, or nothing, and then it is on disk."""
        file = self._file
        if file is None:
            return self._problem
        with file:
            if not self._problem and file.read(1):
                self._problem = "%s: more was exported before than the database has" % self.name
            file.flush()
            os.fsync(file.fileno())
        return self._problem


def private(path: str, flags: int) -> t.BinaryIO:
    """Open a file to read and write that only its owner may read, never through a link."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
    return os.fdopen(handle, "r+b")


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _column(event: dict[str, t.Any], path: tuple[str, ...]) -> t.Any:
    value = event  # type: t.Any
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=str(__doc__).split("\n\n", 1)[0], epilog=str(__doc__).rsplit("\n\n", 1)[-1]
    )
    parser.add_argument("folder", metavar="FOLDER", help="made with mode 0700 when it is not there")
    folder = parser.parse_args(arguments).folder
    try:
        import psycopg
    except ImportError:
        sys.stderr.write("psycopg is missing: pip install 'psycopg[binary]>=3.1'\n")
        return UNUSABLE
    url = os.environ.get("MAILOPS_JOURNAL_URL", "")
    if not url:
        sys.stderr.write("MAILOPS_JOURNAL_URL does not name a database\n")
        return UNUSABLE
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            export = Export(connection, folder)
            export.all()
    except psycopg.Error as error:
        # Of what is no URL not a word: there may be a password in it.
        wrong = isinstance(error, psycopg.ProgrammingError) and not error.sqlstate
        sys.stderr.write("%s\n" % ("MAILOPS_JOURNAL_URL is no URL" if wrong else " ".join(str(error).split())))
        return UNUSABLE
    except OSError as error:
        sys.stderr.write("%s\n" % error)
        return UNUSABLE
    for name, count in sorted(export.new.items()):
        sys.stdout.write("%8d  %s\n" % (count, name))
    for problem in export.problems:
        sys.stderr.write("%s\n" % problem)
    return CHANGED if export.problems else DONE


if __name__ == "__main__":
    sys.exit(main())
