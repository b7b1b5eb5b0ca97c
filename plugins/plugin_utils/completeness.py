# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the record is whole: intents that no outcome followed, and changes that a task told of and no journal has.

Lines are told apart by their bytes, and only what stays open is parsed; how far each run was read is kept, so that a
journal of years is read once.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import hashlib
import json
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import private_folder, write_private
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_line
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

_FOLDER = ".completeness"
# What became of an operation of which something was sent, or might have been.
_TRIED = frozenset(("success", "failure", "unverified", "in_doubt"))


@dataclasses.dataclass(frozen=True)
class Doubt:
    """An intent of which nobody has said yet what became of it."""

    intent_id: str
    run: str
    action: str
    key: str
    timestamp: str
    domain: str = ""
    mailbox: str = ""
    client: str = ""


class Completeness:
    """What is open in one journal.

    :param folder: of the callback's files; how far the journal was read is kept there.
    """

    def __init__(self, store: Store, folder: str) -> None:
        self._store = store
        digest = hashlib.sha256(store.place.encode("utf-8")).hexdigest()[:16]
        self._path = os.path.join(folder, _FOLDER, digest + ".json")
        self._folder = folder
        self._places: dict[str, int] = {}
        self._open: dict[str, Doubt] = {}
        # Outcomes and verifications by task that were read since this object was made.
        self.outcomes: collections.Counter[str] = collections.Counter()
        # Runs that another controller is writing to: what they have open is under way.
        self.at_work: frozenset[str] = frozenset()
        self._load()

    def look(self) -> None:
        """Read what is new.

        :raises JournalError, OSError:
        """
        intents: dict[bytes, tuple[str, bytes]] = {}
        closed: set[bytes] = set()
        for run, end in self._store.ends().items():
            place = self._places.get(run, 0)
            if place == end:
                continue
            if place > end:
                # It was cut, which the verifier has to judge; here it only must not be passed over.
                place = 0
            for behind, line in self._store.since(run, place):
                place = behind
                self._take(run, line, intents, closed)
            self._places[run] = place
        for run, line in intents.values():
            doubt = _doubt(run, line)
            if doubt is not None and doubt.intent_id.encode("utf-8") not in closed:
                self._open[doubt.intent_id] = doubt
        for one in closed:
            self._open.pop(one.decode("utf-8", "replace"), None)
        self._keep()
        self.at_work = self._store.at_work()
        # The process that looks is the one that forks the workers.
        self._store.close()

    def open(self, run: str = "") -> list[Doubt]:
        """What is in doubt, oldest first; of one run, or of all."""
        found = [one for one in self._open.values() if run in ("", one.run)]
        return sorted(found, key=lambda one: (one.timestamp, one.key))

    def _take(self, run: str, line: bytes, intents: dict[bytes, tuple[str, bytes]], closed: set[bytes]) -> None:
        if b'"phase":"intent"' in line:
            found = _after(line, b',"id":"') if line.count(b',"id":"') == 1 else b""
            if not found or found in intents:
                # Another of its fields holds an id too.
                doubt = _doubt(run, line)
                found = doubt.intent_id.encode("utf-8") if doubt is not None else b""
            if found:
                intents[found] = (run, line)
            return
        outcome = b'"phase":"outcome"' in line
        if outcome and b'"outcome":"in_doubt"' not in line:
            named = _after(line, b'"intent_id":"')
            if named:
                closed.add(named)
                intents.pop(named, None)
        # Without http it was settled by reading, and is no work of this task.
        if (outcome and b'"http":' in line) or b'"phase":"verification"' in line:
            task = _after(line, b'"task_id":"')
            if task:
                self.outcomes[task.decode("ascii", "replace")] += 1

    def _load(self) -> None:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            with open(self._path, "rb") as file:
                found = json.load(file)
            doubts = {str(name): Doubt(**one) for name, one in found["open"].items()}
            self._places = {str(run): int(place) for run, place in found["places"].items()}
            self._open = doubts

    def _keep(self) -> None:
        document = {
            "places": self._places,
            "open": {name: dataclasses.asdict(one) for name, one in self._open.items()},
        }
        # Without it the next run reads everything once more.
        with contextlib.suppress(OSError):
            private_folder(self._folder, _FOLDER)
            write_private(self._path, json.dumps(document, sort_keys=True).encode("utf-8"))


def _after(line: bytes, mark: bytes) -> bytes:
    """What stands in quotes behind the first *mark*; in canonical JSON a mark with quotes is a key, and no part of a text."""
    start = line.find(mark)
    if start < 0:
        return b""
    start += len(mark)
    return line[start : line.find(b'"', start)]


def _doubt(run: str, line: bytes) -> Doubt | None:
    try:
        event = parse_line(line)
    except (ValueError, RecursionError):
        return None
    thing = event.get("object")
    if event.get("phase") != "intent" or not isinstance(thing, dict):
        return None
    return Doubt(
        str(event.get("id")),
        run,
        str(event.get("action")),
        str(thing.get("key")),
        str(event.get("timestamp")),
        str(thing.get("domain") or ""),
        str(thing.get("mailbox") or ""),
        str(thing.get("client") or ""),
    )


class Ledger:
    """What tasks said that they did, by the name of their journal."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, tuple[str, int]]] = {}

    def task(self, name: str, audit: t.Mapping[str, t.Any]) -> None:
        """Keep what the ``audit`` of a result claims; a dry run claims nothing."""
        if audit.get("check_mode"):
            return
        tried = sum(
            1 for change in audit["changes"] if change.get("outcome") in _TRIED or "verification_result" in change
        )
        count = tried + int(audit.get("unlisted") or 0)
        task_id = str(audit.get("task_id") or "")
        if count and task_id:
            self._said.setdefault(str(audit.get("journal") or ""), {})[task_id] = (name, count)

    def journals(self) -> list[str]:
        return sorted(self._said)

    def missing(self, journal: str, outcomes: t.Mapping[str, int]) -> list[tuple[str, str, int]]:
        """Task, its id, and how many outcomes fewer its journal has than it claims."""
        return [
            (name, task_id, count - outcomes.get(task_id, 0))
            for task_id, (name, count) in self._said.get(journal, {}).items()
            if outcomes.get(task_id, 0) < count
        ]
