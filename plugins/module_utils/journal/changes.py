# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a request has changed, object by object, and what others have changed of it since (R-RBK-03, R-RBK-11)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

_DONE = ("success", "unverified")
# What the journal only tells of: nothing was changed that could be taken back.
_TALES = frozenset(
    ("verification", "evidence", "dns_snapshot", "freeze", "rollback", "offboarding", "request", "batch", "audit")
)

Name = tuple[str, str]
Moment = tuple[str, int]


@dataclasses.dataclass
class Change:
    """What became of one object.

    :param before: by field, the state before the first of the events; empty when the object was made by them.
    :param after: by field, the state that the last of them left; empty when it was removed by them.
    :param actions: names of the events, in their order, each once.
    :param doubt: the intent of which nobody has recorded an outcome.
    :param later: outcomes of others on the same object since, oldest first.
    :param of_handover: an invite that only brought a mailbox to another owner.
    """

    kind: str
    key: str
    created: bool = False
    removed: bool = False
    before: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    after: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    actions: list[str] = dataclasses.field(default_factory=list)
    last: Moment = ("", 0)
    doubt: Event | None = None
    later: list[Event] = dataclasses.field(default_factory=list)
    of_handover: bool = False

    @property
    def name(self) -> str:
        return "%s %s" % (self.kind, self.key)

    def add(self, event: Event) -> None:
        """One more outcome, in the order of time."""
        before, after = event.get("before"), event.get("after")
        first = not self.actions
        if first and before is None:
            self.created = True
        if not self.created:
            for field, value in (before or {}).items():
                self.before.setdefault(field, value)
        self.removed = after is None
        self.after = {} if after is None else {**self.after, **after}
        if event["action"] not in self.actions:
            self.actions.append(event["action"])
        self.last = _moment(event)


@dataclasses.dataclass
class Batch:
    """All changes of a request, or of one of its rollbacks, at one account.

    :param elsewhere: how many objects the same request has changed at which other accounts.
    """

    changes: dict[Name, Change] = dataclasses.field(default_factory=dict)
    elsewhere: dict[str, int] = dataclasses.field(default_factory=dict)


def changes_of(store: Store, request_id: str, account: str, client: str, rollback_id: str = "") -> Batch:
    """Read what *request_id* has changed for *client* at *account*; or what its rollback *rollback_id* has.

    :param client: empty when the request's events name none.
    :raises JournalError: when the journal is damaged or cannot be read.
    """
    intents: dict[str, Event] = {}
    outcomes: list[Event] = []
    closed: set[str] = set()
    elsewhere: dict[str, set[Name]] = {}
    for event in _of_request(store, request_id):
        if event["object"].get("client", "") != client:
            continue
        if event.get("provider") != account:
            if event.get("outcome") in _DONE:
                elsewhere.setdefault(str(event.get("provider")), set()).add(_name(event))
        elif event["phase"] == "intent":
            intents[event["id"]] = event
        elif event["phase"] == "outcome" and event["outcome"] != "in_doubt":
            closed.add(event["intent_id"])
            if event["outcome"] in _DONE:
                outcomes.append(event)

    def mine(event: Event) -> bool:
        # Whose an outcome is, its intent says: another run may have found out that it was carried out.
        told = intents.get(event.get("intent_id", ""), event)
        if (told.get("request") or {}).get("given_back"):
            return False  # it goes and comes with its mailbox
        return bool((told.get("rollback") or {}).get("id", "") == rollback_id)

    batch = Batch(elsewhere={name: len(found) for name, found in sorted(elsewhere.items())})
    first: dict[Name, Moment] = {}
    aside: list[tuple[Moment, dict[str, t.Any]]] = []
    for event in sorted(outcomes, key=_moment):
        if mine(event):
            batch.changes.setdefault(_name(event), Change(*_name(event))).add(event)
            first.setdefault(_name(event), _moment(event))
            aside += [(_moment(event), entry) for entry in event.get("collateral") or ()]
    _add_aside(batch, first, aside)
    for event in intents.values():
        if event["id"] not in closed and mine(event):
            change = batch.changes.setdefault(_name(event), Change(*_name(event)))
            change.doubt = event
    for (kind, key), change in batch.changes.items():
        mailbox = batch.changes.get(("mailbox", key))
        change.of_handover = kind == "invite" and mailbox is not None and "rotated_for" in mailbox.after
    _add_later(store, batch, request_id, account)
    return batch


def _add_aside(
    batch: Batch, first: t.Mapping[Name, Moment], aside: t.Sequence[tuple[Moment, dict[str, t.Any]]]
) -> None:
    """What the provider did on the side before the request's own first change of an object: that was found otherwise.

    An object that has no change of its own goes and comes with the one that took it along.
    """
    for moment, entry in reversed(aside):
        name = (entry["kind"], entry["key"])
        if name not in first or moment >= first[name]:
            continue
        change = batch.changes[name]
        if entry["after"] is None and change.created:
            change.created, change.before = False, {}
        if not change.created:
            change.before.update(entry["before"] or {})


def _add_later(store: Store, batch: Batch, request_id: str, account: str) -> None:
    """What others have done since; a rollback of the same request and its undoing are no others."""
    for event in store.all_events(b'"phase":"outcome"'):
        if event.get("provider") != account or event.get("outcome") not in _DONE:
            continue
        change = batch.changes.get(_name(event))
        if change is None or not change.actions or _moment(event) <= change.last:
            continue
        if event.get("request_id") != request_id or not event.get("rollback"):
            change.later.append(event)
    for change in batch.changes.values():
        change.later.sort(key=_moment)


def rollbacks_of(store: Store, request_id: str, account: str, client: str) -> dict[str, dict[str, t.Any]]:
    """By id, the rollbacks of a request: ``of``, ``state`` (``started`` or ``closed``) and what the last event says."""
    found: dict[str, tuple[Moment, dict[str, t.Any]]] = {}
    for event in _of_request(store, request_id, tales=True):
        thing = event["object"]
        if thing["kind"] != "rollback" or event.get("outcome") not in _DONE or event.get("provider") != account:
            continue
        if thing.get("client", "") == client and found.get(thing["key"], (("", 0), {}))[0] < _moment(event):
            found[thing["key"]] = (_moment(event), dict(event["after"] or {}))
    return {key: state for key, (_when, state) in sorted(found.items(), key=lambda one: one[1][0])}


def _of_request(store: Store, request_id: str, tales: bool = False) -> t.Iterator[Event]:
    for event in store.all_events(canonical_json(request_id)):
        thing = event.get("object")
        if event.get("request_id") != request_id or not isinstance(thing, dict):
            continue
        if event.get("phase") in ("intent", "outcome") and (tales or thing["kind"] not in _TALES):
            yield event


def _name(event: Event) -> Name:
    return event["object"]["kind"], event["object"]["key"]


def _moment(event: Event) -> Moment:
    return str(event["timestamp"]), int(event["seq"])
