# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the callback says of the record's completeness, as events and as sentences for the terminal."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.plugin_utils.completeness import Completeness, Doubt, Ledger
from ansible_collections.mailops.email.plugins.plugin_utils.journals import at_hand, store_at

Event = dict[str, t.Any]

# How many are spelled out on the terminal; each has its event.
_SHOWN = 10


class Witness:
    """Follows the tasks of a run and the journals that they write.

    :param folder: of the callback's files.
    :param alive: whether the callback of another run is at work: what that run has open is under way, not in doubt.
    """

    def __init__(self, folder: str, run: str, journal: str, alive: t.Callable[[str], bool]) -> None:
        self._folder, self._run, self._alive = folder, run, alive
        self._ledger = Ledger()
        self._journals: dict[str, Completeness] = {}
        self._told: set[str] = set()
        self._first = journal

    def at_start(self) -> tuple[list[Event], list[str]]:
        """What earlier runs have left in doubt."""
        events, problems = self._look(self._first) if self._first else ([], [])
        return events, _sentences(events, "In doubt since an earlier run") + problems

    def task(self, name: str, audit: t.Mapping[str, t.Any]) -> None:
        """A task has ended; its journal is named in *audit*."""
        journal = str(audit.get("journal") or "")
        if journal and not at_hand(journal):
            # Written on another machine, where its lines have to be counted.
            return
        self._ledger.task(name, audit)

    def at_end(self) -> tuple[list[Event], list[str]]:
        """What is in doubt now and was not told yet, and what tasks told of that their journals do not have."""
        doubts: list[Event] = []
        unrecorded: list[Event] = []
        problems: list[str] = []
        for journal in self._ledger.journals() or [self._first]:
            if journal:
                events, why = self._look(journal)
                doubts += events
                problems += why
            outcomes = self._completeness(journal).outcomes if journal else {}
            for name, task_id, count in self._ledger.missing(journal, outcomes):
                unrecorded.append(
                    {
                        "event": "audit.unrecorded",
                        "task": name,
                        "task_id": task_id,
                        "journal": journal,
                        "missing": count,
                    }
                )
        problems += [
            "The task %r tells of %d changes of which the journal %s has no outcome."
            % (one["task"], one["missing"], one["journal"] or "(none)")
            for one in unrecorded
        ]
        return doubts + unrecorded, _sentences(doubts, "In doubt") + problems

    def _look(self, journal: str) -> tuple[list[Event], list[str]]:
        try:
            found = self._completeness(journal)
            found.look()
        except (MailopsError, OSError) as error:
            return [], ["What is in doubt cannot be told: %s" % error]
        news = [one for one in found.open() if one.intent_id not in self._told]
        elsewhere = {
            run for run in found.at_work | {one.run for one in news if self._alive(one.run)} if run != self._run
        }
        events = [_event(one) for one in news if one.run not in elsewhere]
        self._told.update(one["intent_id"] for one in events)
        return events, []

    def _completeness(self, journal: str) -> Completeness:
        """:raises MailopsError: when there is no such store."""
        store = store_at(journal)
        if store.place not in self._journals:
            self._journals[store.place] = Completeness(store, self._folder)
        return self._journals[store.place]


def _event(doubt: Doubt) -> Event:
    event: Event = {"event": "audit.in_doubt", "outcome": "in_doubt"}
    names = {"action": "intent_action", "run": "intent_run", "timestamp": "intended_at"}
    event.update((names.get(name, name), value) for name, value in dataclasses.asdict(doubt).items() if value)
    return event


def _sentences(events: list[Event], what: str) -> list[str]:
    if not events:
        return []
    shown = ["%s %s (%s)" % (one["intent_action"], one["key"], one["intended_at"]) for one in events[:_SHOWN]]
    more = " and %d more" % (len(events) - _SHOWN) if len(events) > _SHOWN else ""
    return [
        "%s: %s%s. The next task on the object settles it; audit_info lists what is in doubt."
        % (what, ", ".join(shown), more)
    ]
