# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exporter: a process beside ansible-playbook that sends events while the run goes on.

A process and not a thread, because ansible-playbook forks a worker for each task: what a thread holds at that moment would
be held for ever in the worker. It is told over a pipe what there is to send, and when the pipe ends, because the run is over
or was killed, it sends what is there within its time and ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.plugin_utils.export.courier import Courier
from ansible_collections.mailops.email.plugins.plugin_utils.export.feed import (
    AuditFiles,
    audit_source,
    journal_source,
    name_of,
)
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import renderer
from ansible_collections.mailops.email.plugins.plugin_utils.export.mask import Mask
from ansible_collections.mailops.email.plugins.plugin_utils.export.privacy import Pseudonyms
from ansible_collections.mailops.email.plugins.plugin_utils.export.settings import Settings, SinkSettings
from ansible_collections.mailops.email.plugins.plugin_utils.journals import store_at

# Seconds beyond its budget after which an exporter is taken for stuck.
_GRACE = 2.0


@dataclasses.dataclass(frozen=True)
class Delivery:
    """What became of one sink.

    :param left: events that it has not had; the next run sends them.
    :param error: why, empty when it has had everything.
    :param damaged: lines that are no events, and were not sent.
    """

    sink: str
    target: str
    delivered: int = 0
    left: int = 0
    error: str = ""
    damaged: int = 0


class Exporter:
    """The run's end of the pipe.

    :param folder: of the callback's files.
    :param run: name of this run.
    :param lock: handle that says, while it is open, that the run is at work; the process beside the run has no part in it.
    """

    def __init__(self, settings: Settings, folder: str, run: str, lock: int = -1) -> None:
        self._settings, self._lock = settings, lock
        self._folder, self._run = folder, run
        self._pid = 0
        self._to, self._from = -1, -1
        self._journals: set[str] = set()

    def start(self) -> None:
        """:raises OSError: when no process can be had."""
        theirs, self._to = os.pipe()
        self._from, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                os.close(self._to)
                os.close(self._from)
                if self._lock >= 0:
                    os.close(self._lock)
                _become_a_process()
                _Desk(self._settings, self._folder, self._run, answers).work(theirs)
                code = 0
            finally:
                # Neither handlers nor buffers of the run are ours.
                os._exit(code)
        os.close(theirs)
        os.close(answers)

    def journal(self, path: str) -> None:
        """A run's journal is at *path*: what is in it and beside it is to be sent."""
        if path and path not in self._journals:
            self._journals.add(path)
            self._tell({"journal": path})

    def probe(self, seconds: float) -> list[Delivery]:
        """Deliver what there is now, and say what became of it."""
        return self._ask({"probe": seconds}, seconds)

    def finish(self, seconds: float) -> list[Delivery]:
        """The same, and end."""
        found = self._ask({"finish": seconds}, seconds)
        self.stop()
        return found

    def stop(self) -> None:
        """End the process, which has had its time."""
        if not self._pid:
            return
        for handle in (self._to, self._from):
            with contextlib.suppress(OSError):
                os.close(handle)
        ends = time.monotonic() + _GRACE
        while time.monotonic() < ends:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self._pid, os.WNOHANG) == (0, 0):
                    time.sleep(0.01)
                    continue
            break
        else:
            with contextlib.suppress(OSError):
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
        self._pid = 0

    def _tell(self, what: dict[str, t.Any]) -> None:
        # One that died is found out when it is asked.
        with contextlib.suppress(OSError):
            os.write(self._to, json.dumps(what).encode("utf-8") + b"\n")

    def _ask(self, what: dict[str, t.Any], seconds: float) -> list[Delivery]:
        self._tell(what)
        line = _read_line(self._from, time.monotonic() + seconds + _GRACE)
        try:
            return [Delivery(**one) for one in json.loads(line)]
        except (ValueError, TypeError):
            why = "the exporter has not answered"
            return [Delivery(one.name, one.target, error=why) for one in self._settings.sinks]


def _read_line(handle: int, ends: float) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        ready, dummy, dummy = select.select([handle], [], [], max(0.0, ends - time.monotonic()))
        part = os.read(handle, 65536) if ready else b""
        if not part:
            return b""
        line += part
    return line


def _become_a_process() -> None:
    """What is sent to the whole group ends the run, which ends us; our output is nobody's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in range(3):
        os.dup2(nowhere, handle)


class _Desk:
    """The exporter's end of the pipe."""

    def __init__(self, settings: Settings, folder: str, run: str, answers: int) -> None:
        self._settings, self._answers = settings, answers
        self._files = AuditFiles(folder)
        self._mask = Mask(settings.secrets)
        self._failed: list[Delivery] = []
        self._couriers: list[Courier] = []
        self._names: dict[str, str] = {}
        self._places: set[str] = set()
        pseudonyms = Pseudonyms(settings.pseudonym_dir) if settings.pseudonym_dir else None
        for one in settings.sinks:
            try:
                render = renderer(one.form, settings.ocsf_version)
                courier = Courier(one.build(), render, self._mask, self._files, run, pseudonyms)
            except MailopsError as error:
                self._failed.append(Delivery(one.name, one.target, error="%s %s" % (error.message, error.hint)))
                continue
            self._start(courier, one)

    def _start(self, courier: Courier, settings: SinkSettings) -> None:
        self._names[courier.sink.name] = name_of(settings.name, settings.target, settings.form)
        courier.add(audit_source(self._files, self._names[courier.sink.name]))
        self._couriers.append(courier)
        courier.start()

    def work(self, commands: int) -> None:
        """Until the run says that it is over, or is gone."""
        if self._settings.journal:
            self._take_journal(self._settings.journal)
        with os.fdopen(commands, "rb") as lines:
            for line in lines:
                told = json.loads(line)
                if "journal" in told:
                    self._take_journal(told["journal"])
                elif "probe" in told:
                    ends = time.monotonic() + told["probe"]
                    for courier in self._couriers:
                        courier.delivered_all(ends)
                    self._answer()
                elif "finish" in told:
                    self._finish(told["finish"])
                    self._answer()
                    return
        self._finish(self._settings.budget)

    def _take_journal(self, path: str) -> None:
        """A store, or a run in one."""
        try:
            store = store_at(path)
            if store.place in self._places:
                return
            self._places.add(store.place)
        except (MailopsError, OSError):
            return
        for courier in self._couriers:
            # Each has its own: they read side by side.
            courier.add(journal_source(store_at(path), self._names[courier.sink.name]))

    def _finish(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        for courier in self._couriers:
            courier.finish(ends)
        for courier in self._couriers:
            # A try that is under way then is not waited for.
            courier.join(max(0.0, ends - time.monotonic()) + _GRACE / 10)

    def _answer(self) -> None:
        found = list(self._failed)
        for one in self._couriers:
            left = one.left()
            error = one.error or ("there was no time left" if left else "")
            found.append(Delivery(one.sink.name, one.sink.target, one.delivered, left, error, one.damaged()))
        data = json.dumps([dataclasses.asdict(one) for one in found]).encode("utf-8") + b"\n"
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._answers, data) :]
