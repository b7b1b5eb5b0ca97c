# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verification on real mail servers: Postfix and Dovecot behind each provider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from project import Project, Run, play
from servers.platform import PASSWORD, ModoboaPlatform, Platform, SandboxPlatform

OWN = ["login", "submission", "outbound", "inbound", "recipients", "login_refused", "submission_refused", "closed"]
OUTSIDE = "somebody@outside.example"


def options(platform: Platform, *domains: str, **more: Any) -> dict[str, Any]:
    """Options of a verification that passes."""
    return {
        "domains": list(domains),
        "imap": {"host": platform.host, "port": platform.imaps_port},
        "submission": {"host": platform.host, "port": platform.submission_port, "tls": "starttls"},
        "inbound": {"host": platform.host, "port": platform.smtp_port},
        "outbound": {"address": platform.echo, "proof": "echo"},
        "wait": 20,
        **more,
    }


def probe(project: Project, platform: Platform, *domains: str, arguments: tuple[str, ...] = (), **more: Any) -> Run:
    return project.run(play("mail_probe", options(platform, *domains, **more)), *arguments)


def rows(run: Run) -> dict[str, Any]:
    return {row["domain"]: row for row in run.result("mail_probe")["domains"]}


def check(run: Run, domain: str, name: str) -> dict[str, Any]:
    return next(one for one in rows(run)[domain]["checks"] if one["check"] == name)


@pytest.fixture
def domains(live_project: Project, platform: Platform) -> list[str]:
    """Two domains of client acme, with an owner's mailbox in each."""
    names = [platform.make_domain()["name"] for dummy in range(2)]
    for name in names:
        platform.make_mailbox(f"ann@{name}")
    live_project.inventory({"acme": {"mailops_domains": [{"name": name} for name in names]}})
    return names


def test_all_checks_pass(live_project: Project, platform: Platform, domains: list[str]) -> None:
    """R-SCOPE-09, R-DNS-25, R-LOG-09: dry run, a first run that makes the probe mailboxes, and a second that makes
    none; nobody's password is touched, and the probe mailbox is closed."""
    before = platform.writes()
    predicted = probe(live_project, platform, *domains, arguments=("--check", "--diff"))
    assert predicted.rc == 0 and platform.writes() == before, predicted.output
    assert predicted.result("mail_probe")["verified"] is None and predicted.changed
    first = probe(live_project, platform, *domains, arguments=("--diff",))
    assert first.rc == 0 and first.changed, first.output
    assert first.plans == predicted.plans
    for name in domains:
        assert [one for one in OWN if rows(first)[name]["results"].get(one) is not True] == [], rows(first)[name]
        assert rows(first)[name]["results"]["session_ended"] is True
        assert rows(first)[name]["sample"] == [f"ann@{name}"]
        assert platform.can_login(f"ann@{name}", PASSWORD)
    second = probe(live_project, platform, *domains)
    assert second.rc == 0 and not second.changed, second.output
    events = [one for one in live_project.events() if one["action"] == "verification.completed"]
    assert len(events) == 4 and {one["outcome"] for one in events} == {"success"}
    kept = live_project.journal / events[-1]["last_known_good"]["path"]
    assert json.loads(kept.read_text())["state"]["mailboxes"] and kept.stat().st_mode & 0o777 == 0o600
    info = live_project.task("domain_info", {"domains": domains}).result("domain_info")["domains"]
    assert [one["last_known_good"] for one in info] == [one["last_known_good"] for one in events[2:]]
