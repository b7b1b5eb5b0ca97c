# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads from the journal what became of each object of a task whose result is too short to list them."""

from __future__ import annotations

import errno
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_line
from ansible_collections.mailops.email.plugins.plugin_utils.journals import at_hand, run_of, store_at


def outcomes(name: str, task_id: str) -> t.Iterator[dict[str, t.Any]]:
    """One entry for each operation that the task has tried, in the order of the journal, of the shape of ``audit.changes``.

    :param name: of the journal, as the task's result has it.
    :raises JournalError, OSError, ValueError: when the run or a line of it cannot be read; a torn last line is passed over.
    """
    if not at_hand(name):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    mark = ('"task_id":"%s"' % task_id).encode()
    for dummy, line in store_at(name).since(run_of(name), 0):
        if mark not in line or b'"phase":"outcome"' not in line:
            continue
        event = parse_line(line)
        # Without http it was settled by reading: the request was another run's, and so is its place in an audit file.
        if event.get("phase") == "outcome" and event.get("run", {}).get("task_id") == task_id and "http" in event:
            yield _change(event)


def _change(event: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    done = event["outcome"] in ("success", "unverified")
    thing = event.get("object", {})
    change = {
        "action": event["action"],
        "domain": thing.get("domain", ""),
        "mailbox": thing.get("mailbox", ""),
        "delivery": event.get("delivery_method", ""),
        "outcome": event["outcome"],
        "before_state": event.get("before"),
        "after_state": event.get("after") if done else None,
    }
    change.update((name, event[name]) for name in ("exception", "collateral") if name in event)
    return change
