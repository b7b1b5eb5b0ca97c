# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many logins closed and opened again by one call each: the same plan, journal and result as one by one (R-OFF-01, R-BULK-01)."""

from __future__ import annotations

import collections
from typing import Any

from plays import last
from project import Project, play

BULK = "POST /mailboxes:login-access"


def _seeded(project: Project, count: int) -> list[dict[str, Any]]:
    project.sandbox.ours("POST", "/seed", {"domains": ["example.com"], "mailboxes_per_domain": count})
    return [{"address": "user%05d@example.com" % number} for number in range(1, count + 1)]


def _states(project: Project) -> collections.Counter[tuple[str, bool]]:
    rows = project.sandbox.ours("GET", "/state")["mailboxes"]
    return collections.Counter((row["status"], bool(row["login_suspended"])) for row in rows)


def test_a_hundred_logins_are_one_call(project: Project) -> None:
    """R-OFF-01: closed together and opened together; each has its own operation, event and result."""
    items = _seeded(project, 130)
    applied = project.prove(play("mailbox", {"state": "suspended", "reason": "left", "mailboxes": items}))
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {BULK: 1}
    assert _states(project) == {("active", True): 130}
    assert len(last(applied)["applied"]) == 130 and {one["state"] for one in last(applied)["mailboxes"]} == {
        "suspended"
    }
    outcomes = [one for one in project.events() if one["phase"] == "outcome"]
    assert len(outcomes) == 130 and {one["action"] for one in outcomes} == {"mailbox.suspended"}
    assert len({one["object"]["key"] for one in outcomes}) == 130
    project.prove(play("mailbox", {"mailboxes": items}))
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {BULK: 2}
    assert _states(project) == {("active", False): 130}


def test_shared_and_paused_ones_are_no_part_of_it(project: Project) -> None:
    """The common call passes over both without a word; a shared mailbox is refused by name, a paused one is closed already."""
    items = _seeded(project, 6)
    sandbox = project.sandbox
    sandbox.call("POST", "/mailboxes/1:pause")
    sandbox.call("POST", "/mailboxes/2/convert-to-shared", {"member_mailbox_ids": [3]})
    sandbox.ours("POST", "/writes:reset")
    run = project.run(play("mailbox", {"state": "suspended", "mailboxes": items}))
    result = last(run)
    assert run.rc != 0 and sorted(result["applied"]) == [item["address"] for item in items[2:]]
    assert [(one["key"], one["code"]) for one in result["failed_items"]] == [
        (items[1]["address"], "mailbox_not_eligible")
    ]
    assert sandbox.ours("GET", "/writes")["by_route"] == {BULK: 1}
    assert _states(project) == {("paused", False): 1, ("active", False): 1, ("active", True): 4}


def test_a_lost_answer_is_read_back(project: Project) -> None:
    """R-LOG-18: one lost answer stands for many mailboxes, each of which is settled for itself; nothing is sent twice."""
    items = _seeded(project, 20)
    project.sandbox.fault("reset", when="after_commit", method="POST", times=9)
    run = project.run(play("mailbox", {"state": "suspended", "deadline": 5, "mailboxes": items}))
    assert run.rc == 0 and len(last(run)["applied"]) == 20, run.output
    assert _states(project) == {("active", True): 20}
    outcomes = [one for one in project.events() if one["phase"] == "outcome"]
    assert {one["outcome"] for one in outcomes} == {"success"} and len(outcomes) == 20
    again = project.run(play("mailbox", {"state": "suspended", "mailboxes": items}))
    assert again.rc == 0 and not again.changed
