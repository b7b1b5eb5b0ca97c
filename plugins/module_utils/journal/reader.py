# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the journal what is in doubt, and what only the journal knows.

A line is parsed only when its bytes say that it can matter, so that a journal of many runs stays quick to read.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

_COLLATERAL = b'"collateral":[{'


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


def remember(store: Store, kind: str, provider: str) -> Memory:
    """Read all runs for objects of *kind* at *provider* (``name@host``, see the writer's common fields).

    An outcome of an operation that failed changes nothing and only closes its intent.
    """
    memory = Memory()
    still_open: dict[str, int] = {}
    early: set[str] = set()  # closed by a run whose file is read before that of the intent
    resent: dict[str, str] = {}
    for event in _about(store, kind, provider):
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


def last_holding(store: Store, kind: str, provider: str, field: str) -> dict[str, Event]:
    """By key, the last successful outcome whose ``after`` speaks of *field*; an object that was removed is left out."""
    found: dict[str, Event] = {}
    for event in _about(store, kind, provider):
        if event.get("phase") == "outcome" and event["outcome"] in ("success", "unverified"):
            after = event.get("after")
            if after is None or field in after:
                _keep_latest(found, event)
    return {key: event for key, event in found.items() if event["after"] is not None}


def switched_off(store: Store, provider: str) -> dict[str, list[dict[str, t.Any]]]:
    """By object, what the provider has changed on the side of its last change and nobody has changed since.

    An entry has ``kind``, ``key``, ``before`` and ``after``. What a later outcome of ours speaks of is settled. What went with
    an object that was removed is owed to nobody: whoever has its name now is another.
    """
    sources: dict[tuple[str, str], tuple[tuple[str, int], str, dict[str, t.Any] | None]] = {}
    # In nearly none: the lines of the others need not be followed once more.
    for run in store.holding(_COLLATERAL):
        for event in store.events(run, _COLLATERAL):
            if event.get("provider") == provider and event.get("outcome") in ("success", "unverified"):
                moment = (event["timestamp"], event["seq"])
                for entry in event["collateral"]:
                    name = (entry["kind"], entry["key"])
                    if name not in sources or sources[name][0] < moment:
                        owed = None if event.get("after") is None else entry
                        sources[name] = (moment, event["object"]["key"], owed)
    for kind in sorted({name[0] for name in sources}):
        for event in _about(store, kind, provider):
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


def _about(store: Store, kind: str, provider: str) -> t.Iterator[Event]:
    """Events of all runs that speak of *kind* at *provider*. Names of runs need not sort by time."""
    marker = ('"kind":"%s"' % kind).encode()
    for event in store.all_events(marker):
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
