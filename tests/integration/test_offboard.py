# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook offboard over the sandbox: by person, list, request, domain and client, in one order, until nothing is open."""

from __future__ import annotations

import json
from typing import Any

import pyrage
import pytest
from plays import actions, allowed, plays, soon
from project import ROOT, Project, Run
from sandboxlib import PASSWORD

from ansible_collections.mailops.email.plugins.module_utils.journal import evidence
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore

PERSON = "ann@private.example"
ANN, BEN, SALES, BILLING = "ann@example.com", "ben@example.com", "offers@example.com", "billing@example.com"
FAR = "ann@globex.example"
KEY = pyrage.x25519.Identity.generate()
# TrekMail shows tokens of the account and scripts to nobody who asks by API.
BY_HAND = ["token", "rule"]


@pytest.fixture
def staffed(project: Project) -> Project:
    """Two clients. Ann owns a mailbox at each, with everything around it, a forward, and the role account billing with Ben."""
    sandbox = project.sandbox
    sandbox.domain("globex.example")
    # Members of role accounts are told by the inventory.
    project.inventory(
        {
            "acme": {
                "mailops_domains": [{"name": "example.com"}, {"name": "example.net"}],
                "mailops_role_accounts": [
                    {"address": BILLING, "members": [PERSON, "ben@home.example"], "shared": True}
                ],
            },
            "globex": {"mailops_domains": [{"name": "globex.example"}]},
        }
    )
    owned = [(ANN, PERSON), (FAR, PERSON), (BEN, "ben@home.example"), (BILLING, "ben@home.example")]
    invites = [{"address": one, "owner_email": owner, "role_account": one == BILLING} for one, owner in owned]
    high = {"exception": allowed()}
    invites = [dict(one, **high) if one["address"] == BILLING else one for one in invites]
    assert project.task("invite", {"invites": invites, "request_id": "REQ-OLD"}).rc == 0
    for invite in sandbox.ours("GET", "/invites")["data"]:
        sandbox.ours("POST", f"/invites/{invite['id']}:redeem", {"password": PASSWORD})
    governed = {"owner": PERSON, "purpose": "Fair", "expires_at": soon(24 * 30)}
    made = project.run(
        plays(
            ("alias", {"address": SALES, "mailbox": ANN, "request_id": "REQ-OLD"}),
            ("forward", {"address": "fair@example.net", "targets": [BEN], **governed, "request_id": "REQ-OLD"}),
            (
                "forward",
                {"address": ANN, "targets": [BEN], **governed, "owner": "ben@home.example", "request_id": "REQ-OLD"},
            ),
            (
                "catch_all",
                {"domain": "example.net", "state": "present", "destination": ANN, **governed, "request_id": "REQ-OLD"},
            ),
        )
    )
    assert made.rc == 0, made.output
    sandbox.call("POST", "/mailboxes/%d/app-passwords" % _id(project, ANN), {"name": "phone"})
    sandbox.ours("POST", "/writes:reset")
    return project


def _id(project: Project, address: str) -> int:
    rows = project.sandbox.get("/mailboxes?per_page=100").json()["data"]
    return next(one["id"] for one in rows if one["email"] == address)


def offboard(project: Project, *arguments: str, **extra: Any) -> Run:
    return project.run(
        "mailops.email.offboard", "-e", json.dumps({"request_id": "OFF-1", **extra}), *arguments, timeout=240
    )


DECIDED: dict[str, Any] = {
    "aliases": [{"address": SALES, "action": "move", "mailbox": BEN}],
    "role_accounts": [
        {
            "address": BILLING,
            "action": "rotate",
            "seal_to": str(KEY.to_public()),
            "exception": allowed(24, accept_unforced_rotation=True),
        }
    ],
    "done_by_hand": BY_HAND,
}


