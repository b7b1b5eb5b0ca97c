# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verification against the sandbox, with mail servers that answer as a test wants them to."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from mailworld import ELSEWHERE, World
from plays import plays
from project import Project, Run, play
from test_secrets import leaks

BOTH = ("example.com", "example.net")
OWN = (
    "login",
    "submission",
    "outbound",
    "inbound",
    "recipients",
    "login_refused",
    "submission_refused",
    "session_ended",
)


@pytest.fixture
def world(project: Project, tmp_path: Path) -> Iterator[World]:
    made = World(project.sandbox, tmp_path / "world")
    yield made
    made.stop()


def verify(project: Project, world: World, *domains: str, arguments: tuple[str, ...] = (), **more: Any) -> Run:
    return project.task("mail_probe", world.options(*(domains or BOTH), **more), *arguments)


def result(run: Run) -> dict[str, Any]:
    return run.result("mail_probe")


def rows(run: Run) -> dict[str, dict[str, Any]]:
    return {row["domain"]: row for row in result(run)["domains"]}


def check(run: Run, domain: str, name: str) -> dict[str, Any]:
    return next(one for one in rows(run)[domain]["checks"] if one["check"] == name)


def verdicts(project: Project) -> list[dict[str, Any]]:
    return [event for event in project.events() if event["action"] == "verification.completed"]


def state_of(project: Project, address: str) -> str:
    return {one["email"]: one["status"] for one in project.sandbox.ours("GET", "/state")["mailboxes"]}[address]


def own_mailbox(project: Project, local: str, domain: str = "example.com", password: str = "Owner-Chose-77") -> None:
    number = next(one["id"] for one in project.sandbox.get("/domains").json()["data"] if one["name"] == domain)
    project.sandbox.mailbox(number, local, password=password)


def test_mail_that_flows_is_verified(project: Project, world: World) -> None:
    """R-SCOPE-09, R-DNS-25, R-LOG-09, R-CREATE-04, R-NEVER-01: a dry run changes and tries nothing; the first run makes a
    probe mailbox in each domain, the second none. At the loudest no secret is written anywhere, and none of them still works."""
    own_mailbox(project, "ann")
    own_mailbox(project, "bob")
    project.sandbox.ours("POST", "/writes:reset")
    project.environment |= {"ANSIBLE_LOG_PATH": str(project.folder / "log"), "ANSIBLE_DISPLAY_TRACEBACK": "always"}
    loud = ("-vvv", "--diff")
    predicted = verify(project, world, arguments=("--check", *loud))
    assert predicted.rc == 0 and result(predicted)["verified"] is None and predicted.changed, predicted.output
    assert project.sandbox.writes() == 0 and not world.imap.connections + world.smtp.connections
    assert not list(project.journal.glob("*.jsonl"))
    first = verify(project, world, arguments=loud)
    assert first.rc == 0 and result(first)["verified"] is True and first.changed, first.output
    assert first.plans == predicted.plans
    for row in rows(first).values():
        assert {name: row["results"][name] for name in OWN} == {
            **dict.fromkeys(OWN, True),
            # nobody but the probe lives in one of the domains
            "recipients": True if row["sample"] else None,
        }
        assert row["results"]["closed"] is True and row["results"]["dns"] is None
    assert "VERIFICATION REQ-2026-001" in first.output and "2 of 2 domains verified" in first.output
    second = verify(project, world)
    assert second.rc == 0 and not second.changed and result(second)["verified"], second.output
    assert [row["sample"] for row in rows(second).values()] == [row["sample"] for row in rows(first).values()]
    assert len(rows(first)["example.com"]["sample"]) == 1
    # the sample was asked for, and got nothing
    assert {recipient for dummy, recipient, dummy in world.smtp.messages} == {
        ELSEWHERE,
        "mailops-probe@example.com",
        "mailops-probe@example.net",
    }
    assert len(world.secrets) == 4
    for name in BOTH:
        assert state_of(project, "mailops-probe@" + name) == "paused"
        for secret in world.secrets:
            assert project.sandbox.login("mailops-probe@" + name, secret) == 401
    assert project.sandbox.login("ann@example.com", "Owner-Chose-77") == 200
    assert leaks(project.folder, predicted.output + first.output + second.output, world.secrets) == []


