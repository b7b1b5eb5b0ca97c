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

from ansible_collections.mailops.email.plugins.module_utils.journal.event import (
    DIGEST_DOMAIN,
    GENESIS,
    Event,
    check_shape,
    parse_line,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_link import (
    Connection,
    Link,
    LinkFailure,
    unreadable,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_lock import PostgresLock
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_writer import PostgresWriter
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

_CHUNK = 20000
# Names of runs without a look at all their lines.
_ENDS = """
    WITH RECURSIVE known AS (
        (SELECT run FROM mailops_journal.event ORDER BY run LIMIT 1)
        UNION ALL
        SELECT (SELECT run FROM mailops_journal.event WHERE run > known.run ORDER BY run LIMIT 1)
        FROM known WHERE known.run IS NOT NULL
    ) SELECT run, (SELECT max(seq) FROM mailops_journal.event AS one WHERE one.run = known.run)
    FROM known WHERE run IS NOT NULL ORDER BY run"""
_BEHIND = "SELECT seq, line FROM mailops_journal.event WHERE run = %s AND seq > %s ORDER BY seq LIMIT %s"
_HOLDING = "SELECT DISTINCT run FROM mailops_journal.event WHERE position(%s::bytea in line) > 0 ORDER BY run"
# Each line is hashed by the server, so that only those are sent that matter, or that do not follow the one before them. The
# first row is the last of the chunk before, and is only there to be followed.
_LINES = """
    SELECT run, seq, follows, CASE WHEN follows AND wanted THEN line END FROM (
        SELECT run, seq, line, position(%(words)s::bytea in line) > 0 AS wanted,
            seq = coalesce(lag(seq) OVER one, 0) + 1 AND position(convert_to('"prev":"' || coalesce(
                'sha256:' || encode(sha256(%(domain)s::bytea || lag(line) OVER one), 'hex'), %(genesis)s
            ) || '"', 'UTF8') in line) > 0 AS follows,
            row_number() OVER everything AS place, count(*) OVER () AS places
        FROM (
            SELECT run, seq, line FROM mailops_journal.event
            WHERE {which}
            ORDER BY run, seq LIMIT %(limit)s
        ) AS chunk
        WINDOW one AS (PARTITION BY run ORDER BY seq), everything AS (ORDER BY run, seq)
    ) AS judged
    WHERE (wanted OR NOT follows OR place = places) AND NOT (run = %(run)s AND seq = %(seq)s)
    ORDER BY run, seq"""
_OF_ONE_RUN = _LINES.replace("{which}", "run = %(run)s AND seq >= %(seq)s")
_OF_ALL_RUNS = _LINES.replace("{which}", "(run, seq) >= (%(run)s, %(seq)s)")
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
        self.place = self._link.place
        self.local = directory
        weakref.finalize(self, self._link.close)

    def close(self) -> None:
        """End the connection; reading or writing makes a new one."""
        self._link.close()

    def runs(self) -> list[str]:
        return [row[0] for row in self._read(_ENDS, [])]

    def events(self, run: str, must_hold: bytes = b"") -> t.Iterator[Event]:
        return self._lines(must_hold, run)

    def all_events(self, must_hold: bytes = b"") -> t.Iterator[Event]:
        return self._lines(must_hold, None)

    def ends(self) -> dict[str, int]:
        return dict(self._read(_ENDS, []))

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        while True:
            rows = self._read(_BEHIND, [run, place, _CHUNK])
            for place, line in rows:
                yield place, bytes(line)
            if not rows:
                return

    def holding(self, words: bytes) -> list[str]:
        return [row[0] for row in self._read(_HOLDING, [words])]

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

    def _read(self, query: str, values: t.Any) -> list[tuple[t.Any, ...]]:
        try:
            return self._link.run(lambda connection: connection.execute(query, values, binary=True).fetchall())
        except LinkFailure as error:
            raise unreadable(self.place, error) from error

    def _lines(self, must_hold: bytes, only: str | None) -> t.Iterator[Event]:
        values = {"words": must_hold, "domain": DIGEST_DOMAIN, "genesis": GENESIS, "limit": _CHUNK}
        query = _OF_ALL_RUNS if only is None else _OF_ONE_RUN
        run, seq = only or "", 0
        while True:
            rows = self._read(query, {**values, "run": run, "seq": seq})
            for run, seq, follows, line in rows:
                if not follows:
                    raise self._damaged(run, seq, "it does not follow the line before it")
                if line is not None:
                    yield self._event(run, seq, bytes(line))
            if not rows:
                return

    def _event(self, run: str, seq: int, line: bytes) -> Event:
        try:
            event = parse_line(line)
            check_shape(event)
        except (ValueError, RecursionError) as error:
            raise self._damaged(run, seq, str(error)) from error
        return event

    def _damaged(self, run: str, seq: int, why: str) -> JournalError:
        return JournalError(
            "journal_damaged",
            "The journal %s line %d of %s is damaged: %s." % (self.place, seq, run, why),
            "Export and verify it, and put the rows back from a copy. Without one, keep the export as evidence and compare "
            "with the provider by hand what the run did, before you run again.",
        )
