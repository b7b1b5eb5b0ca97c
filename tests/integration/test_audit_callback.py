# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit callback: the second witness of a run, which reads nothing but what modules say for it."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import yaml
from openssh import need_openssh
from plays import allowed, plays
from project import ACTOR, ROOT, Project
from truth import faults, onboard, people

TASKS = ("Made", "Same", "Refused", "Looped", "Hidden", "Both", "Excepted", "Broken")
RUNBOOK = {"request_id", "actor", "action", "domain", "mailbox", "delivery", "tool_version", "timestamp"}
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def files(project: Project) -> list[Path]:
    return sorted(project.audit.glob("*.audit.jsonl"), key=lambda path: path.stat().st_mtime_ns)


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_task_and_every_changed_object_has_its_event(project: Project) -> None:
    """R-LOG-01 to R-LOG-10, R-LOG-12, R-LOG-14, R-CREATE-07: changed, unchanged, ignored, skipped, looped, hidden and
    failed tasks, an unreachable host and a second client, in a dry run and for real; one file a run, for its owner only."""
    need_openssh()  # one host is unreachable
    document = yaml.safe_load((project.folder / "hosts.yml").read_text())
    document["clients"]["hosts"] = {"acme": {}, "globex": {}}
    far = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    document["away"] = {"hosts": {"far": far}}
    (project.folder / "hosts.yml").write_text(yaml.safe_dump(document))
    canary = "canary-" + secrets.token_hex(12)
    here = {"when": "inventory_hostname == 'acme'"}
    only: dict[str, Any] = {"client": "acme", "approval_id": "APR-2026-001"}
    pair = [{"address": "%s@example.com" % name, "owner_email": name + "@home.example"} for name in ("anna", "ben")]
    loop = [{"name": "one.example", "secret": canary}, {"name": "two.example", "secret": canary}]
    book = plays(
        ("mailbox", {**only, "mailboxes": pair}, {**here, "name": "Made"}),
        ("mailbox", {**only, "mailboxes": pair}, {**here, "name": "Same"}),
        ("domain", {"name": "https://x.example"}, {**here, "name": "Refused", "ignore_errors": True}),
        ("domain", {"name": "{{ item.name }}"}, {**here, "name": "Looped", "loop": loop}),
        ("domain", {"name": "hidden.example"}, {**here, "name": "Hidden", "no_log": True}),
        ("domain", {"name": "other.example", "client": "globex", "request_id": "REQ-2026-002"}, {"name": "Both"}),
        (
            "mailbox",
            {**only, "address": "security@example.com", "owner_email": "s@home.example", "exception": allowed()},
            {**here, "name": "Excepted"},
        ),
        ("domain", {"name": "x"}, {**here, "name": "Broken"}),
        hosts="globex,acme",
        serial=1,
    )
    shown = {"name": "Shown", "ansible.builtin.debug": {"msg": canary}, "vars": {"audit": {"run_id": canary}}}
    reached = {"name": "Reached", "ansible.builtin.ping": {}}
    first = {"name": "First", "hosts": "far,acme", "gather_facts": False, "tasks": [shown, reached]}
    dry, real = project.run([first, *book], "--check"), project.run([first, *book])
    assert dry.rc and real.rc, real.output
    assert canary in real.output

    checked, applied = files(project)
    assert project.audit.stat().st_mode & 0o777 == 0o700
    for path in (checked, applied):
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text(encoding="utf-8")
        assert canary not in text and project.sandbox.token not in text
        rows = events(path)
        assert path.name == rows[0]["run_id"] + ".audit.jsonl"
        assert {row["run_id"] for row in rows} == {rows[0]["run_id"]}
        assert (rows[0]["event"], rows[-1]["event"]) == ("run.started", "run.finished")
        assert rows[0]["playbook"] == "play.yml" and set(rows[-1]["hosts"]) == {"acme", "globex", "far"}
        for row in rows:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["timestamp"])
            assert row["tool_version"] == "mailops.email@" + VERSION
            assert row["actor"]["human"] == ACTOR and row["actor"]["system"].startswith("ansible@")
            assert row["request_id"] is not None

    rows = events(applied)
    told = [(row["task"], row["host"], row["outcome"]) for row in rows if row["event"] == "task"]
    # Two hosts of a play may finish a task in any order.
    assert sorted(told[:4]) + told[4:] == [
        ("Reached", "acme", "ok"),
        ("Reached", "far", "unreachable"),
        ("Shown", "acme", "ok"),
        ("Shown", "far", "ok"),
        *((name, "globex", "changed" if name == "Both" else "skipped") for name in TASKS),
        ("Made", "acme", "changed"),
        ("Same", "acme", "ok"),
        ("Refused", "acme", "ignored"),
        ("Looped", "acme", "changed"),
        ("Hidden", "acme", "changed"),
        ("Both", "acme", "ok"),
        ("Excepted", "acme", "changed"),
        ("Broken", "acme", "failed"),
    ]
    assert {row["check_mode"] for row in rows if row["event"] == "task"} == {False}
    refused = next(row for row in rows if row.get("task") == "Refused" and row["host"] == "acme")
    assert [one["code"] for one in refused["failures"]] == ["hostname_invalid"]

    objects = [row for row in rows if row["event"] == "object"]
    assert [(row["action"], row["mailbox"] or row["domain"]) for row in objects] == [
        ("domain.created", "other.example"),
        ("invite.sent", "anna@example.com"),
        ("invite.sent", "ben@example.com"),
        ("domain.created", "one.example"),
        ("domain.created", "two.example"),
        ("invite.sent", "security@example.com"),
    ]
    for row in objects:
        assert set(row) >= RUNBOOK | {"before_state", "after_state", "verification_result", "approval_id", "outcome"}
        assert row["outcome"] == "success" and row["after_state"] and row["plan_digest"].startswith("sha256:")
    assert {row["delivery"] for row in objects} == {"one_time_setup_link", ""}
    assert (objects[0]["client"], objects[0]["request_id"]) == ("globex", "REQ-2026-002")
    assert objects[1]["approval_id"] == "APR-2026-001" and objects[1]["client"] == "acme"
    assert objects[1]["domain"] == "example.com" and objects[1]["before_state"] is None
    assert objects[5]["exception"]["approver"] == "lee@agency.example"
    # What a hidden task did is not in the callback's file, because it was not told; the journal has it.
    journal = {event["object"]["key"]: event for event in project.events() if event["phase"] == "outcome"}
    assert set(journal) == {row["mailbox"] or row["domain"] for row in objects} | {"hidden.example"}

    predicted = [row for row in events(checked) if row["event"] == "object"]
    assert [(row["action"], row["mailbox"] or row["domain"]) for row in predicted] == [
        (row["action"], row["mailbox"] or row["domain"]) for row in objects
    ]
    assert {row["outcome"] for row in predicted} == {"predicted"} and all(row["check_mode"] for row in predicted)


