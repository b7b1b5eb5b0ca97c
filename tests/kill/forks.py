# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks as ansible-playbook does, a process for the playbook and a forked worker for each task, without its start-up.

The modules are imported once, and each process is forked from there.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import functools
import json
import os
import select
import signal
import sys
import time
import traceback
import typing as t
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from powercut import read_log
from scenarios import REQUEST, Task
from watch import Counters, Kill, Watch

from ansible_collections.mailops.email.plugins.module_utils.journal.run import RUN_ID_VARIABLE
from ansible_collections.mailops.email.plugins.module_utils.providers import http
from ansible_collections.mailops.email.plugins.module_utils.shell.rollback import ROLLBACK, run_rollback
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import resource_spec, rollback_spec
from ansible_collections.mailops.email.plugins.module_utils.shell.task import run_resource

ACTOR = "dana@agency.example"
PATIENCE_SECONDS = 60.0
Result = dict[str, t.Any]
_SUBREAPER = 36


@dataclasses.dataclass
class Done:
    """One run of a play.

    :param results: of the tasks that the playbook's process got to hear of.
    :param killed: the entry of the log that tells of a kill.
    :param points: how often each point was passed.
    """

    results: list[Result]
    killed: dict[str, t.Any] | None
    points: dict[str, int]
    hung: bool = False

    @property
    def well(self) -> bool:
        return not self.killed and not self.hung and not any(one.get("failed") for one in self.results)


class Bug:
    """A safeguard taken out: nothing, unless a subclass says so (planted.py)."""

    story: t.ClassVar[dict[str, t.Any]] = {}

    def in_worker(self) -> None:
        """Called in each worker before its task."""

    def told(self, result: Result) -> Result:
        """Called in the worker when its task has ended; returns what it tells the playbook's process."""
        return result

    def in_parent(self, folder: Folder, result: Result) -> None:
        """Called in the playbook's process when a task has told its result."""


@dataclasses.dataclass(frozen=True)
class Folder:
    """Where a trial keeps what it makes: ``root`` is the collection's, the rest ours."""

    path: Path

    @property
    def root(self) -> Path:
        return self.path / "kept"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def sealed(self) -> Path:
        return self.root / "sealed"

    @property
    def log(self) -> Path:
        return self.path / "seen.jsonl"

    @property
    def results(self) -> Path:
        return self.path / "results.jsonl"


