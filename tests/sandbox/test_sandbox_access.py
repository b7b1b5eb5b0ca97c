# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens, scopes, constraints, plan gates, error envelope (contract 2 and 4)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sandboxlib import PASSWORD, Sandbox, refused


def test_no_token_and_wrong_token(sandbox: Sandbox) -> None:
    refused(sandbox.get("/me", token=None), 401, "unauthenticated")
    refused(sandbox.get("/me", token="tm_live_wrong"), 401, "unauthenticated")


def test_passwords_are_kept_in_dovecot_s_form(sandbox: Sandbox) -> None:
    """A mail server joined to the database lets in the passwords that the API let in: {PBKDF2}$1$salt$rounds$hash, HMAC-SHA-1."""
    domain = sandbox.domain()
    made = sandbox.mailbox(domain["id"], "kept")
    kept = [one for one in sandbox.ours("GET", "/state")["credentials"] if one["mailbox_id"] == made["id"]]
    scheme, version, salt, rounds, stored = kept[0]["digest"].split("$")
    assert (scheme, version, rounds) == ("{PBKDF2}", "1", str(sandbox.defaults["password_hash_iterations"]))
    assert hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt.encode(), int(rounds)).hex() == stored
    assert sandbox.login(made["email"], PASSWORD) == 200 and sandbox.login(made["email"], PASSWORD + "x") == 401


def test_unknown_path_and_method_keep_the_envelope(sandbox: Sandbox) -> None:
    refused(sandbox.get("/nothing"), 404, "not_found")
    refused(sandbox.call("PUT", "/me"), 405, "method_not_allowed")
    refused(sandbox.get("/domains/99999999999999999999999"), 404, "not_found")


def test_request_id_is_the_client_s_own(sandbox: Sandbox) -> None:
    answer = sandbox.get("/nothing", X_Request_Id="abc-123")
    assert refused(answer, 404, "not_found")["request_id"] == "abc-123"


def test_invite_reading_does_not_exist_in_the_api(sandbox: Sandbox) -> None:
    """Contract 7.5: nothing but creation; a path below /mailboxes/invites must not look like a mailbox either."""
    assert sandbox.get("/mailboxes/invites").status_code == 405
    assert sandbox.get("/mailboxes/invites/1").status_code == 404
    assert sandbox.call("DELETE", "/mailboxes/invites/1").status_code == 404


def test_expired_and_revoked_tokens(sandbox: Sandbox) -> None:
    token = sandbox.mint(expires_at="2020-01-01T00:00:00Z")
    refused(sandbox.get("/me", token=token), 401, "unauthenticated")
    made = sandbox.ours("POST", "/tokens", {})
    assert sandbox.get("/me", token=made["token"]).status_code == 200
    sandbox.ours("DELETE", f"/tokens/{made['id']}")
    refused(sandbox.get("/me", token=made["token"]), 401, "unauthenticated")


def test_scope_is_needed(sandbox: Sandbox) -> None:
    token = sandbox.mint(scopes=["domains:read", "account:read"])
    assert sandbox.get("/domains", token=token).status_code == 200
    refused(sandbox.get("/mailboxes", token=token), 403, "insufficient_scope")
    refused(sandbox.call("POST", "/domains", {"name": "x.example.com"}, token=token), 403, "insufficient_scope")
    assert sandbox.get("/me", token=token).json()["capabilities"]["effective_scopes"] == [
        "account:read",
        "domains:read",
    ]


def test_a_message_token_opens_no_administration(sandbox: Sandbox) -> None:
    token = sandbox.mint(kind="message")
    assert token.startswith("tm_msg_")
    refused(sandbox.get("/domains", token=token), 403, "insufficient_scope")
    assert sandbox.get("/messages/_me", token=token).status_code == 200
    refused(sandbox.get("/messages/_me"), 403, "insufficient_scope")


