# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that come late, broken or never: nothing lost, nothing twice, one message (design 4.5, 4.10; R-BULK)."""

from __future__ import annotations

from typing import Any

import pyrage
import pytest
from plays import allowed, plays
from project import Project
from truth import QUICK, faults, finish, grow_old, onboard, people, says, violations

NO_WORD = {"error": {"code": "x", "message": "Injected."}}
ONCE: list[dict[str, Any]] = [
    {"kind": "reset"},
    {"kind": "timeout", "seconds": 0.2},
    {"kind": "hang"},
    {"kind": "html"},
    {"kind": "truncated"},
    {"kind": "status", "status": 408, "body": NO_WORD},
    {"kind": "status", "status": 500, "body": NO_WORD},
    # Before the commit: the retry meets the first request still under way, and is told to ask again.
    {"kind": "slow", "seconds": 1.3},
]


@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
def test_each_fault_once_is_survived(project: Project, when: str) -> None:
    """Requests side by side, each of which meets a fault: retried with its own key, and each owner gets one mail."""
    rows = [row for number in range(len(ONCE)) for row in people("u%d" % number, expires_in_hours=24 + number)]
    whole = onboard(rows, concurrency=len(rows), deadline=30)
    with faults(project, *({**fault, "when": when, "method": "POST"} for fault in ONCE)):
        run = project.run(whole)
        shown = project.sandbox.ours("GET", "/faults")
    assert run.rc == 0, run.output
    assert [rule["times"] for rule in shown["faults"]] == [0] * len(ONCE), "a fault was never met"
    outcomes = [event for event in project.events() if event["phase"] == "outcome"]
    assert sum(event["http"]["attempts"] for event in outcomes) >= 2 * len(ONCE), "a fault was not seen"
    assert len(outcomes) == len(rows) == project.sandbox.writes()
    finish(project, whole, rows)


FOREVER: dict[str, tuple[dict[str, Any], str]] = {
    "reset": ({"kind": "reset"}, "the connection broke"),
    "timeout": ({"kind": "hang"}, "no answer within 1 s"),
    "html": ({"kind": "html"}, "status 502"),
    "truncated": ({"kind": "truncated"}, "the answer broke off"),
    "status": ({"kind": "status", "status": 500}, "status 500 internal_error"),
}


@pytest.mark.parametrize(
    ("name", "when"),
    [(name, "after_commit") for name in FOREVER if name != "html"]
    + [("reset", "before_commit"), ("html", "before_commit")],
)
def test_an_answer_that_never_comes(project: Project, name: str, when: str) -> None:
    """In doubt, object by object; the next run settles it with the same key. One invite and one mail each."""
    rule, words = FOREVER[name]
    rows = people("ann", "bob")
    with faults(project, {**rule, "when": when, "method": "POST", "path_regex": "invites", "times": 50}):
        first = project.run(onboard(rows))
    result = says(first, "2 in doubt", "ann@example.com", "bob@example.com", words, "Run again", "not known")
    assert [item["code"] for item in result["failed_items"]] == ["in_doubt"] * 2
    assert result["applied"] == [] and result["not_attempted"] == [] and not result["changed"]
    made = 2 if when == "after_commit" else 0
    assert len(project.sandbox.ours("GET", "/state")["invites"]) == made
    assert violations(project, rows, settled=False) == []
    keys = {event["idempotency_key"] for event in project.events() if event["phase"] == "intent"}
    second = finish(project, onboard(rows), rows)
    assert second.tasks[0]["result"]["applied"] == ["ann@example.com", "bob@example.com"]
    events = project.events()
    assert {event["idempotency_key"] for event in events if event["phase"] == "intent"} == keys and len(keys) == 1
    assert [event["http"].get("replayed", False) for event in events[-2:]] == [bool(made)] * 2


