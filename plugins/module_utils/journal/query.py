# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the journal: what happened, what changed last, who changed this, what is in doubt (R-LOG-11, R-LOG-15)."""

from __future__ import annotations

import dataclasses
import datetime
import heapq
import itertools
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

_DONE = ("success", "unverified")


@dataclasses.dataclass(frozen=True)
class Question:
    """What an event has to be like; what is empty or None asks for nothing.

    :param action: its action, or the family in front of the dot.
    :param actor: the human or the system.
    :param boundary: holds the domains that may be told of; an event without a domain is then left out.
    """

    request_id: str = ""
    address: str = ""
    domain: str = ""
    action: str = ""
    actor: str = ""
    outcome: str = ""
    since: t.Optional[datetime.datetime] = None
    until: t.Optional[datetime.datetime] = None
    boundary: t.Optional[t.Container[str]] = None

    def marker(self) -> bytes:
        """Bytes that are in the line of each event that fits, and in those of its intent and its outcomes."""
        for text in (self.address, self.request_id, self.domain):
            if text:
                return canonical_json(text)
        return b""

    def about(self, event: Event) -> bool:
        """Whether all but the outcome fits."""
        thing = event.get("object")
        thing = thing if isinstance(thing, dict) else {}
        actor = event.get("actor")
        actor = actor if isinstance(actor, dict) else {}
        action = str(event.get("action"))
        return (
            (not self.request_id or event.get("request_id") == self.request_id)
            and (not self.address or self.address in (thing.get("key"), thing.get("mailbox"), thing.get("member")))
            and (not self.domain or thing.get("domain") == self.domain)
            and (not self.action or self.action in (action, action.partition(".")[0]))
            and (not self.actor or self.actor in (actor.get("human"), actor.get("system")))
            and (self.boundary is None or thing.get("domain", "") in self.boundary)
            and self._in_time(event)
        )

    def _in_time(self, event: Event) -> bool:
        if self.since is None and self.until is None:
            return True
        moment = parse_time(event["timestamp"])
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


@dataclasses.dataclass
class Found:
    """What the journal answers, newest first.

    :param events: all but intents and retries, which their outcomes tell of.
    :param matched: how many there are, however few were asked for.
    :param in_doubt: intents without an outcome, or of which the outcome is not known.
    :param summary: by object, what changed last and who has changed it.
    """

    events: list[Event]
    matched: int
    in_doubt: list[Event]
    summary: list[dict[str, t.Any]]


def ask(store: Store, question: Question, last: int = 0) -> Found:
    """Read all runs, once.

    :param last: the most events, and the most objects; all when 0.
    :raises JournalError: ``journal_damaged``, ``journal_not_readable``.
    """
    newest: list[tuple[str, str, int, int, Event]] = []
    intents: dict[str, Event] = {}
    closed: set[str] = set()
    objects: dict[tuple[str, str], dict[str, t.Any]] = {}
    matched = 0
    count = itertools.count()
    for event in store.all_events(question.marker()):
        phase = event.get("phase")
        if phase == "outcome" and event["outcome"] != "in_doubt":
            closed.add(event["intent_id"])
        if phase == "retry" or not question.about(event):
            continue
        if phase == "intent":
            intents[event["id"]] = event
            continue
        if question.outcome and event.get("outcome") != question.outcome:
            continue
        matched += 1
        entry = (*_moment(event), next(count), event)
        if last and len(newest) >= last:
            heapq.heappushpop(newest, entry)
        else:
            heapq.heappush(newest, entry)
        if phase == "outcome" and event["outcome"] in _DONE:
            _sum_up(objects, event)
    in_doubt = [event for event in intents.values() if event["id"] not in closed]
    summary = sorted(objects.values(), key=lambda row: (row["last_changed"], row["key"]), reverse=True)
    return Found(
        [entry[-1] for entry in sorted(newest, reverse=True)],
        matched,
        sorted(in_doubt, key=_moment, reverse=True),
        summary[:last] if last else summary,
    )


def _moment(event: Event) -> tuple[str, str, int]:
    return str(event.get("timestamp")), str(event.get("stream")), int(event.get("seq") or 0)


def _sum_up(objects: dict[tuple[str, str], dict[str, t.Any]], event: Event) -> None:
    name = (event["object"]["kind"], event["object"]["key"])
    human = str((event.get("actor") or {}).get("human") or "")
    row = objects.setdefault(
        name, {"kind": name[0], "key": name[1], "changes": 0, "changed_by": [], "last_changed": ""}
    )
    row["changes"] += 1
    if human not in row["changed_by"]:
        row["changed_by"] = sorted([*row["changed_by"], human])
    if row["last_changed"] <= event["timestamp"]:
        row.update(
            last_changed=event["timestamp"],
            last_action=event.get("action"),
            last_actor=human,
            last_request_id=event.get("request_id"),
        )


def runbook_view(event: Event) -> dict[str, t.Any]:
    """The eight keys of the runbook's example (R-LOG-10)."""
    thing = event.get("object") or {}
    return {
        "request_id": event.get("request_id"),
        "actor": (event.get("actor") or {}).get("human"),
        "action": event.get("action"),
        "domain": thing.get("domain", ""),
        "mailbox": thing.get("mailbox", ""),
        "delivery": event.get("delivery_method", ""),
        "tool_version": event.get("tool_version"),
        "timestamp": event.get("timestamp"),
    }
