# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes one safeguard out of the core, to show that the tests would notice. It is no part of the collection.

A callback, because Ansible loads it before it forks its workers.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.mailops.email.plugins.module_utils.engine import apply, recover
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient

DOCUMENTATION = r"""
name: planted
short_description: Take a safeguard out
type: notification
description: For tests only.
"""


def new_key_for_each_attempt() -> None:
    true = HttpClient._send

    def send(self: Any, method: str, path: str, json: Any, params: Any, headers: dict[str, str], *rest: Any) -> Any:
        if "Idempotency-Key" in headers:
            headers = {**headers, "Idempotency-Key": str(uuid.uuid4())}
        return true(self, method, path, json, params, headers, *rest)

    HttpClient._send = send  # type: ignore[method-assign]


def new_key_for_what_is_in_doubt() -> None:
    recover.pending_retries = lambda scene, driver: []
    recover.doubts = lambda scene, driver: {}


def a_lost_answer_is_a_failure() -> None:
    true = apply.Applier._send

    def send(self: Any, group: Any, key: str) -> Any:
        results = true(self, group, key)
        for result in results:
            if result.status == "in_doubt" and isinstance(result.error, ProviderError):
                result.status = "failed"
        return results

    apply.Applier._send = send  # type: ignore[method-assign]


def outcome_before_the_request() -> None:
    true = apply.Applier._write_intents

    def write(self: Any, key: str, group: Any) -> Any:
        ids = true(self, key, group)
        for intent, operation in zip(ids, group, strict=True):
            event = apply.retry_event(self._context, operation) if operation.retry_of else {}
            event.update(phase="outcome", outcome="success", intent_id=intent, action=operation.action)
            event.update(verb=operation.verb, object={"kind": operation.kind, "key": operation.key})
            self._journal.append([{**event, "after": operation.after}])
        return ids

    apply.Applier._write_intents = write  # type: ignore[method-assign]


def no_intent() -> None:
    apply.Applier._write_intents = lambda self, key, group: [  # type: ignore[method-assign]
        str(uuid.uuid4()) for _operation in group
    ]


def no_journal() -> None:
    def append(self: Any, events: Any) -> Any:
        return [{**event, "id": str(uuid.uuid4())} for event in events]

    JournalWriter.append = append  # type: ignore[method-assign]


def no_outcome() -> None:
    true = JournalWriter.append

    def append(self: Any, events: Any) -> Any:
        return true(self, [event for event in events if event["phase"] != "outcome"] or [dict(events[0], phase="note")])

    JournalWriter.append = append  # type: ignore[method-assign]


BUGS = {
    bug.__name__: bug
    for bug in (
        new_key_for_each_attempt,
        new_key_for_what_is_in_doubt,
        a_lost_answer_is_a_failure,
        outcome_before_the_request,
        no_intent,
        no_journal,
        no_outcome,
    )
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "planted"

    def __init__(self) -> None:
        super().__init__()
        if os.environ.get("PLANTED_BUG"):
            BUGS[os.environ["PLANTED_BUG"]]()