def test_a_member_needs_the_password_permission(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    token = sandbox.mint(kind="member")
    body = {"password": "Another-Word-99"}
    refused(
        sandbox.call("POST", f"/mailboxes/{box['id']}/password", body, token=token), 403, "scope_blocked_by_membership"
    )
    token = sandbox.mint(kind="member", permissions=["mailboxes:password:set"])
    assert sandbox.call("POST", f"/mailboxes/{box['id']}/password", body, token=token).status_code == 200


def test_constraints_make_other_domains_invisible(sandbox: Sandbox) -> None:
    mine, other = sandbox.domain(), sandbox.domain()
    seen, hidden = sandbox.mailbox(mine["id"]), sandbox.mailbox(other["id"])
    token = sandbox.mint(domains=[mine["name"]])
    listed = sandbox.get("/domains?per_page=100", token=token).json()
    assert [row["name"] for row in listed["data"]] == [mine["name"]] and listed["meta"]["total"] == 1
    assert [row["id"] for row in sandbox.get("/mailboxes", token=token).json()["data"]] == [seen["id"]]
    for path in (
        f"/domains/{other['id']}",
        f"/mailboxes/{hidden['id']}",
        f"/mailboxes?domain_id={other['id']}",
        f"/domains/{other['id']}/dns-requirements",
    ):
        refused(sandbox.get(path, token=token), 404, "not_found")
    for method, path, body in (
        ("POST", f"/mailboxes/{hidden['id']}:pause", None),
        ("DELETE", f"/domains/{other['id']}", None),
        ("POST", "/mailboxes", {"domain_id": other["id"], "local_part": "x"}),
        ("POST", f"/mailboxes/{hidden['id']}:delete-intent", None),
    ):
        refused(sandbox.call(method, path, body, token=token), 404, "not_found")
    intent = sandbox.call("POST", f"/mailboxes/{hidden['id']}:delete-intent").json()
    refused(
        sandbox.call("POST", f"/delete-intents/{intent['id']}:confirm", token=token, X_Confirm_Delete="true"),
        404,
        "not_found",
    )
    row = sandbox.call(
        "POST",
        "/mailboxes:bulk",
        {"items": [{"domain_id": other["id"], "local_part": "y"}], "password_mode": "generated_one_time"},
        token=token,
    )
    assert row.status_code == 422 and row.json()["results"][0]["reason"] == "not_found"


def test_what_is_wider_than_the_constraint_is_forbidden(sandbox: Sandbox) -> None:
    token = sandbox.mint(domains=[sandbox.domain()["name"]])
    refused(
        sandbox.call("POST", "/mailboxes:login-access", {"login_suspended": True, "all": True}, token=token),
        403,
        "domain_scope_forbidden",
    )
    refused(sandbox.call("POST", "/domains", {"name": "wide.example.com"}, token=token), 403, "domain_scope_forbidden")
    body = {"new_mailbox_client_auth_mode": "app_password_only"}
    refused(sandbox.call("PATCH", "/account", body, token=token), 403, "domain_scope_forbidden")


def test_mailbox_constraint(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    seen, hidden = sandbox.mailbox(domain["id"], "seen"), sandbox.mailbox(domain["id"], "hidden")
    token = sandbox.mint(mailboxes=[seen["id"]])
    assert [row["id"] for row in sandbox.get("/mailboxes", token=token).json()["data"]] == [seen["id"]]
    refused(sandbox.get(f"/mailboxes/{hidden['id']}", token=token), 404, "not_found")


@pytest.mark.parametrize(
    ("plan", "read", "write"),
    [("nano", "plan_api_disabled", "plan_api_disabled"), ("starter", "", "token_scope_blocked_by_plan")],
)
def test_plan_gates(sandbox: Sandbox, plan: str, read: str, write: str) -> None:
    sandbox.ours("PUT", "/plan", {"plan": plan})
    answer = sandbox.get("/domains")
    assert answer.status_code == 200 if not read else refused(answer, 403, read)
    refused(sandbox.call("POST", "/domains", {"name": "gated.example.com"}), 403, write)
    if not read:
        scopes = sandbox.get("/me").json()["capabilities"]["effective_scopes"]
        assert scopes and all(scope.endswith(":read") for scope in scopes)


def test_features_of_a_plan(sandbox: Sandbox) -> None:
    """With switch plan_gates_scopes off the features of a small plan can be seen."""
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    sandbox.set(plan_gates_scopes=False)
    sandbox.ours("PUT", "/plan", {"plan": "starter"})
    body: dict[str, Any] = {"enabled": True, "destination": "box@elsewhere.example"}
    refused(sandbox.call("PATCH", f"/domains/{domain['id']}/catch-all", body), 403, "feature_not_available")
    body["destination"] = box["email"]
    assert sandbox.call("PATCH", f"/domains/{domain['id']}/catch-all", body).status_code == 200
    targets = {"enabled": True, "targets": [f"t{n}@elsewhere.example" for n in range(6)]}
    error = refused(sandbox.call("PUT", f"/mailboxes/{box['id']}/forwarding", targets), 422, "limit_exceeded")
    assert "5" in error["message"]
    sandbox.ours("PUT", "/plan", {"plan": "nano"})
    alias = {"local_part": "second", "domain_id": domain["id"]}
    refused(sandbox.call("POST", f"/mailboxes/{box['id']}/aliases", alias), 403, "feature_not_available")


def test_validation_details_have_three_places(sandbox: Sandbox) -> None:
    for place in ("error.errors", "errors", "none"):
        sandbox.set(validation_details=place)
        answer = sandbox.call("POST", "/domains", {"name": "Not A Domain"})
        error = refused(answer, 422, "validation_error")
        assert ("errors" in error) == (place == "error.errors") and ("errors" in answer.json()) == (place == "errors")


def test_bodies_that_are_no_objects(sandbox: Sandbox) -> None:
    refused(sandbox.call("POST", "/domains", [1]), 422, "validation_error")
    head = {"Authorization": f"Bearer {sandbox.token}", "Idempotency-Key": "broken"}
    answer = sandbox.session.post(sandbox.api + "/domains", data=b"{not json", headers=head, timeout=10)
    refused(answer, 422, "validation_error")


def test_text_that_utf_8_cannot_carry(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    head = {"Authorization": f"Bearer {sandbox.token}", "Content-Type": "application/json"}
    url = f"{sandbox.api}/domains/{domain['id']}/note"
    refused(sandbox.session.patch(url, data=b'{"note": "\\ud800"}', headers=head, timeout=10), 422, "validation_error")
    deep = b'{"note": ' + b"[" * 100000 + b"]" * 100000 + b"}"
    refused(sandbox.session.patch(url, data=deep, headers=head, timeout=10), 422, "validation_error")
    refused(
        sandbox.session.patch(url, data=b" " * (5 * 1024 * 1024), headers=head, timeout=10), 413, "validation_error"
    )


def test_tokens_of_a_mailbox_end_with_it(sandbox: Sandbox) -> None:
    box = sandbox.mailbox(sandbox.domain()["id"])
    token = sandbox.mint(kind="message", mailbox_id=box["id"])
    assert sandbox.get("/messages/_me", token=token).status_code == 200
    sandbox.call("POST", f"/mailboxes/{box['id']}:pause")
    refused(sandbox.get("/messages/_me", token=token), 401, "unauthenticated")
