# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module subdomain against a provider."""

from __future__ import annotations

from plays import actions, allowed, last, names, plays, refusals
from project import Project


def test_labels_become_subdomains_of_their_own(project: Project) -> None:
    """R-FORM-05, R-FORM-06, R-FORM-07, R-FORM-09, R-FORM-21: one host name, result and event for each label; lines and
    lists are the same, and run-together text is one label."""
    applied = project.prove(
        plays(
            ("subdomain", {"parent": "example.com", "labels": "sales\nsupport\n", "purpose": "Teams"}),
            ("subdomain", {"parent": "example.com", "labels": ["Press", "salessupport", "www"], "purpose": "Teams"}),
            ("subdomain", {"parent": "example.net", "label": "news", "note": "Newsletter"}),
            (
                "subdomain",
                {
                    "purpose": "Campaigns",
                    "subdomains": [
                        {"parent": "example.com", "label": "winter", "purpose": "A team of its own"},
                        {"parent": "example.net", "label": "spring"},
                    ],
                },
            ),
        )
    )
    assert applied.tasks[0]["result"]["applied"] == ["sales.example.com", "support.example.com"]
    assert applied.tasks[1]["result"]["applied"] == [
        "press.example.com",
        "salessupport.example.com",
        "www.example.com",
    ]
    assert "no purpose is recorded" in applied.tasks[2]["result"]["warnings"][0]
    assert "warnings" not in applied.tasks[0]["result"]
    assert [one["after"]["purpose"] for one in last(applied)["plan"]] == ["A team of its own", "Campaigns"]
    made = names(project.sandbox.ours("GET", "/state")["domains"])[2:]
    assert sorted(made) == [
        "news.example.net",
        "press.example.com",
        "sales.example.com",
        "salessupport.example.com",
        "spring.example.net",
        "support.example.com",
        "winter.example.com",
        "www.example.com",
    ]
    events = [event for event in project.events() if event["phase"] == "outcome"]
    created = [event for event in events if event["action"] == "subdomain.created"]
    assert sorted(event["object"]["key"] for event in created) == sorted(made)
    assert {event["after"]["parent"] for event in created} == {"example.com", "example.net"}

    changed = project.prove(
        plays(
            ("subdomain", {"parent": "example.net", "label": "news", "note": "Newsletters"}),
            ("subdomain", {"parent": "example.net", "labels": []}),
            ("subdomain", {"parent": "example.com", "labels": ["sales"], "state": "absent", "exception": allowed()}),
        )
    )
    assert changed.tasks[0]["result"]["diff"]["before"] == 'domain news.example.net: {"note":"Newsletter"}\n'
    assert "sales.example.com" not in names(project.sandbox.ours("GET", "/state")["domains"])
    assert actions(project)[-2:] == ["subdomain.updated", "subdomain.deleted"]


def test_what_is_no_label_is_refused(project: Project) -> None:
    """R-FORM-05, R-FORM-08, R-CONF-13: a parent of this account, and one label of letters, digits and hyphens."""
    results = refusals(
        project,
        ("subdomain", {"parent": "unknown.example", "label": "sales"}, "domain_missing"),
        ("subdomain", {"parent": "example.com", "label": "a.b"}, "label_invalid"),
        ("subdomain", {"parent": "example.com", "label": "-a"}, "label_invalid"),
        ("subdomain", {"parent": "example.com", "label": "a_b"}, "label_invalid"),
        ("subdomain", {"parent": "example.com", "label": "l" * 64}, "label_invalid"),
        ("subdomain", {"parent": "example.com", "label": "www"}, "label_invalid"),
        ("subdomain", {"parent": "example.com", "labels": ["sales", "Sales"]}, "label_invalid"),
        ("subdomain", {"label": "sales"}, "label"),
        (
            "subdomain",
            {"parent": "example.com", "labels": ["a", "b"], "state": "absent", "exception": allowed()},
            "exception_beside_list",
        ),
        (
            "subdomain",
            {"parent": "example.com", "label": "sales", "client": "globex", "client_domains": ["example.net"]},
            "client_boundary",
        ),
    )
    assert "domain unknown.example is not in this provider account" in results[0]["msg"]
    assert "twice" in results[6]["msg"]
    assert "does not belong to client globex" in results[9]["msg"]
