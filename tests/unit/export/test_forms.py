# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three forms against their schemas, for every action that the journal knows (R-LOG-10)."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from vector import DEGRADED, DOUBT, FINISHED, INTENT, PREDICTED, STARTED, TASK, callback_record, journal_record

from ansible_collections.mailops.email.plugins.module_utils.journal.event import ACTIONS
from ansible_collections.mailops.email.plugins.plugin_utils.export.ecs import ecs
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import renderer, runbook, severity
from ansible_collections.mailops.email.plugins.plugin_utils.export.ocsf import classify, ocsf
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record, from_callback

EIGHT = {"request_id", "actor", "action", "domain", "mailbox", "delivery", "tool_version", "timestamp"}
CALLBACK = [callback_record(**fields) for fields in (TASK, PREDICTED, DOUBT, DEGRADED, STARTED, FINISHED)]
DOMAIN: dict[str, Any] = {"kind": "domain", "key": "example.com", "domain": "example.com", "client": "acme"}
MAILBOX: dict[str, Any] = {**DOMAIN, "kind": "mailbox", "key": "alex@example.com", "mailbox": "alex@example.com"}


def records() -> list[Record]:
    """One of each action on an address and on a domain, each outcome, and each event of the callback."""
    found = []
    for action in sorted(ACTIONS):
        for thing in (MAILBOX, DOMAIN):
            found.append(journal_record(action=action, object=thing))
    for outcome in ("success", "failure", "unverified", "in_doubt"):
        error = {"code": "quota", "message": "alex@example.com: too large"} if outcome == "failure" else ...
        found.append(journal_record(outcome=outcome, error=error))
    found.append(journal_record(phase="intent", outcome=..., after=..., http=..., intent_id=...))
    found.append(journal_record(object=..., actor=..., action="audit.recovered", phase="note", outcome=..., before=...))
    return found + CALLBACK


# ---- OCSF --------------------------------------------------------------------------------------------------------


@functools.cache
def ocsf_schema(name: str) -> Any:
    """The class as OCSF 1.8.0 has published it, by the package that holds the whole schema."""
    package = pytest.importorskip("ocsf_json_schema")
    path = Path(package.__file__).parent / "ocsf" / "1.8.0.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    embedded = pytest.importorskip("ocsf_json_schema.embedded").OcsfJsonSchemaEmbedded(whole)
    return jsonschema.Draft202012Validator(embedded.get_class_schema(name))


@pytest.mark.parametrize("record", records(), ids=lambda one: "%s-%s" % (one.event["action"], one.event["phase"]))
def test_ocsf_is_valid(record: Record) -> None:
    found = ocsf(record, "1.8.0")
    names = {3001: "account_change", 3004: "entity_management"}
    problems = list(ocsf_schema(names[found["class_uid"]]).iter_errors(found))
    assert not problems, problems
    assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]
    assert found["metadata"]["uid"] == record.id
    assert found["metadata"]["correlation_uid"] == "REQ-2026-001" and isinstance(found["time"], int)


@pytest.mark.parametrize(
    ("action", "old", "new"),
    [
        ("mailbox.created", (3001, 1), (3007, 1)),
        ("mailbox.updated", (3001, 99), (3007, 2)),
        ("mailbox.suspended", (3001, 5), (3007, 5)),
        ("mailbox.resumed", (3001, 2), (3007, 4)),
        ("mailbox.deleted", (3001, 6), (3007, 3)),
        ("mailbox.reset", (3001, 4), (3007, 9)),
        ("app_password.revoked", (3001, 99), (3007, 19)),
        ("token.revoked", (3001, 99), (3007, 19)),
        ("invite.sent", (3001, 99), (3007, 99)),
        ("session.revoked", (3001, 99), (3007, 99)),
        ("domain.created", (3004, 1), (3004, 1)),
        ("forward.deleted", (3004, 4), (3004, 4)),
        ("catch_all.disabled", (3004, 9), (3004, 9)),
        ("freeze.set", (3004, 8), (3004, 8)),
        ("audit.recovered", (3004, 99), (3004, 99)),
    ],
)
def test_classes_and_activities(action: str, old: tuple[int, int], new: tuple[int, int]) -> None:
    """The numbers of 3001 and 3007 differ; which of them is used follows the version of the schema."""
    assert classify(action, "1.8.0") == classify(action, "1.0.0") == old
    assert classify(action, "1.9.0") == classify(action, "1.10.0") == classify(action, "2.0.0") == new


def test_ocsf_says_who_what_and_how_it_ended() -> None:
    found = ocsf(journal_record(object=MAILBOX), "1.9.0")
    assert found["actor"] == {
        "user": {"name": "dana@agency.example", "type": "User", "type_id": 1, "email_addr": "dana@agency.example"},
        "app_name": "awx:job/8812@ctl01",
    }
    assert found["user"]["email_addr"] == found["updated_user"]["email_addr"] == "alex@example.com"
    assert (found["status_id"], found["http_response"]["code"], found["time"]) == (1, 201, 1769624531003)
    assert found["metadata"]["original_event_uid"] == "op:abf5bb7672a3012a54bdb16ea1d8ef71"
    rest = found["unmapped"]
    assert rest["prev"].startswith("sha256:48e5") and rest["digest"].startswith("sha256:") and rest["redacted"]
    assert (
        rest["approval_id"] == "APR-2026-001" and rest["delivery_rank"] == 1 and rest["on_behalf_of"] == "client:acme"
    )
    assert rest["http"]["request_ids"] == ["a1", "a2"]
    intent = ocsf(journal_record(**{**INTENT, "outcome": ..., "after": ...}), "1.8.0")
    assert (intent["status_id"], intent["status"]) == (99, "intent"), "what is only intended has not succeeded"
    lost = ocsf(journal_record(outcome="in_doubt"), "1.8.0")
    assert (lost["status_id"], lost["severity_id"]) == (0, 3) and "user_result" not in lost


