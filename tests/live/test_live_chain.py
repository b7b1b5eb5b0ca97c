# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole chain on both providers with real mail servers: the same playbooks, only the inventory's provider differs."""

from __future__ import annotations

import datetime
import imaplib
import smtplib
import time
from pathlib import Path
from typing import Any

import pytest
from plays import allowed, last, plays
from project import ROOT, Project, Run, play
from servers.platform import ModoboaPlatform, Platform

pytestmark = pytest.mark.live

REQUEST = str(ROOT / "requests" / "REQ-2026-001")
ALEX, DANA = "alex@example.com", "dana.lindqvist@example.com"
SECRET = "The-Owner-Alone-7"
DOMAINS = ("example.com", "example.net")
OWNER = {"owner": "mira@agency.example", "purpose": "Campaign of the spring"}


@pytest.fixture
def chain(live_project: Project, platform: Platform) -> Project:
    """The example's client with active domains and nothing in them."""
    platform.clean()
    for name in DOMAINS:
        platform.make_domain(name)
    return live_project


@pytest.fixture
def modoboa_chain(tmp_path: Path, modoboa_platform: ModoboaPlatform) -> Project:
    """The same where only Modoboa is meant."""
    modoboa_platform.clean()
    for name in DOMAINS:
        modoboa_platform.make_domain(name)
    project = Project(tmp_path, modoboa_platform)  # type: ignore[arg-type]
    project.environment.update(modoboa_platform.environment)
    return project


def onboard(project: Project, *arguments: str) -> Run:
    run = project.run("mailops.email.onboard", "-e", "request=" + REQUEST, *arguments)
    assert run.rc == 0, run.output
    return run


def states(project: Project, module: str = "invite_info", **options: Any) -> dict[str, str]:
    """State of each object by its address."""
    result = last(project.task(module, options))
    rows = result["invites" if module == "invite_info" else "mailboxes"]
    return {row["address"]: row["state"] for row in rows}


def refused_login(platform: Platform, address: str) -> bool:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        platform.submit(address, SECRET, DANA)
    return not platform.can_login(address, SECRET)


def is_dead(session: imaplib.IMAP4) -> bool:
    try:
        return session.noop()[0] != "OK"
    except (imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError):
        return True


def in_seconds(seconds: int) -> str:
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def refused_or_unheard(platform: Platform, address: str, target: str) -> bool:
    """Mail for an address whose forward has ended does not leave for its target."""
    try:
        token = platform.deliver(address)
    except smtplib.SMTPRecipientsRefused:
        return True
    return platform.sunk(token, target, seconds=3) is None


