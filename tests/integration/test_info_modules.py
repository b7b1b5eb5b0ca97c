# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the info modules tell, against what the provider holds. None of them ever changes anything."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from plays import allowed, last, names, plays, refusals, soon
from project import ROOT, Project, Run, play

from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

INFO = ("domain_info", "mailbox_info", "invite_info", "forward_info", "account_info", "expiry_info")


def results(run: Run) -> list[dict[str, Any]]:
    assert run.rc == 0, run.output
    assert not run.changed
    return [row["result"] for row in run.tasks]


def passed(project: Project, end: str) -> None:
    """Let the end of what was allowed be over, without waiting for it: the journal as it would be if it had been given
    that way, with its chain."""
    for path in project.journal.glob("*.jsonl"):
        prev, lines = GENESIS, []
        for line in path.read_text(encoding="utf-8").replace(end, "2026-01-31T00:00:00Z").splitlines():
            whole = canonical_json({**json.loads(line), "prev": prev})
            prev = line_digest(whole)
            lines.append(whole + b"\n")
        path.write_bytes(b"".join(lines))


@pytest.fixture
def staffed(project: Project) -> Project:
    """Mailboxes in each state, an invite in each state, and forwards of both ways, one of them made by hand."""
    sandbox = project.sandbox
    first, second = sandbox.get("/domains").json()["data"]
    ids = {local: sandbox.mailbox(first["id"], local)["id"] for local in ("anna", "ben", "cleo", "dora")}
    sandbox.mailbox(second["id"], "elif")
    sandbox.call("POST", f"/mailboxes/{ids['ben']}:suspend-login")
    sandbox.call("POST", f"/mailboxes/{ids['cleo']}:pause")
    intent = sandbox.call("POST", f"/mailboxes/{ids['dora']}:delete-intent").json()
    sandbox.call("POST", f"/delete-intents/{intent['id']}:confirm", X_Confirm_Delete="true")
    sandbox.call("PUT", f"/mailboxes/{ids['anna']}/forwarding", {"enabled": True, "targets": ["me@mail.example"]})
    sandbox.domain("waiting.example", active=False)
    sandbox.advance(-10 * 86400)
    old = {"invites": [{"address": "old@example.com", "owner_email": "old@home.example"}]}
    assert project.task("invite", {**old, "request_id": "REQ-2026-007"}).rc == 0
    sandbox.advance(10 * 86400)
    governed = {"owner": "anna@home.example", "purpose": "The old shop", "targets": ["anna@example.com"]}
    new = [
        {"address": "%s@example.com" % local, "owner_email": local + "@home.example"} for local in ("new", "redeemed")
    ]
    made = project.run(
        plays(
            ("invite", {"invites": new}),
            ("forward", {**governed, "address": "shop@example.com", "expires_at": soon(24)}),
            ("forward", {**governed, "address": "fair@example.com", "expires_at": (end := soon(23))}),
        )
    )
    assert made.rc == 0, made.output
    passed(project, end)
    redeemed = next(one for one in sandbox.ours("GET", "/invites")["data"] if one["email"] == "redeemed@example.com")
    sandbox.ours("POST", f"/invites/{redeemed['id']}:redeem", {"password": "Owner-Chose-This-1"})
    sandbox.ours("POST", "/writes:reset")
    return project