def test_a_person_is_found_and_closed_everywhere(staffed: Project) -> None:
    """R-OFF-01 to R-OFF-11, R-ROLE-01: no list is needed; evidence first, then closed, then everything round it; undecided stays
    open and fails; the same command with the decisions finishes, and a third time changes nothing."""
    dry = offboard(staffed, "--check", "--diff", person=PERSON)
    assert dry.rc == 0, dry.output
    assert staffed.sandbox.writes() == 0 and not (staffed.journal / "evidence").exists()
    for word in (ANN, FAR, SALES, BILLING, "fair@example.net", "catch-all"):
        assert word in dry.output, word
    first = offboard(staffed, person=[PERSON])
    assert first.rc and "[offboard_incomplete]" in first.output, first.output
    opened = {
        row["item"] for host in ("acme", "globex") for row in first.result("Read back how it stands", host)["open"]
    }
    assert opened >= {"alias " + SALES, "role_account " + BILLING}
    for address in (ANN, FAR):
        assert staffed.sandbox.login(address, PASSWORD) == 401
    assert staffed.sandbox.login(BEN, PASSWORD) == 200
    told = [one["action"] for one in staffed.events() if one["phase"] == "outcome" and one["request_id"] == "OFF-1"]
    assert told[0] == "offboarding.started" and "offboarding.closed" not in told
    assert told.index("evidence.captured") < told.index("mailbox.suspended") < told.index("forward.deleted")
    state = staffed.sandbox.ours("GET", "/state")
    assert state["forwards"] == []

    second = offboard(staffed, person=[PERSON], **DECIDED)
    assert second.rc == 0, second.output
    assert "role_account.rotated" in actions(staffed)
    assert staffed.sandbox.login(BILLING, PASSWORD) == 401
    (sealed,) = (staffed.sealed / "OFF-1").glob("billing*")
    secret = json.loads(pyrage.decrypt(sealed.read_bytes(), [KEY]))["secret"]
    assert staffed.sandbox.login(BILLING, secret) == 200
    closed = [one for one in staffed.events() if one["action"] == "offboarding.closed" and one["phase"] == "outcome"]
    assert sorted(one["object"]["client"] for one in closed) == ["acme", "globex"]
    store = FileStore(str(staffed.journal))
    report = evidence.read(store, next(one["after"] for one in closed if one["object"]["client"] == "acme"))
    assert {row["state"] for row in report["items"]} == {"done", "confirmed"}
    assert {"mailbox " + ANN, "role_account " + BILLING} <= {row["item"] for row in report["items"]}
    done = staffed.sandbox.writes()
    third = offboard(staffed, person=[PERSON], **DECIDED)
    assert third.rc == 0 and not third.changed, third.output
    assert staffed.sandbox.writes() == done
    after = offboard(staffed, "--check", person=[PERSON], **DECIDED)
    assert after.rc == 0 and not after.changed


def test_a_list_closes_what_is_named_and_nothing_else(staffed: Project) -> None:
    """R-OFF-01, R-OFF-11, R-OFF-14: of several clients at once; what is kept has a new owner and an end; the order is that of
    the other selections."""
    kept = {
        "address": ANN,
        "new_owner": "ben@home.example",
        "until": soon(24 * 60),
        "seal_to": str(KEY.to_public()),
        "exception": allowed(24, accept_unforced_rotation=True),
    }
    decided = {
        "aliases": [{"address": "*", "action": "delete"}],
        "forwards": [{"address": ANN, "action": "reown", "new_owner": "ben@home.example", "until": soon(24 * 20)}],
        "role_accounts": [{"address": "*", "action": "suspend"}],
        "keep": [kept],
        "done_by_hand": BY_HAND,
    }
    done = offboard(staffed, addresses=[ANN, FAR], **decided)
    assert done.rc == 0, done.output
    assert staffed.sandbox.login(ANN, PASSWORD) == 401 and staffed.sandbox.login(FAR, PASSWORD) == 401
    (sealed,) = (staffed.sealed / "OFF-1").glob("ann@example.com*")
    secret = json.loads(pyrage.decrypt(sealed.read_bytes(), [KEY]))["secret"]
    assert staffed.sandbox.login(ANN, secret) == 200
    assert staffed.sandbox.login(BEN, PASSWORD) == 200 and staffed.sandbox.login(BILLING, PASSWORD) == 401
    owned = staffed.run(plays(("owner_info", {"addresses": [ANN]}))).tasks[0]["result"]["mailboxes"]
    assert [(one["owner"], one["until"], one["state"]) for one in owned] == [
        ("ben@home.example", kept["until"], "present")
    ]
    changed = [
        event for event in staffed.events() if event["action"] == "owner.changed" and event["phase"] == "outcome"
    ]
    assert [(event["before"]["owner"], event["after"]["reason"]) for event in changed] == [(PERSON, "offboarding")]
    state = staffed.sandbox.ours("GET", "/state")
    # An alias of a mailbox that goes on stays, and so does a forward that somebody has taken over.
    assert [one["email"] for one in state["aliases"]] == [SALES]
    assert {one["address"] for one in state["forwards"]} == {ANN, "fair@example.net"}
    writes = staffed.sandbox.writes()
    again = offboard(staffed, addresses=[ANN, FAR], **decided)
    assert again.rc == 0 and not again.changed and staffed.sandbox.writes() == writes, again.output


def test_a_domain_is_closed_with_one_request(staffed: Project) -> None:
    """R-OFF-12: all mailboxes, role accounts too, the catch-all and its forwards; another domain of the client is left alone."""
    for local in ("one", "two", "three"):
        staffed.sandbox.mailbox(2, local)
    staffed.sandbox.ours("POST", "/writes:reset")
    done = offboard(staffed, domains=["example.net"], done_by_hand=BY_HAND)
    assert done.rc == 0, done.output
    routes = staffed.sandbox.ours("GET", "/writes")["by_route"]
    assert routes.pop("POST /mailboxes:login-access") == 1, routes
    assert all(route.startswith(("DELETE", "PUT", "PATCH", "POST /domains/{id}")) for route in routes), routes
    assert {staffed.sandbox.login("%s@example.net" % local, PASSWORD) for local in ("one", "two", "three")} == {401}
    assert staffed.sandbox.login(ANN, PASSWORD) == 200
    told = [
        event["action"] for event in staffed.events() if event["request_id"] == "OFF-1" and event["phase"] == "outcome"
    ]
    assert told.count("mailbox.suspended") == 3 and told.count("catch_all.disabled") == 1
    assert not offboard(staffed, domains=["example.net"], done_by_hand=BY_HAND).changed


