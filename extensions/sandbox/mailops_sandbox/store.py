# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One SQLite file, one connection, one process. A commit is on disk (WAL) before its answer leaves, so kill -9 loses nothing."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """The connection with the few helpers that every area uses. Not for use from several threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "sandbox.sqlite3"
        path.touch(mode=0o600, exist_ok=True)
        os.chmod(path, 0o600)
        self.db = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        self.db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-65536"):
            self.db.execute("PRAGMA " + pragma)
        self.db.executescript(_SCHEMA.read_text(encoding="utf-8"))
        # counts and page positions; valid until the next write
        self.cache: dict[Any, Any] = {}

    def close(self) -> None:
        """Fold the WAL back and close."""
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit on success, roll back on any exception."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def one(self, sql: str, *args: Any) -> sqlite3.Row | None:
        """Return the first row or None."""
        return self.db.execute(sql, args).fetchone()

    def all(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """Return all rows."""
        return self.db.execute(sql, args).fetchall()

    def value(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.db.execute(sql, args).fetchone()
        return row[0] if row else None

    def run(self, sql: str, *args: Any) -> int:
        """Execute and return the id of the inserted row (meaningless for other statements)."""
        return self.db.execute(sql, args).lastrowid or 0

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute once per row."""
        self.db.executemany(sql, rows)

    def next_id(self, table: str) -> int:
        """Return the id that the next inserted row of ``table`` gets; one writer, so it stays true inside a transaction."""
        return int(self.value("SELECT seq FROM sqlite_sequence WHERE name = ?", table) or 0) + 1

    def within(self, sql: str, values: Sequence[Any]) -> Iterator[sqlite3.Row]:
        """Run ``sql`` with its one ``(?*)`` widened to ``values``, in chunks SQLite accepts."""
        for start in range(0, len(values), 500):
            chunk = values[start : start + 500]
            yield from self.db.execute(sql.replace("?*", ",".join("?" * len(chunk))), chunk)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the JSON value kept under ``name``."""
        text = self.value("SELECT value FROM kv WHERE name = ?", name)
        return default if text is None else json.loads(text)

    def put(self, name: str, value: Any) -> None:
        """Keep a JSON value under ``name``."""
        self.run(
            "INSERT INTO kv VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    def count(self, *names: str) -> None:
        """Add one to each counter."""
        self.db.executemany(
            "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1", [(n,) for n in names]
        )
