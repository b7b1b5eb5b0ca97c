# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, from a request to owners with invites, as an operator runs it."""

from __future__ import annotations

import pytest
from project import ROOT, Project

REQUEST = str(ROOT / "requests" / "REQ-2026-001")


@pytest.mark.smoke
def test_onboarding_the_example_request(project: Project) -> None:
    """R-GOAL-01, R-CREATE-03, R-PIPE-01: dry run, apply, again; the owners have their links and nobody else."""
    applied = project.prove("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert len(applied.result("Bring the mailboxes to their owners")["applied"]) == 12
    state = project.sandbox.ours("GET", "/state")
    assert len([invite for invite in state["invites"] if invite["status"] == "pending"]) == 12
    assert not state["mailboxes"]
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {"POST /mailboxes/invites:bulk": 1}


def test_nothing_runs_without_a_request_that_was_checked(project: Project) -> None:
    """Design 4.8, R-PIPE-01: no folder, a folder without a request, and the second role without the first; each says what to do."""
    for arguments in ((), ("-e", "request=nowhere")):
        run = project.run("mailops.email.onboard", *arguments)
        assert run.rc and "There is no request.yml in" in run.output and "Add -e request=" in run.output, run.output
    failed = {"failed": True, "mailboxes": [], "request": {"approval": {"approved_by": "lee@agency.example"}}}
    for given in ({}, {"intake_result": failed}):
        role = {"hosts": "acme", "gather_facts": False, "vars": given, "roles": ["mailops.email.onboarding"]}
        run = project.run([role])
        assert run.rc and "have not passed in this run" in run.output, run.output
    assert project.sandbox.writes() == 0
