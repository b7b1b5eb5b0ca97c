# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trail of real runs: asked by audit_info without a token, verified by the program for auditors."""

from __future__ import annotations

import json
import subprocess
import sys

from plays import plays
from project import ACTOR, ROOT, Project

VERIFIER = ROOT / "extensions" / "audit" / "verify_journal.py"


def test_the_trail_of_two_runs(project: Project) -> None:
    """R-LOG-10, R-LOG-11, R-LOG-15, R-LOG-18: what was done is told by object, request and action, and verifies."""
    mailboxes = [
        {"address": "%s@example.com" % name, "owner_email": name + "@home.example"} for name in ("anna", "ben")
    ]
    first, second = project.sandbox.get("/domains").json()["data"]
    project.sandbox.mailbox(first["id"], "kim")
    made = project.run(
        plays(
            ("invite", {"invites": mailboxes}),
            ("mailbox", {"address": "kim@example.com", "state": "suspended", "request_id": "REQ-2026-002"}),
        )
    )
    assert made.rc == 0, made.output
    assert (
        project.task("mailbox", {"address": "kim@example.com", "state": "present", "request_id": "REQ-2026-003"}).rc
        == 0
    )
    for name in ("MAILOPS_API_TOKEN", "MAILOPS_API_URL"):
        project.environment[name] = ""
    before = {path: path.read_bytes() for path in project.journal.iterdir() if path.is_file()}
    asked = project.run(
        plays(
            ("audit_info", {"address": "kim@example.com"}),
            ("audit_info", {"request_id": "REQ-2026-001", "view": "runbook"}),
            ("audit_info", {"action": "invite", "last": 1}),
            ("audit_info", {}, {"check_mode": True}),
        )
    )
    assert asked.rc == 0, asked.output
    kim, request, invites, everything = [row["result"] for row in asked.tasks]
    assert [event["action"] for event in kim["events"]] == ["mailbox.resumed", "mailbox.suspended"]
    assert kim["summary"][0]["changed_by"] == [ACTOR] and kim["summary"][0]["last_request_id"] == "REQ-2026-003"
    assert {row["mailbox"] for row in request["events"]} == {"anna@example.com", "ben@example.com"}
    assert invites["matched"] == 2 and len(invites["events"]) == 1
    assert everything["matched"] == 4 and everything["in_doubt"] == [] and everything["requests"] == {}
    assert {path: path.read_bytes() for path in project.journal.iterdir() if path.is_file()} == before
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(project.journal), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["verdict"], len(answer["files"])) == (0, "ok", 3), done.stdout
    wrong = project.task("audit_info", {"action": "mailbox.exploded"})
    assert wrong.rc != 0 and "[unknown_action]" in wrong.tasks[-1]["result"]["msg"]