def test_a_whole_client_is_closed_and_named_by_limit(staffed: Project) -> None:
    """R-OFF-12: one client, all its domains, and nobody else's; never everybody by mistake."""
    everybody = offboard(staffed, whole_client=True)
    assert everybody.rc and "An empty selection offboards nobody" in everybody.output
    assert staffed.sandbox.writes() == 0
    done = offboard(staffed, "--limit", "globex", whole_client=True, done_by_hand=BY_HAND)
    assert done.rc == 0, done.output
    assert staffed.sandbox.login(FAR, PASSWORD) == 401 and staffed.sandbox.login(ANN, PASSWORD) == 200


def test_the_rows_of_a_request_are_closed(project: Project) -> None:
    """R-OFF-01: the folder that onboarded them offboards them; an invite that nobody answered is work for people here."""
    request = str(ROOT / "requests" / "REQ-2026-001")
    assert project.run("mailops.email.onboard", "-e", "request=" + request).rc == 0
    invites = project.sandbox.ours("GET", "/invites")["data"]
    for invite in invites[1:]:
        project.sandbox.ours("POST", f"/invites/{invite['id']}:redeem", {"password": PASSWORD})
    first = offboard(project, request=request, done_by_hand=BY_HAND)
    assert first.rc and "[offboard_incomplete]" in first.output
    assert "invite " + invites[0]["email"] in first.output, first.output
    assert {project.sandbox.login(one["email"], PASSWORD) for one in invites[1:]} == {401}
    second = offboard(project, request=request, done_by_hand=[*BY_HAND, "invite"])
    assert second.rc == 0, second.output
    assert not offboard(project, request=request, done_by_hand=[*BY_HAND, "invite"]).changed


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({}, "exactly one way"),
        ({"person": [], "addresses": []}, "An empty selection offboards nobody"),
        ({"person": [PERSON], "domains": ["example.com"]}, "exactly one way"),
        ({"person": ["nobody@private.example"]}, "knows nothing that nobody@private.example owns"),
        ({"addresses": [ANN, "ann@other.example"]}, "No client of this run has ann@other.example"),
        ({"addresses": [ANN], "keep": [{"address": ANN, "new_owner": "ben@home.example"}]}, "decision_incomplete"),
        ({"addresses": [ANN], "aliases": [{"address": "*", "action": "keep"}]}, "decision_incomplete"),
        ({"addresses": [ANN], "request_id": ""}, "Name the request"),
    ],
)
def test_what_is_not_said_clearly_closes_nothing(staffed: Project, extra: dict[str, Any], told: str) -> None:
    """R-OFF-14, design 4.11: nobody is offboarded by a list that is empty, or by a word too many."""
    run = offboard(staffed, **extra)
    assert run.rc and told in run.output, run.output
    assert staffed.sandbox.writes() == 0 and not (staffed.journal / "evidence").exists()


def test_a_role_account_that_is_shared_cannot_be_kept(staffed: Project) -> None:
    """R-ROLE-01: skipping is impossible."""
    decided = {"aliases": [{"address": "*", "action": "delete"}], "done_by_hand": BY_HAND}
    keep = [{"address": BILLING, "action": "keep", "reason": "Ben knows it too"}]
    run = offboard(staffed, person=[PERSON], role_accounts=keep, **decided)
    assert (
        run.rc and "[offboard_incomplete]" in run.output and "rotate it to somebody else, or suspend it" in run.output
    )


def test_an_offboarding_is_taken_back(staffed: Project) -> None:
    """R-OFF-12, R-RBK-03: the wrong person: mailboxes open again with their own secrets, alias, forwards and catch-all as they were."""
    before = staffed.sandbox.ours("GET", "/state")
    decided = {"aliases": [{"address": SALES, "action": "move", "mailbox": BEN}], "done_by_hand": BY_HAND}
    assert (
        offboard(
            staffed, addresses=[ANN, FAR], **{**decided, "role_accounts": [{"address": "*", "action": "suspend"}]}
        ).rc
        == 0
    )
    back = staffed.run(
        "mailops.email.rollback",
        "-e",
        json.dumps({"request_id": "OFF-1", "unverified_because": "no mail servers here"}),
        timeout=240,
    )
    assert back.rc == 0, back.output
    for address in (ANN, FAR, BILLING):
        assert staffed.sandbox.login(address, PASSWORD) == 200, address
    after = staffed.sandbox.ours("GET", "/state")
    assert [(one["email"], one["mailbox_id"]) for one in after["aliases"]] == [
        (one["email"], one["mailbox_id"]) for one in before["aliases"]
    ]
    assert {one["address"]: one["targets"] for one in after["forwards"]} == {
        one["address"]: one["targets"] for one in before["forwards"]
    }
