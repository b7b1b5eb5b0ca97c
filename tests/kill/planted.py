# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Safeguards taken out one at a time, from outside, to show that the trials would notice. Part of no release.

Each names the invariants that have to be found broken; a harness that never fails proves nothing.
"""

from __future__ import annotations

import os
import typing as t
import uuid

from forks import Bug, Folder, Result

from ansible_collections.mailops.email.plugins.module_utils.engine import apply, observe
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient


class Planted(Bug):
    """:cvar breaks: invariants that have to be found broken.
    :cvar story: what of a trial's plan is not left to the dice, so that few trials are needed.
    """

    name: t.ClassVar[str]
    breaks: t.ClassVar[frozenset[str]]
    story: t.ClassVar[dict[str, t.Any]] = {}


class NoFsync(Planted):
    """Lines are written, and the disk is not waited for."""

    name = "no_fsync"
    breaks = frozenset(("order", "unlogged"))

    def in_worker(self) -> None:
        os.fsync = lambda handle: None


class NoReadBack(Planted):
    """What is in doubt is settled by guessing: done where a run was killed, not done where an answer was lost."""

    name = "no_read_back"
    breaks = frozenset(("phantom", "unlogged"))
    story = {"faults": ({"kind": "reset", "when": "after_commit", "method": "POST", "skip": 1, "times": 7},)}

    def in_worker(self) -> None:
        true = observe.settle

        def guess(*known: t.Any) -> list[t.Any]:
            return [(event, True) for event, _applied in true(*known)]

        def settle(self: t.Any, results: t.Any) -> None:
            for result in results:
                if result.status == "in_doubt" and isinstance(result.error, ProviderError):
                    result.status = "failed"

        observe.settle = guess  # type: ignore[attr-defined]
        apply.Applier._settle = settle  # type: ignore[method-assign]


class NewKey(Planted):
    """Each try has a key of its own, so that the provider cannot know it for the same request."""

    name = "new_key_for_each_try"
    breaks = frozenset(("duplicate", "order"))
    story = {
        "faults": ({"kind": "reset", "when": "after_commit", "method": "POST", "path_regex": "invites"},),
        "lenient": True,
    }

    def in_worker(self) -> None:
        true = HttpClient._send

        def send(
            self: t.Any, method: str, path: str, json: t.Any, params: t.Any, headers: t.Any, *rest: t.Any
        ) -> t.Any:
            if "Idempotency-Key" in headers:
                headers = {**headers, "Idempotency-Key": str(uuid.uuid4())}
            return true(self, method, path, json, params, headers, *rest)

        HttpClient._send = send  # type: ignore[method-assign]


class OutcomeFirst(Planted):
    """Success is written down together with the intent, before the provider was asked."""

    name = "outcome_before_the_request"
    breaks = frozenset(("phantom", "order"))

    def in_worker(self) -> None:
        true = apply.Applier._write_intents

        def write(self: t.Any, key: str, group: t.Any) -> t.Any:
            ids = true(self, key, group)
            early = [apply.Result(operation, "applied", operation.after) for operation in group]
            self._journal.append(
                [apply.outcome_event(self._context, one, intent) for one, intent in zip(early, ids, strict=True)]
            )
            return ids

        apply.Applier._write_intents = write  # type: ignore[method-assign]


class CallbackOnly(Planted):
    """No journal in the worker: the playbook's process writes down what a task has told when it has ended, as a callback
    would; all that a journal would hold, in one go."""

    name = "callback_only"
    breaks = frozenset(("unlogged", "order"))

    def __init__(self) -> None:
        self._kept: list[dict[str, t.Any]] = []

    def in_worker(self) -> None:
        kept = self._kept

        def append(self: t.Any, events: t.Any) -> t.Any:
            whole = [dict(self._common, **event, id=str(uuid.uuid4())) for event in events]
            kept.extend(whole)
            return whole

        JournalWriter.open = lambda self: None  # type: ignore[method-assign]
        JournalWriter.close = lambda self: None  # type: ignore[method-assign]
        JournalWriter.append = append  # type: ignore[method-assign]

    def told(self, result: Result) -> Result:
        return {**result, "events": self._kept}

    def in_parent(self, folder: Folder, result: Result) -> None:
        events = result.pop("events", [])
        if not events:
            return
        # The journal gives numbers of its own.
        ids = {event["id"] for event in events}
        writer = JournalWriter(str(folder.journal), events[0]["stream"], {})
        new: dict[str, str] = {}
        for event in events:
            event = {**event, **({"intent_id": new[event["intent_id"]]} if event.get("intent_id") in ids else {})}
            (written,) = writer.append([event])
            new[event["id"]] = written["id"]
        writer.close()


PLANTED: dict[str, type[Planted]] = {one.name: one for one in (NoFsync, NoReadBack, NewKey, OutcomeFirst, CallbackOnly)}
