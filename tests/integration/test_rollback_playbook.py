# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook rollback: frozen, evidence, taken back, verified, recorded; for the clients that the request has reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mailworld import ELSEWHERE, World
from plays import plays
from project import Project, Run

REQUEST = "REQ-2026-009"
PLAYBOOK = "mailops.email.rollback"


@pytest.fixture
def world(project: Project, tmp_path: Path) -> Iterator[World]:
    made = World(project.sandbox, tmp_path / "world")
    yield made
    made.stop()


@pytest.fixture
def changed(project: Project, world: World) -> Project:
    """Two clients, of which the request has reached one: a mailbox that its owner uses, and one that was suspended."""
    project.sandbox.domain("globex.example")
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.com")
    project.sandbox.mailbox(domain["id"], "ben")
    mail = {**world.servers(), "outbound": {"address": ELSEWHERE}, "ca_path": str(world.authority.path)}
    project.inventory(
        {
            "acme": {"mailops_domains": [{"name": "example.com"}, {"name": "example.net"}], "mailops_mail": mail},
            "globex": {"mailops_domains": [{"name": "globex.example"}], "mailops_mail": mail},
        }
    )
    run = project.run(
        plays(
            ("mailbox", {"address": "dora@example.com", "owner_email": "dora@home.example", "request_id": REQUEST}),
            ("mailbox", {"address": "ben@example.com", "state": "suspended", "request_id": REQUEST}),
            module_defaults={"group/mailops.email.all": {"client": "acme"}},
        )
    )
    assert run.rc == 0, run.output
    invite = project.sandbox.ours("GET", "/state")["invites"][0]
    project.sandbox.ours("POST", f"/invites/{invite['id']}:redeem", {"password": "Owner-Chose-This-1"})
    return project


def closed(project: Project) -> dict[str, bool]:
    return {
        box["email"]: bool(box["login_suspended"])
        for box in project.sandbox.ours("GET", "/state")["mailboxes"]
        if not box["email"].startswith("mailops-probe")
    }


def take_back(project: Project, *arguments: str, **variables: Any) -> Run:
    extra = [
        text for name, value in {"request_id": REQUEST, **variables}.items() for text in ("-e", "%s=%s" % (name, value))
    ]
    return project.run(PLAYBOOK, *extra, *arguments)


def test_a_request_is_taken_back_in_order(changed: Project) -> None:
    """R-RBK-02, R-RBK-06, R-RBK-07, R-RBK-08, R-RBK-10, R-RBK-11, R-RBK-12: by its id alone; the dry run changes
    nothing; the second run neither; nothing else is done under the request meanwhile."""
    writes = changed.sandbox.writes()
    dry = take_back(changed, "--check", "--diff")
    assert dry.rc == 0 and changed.sandbox.writes() == writes, dry.output
    assert closed(changed) == {"ben@example.com": True, "dora@example.com": False}

    run = take_back(changed)
    assert run.rc == 0, run.output
    assert closed(changed) == {"ben@example.com": False, "dora@example.com": True}
    assert {row["host"] for row in run.tasks if "Cancel" in row["task"]} == {"acme"}
    events = [one for one in changed.events() if one["phase"] != "intent" and one["request_id"] == REQUEST]
    timeline = [one["action"] for one in events]
    ours = timeline[timeline.index("freeze.set") :]
    assert [one for one in ours if "rollback" in one] == ["rollback.started", "rollback.closed"]
    assert ours.index("evidence.captured") < ours.index("rollback.started") < ours.index("mailbox.suspended")
    kept = next(one for one in events if one["action"] == "evidence.captured")["after"]
    assert kept["rollback_id"] == REQUEST + "/acme/1" and (changed.journal / kept["path"]).is_file()
    assert ours.index("mailbox.suspended") < ours.index("mailbox.resumed") < ours.index("verification.completed")
    assert timeline[-1] == "rollback.closed" and events[-1]["after"]["verified"] is True

    writes = changed.sandbox.writes()
    again = take_back(changed)
    assert again.rc == 0 and not again.changed and changed.sandbox.writes() == writes, again.output

    more = changed.task("mailbox", {"address": "ben@example.com", "display_name": "Ben Berg", "request_id": REQUEST})
    assert more.rc != 0 and "frozen" in more.output

    back = take_back(changed, rollback_id=REQUEST + "/acme/1")
    assert back.rc == 0, back.output
    assert closed(changed) == {"ben@example.com": True, "dora@example.com": False}
    assert changed.task("mailbox", {"address": "ben@example.com", "note": "x", "request_id": REQUEST}).rc == 0


def test_access_paths_are_of_their_mailboxes(changed: Project) -> None:
    """R-RBK-10: what was revoked is named by its mailbox where evidence is kept and mail is verified."""
    ben = next(one for one in changed.sandbox.get("/mailboxes").json()["data"] if one["email"] == "ben@example.com")
    rule = {"name": "away", "match_type": "all", "stop": False, "enabled": True,
            "conditions": [{"field": "from", "operator": "contains", "value": "a"}],
            "actions": [{"type": "redirect", "value": "ben@home.example"}]}  # fmt: skip
    made = changed.sandbox.call("POST", f"/mailboxes/{ben['id']}/rules", rule)
    assert made.status_code == 201, made.text
    closed_too = {"mailboxes": [{"address": "ben@example.com"}], "request_id": REQUEST, "client": "acme"}
    assert changed.task("mailbox_access", closed_too).rc == 0
    run = take_back(changed)
    assert run.rc == 0, run.output
    assert run.result("Look what is to be taken back")["domains"] == ["example.com"]
    rules = changed.sandbox.get(f"/mailboxes/{ben['id']}/rules").json()["data"]
    assert [one["actions"][0]["value"] for one in rules] == ["ben@home.example"], "given back"


def test_nothing_is_called_done_that_is_not(changed: Project) -> None:
    """R-RBK-06: where mail cannot be verified somebody has to say why; an unknown request is refused."""
    changed.inventory({"acme": {"mailops_domains": [{"name": "example.com"}]}})
    bare = take_back(changed)
    assert bare.rc != 0 and "rollback_unverified" in bare.output
    assert closed(changed) == {"ben@example.com": False, "dora@example.com": True}, "contained all the same"
    said = take_back(changed, unverified_because="no_mail_servers_here")
    assert said.rc == 0, said.output
    wrong = take_back(changed, request_id="REQ-2026-404")
    assert wrong.rc != 0 and "REQ-2026-404" in wrong.output and "journal" in wrong.output


def test_what_is_left_to_people_fails_the_run_with_its_list(changed: Project) -> None:
    """Issue, R-OFF-10: the provider cannot cancel an invite by API."""
    sent = {"address": "erik@example.com", "owner_email": "erik@home.example", "request_id": REQUEST, "client": "acme"}
    assert changed.task("mailbox", sent).rc == 0
    run = take_back(changed)
    assert run.rc != 0 and "rollback_incomplete" in run.output and "erik@home.example" in run.output
    assert closed(changed)["dora@example.com"] is True, "the rest is taken back"
    assert not [one for one in changed.events() if one["action"] == "rollback.closed"]