def test_in_doubt_for_longer_than_the_provider_remembers(project: Project) -> None:
    """Refused by name with the next step; once the link must be dead, the owner is invited anew."""
    rows = people("ann")
    with faults(project, {"kind": "reset", "when": "after_commit", "method": "POST", "times": 50}):
        says(project.run(onboard(rows)), "1 in doubt")
    grow_old(project, 24)
    project.sandbox.advance(24 * 3600)
    writes = project.sandbox.writes()
    refused = project.run(onboard([*rows, *people("bob")]))
    result = says(refused, "ann@example.com", "Setup pending", "cancel it there", "72 hours", "nothing was changed")
    assert [item["code"] for item in result["failed_items"]] == ["in_doubt"]
    assert project.sandbox.writes() == writes
    grow_old(project, 49)
    project.sandbox.advance(49 * 3600)
    second = project.run([*onboard(rows), *onboard(rows)])
    assert second.rc == 0 and len(second.changed) == 1, second.output
    state = project.sandbox.ours("GET", "/state")
    assert sorted(one["status"] for one in state["invites"]) == ["expired", "pending"]
    assert project.sandbox.writes() == writes + 1


def test_passwords_whose_answer_was_lost_are_read_back(project: Project) -> None:
    """What can be read is settled at once, in the run that lost the answer; a password is never sent twice."""
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    rows = people(
        "ann",
        "bob",
        credential="generated_one_time",
        seal_to=recipient,
        exception=allowed(accept_unforced_rotation=True),
    )
    with faults(project, {"kind": "reset", "when": "after_commit", "method": "POST", "times": 50}):
        first = project.run(onboard(rows))
    assert first.rc == 0, first.output
    assert [event["http"]["settled"] for event in project.events() if event["phase"] == "outcome"] == ["read_back"] * 2
    assert project.sandbox.writes() == 1
    finish(project, onboard(rows), rows)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "html", "status": 200}, ("GET /domains", "no JSON", "api_url")),
        (
            {"kind": "status", "status": 200, "body": {"message": "maintenance"}},
            ("GET /domains", "no list", "half a picture"),
        ),
        ({"kind": "reset"}, ("GET /domains", "the connection broke", "Run again")),
    ],
)
def test_a_listing_that_cannot_be_read_plans_nothing(project: Project, rule: dict[str, Any], words: Any) -> None:
    rows = people("ann")
    with faults(project, {**rule, "method": "GET", "path_regex": "^/domains", "times": 50}):
        says(project.run(onboard(rows)), *words)
    assert project.sandbox.writes() == 0 and project.events() == []
    finish(project, onboard(rows), rows)


def test_nobody_at_the_other_end(project: Project) -> None:
    """A wrong port, a wrong scheme, an URL that would give the token away: told before anything is sent."""
    rows = people("ann")
    cases = [
        ({"api_url": "http://127.0.0.1:1/api/v1"}, ("no connection", "api_url")),
        ({"api_url": project.sandbox.api.replace("http://", "https://")}, ("GET /domains", "the connection broke")),
        ({"api_url": "http://mail.example.com/api"}, ("in clear", "https://")),
        ({"api_token": project.sandbox.token + "\n"}, ("api_token", "line break")),
        ({"ca_path": "/nowhere/ca.pem"}, ("ca_path", "/nowhere/ca.pem")),
    ]
    options = {"mailboxes": rows, "client": "acme", **QUICK}
    run = project.run(plays(*(("mailbox", {**options, **more}, {"ignore_errors": True}) for more, _words in cases)))
    assert len(run.tasks) == len(cases)
    for row, (_more, words) in zip(run.tasks, cases, strict=True):
        for word in words:
            assert word in row["result"]["msg"], row["result"]["msg"]
    assert project.sandbox.token not in run.output and "Traceback" not in run.output
    assert project.sandbox.writes() == 0 and project.events() == []


def test_parallel_batches_in_an_outage(project: Project) -> None:
    """Twelve batches: what was sent is in doubt, what was not is told as not attempted, and all of it is finished."""
    rows = [row for number in range(12) for row in people("u%d" % number, expires_in_hours=24 + number)]
    options = {"concurrency": 2}
    with faults(project, {"kind": "reset", "when": "after_commit", "method": "POST", "skip": 4, "times": None}):
        first = project.run(onboard(rows, **options))
    result = says(first, "not attempted", "in doubt", "Run again")
    open_ = len(result["failed_items"])
    assert len(result["applied"]) == 4 and open_ >= 3
    assert len(result["applied"]) + open_ + len(result["not_attempted"]) == 12
    assert violations(project, rows, settled=False) == []
    finish(project, onboard(rows, **options), rows)