# ---- ECS ---------------------------------------------------------------------------------------------------------

# Fields of ECS 9.4 that are used, with their types; event.type by event.category as the schema expects it.
ECS_FIELDS = {
    "@timestamp": "date", "agent.name": "keyword", "agent.type": "keyword", "agent.version": "keyword",
    "ecs.version": "keyword", "error.code": "keyword", "error.message": "text", "event.action": "keyword",
    "event.category": "keywords", "event.dataset": "keyword", "event.hash": "keyword", "event.id": "keyword",
    "event.kind": "keyword", "event.module": "keyword", "event.outcome": "keyword", "event.provider": "keyword",
    "event.sequence": "long", "event.type": "keywords", "http.request.id": "keyword",
    "http.response.status_code": "long", "message": "text", "organization.name": "keyword", "trace.id": "keyword",
    "user.changes.full_name": "keyword", "user.email": "keyword", "user.name": "keyword", "user.target.domain": "keyword",
    "user.target.email": "keyword", "user.target.name": "keyword",
}  # fmt: skip
ECS_TYPES = {
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
}


def flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, dict) and name not in ("labels", "mailops"):
        return {
            key: one
            for part, inner in value.items()
            for key, one in flat(inner, (name + "." + part).lstrip(".")).items()
        }
    return {name: value}


@pytest.mark.parametrize("record", records(), ids=lambda one: "%s-%s" % (one.event["action"], one.event["phase"]))
def test_ecs_is_valid(record: Record) -> None:
    found = flat(ecs(record))
    labels, own = found.pop("labels"), found.pop("mailops", {})
    for name, value in found.items():
        kind = ECS_FIELDS[name]
        assert isinstance(value, {"long": int, "keywords": list}.get(kind, str)), (name, value)
    assert all(isinstance(value, str) for value in labels.values()) and isinstance(own, dict)
    (category,) = found["event.category"]
    assert set(found["event.type"]) <= ECS_TYPES[category]
    assert found["event.outcome"] in ("success", "failure", "unknown") and found["event.kind"] == "event"
    assert found["event.id"] == record.id and labels["request_id"] == "REQ-2026-001"
    json.dumps(found)


def test_ecs_names_the_mailbox_and_what_was_done_to_it() -> None:
    found = ecs(journal_record(object=MAILBOX, before={"display_name": "A"}, after={"display_name": "B"}))
    assert found["event"]["category"] == ["iam"] and found["event"]["type"] == ["user", "creation"]
    assert found["user"]["name"] == "dana@agency.example" and found["user"]["target"]["email"] == "alex@example.com"
    assert found["user"]["changes"] == {"full_name": "B"} and found["mailops"]["before"] == {"display_name": "A"}
    assert found["http"] == {"response": {"status_code": 201}, "request": {"id": "a2"}}
    assert ecs(journal_record(action="forward.created", object=DOMAIN))["event"]["category"] == ["configuration"]


# ---- the runbook's -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", records(), ids=lambda one: "%s-%s" % (one.event["action"], one.event["phase"]))
def test_the_runbook_s_eight_keys(record: Record) -> None:
    """R-LOG-10: all eight, and what tells an intent from its outcome; one line of text each."""
    found = runbook(record)
    assert set(found) == EIGHT | {"id", "phase", "outcome"}
    assert all(isinstance(value, str) for value in found.values())


def test_events_of_the_callback_s_file() -> None:
    """What the journal tells itself is not sent twice, and what is told only here has its own name."""
    assert from_callback(json.dumps({"event": "object", "id": "X", "in_journal": True}).encode()) is None
    assert from_callback(b'{"event":"task"}') is None, "written before events had ids"
    told = [(one.event["action"], one.event["phase"], severity(one)) for one in CALLBACK]
    assert told == [
        ("task.finished", "task", "info"),
        ("invite.sent", "object", "info"),
        ("audit.in_doubt", "audit", "warning"),
        ("audit.sink_degraded", "audit", "warning"),
        ("run.started", "run", "info"),
        ("run.finished", "run", "info"),
    ]
    predicted = runbook(CALLBACK[1])
    assert predicted["mailbox"] == "ann@example.com" and predicted["delivery"] == "one_time_setup_link"
    assert predicted["outcome"] == "predicted"
    for line in (b"[]", b"nothing"):
        with pytest.raises(ValueError):
            from_callback(line)


def test_forms_by_name() -> None:
    record = journal_record()
    assert set(renderer("runbook")(record)) > EIGHT
    assert renderer("ocsf")(record)["class_uid"] == 3001 and renderer("ocsf", "1.9.0")(record)["class_uid"] == 3007
    assert renderer("ecs")(record)["ecs"]["version"] == "9.4.0"
