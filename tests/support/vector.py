# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worked pair of events that the digest rule is checked against, and records of all kinds."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record, from_callback, from_journal

INTENT_DIGEST = "48e59aae408e35938167f402de69c6712da5ee5ce23b2f2e014cf0b716e7be53"
OUTCOME_DIGEST = "f6349cffdd32f99b51b56d0a68f8146c9cc6ade390135e15faf9c79d19274b80"

_COMMON: dict[str, Any] = {
    "spec": "mailops.audit/1",
    "stream": "01JJQ8ZK3T-ctl01-4711",
    "request_id": "REQ-2026-001",
    "approval_id": "APR-2026-001",
    "plan_digest": "sha256:4dbbc5c2731fe2163e1653bba7390e092796d4810a3b7344202e5e0c13e3d54c",
    "actor": {"human": "dana@agency.example", "system": "awx:job/8812@ctl01", "on_behalf_of": "client:acme"},
    "action": "mailbox.created",
    "object": {"kind": "mailbox", "domain": "example.com", "mailbox": "alex@example.com", "client": "acme"},
    "op_id": "op:abf5bb7672a3012a54bdb16ea1d8ef71",
    "delivery_method": "one_time_setup_link",
    "delivery_rank": 1,
    "check_mode": False,
    "tool_version": "mailops.email@1.0.0",
    "run": {
        "playbook": "onboard.yml",
        "task": "Create mailbox",
        "host": "acme",
        "git_commit": "3f2c9d1",
        "input_digest": "sha256:53bb9b0b38ac812554abeb88ea6d56760d07ec147a75e8761c4f57ecc298218f",
    },
}
INTENT: dict[str, Any] = {
    **_COMMON,
    "id": "01JJQ8ZKAAAAAAAAAAAAAAAAA1",
    "seq": 41,
    "phase": "intent",
    "timestamp": "2026-01-28T18:22:10.412Z",
    "before": None,
    "redacted": [],
    "prev": "sha256:2e1f9fc19186b69285ca3999436e23e38a7e2cc1d7a5bb233e3d1fd25e5daf34",
}
OUTCOME: dict[str, Any] = {
    **_COMMON,
    "id": "01JJQ8ZKAAAAAAAAAAAAAAAAA2",
    "seq": 42,
    "phase": "outcome",
    "intent_id": "01JJQ8ZKAAAAAAAAAAAAAAAAA1",
    "timestamp": "2026-01-28T18:22:11.003Z",
    "outcome": "success",
    "before": None,
    "after": {
        "state": "pending_setup",
        "owner": "h:7b1f…",
        "quota_mb": 2048,
        "provider_id": "mb_193",
        "etag": 'W/"1"',
    },
    "http": {"status": 201, "attempts": 2, "request_ids": ["a1", "a2"]},
    "redacted": ["setup_link"],
    "prev": "sha256:" + INTENT_DIGEST,
}


def journal_record(**changes: Any) -> Record:
    """The outcome of the pair with other fields; None takes one out."""
    event = {name: value for name, value in {**OUTCOME, **changes}.items() if value is not ...}
    return from_journal(canonical_json(event))


def callback_record(**fields: Any) -> Record:
    """An event of the callback's file."""
    whole = {
        "run_id": "20261121T190000Z-ctl01-4711",
        "timestamp": "2026-11-21T19:00:00.000Z",
        "tool_version": "mailops.email@1.0.0",
        "actor": {"human": "dana@agency.example", "system": "ansible@ctl01"},
        "request_id": "REQ-2026-001",
        "id": "01JJQ8ZKAAAAAAAAAAAAAAAAA3",
        **fields,
    }
    found = from_callback(json.dumps(whole).encode())
    if found is None:
        raise ValueError("it is not sent")
    return found


TASK = {"event": "task", "task": "Create mailbox", "module": "mailops.email.mailbox", "host": "acme", "outcome": "changed",
        "check_mode": False, "journal": "/j/run.jsonl", "failures": [], "client": "acme"}  # fmt: skip
PREDICTED = {"event": "object", "action": "invite.sent", "domain": "example.com", "mailbox": "ann@example.com",
             "delivery": "one_time_setup_link", "before_state": None, "after_state": {"state": "pending"},
             "outcome": "predicted", "check_mode": True, "in_journal": False}  # fmt: skip
DOUBT = {"event": "audit.in_doubt", "outcome": "in_doubt", "intent_id": "01JJQ8ZKAAAAAAAAAAAAAAAAA1", "key": "a@example.com",
         "intent_action": "mailbox.created", "intended_at": "2026-01-28T18:22:10.412Z", "domain": "example.com"}  # fmt: skip
DEGRADED = {"event": "audit.sink_degraded", "sink": "http", "target": "https://siem.example/in", "why": "it answers 503",
            "left": 3, "delivered": 0}  # fmt: skip
STARTED = {"event": "run.started", "playbook": "onboard.yml"}
FINISHED = {"event": "run.finished", "hosts": {"acme": {"ok": 1}}}
