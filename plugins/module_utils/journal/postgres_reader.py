# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads lines from PostgreSQL and follows their chains here, whatever the server says of them.

A task asks several questions. What was read for the first is kept, and each later one fetches only what is new: lines are
never changed, and one that was is found by the first question or by the verifier.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_link import (
    Answer,
    Connection,
    Link,
    LinkFailure,
    unreadable,
)
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

_CHUNK = 5000
# Bytes of lines that a task keeps; of a longer journal each question reads all.
KEPT_BYTES = 96 << 20
# Names of runs without a look at all their lines.
_ENDS = """
    WITH RECURSIVE known AS (
        (SELECT run FROM mailops_journal.event ORDER BY run LIMIT 1)
        UNION ALL
        SELECT (SELECT run FROM mailops_journal.event WHERE run > known.run ORDER BY run LIMIT 1)
        FROM known WHERE known.run IS NOT NULL
    ) SELECT run, (SELECT max(seq) FROM mailops_journal.event AS one WHERE one.run = known.run)
    FROM known WHERE run IS NOT NULL ORDER BY run"""
_OF_RUN = "SELECT run, seq, line FROM mailops_journal.event WHERE run = %s AND seq > %s ORDER BY seq LIMIT %s"
_OF_ALL = "SELECT run, seq, line FROM mailops_journal.event WHERE (run, seq) > (%s, %s) ORDER BY run, seq LIMIT %s"

Row = tuple[str, int, bytes]


class Chain:
    """One run, as far as it was followed.

    :ivar kept: its lines, unless they are too many.
    """

    def __init__(self, place: str, run: str) -> None:
        self.kept: list[bytes] = []
        self.seq = 0
        self._name = place, run
        self._prev = GENESIS.encode()

    def follow(self, seq: int, line: bytes) -> None:
        """:raises JournalError: ``journal_damaged``."""
        if seq != self.seq + 1 or b'"prev":"%s"' % self._prev not in line:
            raise damaged(*self._name, seq, "it does not follow the line before it")
        self.seq, self._prev = seq, line_digest(line).encode()


class Reader:
    """What one store has read.

    :raises JournalError: ``journal_not_readable``, ``journal_damaged``; every method does.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._chains: dict[str, Chain] = {}
        self._bytes = 0
        self._all = False

    def ends(self) -> dict[str, int]:
        return dict(self.query(_ENDS, []))

    def query(self, query: str, values: t.Sequence[t.Any]) -> list[tuple[t.Any, ...]]:
        return self.run(lambda connection: connection.execute(query, values, binary=True).fetchall())

    def run(self, work: t.Callable[[Connection], Answer]) -> Answer:
        try:
            return self._link.run(work)
        except LinkFailure as error:
            raise unreadable(self._link.place, error) from error

    def behind(self, run: str, seq: int) -> t.Iterator[Row]:
        """Lines of a run as they are there."""
        while rows := self.query(_OF_RUN, [run, seq, _CHUNK]):
            yield from rows
            seq = rows[-1][1]

    def of_run(self, run: str) -> t.Iterator[Row]:
        """All lines of a run, followed."""
        chain = self._chain(run)
        if self._bytes > KEPT_BYTES or not self._take(self.behind(run, chain.seq)):
            return self._followed(self.behind(run, 0))
        return ((run, seq, line) for seq, line in enumerate(chain.kept, 1))

    def of_all(self) -> t.Iterator[Row]:
        """All lines of all runs, followed, one run after the other."""
        if self._bytes > KEPT_BYTES or not self._renew():
            return self._followed(self._rows())
        chains = sorted(self._chains.items())
        return ((run, seq, line) for run, chain in chains for seq, line in enumerate(chain.kept, 1))

    def _renew(self) -> bool:
        """Fetch what is new; False when it is too much to be kept."""
        if not self._all:
            self._chains.clear()
            self._bytes = 0
            self._all = self._take(self._rows())
            return self._all
        news = [run for run, end in self.ends().items() if end > self._chain(run).seq]
        return all(self._take(self.behind(run, self._chain(run).seq)) for run in news)

    def _chain(self, run: str) -> Chain:
        return self._chains.setdefault(run, Chain(self._link.place, run))

    def _rows(self) -> t.Iterator[Row]:
        run, seq = "", 0
        while rows := self.query(_OF_ALL, [run, seq, _CHUNK]):
            yield from rows
            run, seq = rows[-1][:2]

    def _followed(self, rows: t.Iterable[Row]) -> t.Iterator[Row]:
        for run, lines in itertools.groupby(rows, lambda row: row[0]):
            chain = Chain(self._link.place, run)
            for row in lines:
                chain.follow(*row[1:])
                yield row

    def _take(self, rows: t.Iterable[Row]) -> bool:
        """Follow and keep; False, and nothing is kept any more, when it becomes too much."""
        for run, seq, line in rows:
            chain = self._chain(run)
            chain.follow(seq, line)
            chain.kept.append(line)
            self._bytes += len(line)
            if self._bytes > KEPT_BYTES:
                self._chains.clear()
                return False
        return True


def damaged(place: str, run: str, seq: int, why: str) -> JournalError:
    return JournalError(
        "journal_damaged",
        "The journal %s line %d of %s is damaged: %s." % (place, seq, run, why),
        "Export and verify it, and put the rows back from a copy. Without one, keep the export as evidence and compare "
        "with the provider by hand what the run did, before you run again.",
    )