def test_the_record_of_a_verification(project: Project, world: World) -> None:
    """R-LOG-09, R-SMTP-05, R-NUM-…: one event a domain with seed and sample, the audit file has it too, the state of what
    passed is kept, and domain_info finds it."""
    own_mailbox(project, "ann")
    run = verify(project, world, seed="a seed", sample_size=3)
    assert run.rc == 0, run.output
    found = verdicts(project)
    assert [event["object"] for event in found] == [
        {"kind": "domain", "key": name, "domain": name} for name in BOTH
    ] and {event["phase"] for event in found} == {"verification"}
    told = found[0]["verification_result"]
    assert (told["passed"], told["seed"], told["sample_size"]) == (True, "a seed", 3)
    assert told["sample"] == ["ann@example.com"] and set(OWN) <= set(told["results"])
    for one in told["checks"]:
        assert {"check", "passed", "code", "class", "meaning", "likely_cause", "next_step", "retry"} <= set(one)
    secret = next(event for event in project.events() if event["action"] == "mailbox.created")
    assert (secret["delivery_method"], secret["delivery_rank"], secret["redacted"]) == ("probe_secret", 0, ["password"])
    audit = [json.loads(line) for path in project.audit.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert [one["verification_result"]["passed"] for one in audit if one.get("verification_result")] == [True, True]
    for event in found:
        kept = project.journal / event["last_known_good"]["path"]
        assert kept.stat().st_mode & 0o777 == 0o600
        digest = hashlib.sha256(b"mailops-known-good-v1\n" + kept.read_bytes()).hexdigest()
        assert event["last_known_good"]["digest"] == "sha256:" + digest and kept.stem == digest
        state = json.loads(kept.read_bytes())["state"]
        assert set(state) == {"domain", "mailboxes", "aliases", "forwards", "catch_all"}
    info = project.task("domain_info", {"domains": list(BOTH)}).result("domain_info")["domains"]
    assert [one["last_known_good"] for one in info] == [event["last_known_good"] for event in found]
    assert [(one["verified"], one["verified_at"]) for one in info] == [(True, event["timestamp"]) for event in found]


def test_each_answer_is_told_with_its_meaning(project: Project, world: World) -> None:
    """R-SMTP-01 to R-SMTP-05, R-DNS-25: four answers, four events with code, class, cause and next step; the task fails and names
    them all; what was good before stays the last known good state."""
    answers = {
        "example.com": ("535 5.7.8 Authentication credentials invalid", "auth_failed", "no"),
        "example.net": ("550 5.7.1 Rejected by policy", "policy_reject", "no"),
        "third.example": ("452 4.2.2 Mailbox full", "resource", "later"),
        "fourth.example": ("421 4.7.0 Try again later", "deferred", "backoff"),
    }
    for name in list(answers)[2:]:
        project.sandbox.domain(name)
    assert verify(project, world, *answers).rc == 0
    good = {event["object"]["key"]: event["last_known_good"] for event in verdicts(project)}
    world.smtp.answers["rcpt:" + ELSEWHERE] = [answer for answer, dummy, dummy in answers.values()]
    run = verify(project, world, *answers)
    assert run.rc != 0 and not run.changed and result(run)["verified"] is False
    bad = verdicts(project)[4:]
    assert len(bad) == 4 and not any("last_known_good" in event for event in bad)
    for event, (answer, kind, retry) in zip(bad, answers.values(), strict=True):
        told = next(one for one in event["verification_result"]["checks"] if one["check"] == "outbound")
        assert (told["code"], told["class"], told["retry"]) == (" ".join(answer.split()[:2]), kind, retry)
        assert told["likely_cause"] and told["next_step"] and event["outcome"] == "failure"
        assert "[%s] %s: outbound" % (told["code"], event["object"]["key"]) in result(run)["msg"]
        assert told["next_step"] in result(run)["msg"] and "unverified" in result(run)["msg"]
    info = project.task("domain_info", {"domains": list(answers)}).result("domain_info")["domains"]
    assert {one["name"]: one["last_known_good"] for one in info} == good and not any(one["verified"] for one in info)


def test_one_domain_does_not_stop_another(project: Project, world: World) -> None:
    """A domain that is not there, and one whose address is somebody's, fail by themselves; the somebody keeps the password, and a
    domain of another client ends the task unchanged."""
    own_mailbox(project, "mailops-probe", "example.net")
    run = verify(project, world, *BOTH, "missing.example")
    assert run.rc != 0 and [row["passed"] for row in result(run)["domains"]] == [True, False, False], run.output
    assert check(run, "example.net", "probe_mailbox")["code"] == "probe_mailbox_foreign"
    assert check(run, "missing.example", "probe_mailbox")["code"] == "domain_missing"
    assert project.sandbox.login("mailops-probe@example.net", "Owner-Chose-77") == 200
    assert [event["outcome"] for event in verdicts(project)] == ["success", "failure", "failure"]
    predicted = verify(project, world, *BOTH, arguments=("--check",))
    assert predicted.rc != 0 and [row["passed"] for row in result(predicted)["domains"]] == [None, False]
    before = project.sandbox.writes()
    strange = verify(project, world, "example.com", client_domains=["example.net"])
    assert strange.rc != 0 and result(strange)["failed_items"][0]["code"] == "client_boundary"
    assert project.sandbox.writes() == before


def test_results_of_others_are_part_of_the_verdict(project: Project, world: World) -> None:
    """R-SCOPE-09, R-DNS-21: what was found of the DNS decides as well; no result can stand for a check of the probe's own."""
    bad = {"check": "dns", "passed": False, "code": "spf_missing", "evidence": {"ttl": 0.5}, "next": "Publish it."}
    given = [{"domain": "example.com", **bad}, {"domain": "example.net", "check": "dns", "passed": True}]
    run = verify(project, world, results=given)
    assert [row["passed"] for row in result(run)["domains"]] == [False, True]
    assert "[spf_missing] example.com: dns" in result(run)["msg"] and "Publish it." in result(run)["msg"]
    assert [event["verification_result"]["dns"] for event in verdicts(project)] == [False, True]
    before = project.sandbox.writes()
    wrong = [
        {"results": [{"domain": "example.com", "check": "outbound", "passed": True}]},
        {"results": [{"domain": "other.example", "check": "dns", "passed": True}]},
        {"results": [{"domain": "example.com", "check": "D N S", "passed": True}]},
    ]
    codes = [(("mail_probe", world.options(*BOTH, **one), {"ignore_errors": True})) for one in wrong]
    refused = [row["result"]["failed_items"][0]["code"] for row in project.run(plays(*codes)).tasks]
    assert refused == ["result_invalid"] * 3 and project.sandbox.writes() == before


def test_settings_are_refused_before_anything_is_made(project: Project, world: World) -> None:
    """R-SMTP-06, R-PROV-01: outbound cannot be left out, there is no third kind of server, and nobody logs in without TLS."""
    good = world.options(*BOTH)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"mail_ca_path": str(project.folder / "none")}, "ca_unreadable"),
        ({"imap": {"host": "a b"}}, "endpoint_invalid"),
        ({"outbound": {"address": "nobody"}}, "address_invalid"),
        ({"sample_size": -1}, "sample_size"),
        ({"wait": 0}, "wait"),
        ({"domains": []}, "domains_missing"),
    ]
    book = plays(*(("mail_probe", {**good, **more}, {"ignore_errors": True}) for more, dummy in cases))
    found = [row["result"]["failed_items"][0]["code"] for row in project.run(book).tasks]
    assert found == [code for dummy, code in cases]
    without = {name: value for name, value in good.items() if name != "outbound"}
    unknown: list[dict[str, Any]] = [without, {**good, "skip_outbound": True}, {**good, "pop3": {"host": "a"}}]
    unknown.append({**good, "imap": {"host": "127.0.0.1", "tls": "none"}})
    book = plays(*(("mail_probe", options, {"ignore_errors": True}) for options in unknown))
    assert [row["outcome"] for row in project.run(book).tasks] == ["failed"] * 4
    assert project.sandbox.writes() == 0


