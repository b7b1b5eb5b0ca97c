# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail writes its own records into a connected Cloudflare account: the sandbox's, seen through its name server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from publishing import code, one, planned
from sandboxlib import Sandbox

from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.provider import Provider
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import publisher_of
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import connect

ZONE = "example.com"
SPF = '"v=spf1 include:spf.trekmail.net -all"'
FIRST = [
    {"name": ZONE, "type": "TXT", "ttl": 600, "values": ['"site=1"', '"v=spf1 mx -all"']},
    {"name": "www." + ZONE, "type": "A", "values": ["192.0.2.1"]},
]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path / "data", "--dns", "0")
    started.ours("PUT", "/dns/zones/" + ZONE, {"records": FIRST})
    started.call("POST", "/domains", {"name": ZONE})
    yield started
    started.stop()


def connected(sandbox: Sandbox) -> None:
    body = {"api_token": "cf-token", "selected": [{"zone_id": "z", "zone_name": ZONE}]}
    assert sandbox.call("POST", "/cloudflare/connect", body).status_code == 200


def publisher(sandbox: Sandbox, provider: str = "trekmail", read_only: bool = False) -> Publisher:
    at = sandbox.ours("GET", "/dns")
    server = "%s@%d" % (at["address"], at["port"])
    there = Connection(sandbox.api, sandbox.token, deadline=10)
    driver = connect(provider, there, read_only=read_only, progress=Progress(), user_agent="test")
    eyes = WireEyes([server], timeout=2.0)
    return publisher_of(
        {"type": "provider"}, read_only=read_only, eyes=eyes, driver=driver, authoritative=[server], timeout=2.0
    )


def records(sandbox: Sandbox) -> dict[tuple[str, str], list[str]]:
    (zone,) = [one for one in sandbox.ours("GET", "/dns")["zones"] if one["name"] == ZONE]
    return {(row["name"], row["type"]): row["values"] for row in zone["records"]}


def change(sandbox: Sandbox, name: str, kind: str, values: list[str]) -> None:
    rows: dict[str, Any] = {"set": [{"name": name, "type": kind, "ttl": 300, "values": values}]}
    sandbox.ours("POST", "/dns/zones/%s:change" % ZONE, rows)


def test_its_own_records_are_written_and_nothing_else(sandbox: Sandbox) -> None:
    connected(sandbox)
    writer = publisher(sandbox)
    before = records(sandbox)
    operations = [
        planned(writer, ZONE, ZONE, "TXT", ['"site=1"', SPF], 600),
        planned(writer, ZONE, ZONE, "MX", ["10 mail.trekmail.net."]),
    ]
    assert [result.status for result in writer.apply(operations, "k1")] == ["applied", "applied"]
    after = records(sandbox)
    assert sorted(after[ZONE, "TXT"]) == sorted(['"site=1"', SPF])
    assert after[ZONE, "MX"] == ["10 mail.trekmail.net."]
    assert {place for place in after if after[place] != before.get(place)} == {(ZONE, "TXT"), (ZONE, "MX")}
    assert writer.account == "cloudflare@trekmail@127.0.0.1"


def test_a_change_between_plan_and_apply_is_refused(sandbox: Sandbox) -> None:
    connected(sandbox)
    writer = publisher(sandbox)
    operation = planned(writer, ZONE, ZONE, "TXT", ['"site=1"', SPF], 600)
    change(sandbox, ZONE, "TXT", ['"site=2"', '"v=spf1 mx -all"'])
    assert code(one(writer.apply([operation], "k"))) == "changed_meanwhile"
    assert '"site=2"' in records(sandbox)[ZONE, "TXT"]


def test_what_the_provider_sees_otherwise_is_left_alone(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody changed it at Cloudflare after our look, so that the preview shows it."""
    connected(sandbox)
    writer = publisher(sandbox)
    operation = planned(writer, ZONE, ZONE, "TXT", ['"site=1"', SPF], 600)
    write = writer.write

    def slow(*arguments: Any) -> dict[str, Any]:
        change(sandbox, ZONE, "TXT", ['"site=1"', '"v=spf1 a -all"'])
        return write(*arguments)

    monkeypatch.setattr(writer, "write", slow)
    assert code(one(writer.apply([operation], "k"))) == "changed_meanwhile"
    assert '"v=spf1 a -all"' in records(sandbox)[ZONE, "TXT"]


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [(ZONE, "TXT", ['"site=1"', '"v=spf1 mx include:spf.trekmail.net -all"']), ("x." + ZONE, "TXT", ['"x"'])],
)
def test_what_the_provider_would_not_write_is_refused(
    sandbox: Sandbox, name: str, kind: str, values: list[str]
) -> None:
    connected(sandbox)
    writer = publisher(sandbox)
    before = records(sandbox)
    operation = planned(writer, ZONE, name, kind, values, 600)
    with pytest.raises(MailopsError) as error:
        publisher(sandbox, read_only=True).foresee([operation])
    assert error.value.code == "provider_writes_other"
    assert code(one(writer.apply([operation], "k"))) == "provider_writes_other"
    assert records(sandbox) == before


def test_it_removes_nothing() -> None:
    assert Provider.capabilities == {KIND + ".set"}


def test_a_domain_that_is_not_connected_is_told(sandbox: Sandbox) -> None:
    writer = publisher(sandbox)
    operation = planned(writer, ZONE, ZONE, "MX", ["10 mail.trekmail.net."])
    assert code(one(writer.apply([operation], "k"))) == "publisher_not_connected"


def test_a_provider_without_such_calls_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(MailopsError) as error:
        publisher(sandbox, "modoboa")
    assert error.value.code == "publisher_provider"


def test_check_mode_asks_and_writes_nothing(sandbox: Sandbox) -> None:
    connected(sandbox)
    writer = publisher(sandbox, read_only=True)
    count = sandbox.ours("GET", "/writes")["writes"]
    operation = planned(writer, ZONE, ZONE, "MX", ["10 mail.trekmail.net."])
    assert code(one(writer.apply([operation], "k"))) == "check_mode_write"
    assert sandbox.ours("GET", "/writes")["writes"] == count
