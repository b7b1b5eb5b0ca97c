# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole life on the real platform (Modoboa, Postfix, Dovecot), by the playbooks: onboarded, at work, gone, and taken back.

Seen from outside by mail clients, from inside by the rows of Modoboa, and offline by the program for auditors.
"""

from __future__ import annotations

import imaplib
import json
import smtplib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from plays import plays, soon
from project import ROOT, Project, Run
from servers.platform import ModoboaPlatform

pytestmark = pytest.mark.live

REQUEST = str(ROOT / "requests" / "REQ-2026-001")
ALEX, DANA = "alex@example.com", "dana.lindqvist@example.com"
ALIAS, TEAM = "a.rivera@example.com", "team@example.com"
SECRET = "The-Owner-Alone-7"
GOVERNED = {"owner": "mira@agency.example", "purpose": "Campaign of the spring", "expires_at": soon(24 * 90)}
LEAVE, BACK = "OFF-2026-004", ("-e", "request_id=OFF-2026-004")
# What Modoboa shows to nobody who asks by API, as a person confirms it.
BY_HAND = ["token", "delegate", "rule"]


def mail_servers(platform: ModoboaPlatform) -> dict[str, Any]:
    return {
        "imap": {"host": platform.host, "port": platform.imaps_port},
        "submission": {"host": platform.host, "port": platform.submission_port, "tls": "starttls"},
        "inbound": {"host": platform.host, "port": platform.smtp_port},
        "outbound": {"address": platform.echo, "proof": "echo"},
        "ca_path": platform.ca_path,
    }


@pytest.fixture
def agency(tmp_path: Path, modoboa_platform: ModoboaPlatform) -> Project:
    """The example's client with active domains and nothing in them, and its mail servers in the inventory."""
    modoboa_platform.clean()
    for name in ("example.com", "example.net"):
        modoboa_platform.make_domain(name)
    project = Project(tmp_path, modoboa_platform)  # type: ignore[arg-type]
    project.environment.update(modoboa_platform.environment)
    domains = [{"name": "example.com"}, {"name": "example.net"}]
    project.inventory({"acme": {"mailops_domains": domains, "mailops_mail": mail_servers(modoboa_platform)}})
    return project


def rows(platform: ModoboaPlatform) -> dict[str, Any]:
    """All that Modoboa has of people, without the mailboxes of our own checks."""
    found: dict[str, Any] = {
        "alias " + row["address"]: (sorted(row["recipients"]), row["enabled"], row["expire_at"])
        for row in platform.modoboa.rows("/aliases/")
    }
    for row in platform.modoboa.rows("/accounts/"):
        found["account " + row["username"]] = (row["is_active"], row["role"])
    return {name: value for name, value in found.items() if "mailops-probe@" not in name}


