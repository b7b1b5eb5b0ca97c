# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and DNS (contract 7.1, 7.2)."""

from __future__ import annotations

import base64

import pytest
from sandboxlib import Sandbox, refused


def test_a_domain_waits_for_dns(sandbox: Sandbox) -> None:
    domain = sandbox.domain(active=False)
    assert domain["status"] == "pending_dns" and domain["mail_hosting"] == "trekmail"
    refused(
        sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "a"}), 422, "domain_not_active"
    )
    sandbox.ours("POST", f"/domains/{domain['name']}:verify")
    assert sandbox.get(f"/domains/{domain['id']}").json()["status"] == "active"


@pytest.mark.parametrize(
    "name",
    ["", "nodot", "UPPER.example.com", "-a.example.com", "a..example.com", "1.2.3.4", None, 7, "x" * 64 + ".example"],
)
def test_names_that_are_refused(sandbox: Sandbox, name: object) -> None:
    refused(sandbox.call("POST", "/domains", {"name": name}), 422, "validation_error")


def test_duplicates(sandbox: Sandbox) -> None:
    domain = sandbox.domain(active=False)
    refused(sandbox.call("POST", "/domains", {"name": domain["name"]}), 422, "already_exists")
    sandbox.set(duplicate_status=409)
    refused(sandbox.call("POST", "/domains", {"name": domain["name"]}), 409, "already_exists")
    sandbox.ours("POST", "/seed", {"foreign": ["foreign.example.com"]})
    refused(sandbox.call("POST", "/domains", {"name": "foreign.example.com"}), 409, "domain_already_connected")


def test_bulk_add_says_error_for_a_failed_row(sandbox: Sandbox) -> None:
    """Contract 4: rows of domains:bulk-add fail with `error`, those of the others with `failed`."""
    old = sandbox.domain(active=False)["name"]
    some = sandbox.call("POST", "/domains:bulk-add", {"domains": ["new1.example.com", old]})
    assert some.status_code == 207
    body = some.json()
    assert (body["created"], body["total"]) == (1, 2)
    assert body["results"][0]["status"] == "created"
    assert {k: body["results"][1][k] for k in ("domain", "status", "reason")} == {
        "domain": old,
        "status": "error",
        "reason": "already_exists",
    }
    none = sandbox.call("POST", "/domains:bulk-add", {"domains": [old]})
    assert none.status_code == 422 and "error" not in none.json()
    sandbox.set(bulk_all_failed_shape="envelope")
    refused(sandbox.call("POST", "/domains:bulk-add", {"domains": [old]}), 422, "bulk_failed")
    refused(
        sandbox.call("POST", "/domains:bulk-add", {"domains": [f"n{i}.example.com" for i in range(21)]}),
        422,
        "validation_error",
    )
    assert sandbox.call("POST", "/domains:bulk-add", {"domains": ["new2.example.com"]}).status_code == 200


def test_listing_filters_and_pages(sandbox: Sandbox) -> None:
    names = [f"page{n:02d}.list.example.com" for n in range(7)]
    sandbox.ours("POST", "/seed", {"domains": names})
    sandbox.ours("POST", f"/domains/{names[0]}:verify", {"status": "suspended"})
    first = sandbox.get("/domains?search=.list.example&per_page=3").json()
    assert set(first) == {"data", "links", "meta"}
    assert first["meta"] | {"path": ""} == {
        "current_page": 1,
        "from": 1,
        "last_page": 3,
        "path": "",
        "per_page": 3,
        "to": 3,
        "total": 7,
    }
    assert first["links"]["prev"] is None and "page=2" in first["links"]["next"]
    found = [
        row["name"]
        for page in (1, 2, 3)
        for row in sandbox.get(f"/domains?search=.list.example&per_page=3&page={page}").json()["data"]
    ]
    assert found == names
    assert sandbox.get("/domains?search=.list.example&page=9").json()["data"] == []
    assert [row["name"] for row in sandbox.get("/domains?status=suspended").json()["data"]] == [names[0]]
    assert sandbox.get("/domains?search=p%25e").json()["data"] == []
    for query in ("per_page=0", "per_page=101", "page=0", "page=x", "status=odd"):
        refused(sandbox.get("/domains?" + query), 422, "validation_error")
    sandbox.set(default_per_page=2)
    assert sandbox.get("/domains").json()["meta"]["per_page"] == 2


