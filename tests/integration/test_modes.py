# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dry runs that tell the truth, the module's own way of running, and every spelling that a provider may use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from plays import allowed, plays, refusals, soon
from project import ROOT, Project, play

GOVERNED = {"owner": "anna@home.example", "purpose": "Cover", "expires_at": soon(24 * 30)}
BOXES = ("anna", "ben", "cleo", "dora")


def staff(project: Project) -> dict[str, int]:
    """Mailboxes of example.com, one in each state: used, suspended for login, paused, in the recycle bin."""
    sandbox = project.sandbox
    rows = sandbox.get("/domains").json()["data"]
    domain = next(one["id"] for one in rows if one["name"] == "example.com")
    sandbox.ours("POST", "/seed", {"domains": ["example.com"], "mailboxes_per_domain": 3, "prefix": "seed"})
    for local in BOXES:
        body = {"domain_id": domain, "local_part": local, "password_mode": "user_supplied"}
        made = sandbox.call("POST", "/mailboxes", {**body, "password": "Correct-Horse-42"})
        assert made.status_code in (200, 201)
    ids = {one["local_part"]: one["id"] for one in sandbox.ours("GET", "/state")["mailboxes"]}
    sandbox.call("POST", f"/mailboxes/{ids['ben']}:suspend-login")
    sandbox.call("POST", f"/mailboxes/{ids['cleo']}:pause")
    sandbox.call("POST", f"/mailboxes/{ids['dora']}:suspend-login")
    intent = sandbox.call("POST", f"/mailboxes/{ids['dora']}:delete-intent").json()
    number = intent.get("id") or intent["data"]["id"]
    assert sandbox.call("POST", f"/delete-intents/{number}:confirm", X_Confirm_Delete="true").status_code == 200
    sandbox.ours("POST", "/writes:reset")
    return ids


def test_a_dry_run_knows_what_its_own_tasks_would_make(project: Project) -> None:
    """Design 4.3, 4.4: what one task of a dry run predicts, the next one builds on, for every kind; and nothing but
    reading reaches the provider."""
    staff(project)
    import pyrage

    temporary = {
        "credential": "generated_one_time",
        "seal_to": str(pyrage.x25519.Identity.generate().to_public()),
        "exception": allowed(accept_unforced_rotation=True),
    }
    book = plays(
        ("domain", {"name": "new.example", "note": "First"}),
        ("subdomain", {"parent": "new.example", "labels": ["a", "b"], "purpose": "Teams"}),
        ("domain", {"name": "new.example", "note": "Second"}),
        ("mailbox", {"address": "temp@example.com", **temporary}),
        ("alias", {"address": "extra@example.com", "mailbox": "temp@example.com"}),
        ("alias", {"address": "extra@example.com", "mailbox": "temp@example.com", "can_send": True}),
        ("forward", {**GOVERNED, "address": "temp@example.com", "targets": ["anna@example.com"]}),
        ("forward", {**GOVERNED, "address": "shop@example.net", "targets": ["temp@example.com"]}),
        ("catch_all", {**GOVERNED, "state": "present", "domain": "example.com", "destination": "temp@example.com"}),
        ("mailbox", {"address": "ben@example.com", "state": "suspended", "suspend": "all"}),
        ("invite", {"address": "new@example.com", "owner_email": "n@home.example"}),
        ("mailbox", {"address": "new@example.com", "owner_email": "n@home.example"}),
        ("mailbox", {"address": "anna@example.com", "state": "suspended"}),
        ("mailbox", {"address": "anna@example.com", "state": "absent", "exception": allowed()}),
    )
    predicted = project.run(book, "--check", "--diff")
    assert predicted.rc == 0, predicted.output
    requests = project.sandbox.ours("GET", "/writes")["requests"]
    assert requests and all(name.startswith("GET ") for name in requests), requests
    assert not project.events() and not project.sealed.exists()
    applied = project.run(book, "--diff")
    assert applied.rc == 0, applied.output
    for before, after in zip(predicted.plans, applied.plans, strict=True):
        assert before == after
    assert [row["result"]["changed"] for row in predicted.tasks] == [row["result"]["changed"] for row in applied.tasks]
    assert [row["result"]["plan_digest"] for row in predicted.tasks] == [
        row["result"]["plan_digest"] for row in applied.tasks
    ]
    assert not applied.tasks[11]["result"]["changed"], "the invite of the task before was not known"


def test_a_dry_run_knows_nothing_of_the_dry_run_before(project: Project) -> None:
    """Design 4.4: a second run under the name of the first, as a controller may give it, foresees the same again."""
    book = plays(("domain", {"name": "new.example"}), ("subdomain", {"parent": "new.example", "labels": ["a"]}))
    project.environment["MAILOPS_RUN_ID"] = "CHG-7"
    first, second = (project.run(book, "--check") for _turn in range(2))
    assert [row["result"]["changed"] for row in first.tasks] == [True, True], first.output
    assert first.plans == second.plans