def at_work(project: Project, platform: ModoboaPlatform) -> None:
    """Alex and Dana are onboarded by the request and hold their own secrets; mail goes round Alex in every way there is."""
    onboarded = project.run("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert onboarded.rc == 0, onboarded.output
    for address in (ALEX, DANA):
        platform.owner_sets_password(address, SECRET)
        assert platform.can_login(address, SECRET)
    common = {"request_id": "REQ-2026-050"}
    run = project.run(
        plays(
            ("alias", {**common, "address": ALIAS, "mailbox": ALEX}),
            ("forward", {**common, "address": ALEX, "targets": [DANA], **GOVERNED}),
            ("forward", {**common, "address": TEAM, "targets": [ALEX, DANA], **GOVERNED}),
            # What nobody knows of example.com goes to Dana, who stays, and of example.net to Alex, who leaves.
            ("catch_all", {**common, "domain": "example.com", "state": "present", "destination": DANA, **GOVERNED}),
            ("catch_all", {**common, "domain": "example.net", "state": "present", "destination": ALEX, **GOVERNED}),
        )
    )
    assert run.rc == 0, run.output


def mail_flows(platform: ModoboaPlatform) -> None:
    """Every way that leads to Alex, and the two ways that lead on from there."""
    for address in (ALEX, ALIAS, TEAM, "whoever@example.net"):
        token = platform.deliver(address)
        assert platform.arrived(ALEX, SECRET, token), address
        if address != "whoever@example.net":
            assert platform.arrived(DANA, SECRET, token), address
    assert platform.arrived(DANA, SECRET, platform.deliver("whoever@example.com"))
    assert platform.arrived(DANA, SECRET, platform.submit(ALEX, SECRET, DANA))


def nobody_gets(platform: ModoboaPlatform, address: str) -> bool:
    """Mail for an address is refused, or at least comes to nobody who is left."""
    try:
        token = platform.deliver(address)
    except smtplib.SMTPRecipientsRefused:
        return True
    return not platform.arrived(DANA, SECRET, token, seconds=3) and platform.sunk(token, seconds=1) is None


def is_dead(session: imaplib.IMAP4) -> bool:
    try:
        return session.noop()[0] != "OK"
    except (imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError):
        return True


def offboard(project: Project, *arguments: str, **decisions: Any) -> Run:
    given = {"request_id": LEAVE, "addresses": [ALEX], "reason": "Left", "done_by_hand": BY_HAND, **decisions}
    return project.run("mailops.email.offboard", "-e", json.dumps(given), *arguments)


def judged(project: Project) -> tuple[int, str]:
    """The verdict of the program for auditors, which has nothing of the collection at hand."""
    program = ROOT / "extensions" / "audit" / "verify_journal.py"
    command = [sys.executable, "-I", str(program), str(project.journal), "--seal"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_a_whole_life(agency: Project, modoboa_platform: ModoboaPlatform) -> None:
    """R-GOAL-01, R-OFF-02 to R-OFF-08, R-RBK-01 to R-RBK-07: after leaving nobody gets in and nobody new gets the mail, also where
    a catch-all waits for it; taken back, all is as it was, with the owner's own password; and taking that back closes it again."""
    platform = modoboa_platform
    at_work(agency, platform)
    mail_flows(platform)
    before = rows(platform)
    session = platform.imap(ALEX, SECRET)

    decisions = {"aliases": [{"address": ALIAS, "action": "delete"}]}
    ends = {"catch_alls": [{"domain": "example.com", "action": "end"}]}
    writes = platform.writes()
    undecided = offboard(agency, "--check", **decisions)
    assert f"mail for {ALEX} goes to {DANA}" in undecided.output, "a catch-all would read it, and nobody says so"
    predicted = offboard(agency, "--check", "--diff", **decisions, **ends)
    assert predicted.rc == 0 and platform.writes() == writes, predicted.output
    left = offboard(agency, "--diff", **decisions, **ends)
    assert left.rc == 0, left.output
    # A record is closed with what was read back, which no dry run can know.
    assert left.plans[-1][0].endswith("Close the record")
    assert left.plans[:-1] == predicted.plans, "the dry run predicted something else"

    with pytest.raises(smtplib.SMTPAuthenticationError):
        platform.submit(ALEX, SECRET, DANA)
    assert not platform.can_login(ALEX, SECRET)
    assert is_dead(session), "an open session outlived the offboarding"
    # Postfix keeps what it has looked up for some seconds.
    time.sleep(2)
    for address in (ALEX, ALIAS, "whoever@example.net"):
        assert nobody_gets(platform, address), address
    assert platform.arrived(DANA, SECRET, platform.deliver(TEAM)), "who stays has lost mail"
    assert platform.arrived(DANA, SECRET, platform.deliver(DANA))
    actions = [event["action"] for event in agency.events() if event["phase"] == "outcome"]
    assert actions.index("evidence.captured") < actions.index("mailbox.suspended")

    writes = platform.writes()
    again = offboard(agency, **decisions, **ends)
    assert again.rc == 0 and not again.changed, again.output
    assert platform.writes() == writes, "the second offboarding wrote"

    back = agency.run("mailops.email.rollback", *BACK, "--diff")
    assert back.rc == 0, back.output
    after = rows(platform)
    assert {
        key: (before.get(key), after.get(key)) for key in {*before, *after} if before.get(key) != after.get(key)
    } == {}
    assert platform.can_login(ALEX, SECRET), "the owner's own password no longer works"
    mail_flows(platform)
    writes = platform.writes()
    assert agency.run("mailops.email.rollback", *BACK).rc == 0
    assert rows(platform) == before and platform.writes() == writes, "the second rollback wrote"

    gone = agency.run("mailops.email.rollback", *BACK, "-e", f"rollback_id={LEAVE}/acme/1")
    assert gone.rc == 0, gone.output
    assert not platform.can_login(ALEX, SECRET) and platform.can_login(DANA, SECRET)
    time.sleep(2)
    for address in (ALEX, ALIAS, "whoever@example.net"):
        assert nobody_gets(platform, address), address
    verdict, told = judged(agency)
    assert verdict == 0, told


def test_a_web_session_is_left_to_people_and_their_recipe_works(
    agency: Project, modoboa_platform: ModoboaPlatform
) -> None:
    """R-OFF-03, R-OFF-10: what the API cannot end is named and keeps the report open; what the sentence says to do ends it."""
    platform = modoboa_platform
    platform.make_mailbox(ALEX, SECRET)
    bearer = platform.open_web_session(ALEX)
    left = offboard(agency, done_by_hand=["delegate", "rule"])
    assert left.rc != 0 and "offboard_incomplete" in left.output
    assert "oauth2_provider_accesstoken" in left.output
    assert not platform.can_login(ALEX, SECRET)
    assert platform.web_session_works(bearer), "Modoboa ends it itself now: take it out of what is left to people"
    platform.delete_web_sessions(ALEX)
    assert not platform.web_session_works(bearer)
    assert offboard(agency).rc == 0
