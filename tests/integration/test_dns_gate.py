# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nobody gets a mailbox whose mail would be refused: the DNS before onboarding and in a verification, on the sandbox's name server."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mailworld import World
from project import ACTOR, NO_DNS, ROOT, Project, Run
from sandboxlib import Sandbox

REQUEST = str(ROOT / "requests" / "REQ-2026-001")
DOMAINS = ("example.com", "example.net")
FOREIGN = '"site-verification=1f2e3d"'
APPROVED: dict[str, Any] = {
    "spf": {"all": "~all"},
    "dmarc": {"policy": "none", "aggregate_reports": ["dmarc@trekmail.net"]},
}


class Desk(Project):
    """A project whose client has zones at the sandbox's name server and an approved baseline."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        super().__init__(folder, sandbox)
        dns = sandbox.dns
        self.approved: dict[str, Any] = {
            "publisher": {
                "type": "rfc2136", "server": dns["address"], "port": dns["port"], "tsig_name": dns["tsig_name"],
                "tsig_secret": dns["tsig_secret"],
            },
            "resolver": {"servers": [dns["server"]], "authoritative": [dns["server"]]},
            "baseline": copy.deepcopy(APPROVED),
        }  # fmt: skip
        self.write()

    def write(self, **more: Any) -> None:
        """The inventory as it is approved now."""
        client = {"mailops_domains": [{"name": name} for name in DOMAINS], "deliverability_baseline_exception": {}}
        self.inventory({"acme": {**client, "mailops_dns": self.approved, **more}})

    def publish(self, *arguments: str) -> Run:
        return self.run("mailops.email.publish_dns", "-e", "request_id=REQ-2026-000", *arguments)

    def onboard(self, *arguments: str) -> Run:
        return self.run("mailops.email.onboard", "-e", "request=" + REQUEST, *arguments)

    def zones(self) -> dict[tuple[str, str], list[str]]:
        rows = [row for zone in self.sandbox.ours("GET", "/dns")["zones"] for row in zone["records"]]
        return {(row["name"], row["type"]): row["values"] for row in rows}

    def change(self, zone: str, **change: Any) -> None:
        """Somebody edits the zone behind our back."""
        self.sandbox.ours("POST", "/dns/zones/%s:change" % zone, change)

    def noted(self, action: str) -> list[str]:
        """Domains of what the journal says was done."""
        done = [event for event in self.events() if event["action"] == action and event["phase"] != "intent"]
        return sorted(event["object"]["domain"] for event in done)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    sandbox = Sandbox(tmp_path / "sandbox", "--dns", "0", "--set", "domain_verifies=dns")
    for name in DOMAINS:
        sandbox.ours("PUT", "/dns/zones/" + name, {"records": [{"name": name, "type": "TXT", "values": [FOREIGN]}]})
        sandbox.domain(name, active=False)
    sandbox.ours("POST", "/writes:reset")
    (tmp_path / "project").mkdir()
    yield Desk(tmp_path / "project", sandbox)
    if sandbox.process.poll() is None:
        sandbox.stop()


def test_without_an_approved_baseline_nobody_is_onboarded(project: Project) -> None:
    """R-DNS-01: no mailops_dns and no exception; then exceptions that say too little, are over, or are approved by oneself."""
    domains = {"mailops_domains": [{"name": name} for name in DOMAINS]}
    for exception, code in (
        ({}, "no_dns_baseline"),
        ({**NO_DNS, "reason": ""}, "exception_incomplete"),
        ({**NO_DNS, "expires_at": "2020-01-01T00:00:00Z"}, "exception_expired"),
        ({**NO_DNS, "approver": ACTOR}, "approver_is_requester"),
    ):
        project.inventory({"acme": {**domains, "deliverability_baseline_exception": exception}})
        run = project.run("mailops.email.onboard", "-e", "request=" + REQUEST)
        assert run.rc and code in run.output, run.output
    assert project.sandbox.writes() == 0


def test_an_exception_stands_in_every_line_of_the_journal(project: Project) -> None:
    """R-DNS-01, R-GOAL-03: who let a client through without a baseline, why, and until when."""
    assert project.run("mailops.email.onboard", "-e", "request=" + REQUEST).rc == 0
    told = [event["run"]["dns_exception"] for event in project.events() if event["phase"] in ("intent", "outcome")]
    assert len(told) == 24 and all(one == NO_DNS for one in told)


def test_published_active_recorded_onboarded(desk: Desk) -> None:
    """R-DNS-01, R-DNS-22, R-DNS-24, R-SCOPE-10: a dry run changes nothing; then the records are there beside those of others, the
    provider finds the domains active, the state is kept, and only then the request passes."""
    before = desk.zones()
    early = desk.onboard("--check")
    assert early.rc and "domain_not_verified" in early.output, early.output
    dry = desk.publish("--check", "--diff")
    assert dry.rc == 0, dry.output
    assert desk.zones() == before and not desk.events()
    done = desk.publish("--diff")
    assert done.rc == 0, done.output
    assert "DNS host: rfc2136 at 127.0.0.1; this run may write there" in done.output
    task = "Publish what the mail of the domains needs"
    assert done.result(task)["plan"] == dry.result(task)["plan"]
    after = desk.zones()
    for name in DOMAINS:
        assert after[name, "TXT"] == [FOREIGN, '"v=spf1 include:spf.trekmail.net ~all"']
        assert after[name, "MX"] == ["10 mail.trekmail.net."]
        assert after["_dmarc." + name, "TXT"][0].startswith('"v=DMARC1; p=none')
    assert {row["status"] for row in desk.sandbox.ours("GET", "/state")["domains"]} == {"active"}
    assert desk.noted("dns.checked") and desk.noted("dns.recorded") == list(DOMAINS)
    again = desk.publish()
    assert again.rc == 0 and not again.changed and desk.zones() == after, again.output
    applied = desk.prove("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert len(applied.result("Bring the mailboxes to their owners")["applied"]) == 12
    assert not any("dns_exception" in event["run"] for event in desk.events())


def test_onboarding_stops_where_nobody_may_publish(desk: Desk) -> None:
    """R-DNS-01, R-DNS-24: one record is gone and there is no DNS host to write to: findings, what they break, and no mailbox."""
    assert desk.publish().rc == 0
    del desk.approved["publisher"]
    desk.write()
    desk.change("example.net", remove=[{"name": "_dmarc.example.net", "type": "TXT"}])
    for arguments in (("--check",), ()):
        run = desk.onboard(*arguments)
        assert run.rc and "[dns_not_ready]" in run.output and "example.net" in run.output, run.output
        assert "DNS host: none is configured" in run.output
        assert "1 of 2 domains ready" in run.output
    assert not desk.sandbox.ours("GET", "/state")["invites"]


def test_onboarding_publishes_what_is_missing(desk: Desk) -> None:
    """R-DNS-01: with a publisher the same is put right on the way."""
    assert desk.publish().rc == 0
    desk.change("example.net", remove=[{"name": "_dmarc.example.net", "type": "TXT"}])
    run = desk.onboard("--diff")
    assert run.rc == 0, run.output
    assert desk.zones()["_dmarc.example.net", "TXT"][0].startswith('"v=DMARC1; p=none')
    assert len(desk.sandbox.ours("GET", "/state")["invites"]) == 12


def test_without_a_good_state_to_go_back_to_it_stops(desk: Desk) -> None:
    """R-SCOPE-10: all is right, and nobody has recorded it."""
    assert desk.publish("-e", '{"deliverability_baseline_record": false}').rc != 0
    run = desk.onboard()
    assert run.rc and "[no_last_known_good]" in run.output and "mailops.email.publish_dns" in run.output, run.output
    assert not desk.sandbox.ours("GET", "/state")["invites"]
    assert desk.publish().rc == 0
    assert desk.onboard().rc == 0


def test_the_deadline_ends_the_waiting(desk: Desk) -> None:
    """R-DNS-01: a name server that does not answer is no reason to wait for ever."""
    assert desk.publish().rc == 0
    desk.sandbox.set(dns_answers="servfail")
    run = desk.onboard("-e", "deliverability_baseline_wait=1")
    assert run.rc, run.output
    assert not desk.sandbox.ours("GET", "/state")["invites"]


def test_a_domain_that_the_inventory_does_not_have_is_named(desk: Desk) -> None:
    run = desk.publish("-e", "domains=example.com,example.org")
    assert run.rc and "[domain_missing]" in run.output and "example.org" in run.output, run.output


def test_a_verification_looks_at_the_dns(desk: Desk, tmp_path: Path) -> None:
    """R-SCOPE-09, R-DNS-21: one verdict a domain holds the DNS beside the mail; one `dns.checked` a domain."""
    assert desk.publish().rc == 0
    world = World(desk.sandbox, tmp_path / "world")
    try:
        desk.write(mailops_mail={**world.servers(), "ca_path": str(world.authority.path)})
        checked = len(desk.noted("dns.checked"))
        run = desk.run("mailops.email.verify", "-e", "request_id=CHG-1")
        assert run.rc == 0, run.output
        assert desk.noted("dns.checked")[checked:] and len(desk.noted("dns.checked")) == checked + 2
        rows = run.result("Try the mail of the domains")["domains"]
        assert {row["domain"]: row["results"]["dns"] for row in rows} == dict.fromkeys(DOMAINS, True)
        desk.change("example.net", set=[{"name": "example.net", "type": "TXT", "values": ['"v=spf1 ~all"']}])
        broken = desk.run("mailops.email.verify", "-e", "request_id=CHG-1")
        assert broken.rc and "spf_include_missing" in broken.output, broken.output
        rows = broken.result("Try the mail of the domains")["domains"]
        assert {row["domain"]: row["results"]["dns"] for row in rows} == {"example.com": True, "example.net": False}
    finally:
        world.stop()
