# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks drift and restore_dns against real name servers, as somebody runs them at night (R-DNS-13, R-PAT-14, R-PAT-15)."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from homes import dkim_key
from nameservers import ALGORITHM, KEY, SECRET, NameServer
from project import Project, Run

from ansible_collections.mailops.email.plugins.module_utils.dns import txt

SPF = "v=spf1 ip4:192.0.2.0/24 -all"


@functools.cache
def key(zone: str) -> str:
    """Each domain signs with its own."""
    return dkim_key()


def records(zone: str) -> str:
    """A zone that is as the baseline wants it, with what others have put into it."""
    lines = [
        "@ 300 IN MX 10 mx1.%s." % zone,
        "mx1 300 IN A 192.0.2.25",
        '@ 300 IN TXT "site-verification=abc"',
        "@ 300 IN TXT %s" % txt.encode(SPF),
        "s1._domainkey 300 IN TXT %s" % txt.encode(key(zone)),
        '_dmarc 300 IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@%s"' % zone,
        "www 300 IN A 192.0.2.1",
    ]
    return "\n".join(lines)


def baseline(zone: str) -> dict[str, Any]:
    return {
        "mx": [{"host": "mx1." + zone, "priority": 10}],
        "spf": {"mechanisms": ["ip4:192.0.2.0/24"], "all": "-all"},
        "dkim": [{"selector": "s1", "value": key(zone)}],
        "dmarc": {"policy": "reject", "aggregate_reports": ["dmarc@" + zone]},
    }


class Night(Project):
    """A project whose clients have zones at one real name server."""

    def at(self, server: NameServer, clients: dict[str, list[str]], **dns: Any) -> None:
        publisher: dict[str, Any] = {
            "type": "rfc2136", "server": server.host, "port": server.port, "tsig_name": KEY, "tsig_secret": SECRET,
            "tsig_algorithm": ALGORITHM,
        }  # fmt: skip
        if hasattr(server, "api_url"):
            publisher = {"type": "powerdns", "api_url": server.api_url, "api_key": server.api_key}
        approved = {
            "publisher": publisher,
            "resolver": {"servers": [server.address], "authoritative": [server.address], "timeout": 1},
            "baseline": {"provider_records": False},
            **dns,
        }
        self.inventory(
            {
                client: {
                    "mailops_domains": [{"name": zone, "dns": baseline(zone)} for zone in zones],
                    "mailops_dns": approved,
                }
                for client, zones in clients.items()
            }
        )
        self.environment["ANSIBLE_CALLBACKS_ENABLED"] = "mailops.email.drift,mailops.email.audit,results"

    def drift(self, *arguments: str) -> Run:
        return self.run("mailops.email.drift", *arguments)

    def keep(self) -> Run:
        """What is there now is what was good."""
        run = self.run("mailops.email.publish_dns", "-e", "request_id=REQ-2026-001")
        assert run.rc == 0, run.output
        return run

    def restore(self, *arguments: str) -> Run:
        return self.run("mailops.email.restore_dns", "-e", "request_id=INC-2026-001", *arguments)


@pytest.fixture
def night(project: Project) -> Night:
    return Night(project.folder, project.sandbox)


def damage(server: NameServer, zone: str) -> None:
    """What a bad evening leaves behind; and somebody else has worked on their own records meanwhile."""
    server.put(zone, zone, "MX", 60, ["5 mx.evil.example."])
    spf = txt.encode(SPF.replace("ip4:192.0.2.0/24", "ip4:192.0.2.0/25"))
    server.put(zone, zone, "TXT", 300, ['"site-verification=abc"', '"other-service=1"', spf])
    server.put(zone, "s1._domainkey." + zone, "TXT", 300, [])
    server.put(zone, "_dmarc." + zone, "TXT", 300, ['"v=DMARC1; p=none"'])
    server.put(zone, "www." + zone, "A", 300, ["192.0.2.99"])


