# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One id joins the intent, the retries and the outcome of an operation, whichever run writes them."""

from __future__ import annotations

import dataclasses
import datetime
import re

from ansible_collections.mailops.email.plugins.module_utils.engine.events import (
    intent_event,
    op_id_of,
    outcome_event,
    retry_event,
)
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
CONTEXT = Context("REQ-1", "acme", {}, "t", "run", NOW)


def wanted(**changes: object) -> Operation:
    return dataclasses.replace(
        Operation(0, "mailbox", "create", "a@example.com", "mailbox.created", None, {"quota_mb": 1}), **changes
    )


def test_intent_retry_and_outcome() -> None:
    first = wanted()
    intent = intent_event(CONTEXT, first, "key", 0, 1)
    assert re.fullmatch("op:[0-9a-f]{32}", intent["op_id"])
    # What the provider made of it is another matter than what was wanted.
    assert outcome_event(CONTEXT, Result(first, "applied", {"quota_mb": 2}), "I")["op_id"] == intent["op_id"]
    later = dataclasses.replace(CONTEXT, request_id="REQ-2", run_id="other")
    again = wanted(index=-1, retry_of={"intent_id": "I", "idempotency_key": "key", "request_id": "REQ-1"})
    assert retry_event(later, again)["op_id"] == intent["op_id"]
    assert outcome_event(later, Result(again, "applied", {}), "I")["op_id"] == intent["op_id"]


def test_anything_else_has_another() -> None:
    ids = {op_id_of(CONTEXT, one) for one in (
        wanted(), wanted(kind="alias"), wanted(verb="update"), wanted(key="b@example.com"), wanted(after={"quota_mb": 2}),
        wanted(after=None),
    )}  # fmt: skip
    assert len(ids) == 6
    assert op_id_of(dataclasses.replace(CONTEXT, request_id="REQ-2"), wanted()) not in ids
    assert op_id_of(CONTEXT, wanted(before={"x": 1}, index=9, stage=2)) in ids, "where it starts from does not matter"
