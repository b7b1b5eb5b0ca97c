# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a provider refuses, limits and takes back in the middle: one message each, and nothing lost (R-BULK, R-PLANLIM)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from plays import plays
from project import Project
from truth import QUICK, faults, finish, onboard, people, says, violations

BULK = {"method": "POST", "path_regex": "invites:bulk"}
SCOPES = ["account:read", "domains:read", "mailboxes:read", "mailboxes:invites:create"]


def test_tokens_that_do_not_do(project: Project) -> None:
    """Wrong, expired, without a scope, for other domains, unknown domain: told before the first change or by it."""
    box = project.sandbox
    rows = people("ann")
    tokens = {
        "wrong": "tm_live_" + "0" * 40,
        "expired": box.mint(expires_at="2020-01-01T00:00:00Z"),
        "no reading": box.mint(scopes=["account:read", "mailboxes:read"]),
        "no inviting": box.mint(scopes=[scope for scope in SCOPES if "invites" not in scope]),
        "other domain": box.mint(domains=["example.net"]),
    }
    words = {
        "wrong": ("GET /domains", "401", "unauthenticated", "api_token"),
        "expired": ("GET /domains", "unauthenticated", "MAILOPS_API_TOKEN"),
        "no reading": ("GET /domains", "insufficient_scope", "domains:read"),
        "no inviting": ("ann@example.com", "insufficient_scope", "mailboxes:invites:create", "scope"),
        "other domain": ("ann@example.com", "domain example.com", "not visible to this token", "mailops.email.domain"),
    }
    options = {"mailboxes": rows, "client": "acme", **QUICK}
    # In variables: Ansible shows the lines of a play in which a task failed.
    tasks: list[Any] = [
        ("mailbox", {**options, "api_token": "{{ tokens['%s'] }}" % name}, {"ignore_errors": True}) for name in tokens
    ]
    unknown = {**options, "mailboxes": people("ann", domain="unknown.example")}
    whole = plays(*tasks, ("mailbox", unknown, {"ignore_errors": True}), vars={"tokens": tokens})
    run = project.run(whole)
    assert len(run.tasks) == len(tasks) + 1
    for row, name in zip(run.tasks, tokens, strict=False):
        message = row["result"]["msg"]
        assert all(word in message for word in words[name]), message
    assert "ann@unknown.example: the domain unknown.example" in run.tasks[-1]["result"]["msg"]
    assert not [token for token in tokens.values() if token in run.output] and "Traceback" not in run.output
    assert box.writes() == 0 and violations(project, rows, settled=False) == []
    assert [event["outcome"] for event in project.events() if event["phase"] == "outcome"] == ["failure"]
    finish(project, onboard(rows), rows)


@pytest.mark.parametrize(("plan", "word"), [("starter", "token_scope_blocked_by_plan"), ("nano", "")])
def test_a_plan_without_writing(project: Project, plan: str, word: str) -> None:
    """Contract 2.4: Starter reads only, Nano not even that; the owner of the account has to act."""
    rows = people("ann")
    project.sandbox.ours("PUT", "/plan", {"plan": plan})
    says(project.run(onboard(rows)), "plan", "ask the account's owner", word)
    assert project.sandbox.writes() == 0
    project.sandbox.ours("PUT", "/plan", {"plan": "agency"})
    finish(project, onboard(rows), rows)


REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "mismatch": ({"status": 409, "code": "idempotency_mismatch"}, ("409", "idempotency_mismatch", "new keys")),
    "conflict": ({"status": 409, "code": "conflict", "message": "Try later."}, ("409", "conflict", "Try later.")),
    "envelope": (
        {
            "status": 422,
            "body": {
                "error": {
                    "code": "validation_error",
                    "message": "No.",
                    "hint": "Correct it.",
                    "request_id": "r-77",
                    "retryable": False,
                    "errors": {"items.0.recipient_email": ["is not deliverable"]},
                }
            },
        },
        ("422", "validation_error", "items.0.recipient_email: is not deliverable", "Correct it."),
    ),
    "fields beside": (
        {"status": 422, "body": {"message": "The given data was invalid.", "errors": {"items": ["too odd"]}}},
        ("422", "The given data was invalid.", "items: too odd", "then run again"),
    ),
    "pool": (
        {"status": 422, "code": "storage_pool_exceeded", "message": "The pool is full."},
        ("storage_pool_exceeded", "The pool is full.", "Lower quota_mb", "nothing of this batch"),
    ),
    "forbidden": ({"status": 403, "body": "<html>WAF</html>"}, ("status 403 forbidden", "then run again")),
}


