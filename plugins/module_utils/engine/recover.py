# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an interrupted run left in doubt is settled first: by reading, or where nothing can be read, by the same key.

A retry with the key and the body of the recorded intent is no second request to a provider that knows keys.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import Memory
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Writer
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused, State, place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene

# What authorised a change is what its intent says, whichever run finds out that it was made.
AUTHORISATION = ("request_id", "approval_id", "plan_digest")
# What outcomes are read for later: how access was given, until when, and what is owed.
_CARRIED = ("op_id", "delivery", "delivery_method", "delivery_rank", "exception", "collateral", "redacted")
# What no listing shows. A good answer is all there is to go by; without one nobody knows, and it is done once more.
UNREADABLE = frozenset(("set_password",))
# Kept below what the provider promises, for clocks that differ.
_MARGIN = datetime.timedelta(minutes=30)


def remember(scene: Scene, operation: Operation, after: State) -> None:
    """Let what follows know what an operation has made of its object, and of others on the side (design §4.4)."""
    _keep(scene, operation.kind, operation.key, after)
    if (operation.kind, operation.verb) == ("mailbox", "suspend"):
        for kind in scene.driver.suspend_revokes & scene.records.keys():
            for key in [key for key in scene.records[kind] if place_of(kind, key) == operation.key]:
                del scene.records[kind][key]
    for entry in operation.collateral:
        if entry["kind"] in scene.records:
            _keep(scene, entry["kind"], entry["key"], entry["after"])


def _keep(scene: Scene, kind: str, key: str, after: State) -> None:
    records = scene.records.setdefault(kind, {})
    if after is None:
        if kind == "catch_all":
            records[key] = {"domain": key, "enabled": False}
        else:
            records.pop(key, None)
        return
    name = {"domain": "name", "catch_all": "domain", "record_set": "key"}.get(kind, "address")
    record = records.setdefault(key, {name: key})
    record.update(after)
    if kind == "catch_all":
        record["enabled"] = after.get("enabled", True)
    if kind in ("forward", "catch_all") and "expires_at" in after:
        scene.notes.setdefault(kind, {})[key] = dict(after)


def shows(kind: str, verb: str, after: State, record: State, strict: bool = False) -> bool:
    """Whether what was read back is what an operation wanted.

    :param strict: of a new object all fields have to be as wanted; else it is enough that it is there.
    """
    if after is None:
        return record is None or record.get("state") == "trashed" or record.get("enabled") is False
    if record is None:
        return False
    wanted = dict(after)
    if verb == "create" and kind in ("mailbox", "domain"):
        if record.get("state") == "trashed" or not strict:
            return record.get("state") != "trashed"
        # It may come into being in another state than it has later; which is no business of its creation.
        wanted = {name: value for name, value in after.items() if name not in ("state", "status")}
    return all(record.get(name) == value for name, value in wanted.items() if name in record)


def settle(
    scene: Scene, memories: t.Mapping[str, Memory], wanted: t.Callable[[Event], bool]
) -> list[tuple[Event, bool | None]]:
    """Open intents of *wanted* objects with what reading shows: applied, not applied, or None when it cannot be read.

    Only of these, and of what shares their requests: of any other object nothing was read, and it may be another
    client's.
    """
    settled: list[tuple[Event, bool | None]] = []
    for kind, memory in memories.items():
        batches = {event["idempotency_key"] for event in memory.open_intents.values() if wanted(event)}
        for event in memory.open_intents.values():
            key, verb = event["object"]["key"], event["verb"]
            if event["idempotency_key"] not in batches:
                continue
            if verb == "record":
                # Only the journal could tell, and it has no outcome; where it is still wanted it is recorded again.
                if wanted(event):
                    settled.append((event, False))
            elif kind == "invite" and not scene.driver.can("invite.list"):
                settled.append((event, _invite_applied(scene, event)))
            elif kind in scene.records and wanted(event):
                record = scene.record(kind, key)
                settled.append((event, verb in UNREADABLE or shows(kind, verb, event.get("after"), record)))
    return settled


