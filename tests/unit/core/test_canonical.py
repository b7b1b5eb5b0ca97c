# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canonical bytes and digests of events, against a worked pair and another implementation of RFC 8785 (R-LOG-01)."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.journal.event import event_digest, parse_line
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Plan, canonical_json, digest

COMMON: dict[str, Any] = {
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
INTENT = {
    **COMMON,
    "id": "01JJQ8ZKAAAAAAAAAAAAAAAAA1",
    "seq": 41,
    "phase": "intent",
    "timestamp": "2026-01-28T18:22:10.412Z",
    "before": None,
    "redacted": [],
    "prev": "sha256:2e1f9fc19186b69285ca3999436e23e38a7e2cc1d7a5bb233e3d1fd25e5daf34",
}
INTENT_DIGEST = "sha256:48e59aae408e35938167f402de69c6712da5ee5ce23b2f2e014cf0b716e7be53"
OUTCOME = {
    **COMMON,
    "id": "01JJQ8ZKAAAAAAAAAAAAAAAAA2",
    "seq": 42,
    "phase": "outcome",
    "intent_id": "01JJQ8ZKAAAAAAAAAAAAAAAAA1",
    "timestamp": "2026-01-28T18:22:11.003Z",
    "outcome": "success",
    "before": None,
    "after": {
        "state": "pending_setup",
        "owner": "h:7b1f\u2026",
        "quota_mb": 2048,
        "provider_id": "mb_193",
        "etag": 'W/"1"',
    },
    "http": {"status": 201, "attempts": 2, "request_ids": ["a1", "a2"]},
    "redacted": ["setup_link"],
    "prev": INTENT_DIGEST,
}
OUTCOME_DIGEST = "sha256:f6349cffdd32f99b51b56d0a68f8146c9cc6ade390135e15faf9c79d19274b80"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(("event", "size", "expected"), [(INTENT, 977, INTENT_DIGEST), (OUTCOME, 1222, OUTCOME_DIGEST)])
def test_the_worked_pair(event: dict[str, Any], size: int, expected: str) -> None:
    """Length and digest of two events that were worked out by hand elsewhere."""
    assert len(canonical_json(event)) == size
    assert event_digest(event) == expected
    assert event_digest(parse_line(canonical_json(event))) == expected


def test_the_prefix_is_part_of_the_digest() -> None:
    assert event_digest(INTENT) != "sha256:" + hashlib.sha256(canonical_json(INTENT)).hexdigest()


@given(VALUES)
def test_the_same_bytes_as_another_implementation(value: Any) -> None:
    rfc8785 = pytest.importorskip("rfc8785")
    ours = canonical_json(value)
    assert ours == rfc8785.dumps(value)
    assert json.loads(ours) == value


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), {"a": [0.5]}, {1: "x"}, {"\u00e4": 1}, b"x", {"a": {1, 2}}, object()],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError):
        canonical_json({"text": "\ud800"})


@given(st.data())
def test_each_change_changes_the_digest(data: st.DataObject) -> None:
    event = copy.deepcopy(INTENT)
    name = data.draw(st.sampled_from(sorted(event)))
    event[name] = data.draw(VALUES.filter(lambda value: value != event[name] or type(value) is not type(event[name])))
    assert event_digest(event) != INTENT_DIGEST


def plan(client: str = "acme", provider: str = "trekmail@a.example", key: str = "ann@example.com") -> Plan:
    return Plan(client, provider, [Operation(0, "invite", "create", key, "invite.sent", None, {"state": "pending"})])


def test_a_plan_digest_covers_client_provider_and_operations() -> None:
    """design 4.3: equal plans have equal digests, and no other client's or account's plan has this one."""
    others = {plan().digest, plan(client="b").digest, plan(provider="x").digest, plan(key="bob@example.com").digest}
    assert len(others) == 4
    assert plan().digest == plan().digest


def test_where_a_secret_was_sealed_is_no_part_of_the_plan() -> None:
    """What a person approves is known before; the path of the file only afterwards."""
    before = plan()
    before.operations[0].delivery.update(method="one_time_token_oob", rank=2, seal_to="age1x")
    approved = before.digest
    before.operations[0].delivery["file"] = "/sealed/REQ/ann@example.com.age"
    assert before.digest == approved
    assert "file" not in before.operations[0].summary()["delivery"]


def test_an_operation_never_shows_its_secret() -> None:
    operation = Operation(0, "mailbox", "create", "a@example.com", "mailbox.created", secret="hunter2")
    assert "hunter2" not in repr(operation)
    assert "hunter2" not in json.dumps(operation.summary())
    assert digest(b"x\n", operation.summary()).startswith("sha256:")
