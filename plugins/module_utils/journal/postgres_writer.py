# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Appends to a run in PostgreSQL: one transaction a block, durable when it is answered (R-LOG-18).

Number and ``prev`` of an event are decided under a lock of the run, so that all forks of it write one chain. The ids of a
block are ours and made once: when the answer to a commit is lost, the next connection looks for them before it writes again.
Threads that wait for each other share a transaction.
"""

from __future__ import annotations

import collections
import threading
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import (
    GENESIS,
    SPEC,
    Event,
    completed,
    line_digest,
    parse_line,
    ulid,
    utc_now,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import IndexLines
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import Line as IndexLine
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_link import (
    Connection,
    Duplicate,
    Link,
    LinkFailure,
    unwritable,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_lock import held_keys, lock_key
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

_LOCK = "SELECT pg_advisory_xact_lock(%s)"
_HEAD = "SELECT seq, digest FROM mailops_journal.event WHERE run = %s ORDER BY seq DESC LIMIT 1"
_THERE = "SELECT id, line FROM mailops_journal.event WHERE id = ANY(%s)"
_INSERT = """
    INSERT INTO mailops_journal.event
        (run, seq, id, digest, line, at, phase, action, request_id, provider, kind, key)
    SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[])"""
_INDEX_HEAD = "SELECT line FROM mailops_journal.index_line ORDER BY seq DESC LIMIT 1"
_INDEX_INSERT = "INSERT INTO mailops_journal.index_line (seq, line) SELECT * FROM unnest(%s::bigint[], %s::bytea[])"
_SHY = 20
_UNSAFE = "the server runs with fsync = off, so that nothing there survives a power cut"


class _Ticket:
    """The events of one caller, and what became of them."""

    def __init__(self, events: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        self.events = [(ulid(), event) for event in events]
        self.complete: list[Event] = []
        self.error: JournalError | None = None
        self.settled = False


def _fail(tickets: t.Iterable[_Ticket], error: JournalError) -> None:
    for ticket in tickets:
        ticket.error, ticket.settled = error, True


class PostgresWriter:
    """Appends events to the run *run_id*.

    :param common: fields that every event of this writer carries (actor, request_id, run, tool_version, …).
    """

    def __init__(self, link: Link, run_id: str, common: t.Mapping[str, t.Any]) -> None:
        self.path = "%s#%s" % (link.place, run_id)
        self._link = link
        self._run = run_id
        self._common = dict(common, spec=SPEC, stream=run_id)
        self._session = ulid()
        self._keeper = "session " + self._session
        self._is_open = False
        self._waiting: collections.deque[_Ticket] = collections.deque()
        self._turn = threading.Lock()
        # Number and digest of the last event that this writer has made durable.
        self._told: tuple[int, str] | None = None
        # So many blocks are still to be written with a look at the run's end first.
        self._shy = 0
        self._broken: JournalError | None = None

    def open(self) -> None:
        """Name the run in the index, and hold the lock that says that this writer lives.

        :raises JournalError: ``journal_not_writable``, ``journal_damaged``.
        """
        if self._is_open:
            return
        with self._link.guard:
            self._do(self._check)
            self._do(self._begin)
            self._link.keepers[self._keeper] = self._begin
            self._is_open = True

    def append(self, events: t.Sequence[t.Mapping[str, t.Any]]) -> list[Event]:
        """Write events as one block and return them complete, with id, seq, timestamp and prev, once they are durable.

        :raises JournalError: nothing may be changed after it; the writer stays unusable.
        """
        ticket = _Ticket(events)
        self._waiting.append(ticket)
        with self._turn:
            if not ticket.settled:
                self._write_waiting()
        if ticket.error is not None:
            raise ticket.error
        return ticket.complete

    def close(self) -> None:
        """Say in the index how far the run has come. What cannot be said now is found out by the next that begins."""
        if not self._is_open:
            return
        with self._link.guard:
            self._is_open = False
            del self._link.keepers[self._keeper]
            try:
                self._link.run(self._end, patience=0)
            except (LinkFailure, JournalError):
                pass

    def _write_waiting(self) -> None:
        tickets = [self._waiting.popleft() for dummy in range(len(self._waiting))]
        try:
            if self._broken is not None:
                raise self._broken
            self.open()
            block = _Block(self._run, self._common, tickets, None if self._shy else self._told)
            self._told = self._do(block.write) or self._told
            # Who has met another fork will meet it again.
            self._shy = _SHY if block.met else max(0, self._shy - 1)
            for ticket in tickets:
                ticket.settled = True
        except JournalError as error:
            _fail(tickets, error)
        except BaseException as error:
            # Whatever it was, nobody may take what is not known to be durable for written.
            why = JournalError("journal_not_writable", "The journal %s was not written: %s." % (self.path, error))
            self._broken = why
            _fail(tickets, why)
            raise

    def _do(self, work: t.Callable[[Connection], t.Any]) -> t.Any:
        try:
            return self._link.run(work)
        except LinkFailure as error:
            self._broken = unwritable(self._link.place, error)
            raise self._broken from error

    def _check(self, connection: Connection) -> None:
        if connection.execute("SELECT current_setting('fsync')").fetchone()[0] == "off":
            raise LinkFailure(_UNSAFE, "Set fsync = on in the server's configuration.")

    def _begin(self, connection: Connection) -> None:
        """Also called for a new connection: the old one took its locks with it, and a run may have taken us for dead."""
        connection.execute("SELECT pg_advisory_lock(%s)", [lock_key("session", self._session)])
        with _OpenIndex(connection, self._link.place) as index:
            sessions = index.open_sessions()
            if self._session in [one["session"] for one in sessions]:
                return
            alive = held_keys(connection) if sessions else set()
            for one in sessions:
                if lock_key("session", one["session"]) not in alive:
                    index.add({"event": "recovered", **one, **_settled(connection, one["run"])})
            index.add({"event": "opened", **self._names()})

    def _end(self, connection: Connection) -> None:
        with _OpenIndex(connection, self._link.place) as index:
            if self._session in [one["session"] for one in index.open_sessions()]:
                state = self._told
                found = {"events": state[0], "last": state[1]} if state else _settled(connection, self._run)
                index.add({"event": "closed", **self._names(), **found})
        connection.execute("SELECT pg_advisory_unlock(%s)", [lock_key("session", self._session)])

    def _names(self) -> IndexLine:
        return {"session": self._session, "run": self._run, "file": self._run + ".jsonl"}


def runs_at_work(connection: Connection) -> frozenset[str]:
    """Runs of which a session is open, and the lock that says so held by a connection."""
    row = connection.execute(_INDEX_HEAD).fetchone()
    alive = held_keys(connection)
    sessions = IndexLines(bytes(row[0]) if row else None, "the index").open_sessions()
    return frozenset(one["run"] for one in sessions if lock_key("session", one["session"]) in alive)


class _Block:
    """What is written in one transaction, however often that has to be tried.

    :param head: number and digest of the run's last event, when this writer wrote it; it need not be the last any more.
    :ivar met: whether another fork has written since.
    """

    def __init__(self, run: str, common: Event, tickets: t.Sequence[_Ticket], head: tuple[int, str] | None) -> None:
        self._run, self._common, self._tickets, self._head = run, common, tickets, head
        self._now = utc_now()
        self._sent = False
        self.met = False

    def write(self, connection: Connection) -> tuple[int, str] | None:
        """:returns: number and digest of the last event; None when there was nothing to write."""
        if self._head is not None and not self._sent:
            try:
                self._at(connection, self._head)
                return self._reached()
            except Duplicate:
                # The number is taken, so that nothing of this was written.
                connection.rollback()
                self.met = True
        self._at(connection, None)
        return self._reached()

    def _at(self, connection: Connection, head: tuple[int, str] | None) -> None:
        """Behind *head* with one trip to the server; else behind what is there, with two."""
        with connection.pipeline():
            connection.execute("BEGIN")
            # Whoever wrote before us is through when we have it, also one whose answer never came.
            connection.execute(_LOCK, [lock_key("run", self._run)])
            if head is None:
                last = connection.execute(_HEAD, [self._run])
                there = self._sent and self._is_there(connection)
                head = last.fetchone() or (0, GENESIS)
                rows = [] if there else self._chain(*head)
            else:
                rows = self._chain(*head)
            if rows:
                self._sent = True
                connection.execute(_INSERT, [self._run, *map(list, zip(*rows, strict=True))])
            connection.execute("COMMIT")

    def _is_there(self, connection: Connection) -> bool:
        """All or nothing of it is: a block is one transaction."""
        ids = [number for ticket in self._tickets for number, dummy in ticket.events]
        found = {number: bytes(line) for number, line in connection.execute(_THERE, [ids]).fetchall()}
        for ticket in self._tickets:
            if ticket.error is None and found:
                ticket.complete = [parse_line(found[number]) for number, dummy in ticket.events]
        return bool(found)

    def _chain(self, seq: int, prev: str) -> list[tuple[t.Any, ...]]:
        rows: list[tuple[t.Any, ...]] = []
        for ticket in self._tickets:
            start, state = len(rows), (seq, prev)
            ticket.complete, ticket.error = [], None
            try:
                for number, event in ticket.events:
                    own = {"id": number, "seq": seq + 1, "timestamp": self._now, "prev": prev}
                    whole, line = completed(self._common, event, own)
                    seq, prev = seq + 1, line_digest(line)
                    rows.append(_row(whole, line, prev))
                    ticket.complete.append(whole)
            except JournalError as error:
                # An event that is refused must not leave its number behind, nor hold up another's.
                ticket.error, ticket.complete = error, []
                del rows[start:]
                seq, prev = state
        return rows

    def _reached(self) -> tuple[int, str] | None:
        for ticket in reversed(self._tickets):
            if ticket.complete:
                last = ticket.complete[-1]
                return last["seq"], line_digest(completed({}, last, {})[1])
        return None


def _row(event: Event, line: bytes, digest: str) -> tuple[t.Any, ...]:
    """The line, and beside it what people search for; nothing of ours believes what stands beside it."""
    thing = event.get("object")
    thing = thing if isinstance(thing, dict) else {}
    words = [event.get(name) for name in ("timestamp", "phase", "action", "request_id", "provider")]
    words += [thing.get("kind"), thing.get("key")]
    plain = [None if word is None else str(word).replace("\x00", "\ufffd") for word in words]
    return (event["seq"], event["id"], digest, line, *plain)


class _OpenIndex:
    """The index, locked for a transaction; what was added is written at its end."""

    def __init__(self, connection: Connection, place: str) -> None:
        self._connection = connection
        self._place = place

    def __enter__(self) -> IndexLines:
        self._connection.execute("BEGIN")
        self._connection.execute(_LOCK, [lock_key("index")])
        row = self._connection.execute(_INDEX_HEAD).fetchone()
        self._lines = IndexLines(bytes(row[0]) if row else None, "the index of " + self._place)
        return self._lines

    def __exit__(self, kind: t.Any, *error: object) -> None:
        if kind is not None:
            return
        block = self._lines.block
        if block:
            first = self._lines.seq - len(block) + 1
            self._connection.execute(_INDEX_INSERT, [list(range(first, first + len(block))), block])
        self._connection.execute("COMMIT")


def _settled(connection: Connection, run: str) -> IndexLine:
    """How far a run has come whose writer did not say it."""
    head = connection.execute(_HEAD, [run]).fetchone()
    if head is None:
        return {"events": 0, "last": GENESIS, "absent": True}
    count = connection.execute("SELECT count(*) FROM mailops_journal.event WHERE run = %s", [run]).fetchone()[0]
    return {"events": count, "last": head[1]}