def test_wrapping_switch(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    assert sandbox.get(f"/domains/{domain['id']}").json()["id"] == domain["id"]
    sandbox.set(wrap_objects="data")
    assert sandbox.get(f"/domains/{domain['id']}").json()["data"]["id"] == domain["id"]


def test_catch_all(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    path = f"/domains/{domain['id']}/catch-all"
    refused(sandbox.call("PATCH", path, {"enabled": True}), 422, "validation_error")
    refused(
        sandbox.call("PATCH", path, {"enabled": True, "destination": "nobody@" + domain["name"]}),
        422,
        "validation_error",
    )
    box = sandbox.mailbox(domain["id"])
    on = sandbox.call("PATCH", path, {"enabled": True, "destination": box["email"]}, key=None)
    assert on.status_code == 200 and on.json()["catch_all"] == {"enabled": True, "destination": box["email"]}
    assert {"domain": domain["name"], "destination": box["email"]} in sandbox.ours("GET", "/state")["catch_alls"]
    off = sandbox.call("PATCH", path, {"enabled": False, "destination": None})
    assert off.json()["catch_all"] == {"enabled": False, "destination": None}


def test_mail_hosting_asks_before_it_stops_mail(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.mailbox(domain["id"])
    path = f"/domains/{domain['id']}/mail-hosting"
    refused(sandbox.call("PATCH", path, {"mail_hosting": "external"}, key=None), 422, "confirmation_required")
    body = {"mail_hosting": "external", "confirm_mailboxes_stop_receiving": True}
    assert sandbox.call("PATCH", path, body).json()["mail_hosting"] == "external"
    item = {"domain_id": domain["id"], "local_part": "b"}
    rows = sandbox.call("POST", "/mailboxes:bulk", {"items": [item], "password_mode": "generated_one_time"}).json()[
        "results"
    ]
    assert rows[0]["reason"] == "domain_hosts_no_mailboxes"
    mx = [
        row for row in sandbox.get(f"/domains/{domain['id']}/dns-requirements").json()["records"] if row["type"] == "MX"
    ]
    assert mx and not mx[0]["required"]


def test_note(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    path = f"/domains/{domain['id']}/note"
    assert sandbox.call("PATCH", path, {"note": "client 7"}, key=None).json()["note"] == "client 7"
    assert sandbox.call("PATCH", path, {"note": None}).json()["note"] is None
    refused(sandbox.call("PATCH", path, {"note": "x" * 121}), 422, "validation_error")
    refused(sandbox.call("PATCH", path, {}), 422, "validation_error")


def test_delete_takes_everything(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    box = sandbox.mailbox(domain["id"])
    invite = sandbox.invite(domain["id"], "later")
    gone = sandbox.call("DELETE", f"/domains/{domain['id']}")
    assert gone.status_code == 204 and gone.content == b""
    refused(sandbox.get(f"/mailboxes/{box['id']}"), 404, "not_found")
    assert sandbox.session.get(invite["invite_url"], timeout=10).status_code == 410
    sandbox.set(empty_delete=200)
    assert sandbox.call("DELETE", f"/domains/{sandbox.domain()['id']}").json() == {"deleted": True}


def test_dns_rows_and_dkim(sandbox: Sandbox) -> None:
    domain = sandbox.domain(active=False)
    path = f"/domains/{domain['id']}/dns-requirements"
    rows = {row["id"]: row for row in sandbox.get(path).json()["records"]}
    assert {key for key, row in rows.items() if row["required"]} == {"mx", "spf", "dkim", "dmarc"}
    assert {row["status"] for row in rows.values()} == {"missing"}
    assert rows["mx"]["value"] == "mail.trekmail.net" and rows["mx"]["priority"] == 10
    assert "include:spf.trekmail.net" in rows["spf"]["value"]
    key = rows["dkim"]["value"].partition("p=")[2]
    der = base64.b64decode(key, validate=True)
    # SubjectPublicKeyInfo of an RSA key (RFC 5280 4.1): 2048-bit odd modulus, exponent 65537
    assert der.startswith(bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"))
    assert len(der) == 294 and der[33] & 0x80 and der[288] & 1 and der.endswith(bytes.fromhex("0203010001"))
    sandbox.call("POST", f"/domains/{domain['id']}/dkim:retry")
    again = {row["id"]: row for row in sandbox.get(path).json()["records"]}
    assert again["dkim"]["value"] != rows["dkim"]["value"]
    sandbox.ours("POST", f"/domains/{domain['name']}:verify", {"records": {"tls_rpt": "missing"}})
    after = {row["id"]: row["status"] for row in sandbox.get(path).json()["records"]}
    assert after["mx"] == "ok" and after["tls_rpt"] == "missing"
    sandbox.set(dns_records_key="data")
    assert "data" in sandbox.get(path).json()


def test_recheck_and_its_switches(sandbox: Sandbox) -> None:
    domain = sandbox.domain(active=False)
    path = f"/domains/{domain['id']}/dns-recheck"
    started = sandbox.call("POST", path)
    assert started.status_code == 202 and started.json()["status"] == "pending"
    check = f"/dns-checks/{started.json()['check_id']}"
    done = sandbox.get(check).json()
    assert done["status"] == "complete" and done["results"]["mx"]["status"] == "missing"
    sandbox.set(dns_check_stays_pending=True)
    assert sandbox.get(check).json()["status"] == "pending"
    sandbox.set(dns_check_stays_pending=False, dns_check_seconds=60, dns_check_id_field="check_id")
    started = sandbox.call("POST", path).json()
    assert "id" not in started
    check = f"/dns-checks/{started['check_id']}"
    assert sandbox.get(check).json()["status"] == "pending"
    sandbox.advance(61)
    assert sandbox.get(check).json()["status"] == "complete"
    sandbox.set(dns_recheck_cooldown_seconds=300)
    error = refused(sandbox.call("POST", path), 429, "rate_limited")
    assert 0 < error["retry_after"] <= 300
    sandbox.set(dns_recheck_cooldown_seconds=0, dns_check_seconds=0, domain_verifies="on_recheck")
    number = sandbox.call("POST", path).json()["check_id"]
    sandbox.get(f"/dns-checks/{number}")
    assert sandbox.get(f"/domains/{domain['id']}").json()["status"] == "active"
    sandbox.set(domain_verifies="auto")
    assert sandbox.domain(active=False)["status"] == "active"