def test_a_dry_run_is_refused_where_the_apply_would_be(project: Project) -> None:
    """Design 4.4: a mailbox on a domain that was only just added is refused in both, and the journal's folder is tried
    in both."""
    cases: list[tuple[str, dict[str, Any]]] = [
        ("domain", {"name": "new.example"}),
        ("mailbox", {"address": "a@new.example", "owner_email": "a@home.example"}),
        ("forward", {**GOVERNED, "address": "a@new.example", "targets": ["b@new.example"]}),
    ]
    book = plays(*((kind, options, {"ignore_errors": True}) for kind, options in cases))
    dry, real = project.run(book, "--check"), project.run(book)
    assert [row["result"].get("msg") for row in dry.tasks] == [row["result"].get("msg") for row in real.tasks]
    assert [row["outcome"] for row in dry.tasks] == ["ok", "failed", "failed"]
    assert "pending_dns, not active" in dry.tasks[1]["result"]["msg"]
    blocked = plays(("domain", {"name": "b.example", "journal_dir": str(project.folder / "ansible.cfg" / "j")}))
    before = project.sandbox.writes()
    for arguments in (("--check",), ()):
        run = project.run(blocked, *arguments)
        assert run.rc == 2 and run.tasks[0]["result"]["failed_items"][0]["code"].startswith("journal_not_")
    assert project.sandbox.writes() == before


