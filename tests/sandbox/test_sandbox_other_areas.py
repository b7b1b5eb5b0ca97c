# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases, forwards, app passwords, shared mailboxes, message tokens, account (contract 7.6 to 7.13)."""

from __future__ import annotations

from sandboxlib import PASSWORD, Sandbox, refused


def test_aliases(sandbox: Sandbox) -> None:
    domain, second = sandbox.domain(), sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    path = f"/mailboxes/{box['id']}/aliases"
    made = sandbox.call("POST", path, {"local_part": "-dash", "domain_id": second["id"]})
    assert made.status_code == 201
    alias = made.json()
    assert (alias["email"], alias["can_receive"], alias["can_send"], alias["is_active"]) == (
        f"-dash@{second['name']}",
        True,
        False,
        True,
    )
    listed = sandbox.get(path).json()
    assert [row["id"] for row in listed["data"]] == [alias["id"]]
    assert listed["primary"]["email"] == box["email"] and listed["limits"]["used"] == 1
    changed = sandbox.call("PATCH", f"{path}/{alias['id']}", {"can_send": True, "is_active": False}, key=None).json()
    assert (changed["can_send"], changed["is_active"]) == (True, False)
    refused(sandbox.call("POST", path, {"local_part": "anna", "domain_id": domain["id"]}), 422, "already_exists")
    refused(sandbox.call("POST", path, {"local_part": "b", "domain_id": 10**6}), 404, "not_found")
    refused(
        sandbox.call("POST", path, {"local_part": "b", "domain_id": sandbox.domain(active=False)["id"]}),
        422,
        "domain_not_active",
    )
    intent = sandbox.call("POST", f"/mailboxes/{box['id']}:delete-intent").json()
    assert intent["risk_flags"]["has_aliases"] is True
    assert sandbox.call("DELETE", f"{path}/{alias['id']}").status_code == 204
    refused(sandbox.call("DELETE", f"{path}/{alias['id']}"), 404, "not_found")


