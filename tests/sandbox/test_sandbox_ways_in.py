# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter rules and scripts (contract 7.9), Drive devices (7.10)."""

from __future__ import annotations

from typing import Any

import pytest
from sandboxlib import Sandbox, refused

RULE: dict[str, Any] = {
    "name": "Away",
    "match_type": "any",
    "conditions": [{"field": "from", "operator": "contains", "value": "@example.org"}],
    "actions": [{"type": "redirect_copy", "value": "anna@home.example"}],
}


@pytest.fixture
def box(sandbox: Sandbox) -> str:
    return "/mailboxes/%d" % sandbox.mailbox(sandbox.domain()["id"])["id"]


def test_rules_are_kept_in_their_order(sandbox: Sandbox, box: str) -> None:
    first = sandbox.call("POST", box + "/rules", RULE)
    assert first.status_code == 201
    second = sandbox.call("POST", box + "/rules", {**RULE, "name": None, "stop": True, "enabled": False}).json()
    rows = sandbox.get(box + "/rules").json()["data"]
    assert [row["id"] for row in rows] == [first.json()["id"], second["id"]]
    assert {name: rows[0][name] for name in RULE} == RULE and (rows[0]["stop"], rows[0]["enabled"]) == (False, True)
    assert rows[1]["stop"] is True and rows[1]["enabled"] is False
    order = [second["id"], first.json()["id"]]
    turned = sandbox.call("PATCH", box + "/rules/reorder", {"order": order}, key=None).json()["data"]
    assert [row["id"] for row in turned] == order
    changed = sandbox.call("PUT", "%s/rules/%d" % (box, second["id"]), {**RULE, "name": "Here"}).json()
    assert changed["name"] == "Here" and sandbox.get("%s/rules/%d" % (box, second["id"])).json() == changed
    assert sandbox.call("DELETE", "%s/rules/%d" % (box, second["id"])).status_code == 204
    refused(sandbox.get("%s/rules/%d" % (box, second["id"])), 404, "not_found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"match_type": "some"},
        {"conditions": []},
        {"conditions": RULE["conditions"] * 11},
        {"conditions": [{"field": "colour", "operator": "is"}]},
        {"conditions": [{"field": "from", "operator": "likes"}]},
        {"conditions": [{"field": "from", "operator": "is", "value": "x" * 501}]},
        {"conditions": ["from"]},
        {"actions": []},
        {"actions": RULE["actions"] * 6},
        {"actions": [{"type": "explode"}]},
        {"actions": [{"type": "redirect", "value": "nowhere"}]},
        {"name": "x" * 256},
        {"stop": "yes"},
    ],
)
def test_wrong_rules(sandbox: Sandbox, box: str, wrong: dict[str, Any]) -> None:
    refused(sandbox.call("POST", box + "/rules", {**RULE, **wrong}), 422, "validation_error")
    assert sandbox.get(box + "/rules").json()["data"] == []


def test_an_order_that_is_none(sandbox: Sandbox, box: str) -> None:
    made = sandbox.call("POST", box + "/rules", RULE).json()["id"]
    for order in ([], [made, made], [made + 1], ["x"]):
        refused(sandbox.call("PATCH", box + "/rules/reorder", {"order": order}, key=None), 422, "validation_error")


def test_a_script_takes_the_place_of_the_rules(sandbox: Sandbox, box: str) -> None:
    sandbox.call("POST", box + "/rules", RULE)
    assert sandbox.get(box + "/sieve").json()["script"] is None
    assert sandbox.call("PUT", box + "/sieve", {"script": "keep;"}).json()["script"] == "keep;"
    assert sandbox.get(box + "/rules").json()["data"] == []
    assert sandbox.call("PUT", box + "/sieve", {"script": ""}).json()["script"] is None
    for wrong in (None, 7, "x" * 10001):
        refused(sandbox.call("PUT", box + "/sieve", {"script": wrong}), 422, "validation_error")


def test_a_device_shows_its_password_once(sandbox: Sandbox, box: str) -> None:
    number = int(box.rpartition("/")[2])
    made = sandbox.call("POST", "/drive/devices", {"mailbox_id": number, "name": "laptop"}, key="one")
    secret = made.json()["password"]
    assert made.status_code == 201 and secret.startswith("dsync_")
    again = sandbox.call("POST", "/drive/devices", {"mailbox_id": number, "name": "laptop"}, key="one")
    assert "password" not in again.json() and again.json()["id"] == made.json()["id"]
    rows = [row for row in sandbox.get("/drive/devices").json()["data"] if row["mailbox_id"] == number]
    assert [row["name"] for row in rows] == ["laptop"] and secret not in str(rows)
    turned = sandbox.call("POST", "/drive/devices/%d:rotate" % made.json()["id"]).json()
    assert turned["replaced_id"] == made.json()["id"] and turned["password"] != secret
    assert sandbox.call("DELETE", "/drive/devices/%d" % turned["id"]).status_code == 204
    refused(sandbox.call("DELETE", "/drive/devices/%d" % turned["id"]), 409, "conflict")
    refused(sandbox.call("DELETE", "/drive/devices/99999999"), 404, "not_found")
    assert not [row for row in sandbox.get("/drive/devices").json()["data"] if row["mailbox_id"] == number]


def test_a_suspended_login_loses_its_devices_for_good(sandbox: Sandbox, box: str) -> None:
    """Contract 7.3: one by one and in bulk; resuming gives none back."""
    number = int(box.rpartition("/")[2])

    def devices() -> int:
        return len([row for row in sandbox.get("/drive/devices").json()["data"] if row["mailbox_id"] == number])

    for close in (
        (box + ":suspend-login", None),
        ("/mailboxes:login-access", {"login_suspended": True, "mailbox_ids": [number]}),
    ):
        sandbox.call("POST", "/drive/devices", {"mailbox_id": number, "name": "laptop"})
        assert devices() == 1
        sandbox.call("POST", *close)
        assert devices() == 0
        refused(
            sandbox.call("POST", "/drive/devices", {"mailbox_id": number, "name": "x"}), 422, "mailbox_not_eligible"
        )
        sandbox.call("POST", box + ":resume-login")
        assert devices() == 0