def test_info_modules_tell_what_there_is(staffed: Project) -> None:
    """R-INV-02, R-INV-07, R-PAT-10, R-PRE-03, R-ASSET-18, R-CREATE-07: every object with its state; what nobody answers
    for, and what is over, is told apart; asking changes nothing, in a dry run as well."""
    tasks = plays(
        ("domain_info", {}),
        ("domain_info", {"domains": ["Waiting.example", "unknown.example"], "dns_requirements": True}),
        ("mailbox_info", {}),
        ("mailbox_info", {"domains": ["example.com"], "state": "suspended"}),
        ("mailbox_info", {"addresses": ["Elif@example.net", "nobody@example.com"]}),
        ("invite_info", {}),
        ("invite_info", {"state": "pending"}),
        ("invite_info", {"request_id": "REQ-2026-007"}),
        ("invite_info", {"addresses": ["new@example.com"]}),
        ("forward_info", {}),
        ("forward_info", {"addresses": ["shop@example.com"]}),
        ("expiry_info", {}),
        ("account_info", {}),
    )
    found = results(staffed.run(tasks))
    assert [(one["name"], one["status"]) for one in found[0]["domains"]] == [
        ("example.com", "active"),
        ("example.net", "active"),
        ("waiting.example", "pending_dns"),
    ]
    assert names(found[1]["domains"]) == ["waiting.example"] and found[1]["missing"] == ["unknown.example"]
    records = {row["id"]: row for row in found[1]["domains"][0]["dns_requirements"]}
    assert {"mx", "spf", "dkim", "dmarc"} <= set(records) and records["spf"]["value"].startswith("v=spf1")
    states = {one["address"].partition("@")[0]: (one["state"], one["suspended"]) for one in found[2]["mailboxes"]}
    assert states == {
        "anna": ("present", ""),
        "ben": ("suspended", "login"),
        "cleo": ("suspended", "all"),
        "dora": ("trashed", ""),
        "elif": ("present", ""),
        "redeemed": ("present", ""),
    }
    assert names(found[3]["mailboxes"], "address") == ["ben@example.com", "cleo@example.com"]
    assert names(found[4]["mailboxes"], "address") == ["elif@example.net"]
    assert found[4]["missing"] == ["nobody@example.com"]
    invites = {one["address"].partition("@")[0]: one for one in found[5]["invites"]}
    assert {name: one["state"] for name, one in invites.items()} == {
        "new": "pending",
        "old": "expired",
        "redeemed": "redeemed",
    }
    assert found[5]["source"] == "journal" and invites["new"]["recipient"] == "new@home.example"
    assert [names(one["invites"], "address") for one in found[6:9]] == [
        ["new@example.com"],
        ["old@example.com"],
        ["new@example.com"],
    ]
    forwards = {one["address"]: (one["managed"], one["external_targets"]) for one in found[9]["forwards"]}
    assert forwards == {
        "anna@example.com": (False, ["me@mail.example"]),
        "fair@example.com": (True, []),
        "shop@example.com": (True, []),
    }
    assert names(found[10]["forwards"], "address") == ["shop@example.com"]
    assert found[10]["forwards"][0]["purpose"] == "The old shop"
    over = found[11]
    assert over["forwards"] == [{"address": "fair@example.com", "state": "absent"}]
    assert names(over["invites"], "address") == ["old@example.com"] and not over["catch_alls"] + over["mailboxes"]
    account = found[12]
    assert account["provider"] == "trekmail" and account["account"]["usage"]["domains"] == 3
    assert "invite.create" in account["capabilities"] and "invite.cancel" not in account["capabilities"]
    assert "dashboard" in account["workarounds"]["invite.cancel"]

    dry = results(staffed.run(tasks, "--check"))
    assert [_told(one) for one in dry] == [_told(one) for one in found]
    requests = staffed.sandbox.ours("GET", "/writes")["requests"]
    assert requests and all(name.startswith("GET ") for name in requests), requests


def _told(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if not name.startswith("_ansible")}


def test_a_client_sees_its_own_and_a_bad_answer_is_told(staffed: Project) -> None:
    """R-VAL-02, design 4.8: without names, info is about the client's own domains; a wrong token, a wrong address and an
    unreachable provider each fail with one message, the next step, and no trace."""
    own = {"client": "acme", "client_domains": ["example.net"]}
    nowhere = {"api_url": "http://127.0.0.1:9/api/v1", "deadline": 1}
    broken: list[dict[str, Any]] = [
        {"api_token": "tm_live_wrong"},
        nowhere,
        {"api_url": "http://mail.example/api/v1"},
        {"provider": "postfixadmin"},
    ]
    run = staffed.run(
        plays(
            *((name, own) for name in INFO),
            *(("domain_info", options, {"ignore_errors": True}) for options in broken),
            ("mailbox_info", {"addresses": ["not an address"]}, {"ignore_errors": True}),
            ("domain_info", {"domains": ["https://example.com"]}, {"ignore_errors": True}),
        )
    )
    found = [row["result"] for row in run.tasks]
    assert names(found[0]["domains"]) == ["example.net"]
    assert names(found[1]["mailboxes"], "address") == ["elif@example.net"]
    assert not found[2]["invites"] and not found[3]["forwards"] and not found[5]["forwards"]
    codes = [one.get("failed_items", [{}])[0].get("code") for one in found[6:]]
    assert codes == ["unauthenticated", "unreachable", "api_url", None, "address_invalid", "hostname_invalid"]
    for result in found[6:]:
        assert "Traceback" not in result["msg"] and not result.get("changed")
        assert "tm_live" not in result["msg"]
    assert "MAILOPS_API_TOKEN" in found[6]["msg"] and "https://" in found[8]["msg"]
    assert "value of provider must be one of" in found[9]["msg"]