def test_refused_batches(project: Project) -> None:
    """Each sent once, told once with both objects, closed as failed; the next run sends it with a new key."""
    batches = [people("a%d" % number, "b%d" % number) for number in range(len(REFUSALS))]
    tasks = [("mailbox", {"mailboxes": rows, "client": "acme", **QUICK}, {"ignore_errors": True}) for rows in batches]
    with faults(project, *({"kind": "status", **rule, **BULK} for rule, _words in REFUSALS.values())):
        run = project.run(plays(*tasks))
        assert project.sandbox.ours("GET", "/faults")["hits"] == len(REFUSALS)
    for row, rows, (_rule, words) in zip(run.tasks, batches, REFUSALS.values(), strict=True):
        result = row["result"]
        for word in ("2 failed", *(one["address"] for one in rows), *words):
            assert word in result["msg"], "%r is not in: %s" % (word, result["msg"])
        assert [item["index"] for item in result["failed_items"]] == [0, 1] and not result["changed"]
    assert project.sandbox.writes() == 0 and "Traceback" not in run.output
    events = project.events()
    assert {event["outcome"] for event in events if event["phase"] == "outcome"} == {"failure"}
    assert "r-77" in {event["error"].get("provider_request_id") for event in events if "error" in event}
    whole = [row for rows in batches for row in rows]
    finish(project, onboard(whole), whole)
    assert len({event["idempotency_key"] for event in project.events() if event["phase"] == "intent"}) == 1 + len(
        batches
    )


@pytest.mark.parametrize("shape", ["no_error_key", "envelope"])
def test_rows_that_are_refused(project: Project, shape: str) -> None:
    """207 in part, and 422 of both shapes when no row is left; each row is named with the provider's reason."""
    box = project.sandbox
    box.set(bulk_all_failed_shape=shape)
    domain = box.get("/domains").json()["data"][0]["id"]
    foreign = [box.invite(domain, name)["id"] for name in ("ann", "bob")]
    rows = people("ann", "bob", "eve")
    box.ours("DELETE", "/outbox")
    box.ours("POST", "/writes:reset")
    first = project.run(onboard(rows))
    result = says(first, "1 of 3 operations done, 2 failed", "already_exists", "ann@example.com", "bob@example.com")
    assert "dashboard" in result["msg"] and result["applied"] == ["eve@example.com"]
    assert [item["code"] for item in result["failed_items"]] == ["already_exists"] * 2
    second = project.run(onboard(rows))
    words = ("0 of 2 operations done", "already_exists") if shape == "no_error_key" else ("422", "bulk_failed")
    says(second, "2 failed", "ann@example.com", *words)
    assert box.writes() == 1
    # What the hint says: somebody looks in the dashboard, and cancels.
    for invite in foreign:
        box.ours("POST", "/invites/%d:cancel" % invite)
    again = project.run([*onboard(rows), *onboard(rows)])
    assert again.rc == 0 and len(again.changed) == 1, again.output
    assert box.writes() == 2 and len(box.ours("GET", "/outbox")["data"]) == 3
    assert not [one for one in violations(project, rows) if "2 invites" not in one]


@pytest.mark.parametrize("told", ["body", "date", "nowhere"])
def test_a_throttle_is_waited_out(project: Project, told: str) -> None:
    """429 with and without a time: waited for, not failed; nothing is sent before the time is over."""
    box = project.sandbox
    style = "date" if told == "date" else "seconds"
    box.set(retry_after_header=told == "date", retry_after_body=told == "body", retry_after_style=style)
    rows = people("ann")
    rule = {"kind": "status", "status": 429, "retry_after": None if told == "nowhere" else 2, "times": 1, **BULK}
    started = time.monotonic()
    with faults(project, rule):
        run = project.run([*onboard(rows, deadline=60), *onboard(rows, deadline=60)])
    assert run.rc == 0 and len(run.changed) == 1, run.output
    assert told == "nowhere" or time.monotonic() - started > (1 if told == "date" else 2)
    assert violations(project, rows) == []


def test_a_pause_longer_than_the_deadline(project: Project) -> None:
    """Told with its length; of the batches behind it none is sent, and running again finishes them."""
    rows = [row for number in range(6) for row in people("u%d" % number, expires_in_hours=24 + number)]
    rule = {"kind": "status", "status": 429, "retry_after": 600, "times": None, "skip": 1, **BULK}
    with faults(project, rule):
        run = project.run(onboard(rows, concurrency=1))
        assert project.sandbox.ours("GET", "/faults")["hits"] == 1
    result = says(run, "1 of 6 operations done, 1 failed", "4 not attempted", "rate_limited", "wait 600 s", "run again")
    assert len(result["not_attempted"]) == 4
    assert violations(project, rows, settled=False) == []
    finish(project, onboard(rows), rows)


