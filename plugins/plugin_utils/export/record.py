# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported: lines of the journal and of the callback's own file, in one shape."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import line_digest, parse_line

Event = dict[str, t.Any]

CALLBACK_SPEC = "mailops.callback/1"
# Events of the callback's file that are no object's, by the action that they are exported with.
_ACTIONS = {"task": "task.finished"}
_BESIDE = ("run_id", "event", "task", "module", "host", "playbook", "hosts", "client", "domain", "mailbox", "action")
_OBJECT = ("client", "domain", "mailbox")


@dataclasses.dataclass(frozen=True)
class Record:
    """One event, as all forms read it.

    :param event: in the fields of the journal, whichever file it comes from.
    :param digest: of its line, by the rule of the journal; empty for the callback's file, which is no chain.
    """

    event: Event
    digest: str = ""

    @property
    def id(self) -> str:
        return str(self.event["id"])


def from_journal(line: bytes) -> Record:
    """:raises ValueError: when the line is no event."""
    event = parse_line(line)
    if not isinstance(event.get("id"), str):
        raise ValueError("an event has no id")
    return Record(event, line_digest(line))


def from_callback(line: bytes) -> Record | None:
    """An event of the callback's file; None for what the journal tells itself, and what has no id.

    :raises ValueError: when the line is no event.
    """
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("a line holds one JSON object")
    if not isinstance(found.get("id"), str) or found.get("in_journal"):
        return None
    name = str(found.get("event"))
    event: Event = {name: value for name, value in found.items() if name not in _BESIDE and value is not None}
    event.pop("in_journal", None)
    event.update(
        spec=CALLBACK_SPEC,
        stream=found.get("run_id", ""),
        action=found.get("action") or _ACTIONS.get(name, name),
        phase=name.split(".", 1)[0],
        object={name: found[name] for name in _OBJECT if found.get(name)},
    )
    run = {name: found[name] for name in ("playbook", "task", "module", "host", "hosts") if found.get(name)}
    if run:
        event["run"] = run
    if "delivery" in event:
        # Of an object it is the method alone, as the runbook has it.
        event["delivery_method"] = event.pop("delivery")
    for old, new in (("before_state", "before"), ("after_state", "after")):
        if old in event:
            event[new] = event.pop(old)
    return Record(event)
