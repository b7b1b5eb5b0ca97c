# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module freeze, as people on call meet it: set without a token, seen by every other run, lifted again."""

from __future__ import annotations

from plays import actions, last, plays, refusals, soon
from project import ACTOR, ROOT, Project

REQUEST = str(ROOT / "requests" / "REQ-2026-001")
WHY = "Mail of the finance team was forwarded to a stranger"


def test_a_client_is_frozen_and_lifted(project: Project) -> None:
    """R-IRB-A1, R-RBK-02: predicted by a dry run, set once, refused for everybody else and early, containment goes on, lifted."""
    com = project.sandbox.get("/domains").json()["data"][0]
    project.sandbox.mailbox(com["id"], "kim")
    project.sandbox.ours("POST", "/writes:reset")
    token = project.environment.copy()
    project.environment.update(MAILOPS_API_TOKEN="", MAILOPS_API_URL="")
    common = {"client": "acme", "request_id": "INC-1"}
    task = plays(
        ("freeze", {**common, "scope": "client", "reason": WHY, "expires_at": soon(4), "except_requests": ["CHG-9"]})
    )
    predicted, applied = project.run(task, "--check", "--diff"), project.run(task, "--diff")
    again = project.run(task)
    assert (predicted.rc, applied.rc, again.rc) == (0, 0, 0), predicted.output + applied.output
    assert predicted.plans == applied.plans and last(applied)["changed"] and not again.changed
    assert last(applied)["requests"] == {} and "freeze client:acme" in last(applied)["diff"]["after"]
    assert actions(project) == ["freeze.set"]
    listed = project.run(plays(("freeze_info", {"client": "acme"}), ("freeze_info", {"client": "globex"})))
    mine, foreign = (row["result"]["freezes"] for row in listed.tasks)
    assert foreign == []
    assert [(one["key"], one["state"], one["by"], one["reason"]) for one in mine] == [
        ("client:acme", "active", ACTOR, WHY)
    ]
    project.environment = token

    # Another operator, another run, the same journal.
    project.environment["MAILOPS_ACTOR"] = "kim@agency.example"
    kim = {"address": "kim@example.com", "client": "acme"}
    (told,) = refusals(project, ("mailbox", {**kim, "note": "moved"}, "frozen"))
    assert WHY in told["msg"] and ACTOR in told["msg"] and "INC-1" in told["msg"]
    early = project.run("mailops.email.onboard", "-e", "request=" + REQUEST, "--check")
    assert early.rc and "[frozen] request.yml:/request_id" in early.output, early.output
    assert project.sandbox.writes() == 0
    contained = project.task("mailbox", {**kim, "state": "suspended"})
    repaired = project.task("mailbox", {**kim, "state": "suspended", "note": "moved", "request_id": "CHG-9"})
    assert (contained.rc, repaired.rc) == (0, 0) and last(contained)["applied"] == ["kim@example.com"]

    lifted = project.run(
        plays(
            ("freeze", {**common, "scope": "client", "state": "absent", "reason": "found and removed"}),
            ("freeze_info", {}),
            ("freeze_info", {"ended": True}),
            ("mailbox", {**kim, "state": "present"}),
        )
    )
    assert lifted.rc == 0, lifted.output
    none, ended = lifted.tasks[1]["result"]["freezes"], lifted.tasks[2]["result"]["freezes"]
    assert none == [] and [(one["state"], one["by"]) for one in ended] == [("lifted", "kim@agency.example")]
    assert actions(project)[-2:] == ["freeze.lifted", "mailbox.resumed"]
    assert project.run("mailops.email.onboard", "-e", "request=" + REQUEST, "--check").rc == 0


def test_what_is_no_freeze_is_refused(project: Project) -> None:
    """Design 4.8: every refusal says what to do."""
    good = {"client": "acme", "scope": "client", "reason": WHY, "expires_at": soon(4)}
    refusals(
        project,
        ("freeze", {**good, "reason": ""}, "reason_missing"),
        ("freeze", {**good, "expires_at": soon(-1)}, "expires_at"),
        ("freeze", {**good, "scope": "domain", "name": "example.org", "client_domains": ["example.com"]}, "client_boundary"),
        ("freeze", {"freezes": [{"reason": WHY, "expires_at": soon(4)}]}, "freeze_name"),
    )  # fmt: skip