def test_a_mailbox_that_could_not_be_closed(project: Project, world: World) -> None:
    """The provider refuses to close it: that is a failure with the address in it, the secret is replaced all the same, and the next
    run closes it. A session that lives on is one too."""
    world.imap.sessions_end = False
    project.sandbox.fault("status", path_regex=":pause", method="POST", times=50, status=503)
    run = verify(project, world, "example.com", deadline=3)
    assert run.rc != 0
    assert [check(run, "example.com", name)["passed"] for name in ("closed", "login_refused", "session_ended")] == [
        False
    ] * 3
    assert "mailops-probe@example.com" in check(run, "example.com", "closed")["target"]
    assert state_of(project, "mailops-probe@example.com") == "active"
    assert all(project.sandbox.login("mailops-probe@example.com", one) == 401 for one in world.secrets)
    project.sandbox.ours("DELETE", "/faults")
    world.imap.sessions_end = True
    assert verify(project, world, "example.com").rc == 0
    assert state_of(project, "mailops-probe@example.com") == "paused"


def test_a_limit_and_a_slow_provider(project: Project, world: World) -> None:
    """What may be opened is always closed: a limit counts what opens only. A password that takes effect later is waited for."""
    assert verify(project, world, max_changes=2).rc == 0
    before = project.sandbox.writes()
    refused = verify(project, world, max_changes=2)
    assert refused.rc != 0 and result(refused)["failed_items"][0]["code"] == "blast_radius"
    assert project.sandbox.writes() == before and state_of(project, "mailops-probe@example.com") == "paused"
    project.sandbox.set(password_sync_pending=True)
    world.imap.answers["login"] = ["{tag} NO [AUTHENTICATIONFAILED] not yet"]
    slow = verify(project, world, "example.com")
    assert slow.rc == 0, slow.output
    assert not world.imap.answers["login"]


