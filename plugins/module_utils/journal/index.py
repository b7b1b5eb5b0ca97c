# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index over all runs: a chained line before a run's file is written to, and one when the writer is done with it.

A file that is gone, cut at its end or written anew differs from what the index says of it. Each line names the sessions
that are open behind it, so that the last line is all that a writer has to read; whether one of them still lives is
told by the kernel, which holds a lock for it. One that was killed is settled by the next that begins.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os

from ansible_collections.mailops.email.plugins.module_utils.files import open_private, private_folder
from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest, ulid
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import IndexLines, Line
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

# Not *.jsonl: those are the runs.
INDEX = "runs.index"
_OPEN = ".open"
_TAIL = 65536

# Number of events and digest of the last one.
State = tuple[int, str]


class Session:
    """The time in which one writer has a run's file open, told in ``<directory>/runs.index``.

    :param directory: the journal's folder, which exists.
    """

    def __init__(self, directory: str, run_id: str) -> None:
        self.path = os.path.join(directory, INDEX)
        self._directory = directory
        self._run = run_id
        self._id = ulid()
        self._alive = -1

    def begin(self) -> None:
        """Settle what was killed, and say durably that the run's file is about to be written.

        :raises OSError: nothing was begun.
        :raises JournalError: ``journal_damaged``.
        """
        private_folder(self._directory, _OPEN)
        try:
            self._alive = open_private(self._lock_path(self._id), os.O_RDWR)
            fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with _Index(self.path) as index:
                for one in index.open_sessions():
                    if not self._lives(one["session"]):
                        index.add({"event": "recovered", **one, **settled(os.path.join(self._directory, one["file"]))})
                index.add({"event": "opened", **self._names()})
                index.write()
        except (OSError, JournalError):
            self._let_go()
            raise

    def end(self, state: State | None) -> None:
        """Say how far the file has come. What cannot be said now is found out by the next session that begins.

        :param state: of the events that are on disk; None when this session has written none.
        """
        try:
            with _Index(self.path) as index:
                if self._id not in [one["session"] for one in index.open_sessions()]:
                    # Somebody took us for dead, as where the file system's locks do not reach another machine.
                    index.add({"event": "opened", **self._names()})
                found = {"events": state[0], "last": state[1]} if state else settled(self._run_path())
                index.add({"event": "closed", **self._names(), **found})
                index.write()
        except (OSError, JournalError):
            pass
        finally:
            self._let_go()

    def _names(self) -> Line:
        return {"session": self._id, "run": self._run, "file": self._run + ".jsonl"}

    def _run_path(self) -> str:
        return os.path.join(self._directory, self._run + ".jsonl")

    def _lock_path(self, session: str) -> str:
        return os.path.join(self._directory, _OPEN, session)

    def _lives(self, session: str) -> bool:
        """Whether some process holds the session's lock; the lock of a dead one is removed."""
        path = self._lock_path(session)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        os.unlink(path)
        return False

    def _let_go(self) -> None:
        if self._alive >= 0:
            with contextlib.suppress(OSError):
                os.unlink(self._lock_path(self._id))
            # A child that was forked since may share the handle, so closing it is not enough.
            with contextlib.suppress(OSError):
                fcntl.flock(self._alive, fcntl.LOCK_UN)
            os.close(self._alive)
            self._alive = -1


class _Index(contextlib.AbstractContextManager["_Index"]):
    """The index file, locked; lines are gathered and written as one block."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self._size = 0
        self._torn = b""
        self._lines = IndexLines(None, path)

    def __enter__(self) -> _Index:
        self._fd = open_private(self._path, os.O_RDWR | os.O_APPEND)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            self._size, last, self._torn = _end_of(self._fd)
            self._lines = IndexLines(last, self._path)
        except BaseException:
            os.close(self._fd)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._fd)

    def open_sessions(self) -> list[Line]:
        return self._lines.open_sessions()

    def add(self, line: Line) -> None:
        declared = {"cut_off": _described(self._torn)} if self._torn and not self._lines.block else {}
        self._lines.add(line, **declared)

    def write(self) -> None:
        """Put the lines in place of a torn one, durably, or leave the file as it was.

        :raises OSError:
        """
        block = b"".join(line + b"\n" for line in self._lines.block)
        try:
            if self._torn:
                os.ftruncate(self._fd, self._size)
            while block:
                count = os.write(self._fd, block)
                if count <= 0:
                    raise OSError(errno.EIO, "short write")
                block = block[count:]
            os.fsync(self._fd)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
                os.write(self._fd, self._torn)
            raise


def settled(path: str) -> Line:
    """State of a run's file that nobody closed: what is whole there, made durable, and what is torn behind it.

    :raises OSError:
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return {"events": 0, "last": GENESIS, "absent": True}
    try:
        os.fsync(handle)
        whole, last, torn = _end_of(handle)
        count, place = 0, 0
        while place < whole:
            data = os.pread(handle, min(1 << 20, whole - place), place)
            if not data:
                raise OSError(errno.EIO, "it became shorter while it was read")
            count += data.count(b"\n")
            place += len(data)
    finally:
        os.close(handle)
    line: Line = {"events": count, "last": GENESIS if last is None else line_digest(last)}
    if torn:
        line["torn"] = _described(torn)
    return line


def _described(torn: bytes) -> Line:
    return {"bytes": len(torn), "digest": "sha256:" + hashlib.sha256(torn).hexdigest()}


def _end_of(handle: int) -> tuple[int, bytes | None, bytes]:
    """Size of the whole lines, the last of them without its line feed, and the torn line behind it."""
    size = os.fstat(handle).st_size
    span = _TAIL
    while True:
        start = max(0, size - span)
        tail = os.pread(handle, size - start, start)
        if start == 0 or tail.count(b"\n") > 1:
            break
        span *= 4
    end = tail.rfind(b"\n") + 1
    last = tail[: end - 1].rsplit(b"\n", 1)[-1] if end else None
    return start + end, last, tail[end:]
