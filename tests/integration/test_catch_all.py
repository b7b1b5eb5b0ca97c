# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module catch_all against a provider."""

from __future__ import annotations

from typing import Any

from plays import actions, allowed, last, plays, refusals, soon
from project import Project, play

GOVERNED: dict[str, Any] = {
    "state": "present",
    "owner": "anna@home.example",
    "purpose": "Find addresses that were lost in the move",
    "expires_at": soon(24 * 14),
}


def catch_alls(project: Project) -> dict[str, str]:
    return {one["domain"]: one["destination"] for one in project.sandbox.ours("GET", "/state")["catch_alls"]}


def test_a_catch_all_is_on_for_a_time_and_off_by_default(project: Project) -> None:
    """R-CTRL-07, R-ASSET-12, R-RULE-05, R-LOG-08: on with owner, purpose and end, which only the journal keeps; off when
    nothing is said, and when its time is over."""
    for domain in project.sandbox.get("/domains").json()["data"]:
        for local in ("anna", "ben"):
            project.sandbox.mailbox(domain["id"], local)
    project.sandbox.ours("POST", "/writes:reset")
    on = {
        **GOVERNED,
        "catch_alls": [
            {"domain": "Example.com", "destination": "Anna@example.com"},
            {"domain": "example.net", "destination": "lost@elsewhere.example", "exception": allowed()},
        ],
    }
    applied = project.prove(play("catch_all", on))
    assert catch_alls(project) == {"example.com": "anna@example.com", "example.net": "lost@elsewhere.example"}
    assert last(applied)["catch_alls"][0]["purpose"] == GOVERNED["purpose"]
    assert last(applied)["diff"]["before"] == ""
    assert last(applied)["plan"][1]["exception"]["approver"] == "lee@agency.example"

    # Another owner is a change of the journal alone, so nothing is written at the provider.
    project.sandbox.ours("POST", "/writes:reset")
    handed = project.run(
        plays(
            (
                "catch_all",
                {**GOVERNED, "domain": "example.com", "destination": "anna@example.com", "owner": "ben@home.example"},
            )
        )
    )
    assert handed.rc == 0 and last(handed)["plan"][0]["before"]["owner"] == "anna@home.example"
    assert last(handed)["catch_alls"][0]["owner"] == "ben@home.example" and project.sandbox.writes() == 0

    changed = project.prove(
        plays(
            ("catch_all", {**GOVERNED, "domain": "example.com", "destination": "ben@example.com"}),
            ("catch_all", {"domain": "example.net"}),
        )
    )
    assert catch_alls(project) == {"example.com": "ben@example.com"} and last(changed)["diff"]["after"] == ""
    over = {**GOVERNED, "domain": "example.com", "destination": "ben@example.com", "expires_at": "2026-01-31"}
    off = project.run(plays(("catch_all", over), ("catch_all", over)))
    assert off.rc == 0 and [row["result"]["changed"] for row in off.tasks] == [True, False]
    assert "time is over" in off.tasks[0]["result"]["warnings"][0] and catch_alls(project) == {}
    assert actions(project) == ["catch_all.enabled"] * 2 + ["catch_all.updated"] * 2 + ["catch_all.disabled"] * 2


def test_a_catch_all_that_nobody_answers_for_is_refused(project: Project) -> None:
    """R-ASSET-12, R-CTRL-07, R-STD-03: no owner, purpose or end, and no way out without an exception."""
    on = {**GOVERNED, "domain": "example.com", "destination": "anna@example.com"}
    results = refusals(
        project,
        ("catch_all", {**on, "owner": ""}, "owner_missing"),
        ("catch_all", {**on, "purpose": None}, "purpose_missing"),
        ("catch_all", {**on, "expires_at": None}, "expiry_missing"),
        ("catch_all", {**on, "expires_at": soon(24 * 500)}, "expires_at"),
        ("catch_all", {**on, "destination": None}, "destination"),
        ("catch_all", {**on, "destination": "anna"}, "address_invalid"),
        ("catch_all", {**on, "destination": "lost@elsewhere.example"}, "exception_needed"),
        ("catch_all", {**on, "domain": "unknown.example"}, "domain_missing"),
        ("catch_all", {"domain": "unknown.example"}, "domain_missing"),
    )
    assert "lost@elsewhere.example" in results[6]["msg"]
    # What the provider refuses is told in its own words, with the field.
    run = project.run(play("catch_all", on))
    failed = last(run)["failed_items"][0]
    assert run.rc == 2 and failed["code"] == "validation_error" and "destination" in failed["message"]
    assert project.sandbox.writes() == 0 and catch_alls(project) == {}
