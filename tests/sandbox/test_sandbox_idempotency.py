# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stored answers by key (contract 5)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sandboxlib import PASSWORD, Sandbox, refused


@pytest.fixture
def domain(sandbox: Sandbox) -> dict[str, Any]:
    """An active domain."""
    return sandbox.domain()


def test_replay_keeps_status_and_hides_the_secret(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna"}
    first = sandbox.call("POST", "/mailboxes", body, key="k-one-" + domain["name"])
    before = sandbox.ours("GET", "/writes")
    second = sandbox.call("POST", "/mailboxes", body, key="k-one-" + domain["name"])
    assert (first.status_code, second.status_code) == (201, 201)
    assert "X-Idempotency-Replayed" not in first.headers and second.headers["X-Idempotency-Replayed"] == "true"
    expected = dict(first.json())
    assert expected.pop("one_time_password") and second.json() == expected
    after = sandbox.ours("GET", "/writes")
    assert (after["writes"], after["replayed"]) == (before["writes"], before["replayed"] + 1)
    text = (sandbox.folder / "sandbox.sqlite3").read_bytes() + (sandbox.folder / "sandbox.sqlite3-wal").read_bytes()
    assert first.json()["one_time_password"].encode() not in text


def test_replays_of_invites_and_batches_are_redacted(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna", "recipient_email": "a@home.example"}
    key = "k-inv-" + domain["name"]
    sandbox.call("POST", "/mailboxes/invites", body, key=key)
    replay = sandbox.call("POST", "/mailboxes/invites", body, key=key)
    assert replay.status_code == 201 and replay.json()["invite_url"].endswith("/<redacted>")
    bulk = {
        "domain_id": domain["id"],
        "items": [{"local_part": f"u{n}", "recipient_email": "u@home.example"} for n in range(2)],
    }
    first = sandbox.call("POST", "/mailboxes/invites:bulk", bulk, key=key + "b")
    replay = sandbox.call("POST", "/mailboxes/invites:bulk", bulk, key=key + "b")
    assert replay.status_code == 200 and [row["id"] for row in replay.json()["results"]] == [
        row["id"] for row in first.json()["results"]
    ]
    assert all("<redacted>" in row["invite_url"] for row in replay.json()["results"])
    boxes = {
        "password_mode": "generated_one_time",
        "items": [{"domain_id": domain["id"], "local_part": n} for n in ("m1", "u1")],
    }
    assert sandbox.call("POST", "/mailboxes:bulk", boxes, key=key + "m").status_code == 207
    replay = sandbox.call("POST", "/mailboxes:bulk", boxes, key=key + "m")
    assert replay.status_code == 207 and "one_time_password" not in replay.text
    assert len(sandbox.ours("GET", "/outbox?to=a@home.example")["data"]) >= 1


def test_replay_of_an_app_password_warns(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    box = sandbox.mailbox(domain["id"])
    path, key = f"/mailboxes/{box['id']}/app-passwords", "k-app-" + domain["name"]
    assert len(sandbox.call("POST", path, {"name": "phone"}, key=key).json()["data"]["password"]) == 16
    replay = sandbox.call("POST", path, {"name": "phone"}, key=key).json()
    assert "password" not in replay["data"] and replay["_idempotency_replay_warning"]


def test_mismatch(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna"}
    key = "k-mis-" + domain["name"]
    sandbox.call("POST", "/mailboxes", body, key=key)
    refused(sandbox.call("POST", "/mailboxes", {**body, "local_part": "ben"}, key=key), 409, "idempotency_mismatch")
    one, two = sandbox.mailbox(domain["id"], "one"), sandbox.mailbox(domain["id"], "two")
    sandbox.call("POST", f"/mailboxes/{one['id']}:pause", key=key)  # another route: another key space
    refused(sandbox.call("POST", f"/mailboxes/{two['id']}:pause", key=key), 409, "idempotency_mismatch")


def test_the_order_of_fields_does_not_matter(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    key = "k-ord-" + domain["name"]
    sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "anna"}, key=key)
    assert (
        sandbox.call("POST", "/mailboxes", {"local_part": "anna", "domain_id": domain["id"]}, key=key).status_code
        == 201
    )


def test_a_key_belongs_to_a_token(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna"}
    sandbox.call("POST", "/mailboxes", body, key="k-tok-" + domain["name"])
    other = sandbox.call("POST", "/mailboxes", body, key="k-tok-" + domain["name"], token=sandbox.mint())
    refused(other, 422, "already_exists")


def test_missing_and_oversized_keys(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna"}
    refused(sandbox.call("POST", "/mailboxes", body, key=None), 422, "missing_idempotency_key")
    refused(sandbox.call("DELETE", f"/domains/{domain['id']}", key=None), 422, "missing_idempotency_key")
    refused(sandbox.call("POST", "/mailboxes", body, key="x" * 256), 422, "validation_error")
    assert sandbox.call("PATCH", f"/domains/{domain['id']}/note", {"note": "n"}, key=None).status_code == 200
    sandbox.set(idempotency_key_required=False)
    assert sandbox.call("POST", "/mailboxes", body, key=None).status_code == 201


def test_keys_expire_on_the_sandbox_clock(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    body = {"domain_id": domain["id"], "local_part": "anna"}
    key = "k-exp-" + domain["name"]
    sandbox.call("POST", "/mailboxes", body, key=key)
    sandbox.advance(24 * 3600 - 60)
    assert sandbox.call("POST", "/mailboxes", body, key=key).headers["X-Idempotency-Replayed"] == "true"
    sandbox.advance(120)
    refused(sandbox.call("POST", "/mailboxes", body, key=key), 422, "already_exists")


def test_refusals_are_not_stored_unless_switched(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    key = "k-4xx-" + domain["name"]
    taken = [sandbox.mailbox(domain["id"])]
    body = {"password_mode": "generated_one_time", "items": [{"domain_id": domain["id"], "local_part": "anna"}]}
    assert sandbox.call("POST", "/mailboxes:bulk", body, key=key).status_code == 422
    intent = sandbox.call("POST", f"/mailboxes/{taken[0]['id']}:delete-intent").json()
    sandbox.set(delete_mode="recycle", trashed_holds_address=False)
    sandbox.call("POST", f"/delete-intents/{intent['id']}:confirm", X_Confirm_Delete="true")
    again = sandbox.call("POST", "/mailboxes:bulk", body, key=key)
    assert again.status_code == 200 and "X-Idempotency-Replayed" not in again.headers
    sandbox.set(idempotency_stores_4xx=True)
    assert sandbox.call("POST", "/mailboxes:bulk", body, key=key + "2").status_code == 422
    assert sandbox.call("POST", "/mailboxes:bulk", body, key=key + "2").headers["X-Idempotency-Replayed"] == "true"


def test_same_key_while_the_first_call_runs(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    """Our choice: 409, retryable; afterwards the stored answer."""
    sandbox.ours("PUT", "/latency", {"ms": 400})
    body = {"domain_id": domain["id"], "local_part": "anna"}
    key = "k-run-" + domain["name"]
    found: list[Any] = []
    first = threading.Thread(target=lambda: found.append(sandbox.call("POST", "/mailboxes", body, key=key)))
    first.start()
    time.sleep(0.15)
    error = refused(sandbox.call("POST", "/mailboxes", body, key=key), 409, "idempotency_in_progress")
    first.join()
    sandbox.ours("PUT", "/latency", {"ms": 0})
    assert error["retryable"] is True and found[0].status_code == 201
    assert sandbox.call("POST", "/mailboxes", body, key=key).headers["X-Idempotency-Replayed"] == "true"


def test_a_lost_answer_is_found_again_by_the_key(sandbox: Sandbox, domain: dict[str, Any]) -> None:
    """A 5xx after the commit is not stored; the change's own answer is."""
    sandbox.fault("status", when="after_commit", status=500, path_regex="^/mailboxes$", method="POST")
    body = {"domain_id": domain["id"], "local_part": "anna", "password_mode": "user_supplied", "password": PASSWORD}
    key = "k-500-" + domain["name"]
    refused(sandbox.call("POST", "/mailboxes", body, key=key), 500, "internal_error")
    replay = sandbox.call("POST", "/mailboxes", body, key=key)
    assert replay.status_code == 201 and replay.headers["X-Idempotency-Replayed"] == "true"
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["meta"]["total"] == 1
