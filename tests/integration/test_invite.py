# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module invite against a provider that can make invites but neither list, resend nor cancel them."""

from __future__ import annotations

from typing import Any

from plays import actions, allowed, last, plays, refusals
from project import Project, play

INVITES = {
    "expires_in_hours": 24,
    "invites": [
        {"address": "anna@example.com", "owner_email": "anna@home.example"},
        {"address": "Ben@example.net", "owner_email": "ben@home.example", "expires_in_hours": 168},
    ],
}


def invites(project: Project) -> list[dict[str, Any]]:
    """All invites, by address; batches run side by side, so ids tell nothing."""
    return sorted(project.sandbox.ours("GET", "/state")["invites"], key=lambda one: (one["email"], one["id"]))


def test_an_owner_gets_one_link_that_works_once(project: Project) -> None:
    """R-INV-01, R-INV-02, R-INV-12, R-CTRL-08, R-BULK-11: one mail to each owner, however often it runs; the link opens
    the mailbox once; after that there is nothing left to send, cancel or resend."""
    applied = project.prove(play("invite", INVITES))
    result = last(applied)
    assert result["applied"] == ["anna@example.com", "ben@example.net"]
    assert [(one["recipient_email"], one["status"]) for one in invites(project)] == [
        ("anna@home.example", "pending"),
        ("ben@home.example", "pending"),
    ]
    hours = {step["key"]: step["after"]["expires_in_hours"] for step in result["plan"]}
    assert hours == {"anna@example.com": 24, "ben@example.net": 168}
    sent = project.sandbox.ours("GET", "/outbox")["data"]
    assert sorted(mail["to"] for mail in sent) == ["anna@home.example", "ben@home.example"]
    assert not {"invite_url", "link"} & set(result["invites"][0])

    one = next(mail for mail in sent if mail["to"] == "anna@home.example")
    form = {"password": "Owner-Chose-This-1", "password_again": "Owner-Chose-This-1"}
    session = project.sandbox.session
    assert session.post(one["link"], data=form, timeout=10).status_code == 201
    assert session.post(one["link"], data=form, timeout=10).status_code == 410
    assert project.sandbox.login("anna@example.com", "Owner-Chose-This-1") == 200
    anna = {"address": "anna@example.com", "owner_email": "anna@home.example"}
    after = project.run(
        plays(("invite", anna), ("invite", {**anna, "resend": True}), ("invite", {**anna, "state": "absent"}))
    )
    assert after.rc == 0, after.output
    assert [row["result"]["changed"] for row in after.tasks] == [False, False, False]
    assert after.tasks[0]["result"]["invites"][0]["state"] == "redeemed"
    assert len(project.sandbox.ours("GET", "/outbox")["data"]) == 2
    assert actions(project) == ["invite.sent", "invite.sent"]


def test_an_expired_link_is_sent_anew(project: Project) -> None:
    """R-INV-12: an invite whose time is over does not stand in the way; the new one says what it replaces."""
    project.sandbox.advance(-10 * 86400)
    first = project.run(play("invite", INVITES))
    assert first.rc == 0, first.output
    project.sandbox.advance(10 * 86400)
    applied = project.prove(play("invite", INVITES))
    assert '"state":"expired"' in last(applied)["diff"]["before"]
    assert [one["status"] for one in invites(project)] == ["expired", "pending", "expired", "pending"]
    assert len(project.sandbox.ours("GET", "/outbox")["data"]) == 4


def test_what_the_provider_cannot_do_is_said_with_the_way_round(project: Project) -> None:
    """R-INV-03, R-INV-04, R-INV-05, design 4.9: resend, another recipient and cancel name the capability, the pending
    invite, and where to do it by hand."""
    assert project.run(play("invite", INVITES)).rc == 0
    project.sandbox.ours("POST", "/writes:reset")
    anna = INVITES["invites"][0]
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("invite", {**anna, "resend": True}, "capability_missing"),
        ("invite", {**anna, "owner_email": "mallory@home.example"}, "capability_missing"),
        ("invite", {"address": "anna@example.com", "state": "absent"}, "capability_missing"),
    ]
    results = refusals(project, *cases)
    # The same where the provider lists an address that waits for its owner among the mailboxes.
    project.sandbox.set(pending_invites_in_mailbox_list=True)
    assert [result["msg"] for result in refusals(project, *cases)] == [result["msg"] for result in results]
    for result, capability, way in zip(
        results,
        ("invite.resend", "invite.change_recipient", "invite.cancel"),
        ("Resend there", "Edit the recipient there", "Cancel there"),
        strict=True,
    ):
        message = result["msg"]
        assert "no %s by API" % capability in message and way in message and "Setup pending" in message
        assert "invite %d to anna@home.example" % invites(project)[0]["id"] in message
        assert "REQ-2026-001" in message


