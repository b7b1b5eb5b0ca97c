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
from project import Project, Run
from sandboxlib import PASSWORD

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
    told = actions(staffed)[
        len([one for one in staffed.events() if one["phase"] == "outcome" and one["request_id"] == "REQ-OLD"]) :
    ]
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
    done = staffed.sandbox.writes()
    third = offboard(staffed, person=[PERSON], **DECIDED)
    assert third.rc == 0 and not third.changed, third.output
    assert staffed.sandbox.writes() == done
    after = offboard(staffed, "--check", person=[PERSON], **DECIDED)
    assert after.rc == 0 and not after.changed
