# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries events to one sink: batch by batch, with waits between tries, until nothing is left or the time is over."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import JournalError
from ansible_collections.mailops.email.plugins.plugin_utils.export.feed import AuditFiles, Source
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import Render
from ansible_collections.mailops.email.plugins.plugin_utils.export.mask import Mask
from ansible_collections.mailops.email.plugins.plugin_utils.export.privacy import Pseudonyms
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Item, Sink, SinkError

# Seconds: how often a run that is at work is looked at; how long one try may take; the longest wait between two.
POLL = 1.0
TRY = 10.0
LONGEST_WAIT = 30.0
# So many events that are left are counted, and no more.
COUNTED = 100_000


class Courier(threading.Thread):
    """One sink's thread. It lives in the exporter's process, where nothing is forked.

    :param own: the run that is at work; others are looked at once, when everything of it is sent.
    """

    def __init__(
        self, sink: Sink, render: Render, mask: Mask, files: AuditFiles, own: str, pseudonyms: Pseudonyms | None = None
    ) -> None:
        super().__init__(name="mailops-export-" + sink.name, daemon=True)
        self.sink = sink
        self._render, self._mask, self._files, self._own, self._pseudonyms = render, mask, files, own, pseudonyms
        self._sources: list[Source] = []
        self._new: list[Source] = []
        # Sources of which other runs' leavings are still to be looked at.
        self._unseen: list[Source] = []
        # Those in which a run was at work then: it may be gone without having sent its events when ours ends.
        self._busy: list[Source] = []
        self._wake = threading.Event()
        # Rounds that were asked for, and the last of those that began after it was asked and delivered all.
        self._asked = 0
        self._done = 0
        self._lock = threading.Lock()
        self._ends: float | None = None
        self._tries = 0
        self._final = False
        self.delivered = 0
        self.error = ""

    def add(self, source: Source) -> None:
        """Another spool to carry from; any thread may say so."""
        with self._lock:
            self._new.append(source)
        self._wake.set()

    def finish(self, ends: float) -> None:
        """Send what is there and stop, at the latest at *ends* of the monotonic clock."""
        self._ends = ends
        self._wake.set()

    def delivered_all(self, ends: float) -> bool:
        """Wait until everything that is there is delivered; False when it is not by then, or cannot be."""
        self._asked += 1
        asked = self._asked
        self._wake.set()
        while self._done < asked and time.monotonic() < ends and self.is_alive():
            if self.error and (self._final or self._tries > 2):
                return False
            time.sleep(0.02)
        return self._done >= asked

    def run(self) -> None:
        try:
            self._work()
        finally:
            for source in self._sources:
                with contextlib.suppress(OSError, JournalError):
                    source.flush()

    def _work(self) -> None:
        wait = 0.0
        while True:
            self._wake.wait(wait)
            self._wake.clear()
            ends, asked = self._ends, self._asked
            try:
                self._round(time.monotonic() + 3600 if ends is None else ends)
                self.error, self._tries, self._final, wait = "", 0, False, POLL
                self._done = asked
                if ends is not None:
                    return
            except SinkError as error:
                self._tries += 1
                self.error = str(error)
                wait = error.wait if error.wait is not None else min(LONGEST_WAIT, 0.25 * 2**self._tries)
                self._final = error.final
                if error.final:
                    wait = LONGEST_WAIT
                if ends is not None and (time.monotonic() + wait >= ends or (error.absent and self._tries > 1)):
                    return
            except (OSError, JournalError) as error:
                # The spool cannot be read now.
                self.error, wait = str(error), LONGEST_WAIT
                if ends is not None:
                    return

    def left(self) -> int:
        """Events that the sink has not had, of this run and of what was found of others."""
        count = 0
        with contextlib.suppress(OSError, JournalError):
            for source in self._sources + self._new:
                # What others have left was looked at once; what they leave now is theirs, or the next run's.
                unseen = source in self._unseen or source in self._new
                for run in {self._own, *(self._others(source) if unseen else ())}:
                    count += source.left(run, COUNTED - count)
        return count

    def damaged(self) -> int:
        return sum(sum(source.damaged.values()) for source in self._sources)

    def _round(self, ends: float) -> None:
        with self._lock:
            self._sources += self._new
            self._unseen += self._new
            self._new = []
            if self._ends is not None:
                self._unseen, self._busy = self._unseen + self._busy, []
        self._carry([(source, self._own) for source in self._sources], ends)
        for source in list(self._unseen):
            behind = [run for run in source.behind() if run != self._own]
            quiet = [run for run in behind if not self._files.alive(run)]
            self._carry([(source, run) for run in quiet], ends)
            self._unseen.remove(source)
            if len(quiet) < len(behind) and self._ends is None:
                self._busy.append(source)
            # It only spares the next run a look.
            with contextlib.suppress(OSError, JournalError):
                source.settle()

    def _others(self, source: Source) -> list[str]:
        return [run for run in source.behind() if run != self._own and not self._files.alive(run)]

    def _carry(self, runs: t.Iterable[tuple[Source, str]], ends: float) -> None:
        """:raises SinkError: of the first batch that was not taken."""
        batch: list[Item] = []
        size = 0
        reached: dict[tuple[int, str], tuple[Source, int]] = {}
        for source, run in runs:
            for place, record in source.news(run, source.place(run)):
                if record is not None:
                    item = self._item(record)
                    batch.append(item)
                    size += len(item.data)
                reached[(id(source), run)] = (source, place)
                if len(batch) >= self.sink.events or size >= self.sink.size:
                    self._hand_over(batch, reached, ends)
                    batch, size, reached = [], 0, {}
        self._hand_over(batch, reached, ends)

    def _hand_over(self, batch: list[Item], reached: dict[tuple[int, str], tuple[Source, int]], ends: float) -> None:
        if batch:
            seconds = min(TRY, (ends if self._ends is None else self._ends) - time.monotonic())
            if seconds <= 0:
                raise SinkError(self.error or "there was no time left")
            self.sink.send(batch, seconds)
            self.delivered += len(batch)
        for (dummy, run), (source, place) in reached.items():
            with contextlib.suppress(OSError, JournalError):
                source.move(run, place)

    def _item(self, record: Record) -> Item:
        """:raises SinkError: when people cannot be given their pseudonyms: nothing leaves without."""
        if self._pseudonyms is not None:
            try:
                record = self._pseudonyms.apply(record)
            except OSError as error:
                why = "no key for pseudonyms: %s" % (error.strerror or error)
                raise SinkError(why, final=True) from error
        body = self._render(record)
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
        hidden = self._mask.text(text)
        return Item(record, body if hidden is text else json.loads(hidden), hidden.encode("ascii"))