class Forks:
    """Runs tasks in forked processes.

    :param common: options of every task: how to reach the provider, for whom.
    """

    kind = "fork"

    def __init__(self, folder: Folder, common: dict[str, t.Any], bug: Bug | None = None, run_id: str = "") -> None:
        self._folder = folder
        self._common = common
        self._bug = bug or Bug()
        self._run_id = run_id
        self._orphans: list[int] = []
        self._runs = 0

    def run(self, tasks: t.Sequence[Task], kill: Kill | None = None, *, wait: bool = True) -> Done:
        """:param wait: for a worker that goes on without its playbook; else it is still at work when this returns."""
        self._runs += 1
        counters = Counters()
        before = sum(1 for _line in read_log(str(self._folder.log)))
        pid = os.fork()
        if not pid:
            _never_return(lambda: self._parent(tasks, kill, counters))
        hung = not _ended(pid)
        killed = None
        for number, entry in enumerate(read_log(str(self._folder.log))):
            if number >= before and entry["e"] == "kill":
                killed = entry
        if killed and killed["who"] != "module":
            self._orphans.append(int(killed["worker"]))
        if wait or (killed and killed["who"] != "parent"):
            hung = not self.reap() or hung
        rows = [one["result"] for one in read_log(str(self._folder.results)) if one["run"] == self._runs]
        return Done(rows, killed, counters.plain(), hung)

    def must(self, tasks: t.Sequence[Task]) -> None:
        """Run what is not to be killed."""
        done = self.run(tasks)
        if not done.well:
            raise RuntimeError("not prepared: %s" % done.results)

    def reap(self) -> bool:
        """Wait for workers that lost their playbook; False when one does not end."""
        well = True
        for pid in self._orphans:
            well = _ended(pid) and well
        self._orphans.clear()
        return well

    def _parent(self, tasks: t.Sequence[Task], kill: Kill | None, counters: Counters) -> None:
        for number, task in enumerate(tasks):
            get, put = os.pipe()
            pid = os.fork()
            if not pid:
                os.close(get)
                _never_return(lambda task=task, put=put: self._worker(task, kill, counters, put))  # type: ignore[misc]
            os.close(put)
            with os.fdopen(get, "rb") as pipe:
                told = pipe.read()
            os.waitpid(pid, 0)
            result = json.loads(told) if told else {"failed": True, "msg": "the worker died", "dead": True}
            self._bug.in_parent(self._folder, result)
            with open(self._folder.results, "a", encoding="utf-8") as file:
                file.write(json.dumps({"run": self._runs, "task": number, "result": result}) + "\n")
            if result.get("failed"):
                return

    def _worker(self, task: Task, kill: Kill | None, counters: Counters, put: int) -> None:
        Watch(str(self._folder.root), str(self._folder.log), counters, kill, os.getppid()).install()
        # Only to save time: what is waited between tries, not whether there are any.
        http._backoff = lambda attempt: 0.002 * attempt
        self._bug.in_worker()
        if self._run_id:
            os.environ[RUN_ID_VARIABLE] = self._run_id
        params = validated(task, self._common)
        run = {"playbook": "Trial", "task": task.module, "host": "acme"}
        work = run_rollback if task.module == ROLLBACK else functools.partial(run_resource, task.module)
        result = work(params, check_mode=False, run=run)
        with contextlib.suppress(BrokenPipeError), os.fdopen(put, "wb") as pipe:
            pipe.write(json.dumps(self._bug.told(result)).encode())


def validated(task: Task, common: dict[str, t.Any]) -> dict[str, t.Any]:
    """Options as the action plugin gives them to the core."""
    spec = dict(rollback_spec() if task.module == ROLLBACK else resource_spec(task.module))
    spec.pop("supports_check_mode")
    # Finer than the options allow: tenths of seconds.
    finer = {name: common[name] for name in ("timeout", "deadline")}
    given = {name: value for name, value in common.items() if name not in finer}
    checked = ArgumentSpecValidator(**spec).validate({**given, **task.options})
    if checked.error_messages:
        raise ValueError("%s: %s" % (task.module, checked.error_messages))
    return {**checked.validated_parameters, **finer}


def common_options(folder: Folder, api: str, token: str, **more: t.Any) -> dict[str, t.Any]:
    return {
        "api_url": api,
        "api_token": token,
        "journal_dir": str(folder.journal),
        "sealed_dir": str(folder.sealed),
        "client": "acme",
        "request_id": REQUEST,
        "actor": ACTOR,
        "timeout": 0.5,
        "deadline": 4.0,
        "concurrency": 2,
        **more,
    }


def adopt_orphans() -> None:
    """Workers whose playbook was killed become children of this process, so that it can wait for them."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _ended(pid: int, seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait for a child and take its status; one that does not end is killed."""
    ends, well = time.monotonic() + seconds, True
    while True:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return well
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            ready = poll.poll(max(0.0, ends - time.monotonic()) * 1000)
        finally:
            os.close(handle)
        if not ready:
            os.kill(pid, signal.SIGKILL)
            well = False
        try:
            os.waitpid(pid, 0)
            return well
        except ChildProcessError:
            # Not ours yet: its own parent, killed, has still to be gone.
            if time.monotonic() > ends:
                return False
            time.sleep(0.001)


def _never_return(work: t.Callable[[], None]) -> t.NoReturn:
    """In a forked process: do it, and end without what the process above has to do at its end."""
    status = 0
    try:
        work()
    except BaseException:  # noqa: BLE001 - whatever it is, it must not go on as the process above
        traceback.print_exc()
        status = 1
    finally:
        sys.stderr.flush()
        os._exit(status)
