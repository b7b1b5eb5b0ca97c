# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""restore after anything after snapshot, on real servers: our record sets are as they were, all others as anything has left
them, byte for byte (R-DNS-13)."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from publishing import Host, powerdns_api, rfc2136

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.drift import from_snapshot
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import planned, restoring
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.journal import dns_snapshots
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import Operation
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.resources.dns_snapshot import DnsSnapshots

HOSTS = {
    "bind": ("bind", rfc2136),
    "knot": ("knot", rfc2136),
    "powerdns": ("powerdns", rfc2136),
    "powerdns-api": ("powerdns", powerdns_api),
}
ROUNDS = 6
LONG = "v=DKIM1; k=rsa; p=" + "B" * 392

Place = tuple[str, str]
Row = tuple[str, str, int, str]


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    server, make = HOSTS[request.param]
    found = Host(request.getfixturevalue(server), make)
    yield found
    found.publisher.close()


def text(value: str) -> str:
    return txt.encode(value)


def owned(zone: str) -> dict[Place, list[str]]:
    """What may stand in each record set that a baseline speaks of."""
    return {
        (zone, "MX"): ["10 mx1.mail.test.", "20 mx2.mail.test.", "5 evil.example.", "0 ."],
        (zone, "TXT"): [text("v=spf1 mx -all"), text("v=spf1 ?all"), text("site=1"), text('odd "one" \\ \xe4')],
        ("s1._domainkey." + zone, "TXT"): [text(LONG), text("v=DKIM1; p=")],
        ("_dmarc." + zone, "TXT"): [text("v=DMARC1; p=none"), text("v=DMARC1; p=reject"), text("left here")],
        ("_smtp._tls." + zone, "TXT"): [text("v=TLSRPTv1; rua=mailto:a@example.com")],
        ("_25._tcp.mx." + zone, "TLSA"): ["3 1 1 " + "ab" * 32, "3 1 1 " + "cd" * 32],
    }


def others(zone: str) -> dict[Place, list[str]]:
    return {
        ("www." + zone, "A"): ["192.0.2.1", "192.0.2.2"],
        ("www." + zone, "TXT"): [text("hello")],
        ("shop." + zone, "CNAME"): ["shops.example."],
        (zone, "CAA"): ['0 issue "ca.example"'],
        ("sub." + zone, "MX"): ["10 elsewhere.example."],
    }


def scramble(host: Host, zone: str, dice: random.Random, share: float) -> None:
    """Change about so many of the record sets behind the collection's back."""
    for (name, kind), values in {**owned(zone), **others(zone)}.items():
        if dice.random() >= share:
            continue
        count = dice.randint(0, 1 if kind == "CNAME" else len(values))
        host.server.put(zone, name, kind, dice.choice([60, 300, 3600]), dice.sample(values, count))


def seen(host: Host, zone: str) -> dict[Place, RecordSet]:
    keys = [key_of(zone, name, kind) for name, kind in owned(zone)]
    found = [RecordSet.from_dict(row) for row in host.publisher.observe(KIND, keys).values()]
    return {(one.name, one.type): one for one in found}


def snapshot(host: Host, zone: str, folder: Path) -> dns_snapshots.Snapshot:
    """Through the journal and back."""
    sets = seen(host, zone)
    absent = tuple(place for place in owned(zone) if place not in sets)
    taken = dns_snapshots.Snapshot(zone, zone, tuple(sets.values()), absent, verified_by="Ann Admin")
    store = FileStore(str(folder))
    now = datetime.datetime.now(datetime.timezone.utc)
    context = Context("REQ-1", "acme", {"human": "Ann Admin", "system": "test"}, "test", zone, now)
    Engine(DnsSnapshots({zone: taken}, {}), JournalOnly(), context, store=store).run([{"name": zone}])
    entry = dns_snapshots.last_known_good(store, zone)
    assert entry is not None
    return dns_snapshots.read(store, entry)


def restore(host: Host, zone: str, shot: dns_snapshots.Snapshot) -> int:
    changes = planned(restoring(shot.records, shot.absent), (), seen(host, zone), 3600)
    operations = [
        Operation(
            0,
            KIND,
            "set" if one.after else "remove",
            key_of(zone, one.name, one.type),
            "dns.restored",
            one.before.to_dict() if one.before else None,
            one.after.to_dict() if one.after else None,
            {"zone": zone},
        )
        for one in changes
    ]
    results = host.publisher.apply(operations, "key") if operations else []
    assert all(result.status == "applied" for result in results), [result.error for result in results]
    return len(operations)


def ours(row: Row, zone: str) -> bool:
    """Whether a record belongs to the baseline: beside SPF and DMARC others may have put theirs."""
    name, kind, dummy, value = row
    if (name, kind) not in owned(zone):
        return False
    prefix = {zone: '"v=spf1', "_dmarc." + zone: '"v=DMARC1', "_smtp._tls." + zone: '"v=TLSRPTv1'}.get(name, "")
    return kind != "TXT" or value.startswith(prefix)


def test_restore_gives_back_ours_and_leaves_the_rest(host: Host, tmp_path: Path) -> None:
    """R-DNS-13: seeded, so that a failure can be had again; every record of the zone is compared, its SOA left out."""
    changed = 0
    zones = [host.server.make_zone() for dummy in range(ROUNDS)]
    for number, zone in enumerate(zones):
        dice = random.Random("%s %d" % (host.server.name, number))  # noqa: S311
        scramble(host, zone, dice, 1.0)
        good = host.server.records(zone)
        shot = snapshot(host, zone, tmp_path / str(number))
        scramble(host, zone, dice, 0.7)
        bad = host.server.records(zone)
        changed += restore(host, zone, shot)
        after = host.server.records(zone)
        told = "seed %r" % ("%s %d" % (host.server.name, number))

        assert {(row[:2], row[3]) for row in after if ours(row, zone)} == {
            (row[:2], row[3]) for row in good if ours(row, zone)
        }, told
        assert {(row[:2], row[3]) for row in after if not ours(row, zone)} == {
            (row[:2], row[3]) for row in bad if not ours(row, zone)
        }, told
        shared = {row[:2] for row in after if row[:2] in owned(zone) and not ours(row, zone)}
        mine = {row[:2] for row in after if ours(row, zone)} - shared
        assert {row for row in after if row[:2] in mine} == {
            row for row in good if row[:2] in mine and ours(row, zone)
        }, told
        assert {row for row in after if row[:2] not in owned(zone)} == {
            row for row in bad if row[:2] not in owned(zone)
        }, told
        assert restore(host, zone, shot) == 0, "nothing is left to do"
        assert not from_snapshot(zone, shot.records, shot.absent, seen(host, zone))
    assert changed > ROUNDS, "there was something to restore"