@pytest.mark.parametrize("name", ["knot", "powerdns"])
def test_a_night(name: str, request: pytest.FixtureRequest, night: Night) -> None:
    """Look, restore, look again: 0, 3, a plan that is carried out as it was shown, 0; evidence first, and nothing of others touched."""
    server: NameServer = request.getfixturevalue(name)
    zone, beside = (server.make_zone(records="") for dummy in range(2))
    for one in (zone, beside):
        for line in records(one).splitlines():
            owner, ttl, dummy, kind, value = line.split(" ", 4)
            server.add(one, one if owner == "@" else "%s.%s" % (owner, one), kind, int(ttl), value)
    night.at(server, {"acme": [zone, beside]})
    first = night.drift()
    assert first.rc == 0 and "no_dns_baseline" in first.output, first.output
    night.keep()
    good = server.records(zone)
    clean = night.drift()
    assert clean.rc == 0 and "0 of 2 domains have drifted, 0 errors" in clean.output, clean.output

    damage(server, zone)
    bad = server.records(zone)
    found = night.drift()
    assert found.rc == 3, found.output
    looked = found.result("Look at the domains")
    assert looked["drifted"] == [zone]
    rows = {(row["record_class"], row["kind"]) for row in looked["domains"][0]["drift"] if row["against"] == "snapshot"}
    assert rows == {("mx", "changed"), ("spf", "changed"), ("dkim", "missing"), ("dmarc", "changed")}
    codes = {one["code"] for one in looked["findings"]}
    assert "dkim_selector_unpublished" in codes and {"record_missing", "record_differs"} & codes
    for words in ("was 10 mx1.%s." % zone, "now 5 mx.evil.example.", "inbound stops", "next: "):
        assert words in found.output, found.output
    assert night.drift("-e", "domains=" + beside).rc == 0, "the other one is well"

    dry = night.restore("-e", "domains=" + zone, "--check", "--diff")
    assert dry.rc == 0 and server.records(zone) == bad, dry.output
    done = night.restore("-e", "domains=" + zone)
    assert done.rc == 0, done.output
    assert done.result("Put the records back")["plan"] == dry.result("Put the records back")["plan"]
    assert "may be believed elsewhere for up to 300 s more" in done.output
    after = server.records(zone)
    theirs = {(zone, "TXT", 300, '"other-service=1"'), ("www." + zone, "A", 300, "192.0.2.99")}
    assert after == (good | theirs) - {("www." + zone, "A", 300, "192.0.2.1")}
    told = [
        event["action"]
        for event in night.events()
        if event["request_id"] == "INC-2026-001" and event["phase"] != "intent"
    ]
    assert told[0] == "evidence.captured" and told.count("dns.restored") == 4, told
    assert told[-1] == "dns.recorded" and told.count("dns.checked") == 1, "others have put a record beside ours"
    last = night.drift()
    assert last.rc == 0, last.output

    again = night.restore("-e", "domains=" + zone)
    assert again.rc == 0 and not again.changed, again.output
    assert server.records(zone) == after


def test_one_drifting_client_among_others(knot: NameServer, night: Night) -> None:
    """Exit code 3 for the portfolio; 0 for those that are well; a restore names its domains, and they are some client's."""
    zones = [knot.make_zone() for dummy in range(2)]
    for zone in zones:
        knot.drop_zone(zone)
        knot.make_zone(zone, records(zone))
    night.at(knot, {"acme": zones[:1], "globex": zones[1:]})
    night.keep()
    knot.put(zones[1], zones[1], "MX", 300, [])
    both = night.drift()
    assert both.rc == 3, both.output
    assert "acme: 0 of 1 domains have drifted" in both.output and "globex: 1 of 1 domains have drifted" in both.output
    assert night.drift("--limit", "acme").rc == 0
    assert night.drift("-e", "domains=" + zones[0]).rc == 0
    strange = night.drift("-e", "domains=%s,example.org" % zones[0])
    assert strange.rc == 2 and "[domain_missing] No client of this run has example.org" in strange.output
    nobody = night.restore()
    assert nobody.rc == 2 and "the domains whose records are put back" in nobody.output
    back = night.restore("-e", "domains=" + zones[1])
    assert back.rc == 0, back.output
    assert knot.values(zones[1], "MX") == ["10 mx1.%s." % zones[1]]


def test_what_cannot_be_seen_is_no_drift(knot: NameServer, night: Night) -> None:
    """Exit code 2: nobody knows; and without the callback the playbook refuses, for 0 would look like good news."""
    zone = knot.fresh()
    knot.make_zone(zone, records(zone))
    night.at(knot, {"acme": [zone]})
    night.keep()
    knot.silent()
    try:
        blind = night.drift()
    finally:
        knot.awake()
    assert blind.rc == 2 and "[dns_not_seen]" in blind.output, blind.output
    assert not blind.result("Look at the domains")["drifted"]
    night.environment["ANSIBLE_CALLBACKS_ENABLED"] = "mailops.email.audit,results"
    mute = night.drift()
    assert mute.rc == 2 and "[callback_missing]" in mute.output, mute.output


def test_restoring_keeps_to_the_rules(knot: NameServer, night: Night) -> None:
    """R-PAT-19: outside the window it takes a reason and an approver; a state that never proved good is put back only by its name."""
    zone = knot.fresh()
    knot.make_zone(zone, records(zone))
    night.at(knot, {"acme": [zone]})
    none = night.restore("-e", "domains=" + zone)
    assert none.rc == 2 and "no_last_known_good" in none.output, none.output
    night.keep()
    knot.put(zone, zone, "MX", 300, ["5 mx.evil.example."])
    night.at(knot, {"acme": [zone]}, change_window={"days": ["mon"], "freeze": ["2020-01-01/2050-01-01"]})
    shut = night.restore("-e", "domains=" + zone)
    assert shut.rc == 2 and "outside_change_window" in shut.output, shut.output
    assert knot.values(zone, "MX") == ["5 mx.evil.example."]
    exception = (
        '{"guard": "outside_change_window", "object": "%s", "reason": "mail is down", "approver": "ben@agency.example",'
        ' "expires_at": "2099-01-01T00:00:00Z"}' % zone
    )
    opened = night.restore("-e", "domains=" + zone, "-e", '{"exceptions": [%s]}' % exception)
    assert opened.rc == 0, opened.output
    assert knot.values(zone, "MX") == ["10 mx1.%s." % zone]
    (restored,) = [one for one in night.events() if one["action"] == "dns.restored" and one["phase"] == "outcome"]
    assert restored["exception"]["reason"] == "mail is down"
