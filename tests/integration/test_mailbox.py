# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module mailbox against a provider: invited, used, suspended, resumed and retired."""

from __future__ import annotations

from typing import Any

from plays import actions, allowed, last, plays, refusals
from project import Project, play

ANNA = {
    "address": "anna@example.com",
    "display_name": "Anna Berg",
    "note": "Since May",
    "owner_email": "anna@home.example",
}
NAMED = {name: ANNA[name] for name in ("address", "display_name", "note")}


def boxes(project: Project) -> dict[str, dict[str, Any]]:
    return {box["email"]: box for box in project.sandbox.ours("GET", "/state")["mailboxes"]}


def made(project: Project, *locals_: str) -> None:
    """Mailboxes of example.com that their owners use."""
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.com")
    for local in locals_:
        project.sandbox.mailbox(domain["id"], local)
    project.sandbox.ours("POST", "/writes:reset")


def test_an_owner_is_invited_and_named_once_they_have_come(project: Project) -> None:
    """R-CREATE-01, R-INV-01, R-FORM-10, R-FORM-11, R-FORM-12, R-FORM-15, R-FORM-19: one mailbox, named whole or in
    parts; case makes no other mailbox; name and note follow when the owner has accepted."""
    applied = project.prove(
        plays(
            ("mailbox", {**ANNA, "address": "Anna@Example.COM", "quota_mb": 500, "department": "Sales"}),
            ("mailbox", {"local_part": "JOHN", "domain": "example.com", "owner_email": "john@home.example"}),
            ("mailbox", {"address": "john@example.com", "owner_email": "john@home.example"}),
        )
    )
    first = applied.tasks[0]["result"]
    assert first["mailboxes"][0]["state"] == "pending" and first["mailboxes"][0]["invite"]["recipient"] == (
        "anna@home.example"
    )
    assert first["diff"]["before"] == "" and first["diff"]["after"].startswith("invite anna@example.com: {")
    assert '"quota_mb":500' in first["diff"]["after"] and '"department":"Sales"' in first["diff"]["after"]
    assert [task["result"]["changed"] for task in applied.tasks] == [True, True, False]
    state = project.sandbox.ours("GET", "/state")
    assert not state["mailboxes"]
    assert [(one["email"], one["recipient_email"], one["allocation_mb"]) for one in state["invites"]] == [
        ("anna@example.com", "anna@home.example", 500),
        ("john@example.com", "john@home.example", None),
    ]

    project.sandbox.ours("POST", f"/invites/{state['invites'][0]['id']}:redeem", {"password": "Owner-Chose-This-1"})
    named = project.prove(play("mailbox", NAMED))
    assert last(named)["diff"]["before"] == 'mailbox anna@example.com: {"display_name":null,"note":null}\n'
    assert last(named)["mailboxes"][0]["display_name"] == "Anna Berg"
    assert boxes(project)["anna@example.com"]["note"] == "Since May"
    # Nobody's secret was touched on the way.
    assert project.sandbox.login("anna@example.com", "Owner-Chose-This-1") == 200
    assert actions(project) == ["invite.sent", "invite.sent", "mailbox.updated", "mailbox.updated"]


def test_a_mailbox_is_suspended_resumed_and_only_then_deleted(project: Project) -> None:
    """R-RBK-04, R-OFF-02, R-OFF-04, design 4.11: disable first; a mailbox that is closed further stays so; only what is
    suspended goes to the recycle bin, with an exception."""
    made(project, "anna", "ben", "cleo")
    closed = project.prove(
        plays(
            ("mailbox", {"address": "anna@example.com", "state": "suspended", "reason": "Left the firm"}),
            ("mailbox", {"address": "ben@example.com", "state": "suspended", "suspend": "all"}),
            # A paused mailbox must not be opened half by a later, milder task.
            ("mailbox", {"address": "ben@example.com", "state": "suspended", "suspend": "login"}),
        )
    )
    assert closed.tasks[0]["result"]["mailboxes"][0]["suspended"] == "login"
    assert closed.tasks[2]["result"]["mailboxes"][0]["suspended"] == "all"
    assert boxes(project)["anna@example.com"]["suspend_reason"] == "Left the firm"
    assert boxes(project)["ben@example.com"]["status"] == "paused"
    assert project.sandbox.login("anna@example.com", "Correct-Horse-42") == 401

    moved = project.prove(
        plays(
            ("mailbox", {"address": "anna@example.com", "display_name": "Anna Berg"}),
            ("mailbox", {"mailboxes": [{"address": "ben@example.com", "exception": allowed()}], "state": "absent"}),
        )
    )
    assert [step["verb"] for step in moved.tasks[0]["result"]["plan"]] == ["resume", "update"]
    assert project.sandbox.login("anna@example.com", "Correct-Horse-42") == 200
    assert boxes(project)["ben@example.com"]["status"] == "trashed"
    assert last(moved)["diff"]["after"] == "" and '"suspended":"all"' in last(moved)["diff"]["before"]
    assert actions(project) == [
        "mailbox.suspended",
        "mailbox.suspended",
        "mailbox.resumed",
        "mailbox.updated",
        "mailbox.deleted",
    ]

    results = refusals(
        project,
        ("mailbox", {"address": "anna@example.com", "state": "absent", "exception": allowed()}, "disable_first"),
        ("mailbox", {"address": "nobody@example.com", "state": "suspended"}, "mailbox_missing"),
    )
    assert "Suspend it" in results[0]["msg"]