def test_each_client_s_events_name_its_own_request(project: Project) -> None:
    """R-LOG-01, R-LOG-02, R-VAL-02: what a module said of one client is never said of the next one's tasks."""
    project.inventory({"acme": {}, "globex": {}})
    options = {"domains": [], "client": "{{ inventory_hostname }}", "request_id": "REQ-{{ inventory_hostname }}"}
    task = plays(("domain", options), hosts="clients")
    task[0]["tasks"].insert(0, {"name": "Before", "ansible.builtin.debug": {"msg": "x"}})
    task[0]["tasks"].append({"name": "After", "ansible.builtin.debug": {"msg": "x"}})
    project.environment["MAILOPS_REQUEST_ID"] = "REQ-2026-000"
    assert project.run(task).rc == 0
    rows = [row for row in events(files(project)[0]) if row["event"] == "task"]
    assert {(row["host"], row["request_id"], row.get("client")) for row in rows if row["task"] != "Before"} == {
        ("acme", "REQ-acme", "acme"),
        ("globex", "REQ-globex", "globex"),
    }
    assert {row["request_id"] for row in rows if row["task"] == "Before"} == {"REQ-2026-000"}


def test_without_its_witness_a_run_does_not_start(project: Project) -> None:
    """R-LOG-18: where the file cannot be opened, or the run's name would lead elsewhere, nothing is run: code 77."""
    book = plays(("domain", {"name": "new.example"}))
    project.environment["MAILOPS_AUDIT_DIR"] = str(project.folder / "ansible.cfg" / "audit")
    run = project.run(book)
    assert run.rc == 77 and not run.tasks, run.output
    assert "cannot be written" in run.output and "Nothing was run" in run.output
    project.environment["MAILOPS_AUDIT_DIR"] = str(project.audit)
    project.environment["MAILOPS_RUN_ID"] = "../elsewhere"
    run = project.run(book)
    assert run.rc == 77 and not run.tasks and not (project.folder / "elsewhere.audit.jsonl").exists()
    project.environment["MAILOPS_RUN_ID"] = "awx-job-17"
    assert project.sandbox.writes() == 0
    run = project.run(book)
    assert run.rc == 0 and [path.name for path in files(project)] == ["awx-job-17.audit.jsonl"]
    assert [path.name for path in project.journal.glob("*.jsonl")] == ["awx-job-17.jsonl"]


