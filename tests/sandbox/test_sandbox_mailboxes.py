# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes: create, bulk, list, change, states, delete and restore (contract 7.3, 7.4)."""

from __future__ import annotations

from typing import Any

import pytest
from sandboxlib import PASSWORD, Sandbox, refused


def bulk(sandbox: Sandbox, items: list[dict[str, Any]], **more: Any) -> Any:
    """Send a bulk create with generated passwords."""
    return sandbox.call("POST", "/mailboxes:bulk", {"items": items, "password_mode": "generated_one_time", **more})


def test_create_shows_the_password_once(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    made = sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "ben", "display_name": "Ben"})
    assert made.status_code == 201
    body = made.json()
    assert body["email"] == f"ben@{domain['name']}" and body["is_pooled_storage"] is True
    assert sandbox.login(body["email"], body["one_time_password"]) == 200
    assert sandbox.login(body["email"], "wrong") == 401
    shown = sandbox.get(f"/mailboxes/{body['id']}").json()
    assert shown["status"] == "active" and shown["type"] == "regular" and shown["display_name"] == "Ben"
    assert shown["forwarding"]["enabled"] is False and shown["domain"]["name"] == domain["name"]
    state = sandbox.ours("GET", "/state")
    mine = [row for row in state["credentials"] if row["address"] == body["email"]]
    assert [row["set_by"] for row in mine] == ["provider"]
    assert body["one_time_password"] not in str(state)


@pytest.mark.parametrize(
    "local",
    [
        "",
        "Anna",
        "a..b",
        ".a",
        "a.",
        "-a",
        "a+b",
        "a b",
        "x" * 65,
        "old_archived_20260101_120000",
        "old_archived_20260101_120000_1_2",
        None,
        5,
    ],
)
def test_local_parts_that_are_refused(sandbox: Sandbox, local: object) -> None:
    domain = sandbox.domain()
    refused(
        sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": local}), 422, "validation_error"
    )