def test_a_mailbox_comes_back_from_the_recycle_bin(project: Project) -> None:
    """R-OFF-04, R-RBK-04, design 4.9: retiring can be taken back. What is in the bin holds its address, is seen, and
    comes back in use, with its owner's password, only when that is asked for; nothing else is done with it."""
    made(project, "anna")
    box = boxes(project)["anna@example.com"]
    project.sandbox.call("POST", f"/mailboxes/{box['id']}:suspend-login")
    retired = {"address": "anna@example.com", "state": "absent", "exception": allowed()}
    assert project.task("mailbox", retired).rc == 0
    found = project.run(
        plays(
            ("mailbox_info", {"domains": ["example.com"], "state": "trashed"}),
            ("mailbox", retired),
            ("forward_info", {"domains": ["example.com"]}),
            ("invite", {"address": "anna@example.com", "owner_email": "anna@home.example"}, {"ignore_errors": True}),
            ("mailbox", {"address": "anna@example.com", "owner_email": "anna@home.example"}, {"ignore_errors": True}),
            (
                "domain",
                {"name": "example.com", "state": "absent", "exception": allowed()},
                {"ignore_errors": True},
            ),
        )
    )
    assert found.rc == 0 and not found.changed, found.output
    assert [one["address"] for one in found.tasks[0]["result"]["mailboxes"]] == ["anna@example.com"]
    assert [row["result"]["failed_items"][0]["code"] for row in found.tasks[3:]] == [
        "mailbox_in_recycle_bin",
        "mailbox_in_recycle_bin",
        "domain_not_empty",
    ]
    assert "1 of them in the recycle bin" in last(found)["msg"]

    back = project.prove(play("mailbox", {"address": "anna@example.com", "restore": True, "display_name": "Anna Berg"}))
    assert [step["verb"] for step in last(back)["plan"]] == ["restore", "resume", "update"]
    assert '"state":"trashed"' in last(back)["diff"]["before"] and '"state":"present"' in last(back)["diff"]["after"]
    assert last(back)["mailboxes"][0]["state"] == "present"
    assert actions(project)[-3:] == ["mailbox.restored", "mailbox.resumed", "mailbox.updated"]
    assert project.sandbox.login("anna@example.com", "Correct-Horse-42") == 200
    assert not project.sandbox.ours("GET", "/state")["invites"]


