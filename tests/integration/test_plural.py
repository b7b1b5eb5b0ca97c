# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of items: one plan, all or nothing when an item is refused, and the guards on the whole plan."""

from __future__ import annotations

from typing import Any

from plays import actions, allowed, last, plays, refusals
from project import Project, play

BESIDE = "exception_beside_list"


def test_what_stands_beside_a_list_is_the_default_of_its_items(project: Project) -> None:
    """Design 4.1, R-FORM-12: an item takes what it does not say itself from beside the list, also where the module has a
    default of its own; as few calls as the provider allows, however many items."""
    items: list[dict[str, Any]] = [
        {
            "address": "user%d@example.%s" % (number, "com" if number % 2 else "net"),
            "owner_email": "u%d@home.example" % number,
        }
        for number in range(120)
    ]
    items[0] |= {"expires_in_hours": 24, "quota_mb": 200, "role_account": False}
    beside = {"expires_in_hours": 48, "quota_mb": 100, "role_account": True, "department": "Sales"}
    applied = project.run(play("mailbox", {**beside, "mailboxes": items}))
    assert applied.rc == 0, applied.output
    plan = last(applied)["plan"]
    assert [step["key"] for step in plan] == [item["address"] for item in items]
    chosen = [{name: step["after"][name] for name in beside} for step in plan]
    assert chosen[0] == {"expires_in_hours": 24, "quota_mb": 200, "role_account": False, "department": "Sales"}
    assert chosen[1:] == [beside] * 119
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {"POST /mailboxes/invites:bulk": 3}
    invites = project.sandbox.ours("GET", "/state")["invites"]
    assert {one["email"]: one["recipient_email"] for one in invites} == {
        item["address"]: item["owner_email"] for item in items
    }
    again = project.run(play("mailbox", {**beside, "mailboxes": items}))
    assert again.rc == 0 and not again.changed and project.sandbox.writes() == 3
    assert sum(last(again)["requests"].values()) < 10


def test_an_empty_list_is_nothing_to_do(project: Project) -> None:
    """Design 4.11: absence from a list removes nothing."""
    kinds = {"domain": "domains", "subdomain": "subdomains", "mailbox": "mailboxes", "invite": "invites"}
    kinds |= {"forward": "forwards", "alias": "aliases", "catch_all": "catch_alls"}
    run = project.run(plays(*((kind, {plural: []}) for kind, plural in kinds.items())))
    assert run.rc == 0 and not run.changed and len(run.tasks) == 7, run.output
    assert project.sandbox.writes() == 0 and not project.events()


def test_one_refused_item_stops_the_whole_list_and_each_is_named(project: Project) -> None:
    """R-PIPE-01, R-GOAL-02, R-CSV-03, R-VAL-02, R-VAL-07, design 4.8: nothing of a list is done while an item of it is
    wrong; every wrong one is told at once, by its place, with its own rule and next step."""
    good = [{"address": "good%d@example.com" % number, "owner_email": "g@home.example"} for number in range(3)]
    spelled = [
        {"address": "bad address@example.com", "owner_email": "b@home.example"},
        {"address": "Good1@Example.com", "owner_email": "b@home.example"},
        {"address": "outside@example.net", "owner_email": "b@home.example"},
        {"address": "good9@example.com", "owner_email": "good9@example.com"},
    ]
    planned = [
        {"address": "lost@unknown.example.com", "owner_email": "b@home.example"},
        {"address": "security@example.com", "owner_email": "b@home.example"},
        {"address": "orphan@example.com"},
    ]
    acme = {"client": "acme", "client_domains": ["example.com"]}
    run = project.run(
        plays(
            ("mailbox", {**acme, "mailboxes": good + spelled}, {"ignore_errors": True}),
            ("mailbox", {**acme, "mailboxes": good + planned}, {"ignore_errors": True}),
        )
    )
    first, second = (row["result"] for row in run.tasks)
    assert [(one["index"], one["phase"], one["code"]) for one in first["failed_items"]] == [
        (3, "validate", "local_part_invalid"),
        (4, "validate", "duplicate_item"),
        (5, "validate", "client_boundary"),
        (6, "validate", "owner_unreachable"),
    ]
    assert [(one["index"], one["phase"], one["code"]) for one in second["failed_items"]] == [
        (3, "plan", "domain_missing"),
        (4, "plan", "exception_needed"),
        (5, "plan", "owner_missing"),
    ]
    for result in (first, second):
        assert not result["changed"] and not result["applied"] and result["audit"]["changes"] == []
        for one in result["failed_items"]:
            assert "item %d" % one["index"] in result["msg"] and one["hint"] in result["msg"]
    assert "4 items refused; nothing was changed." in first["msg"]
    assert "is already item 1 of this list" in first["msg"]
    assert project.sandbox.writes() == 0 and not actions(project, "intent")