def test_duplicates_in_every_direction(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"], "anna")
    sandbox.invite(domain["id"], "ben")
    sandbox.call("POST", f"/mailboxes/{box['id']}/aliases", {"local_part": "carl", "domain_id": domain["id"]})
    sandbox.call(
        "POST",
        f"/domains/{domain['id']}/forwarding-addresses",
        {"local_part": "dora", "recipients": ["x@y.example"], "is_active": True},
    )
    for local in ("anna", "ben", "carl", "dora"):
        refused(
            sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": local}), 422, "already_exists"
        )


def test_bulk_all_some_none(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    good = [{"domain_id": domain["id"], "local_part": f"b{n}"} for n in range(3)]
    all_ = bulk(sandbox, good)
    assert all_.status_code == 200 and all_.json()["counts"] == {"created": 3, "failed": 0}
    row = all_.json()["results"][0]
    assert row["status"] == "created" and sandbox.get(f"/mailboxes/{row['mailbox_id']}").json()["email"] == row["email"]
    assert sandbox.login(row["email"], row["one_time_password"]) == 200
    new = {"domain_id": domain["id"], "local_part": "b9"}
    some = bulk(
        sandbox,
        [
            *good,
            new,
            new,
            {"domain_id": 999999, "local_part": "q"},
            {"domain_id": domain["id"], "local_part": "-"},
            "odd",
        ],
    )
    assert some.status_code == 207
    results = some.json()["results"]
    assert [row["status"] for row in results] == ["failed"] * 3 + ["created"] + ["failed"] * 4
    assert [row.get("reason") for row in results] == [
        "already_exists", "already_exists", "already_exists", None, "already_exists", "not_found", "validation_error", "validation_error",
    ]  # fmt: skip
    assert all(row["error"] for row in results if row["status"] == "failed")
    before = sandbox.writes()
    none = bulk(sandbox, good)
    assert (
        none.status_code == 422 and "error" not in none.json() and none.json()["counts"] == {"created": 0, "failed": 3}
    )
    assert sandbox.writes() == before


def test_bulk_limits_and_supplied_passwords(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    items = [{"domain_id": domain["id"], "local_part": f"p{n}"} for n in range(101)]
    refused(bulk(sandbox, items), 422, "validation_error")
    refused(bulk(sandbox, []), 422, "validation_error")
    two = [{**items[0], "password": PASSWORD}, items[1]]
    answer = sandbox.call("POST", "/mailboxes:bulk", {"items": two})
    assert answer.status_code == 207 and answer.json()["results"][1]["reason"] == "validation_error"
    assert "one_time_password" not in answer.json()["results"][0]
    assert sandbox.login(answer.json()["results"][0]["email"], PASSWORD) == 200


def test_storage_pool_refuses_the_whole_batch(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    used = sandbox.get("/account").json()["usage"]["storage_dedicated_mb"]
    sandbox.set(storage_pool_mb=used + 1000)
    items = [{"domain_id": domain["id"], "local_part": f"s{n}", "storage_allocation_mb": 400} for n in range(3)]
    error = refused(bulk(sandbox, items), 422, "storage_pool_exceeded")
    assert error["requested_mb"] == 1200
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"] == []
    made = bulk(sandbox, items[:2])
    assert made.status_code == 200
    refused(sandbox.call("POST", "/mailboxes", items[2]), 422, "storage_pool_exceeded")
    row = sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"][0]
    assert (row["allocation_mb"], row["is_pooled"]) == (400, False)
    # the sum comes before the rows: the same batch again does not even say already_exists
    refused(bulk(sandbox, items[:2]), 422, "storage_pool_exceeded")


def test_plan_limit_counts_pending_invites(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.set(plan_gates_scopes=False)
    sandbox.ours("PUT", "/plan", {"plan": "nano"})
    for number in range(4):
        sandbox.invite(domain["id"], f"i{number}")
    rows = bulk(sandbox, [{"domain_id": domain["id"], "local_part": f"m{n}"} for n in range(8)])
    assert rows.status_code == 207 and rows.json()["counts"] == {"created": 6, "failed": 2}
    assert rows.json()["results"][-1]["reason"] == "plan_limit_reached"
    refused(
        sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "z"}), 422, "plan_limit_reached"
    )


def test_listing_filters(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    boxes = [sandbox.mailbox(domain["id"], name, display_name=name.upper()) for name in ("ada", "bob", "cyd")]
    path = f"/mailboxes?domain_id={domain['id']}"

    def ids(query: str) -> list[int]:
        return [row["id"] for row in sandbox.get(path + query).json()["data"]]

    every = [box["id"] for box in boxes]
    assert ids("") == every
    sandbox.call("POST", f"/mailboxes/{every[0]}:pause")
    sandbox.call("POST", f"/mailboxes/{every[1]}:suspend-login")
    assert (ids("&status=paused"), ids("&status=active"), ids("&status=login_suspended")) == (
        every[:1],
        every[1:],
        every[1:2],
    )
    assert ids("&search=CYD") == every[2:] and ids("&search=cyd%40") == every[2:]
    assert ids("&type=shared") == [] and ids("&status=trashed") == []
    assert sandbox.get("/mailboxes?status=trashed").json()["meta"]["per_page"] == 50
    refused(sandbox.get("/mailboxes?domain_id=x"), 422, "validation_error")
    refused(sandbox.get("/mailboxes?status=odd"), 422, "validation_error")


def test_pages_hold_every_row_once(sandbox: Sandbox) -> None:
    made = sandbox.ours("POST", "/seed", {"domains": ["many.example.com"], "mailboxes_per_domain": 250})
    number = made["domains"]["many.example.com"]
    found: list[int] = []
    for page in (1, 2, 3):
        body = sandbox.get(f"/mailboxes?domain_id={number}&per_page=100&page={page}").json()
        found += [row["id"] for row in body["data"]]
        assert body["meta"]["total"] == 250 and body["meta"]["last_page"] == 3
    assert len(set(found)) == 250 and found == sorted(found)
    sandbox.mailbox(number, "new")
    again = sandbox.get(f"/mailboxes?domain_id={number}&per_page=100&page=3").json()
    assert again["meta"]["total"] == 251 and len(again["data"]) == 51


def test_change_and_note(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    path = f"/mailboxes/{box['id']}"
    body = sandbox.call(
        "PATCH", path, {"display_name": "A", "conversation_view": False, "drive_access": "disabled"}
    ).json()
    assert (body["display_name"], body["conversation_view"], body["drive_access"]) == ("A", False, "disabled")
    assert sandbox.call("PATCH", path, {"display_name": None}).json()["display_name"] is None
    refused(sandbox.call("PATCH", path, {"password": "x"}), 422, "validation_error")
    refused(sandbox.call("PATCH", path, {"display_name": "B"}, key=None), 422, "missing_idempotency_key")
    assert sandbox.call("PATCH", path + "/note", {"note": "n"}, key=None).json()["note"] == "n"


def test_password(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    path = f"/mailboxes/{box['id']}/password"
    for weak in ("short-A1", "alllowercase1", "ALLUPPERCASE1", "NoDigitsAtAll", None):
        refused(sandbox.call("POST", path, {"password": weak}), 422, "validation_error")
    sandbox.call("POST", f"/mailboxes/{box['id']}/app-passwords", {"name": "phone"})
    answer = sandbox.call("POST", path, {"password": "Quite-Another-7"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "updated", "sync_pending": False, "app_passwords_revoked": 1}
    assert (sandbox.login(box["email"], PASSWORD), sandbox.login(box["email"], "Quite-Another-7")) == (401, 200)
    sandbox.set(password_sync_pending=True)
    answer = sandbox.call("POST", path, {"password": PASSWORD})
    assert answer.status_code == 202 and answer.json()["sync_pending"] is True
    mine = [
        row
        for row in sandbox.ours("GET", "/state")["credentials"]
        if row["address"] == box["email"] and row["kind"] == "password"
    ]
    assert [row["set_by"] for row in mine] == ["operator"]


def test_three_off_switches(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    path = f"/mailboxes/{box['id']}"
    assert sandbox.call("POST", path + ":pause").json()["status"] == "paused"
    assert sandbox.login(box["email"], PASSWORD) == 401
    assert sandbox.call("POST", path + ":resume").json()["status"] == "active"
    assert sandbox.login(box["email"], PASSWORD) == 200
    app = sandbox.call("POST", path + "/app-passwords", {"name": "phone"}).json()["data"]["password"]
    assert sandbox.login(box["email"], app, "imap") == 200
    body = sandbox.call("POST", path + ":suspend-login", {"reason": "unpaid"}).json()
    assert body["login_suspended"] is True and body["status"] == "active"
    assert sandbox.login(box["email"], PASSWORD) == 401
    sandbox.call("POST", path + ":resume-login")
    assert (sandbox.login(box["email"], PASSWORD), sandbox.login(box["email"], app, "imap")) == (200, 401)
    sandbox.set(login_suspended_as="status")
    body = sandbox.call("POST", path + ":suspend-login").json()
    assert body["status"] == "login_suspended" and "login_suspended" not in body


def test_bulk_states(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    boxes = [sandbox.mailbox(domain["id"], f"x{n}") for n in range(3)]
    ids = [box["id"] for box in boxes]
    sandbox.call("POST", f"/mailboxes/{ids[2]}:pause")
    path = "/mailboxes:login-access"
    answer = sandbox.call("POST", path, {"login_suspended": True, "domain_id": domain["id"]}).json()["data"]
    assert (answer["matched"], answer["updated"], answer["skipped"]) == (3, 2, 1)
    assert sandbox.call("POST", path, {"login_suspended": True, "mailbox_ids": ids}).json()["data"]["updated"] == 0
    refused(sandbox.call("POST", path, {"login_suspended": True}), 422, "validation_error")
    refused(sandbox.call("POST", path, {"login_suspended": True, "all": True, "domain_id": 1}), 422, "validation_error")
    many = list(range(1, 1002))
    refused(sandbox.call("POST", path, {"login_suspended": True, "mailbox_ids": many}), 422, "selection_too_large")
    refused(sandbox.call("POST", path, {"login_suspended": True, "mailbox_ids": [10**9]}), 404, "not_found")
    drive = sandbox.call("POST", "/mailboxes:drive-access", {"drive_access": "disabled", "mailbox_ids": ids}).json()[
        "data"
    ]
    assert drive["updated"] == 3
    mode = sandbox.call(
        "POST", "/mailboxes:client-auth-mode", {"mode": "app_password_only", "mailbox_ids": ids}
    ).json()["data"]
    assert mode == {"client_auth_mode": "app_password_only", "matched": 3, "updated": 3, "skipped": 0}


def confirm(sandbox: Sandbox, box: dict[str, Any]) -> Any:
    """Ask for a delete intent and confirm it."""
    intent = sandbox.call("POST", f"/mailboxes/{box['id']}:delete-intent").json()
    return sandbox.call("POST", f"/delete-intents/{intent['id']}:confirm", X_Confirm_Delete="true")


def test_delete_has_two_steps_and_a_way_back(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    made = sandbox.call("POST", f"/mailboxes/{box['id']}:delete-intent")
    assert made.status_code == 201
    intent = made.json()
    assert intent["status"] == "pending"
    assert intent["risk_flags"] == {"has_active_forwarding": False, "has_aliases": False, "has_active_migration": False}
    path = f"/delete-intents/{intent['id']}:confirm"
    refused(sandbox.call("POST", path), 422, "confirm_header_required")
    assert sandbox.call("POST", path, X_Confirm_Delete="true").json()["status"] == "confirmed"
    refused(sandbox.call("POST", path, X_Confirm_Delete="true"), 409, "delete_intent_consumed")
    refused(sandbox.call("POST", "/delete-intents/999999:confirm", X_Confirm_Delete="true"), 404, "not_found")
    assert sandbox.login(box["email"], PASSWORD) == 401
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"] == []
    trash = sandbox.get(f"/mailboxes?domain_id={domain['id']}&status=trashed").json()["data"]
    assert [row["id"] for row in trash] == [box["id"]] and trash[0]["status"] == "trashed"
    refused(
        sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "anna"}), 422, "already_exists"
    )
    assert sandbox.call("POST", f"/mailboxes/{box['id']}:restore").json() == {"id": box["id"], "status": "active"}
    assert sandbox.login(box["email"], PASSWORD) == 200
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}:restore"), 409, "mailbox_state_conflict")


def test_intent_and_recycle_bin_expire(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    sandbox.set(delete_intent_minutes=5)
    intent = sandbox.call("POST", f"/mailboxes/{box['id']}:delete-intent").json()
    sandbox.advance(301)
    path = f"/delete-intents/{intent['id']}:confirm"
    refused(sandbox.call("POST", path, X_Confirm_Delete="true"), 410, "delete_intent_expired")
    confirm(sandbox, box)
    sandbox.advance(7 * 86400 + 1)
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}:restore"), 404, "not_found")
    sandbox.mailbox(domain["id"], "anna")


def test_other_ways_to_delete(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"], "gone")
    sandbox.set(delete_mode="retire")
    confirm(sandbox, box)
    refused(sandbox.get(f"/mailboxes/{box['id']}"), 404, "not_found")
    refused(
        sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "gone"}), 422, "already_exists"
    )
    sandbox.set(delete_mode="recycle", trashed_holds_address=False)
    box = sandbox.mailbox(domain["id"], "again")
    confirm(sandbox, box)
    sandbox.mailbox(domain["id"], "again")
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}:restore"), 422, "already_exists")


def test_bulk_rows_take_only_the_contract_s_fields(sandbox: Sandbox) -> None:
    """Contract 7.3: a bulk row has no display_name; unknown fields are ignored."""
    domain = sandbox.domain()
    rows = bulk(sandbox, [{"domain_id": domain["id"], "local_part": "a", "display_name": "A"}]).json()["results"]
    assert sandbox.get(f"/mailboxes/{rows[0]['mailbox_id']}").json()["display_name"] is None


def test_restore_into_a_full_domain(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.set(plan_gates_scopes=False, trashed_counts_to_limits=False)
    sandbox.ours("PUT", "/plan", {"plan": "nano"})
    box = sandbox.mailbox(domain["id"], "first")
    confirm(sandbox, box)
    for number in range(10):
        sandbox.mailbox(domain["id"], f"m{number}")
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}:restore"), 422, "plan_limit_reached")
    sandbox.ours("PUT", "/plan", {"plan": "pro"})
    assert sandbox.call("POST", f"/mailboxes/{box['id']}:restore").status_code == 200
