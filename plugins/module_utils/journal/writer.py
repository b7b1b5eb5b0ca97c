# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write-ahead file of a run: chained JSON lines, on disk before a request leaves (R-LOG-18).

One file a run; several forks of the run may append to it. Each writer takes the file lock, chains to the last
line that is really there, and writes once for all the events it was given. Threads that wait for the disk share its
fsync: one that begins after a block was written makes that block durable, whoever asked for it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import (
    durable_folder,
    open_private,
    private_folder,
    sync_folder,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.event import (
    GENESIS,
    SPEC,
    completed,
    line_digest,
    parse_line,
    ulid,
    utc_now,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.index import Session
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

_TAIL = 65536


class JournalWriter:
    """Appends events to ``<directory>/<run_id>.jsonl``.

    :param directory: made with mode 0700 when absent; the file has mode 0600.
    :param run_id: name of the stream; forks of one run share it.
    :param common: fields that every event of this writer carries (actor, request_id, run, tool_version, …).
    """

    def __init__(self, directory: str, run_id: str, common: t.Mapping[str, t.Any]) -> None:
        self.path = os.path.join(directory, run_id + ".jsonl")
        self._directory = directory
        self._run_id = run_id
        self._common = dict(common, spec=SPEC, stream=run_id)
        self._lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._fd = -1
        self._size = -1
        # Blocks that this writer has written, and how many of them are on disk.
        self._written = 0
        self._durable = 0
        # Up to this size the file is durable, or another fork's: not to be taken back. Behind it was this torn line.
        self._keep = 0
        self._torn = b""
        self._seq = 0
        self._prev = GENESIS
        # How far the file has come by what this writer wrote, and by what of it is on disk; told to the index at the end.
        self._reached: tuple[int, str] | None = None
        self._told: tuple[int, str] | None = None
        self._session: Session | None = None
        self._broken: str | None = None

    def open(self) -> None:
        """Name the file in the index, create or open it, and prove that it can be written.

        :raises JournalError: ``journal_not_writable``, ``journal_damaged``.
        """
        session = Session(self._directory, self._run_id)
        try:
            private_folder(self._directory)
            session.begin()
        except OSError as error:
            raise self._failure(error, session.path) from error
        self._session = session
        try:
            self._fd = open_private(self.path, os.O_RDWR | os.O_APPEND)
            durable_folder(self._directory)
            sync_folder(self._directory)
        except OSError as error:
            self.close()
            raise self._failure(error) from error

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._session is not None:
            self._session.end(self._told)
            self._session = None

    def append(self, events: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
        """Write events as one block and return them complete, with id, seq, timestamp and prev.

        They are on disk when this returns.

        :raises JournalError: nothing may be changed after it; the writer stays unusable.
        """
        with self._lock:
            self._refuse_broken()
            if self._fd < 0:
                self.open()
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX)
                try:
                    complete = self._append_locked(events)
                finally:
                    fcntl.flock(self._fd, fcntl.LOCK_UN)
            except OSError as error:
                raise self._failure(error) from error
            self._written += 1
            block = self._written
        self._make_durable(block)
        return complete

    def _refuse_broken(self) -> None:
        if self._broken:
            raise JournalError("journal_not_writable", self._broken, "Free the journal's disk, then run again.")

    def _append_locked(self, events: t.Sequence[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
        state = os.fstat(self._fd)
        if not state.st_nlink:
            # Nobody could ever read what is written into a file without a name.
            raise FileNotFoundError(errno.ENOENT, "it was taken away while it was in use")
        torn = b""
        if state.st_size != self._size:
            torn = self._torn = self._catch_up(state.st_size)
            self._keep = state.st_size - len(torn)
        start = state.st_size - len(torn)
        # An event that is refused must not leave its number behind: look again unless the block is written.
        self._size = -1
        lines: list[bytes] = []
        now = utc_now()
        if torn:
            self._complete(_recovered(torn), lines, now)
        complete = [self._complete(event, lines, now) for event in events]
        block = b"".join(lines)
        try:
            if torn:
                os.ftruncate(self._fd, start)
            self._write(block)
        except OSError:
            self._undo(start, torn)
            raise
        self._size = start + len(block)
        self._reached = (self._seq, self._prev)
        return complete

    def _write(self, block: bytes) -> None:
        while block:
            count = os.write(self._fd, block)
            if count <= 0:
                raise OSError(errno.EIO, "short write")
            block = block[count:]

    def _make_durable(self, block: int) -> None:
        with self._sync_lock:
            if self._durable >= block:
                return
            with self._lock:
                self._refuse_broken()
                reached, size, state = self._written, self._size, self._reached
            try:
                os.fsync(self._fd)
            except OSError as error:
                with self._lock:
                    self._take_back()
                    raise self._failure(error) from error
            self._durable, self._told = reached, state
            with self._lock:
                if size > self._keep:
                    self._keep, self._torn = size, b""

    def _take_back(self) -> None:
        """What could not be made durable is removed, unless another fork has chained to it: nobody will act on it."""
        try:
            whole = os.fstat(self._fd).st_size == self._size
        except OSError:
            return
        if whole:
            self._undo(self._keep, self._torn)

    def _complete(self, event: t.Mapping[str, t.Any], lines: list[bytes], now: str) -> dict[str, t.Any]:
        self._seq += 1
        own = {"id": ulid(), "seq": self._seq, "timestamp": now, "prev": self._prev}
        whole, line = completed(self._common, event, own)
        self._prev = line_digest(line)
        lines.append(line + b"\n")
        return whole

    def _catch_up(self, size: int) -> bytes:
        """Chain to what is really there; another fork may have written, or died in the middle of a line.

        :returns: the torn last line, empty when there is none.
        """
        tail = b""
        span = _TAIL
        while True:
            start = max(0, size - span)
            tail = os.pread(self._fd, size - start, start)
            if start == 0 or tail.count(b"\n") > 1:
                break
            span *= 4
        whole = tail[: tail.rfind(b"\n") + 1]
        if whole:
            last = whole[:-1].rsplit(b"\n", 1)[-1]
            try:
                self._seq = int(parse_line(last)["seq"])
            except (ValueError, KeyError, TypeError) as error:
                raise JournalError(
                    "journal_damaged",
                    "The last line of %s is no event: %s." % (self.path, error),
                    "Keep the file as evidence and start a new run.",
                ) from error
            self._prev = line_digest(last)
        else:
            self._seq, self._prev = 0, GENESIS
        return tail[len(whole) :]

    def _undo(self, size: int, torn: bytes) -> None:
        """Whole lines only; a torn line that could not be declared goes back to where it was."""
        try:
            os.ftruncate(self._fd, size)
            os.write(self._fd, torn)
        except OSError:
            pass  # a torn tail is found, cut off and declared by the next writer

    def _failure(self, error: OSError, path: str = "") -> JournalError:
        # After a failed fsync the page cache can no longer be trusted, so there is no second try.
        self._broken = "The journal %s cannot be written: %s." % (path or self.path, error.strerror or error)
        return JournalError(
            "journal_not_writable",
            self._broken + " Nothing more was changed.",
            "Make room or give access to the folder, then run again; what is in doubt is settled then.",
        )


def _recovered(torn: bytes) -> dict[str, t.Any]:
    """Declares what was cut off."""
    digest = "sha256:" + hashlib.sha256(torn).hexdigest()
    return {"action": "audit.recovered", "phase": "note", "after": {"dropped_bytes": len(torn), "digest": digest}}