def test_the_same_cause_is_told_once(project: Project) -> None:
    """Design 4.8: a message that a person can read, also when a hundred rows share their fault."""
    items = [{"address": "a%d@unknown.example" % number, "owner_email": "a@home.example"} for number in range(100)]
    result = last(project.run(play("mailbox", {"mailboxes": items})))
    assert len(result["failed_items"]) == 100 and "and 99 more like it" in result["msg"]
    assert len(result["msg"]) < 1000


def test_a_client_stays_within_its_domains(project: Project) -> None:
    """R-VAL-02, R-OWN-03, R-STD-03, R-ASSET-06: every kind of object is held to the client's domains; what lies below one of them
    belongs to it."""
    acme: dict[str, Any] = {"client": "acme", "client_domains": ["Example.com"]}
    governed = {"owner": "a@home.example", "purpose": "Cover", "expires_at": "2027-01-01"}
    other = "anna@example.net"
    results = refusals(
        project,
        ("domain", {**acme, "name": "example.net", "note": "x"}, "client_boundary"),
        ("domain", {**acme, "name": "notexample.com"}, "client_boundary"),
        ("subdomain", {**acme, "parent": "example.net", "label": "a"}, "client_boundary"),
        ("mailbox", {**acme, "address": other, "state": "suspended"}, "client_boundary"),
        ("invite", {**acme, "address": other, "owner_email": "a@home.example"}, "client_boundary"),
        ("alias", {**acme, "address": other, "mailbox": "anna@example.com"}, "client_boundary"),
        ("alias", {**acme, "address": "a@example.com", "mailbox": other}, "client_boundary"),
        ("forward", {**acme, **governed, "address": other, "targets": ["a@example.com"]}, "client_boundary"),
        ("catch_all", {**acme, "domain": "example.net"}, "client_boundary"),
        # Another client's domain in the same account is as far away as any other.
        ("forward", {**acme, **governed, "address": "a@example.com", "targets": [other]}, "exception_needed"),
        (
            "catch_all",
            {**acme, **governed, "state": "present", "domain": "example.com", "destination": other},
            "exception_needed",
        ),
        ("mailbox", {**acme, "client_domains": [], "address": "a@example.com"}, "client_boundary"),
    )
    assert all("does not belong to client acme" in result["msg"] for result in results[:9] + results[11:])
    inside = project.run(
        plays(("subdomain", {**acme, "parent": "example.com", "label": "a", "purpose": "Team"})), "--check"
    )
    assert inside.rc == 0, inside.output


def test_guards_on_the_whole_plan(project: Project) -> None:
    """R-BULK-03, R-VAL-05, design 4.11: the approved number of changes, the stated number of removals, and never the last mailbox
    of a domain by a list; a dry run is refused as the apply is."""
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.com")
    for local in ("anna", "ben", "cleo"):
        box = project.sandbox.mailbox(domain["id"], local)
        project.sandbox.call("POST", f"/mailboxes/{box['id']}:suspend-login")
    project.sandbox.ours("POST", "/writes:reset")
    new = [{"address": "new%d@example.com" % number, "owner_email": "n@home.example"} for number in range(4)]
    gone = [{"address": local + "@example.com", "exception": allowed()} for local in ("anna", "ben", "cleo")]
    absent = {"state": "absent"}
    cases: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("mailbox", {"mailboxes": new, "max_changes": 3}, "blast_radius"),
        ("mailbox", {"mailboxes": new, "max_changes": 0}, "blast_radius"),
        ("mailbox", {**absent, "mailboxes": gone[:2], "max_removals": 1}, "too_many_removals"),
        ("mailbox", {**absent, "mailboxes": gone}, "never_to_empty"),
        # An exception is approved for one object, not for whatever stands in a list.
        ("mailbox", {**absent, "mailboxes": [{"address": "anna@example.com"}], "exception": allowed()}, BESIDE),
    )
    results = refusals(project, *cases)
    assert "The plan has 4 operations, approved are 3." in results[0]["msg"]
    assert "The plan removes 2 objects, max_removals is 1." in results[2]["msg"]
    assert "all 3 mailboxes of example.com" in results[3]["msg"]
    dry = project.run(plays(*((kind, options, {"ignore_errors": True}) for kind, options, _code in cases)), "--check")
    assert [row["result"]["msg"] for row in dry.tasks] == [result["msg"] for result in results]
    # The exact number passes, and so does what leaves a mailbox behind.
    done = project.run(
        plays(
            ("mailbox", {"mailboxes": new, "max_changes": 4}),
            ("mailbox", {**absent, "mailboxes": gone[:2], "max_removals": 2}),
        )
    )
    assert done.rc == 0 and len(done.changed) == 2, done.output
