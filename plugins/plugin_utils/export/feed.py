# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one sink has not had yet: lines of journals and of the callback's files behind the sink's place in each of them.

The files are the spool. A place moves on only after the sink has taken what is before it, so that a run that was killed,
or a sink that was dead, costs nothing but a second sending.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import private_folder, write_private
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import lines_behind
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record, from_callback, from_journal

AUDIT_SUFFIX = ".audit.jsonl"
_FOLDER = ".export"
_SETTLED = "settled"
# Seconds.
_PATIENCE = 10.0


class Place(t.Protocol):
    """Where a sink's places are kept."""

    def load(self, path: str) -> bytes:
        """:raises OSError: FileNotFoundError when there is none."""

    def keep(self, path: str, data: bytes) -> None:
        """:raises OSError:"""


class Spool(t.Protocol):
    """Runs with lines."""

    def ends(self) -> dict[str, int]:
        """By run, the place behind its last line."""

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        """Lines behind a place, each with the place behind it."""


class AuditFiles:
    """The callback's own files, as a spool and as the keeper of the places in them."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def ends(self) -> dict[str, int]:
        found = {}
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(AUDIT_SUFFIX) and entry.is_file(follow_symlinks=False):
                    found[entry.name[: -len(AUDIT_SUFFIX)]] = entry.stat().st_size
        return found

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        return lines_behind(os.path.join(self._folder, run + AUDIT_SUFFIX), place)

    def load(self, path: str) -> bytes:
        with open(os.path.join(self._folder, path), "rb") as file:
            return file.read()

    def keep(self, path: str, data: bytes) -> None:
        folder, name = os.path.split(path)
        write_private(os.path.join(private_folder(self._folder, *folder.split("/")), name), data)

    def alive(self, run: str) -> bool:
        """Whether the callback that writes this run's file is at work on this machine: it holds the file's lock."""
        try:
            handle = os.open(os.path.join(self._folder, run + AUDIT_SUFFIX), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        finally:
            os.close(handle)


class Source:
    """One spool, as one sink sees it.

    :param sink: names the sink and where it goes, so that a new address begins anew.
    """

    def __init__(self, spool: Spool, places: Place, sink: str, parse: t.Callable[[bytes], Record | None]) -> None:
        self._spool = spool
        self._kept = places
        self._folder = "%s/%s" % (_FOLDER.lstrip(".") if isinstance(spool, Store) else _FOLDER, sink)
        self._parse = parse
        self._places: dict[str, int] = {}
        # Runs that others have sent whole.
        self._sent: dict[str, int] = {}
        # A database keeps every version of a document, so there a place is kept now and then, and in the end.
        self._patience = 0.0 if isinstance(places, (AuditFiles, FileStore)) else _PATIENCE
        self._unkept: set[str] = set()
        self._kept_at = 0.0
        self._settled: dict[str, int] | None = None
        # Lines that are no events, by run: told, and passed over.
        self.damaged: dict[str, int] = {}

    def behind(self) -> list[str]:
        """Runs of which the sink may not have had everything, oldest name first.

        :raises JournalError, OSError:
        """
        settled = self._load_settled()
        found = []
        for run, end in self._spool.ends().items():
            if settled.get(run) == end:
                continue
            if self.place(run) == end:
                self._sent[run] = end
            else:
                found.append(run)
        return sorted(found)

    def settle(self) -> None:
        """Keep the places of all runs in one document, so that the next run need not look at each.

        :raises OSError:
        """
        settled = self._load_settled()
        news = {run: place for run, place in {**self._sent, **self._places}.items() if settled.get(run) != place}
        if news:
            settled.update(news)
            self._kept.keep(self._path(_SETTLED), json.dumps(settled, sort_keys=True).encode("ascii"))

    def place(self, run: str) -> int:
        """As we have moved it, else as whoever sends that run has kept it last."""
        if run in self._places:
            return self._places[run]
        return max(self._number(run), self._load_settled().get(run, 0))

    def move(self, run: str, place: int) -> None:
        """The sink has taken everything in front of *place*.

        :raises OSError: it will be sent once more by the next run.
        """
        self._places[run] = place
        self._unkept.add(run)
        if time.monotonic() - self._kept_at >= self._patience:
            self.flush()

    def flush(self) -> None:
        """Keep the places that are not kept yet.

        :raises OSError: what was sent since will be sent once more by the next run.
        """
        for run in sorted(self._unkept):
            self._kept.keep(self._path(run + ".place"), b"%d\n" % self._places[run])
        self._unkept.clear()
        self._kept_at = time.monotonic()

    def news(self, run: str, place: int) -> t.Iterator[tuple[int, Record | None]]:
        """Records behind a place with the place behind each; None for a line that is not to be sent.

        :raises JournalError, OSError:
        """
        for behind, line in self._spool.since(run, place):
            try:
                yield behind, self._parse(line)
            except (ValueError, KeyError, TypeError, RecursionError):
                self.damaged[run] = self.damaged.get(run, 0) + 1
                yield behind, None

    def left(self, run: str, most: int) -> int:
        """How many records are still to be sent, counted up to *most*."""
        count = 0
        for dummy, record in self.news(run, self.place(run)):
            count += record is not None
            if count >= most:
                break
        return count

    def _load_settled(self) -> dict[str, int]:
        if self._settled is None:
            self._settled = {}
            with contextlib.suppress(OSError, ValueError):
                found = json.loads(self._kept.load(self._path(_SETTLED)))
                self._settled = {str(run): int(place) for run, place in found.items()}
        return self._settled

    def _number(self, run: str) -> int:
        # What cannot be read is sent again.
        with contextlib.suppress(OSError, ValueError):
            return int(self._kept.load(self._path(run + ".place")))
        return 0

    def _path(self, name: str) -> str:
        return "%s/%s" % (self._folder, name)


def name_of(sink: str, target: str, form: str) -> str:
    """A folder's name for a sink."""
    return "%s-%s" % (sink, hashlib.sha256(("%s\n%s" % (target, form)).encode("utf-8")).hexdigest()[:12])


def journal_source(store: Store, sink: str) -> Source:
    return Source(store, store, sink, from_journal)


def audit_source(files: AuditFiles, sink: str) -> Source:
    return Source(files, files, sink, from_callback)


__all__ = ["AUDIT_SUFFIX", "AuditFiles", "JournalError", "Source", "audit_source", "journal_source", "name_of"]
