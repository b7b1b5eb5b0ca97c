# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal in PostgreSQL, for runs in containers that are thrown away: the same lines, chains and index, as rows.

``extensions/audit/journal.sql`` makes the tables. Lines are kept byte for byte; nothing is ever changed or removed.
"""

from __future__ import annotations

import errno
import os
import typing as t
import weakref

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, check_shape, parse_line
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_link import Connection, Link
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_lock import PostgresLock
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_reader import Reader, Row, damaged
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_writer import PostgresWriter, runs_at_work
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

_NEWEST = "SELECT data FROM mailops_journal.document WHERE path = %s ORDER BY number DESC LIMIT 1"
_KEEP = "INSERT INTO mailops_journal.document (path, data) VALUES (%s, %s)"


class PostgresStore(Store):
    """The journal in the database that *url* names.

    :param url: of the form that libpq reads; may hold a password.
    :param directory: of this controller, for what runs need not share.
    :raises Refused: ``journal_url``, ``library_missing``.
    """

    def __init__(self, url: str, directory: str) -> None:
        self._link = Link(url)
        self._reader = Reader(self._link)
        self.place = self._link.place
        self.local = directory
        weakref.finalize(self, self._link.close)

    def close(self) -> None:
        """End the connection; reading or writing makes a new one."""
        self._link.close()

    def runs(self) -> list[str]:
        return list(self._reader.ends())

    def events(self, run: str, must_hold: bytes = b"") -> t.Iterator[Event]:
        return self._events(self._reader.of_run(run), must_hold)

    def all_events(self, must_hold: bytes = b"") -> t.Iterator[Event]:
        return self._events(self._reader.of_all(), must_hold)

    def ends(self) -> dict[str, int]:
        return self._reader.ends()

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        return ((seq, line) for dummy, seq, line in self._reader.behind(run, place))

    def holding(self, words: bytes) -> list[str]:
        return sorted({run for run, dummy, line in self._reader.of_all() if words in line})

    def at_work(self) -> frozenset[str]:
        return self._reader.run(runs_at_work)

    def writer(self, run_id: str, common: t.Mapping[str, t.Any]) -> PostgresWriter:
        return PostgresWriter(self._link, run_id, common)

    def lock(self, name: str) -> PostgresLock:
        return PostgresLock(self._link, name)

    def keep(self, path: str, data: bytes) -> None:
        def work(connection: Connection) -> None:
            # Also how a second try finds out that the first one has done it.
            row = connection.execute(_NEWEST, [path]).fetchone()
            if row is None or bytes(row[0]) != data:
                connection.execute(_KEEP, [path, data])

        self._link.run(work)

    def load(self, path: str) -> bytes:
        row = self._link.run(lambda connection: connection.execute(_NEWEST, [path]).fetchone())
        if row is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return bytes(row[0])

    def _events(self, rows: t.Iterable[Row], must_hold: bytes) -> t.Iterator[Event]:
        for run, seq, line in rows:
            if must_hold not in line:
                continue
            try:
                event = parse_line(line)
                check_shape(event)
            except (ValueError, RecursionError) as error:
                raise damaged(self.place, run, seq, str(error)) from error
            yield event
