# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs checks of independent domains side by side, those of one domain one after the other."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import clean, outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import ProbeError

CONCURRENCY = 8


class Progress(t.Protocol):
    """Where long work reports to."""

    def start(self, what: str, total: int) -> None: ...

    def advance(self, count: int) -> None: ...


@dataclasses.dataclass(frozen=True)
class Task:
    """One check to make; ``call`` holds the accounts, so it is not shown."""

    domain: str
    check: str
    call: t.Callable[[], Check] = dataclasses.field(repr=False)


def run_all(tasks: t.Iterable[Task], concurrency: int = CONCURRENCY, progress: Progress | None = None) -> list[Check]:
    """All checks, in the order of *tasks*; *progress* is told from the caller's own thread only.

    A task that raises is a check that did not pass; it never stops another.
    """
    todo = list(tasks)
    found: dict[int, Check] = {}
    queues: dict[str, list[int]] = {}
    for index, task in enumerate(todo):
        queues.setdefault(task.domain, []).append(index)
    if progress is not None:
        progress.start("checking mail", len(todo))
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=max(1, concurrency), thread_name_prefix="probe")
    try:
        running = {pool.submit(todo[index].call): index for index in [queue.pop(0) for queue in queues.values()]}
        while running:
            done, _left = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                index = running.pop(future)
                found[index] = _result(todo[index], future)
                queue = queues[todo[index].domain]
                if queue:
                    following = queue.pop(0)
                    running[pool.submit(todo[following].call)] = following
            if progress is not None:
                progress.advance(len(done))
    finally:
        # After an interruption nothing new begins; what runs ends by its own deadline
        pool.shutdown(wait=False, cancel_futures=True)
    return [found[index] for index in range(len(todo))]


def _result(task: Task, future: concurrent.futures.Future[Check]) -> Check:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, ProbeError):
        diagnosis, facts = error.diagnosis, {}
    elif isinstance(error, MailopsError):
        diagnosis = dataclasses.replace(outcome("setup_refused", clean(error.message)), next=error.hint)
        facts = {"refusal": error.code}
    else:
        # Its text may hold anything, a secret too
        diagnosis, facts = outcome("internal_error"), {"type": type(error).__name__}
    return Check(task.domain, task.check, False, "", diagnosis.code, diagnosis, facts)
