# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module alias against a provider."""

from __future__ import annotations

from typing import Any

import pytest
from plays import actions, allowed, last, plays, refusals
from project import Project, play


@pytest.fixture
def staffed(project: Project) -> Project:
    """Example.com has the mailboxes anna and ben."""
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.com")
    for local in ("anna", "ben"):
        project.sandbox.mailbox(domain["id"], local)
    project.sandbox.ours("POST", "/writes:reset")
    return project


def aliases(project: Project) -> dict[str, tuple[bool, bool]]:
    rows = project.sandbox.ours("GET", "/state")["aliases"]
    return {row["email"]: (bool(row["can_receive"]), bool(row["can_send"])) for row in rows}


def test_an_alias_is_made_changed_and_removed(staffed: Project) -> None:
    """Design 4.1, R-LOG-08, R-VAL-05: aliases on any domain of the account, with what they may do; a high-risk name needs
    an exception; removing is by name, and only from the mailbox that is named."""
    wanted: dict[str, Any] = {
        "mailbox": "anna@example.com",
        "aliases": [
            {"address": "Anna.Berg@example.com"},
            {"address": "anna@example.net", "can_send": True},
            {"address": "marketing@example.net", "mailbox": "ben@example.com", "exception": allowed()},
        ],
    }
    applied = staffed.prove(play("alias", wanted))
    assert aliases(staffed) == {
        "anna.berg@example.com": (True, False),
        "anna@example.net": (True, True),
        "marketing@example.net": (True, False),
    }
    assert last(applied)["aliases"][0] == {
        "address": "anna.berg@example.com",
        "mailbox": "anna@example.com",
        "can_receive": True,
        "can_send": False,
        "state": "present",
    }

    changed = staffed.prove(
        plays(
            ("alias", {"address": "anna@example.net", "mailbox": "anna@example.com", "can_receive": False}),
            ("alias", {"address": "anna.berg@example.com", "mailbox": "anna@example.com", "state": "absent"}),
            # It belongs to another mailbox, so it stays.
            (
                "alias",
                {
                    "state": "absent",
                    "aliases": [
                        {"address": "marketing@example.net", "mailbox": "anna@example.com"},
                        {"address": "gone@example.net", "mailbox": "ben@example.com"},
                    ],
                },
            ),
        )
    )
    assert changed.tasks[0]["result"]["diff"]["before"] == (
        'alias anna@example.net: {"can_receive":true,"can_send":true,"mailbox":"anna@example.com"}\n'
    )
    assert aliases(staffed) == {"anna@example.net": (False, False), "marketing@example.net": (True, False)}
    assert actions(staffed) == ["alias.created"] * 3 + ["alias.updated", "alias.deleted"]


def test_an_alias_that_cannot_be(staffed: Project) -> None:
    """R-VAL-05, R-VAL-08, R-VAL-03: a mailbox that exists, an address that is free, a domain that is verified."""
    staffed.sandbox.domain("waiting.example", active=False)
    box = staffed.sandbox.get("/mailboxes").json()["data"][0]
    domain = staffed.sandbox.get("/domains").json()["data"][0]
    staffed.sandbox.call("POST", f"/mailboxes/{box['id']}/aliases", {"domain_id": domain["id"], "local_part": "taken"})
    staffed.sandbox.invite(domain["id"], "cleo")
    staffed.sandbox.set(pending_invites_in_mailbox_list=True)
    staffed.sandbox.ours("POST", "/writes:reset")
    anna = {"address": "extra@example.com", "mailbox": "anna@example.com"}
    results = refusals(
        staffed,
        ("alias", {**anna, "mailbox": None}, "address"),
        ("alias", {**anna, "mailbox": "nobody@example.com"}, "mailbox_missing"),
        ("alias", {**anna, "mailbox": "cleo@example.com"}, "mailbox_missing"),
        ("alias", {**anna, "address": "anna@example.com"}, "alias_collision"),
        ("alias", {**anna, "address": "ben@example.com"}, "alias_collision"),
        ("alias", {**anna, "address": "abuse@example.com"}, "exception_needed"),
        ("alias", {**anna, "address": "extra@unknown.example"}, "domain_missing"),
        ("alias", {**anna, "address": "extra@waiting.example"}, "domain_not_verified"),
        ("alias", {**anna, "address": "two words@example.com"}, "local_part_invalid"),
    )
    assert "invite that is still pending" in results[2]["msg"]
    # Aliases are listed by mailbox only: whose it is is known for the mailboxes of a task, else the provider says no.
    taken = {"address": "taken@example.com", "mailbox": "ben@example.com"}
    run = staffed.run(
        plays(
            ("alias", {"aliases": [taken, {**anna, "address": "free@example.com"}]}, {"ignore_errors": True}),
            ("alias", taken, {"ignore_errors": True}),
        )
    )
    known, told = (row["result"] for row in run.tasks)
    assert [one["code"] for one in known["failed_items"]] == ["alias_collision"]
    assert "already an alias of anna@example.com" in known["msg"] and not known["applied"]
    assert [one["code"] for one in told["failed_items"]] == ["already_exists"]
    assert told["failed_items"][0]["hint"] in told["msg"] and not told["applied"]
    assert staffed.sandbox.writes() == 0
