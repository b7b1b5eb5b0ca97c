# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module domain against a provider."""

from __future__ import annotations

import importlib.util
import json

from plays import actions, allowed, last, names, plays, refusals
from project import Project, play

NEW = {
    "domains": [
        {"name": "New.Example", "note": "Moved in May"},
        {"name": "xn--bcher-kva.example"},
        {"name": "brief.example"},
    ]
}


def has_suffix_list() -> bool:
    return importlib.util.find_spec("publicsuffixlist") is not None


def diff(result: dict) -> tuple[dict, dict]:
    """Before and after of a result's diff: what is compared, by object."""
    sides = []
    for side in ("before", "after"):
        lines = [line.partition(": ") for line in result["diff"][side].splitlines()]
        sides.append({name: json.loads(state) for name, _colon, state in lines})
    return sides[0], sides[1]


def test_a_domain_is_added_changed_and_removed(project: Project) -> None:
    """R-FORM-02, R-FORM-03, R-LOG-08, design 4.1: two domains in one call, a note that follows, and the way back."""
    applied = project.prove(play("domain", NEW))
    result = applied.result("domain")
    assert project.sandbox.ours("GET", "/writes")["by_route"] == {
        "POST /domains:bulk-add": 1,
        "PATCH /domains/{id}/note": 1,
    }
    assert result["applied"] == ["new.example", "new.example", "xn--bcher-kva.example", "brief.example"]
    before, after = diff(result)
    assert before == {}
    assert after["domain new.example"] == {
        "status": "pending_dns",
        "mail_hosting": "provider",
        "note": "Moved in May",
    }
    assert {(one["name"], one["state"], one["status"]) for one in result["domains"]} == {
        ("new.example", "present", "pending_dns"),
        ("xn--bcher-kva.example", "present", "pending_dns"),
        ("brief.example", "present", "pending_dns"),
    }

    changed = project.prove(
        plays(
            ("domain", {"name": "new.example", "note": "", "mail_hosting": "external", "exception": allowed()}),
            ("domain", {"name": "xn--bcher-kva.example", "note": "Bücher & Söhne"}),
            ("domain", {"state": "absent", "domains": [{"name": "brief.example", "exception": allowed()}]}),
        )
    )
    before, after = diff(changed.tasks[0]["result"])
    assert before == {"domain new.example": {"mail_hosting": "provider", "note": "Moved in May"}}
    assert after == {"domain new.example": {"mail_hosting": "external", "note": ""}}
    assert changed.tasks[0]["result"]["plan"][0]["exception"]["approver"] == "lee@agency.example"
    before, after = diff(last(changed))
    assert list(before) == ["domain brief.example"] and after == {}
    assert names(project.sandbox.ours("GET", "/state")["domains"]) == [
        "example.com",
        "example.net",
        "new.example",
        "xn--bcher-kva.example",
    ]
    done = actions(project)
    assert done.count("domain.created") == 3 and done.count("domain.updated") == 4 and done[-1] == "domain.deleted"


def test_what_is_no_domain_is_refused_with_what_to_remove(project: Project) -> None:
    """R-FORM-01, R-FORM-02, R-BULK-07, R-CONF-13, R-GOAL-03: the message names what is wrong and the next step.

    Design 4.11: a domain with mailboxes is not removed even with an exception, and a suspended mailbox is one.
    """
    domain = next(one for one in project.sandbox.get("/domains").json()["data"] if one["name"] == "example.net")
    box = project.sandbox.mailbox(domain["id"])
    project.sandbox.call("POST", f"/mailboxes/{box['id']}:suspend-login")
    # What can be registered is known only to the optional list of public suffixes.
    listed = [("domain", {"name": "mail.new.example"}, "not_a_root_domain")] * has_suffix_list()
    results = refusals(
        project,
        ("domain", {"name": "https://new.example/"}, "hostname_invalid"),
        ("domain", {"name": "www.new.example"}, "hostname_invalid"),
        ("domain", {"name": "new.example:25"}, "hostname_invalid"),
        ("domain", {"name": "someone@new.example"}, "hostname_invalid"),
        ("domain", {"name": "single"}, "hostname_invalid"),
        ("domain", {"name": "192.0.2.7"}, "hostname_invalid"),
        ("domain", {"name": "аpple.example"}, "hostname_invalid"),  # the first letter is Cyrillic
        ("domain", {"name": ""}, "name"),
        ("domain", {"name": "example.com", "mail_hosting": "external"}, "exception_needed"),
        ("domain", {"name": "example.com", "state": "absent"}, "exception_needed"),
        (
            "domain",
            {"name": "example.com", "state": "absent", "exception": allowed(-1)},
            "exception_expired",
        ),
        (
            "domain",
            {"name": "example.com", "state": "absent", "exception": allowed(reason="n/a")},
            "exception_incomplete",
        ),
        ("domain", {"name": "example.net", "state": "absent", "exception": allowed()}, "domain_not_empty"),
        *listed,
    )
    assert "Remove 'https://' and '/' and keep new.example." in results[0]["msg"]
    assert "Remove 'www.' and keep new.example." in results[1]["msg"]
    assert "mixes scripts" in results[6]["msg"]
    assert all("example.com" in result["msg"] for result in results[8:10])
    assert "1 mailboxes" in results[12]["msg"] and "Offboard" in results[12]["msg"]
    assert all("mailops.email.subdomain" in result["msg"] for result in results[13:])


def test_a_refused_row_leaves_the_others_done(project: Project) -> None:
    """Design 4.6: a domain that another account holds fails alone, is named with the next step, and a second run of
    the rest changes nothing more."""
    project.sandbox.ours("POST", "/seed", {"domains": [], "foreign": ["taken.example"]})
    names_ = ["free.example", "taken.example", "free-too.example"]
    run = project.run(play("domain", {"domains": [{"name": name} for name in names_]}))
    result = run.result("domain")
    assert run.rc == 2 and result["changed"]
    assert result["applied"] == ["free.example", "free-too.example"]
    assert [(one["index"], one["key"], one["phase"], one["code"]) for one in result["failed_items"]] == [
        (1, "taken.example", "apply", "domain_already_connected")
    ]
    assert "2 of 3 operations done, 1 failed" in result["msg"]
    assert "Another account holds the domain" in result["msg"]
    assert project.sandbox.writes() == 1
    again = project.run(play("domain", {"domains": [{"name": name} for name in names_ if name != "taken.example"]}))
    assert again.rc == 0 and not again.changed and project.sandbox.writes() == 1


def test_a_token_sees_only_its_domains(project: Project) -> None:
    """R-VAL-02: what is outside the token's domains looks absent, and making it is refused by the provider."""
    token = project.sandbox.mint(domains=["example.com"])
    run = project.run(
        plays(
            ("domain_info", {"api_token": token}),
            ("domain", {"api_token": token, "name": "example.net"}, {"ignore_errors": True}),
        )
    )
    assert names(run.tasks[0]["result"]["domains"]) == ["example.com"]
    failed = last(run)["failed_items"]
    assert [one["code"] for one in failed] == ["domain_scope_forbidden"] and failed[0]["hint"]
    assert project.sandbox.writes() == 0
