# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads journals back: what is in doubt, and what only the journal knows.

A line is parsed only when its bytes say that it can matter, so that a journal of many runs stays quick to read.
"""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import (
    GENESIS,
    line_digest,
    parse_line,
)
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

Event = dict[str, t.Any]


def journal_files(directory: str) -> list[str]:
    """Paths of all runs in a journal folder, oldest name first; none when the folder is absent."""
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".jsonl"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError("journal_not_readable", "The journal %s cannot be read: %s." % (directory, error)) from error
    return [os.path.join(directory, name) for name in names]


def read_events(path: str, must_hold: bytes = b"") -> t.Iterator[Event]:
    """Events of one file in order; with *must_hold*, only lines with these bytes.

    :raises JournalError: ``journal_damaged`` for a whole line that is no event; a torn last line is passed over.
    """
    try:
        with open(path, "rb") as handle:
            for number, line in enumerate(handle, 1):
                if must_hold not in line or not line.endswith(b"\n"):
                    continue
                try:
                    yield parse_line(line)
                except ValueError as error:
                    raise JournalError("journal_damaged", "%s line %d: %s." % (path, number, error)) from error
    except OSError as error:
        raise JournalError("journal_not_readable", "The journal %s cannot be read: %s." % (path, error)) from error


@dataclasses.dataclass
class Memory:
    """What the journal knows about one kind of object at one provider, by key.

    :param last: the outcome that last changed each object.
    :param open_intents: intents without an outcome, by id: in doubt.
    :param open_batches: by idempotency key, all intents of each batch that has an open one; the request can only be
        repeated whole.
    """

    last: dict[str, Event] = dataclasses.field(default_factory=dict)
    open_intents: dict[str, Event] = dataclasses.field(default_factory=dict)
    open_batches: dict[str, list[Event]] = dataclasses.field(default_factory=dict)


def remember(directory: str, kind: str, provider: str) -> Memory:
    """Read all runs for objects of *kind* at *provider* (``name@host``, see the writer's common fields).

    An outcome of an operation that failed changes nothing and only closes its intent.
    """
    memory = Memory()
    marker = ('"kind":"%s"' % kind).encode()
    still_open: dict[str, int] = {}
    for path in journal_files(directory):
        for event in read_events(path, marker):
            if event.get("object", {}).get("kind") != kind or event.get("provider") != provider:
                continue
            if event.get("phase") == "intent":
                key = event["idempotency_key"]
                memory.open_intents[event["id"]] = event
                memory.open_batches.setdefault(key, []).append(event)
                still_open[key] = still_open.get(key, 0) + 1
            elif event.get("phase") == "outcome" and event.get("outcome") != "in_doubt":
                if event["outcome"] in ("success", "unverified"):
                    memory.last[event["object"]["key"]] = event
                _close(memory, still_open, event.get("intent_id", ""))
    return memory


def _close(memory: Memory, still_open: dict[str, int], intent_id: str) -> None:
    intent = memory.open_intents.pop(intent_id, None)
    if intent is None:
        return
    key = intent["idempotency_key"]
    still_open[key] -= 1
    if not still_open[key]:
        del still_open[key], memory.open_batches[key]


def last_holding(directory: str, kind: str, provider: str, field: str) -> dict[str, Event]:
    """By key, the last successful outcome whose ``after`` speaks of *field*; an object that was removed is left out."""
    found: dict[str, Event] = {}
    marker = ('"kind":"%s"' % kind).encode()
    for path in journal_files(directory):
        for event in read_events(path, marker):
            if event.get("provider") != provider or event.get("outcome") not in ("success", "unverified"):
                continue
            thing, after = event.get("object", {}), event.get("after")
            if thing.get("kind") != kind:
                continue
            if after is None:
                found.pop(thing.get("key", ""), None)
            elif field in after:
                found[thing["key"]] = event
    return found


def verify_chain(path: str) -> list[str]:
    """Problems of one file's chain: broken links, gaps of ``seq``, damage; empty when it holds."""
    problems: list[str] = []
    prev, seq = GENESIS, 0
    with open(path, "rb") as handle:
        for number, line in enumerate(handle, 1):
            if not line.endswith(b"\n"):
                problems.append("line %d: torn" % number)
                break
            try:
                event = parse_line(line)
            except ValueError as error:
                problems.append("line %d: %s" % (number, error))
                break
            if event.get("prev") != prev:
                problems.append("line %d: does not follow the line before it" % number)
            if event.get("seq") != seq + 1:
                problems.append("line %d: seq %r after %d" % (number, event.get("seq"), seq))
            prev, seq = line_digest(line[:-1]), event.get("seq", seq + 1)
    return problems