def under_way(
    memories: t.Mapping[str, Memory], wanted: t.Callable[[Event], bool], driver: Driver, now: datetime.datetime
) -> float:
    """Seconds until reading tells the last word on open intents: until then the request of a killed run may yet land."""
    longest = 0.0
    for kind, memory in memories.items():
        if kind == "invite" and not driver.can("invite.list"):
            continue  # asked again with its own key, it cannot be done twice
        for event in memory.open_intents.values():
            if event["verb"] != "record" and wanted(event):
                age = (now - parse_time(event["timestamp"])).total_seconds()
                longest = max(longest, driver.settles_within(kind) - max(0.0, age))
    return longest


def _invite_applied(scene: Scene, event: Event) -> bool | None:
    if scene.driver.invite_form == "recovery_link":
        # Sending it again ends the link that may have gone out, so nobody has to know.
        return False
    if scene.record("mailbox", event["object"]["key"]) is not None:
        return True
    hours = (event.get("after") or {}).get("expires_in_hours") or 0
    # Whatever was sent, and sent again, is dead by now: nobody holds a link that works.
    if scene.now - parse_time(event.get("resent_at") or event["timestamp"]) > datetime.timedelta(hours=hours):
        return False
    return None


def _age(scene: Scene, event: Event) -> datetime.timedelta:
    return scene.now - parse_time(event["timestamp"])


def doubts(scene: Scene, driver: Driver) -> dict[str, Refused]:
    """Objects of which nobody can say any more whether they were made: a person has to look (design §4.8)."""
    found = {}
    for event, applied in scene.open_intents:
        if applied is None and not _repeatable(scene, driver, event):
            key = event["object"]["key"]
            found[key] = Refused(
                "in_doubt",
                "%s: whether its invite of %s went out is not known, and the provider has forgotten the request."
                % (key, event["timestamp"]),
                "Look for 'Setup pending' in the provider's control panel and cancel it there; the doubt ends by itself "
                "%d hours after the invite." % (event.get("after") or {}).get("expires_in_hours", 0),
            )
    return found


def _repeatable(scene: Scene, driver: Driver, event: Event) -> bool:
    return _age(scene, event) <= datetime.timedelta(hours=driver.replay_hours()) - _MARGIN


def pending_retries(scene: Scene, driver: Driver) -> list[Operation]:
    """Operations that can only be settled by asking again with their own key, whole batches at a time."""
    keys = {
        event["idempotency_key"]
        for event, applied in scene.open_intents
        if applied is None and _repeatable(scene, driver, event)
    }
    operations: list[Operation] = []
    for key in sorted(keys):
        # The body has to be the same to the byte, so the batch is rebuilt whole and in its order.
        for event in sorted(scene.open_batches[key], key=lambda one: int(one["batch"]["position"])):
            operations.append(
                Operation(
                    -1,
                    event["object"]["kind"],
                    event["verb"],
                    event["object"]["key"],
                    event["action"],
                    event.get("before"),
                    event.get("after"),
                    event.get("request") or {},
                    event.get("delivery") or {},
                    event.get("exception") or {},
                    stage=-1,
                    retry_of={
                        "intent_id": event["id"],
                        "idempotency_key": key,
                        **{name: event[name] for name in AUTHORISATION if name in event},
                    },
                )
            )
    return operations


def _outcome(event: Event, applied: bool) -> str:
    if applied and event["verb"] in UNREADABLE:
        return "unverified"  # nothing may be built on it, and nothing forgotten
    return "success" if applied else "failure"


def close_settled(scene: Scene, journal: Writer) -> None:
    """Write the outcome of every intent that reading has settled."""
    outcomes = []
    for event, applied in scene.open_intents:
        if applied is None:
            continue
        outcomes.append(
            {
                "action": event["action"],
                "phase": "outcome",
                "outcome": _outcome(event, applied),
                "recovered": True,
                "intent_id": event["id"],
                "verb": event["verb"],
                "object": event["object"],
                "before": event.get("before"),
                "after": event.get("after") if applied else event.get("before"),
                **{name: event[name] for name in AUTHORISATION + _CARRIED if name in event},
            }
        )
    if outcomes:
        journal.append(outcomes)