@pytest.mark.parametrize("excess", ["accept", "partial", "refuse"])
def test_a_cooldown_in_the_middle_of_a_batch(project: Project, excess: str) -> None:
    """R-BULK-01, R-BULK-02: four creations, then a pause; the run sits it out and sends nothing inside it."""
    box = project.sandbox
    box.set(bulk_cooldown_items=4, bulk_cooldown_seconds=1, bulk_cooldown_excess=excess)
    rows = [row for n in range(3) for row in people("a%d" % n, "b%d" % n, "c%d" % n, expires_in_hours=24 + n)]
    first = project.run(onboard(rows, concurrency=1, deadline=60))
    refused = box.ours("GET", "/writes")["refused_in_cooldown"]
    if excess == "partial":
        # The provider made a part of a batch and refused rows of it: told row by row, finished by running again.
        result = says(first, "failed", "rate_limited")
        assert 0 < len(result["failed_items"]) < len(rows)
        time.sleep(1)
    else:
        assert first.rc == 0, first.output
    assert refused <= 4, "asked inside a pause again and again"
    assert violations(project, rows, settled=False) == []
    finish(project, onboard(rows, concurrency=1, deadline=60), rows)


def test_a_token_revoked_in_the_middle(project: Project) -> None:
    """Told once, the rest is not tried; with a good token the run goes on where it stopped."""
    rows = [row for number in range(8) for row in people("u%d" % number, expires_in_hours=24 + number)]
    rule = {"kind": "status", "status": 401, "code": "unauthenticated", "times": None, "skip": 3, **BULK}
    with faults(project, rule):
        run = project.run(onboard(rows, concurrency=1))
        assert project.sandbox.ours("GET", "/faults")["hits"] == 1
    says(run, "3 of 8 operations done, 1 failed", "4 not attempted", "unauthenticated", "api_token")
    assert violations(project, rows, settled=False) == []
    finish(project, onboard(rows), rows)


def test_a_token_revoked_while_in_doubt(project: Project) -> None:
    """A refused retry says nothing of the invite that may be out: it stays in doubt until a good token settles it."""
    box = project.sandbox
    rows = people("ann")
    with faults(project, {"kind": "reset", "when": "after_commit", **BULK, "times": 50}):
        says(project.run(onboard(rows)), "1 in doubt")
    rule = {"kind": "status", "status": 403, "code": "insufficient_scope", "times": None, **BULK}
    with faults(project, rule):
        says(project.run(onboard(rows)), "1 in doubt", "ann@example.com", "insufficient_scope")
    finish(project, onboard(rows), rows)
    assert len(box.ours("GET", "/outbox")["data"]) == 1


def test_a_plan_limit_in_the_middle(project: Project) -> None:
    """R-PLANLIM: what fits is made, what does not is told row by row; with room again it is finished."""
    box = project.sandbox
    box.ours("PUT", "/plan", {"plan": "pro"})
    box.ours("POST", "/seed", {"domains": ["example.com"], "mailboxes_per_domain": 298})
    rows = people("ann", "bob", "eve", "kim")
    result = says(project.run(onboard(rows)), "2 of 4 operations done, 2 failed", "plan_limit_reached", "run again")
    assert sorted(result["applied"]) == ["ann@example.com", "bob@example.com"]
    assert [item["key"] for item in result["failed_items"]] == ["eve@example.com", "kim@example.com"]
    assert violations(project, rows, settled=False) == []
    box.ours("PUT", "/plan", {"plan": "agency"})
    finish(project, onboard(rows), rows)


def test_hostile_words_of_a_provider(project: Project) -> None:
    """Control characters, the token and a megabyte of text reach neither the screen nor the journal."""
    token = project.sandbox.token
    text = "\x1b[2J\x1b[31m" + token + "\r\nline\u202e" + "x" * 500_000 + "\ud800"
    error = {"code": "odd", "message": text, "hint": text, "request_id": text, "retryable": False}
    rows = people("ann")
    rule = {"kind": "status", "status": 422, "body": json.dumps({"error": error}), **BULK, "times": None}
    with faults(project, rule):
        run = project.run(onboard(rows))
    says(run, "1 failed", "odd", "ann@example.com")
    journal = "".join(path.read_text(encoding="utf-8") for path in project.journal.glob("*.jsonl"))
    for where in (run.output, journal):
        assert token not in where and "\x1b[2J" not in where and "\u202e" not in where and len(where) < 30_000
    finish(project, onboard(rows), rows)
