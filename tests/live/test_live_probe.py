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
from servers.platform import PASSWORD, ModoboaPlatform, Platform

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


def test_the_playbook_and_a_sample(live_project: Project, platform: Platform, domains: list[str]) -> None:
    """R-SMTP-06, R-RBK-06: the role with the inventory's servers; only present mailboxes are drawn, and a suspended one is
    not. Mail that was accepted is proof enough where nobody answers."""
    platform.make_mailbox(f"bob@{domains[0]}")
    platform.switch_off(f"ann@{domains[0]}")
    mail = {name: options(platform)[name] for name in ("imap", "submission", "inbound")}
    mail |= {"outbound": {"address": OUTSIDE}, "ca_path": platform.ca_path}
    live_project.inventory({"acme": {"mailops_domains": [{"name": name} for name in domains], "mailops_mail": mail}})
    extra = ("-e", "request_id=CHG-9", "-e", "verification_wait=4", "-e", "verification_sample_size=5")
    run = live_project.run("mailops.email.verify", *extra)
    assert run.rc == 0, run.output
    samples = {row["domain"]: row["sample"] for row in run.result("Try the mail of the domains")["domains"]}
    assert samples == {domains[0]: [f"bob@{domains[0]}"], domains[1]: [f"ann@{domains[1]}"]}
    sent = [one for one in platform.mail.sink.messages() if OUTSIDE in one.recipients]
    assert {f"mailops-probe@{name}" for name in domains} <= {one.sender for one in sent}
    bounces = [one.text for one in platform.mail.sink.messages() if one.sender == ""]
    assert not [text for text in bounces if any(name in text for name in domains)]


def test_another_authority(live_project: Project, platform: Platform, domains: list[str]) -> None:
    """Certificates are always checked: with another authority every check fails as what it is, and the mailbox is closed."""
    run = probe(live_project, platform, domains[0], mail_ca_path=platform.wrong_ca_path)
    assert run.rc != 0
    for name in ("login", "submission", "outbound", "inbound", "login_refused", "submission_refused"):
        assert check(run, domains[0], name)["code"] == "tls_untrusted", name
    assert check(run, domains[0], "closed")["passed"] and rows(run)[domains[0]]["last_known_good"] is None
    assert "[tls_untrusted] %s: login" % domains[0] in run.result("mail_probe")["msg"]
    found = live_project.task("mailbox_info", {"addresses": [f"mailops-probe@{domains[0]}"]}).result("mailbox_info")
    assert found["mailboxes"][0]["state"] == "suspended"


def test_one_domain_whose_mail_is_refused(live_project: Project, platform: Platform, domains: list[str]) -> None:
    """R-SMTP-02, R-DNS-25: Postfix refuses what one domain sends; that domain fails with the answer and its meaning, the other passes."""
    good, bad = domains
    settings = platform.mail.postfix.config / "main.cf"
    before = settings.read_text()
    rule = "smtpd_recipient_restrictions = check_sender_access inline:{{%s = 550 5.7.1 Not from here}}\n" % bad
    settings.write_text(before + rule)
    try:
        run = probe(live_project, platform, *domains)
    finally:
        settings.write_text(before)
    assert run.rc != 0 and rows(run)[good]["passed"] and rows(run)[bad]["passed"] is False, run.output
    told = check(run, bad, "outbound")
    assert (told["code"], told["class"], told["retry"]) == ("550 5.7.1", "policy_reject", "no")
    assert told["next_step"] in run.result("mail_probe")["msg"]
    assert check(run, bad, "inbound")["passed"] and check(run, bad, "closed")["passed"]
    again = probe(live_project, platform, *domains)
    assert again.rc == 0, again.output


def test_a_full_mailbox_and_an_unknown_one(live_project: Project, platform: Platform, domains: list[str]) -> None:
    """What the receiving side does not take is seen: LMTP speaks to Dovecot itself."""
    lmtp = {"host": platform.host, "port": platform.lmtp_port, "protocol": "lmtp", "tls": "none"}
    run = probe(live_project, platform, domains[0], inbound=lmtp)
    assert run.rc == 0, run.output
    assert check(run, domains[0], "recipients")["evidence"]["proves"] == "mailbox"
    closed = {"host": platform.host, "port": 9}
    refused = probe(live_project, platform, domains[0], inbound=closed)
    assert refused.rc != 0 and check(refused, domains[0], "inbound")["code"] == "refused"
    assert check(refused, domains[0], "outbound")["passed"]


def test_a_platform_that_cannot_end_sessions(tmp_path: Any, modoboa_platform: ModoboaPlatform) -> None:
    """Modoboa without doveadm: the open session lives on, which is told and is no failure of the mail."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder, modoboa_platform)  # type: ignore[arg-type]
    left_out = ("MAILOPS_DOVEADM_URL", "MAILOPS_DOVEADM_KEY")
    project.environment |= {name: value for name, value in modoboa_platform.environment.items() if name not in left_out}
    name = modoboa_platform.make_domain()["name"]
    run = probe(project, modoboa_platform, name)
    assert run.rc == 0, run.output
    told = check(run, name, "session_ended")
    assert (told["passed"], told["code"]) == (None, "session_end_unsupported") and "cannot end sessions" in told[
        "meaning"
    ]
    assert rows(run)[name]["passed"] and "session_ended" in run.output
