# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal in a folder: a file a run, an index over them, documents in folders beside them, locks of the kernel."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import (
    durable_folder,
    open_private,
    private_folder,
    write_private,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import (
    SUFFIX,
    holds,
    journal_files,
    lines_behind,
    read_events,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

_LOCKS = ".locks"


class FileStore(Store):
    """The journal in *directory*, which is made with mode 0700 when it is first written to."""

    def __init__(self, directory: str) -> None:
        self.place = self.local = directory

    def runs(self) -> list[str]:
        return [os.path.basename(path)[: -len(SUFFIX)] for path in journal_files(self.place)]

    def events(self, run: str, must_hold: bytes = b"") -> t.Iterator[Event]:
        return read_events(os.path.join(self.place, run + SUFFIX), must_hold)

    def holding(self, words: bytes) -> list[str]:
        return [run for run in self.runs() if holds(os.path.join(self.place, run + SUFFIX), words)]

    def ends(self) -> dict[str, int]:
        found = {}
        for path in journal_files(self.place):
            with contextlib.suppress(FileNotFoundError):
                found[os.path.basename(path)[: -len(SUFFIX)]] = os.stat(path).st_size
        return found

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        return lines_behind(os.path.join(self.place, run + SUFFIX), place)

    def writer(self, run_id: str, common: t.Mapping[str, t.Any]) -> JournalWriter:
        return JournalWriter(self.place, run_id, common)

    def lock(self, name: str) -> FileLock:
        try:
            path = os.path.join(private_folder(self.place, _LOCKS), name + ".lock")
            return FileLock(open_private(path, os.O_RDWR))
        except OSError as error:
            raise JournalError(
                "journal_not_writable",
                "The journal's folder %s cannot be used: %s. Nothing was changed."
                % (self.place, error.strerror or error),
                "Make room or give access to the folder, then run again.",
            ) from error

    def keep(self, path: str, data: bytes) -> None:
        folder, name = os.path.split(path)
        durable_folder(self.place, *folder.split("/"))
        write_private(os.path.join(self.place, folder, name), data)

    def load(self, path: str) -> bytes:
        with open(os.path.join(self.place, path), "rb") as file:
            return file.read()


class FileLock:
    """The kernel lets go of it when the process dies."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def take(self, holder: t.Mapping[str, str]) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # The lock is the kernel's; who holds it is only told to people, and may not fit on a full disk.
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, json.dumps(dict(holder)).encode("utf-8"), 0)
        return True

    def holder(self) -> dict[str, str]:
        try:
            found = json.loads(os.pread(self._handle, 4096, 0))
        except (ValueError, OSError):
            return {}
        return found if isinstance(found, dict) else {}

    def release(self) -> None:
        os.close(self._handle)
