# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloudflare accounts that are connected: asked before anything is written, and nothing foreign goes unconfirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandboxlib import Sandbox

ZONE = "example.com"
SPF = '"v=spf1 include:spf.trekmail.net -all"'


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path / "data", "--dns", "0")
    records = [{"name": ZONE, "type": "TXT", "ttl": 600, "values": ['"other=1"', '"v=spf1 mx -all"']}]
    started.ours("PUT", "/dns/zones/" + ZONE, {"records": records})
    yield started
    started.stop()


def connected(sandbox: Sandbox) -> int:
    body = {"api_token": "cf-token", "selected": [{"zone_id": "z", "zone_name": ZONE}]}
    answer = sandbox.call("POST", "/cloudflare/connect", body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"][0]["domain_id"])


def values(sandbox: Sandbox, name: str, kind: str) -> list[str]:
    (zone,) = [one for one in sandbox.ours("GET", "/dns")["zones"] if one["name"] == ZONE]
    return [v for row in zone["records"] if (row["name"], row["type"]) == (name, kind) for v in row["values"]]


def test_a_preview_says_what_stands_against_what_and_writes_nothing(sandbox: Sandbox) -> None:
    number = connected(sandbox)
    before = sandbox.ours("GET", "/writes")["writes"]
    answer = sandbox.call("POST", "/cloudflare/preview", {"domain_ids": [number]}, key=None)
    (domain,) = answer.json()["data"]
    rows: dict[str, Any] = {row["id"]: row for row in domain["records"]}
    assert {one: rows[one]["action"] for one in rows} == {
        "mx_primary": "create",
        "spf_record": "conflict",
        "dkim_record": "create",
        "dmarc_record": "create",
    }
    assert rows["spf_record"]["existing"] == ['"v=spf1 mx -all"']
    assert sandbox.ours("GET", "/writes")["writes"] == before


def test_a_conflict_is_left_alone_until_it_is_confirmed(sandbox: Sandbox) -> None:
    number = connected(sandbox)
    sandbox.call("POST", "/cloudflare/apply", {"domain_ids": [number]})
    assert values(sandbox, ZONE, "TXT") == ['"other=1"', '"v=spf1 mx -all"']
    assert values(sandbox, ZONE, "MX") == ["10 mail.trekmail.net."]
    body = {
        "domain_ids": [number],
        "included_records": {str(number): ["spf_record"]},
        "confirmed_conflicts": {str(number): ["spf_record"]},
    }
    assert sandbox.call("POST", "/cloudflare/apply", body).status_code == 200
    assert values(sandbox, ZONE, "TXT") == ['"other=1"', SPF]


def test_what_is_not_connected_is_refused(sandbox: Sandbox) -> None:
    number = sandbox.call("POST", "/domains", {"name": "example.net"}).json()["id"]
    answer = sandbox.call("POST", "/cloudflare/preview", {"domain_ids": [number]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cloudflare_not_connected")
    assert sandbox.call("POST", "/cloudflare/validate-token", {"api_token": "wrong"}).status_code == 422


def test_a_forgotten_token_disconnects_its_zones(sandbox: Sandbox) -> None:
    number = connected(sandbox)
    (token,) = sandbox.call("GET", "/cloudflare/tokens").json()["data"]
    assert "cf-token" not in str(token)
    sandbox.call("DELETE", "/cloudflare/tokens/%d" % token["id"])
    assert sandbox.call("POST", "/cloudflare/preview", {"domain_ids": [number]}).status_code == 422