def test_objects_that_a_result_does_not_list_have_their_events(project: Project) -> None:
    """R-LOG-01, R-LOG-10: above max_listed the events come from the journal, and are what they are below it; those of another
    task with the same list are not among them. A dry run has no journal, so its task event tells their number."""
    names = ("anna", "ben", "cleo", "dora")
    items = [{"address": name + "@example.com", "owner_email": name + "@home.example"} for name in names]
    invited = {"client": "acme", "mailboxes": items}
    listed = {"max_listed": 4}
    long = {"max_listed": 3}
    dry = project.run(plays(("mailbox", {**invited, **long})), "--check", "--diff")
    assert dry.rc == 0 and "+  invite create  dora@example.com" in dry.output, dry.output
    predicted = events(files(project)[-1])
    assert not [row for row in predicted if row["event"] == "object"]
    assert [row.get("unlisted") for row in predicted if row["event"] == "task"] == [4]
    assert dry.tasks[0]["result"]["counts"]["predicted"] == 4 and "left_out" in dry.tasks[0]["result"]

    run = project.run(plays(("mailbox", {**invited, **long}), ("mailbox", {**invited, **long})))
    assert run.rc == 0, run.output
    told = run.tasks[0]["result"]
    assert "plan" not in told and told["counts"]["applied"] == 4 and str(project.journal) in told["left_out"]
    assert "mailboxes" not in told and told["counts"]["states"] == {"pending": 4}
    assert not run.tasks[1]["result"]["changed"]
    short = [row for row in events(files(project)[-1]) if row["event"] == "object"]
    assert [row["mailbox"] for row in short] == [item["address"] for item in items]

    other = [{"address": name + "@example.net", "owner_email": name + "@home.example"} for name in names]
    run = project.run(plays(("mailbox", {"client": "acme", "mailboxes": other, **listed})))
    assert run.rc == 0 and len(run.tasks[0]["result"]["applied"]) == 4, run.output
    whole = [row for row in events(files(project)[-1]) if row["event"] == "object"]
    own = {"id", "run_id", "timestamp", "plan_digest", "domain", "mailbox", "after_state"}
    assert [{name: row[name] for name in row if name not in own} for row in short] == [
        {name: row[name] for name in row if name not in own} for row in whole
    ]
    assert [set(row["after_state"]) for row in short] == [set(row["after_state"]) for row in whole]


def test_what_is_in_doubt_is_named_until_it_is_settled(project: Project) -> None:
    """R-LOG-18: at the end of the run that lost the answer, and at the start of the next, which then settles it."""
    rows = people("ann")
    with faults(project, {"kind": "reset", "when": "after_commit", "method": "POST", "times": 50}):
        first = project.run(onboard(rows))
    assert first.rc and "In doubt: invite.sent ann@example.com (" in " ".join(first.output.split()), first.output
    told = [row for row in events(files(project)[-1]) if row["event"] == "audit.in_doubt"]
    assert [(row["intent_action"], row["mailbox"], row["outcome"]) for row in told] == [
        ("invite.sent", "ann@example.com", "in_doubt")
    ]
    (intent,) = [event for event in project.events() if event["phase"] == "intent"]
    assert told[0]["intent_id"] == intent["id"] and told[0]["intent_run"] == intent["stream"]
    again = project.run(onboard(rows))
    assert "In doubt since an earlier run: invite.sent ann@example.com" in " ".join(again.output.split()), again.output
    assert [row["event"] for row in events(files(project)[-1])][:2] == ["run.started", "audit.in_doubt"]
    assert "In doubt" not in project.run(onboard(rows)).output


def test_a_change_that_the_journal_does_not_have_is_told(project: Project) -> None:
    """Its lines were taken away while the run was at work: the second witness says so."""
    path = project.journal / "cut.jsonl"
    project.environment["MAILOPS_RUN_ID"] = "cut"
    cut = {"name": "Cut", "ansible.builtin.command": {"argv": ["sed", "-i", "$d", str(path)]}}
    book = onboard(people("ann"))
    book[0]["tasks"].append(cut)
    run = project.run(book)
    assert run.rc == 0 and "tells of 1 changes" in " ".join(run.output.split()), run.output
    rows = {row["event"]: row for row in events(files(project)[-1])}
    assert rows["audit.unrecorded"]["missing"] == 1 and rows["audit.unrecorded"]["journal"] == str(path)
    assert rows["audit.in_doubt"]["mailbox"] == "ann@example.com"
