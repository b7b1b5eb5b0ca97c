# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail's calls for Cloudflare: rows in every likely spelling, and no guess where one is not understood."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import TOKEN, Clock, Server, make_client
from test_strange_answers import ODD

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.records import ProposedRecord
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.cloudflare import Cloudflare

DOMAIN = "example.com"
MX = {"id": "mx_primary", "type": "MX", "name": "example.com.", "content": "mail.trekmail.net.", "priority": 10}


@pytest.fixture
def calls(client: HttpClient) -> Cloudflare:
    return Cloudflare(client, lambda kind, key: {"example.com": 7, "example.net": 8}[key])


def preview(*records: Any) -> tuple[int, Any, dict[str, str]]:
    return (200, {"data": [{"domain_id": 7, "records": list(records)}]}, {})


def test_spellings_of_a_row(server: Server, calls: Cloudflare) -> None:
    wanted = ProposedRecord("mx_primary", DOMAIN, "MX", "10 mail.trekmail.net.", ("5 old.example.",), conflict=True)
    server.script(preview({**MX, "existing": [{"value": "old.example.", "priority": 5}], "status": "conflict"}))
    assert calls.preview([DOMAIN]) == {DOMAIN: [wanted]}
    other = {"record_id": "mx_primary", "type": "mx", "name": "EXAMPLE.com", "value": "10 mail.trekmail.net."}
    body = {"domains": [{"id": 7, "changes": [{**other, "existing": "5 old.example.", "action": "conflict"}]}]}
    server.script((200, body, {}))
    assert calls.preview([DOMAIN]) == {DOMAIN: [wanted]}
    assert server.seen[-1][3] == {"domain_ids": [7]}


@pytest.mark.parametrize("gap", ["id", "type", "name", "content"])
def test_a_row_with_a_gap_is_no_basis(server: Server, calls: Cloudflare, gap: str) -> None:
    server.script(preview({name: value for name, value in MX.items() if name != gap}))
    with pytest.raises(ProviderError) as error:
        calls.preview([DOMAIN])
    assert error.value.code == "strange_answer"


def test_odd_answers(server: Server, calls: Cloudflare) -> None:
    for name, body in ODD.items():
        inside = {} if isinstance(body, bytes) else {**MX, "existing": body}
        for whole in (body, {"data": [{"domain_id": 7, "records": [inside]}]}):
            server.script((200, whole, {}))
            try:
                found = calls.preview([DOMAIN])
            except ProviderError as error:
                assert error.code in ("strange_answer", "no_json"), name
                continue
            assert set(found) == {DOMAIN}, name


def test_a_domain_of_which_nothing_is_said(server: Server, calls: Cloudflare) -> None:
    server.script(preview(MX))
    with pytest.raises(ProviderError, match=r"example\.net"):
        calls.preview([DOMAIN, "example.net"])


def test_only_what_was_chosen_is_applied(server: Server, calls: Cloudflare) -> None:
    calls.apply(DOMAIN, ["spf_record", "mx_primary"], ["spf_record"], "key-1")
    (method, path, headers, body) = server.seen[0]
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/cloudflare/apply", "key-1")
    assert body == {
        "domain_ids": [7],
        "included_records": {"7": ["mx_primary", "spf_record"]},
        "confirmed_conflicts": {"7": ["spf_record"]},
    }
    calls.apply(DOMAIN, ["mx_primary"], [], "key-2")
    assert "confirmed_conflicts" not in server.seen[-1][3]


def test_a_preview_is_a_question(server: Server, clock: Clock) -> None:
    """It is a POST that is allowed in a dry run; the apply is not."""
    calls = Cloudflare(make_client(server.url, read_only=True), lambda kind, key: 7)
    server.script(preview(MX))
    assert calls.preview([DOMAIN])
    with pytest.raises(ProviderError) as error:
        calls.apply(DOMAIN, ["mx_primary"], [], "key")
    assert error.value.code == "check_mode_write"


def test_a_token_can_travel_in_a_header_of_its_own(server: Server, clock: Clock) -> None:
    """As PowerDNS wants it; and in no other."""
    connection = Connection(api_url=server.url, api_token=TOKEN, timeout=1.0)
    client = HttpClient(connection, read_only=True, progress=Progress(), scheme="", header="X-API-Key")
    client.get("/zones")
    headers = server.seen[0][2]
    assert headers["X-API-Key"] == TOKEN and "Authorization" not in headers