def test_a_request_is_read_checked_and_handed_on(project: Project) -> None:
    """R-CSV-03, R-VAL-01, R-VAL-10, R-INTAKE-01: the example's rows as the mailbox module takes them; with errors in
    it every finding is named at once and nothing behind the task runs."""
    good = str(ROOT / "requests" / "REQ-2026-001")
    folder = project.folder / "REQ-2026-009"
    shutil.copytree(good, folder)
    rows = (folder / "mailboxes.csv").read_text(encoding="utf-8").splitlines()
    rows[1] = rows[1].replace("Alex Rivera", "Admin")
    rows[2] = rows[2].replace("example.com,billing", "unknown.example,billing")
    (folder / "mailboxes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    acme = {"client": "acme", "client_domains": ["example.com", "example.net"]}
    snapshot = project.folder / "snapshots" / "listings.json"
    run = project.run(
        plays(
            ("request_info", {**acme, "path": good, "snapshot": str(snapshot)}),
            ("request_info", {**acme, "path": good, "offline": True, "api_url": "http://127.0.0.1:9/api/v1"}),
            ("request_info", {**acme, "path": str(folder)}, {"ignore_errors": True}),
            ("request_info", {**acme, "path": "/nonexistent"}, {"ignore_errors": True}),
            ("request_info", {**acme, "client": "globex", "path": good}, {"ignore_errors": True}),
        )
    )
    found = [row["result"] for row in run.tasks]
    assert [row["outcome"] for row in run.tasks] == ["ok", "ok", "failed", "failed", "failed"], run.output
    assert found[0]["request"]["request_id"] == "REQ-2026-001" and len(found[0]["mailboxes"]) == 12
    assert found[0]["mailboxes"] == found[1]["mailboxes"]
    assert snapshot.stat().st_mode & 0o777 == 0o600
    bad = [one["code"] for one in found[2]["findings"] if one["severity"] == "error"]
    assert "display_name_invalid" in bad and len(bad) >= 3 and not found[2]["mailboxes"]
    assert all("[%s]" % code in found[2]["msg"] for code in bad)
    assert all(one["next"] for one in found[2]["findings"])
    assert "/nonexistent" in found[3]["msg"] and "globex" in found[4]["msg"]
    # What was read is what may be made, and nothing was made by reading it.
    assert project.sandbox.writes() == 0
    assert project.run(play("mailbox", {"mailboxes": found[0]["mailboxes"]}), "--check").rc == 0


def test_mailboxes_are_handed_on_in_a_file(project: Project) -> None:
    """R-PIPE-01, R-SCOPE-06: the file stands for the list, once, and only as it was written; a request with a finding leaves
    none."""
    good = str(ROOT / "requests" / "REQ-2026-001")
    acme = {"client": "acme", "client_domains": ["example.com", "example.net"]}
    path = project.folder / "handed" / "mailboxes.json"
    read = {**acme, "path": good, "mailboxes_file": str(path)}
    seen = project.run(plays(("request_info", read), ("request_info", {**acme, "path": good})))
    told, listed = (row["result"] for row in seen.tasks)
    assert told["rows"] == listed["rows"] == 12 and "mailboxes" not in told and not listed["mailboxes_file"]
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    handed = {**acme, "mailboxes_file": str(path), "mailboxes_digest": told["mailboxes_digest"]}
    planned = project.run(plays(("mailbox", {**acme, "mailboxes": listed["mailboxes"]})), "--check")
    dry = project.run(play("mailbox", handed), "--check")
    assert dry.rc == 0 and [one[2:] for one in dry.plans] == [one[2:] for one in planned.plans], dry.output
    assert not path.exists(), "it holds personal data"

    refusals(project, ("mailbox", handed, "mailboxes_file_unreadable"))
    project.run(plays(("request_info", read)))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"@example.com", b"@example.net", 1))
    refusals(project, ("mailbox", handed, "mailboxes_file_changed"))
    path.write_bytes(whole)
    refused = {**handed, "client_domains": ["example.net"]}
    refused_and_kept = project.run(play("mailbox", refused))
    assert refused_and_kept.rc and path.exists()
    applied = project.run(play("mailbox", handed))
    assert applied.rc == 0 and len(last(applied)["applied"]) == 12 and not path.exists()
    project.run(plays(("request_info", {**read, "client": "globex"}, {"ignore_errors": True})))
    assert not path.exists()


def test_an_expired_temporary_password_is_found(project: Project) -> None:
    """R-PWD-03, R-CREATE-07: a mailbox whose temporary password is over is told until its owner has confirmed."""
    import pyrage

    key = str(pyrage.x25519.Identity.generate().to_public())
    exception = allowed(24, accept_unforced_rotation=True)
    zoe = {"address": "zoe@example.com", "credential": "generated_one_time", "seal_to": key, "exception": exception}
    made = project.run(plays(("mailbox", zoe), ("expiry_info", {})))
    assert made.rc == 0, made.output
    assert made.tasks[1]["result"]["mailboxes"] == []
    passed(project, exception["expires_at"])
    confirmed = {"address": "zoe@example.com", "owner_confirmed": True}
    after = project.run(plays(("expiry_info", {}), ("mailbox", confirmed), ("mailbox", confirmed), ("expiry_info", {})))
    assert after.rc == 0, after.output
    before, first, second, done = (row["result"] for row in after.tasks)
    assert [(one["address"], one["state"]) for one in before["mailboxes"]] == [("zoe@example.com", "suspended")]
    assert "REQ-2026-001" in before["mailboxes"][0]["reason"]
    assert first["changed"] and not second["changed"] and done["mailboxes"] == []
