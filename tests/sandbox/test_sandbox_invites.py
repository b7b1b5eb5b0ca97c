# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invites and the owner's page by plain HTTP (contract 7.5; R-INV-01, R-INV-05, R-INV-07, R-INV-08, R-INV-12)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sandboxlib import PASSWORD, Sandbox, refused


def post(sandbox: Sandbox, link: str, password: str = PASSWORD, again: str | None = None, **more: str) -> Any:
    """Submit the setup form."""
    form = {"password": password, "password_again": password if again is None else again, **more}
    return sandbox.session.post(link, data=form, timeout=10)


def test_an_invite_makes_nothing_but_a_mail(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    made = sandbox.invite(domain["id"], "anna", "anna@home.example", expires_in_hours=48)
    assert made["status"] == "pending" and made["invite_url"].startswith(sandbox.url + "/setup/")
    sent = sandbox.ours("GET", "/outbox?to=anna@home.example")["data"][-1]
    assert sent["link"] == made["invite_url"] and sent["invite_id"] == made["id"]
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"] == []
    state = sandbox.ours("GET", "/state")
    invite = next(row for row in state["invites"] if row["id"] == made["id"])
    assert invite["status"] == "pending" and invite["expires_at"] == made["expires_at"]
    created, expires = (
        datetime.fromisoformat(invite[name].replace("Z", "+00:00")) for name in ("created_at", "expires_at")
    )
    assert (expires - created).total_seconds() == 48 * 3600
    assert made["invite_url"].rsplit("/", 1)[1] not in str(state)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient_email": "nobody"}, "validation_error"),
        ({"recipient_email": None}, "validation_error"),
        ({"local_part": "A"}, "validation_error"),
        ({"expires_in_hours": 721}, "validation_error"),
        ({"expires_in_hours": 0}, "validation_error"),
        ({"storage_allocation_mb": 10**9}, "storage_pool_exceeded"),
    ],
)
def test_invites_that_are_refused(sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    body = {"domain_id": sandbox.domain()["id"], "local_part": "anna", "recipient_email": "a@home.example", **change}
    refused(sandbox.call("POST", "/mailboxes/invites", body), 422, code)


def test_invite_needs_an_active_visible_domain(sandbox: Sandbox) -> None:
    body = {"domain_id": 10**6, "local_part": "anna", "recipient_email": "a@home.example"}
    refused(sandbox.call("POST", "/mailboxes/invites", body), 404, "not_found")
    body["domain_id"] = sandbox.domain(active=False)["id"]
    refused(sandbox.call("POST", "/mailboxes/invites", body), 422, "domain_not_active")


def test_second_invite_for_an_address(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    first = sandbox.invite(domain["id"])
    body = {"domain_id": domain["id"], "local_part": "anna", "recipient_email": "b@home.example"}
    refused(sandbox.call("POST", "/mailboxes/invites", body), 422, "already_exists")
    rows = sandbox.call("POST", "/mailboxes/invites:bulk", {"domain_id": domain["id"], "items": [body]})
    assert rows.status_code == 422 and rows.json()["results"][0]["reason"] == "already_exists"
    sandbox.set(duplicate_invite="new")
    second = sandbox.call("POST", "/mailboxes/invites", body)
    assert second.status_code == 201
    assert sandbox.session.get(first["invite_url"], timeout=10).status_code == 410
    assert sandbox.session.get(second.json()["invite_url"], timeout=10).status_code == 200


def test_bulk_invites_over_two_domains(sandbox: Sandbox) -> None:
    one, two = sandbox.domain(), sandbox.domain()
    items: list[dict[str, Any]] = [{"local_part": f"u{n}", "recipient_email": f"u{n}@home.example"} for n in range(3)]
    items[2]["domain_id"] = two["id"]
    items.append({"local_part": "u0", "recipient_email": "u9@home.example"})
    items.append({"local_part": "u5", "recipient_email": "odd"})
    answer = sandbox.call(
        "POST", "/mailboxes/invites:bulk", {"domain_id": one["id"], "items": items, "expires_in_hours": 24}
    )
    assert answer.status_code == 207
    body = answer.json()
    assert body["counts"] == {"created": 3, "failed": 2}
    assert [row["status"] for row in body["results"]] == ["pending"] * 3 + ["failed"] * 2
    assert body["results"][2]["email"] == f"u2@{two['name']}"
    assert len({row["invite_url"] for row in body["results"][:3]}) == 3
    assert len(sandbox.ours("GET", "/outbox?to=u0@home.example")["data"]) >= 1
    refused(sandbox.call("POST", "/mailboxes/invites:bulk", {"items": items}), 422, "validation_error")


def test_pending_invites_in_the_mailbox_list(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.mailbox(domain["id"], "here")
    sandbox.invite(domain["id"], "soon")
    sandbox.set(pending_invites_in_mailbox_list=True)
    body = sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()
    assert [row["status"] for row in body["data"]] == ["active", "setup_pending"] and body["meta"]["total"] == 2
    page = sandbox.get(f"/mailboxes?domain_id={domain['id']}&per_page=1&page=2").json()["data"]
    assert [row["email"] for row in page] == [f"soon@{domain['name']}"] and page[0]["id"] is None


def test_the_owner_sets_up_the_mailbox(sandbox: Sandbox) -> None:
    """R-INV-01, R-INV-07: the owner types the password, sees one code, and the link is dead."""
    domain = sandbox.domain()
    made = sandbox.invite(domain["id"], storage_allocation_mb=500)
    link = made["invite_url"]
    form = sandbox.session.get(link, timeout=10)
    assert form.status_code == 200 and f"anna@{domain['name']}" in form.text
    assert "default-src 'none'" in form.headers["Content-Security-Policy"]
    assert form.headers["Referrer-Policy"] == "no-referrer" and form.headers["Cache-Control"] == "no-store"
    assert "<script" not in form.text and "http" not in re.sub(r'"http[^"]*www\.w3\.org[^"]*"', "", form.text)
    weak = post(sandbox, link, "short")
    assert weak.status_code == 422 and "at least 12 characters" in weak.text
    differ = post(sandbox, link, PASSWORD, PASSWORD + "x")
    assert differ.status_code == 422 and "differ" in differ.text and PASSWORD not in differ.text
    done = post(sandbox, link)
    assert done.status_code == 201
    code = re.search(r"[A-Z2-9]{5}(?:-[A-Z2-9]{5}){3}", done.text)
    assert code and PASSWORD not in done.text
    for again in (sandbox.session.get(link, timeout=10), post(sandbox, link)):
        assert again.status_code == 410 and code.group() not in again.text
    box = sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"][0]
    assert box["allocation_mb"] == 500 and box["status"] == "active"
    assert sandbox.login(box["email"], PASSWORD) == 200
    state = sandbox.ours("GET", "/state")
    mine = {row["kind"]: row["set_by"] for row in state["credentials"] if row["address"] == box["email"]}
    assert mine == {"password": "owner", "recovery_code": "provider"}
    assert code.group() not in str(state) and PASSWORD not in str(state)
    invite = next(row for row in sandbox.ours("GET", "/invites?status=redeemed")["data"] if row["id"] == made["id"])
    assert invite["mailbox_id"] == box["id"] and invite["recovery_code_issued"] is True


def test_expired_cancelled_and_unknown_links(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    old, dropped = sandbox.invite(domain["id"], "old", expires_in_hours=1), sandbox.invite(domain["id"], "dropped")
    sandbox.ours("POST", f"/invites/{dropped['id']}:cancel")
    gone = sandbox.session.get(dropped["invite_url"], timeout=10)
    assert gone.status_code == 410 and "withdrawn" in gone.text
    sandbox.advance(3601)
    late = post(sandbox, old["invite_url"])
    assert late.status_code == 410 and "expired" in late.text
    assert sandbox.session.get(sandbox.url + "/setup/nothing", timeout=10).status_code == 404
    states = {row["id"]: row["status"] for row in sandbox.ours("GET", "/invites")["data"]}
    assert (states[old["id"]], states[dropped["id"]]) == ("expired", "cancelled")
    sandbox.invite(domain["id"], "old")  # an expired invite no longer holds the address


def test_storage_that_no_longer_fits_makes_it_pooled(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    made = sandbox.invite(domain["id"], storage_allocation_mb=500)
    sandbox.set(storage_pool_mb=1)
    done = post(sandbox, made["invite_url"])
    assert done.status_code == 201 and 'id="pooled"' in done.text
    assert sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["data"][0]["is_pooled"] is True


def test_pending_storage_is_reserved(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    free = sandbox.get("/account").json()["usage"]["storage_free_mb"]
    made = sandbox.invite(domain["id"], storage_allocation_mb=700)
    assert sandbox.get("/account").json()["usage"]["storage_free_mb"] == free - 700
    sandbox.ours("POST", f"/invites/{made['id']}:cancel")
    assert sandbox.get("/account").json()["usage"]["storage_free_mb"] == free


def test_redeem_and_resend_without_a_browser(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    made = sandbox.invite(domain["id"])
    sandbox.ours("POST", f"/invites/{made['id']}:resend", {"recipient_email": "new@home.example"})
    assert sandbox.session.get(made["invite_url"], timeout=10).status_code == 404
    link = sandbox.ours("GET", "/outbox?to=new@home.example")["data"][-1]["link"]
    assert sandbox.session.get(link, timeout=10).status_code == 200
    done = sandbox.ours("POST", f"/invites/{made['id']}:redeem", {"password": PASSWORD})
    assert done["recovery_code"] and sandbox.login(done["email"], PASSWORD) == 200
    answer = sandbox.session.post(
        f"{sandbox.url}/_sandbox/invites/{made['id']}:redeem", json={"password": PASSWORD}, timeout=10
    )
    assert answer.status_code == 410


def test_owner_may_choose_the_local_part(sandbox: Sandbox) -> None:
    """R-INV-08, behind a switch: the API's invite fixes it."""
    domain = sandbox.domain()
    made = sandbox.invite(domain["id"])
    assert post(sandbox, made["invite_url"], local_part="other").status_code == 422
    sandbox.set(invite_local_part="owner_choice")
    sandbox.mailbox(domain["id"], "taken")
    assert 'name="local_part"' in sandbox.session.get(made["invite_url"], timeout=10).text
    assert post(sandbox, made["invite_url"], local_part="taken").status_code == 409
    assert post(sandbox, made["invite_url"], local_part="Bad..").status_code == 422
    assert post(sandbox, made["invite_url"], local_part="chosen").status_code == 201
    assert sandbox.login(f"chosen@{domain['name']}", PASSWORD) == 200