def test_what_was_done_by_hand_is_recorded(project: Project) -> None:
    """R-INV-04, R-INV-05, R-LOG-12: a cancel or a new recipient in the provider's control panel becomes known to the journal
    with who recorded it, so that the next invite can go out; nothing is sent to the provider for it."""
    anna = {"address": "anna@example.com", "owner_email": "anna@home.example"}
    assert project.task("invite", anna).rc == 0
    by_hand = {"done_by_hand": True}
    moved = project.run(play("invite", {**anna, "owner_email": "anna@new.example", **by_hand}), "--check")
    assert moved.rc == 0 and [step["verb"] for step in last(moved)["plan"]] == ["record"], moved.output
    before = project.sandbox.writes()
    for options in ({**anna, "owner_email": "anna@new.example"}, {"address": "anna@example.com", "state": "absent"}):
        assert project.task("invite", {**options, **by_hand}).rc == 0
        again = project.task("invite", {**options, **by_hand})
        assert again.rc == 0 and not again.changed, again.output
    assert project.sandbox.writes() == before
    told = [event for event in project.events() if event["phase"] == "outcome"][1:]
    assert [event["action"] for event in told] == ["invite.recipient_changed", "invite.cancelled"]
    assert [event["after"]["recipient"] for event in told] == ["anna@new.example"] * 2
    intent = next(event for event in project.events() if event["id"] == told[1]["intent_id"])
    assert intent["request"] == {"by_hand": True} and intent["actor"]["human"] == "dana@agency.example"

    number = project.sandbox.ours("GET", "/state")["invites"][0]["id"]
    project.sandbox.ours("POST", f"/invites/{number}:cancel")
    sent = project.prove(play("invite", anna))
    assert last(sent)["applied"] == ["anna@example.com"]


def test_invites_that_must_not_go_out(project: Project) -> None:
    """R-VAL-01, R-VAL-03, R-VAL-05, R-CSV-09, R-OWN-06, R-DELIV-04: refused before anything is sent."""
    project.sandbox.domain("waiting.example", active=False)
    project.sandbox.ours("POST", "/writes:reset")
    new: dict[str, Any] = {"address": "new@example.com", "owner_email": "new@home.example"}
    key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    refusals(
        project,
        ("invite", {**new, "address": "new@unknown.example"}, "domain_missing"),
        ("invite", {**new, "address": "new@waiting.example"}, "domain_not_verified"),
        ("invite", {**new, "address": "postmaster@example.com"}, "exception_needed"),
        ("invite", {**new, "address": "no address"}, "address_invalid"),
        ("invite", {**new, "owner_email": None}, "owner_missing"),
        ("invite", {**new, "owner_email": "new@example.com"}, "owner_unreachable"),
        ("invite", {**new, "expires_in_hours": 1000}, "expires_in_hours"),
        ("invite", {**new, "delivery": "sealed", "exception": allowed()}, "seal_to_missing"),
        ("invite", {**new, "delivery": "sealed", "seal_to": key}, "exception_needed"),
    )
    assert not invites(project)


def test_an_address_that_somebody_else_holds(project: Project) -> None:
    """Design 4.6, R-BULK-06: an invite that this journal does not know of is the provider's refusal of one row, with
    its reason and the next step; the other row is done."""
    domain = project.sandbox.get("/domains").json()["data"][0]
    project.sandbox.invite(domain["id"], "anna", "someone@else.example")
    project.sandbox.ours("POST", "/writes:reset")
    run = project.run(play("invite", {**INVITES, "expires_in_hours": 168}))
    result = last(run)
    assert run.rc == 2 and result["applied"] == ["ben@example.net"]
    assert [(one["key"], one["code"]) for one in result["failed_items"]] == [("anna@example.com", "already_exists")]
    assert "pending invite" in result["msg"] and "dashboard" in result["msg"]
    # A provider that lists it makes that known before: nothing is sent, and the doubt is said.
    project.sandbox.set(pending_invites_in_mailbox_list=True)
    project.sandbox.ours("POST", "/writes:reset")
    seen = project.run(play("invite", INVITES["invites"][0]))
    assert seen.rc == 0 and not seen.changed and project.sandbox.writes() == 0
    assert "an invite that this journal does not know" in last(seen)["warnings"][0]