def test_forwarding_of_a_mailbox(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box, other = sandbox.mailbox(domain["id"]), sandbox.mailbox(domain["id"], "other")
    path = f"/mailboxes/{box['id']}/forwarding"
    assert sandbox.get(path).json() == {"enabled": False, "targets": [], "keep_copy": True, "destination_limit": 30}
    refused(sandbox.call("PUT", path, {"enabled": True}), 422, "validation_error")
    bad = {"enabled": True, "targets": ["ok@home.example", "evil@home.example\r\nBcc: x"]}
    refused(sandbox.call("PUT", path, bad), 422, "validation_error")
    refused(sandbox.call("PUT", path, {"enabled": True, "targets": [box["email"]]}), 422, "validation_error")
    many = {"enabled": True, "targets": [f"t{n}@home.example" for n in range(31)]}
    refused(sandbox.call("PUT", path, many), 422, "limit_exceeded")
    assert sandbox.get(path).json()["targets"] == []
    body = {"enabled": True, "targets": ["ok@home.example", other["email"]], "keep_copy": False}
    assert sandbox.call("PUT", path, body).json()["targets"] == body["targets"]
    loop = {"enabled": True, "targets": [box["email"]]}
    refused(sandbox.call("PUT", f"/mailboxes/{other['id']}/forwarding", loop), 422, "validation_error")
    forwards = sandbox.ours("GET", "/state")["forwards"]
    assert {
        "address": box["email"],
        "mailbox_id": box["id"],
        "targets": body["targets"],
        "keep_copy": False,
    } in forwards
    assert sandbox.call("PUT", path, {"enabled": False}).json()["enabled"] is False


def test_forwarding_addresses(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    path = f"/domains/{domain['id']}/forwarding-addresses"
    made = sandbox.call("POST", path, {"local_part": "sales", "recipients": ["a@home.example"], "is_active": True})
    assert made.status_code == 201
    number = made.json()["data"]["id"]
    listed = sandbox.get(path).json()
    assert listed["limits"]["max"] == 300 and listed["delivery"] == {"active": True, "requires_plan": "pro"}
    assert [row["id"] for row in listed["data"]] == [number]
    changed = sandbox.call(
        "PATCH", f"{path}/{number}", {"is_active": False, "recipients": ["b@home.example"]}, key=None
    )
    assert (changed.json()["data"]["is_active"], changed.json()["data"]["recipients"]) == (False, ["b@home.example"])
    assert sandbox.get(f"{path}/{number}/log").json() == {"data": [], "window": {"retention_days": 30}}
    refused(sandbox.get(f"{path}/{number}/log?limit=201"), 422, "validation_error")
    refused(
        sandbox.call("POST", path, {"local_part": "x", "recipients": [], "is_active": True}), 422, "validation_error"
    )
    many = {"local_part": "x", "recipients": [f"r{n}@home.example" for n in range(31)], "is_active": True}
    refused(sandbox.call("POST", path, many), 422, "limit_exceeded")
    gone = sandbox.call("DELETE", f"{path}/{number}")
    assert gone.status_code == 200 and gone.json() == {"deleted": True}


def test_app_passwords(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    path = f"/mailboxes/{box['id']}/app-passwords"
    made = sandbox.call("POST", path, {"name": "phone"})
    assert made.status_code == 201 and made.json()["message"]
    first = made.json()["data"]
    assert len(first["password"]) == 16 and first["password"].isalpha() and first["password"].islower()
    sandbox.call("POST", f"/mailboxes/{box['id']}:client-auth-mode", {"mode": "app_password_only"})
    assert (sandbox.login(box["email"], PASSWORD, "imap"), sandbox.login(box["email"], PASSWORD)) == (401, 200)
    assert sandbox.login(box["email"], first["password"], "smtp") == 200
    second = sandbox.call("POST", f"{path}/{first['id']}:rotate").json()["data"]
    assert second["replaced_id"] == first["id"] and second["password"] != first["password"]
    refused(sandbox.call("DELETE", f"{path}/{first['id']}"), 409, "conflict")
    assert sandbox.call("DELETE", f"{path}/{second['id']}").status_code == 204
    listed = sandbox.get(path).json()
    assert (listed["limit"], listed["active_count"], len(listed["data"])) == (25, 0, 2)
    assert [row["revoked_reason"] for row in listed["data"]] == ["rotated", "revoked"]
    refused(sandbox.call("POST", path, {"name": ""}), 422, "validation_error")
    for number in range(25):
        assert sandbox.call("POST", path, {"name": f"a{number}"}).status_code == 201
    refused(sandbox.call("POST", path, {"name": "more"}), 422, "app_password_limit_reached")
    sandbox.call("POST", f"/mailboxes/{box['id']}:pause")
    refused(sandbox.call("POST", path, {"name": "more"}), 422, "mailbox_not_eligible")
    sandbox.set(app_passwords_enabled=False)
    refused(sandbox.get(path), 404, "not_found")
    assert "client_auth_mode" not in sandbox.get(f"/mailboxes/{box['id']}").json()


def test_shared_mailboxes_and_members(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    one, two = sandbox.mailbox(domain["id"], "one"), sandbox.mailbox(domain["id"], "two")
    body = {"domain_id": domain["id"], "local_part": "team", "display_name": "Team", "member_mailbox_ids": [one["id"]]}
    made = sandbox.call("POST", "/shared-mailboxes", body)
    assert made.status_code == 201 and made.json()["type"] == "shared"
    number = made.json()["id"]
    path = f"/mailboxes/{number}/members"
    added = sandbox.call("POST", path, {"member_mailbox_id": two["id"], "can_send": False})
    assert added.status_code == 201 and added.json()["can_read"] is True
    refused(sandbox.call("POST", path, {"member_mailbox_id": two["id"]}), 422, "already_exists")
    rows = sandbox.get(path).json()["data"]
    assert [row["email"] for row in rows] == [one["email"], two["email"]]
    changed = sandbox.call(
        "PATCH", f"{path}/{added.json()['id']}", {"can_send": True, "custom_label": "Second"}, key=None
    ).json()
    assert (changed["can_send"], changed["custom_label"]) == (True, "Second")
    assert sandbox.call("DELETE", f"{path}/{rows[0]['id']}").status_code == 204
    refused(sandbox.call("DELETE", f"{path}/{rows[1]['id']}"), 422, "last_member")
    refused(sandbox.call("POST", f"/mailboxes/{number}:suspend-login"), 422, "mailbox_not_eligible")
    refused(sandbox.call("POST", f"/mailboxes/{number}/app-passwords", {"name": "x"}), 422, "mailbox_not_eligible")
    regular = sandbox.call("POST", f"/mailboxes/{number}/convert-to-regular", {"password": PASSWORD}).json()
    assert regular["type"] == "regular" and sandbox.login(regular["email"], PASSWORD) == 200
    sandbox.set(native_access_sync="failed")
    convert = f"/mailboxes/{number}/convert-to-shared"
    assert refused(
        sandbox.call("POST", convert, {"member_mailbox_ids": [one["id"]]}), 503, "native_access_sync_failed"
    )["retryable"]
    sandbox.set(native_access_sync="ok")
    assert sandbox.call("POST", convert, {"member_mailbox_ids": [one["id"]]}).json()["type"] == "shared"
    assert sandbox.login(regular["email"], PASSWORD) == 401


def test_message_tokens(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    path = f"/mailboxes/{box['id']}/message-tokens"
    body = {"name": "reader", "scopes": ["messages:read", "messages:send"], "expires_in": "30d"}
    refused(sandbox.call("POST", path, body), 422, "mailbox_not_eligible")
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}/enable-imap", {"password": "wrong"}), 422, "validation_error")
    sandbox.call("POST", f"/mailboxes/{box['id']}/enable-imap", {"password": PASSWORD})
    made = sandbox.call("POST", path, body, key="msg-" + box["email"])
    assert made.status_code == 201
    token = made.json()
    assert (
        token["token"].startswith("tm_msg_")
        and "token" not in sandbox.call("POST", path, body, key="msg-" + box["email"]).json()
    )
    me = sandbox.get("/messages/_me", token=token["token"]).json()
    assert me["mailbox"]["email"] == box["email"] and me["capabilities"]["effective_scopes"] == sorted(body["scopes"])
    assert [row["id"] for row in sandbox.get(path).json()["data"]] == [token["id"]]
    refused(sandbox.get(path + "?per_page=21"), 422, "validation_error")
    one = f"/message-tokens/{token['id']}"
    assert sandbox.call("PATCH", one, {"scopes": ["messages:read"], "expires_in": "1h"}).json()["scopes"] == [
        "messages:read"
    ]
    refused(sandbox.call("PATCH", one, {"scopes": ["messages:send"]}), 422, "validation_error")
    refused(sandbox.call("PATCH", one, {"expires_in": "90d"}), 422, "validation_error")
    gone = sandbox.call("DELETE", one).json()
    assert gone["id"] == token["id"] and gone["revoked_at"]
    refused(sandbox.get("/messages/_me", token=token["token"]), 401, "unauthenticated")


def test_account(sandbox: Sandbox) -> None:
    account = sandbox.get("/account").json()
    assert account["plan"] == "agency" and account["limits"]["mailboxes_per_domain"] == 1000
    assert account["features"]["app_passwords"] is True
    body = {"new_mailbox_client_auth_mode": "app_password_only"}
    assert sandbox.call("PATCH", "/account", body).json()["new_mailbox_client_auth_mode"] == "app_password_only"
    made = sandbox.call("POST", "/mailboxes", {"domain_id": sandbox.domain()["id"], "local_part": "a"}).json()
    assert made["client_auth_mode"] == "app_password_only"
    sandbox.call("PATCH", "/account", {"new_mailbox_client_auth_mode": "password_or_app_password"})
    limits = sandbox.get("/sending-limits").json()
    assert limits["resets_at"].endswith("T00:00:00Z") and limits["causes"] == []
    me = sandbox.get("/me").json()
    assert "mailboxes:create" in me["capabilities"]["effective_scopes"] and me["token"]["expires_at"] is None