def test_killed_in_the_middle(project: Project, world: World) -> None:
    """Nothing is left but a mailbox whose secret nobody knows; the next run takes it up and closes it."""
    world.smtp.answers["rcpt"] = 60
    path = project.folder / "killed.yml"
    path.write_text(yaml.safe_dump(play("mail_probe", world.options("example.com", timeout=60))))
    command = [sys.executable, "-m", "ansible", "playbook", str(path)]
    process = subprocess.Popen(
        command, env=project.env(), cwd=project.folder, start_new_session=True, stdout=subprocess.DEVNULL
    )
    ends = time.monotonic() + 30
    while not world.smtp.said("RCPT") and time.monotonic() < ends:
        time.sleep(0.1)
    (worker,) = [int(one) for one in subprocess.run(
        ["pgrep", "-f", "mail_probe|killed.yml", "-P", str(process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()][:1]  # fmt: skip
    os.kill(process.pid, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    process.wait()
    assert state_of(project, "mailops-probe@example.com") == "active" and not verdicts(project)
    del world.smtp.answers["rcpt"]
    run = verify(project, world, "example.com")
    assert run.rc == 0 and not run.changed, run.output
    assert state_of(project, "mailops-probe@example.com") == "paused"


def test_the_playbook(project: Project, world: World) -> None:
    """R-SMTP-06, R-RBK-06: the domains of a request, by the servers of the inventory; rc is 0 only when they passed, and there is no
    switch that leaves a check out."""
    domains = [{"name": name} for name in BOTH]
    mail = {**world.servers(), "ca_path": str(world.authority.path)}
    folder = project.folder / "requests" / "REQ-2026-009"
    folder.mkdir(parents=True)
    document = {"request_id": "REQ-2026-009", "client": "acme", "domains": ["example.net"], "approval": {"id": "APR-9"}}
    (folder / "request.yml").write_text(yaml.safe_dump(document))
    book, request = "mailops.email.verify", ("-e", "request=requests/REQ-2026-009", "-e", "verification_wait=2")
    project.environment |= {"PWD": str(project.folder), "MAILOPS_CONCURRENCY": "1"}
    project.inventory({"acme": {"mailops_domains": domains}, "globex": {"mailops_domains": []}})
    unset = project.run(book, *request)
    assert unset.rc != 0 and "mailops_mail" in unset.output
    project.inventory({"acme": {"mailops_domains": domains, "mailops_mail": mail}, "globex": {"mailops_domains": []}})
    passed = project.run(book, *request)
    assert passed.rc == 0, passed.output
    assert [event["object"]["key"] for event in verdicts(project)] == ["example.net"]
    assert verdicts(project)[0]["request_id"] == "REQ-2026-009" and verdicts(project)[0]["approval_id"] == "APR-9"
    whole = project.run(book, "-e", "request_id=CHG-1", "--limit", "acme", "-e", "verification_wait=2")
    assert whole.rc == 0 and len(verdicts(project)) == 3, whole.output
    world.smtp.answers["rcpt:" + ELSEWHERE] = "550 5.7.1 Rejected by policy"
    failed = project.run(book, *request, "-e", "skip_outbound=true", "-e", "verification_skip_outbound=true")
    assert failed.rc != 0 and "NOT VERIFIED" in failed.output and "next: Check SPF" in failed.output
    nothing = project.run(book)
    assert nothing.rc != 0 and "No request is named" in nothing.output