def test_from_request_to_mail_and_back(chain: Project, platform: Platform) -> None:
    """R-GOAL-01, R-SCOPE-09, R-OFF-02, R-OFF-03: onboarded, owned, in use, closed, open again."""
    applied = chain.prove("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert len(set(applied.result("Bring the mailboxes to their owners")["applied"])) == 12
    assert set(states(chain).values()) == {"pending"}
    sent = [event for event in chain.events() if event["action"] == "invite.sent" and event["phase"] == "outcome"]
    form = {"modoboa": "recovery_link", "trekmail": "one_time_setup_link"}[platform.name]
    assert {(event["delivery_method"], event["delivery_rank"]) for event in sent} == {(form, 1)}

    for address in (ALEX, DANA):
        assert not platform.can_login(address, SECRET)
        platform.owner_sets_password(address, SECRET)
        assert platform.can_login(address, SECRET)
    assert states(chain, addresses=[ALEX, DANA]) == {ALEX: "redeemed", DANA: "redeemed"}
    assert states(chain, "mailbox_info", addresses=[ALEX]) == {ALEX: "present"}
    onboard(chain)
    writes = platform.writes()
    onboard(chain)
    assert platform.writes() == writes, "the run after the owners came wrote"
    shown = last(chain.task("mailbox_info", {"addresses": [ALEX]}))["mailboxes"][0]
    assert shown["display_name"] == "Alex Rivera"

    assert platform.arrived(DANA, SECRET, platform.submit(ALEX, SECRET, DANA))
    assert platform.arrived(ALEX, SECRET, platform.deliver(ALEX))
    assert platform.sunk(platform.submit(ALEX, SECRET, "partner@outside.example"), "partner@outside.example")

    alias = {"address": "a.rivera@example.com", "mailbox": ALEX}
    year = in_seconds(200 * 86400)
    catch_all = {"domain": "example.com", "state": "present", "destination": ALEX, "expires_at": year, **OWNER}
    chain.prove(plays(("alias", alias), ("catch_all", catch_all)))
    assert platform.arrived(ALEX, SECRET, platform.deliver("a.rivera@example.com"))
    assert platform.arrived(ALEX, SECRET, platform.deliver("whoever@example.com"))

    session = platform.imap(ALEX, SECRET)
    closing = {"address": ALEX, "state": "suspended", "reason": "Left"}
    suspended = chain.prove(play("mailbox", closing))
    assert refused_login(platform, ALEX)
    assert is_dead(session), "an open session outlived the suspension"
    assert "session.revoked" in [event["action"] for event in chain.events() if event["phase"] == "outcome"]
    if platform.name == "modoboa":
        collateral = last(suspended)["plan"][0]["collateral"]
        assert sorted(entry["key"] for entry in collateral) == ["a.rivera@example.com", "example.com"]
        assert any("switches off with it" in line for line in last(suspended)["warnings"])
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            platform.deliver("a.rivera@example.com")

    chain.prove(play("mailbox", {"address": ALEX, "state": "present"}))
    assert platform.can_login(ALEX, SECRET)
    assert platform.arrived(ALEX, SECRET, platform.submit(DANA, SECRET, "a.rivera@example.com"))
    assert platform.arrived(ALEX, SECRET, platform.deliver("whoever@example.com")), "the catch-all did not come back"


def test_a_forward_ends(chain: Project, platform: Platform) -> None:
    """R-ASSET-12, R-STD-03: it leads out until its end, and not after; where the provider has no ends, a schedule ends it."""
    target = "agency@outside.example"
    forward = {"address": "spring@example.com", "targets": [target], **OWNER, "exception": allowed()}
    end = time.monotonic() + 12
    made = chain.task("forward", {**forward, "expires_at": in_seconds(12)})
    assert made.rc == 0, made.output
    assert platform.sunk(platform.deliver("spring@example.com"), target)
    time.sleep(max(0.0, end - time.monotonic()) + 1)
    if platform.name == "modoboa":
        assert refused_or_unheard(platform, "spring@example.com", target), "it went on after its end"
    ended = chain.run("mailops.email.expire", "-e", "request_id=CHG-EXPIRE", "--limit", "acme")
    assert ended.rc == 0, ended.output
    assert refused_or_unheard(platform, "spring@example.com", target)
    writes = platform.writes()
    assert chain.run("mailops.email.expire", "-e", "request_id=CHG-EXPIRE", "--limit", "acme").rc == 0
    assert platform.writes() == writes


def test_who_cannot_be_thrown_out_is_told(chain: Project, platform: Platform) -> None:
    """R-OFF-03, design §4.9: without a way to end sessions the plan says that they stay, unless the provider ends them."""
    platform.make_mailbox("ann@example.net")
    chain.environment.update(MAILOPS_DOVEADM_URL="", MAILOPS_DOVEADM_KEY="")
    run = chain.task("mailbox", {"address": "ann@example.net", "state": "suspended"})
    assert run.rc == 0, run.output
    told = any("stay open" in line for line in last(run).get("warnings", ()))
    assert told == (platform.name == "modoboa")


def test_domains_by_playbook(tmp_path: Path, modoboa_platform: ModoboaPlatform) -> None:
    """R-FORM-05, R-DNS-07: the inventory's domains with the DKIM key that the worker makes; notes stay with people."""
    modoboa_platform.clean()
    project = Project(tmp_path, modoboa_platform)  # type: ignore[arg-type]
    project.environment.update(modoboa_platform.environment)
    project.inventory({"acme": {"mailops_domains": [{"name": "example.com", "note": "Acme, main domain"}]}})
    done = project.prove("mailops.email.domains", "-e", "request_id=REQ-2026-001")
    row = done.result("Read where the domains stand")["domains"][0]
    assert (row["status"], row["note"]) == ("active", None)
    record = row["dns_requirements"][0]
    assert record["name"].endswith("._domainkey.example.com") and record["value"].startswith("v=DKIM1; k=rsa; p=MII")
    assert "has no field for notes" in done.output


def test_administrators_of_a_domain(modoboa_chain: Project, modoboa_platform: ModoboaPlatform) -> None:
    """Design §4.11: who is named comes and goes, the last one stays."""
    for local in ("ann", "bob"):
        modoboa_platform.make_mailbox(f"{local}@example.com")
    named = {"name": "example.com", "administrators": ["ann@example.com"]}
    modoboa_chain.prove(play("domain", named))
    assert modoboa_platform.account("ann@example.com")["role"] == "DomainAdmins"
    change = {
        "name": "example.com",
        "administrators": ["bob@example.com"],
        "former_administrators": ["ann@example.com"],
    }
    modoboa_chain.prove(play("domain", change))
    assert modoboa_platform.account("ann@example.com")["role"] == "SimpleUsers"
    alone = modoboa_chain.task("domain", {"name": "example.com", "former_administrators": ["bob@example.com"]})
    assert alone.rc != 0 and "last_administrator" in alone.output
    nobody = modoboa_chain.task("domain", {"name": "example.com", "administrators": ["zed@example.com"]}, "--check")
    assert nobody.rc != 0 and "mailbox_missing" in nobody.output, "a dry run has to tell"


def test_a_reseller_who_administers_a_domain_stays_one(
    modoboa_chain: Project, modoboa_platform: ModoboaPlatform
) -> None:
    """Least privilege cuts both ways: naming somebody never takes a role away."""
    modoboa_platform.make_mailbox("ann@example.com", role="Resellers")
    modoboa_platform.make_mailbox("bob@example.com")
    both = {"name": "example.com", "administrators": ["ann@example.com", "bob@example.com"]}
    assert modoboa_chain.task("domain", both).rc == 0
    without = {"name": "example.com", "former_administrators": ["ann@example.com"]}
    assert modoboa_chain.task("domain", without).rc == 0
    assert modoboa_platform.account("ann@example.com")["role"] == "Resellers"


def test_links_of_the_recovery(modoboa_chain: Project, modoboa_platform: ModoboaPlatform) -> None:
    """R-INV-02, R-DELIV-01: a pending owner's link is sent again, goes to another owner, and is withdrawn."""
    chain, platform = modoboa_chain, modoboa_platform
    first = {"address": "kim@example.net", "owner_email": "kim@home.example"}
    assert chain.prove(play("mailbox", first)).rc == 0
    assert chain.task("invite", {**first, "resend": True}).rc == 0
    assert chain.task("invite", {"address": "kim@example.net", "owner_email": "kim@other.example"}).rc == 0
    old, new = platform.recovery_links("kim@home.example", 2), platform.recovery_links("kim@other.example", 1)
    assert len(old) == 2 and len(new) == 1
    assert not any(platform.link_works(link) for link in old), "a link from before still works"
    assert platform.link_works(new[0])
    gone = chain.prove(play("invite", {"address": "kim@example.net", "state": "absent"}))
    assert [one["verb"] for one in last(gone)["plan"]] == ["cancel", "pause"]
    assert not platform.link_works(new[0]), "a withdrawn link works"
    assert states(chain, addresses=["kim@example.net"]) == {"kim@example.net": "cancelled"}
    chain.prove(play("mailbox", first))
    platform.owner_sets_password("kim@example.net", SECRET)
    assert platform.can_login("kim@example.net", SECRET)


def test_the_server_keeps_no_password(modoboa_chain: Project, modoboa_platform: ModoboaPlatform) -> None:
    """R-GOAL-02, R-NEVER-01: a platform that writes passwords down is found out before an owner types one."""
    chain, platform = modoboa_chain, modoboa_platform
    documents = platform.folder / "documents"
    documents.mkdir(exist_ok=True)
    form = {
        "enabled_pdfcredentials": True,
        "generate_at_creation": False,
        "storage_dir": str(documents),
        "webpanel_url": "https://mail.example/",
    }
    platform.set_parameters("pdfcredentials", **form)
    try:
        run = chain.task("mailbox", {"address": "lee@example.net", "owner_email": "lee@home.example"})
        assert run.rc != 0
        assert "provider_keeps_passwords" in run.output
    finally:
        platform.set_parameters("pdfcredentials", **{**form, "enabled_pdfcredentials": False})
    assert chain.task("mailbox", {"address": "lee@example.net", "owner_email": "lee@home.example"}).rc == 0


def test_accounts_that_a_domain_left_behind(modoboa_chain: Project, modoboa_platform: ModoboaPlatform) -> None:
    """Facts of the provider: an account without a mailbox blocks its address until it is removed by name."""
    chain, platform = modoboa_chain, modoboa_platform
    name = platform.make_domain("old.example")["name"]
    platform.make_mailbox("ann@old.example")
    for row in platform.modoboa.rows("/domains/"):
        if row["name"] == name:
            platform.modoboa.call("POST", f"/domains/{row['pk']}/delete/", {"keep_folder": True})
    platform.make_domain(name)
    chain.inventory({"acme": {"mailops_domains": [{"name": name}]}})
    ann = {"address": "ann@old.example", "owner_email": "ann@home.example"}
    run = chain.task("mailbox", ann)
    assert run.rc != 0
    assert "orphaned_account" in run.output
    assert chain.task("mailbox", {"address": ann["address"], "state": "absent", "exception": allowed()}).rc == 0
    chain.prove(play("mailbox", ann))


def test_the_journal_of_the_platform_holds_no_secret(chain: Project, tmp_path: Path) -> None:
    """R-LOG-13: neither the controller's secret nor the doveadm key nor the token is in a file of the run."""
    onboard(chain)
    secrets = [chain.environment["MAILOPS_API_TOKEN"], chain.environment["MAILOPS_DOVEADM_KEY"]]
    for path in [*chain.journal.rglob("*"), *chain.audit.rglob("*")]:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not any(secret in text for secret in secrets), path
