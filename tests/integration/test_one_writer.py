# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that meet: two clients in one account, and two runs of one client."""

from __future__ import annotations

import concurrent.futures
from typing import Any

from project import ROOT, Project, play

REQUEST = str(ROOT / "requests" / "REQ-2026-001")


def invited(client: str, address: str, request_id: str, **options: Any) -> list[Any]:
    """A play of one invite for a client."""
    fields = {"address": address, "owner_email": "owner@home.example", "client": client, "request_id": request_id}
    return play("invite", {**fields, "deadline": 2, "timeout": 1, **options})


def test_a_run_leaves_another_clients_doubts_alone(project: Project) -> None:
    """R-VAL-02, R-LOG-14: an invite whose answer was lost is settled by a run of its own client, for the request that
    authorised it, and never by whoever comes first."""
    project.sandbox.fault("reset", method="POST", path_regex="invites", when="after_commit", times=20)
    lost = project.run(invited("acme", "ann@example.com", "REQ-2026-011"))
    assert lost.rc != 0 and "in doubt" in lost.output, lost.output
    project.sandbox.ours("DELETE", "/faults")
    before = project.events()
    # Another client's invite, and another request of the same client: neither touches what is not theirs.
    other = project.prove(invited("globex", "gus@example.net", "REQ-2026-012"))
    assert [step["key"] for step in other.tasks[-1]["result"]["plan"]] == ["gus@example.net"]
    assert not [event for event in project.events()[len(before) :] if event["object"]["key"] == "ann@example.com"]

    settled = project.run(invited("acme", "ann@example.com", "REQ-2026-013"))
    assert settled.rc == 0, settled.output
    outcome = [event for event in project.events() if event["object"]["key"] == "ann@example.com"][-1]
    assert (outcome["phase"], outcome["outcome"], outcome["recovered"]) == ("outcome", "success", True)
    assert (outcome["request_id"], outcome["object"]["client"]) == ("REQ-2026-011", "acme")
    state = project.sandbox.ours("GET", "/state")
    assert len([one for one in state["invites"] if one["email"] == "ann@example.com"]) == 1


def test_a_mailbox_of_another_client_is_not_declared_unmade(project: Project) -> None:
    """R-LOG-18: reading one client's domains says nothing of another's open intent."""
    project.sandbox.mailbox(project.sandbox.get("/domains").json()["data"][0]["id"], "ann")
    project.sandbox.fault("reset", method="PATCH", path_regex="/mailboxes/", when="after_commit", times=20)
    project.sandbox.fault("status", method="GET", path_regex="/mailboxes", status=500, skip=2, times=20)
    address = next(iter(project.sandbox.ours("GET", "/state")["mailboxes"]))["email"]
    quick = {"deadline": 2, "timeout": 1}
    lost = project.task("mailbox", {"address": address, "display_name": "Ann Berg", "client": "acme", **quick})
    assert lost.rc != 0, lost.output
    project.sandbox.ours("DELETE", "/faults")
    fields = {"address": "gus@example.net", "owner_email": "gus@home.example", "client": "globex"}
    other = project.task("mailbox", fields)
    assert other.rc == 0, other.output
    closed = [event for event in project.events() if event["object"]["key"] == address and event.get("recovered")]
    assert not closed, "a run of globex judged acme's mailbox"


def test_two_runs_of_one_client_wait_for_each_other(project: Project) -> None:
    """R-IRB-A1: the second run sees what the first one did, not what it had under way; each owner gets one mail."""
    project.sandbox.ours("PUT", "/latency", {"ms": 300})
    rows = [{"address": "u%d@example.com" % n, "owner_email": "o%d@home.example" % n} for n in range(30)]
    options = {"mailboxes": rows, "client": "acme"}
    second = project.folder / "second"
    second.mkdir()
    twin = Project(second, project.sandbox)
    twin.journal = project.journal
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(one.task, "mailbox", options) for one in (project, twin)]
        done = [run.result() for run in runs]
    assert [run.rc for run in done] == [0, 0], [run.output for run in done]
    assert sorted(len(run.result("mailbox")["applied"]) for run in done) == [0, 30]
    assert len(project.sandbox.ours("GET", "/outbox")["data"]) == 30


def test_a_limit_that_leaves_the_client_out_is_an_error(project: Project) -> None:
    """R-GOAL-02: a run that would do nothing says so; other clients of the inventory are left alone."""
    domains = [{"name": "example.com"}, {"name": "example.net"}]
    project.inventory({"acme": {"mailops_domains": domains}, "globex": {"mailops_domains": [{"name": "example.org"}]}})
    away = project.run("mailops.email.onboard", "-e", "request=" + REQUEST, "--limit", "globex")
    assert away.rc != 0 and "no host of" in away.output, away.output
    assert project.sandbox.writes() == 0
    applied = project.prove("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert {row["host"] for row in applied.tasks if "plan" in row["result"]} == {"acme"}
    run = [event["run"] for event in project.events()][0]
    assert run["input_digest"].startswith("sha256:") and len(run["git_commit"]) == 40
