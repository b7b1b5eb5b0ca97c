# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module forward against a provider: of a mailbox, and of an address without one."""

from __future__ import annotations

from typing import Any

import pytest
from plays import actions, allowed, last, plays, refusals, soon
from project import Project, play

GOVERNED = {"owner": "Anna@home.example", "purpose": "Cover during leave", "expires_at": soon(24 * 30)}
INSIDE: dict[str, Any] = {**GOVERNED, "targets": ["ben@example.com"]}


@pytest.fixture
def staffed(project: Project) -> Project:
    """Example.com has the mailboxes anna and ben."""
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.com")
    for local in ("anna", "ben"):
        project.sandbox.mailbox(domain["id"], local)
    project.sandbox.ours("POST", "/writes:reset")
    return project


def forwards(project: Project) -> dict[str, list[str]]:
    return {one["address"]: one["targets"] for one in project.sandbox.ours("GET", "/state")["forwards"]}


def test_a_forward_is_made_changed_and_ended(staffed: Project) -> None:
    """R-RULE-05, R-CTRL-05, R-STD-03, R-LOG-08: both ways of forwarding in one task, with owner, purpose and end in plan
    and journal; mail leaves the account only with an exception."""
    wanted = {
        **GOVERNED,
        "forwards": [
            {"address": "Anna@example.com", "targets": ["Ben@example.com"]},
            {"address": "old-shop@example.net", "targets": ["ben@example.com", "anna@example.com"]},
            {"address": "ben@example.com", "targets": ["desk@example.net"], "keep_copy": False},
            {"address": "fair@example.net", "targets": ["ben@example.com"]},
        ],
    }
    applied = staffed.prove(play("forward", wanted))
    assert forwards(staffed) == {
        "anna@example.com": ["ben@example.com"],
        "ben@example.com": ["desk@example.net"],
        "fair@example.net": ["ben@example.com"],
        "old-shop@example.net": ["anna@example.com", "ben@example.com"],
    }
    assert last(applied)["forwards"][0] == {
        "address": "anna@example.com",
        "state": "present",
        "via": "mailbox",
        "keep_copy": True,
        "targets": ["ben@example.com"],
        "owner": "anna@home.example",
        "purpose": "Cover during leave",
        "expires_at": GOVERNED["expires_at"],
    }
    events = [event for event in staffed.events() if event["phase"] == "outcome"]
    assert {event["after"]["owner"] for event in events} == {"anna@home.example"}
    assert staffed.sandbox.ours("GET", "/writes")["by_route"] == {
        "POST /domains/{id}/forwarding-addresses": 2,
        "PUT /mailboxes/{id}/forwarding": 2,
    }

    away = {**GOVERNED, "targets": ["shop@elsewhere.example"], "exception": allowed()}
    changed = staffed.prove(
        plays(
            ("forward", {**INSIDE, "address": "anna@example.com", "keep_copy": False}),
            ("forward", {**away, "address": "old-shop@example.net"}),
            ("forward", {"forwards": [{"address": "ben@example.com", "state": "absent"}]}),
            # Its time is over: what the list still asks for is ended, and said.
            ("forward", {**INSIDE, "address": "fair@example.net", "expires_at": "2026-01-31"}),
        )
    )
    first, second, third, fourth = (row["result"] for row in changed.tasks)
    assert '"keep_copy":true' in first["diff"]["before"] and '"keep_copy":false' in first["diff"]["after"]
    assert second["plan"][0]["exception"]["reason"] and third["diff"]["after"] == ""
    assert "time is over" in fourth["warnings"][0]
    assert forwards(staffed) == {
        "anna@example.com": ["ben@example.com"],
        "old-shop@example.net": ["shop@elsewhere.example"],
    }
    assert actions(staffed) == ["forward.created"] * 4 + ["forward.updated"] * 2 + ["forward.deleted"] * 2


def test_what_only_the_journal_knows_is_kept_there(staffed: Project) -> None:
    """R-RULE-05, R-OWN-12, R-PAT-10: the provider has no field for owner, purpose and end. Who takes over is a change of
    its own, in dry run and apply, and needs no write at the provider."""
    # Somebody made this one by hand: the first run writes down who answers for it.
    anna = staffed.sandbox.get("/mailboxes").json()["data"][0]
    staffed.sandbox.call(
        "PUT", f"/mailboxes/{anna['id']}/forwarding", {"enabled": True, "targets": ["ben@example.com"]}
    )
    staffed.sandbox.ours("POST", "/writes:reset")
    task = plays(("forward", {**INSIDE, "address": "anna@example.com"}))
    predicted, applied, again = staffed.run(task, "--check"), staffed.run(task), staffed.run(task)
    assert (predicted.rc, applied.rc, again.rc) == (0, 0, 0)
    assert predicted.plans == applied.plans and last(applied)["changed"] and not again.changed
    assert last(applied)["plan"][0]["verb"] == "record"
    assert last(applied)["plan"][0]["before"]["owner"] is None
    handed = staffed.run(plays(("forward", {**INSIDE, "address": "anna@example.com", "owner": "ben@home.example"})))
    assert last(handed)["forwards"][0]["owner"] == "ben@home.example"
    assert last(handed)["plan"][0]["before"]["owner"] == "anna@home.example"
    assert staffed.sandbox.writes() == 0
    assert actions(staffed) == ["forward.updated", "forward.updated"]


def test_a_paused_address_is_made_to_work_again(staffed: Project) -> None:
    """Design 4.4: an address that bounces holds its name and targets, but does not do what is wanted."""
    shop = {**INSIDE, "address": "shop@example.net"}
    assert staffed.task("forward", shop).rc == 0
    domain = next(one for one in staffed.sandbox.get("/domains").json()["data"] if one["name"] == "example.net")
    staffed.sandbox.call("PATCH", f"/domains/{domain['id']}/forwarding-addresses/1", {"is_active": False})
    applied = staffed.prove(play("forward", shop))
    assert '"state":"paused"' in last(applied)["diff"]["before"]
    assert staffed.sandbox.ours("GET", "/state")["forwards"][0]["is_active"] is True


def test_a_forward_without_owner_purpose_and_end_is_refused(staffed: Project) -> None:
    """R-RULE-05, R-STD-03, R-CTRL-05: off by default, time-bounded, documented; nothing leaves without a record."""
    anna = {**INSIDE, "address": "anna@example.com"}
    results = refusals(
        staffed,
        ("forward", {**anna, "owner": None}, "owner_missing"),
        ("forward", {**anna, "purpose": " "}, "purpose_missing"),
        ("forward", {**anna, "expires_at": None}, "expiry_missing"),
        ("forward", {**anna, "expires_at": "next month"}, "expires_at"),
        ("forward", {**anna, "expires_at": "2027-01-31T12:00:00"}, "expires_at"),
        ("forward", {**anna, "expires_at": soon(24 * 500)}, "expires_at"),
        ("forward", {**anna, "targets": []}, "targets"),
        ("forward", {**anna, "targets": ["anna@example.com"]}, "forward_loop"),
        ("forward", {**anna, "targets": ["not an address"]}, "address_invalid"),
        ("forward", {**anna, "targets": ["anna@freemail.example"]}, "exception_needed"),
        ("forward", {**anna, "address": "anna@unknown.example"}, "domain_missing"),
        ("forward", {**anna, "address": ""}, "address"),
    )
    assert "anna@freemail.example" in results[9]["msg"]
    assert all("anna@example.com" in result["msg"] for result in results[:6])