def module(project: Project, name: str, options: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """Run a module's file as Ansible does on another host: a process of its own, arguments on standard input."""
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
    trees = [path for path in sys.path if os.path.isdir(os.path.join(path, "ansible_collections", "mailops"))]
    done = subprocess.run(
        [sys.executable, str(ROOT / "plugins" / "modules" / (name + ".py"))],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={**project.env(), "PYTHONPATH": ":".join(trees)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert project.sandbox.token not in done.stdout + done.stderr
    return json.loads(done.stdout)


def told(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what belongs to the run, or to Ansible."""
    result = {key: value for key, value in result.items() if not key.startswith("_ansible")}
    for key in ("invocation", "audit", "exception"):
        result.pop(key, None)
    return result


def test_the_module_does_what_the_action_does(project: Project) -> None:
    """Design 4.2: delegated to another host, a task runs as a module, by the same core: same plan, same result, same
    check mode, same refusals, and the same journal."""
    staff(project)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("domain_info", {"dns_requirements": True}),
        ("mailbox_info", {"domains": ["example.com"]}),
        ("account_info", {}),
        ("domain", {"request_id": "REQ-1", "name": "new.example", "note": "x"}),
        ("mailbox", {"request_id": "REQ-1", "mailboxes": [{"address": "a@example.com", "owner_email": "a@b.example"}]}),
        ("mailbox", {"request_id": "REQ-1", "address": "security@example.com", "owner_email": "a@b.example"}),
        ("catch_all", {"request_id": "REQ-1", "domain": "unknown.example"}),
    ]
    run = project.run(
        plays(*((name, options, {"ignore_errors": True}) for name, options in cases)), "--check", "--diff"
    )
    for row, (name, options) in zip(run.tasks, cases, strict=True):
        alone = told(module(project, name, options, check=True))
        shared = told(row["result"])
        failed = alone.pop("failed", False)
        assert bool(failed) == (row["outcome"] == "failed"), name
        shared.pop("failed", None)
        assert alone == shared, name
    assert project.sandbox.writes() == 0
    made = module(project, *cases[4])
    assert made["changed"] and made["applied"] == ["a@example.com"]
    assert not module(project, *cases[4])["changed"]
    assert [event["action"] for event in project.events()] == ["invite.sent", "invite.sent"]
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {"POST /mailboxes/invites:bulk": 1}


SPELLINGS: dict[str, dict[str, Any]] = {
    "bare": {
        "login_suspended_as": "field",
        "validation_details": "errors",
        "duplicate_status": 409,
        "default_per_page": 2,
    },
    "data": {
        "wrap_objects": "data",
        "create_status": 200,
        "empty_delete": 200,
        "login_suspended_as": "both",
        "dns_records_key": "data",
        "invite_answers_expires_at": False,
        "delete_intent_minutes": 5,
    },
    "strange": {
        "wrap_objects": "data",
        "login_suspended_as": "status",
        "pending_invites_in_mailbox_list": True,
        "validation_details": "none",
        "bulk_all_failed_shape": "envelope",
        "domain_verifies": "auto",
        "idempotency_stores_4xx": True,
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_provider_is_understood(project: Project, spelling: str) -> None:
    """Contract, section 10 (what is not documented): objects bare or wrapped, states as a field or a word, statuses and
    lists under either name. The same tasks give the same objects, and a second run changes nothing."""
    project.sandbox.set(**SPELLINGS[spelling])
    ids = staff(project)
    governed = {**GOVERNED, "targets": ["anna@example.com"]}
    book = plays(
        ("domain", {"name": "new.example", "note": "x"}),
        ("mailbox", {"address": "anna@example.com", "display_name": "Anna Berg", "note": "n"}),
        ("mailbox", {"address": "seed00001@example.com", "state": "suspended"}),
        ("mailbox", {"address": "seed00002@example.com", "state": "suspended", "suspend": "all"}),
        ("mailbox", {"mailboxes": [{"address": "ben@example.com"}, {"address": "cleo@example.com"}]}),
        ("invite", {"address": "new@example.com", "owner_email": "n@home.example"}),
        ("alias", {"address": "extra@example.net", "mailbox": "anna@example.com", "can_send": True}),
        ("forward", {**governed, "address": "seed00003@example.com"}),
        ("forward", {**governed, "address": "shop@example.net"}),
        ("catch_all", {**GOVERNED, "state": "present", "domain": "example.com", "destination": "anna@example.com"}),
    )
    applied = project.run(book)
    assert applied.rc == 0, applied.output
    assert len(applied.changed) == 10
    writes = project.sandbox.writes()
    again = project.run(book)
    assert again.rc == 0 and not again.changed, again.output
    assert project.sandbox.writes() == writes
    state = project.sandbox.ours("GET", "/state")
    boxes = {box["email"].partition("@")[0]: box for box in state["mailboxes"]}
    assert (boxes["anna"]["display_name"], boxes["anna"]["note"]) == ("Anna Berg", "n")
    assert boxes["seed00001"]["login_suspended"] and boxes["seed00002"]["status"] == "paused"
    assert not boxes["ben"]["login_suspended"] and boxes["cleo"]["status"] == "active"
    assert boxes["dora"]["status"] == "trashed" and ids["dora"] == boxes["dora"]["id"]
    assert len(state["forwards"]) == 2 and len(state["aliases"]) == 1 and len(state["catch_alls"]) == 1

    info = project.run(
        plays(
            ("mailbox_info", {"domains": ["example.com"]}),
            ("domain_info", {"domains": ["example.com"], "dns_requirements": True}),
            ("invite_info", {}),
            # Both fail in the provider's own words, whatever shape those have.
            ("alias", {"address": "shop@example.net", "mailbox": "anna@example.com"}, {"ignore_errors": True}),
            ("invite", {"address": "extra@example.net", "owner_email": "e@b.example"}, {"ignore_errors": True}),
        )
    )
    found = {one["address"].partition("@")[0]: one["state"] for one in info.tasks[0]["result"]["mailboxes"]}
    pending = {"new": "pending"} if spelling == "strange" else {}
    assert found == {
        "anna": "present",
        "ben": "present",
        "cleo": "present",
        "dora": "trashed",
        "seed00001": "suspended",
        "seed00002": "suspended",
        "seed00003": "present",
        **pending,
    }
    assert len(info.tasks[1]["result"]["domains"][0]["dns_requirements"]) >= 4
    assert info.tasks[2]["result"]["invites"][0]["expires_at"].endswith("Z")
    codes = [row["result"]["failed_items"][0]["code"] for row in info.tasks[3:]]
    assert codes[0] == "already_exists" and codes[1] in ("already_exists", "bulk_failed"), codes

    refusals(
        project, ("mailbox", {"address": "dora@example.com", "display_name": "Dora Lund"}, "mailbox_in_recycle_bin")
    )
    ended = project.run(
        plays(
            ("mailbox", {"address": "seed00001@example.com", "state": "absent", "exception": allowed()}),
            ("alias", {"address": "extra@example.net", "mailbox": "anna@example.com", "state": "absent"}),
            ("forward", {"address": "seed00003@example.com", "state": "absent"}),
            ("forward", {"address": "shop@example.net", "state": "absent"}),
            ("catch_all", {"domain": "example.com"}),
            ("domain", {"name": "new.example", "state": "absent", "exception": allowed()}),
            ("mailbox", {"address": "dora@example.com", "restore": True}),
        )
    )
    assert ended.rc == 0 and len(ended.changed) == 7, ended.output
    state = project.sandbox.ours("GET", "/state")
    assert not state["forwards"] and not state["aliases"] and not state["catch_alls"]
    dora = next(box for box in state["mailboxes"] if box["email"] == "dora@example.com")
    assert dora["status"] == "active"
    assert project.run(play("mailbox", {"address": "dora@example.com"})).rc == 0
