# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The suite of RFC 7208 once more, with its zones in a real Knot and each question on the wire (R-DNS-03)."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterator, Sequence

import pytest
from nameservers import NameServer
from spfsuite import Table, policies, scenarios

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FAILED, Answer, Asking, Question, run
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes, stream
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.evaluate import SpfResult, check_host
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.static import judge

SCENARIOS = scenarios()


def escaped(name: str) -> str:
    """An absolute name for a zone file: its odd characters as octets."""
    return "".join(one if one.isalnum() or one in "-._" else "\\%03d" % ord(one) for one in name) + "."


def zone_files(table: Table) -> dict[str, str]:
    """Lines by zone, which are the top-level domains."""
    found: dict[str, list[str]] = {}
    for (name, kind), values in table.records.items():
        for value in values:
            if kind in ("MX", "CNAME", "PTR"):
                preference, space, host = value.rpartition(" ")
                value = preference + space + escaped(host.removesuffix("."))
            found.setdefault(name.rpartition(".")[2], []).append("%s IN %s %s" % (escaped(name), kind, value))
    return {zone: "\n".join(lines) for zone, lines in found.items()}


class Eyes:
    """The wire, but for the names at which the suite wants a server to be silent, and those of zones that it does not have."""

    def __init__(self, server: NameServer, table: Table, zones: Collection[str]) -> None:
        self.table = table
        self.zones = zones
        self.wire = WireEyes([server.address], timeout=2)

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        told = [self.table.one(question) for question in questions]
        open_ones = [one.question for one in told if self.served(one)]
        heard = iter(self.wire.answer(open_ones))
        return [next(heard) if self.served(one) else one for one in told]

    def served(self, answer: Answer) -> bool:
        return answer.status != FAILED and answer.question.name.rpartition(".")[2] in self.zones


@pytest.fixture(params=SCENARIOS, ids=[one["description"] for one in SCENARIOS])
def scenario(request: pytest.FixtureRequest, knot: NameServer) -> Iterator[tuple[dict[str, t.Any], Eyes]]:
    table = Table(request.param["zonedata"])
    zones = zone_files(table)
    knot.make_zones(zones)
    eyes = Eyes(knot, table, zones)
    yield request.param, eyes
    eyes.wire.close()
    for zone in zones:
        knot.drop_zone(zone)


def test_every_sender_and_every_policy(scenario: tuple[dict[str, t.Any], Eyes]) -> None:
    """203 evaluations and 164 verdicts, all scenarios together."""
    said, eyes = scenario
    for name, test in said["tests"].items():
        domain = test["mailfrom"].rpartition("@")[2] or test["helo"]
        result = run(check_host(test["host"], domain, test["mailfrom"], test["helo"]), eyes)
        assert result.result in (test["result"] if isinstance(test["result"], list) else [test["result"]]), (
            name,
            result,
        )
    for description, domain, status in policies():
        if description == said["description"]:
            verdict = run(judge(domain), eyes)
            assert verdict.status == status, (domain, verdict)
    assert eyes.wire.sent and not eyes.wire.ignored


def test_many_senders_at_once(knot: NameServer) -> None:
    """The same checks side by side come to the same, whatever order answers come in."""
    zones = {knot.fresh(): '@ IN TXT "v=spf1 include:_a.%s mx exists:%%{i}.x.%s ~all"' for dummy in range(20)}
    zones = {
        zone: text.replace("%s", zone).replace("%%", "%")
        + '\n_a IN TXT "v=spf1 ip4:192.0.2.0/28 -all"\n@ IN MX 10 mx\nmx IN A 192.0.2.77\n192.0.2.99.x IN A 127.0.0.2'
        for zone, text in zones.items()
    }
    knot.make_zones(zones)
    senders = {"192.0.2.3": "pass", "192.0.2.77": "pass", "192.0.2.99": "pass", "192.0.2.98": "softfail"}
    checks: list[tuple[str, Asking[SpfResult]]] = [
        (result, check_host(ip, zone, "ann@" + zone)) for zone in zones for ip, result in senders.items()
    ]
    with WireEyes([knot.address]) as eyes:
        found = stream([check for dummy, check in checks], eyes)
    assert [one.result for one in found] == [result for result, dummy in checks]
    for zone in zones:
        knot.drop_zone(zone)