def test_what_a_mailbox_may_not_be_is_refused(project: Project) -> None:
    """R-VAL-01, R-VAL-03, R-VAL-05, R-VAL-06, R-FORM-11, R-FORM-14, R-OWN-06, R-CSV-09, R-BULK-08, R-CREATE-06,
    R-PWD-03, R-DELIV-04: one message with the item, the rule and the next step; nothing is changed."""
    made(project, "anna")
    project.sandbox.domain("waiting.example", active=False)
    project.sandbox.ours("POST", "/writes:reset")
    new: dict[str, Any] = {"address": "new@example.com", "owner_email": "new@home.example"}
    key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    own = {**new, "credential": "generated_one_time", "seal_to": key}
    accepted = {"accept_unforced_rotation": True}
    results = refusals(
        project,
        ("mailbox", {**new, "address": "new@unknown.example"}, "domain_missing"),
        ("mailbox", {**new, "address": "new@waiting.example"}, "domain_not_verified"),
        ("mailbox", {**new, "address": "security@example.com"}, "exception_needed"),
        ("mailbox", {**new, "address": "adm1n@example.com"}, "exception_needed"),
        ("mailbox", {**new, "address": "a..b@example.com"}, "local_part_invalid"),
        ("mailbox", {**new, "address": "new+tag@example.com"}, "local_part_invalid"),
        ("mailbox", {"local_part": "a@b", "domain": "example.com", "owner_email": "a@b.example"}, "local_part"),
        ("mailbox", {**new, "display_name": "Admin"}, "display_name_invalid"),
        ("mailbox", {**new, "display_name": "Billing", "role_account": True}, "display_name_invalid"),
        ("mailbox", {"address": "new@example.com"}, "owner_missing"),
        ("mailbox", {**new, "owner_email": "New@Example.com"}, "owner_unreachable"),
        ("mailbox", {**new, "owner_email": "New Person <new@home.example>"}, "address_invalid"),
        ("mailbox", {**new, "manager_email": "boss"}, "address_invalid"),
        ("mailbox", {**new, "expires_in_hours": 0}, "expires_in_hours"),
        ("mailbox", {**new, "expires_in_hours": 721}, "expires_in_hours"),
        ("mailbox", {**new, "quota_mb": -1}, "quota_mb"),
        ("mailbox", {**new, "delivery": "sealed", "exception": allowed()}, "seal_to_missing"),
        ("mailbox", {**new, "delivery": "sealed", "seal_to": "AGE-SECRET-KEY-1"}, "seal_to"),
        ("mailbox", {**new, "delivery": "sealed", "seal_to": key}, "exception_needed"),
        ("mailbox", own, "exception_needed"),
        ("mailbox", {**own, "seal_to": None, "exception": allowed(**accepted)}, "seal_to_missing"),
        ("mailbox", {**own, "exception": allowed()}, "rotation_not_guaranteed"),
        ("mailbox", {**own, "exception": allowed(100, **accepted)}, "exception_too_long"),
        # TrekMail cannot change an allocation by API: said with the numbers and what to do instead (design 4.9).
        ("mailbox", {"address": "anna@example.com", "quota_mb": 100}, "capability_missing"),
        ("mailbox", {**new, "request_id": " "}, "request_id"),
        ("mailbox", {**new, "actor": "root"}, "actor_unknown"),
    )
    assert all("new@" in result["msg"] for result in results[:2] + results[9:10])
    assert "domain_info" in results[1]["msg"]
    assert "Its storage is pooled now, wanted are 100 MB." in results[23]["msg"] and "dashboard" in results[23]["msg"]
    assert "MAILOPS_ACTOR" in results[25]["msg"]
    assert not actions(project, "intent")


def test_options_that_exclude_each_other(project: Project) -> None:
    """R-FORM-13: what can be told without a provider is told by Ansible's own checks."""
    cases: list[dict[str, Any]] = [
        {},
        {"local_part": "anna"},
        {"address": "anna@example.com", "mailboxes": [{"address": "anna@example.com"}]},
        {"address": "anna@example.com", "state": "deleted"},
        {"address": "anna@example.com", "password": "never-an-option"},
        {"address": "anna@example.com", "exception": {"reason": "x"}},
        {"mailboxes": [{"address": "anna@example.com", "pasword": "never-an-option"}]},
    ]
    run = project.run(plays(*(("mailbox", case, {"ignore_errors": True}) for case in cases)))
    assert [row["outcome"] for row in run.tasks] == ["failed"] * len(cases)
    for row, words in zip(
        run.tasks,
        (
            "one of the following is required",
            "named by address",
            "mutually exclusive",
            "value of state must be one of",
            "password",
            "missing required arguments",
            "pasword",
        ),
        strict=True,
    ):
        assert words in row["result"]["msg"], row["result"]["msg"]
    assert project.sandbox.ours("GET", "/writes")["requests"] == {}


def test_a_pending_owner_is_not_changed_behind_their_back(project: Project) -> None:
    """R-INV-04, R-FORM-10, design 4.9: another recipient is refused with what is pending and the way in the panel;
    a pending mailbox cannot be suspended; wanting it again is no change."""
    assert project.task("mailbox", ANNA).rc == 0
    project.sandbox.ours("POST", "/writes:reset")
    cases = (
        ("mailbox", {**ANNA, "owner_email": "mallory@home.example"}, "capability_missing"),
        ("mailbox", {"address": "anna@example.com", "state": "suspended"}, "mailbox_missing"),
    )
    results = refusals(project, *cases)
    message = results[0]["msg"]
    assert "anna@home.example" in message and "REQ-2026-001" in message and "Setup pending" in message
    assert "mailops.email.invite" in results[1]["msg"]
    # A link that still works would bring the mailbox into being later, so absent is not true yet.
    gone = refusals(project, ("mailbox", {"address": "anna@example.com", "state": "absent"}, "capability_missing"))
    assert "invite.cancel" in gone[0]["msg"]
    # The provider may show the invite as a mailbox; that changes nothing.
    project.sandbox.set(pending_invites_in_mailbox_list=True)
    refusals(project, *cases)
    again = project.run(plays(("mailbox", ANNA), ("mailbox", NAMED)))
    assert again.rc == 0 and not again.changed and last(again)["mailboxes"][0]["state"] == "pending"
    assert project.sandbox.writes() == 0
