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
    parse_time,
)
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

Event = dict[str, t.Any]

_COLLATERAL = b'"collateral":[{'

# What settling and repeating a request rests on: a line without it is damaged.
_SHAPE: dict[str, dict[str, type]] = {
    "intent": {"id": str, "timestamp": str, "action": str, "verb": str, "idempotency_key": str, "batch": dict},
    "outcome": {"timestamp": str, "outcome": str, "intent_id": str},
    "retry": {"timestamp": str, "intent_id": str},
}


def journal_files(directory: str) -> list[str]:
    """Paths of all runs in a journal folder, oldest name first; none when the folder is absent."""
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".jsonl"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(directory, error) from error
    return [os.path.join(directory, name) for name in names]


def read_events(path: str, must_hold: bytes = b"") -> t.Iterator[Event]:
    """Events of one file in order; with *must_hold*, only lines with these bytes.

    The chain is followed over all lines, so that a line which was changed cannot pass for one of no interest.

    :raises JournalError: ``journal_damaged``; a torn last line is passed over.
    """
    prev = GENESIS.encode()
    try:
        with open(path, "rb") as handle:
            for number, line in enumerate(handle, 1):
                if not line.endswith(b"\n"):
                    continue
                if b'"prev":"%s"' % prev not in line:
                    raise _damaged(path, number, "it does not follow the line before it")
                prev = line_digest(line[:-1]).encode()
                if must_hold not in line:
                    continue
                try:
                    event = parse_line(line)
                    _check(event)
                except (ValueError, RecursionError) as error:
                    raise _damaged(path, number, str(error)) from error
                yield event
    except OSError as error:
        raise _unreadable(path, error) from error


def _check(event: Event) -> None:
    """:raises ValueError: naming what an intent or an outcome lacks."""
    shape = _SHAPE.get(str(event.get("phase")), {})
    wrong = [name for name, kind in shape.items() if not isinstance(event.get(name), kind)]
    thing = event.get("object")
    if shape and not (isinstance(thing, dict) and isinstance(thing.get("kind"), str) and thing.get("key")):
        wrong.append("object")
    if event.get("phase") == "intent" and not wrong:
        parse_time(event["timestamp"])
        wrong = [] if isinstance(event["batch"].get("position"), int) else ["batch"]
    if wrong:
        raise ValueError("it has no %s" % ", ".join(wrong))


def _damaged(path: str, number: int, why: str) -> JournalError:
    return JournalError(
        "journal_damaged",
        "The journal %s line %d is damaged: %s." % (path, number, why),
        "Put the file back from a copy. Without one, keep it elsewhere as evidence and compare with the provider by hand "
        "what its run did, before you run again.",
    )


def _unreadable(path: str, error: OSError) -> JournalError:
    return JournalError(
        "journal_not_readable",
        "The journal %s cannot be read: %s." % (path, error.strerror or error),
        "Name the journal's folder in journal_dir, and give access to it.",
    )


@dataclasses.dataclass
class Memory:
    """What the journal knows about one kind of object at one provider, by key.

    :param last: the outcome that last changed each object.
    :param open_intents: intents without an outcome, by id: in doubt. One that was sent again has ``resent_at``.
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
    still_open: dict[str, int] = {}
    early: set[str] = set()  # closed by a run whose file is read before that of the intent
    resent: dict[str, str] = {}
    for event in _about(directory, kind, provider):
        phase = event.get("phase")
        if phase == "intent":
            key = event["idempotency_key"]
            memory.open_intents[event["id"]] = event
            memory.open_batches.setdefault(key, []).append(event)
            still_open[key] = still_open.get(key, 0) + 1
            if event["id"] in early:
                _close(memory, still_open, event["id"])
        elif phase == "retry":
            resent[event["intent_id"]] = max(event["timestamp"], resent.get(event["intent_id"], ""))
        elif phase == "outcome" and event["outcome"] != "in_doubt":
            if event["outcome"] in ("success", "unverified"):
                _keep_latest(memory.last, event)
            if event["intent_id"] not in memory.open_intents:
                early.add(event["intent_id"])
            _close(memory, still_open, event["intent_id"])
    for intent_id, moment in resent.items():
        if intent_id in memory.open_intents:
            memory.open_intents[intent_id]["resent_at"] = moment
    return memory


def last_holding(directory: str, kind: str, provider: str, field: str) -> dict[str, Event]:
    """By key, the last successful outcome whose ``after`` speaks of *field*; an object that was removed is left out."""
    found: dict[str, Event] = {}
    for event in _about(directory, kind, provider):
        if event.get("phase") == "outcome" and event["outcome"] in ("success", "unverified"):
            after = event.get("after")
            if after is None or field in after:
                _keep_latest(found, event)
    return {key: event for key, event in found.items() if event["after"] is not None}


def switched_off(directory: str, provider: str) -> dict[str, list[dict[str, t.Any]]]:
    """By object, what the provider has changed on the side of its last change and nobody has changed since.

    An entry has ``kind``, ``key``, ``before`` and ``after``. What a later outcome of ours speaks of is settled. What went with
    an object that was removed is owed to nobody: whoever has its name now is another.
    """
    sources: dict[tuple[str, str], tuple[tuple[str, int], str, dict[str, t.Any] | None]] = {}
    for path in journal_files(directory):
        if not _holds(path, _COLLATERAL):
            continue  # nearly all: their lines need not be followed once more
        for event in read_events(path, _COLLATERAL):
            if event.get("provider") == provider and event.get("outcome") in ("success", "unverified"):
                moment = (event["timestamp"], event["seq"])
                for entry in event["collateral"]:
                    name = (entry["kind"], entry["key"])
                    if name not in sources or sources[name][0] < moment:
                        owed = None if event.get("after") is None else entry
                        sources[name] = (moment, event["object"]["key"], owed)
    for kind in sorted({name[0] for name in sources}):
        for event in _about(directory, kind, provider):
            name = (kind, event["object"]["key"])
            if event.get("outcome") in ("success", "unverified") and name in sources:
                if (event["timestamp"], event["seq"]) > sources[name][0]:
                    del sources[name]
    found: dict[str, list[dict[str, t.Any]]] = {}
    for name in sorted(sources):
        dummy, key, entry = sources[name]
        if entry is not None:
            found.setdefault(key, []).append(entry)
    return found


def _holds(path: str, words: bytes) -> bool:
    try:
        with open(path, "rb") as handle:
            return words in handle.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def _about(directory: str, kind: str, provider: str) -> t.Iterator[Event]:
    """Events of all runs that speak of *kind* at *provider*. Names of runs need not sort by time."""
    marker = ('"kind":"%s"' % kind).encode()
    for path in journal_files(directory):
        for event in read_events(path, marker):
            thing = event.get("object")
            if isinstance(thing, dict) and thing.get("kind") == kind and event.get("provider") == provider:
                yield event


def _keep_latest(found: dict[str, Event], event: Event) -> None:
    key = event["object"]["key"]
    if key not in found or found[key]["timestamp"] <= event["timestamp"]:
        found[key] = event


def _close(memory: Memory, still_open: dict[str, int], intent_id: str) -> None:
    intent = memory.open_intents.pop(intent_id, None)
    if intent is None:
        return
    key = intent["idempotency_key"]
    still_open[key] -= 1
    if not still_open[key]:
        del still_open[key], memory.open_batches[key]


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
