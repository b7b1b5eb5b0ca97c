# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record sets through the engine: planned, carried out, found in doubt, frozen, restored and taken back (R-RBK-05, R-PAT-14, G3)."""

from __future__ import annotations

import collections
import datetime
import typing as t
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, Dmarc, Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import places_of, restoring, wanted_of
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.changes import changes_of
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.resources.record_set import RESTORED, RecordSets
from ansible_collections.mailops.email.plugins.module_utils.resources.rollback import Rollback, item_of

NAME = "example.com"
FOREIGN = '"site-verification=1"'
BASELINE = Baseline(NAME, mx=((10, "mx.example.net"),), spf=Spf(("spf.example.net",), (), "-all"), dmarc=Dmarc("none"))


class Host:
    """A DNS host in memory that changes what is still as it was planned on."""

    account = "memory@dns"
    capabilities = frozenset(("record_set.set", "record_set.remove"))
    lands_within = 0.0

    def __init__(self, zone: dict[str, RecordSet] | None = None, name: str = NAME) -> None:
        self.zone = dict(zone or {})
        self.name = name
        self.broken = False
        self.request_counts: collections.Counter[str] = collections.Counter()

    def zone_of(self, domain: str) -> str:
        return self.name

    def batch_key(self, operation: Operation) -> t.Hashable:
        return self.name

    def batch_size(self, kind: str, verb: str) -> int:
        return 10

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        return []

    def close(self) -> None:
        pass

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, dict[str, t.Any]]:
        self.request_counts["QUERY"] += 1
        return {key: {**self.zone[key].to_dict(), "zone": self.name} for key in scope if key in self.zone}

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        self.request_counts["UPDATE"] += 1
        found = []
        for one in operations:
            now = self.zone.get(one.key)
            if (now.to_dict() if now else None) != one.before:
                found.append(Result(one, "failed", error=ProviderError("changed_meanwhile", one.key)))
                continue
            if one.after is None:
                del self.zone[one.key]
            else:
                self.zone[one.key] = RecordSet.from_dict(one.after)
            lost = ProviderError("unreachable", "lost", in_doubt=True)
            found.append(
                Result(one, "in_doubt" if self.broken else "applied", one.after, error=lost if self.broken else None)
            )
        return found


def host(*rows: tuple[str, str, list[str]]) -> Host:
    return Host({key_of(NAME, name, kind): RecordSet.of(name, kind, 300, values) for name, kind, values in rows})


def context(folder: Path, request: str = "REQ-1", **more: t.Any) -> Context:
    now = datetime.datetime.now(datetime.timezone.utc)
    who = {"human": "sam@agency.example", "system": "test"}
    return Context(request, "acme", who, "mailops.email@1.0.0", "run-%s" % request, now, **more)


def item(baseline: Baseline) -> dict[str, t.Any]:
    return {
        "key": baseline.domain,
        "domain": baseline.domain,
        "zone": "",
        "wanted": wanted_of(baseline),
        "remove": baseline.remove,
        "places": places_of(baseline),
        "ttl": baseline.ttl,
    }


def run(folder: Path, dns: Host, resource: t.Any = None, items: t.Any = None, **more: t.Any) -> Report:
    driver = JournalOnly("dns")
    driver.dns = dns
    store = FileStore(str(folder / "journal"))
    return Engine(resource or RecordSets(), driver, context(folder, **more), store=store).run(items or [item(BASELINE)])


def events(folder: Path, action: str) -> list[dict[str, t.Any]]:
    return [one for one in FileStore(str(folder / "journal")).all_events(b"") if one.get("action") == action]


def test_what_is_missing_is_published_once(tmp_path: Path) -> None:
    dns = host((NAME, "TXT", [FOREIGN]))
    predicted = run(tmp_path, dns, check_mode=True)
    assert dns.request_counts["UPDATE"] == 0
    report = run(tmp_path, dns)
    assert [one.summary() for one in predicted.plan.operations] == [one.summary() for one in report.plan.operations]
    assert predicted.plan.digest == report.plan.digest
    assert sorted(one.operation.key.split("/", 2)[2] for one in report.results) == [
        "_dmarc.example.com/TXT",
        "example.com/MX",
        "example.com/TXT",
    ]
    assert dns.request_counts["UPDATE"] == 1
    assert FOREIGN in dns.zone[key_of(NAME, NAME, "TXT")].values
    assert len(events(tmp_path, "dns.published")) == 6
    again = run(tmp_path, dns)
    assert (again.results, dns.request_counts["UPDATE"]) == ([], 1)


def test_equal_records_of_two_zones_are_two_plans(tmp_path: Path) -> None:
    """G3: an approval of the one is none of the other."""
    one = run(tmp_path, Host(), check_mode=True).plan.digest
    other = run(tmp_path, Host(name="com"), check_mode=True, request="REQ-2").plan.digest
    strange = Host()
    strange.account = "memory@elsewhere"
    third = run(tmp_path, strange, check_mode=True, request="REQ-3").plan.digest
    assert len({one, other, third}) == 3


def test_a_change_of_others_meanwhile_fails_and_is_planned_anew(tmp_path: Path) -> None:
    """G6."""

    class Racing(Host):
        def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
            if self.request_counts["UPDATE"] == 0:
                self.zone[key_of(NAME, NAME, "TXT")] = RecordSet.of(NAME, "TXT", 300, [FOREIGN])
            return super().apply(operations, idempotency_key)

    dns = Racing()
    report = run(tmp_path, dns)
    assert [one.error.code for one in report.failures] == ["changed_meanwhile"]
    assert dns.zone[key_of(NAME, NAME, "TXT")].values == (FOREIGN,)
    run(tmp_path, dns)
    assert len(dns.zone[key_of(NAME, NAME, "TXT")].values) == 2


def test_a_lost_answer_is_settled_by_reading(tmp_path: Path) -> None:
    dns = Host()
    dns.broken = True
    report = run(tmp_path, dns)
    assert {one.status for one in report.results} == {"applied"}
    assert {one.http.get("settled") for one in report.results} == {"read_back"}


def test_another_clients_domain_is_refused(tmp_path: Path) -> None:
    report = run(tmp_path, Host(), client_domains=Boundary(["example.org"]))
    assert [one.error.code for one in report.failures] == ["client_boundary"]


def test_without_a_publisher_nothing_is_planned(tmp_path: Path) -> None:
    """R-DNS-24."""
    engine = Engine(RecordSets(), JournalOnly("dns"), context(tmp_path), store=FileStore(str(tmp_path / "journal")))
    report = engine.run([item(BASELINE)])
    assert [one.error.code for one in report.failures] == ["no_publisher"]


def test_a_guard_stops_the_whole_task(tmp_path: Path) -> None:
    from ansible_collections.mailops.email.plugins.module_utils.model import Refused

    def no(which: dict[str, t.Any], operations: list[Operation]) -> None:
        raise Refused("last_mx_removed", which["domain"])

    dns = Host()
    report = run(tmp_path, dns, RecordSets(judge=no))
    assert [one.error.code for one in report.failures] == ["last_mx_removed"]
    assert dns.zone == {}


def test_restoring_keeps_the_bad_state_first(tmp_path: Path) -> None:
    """R-PAT-14: evidence.captured before every dns.restored."""
    dns = Host()
    run(tmp_path, dns)
    good = list(dns.zone.values())
    dns.zone[key_of(NAME, NAME, "MX")] = RecordSet.of(NAME, "MX", 300, ["5 wrong.example."])
    del dns.zone[key_of(NAME, "_dmarc." + NAME, "TXT")]
    back = {**item(BASELINE), "wanted": restoring(good, ())}
    report = run(tmp_path, dns, RecordSets(RESTORED, request_id="INC-1"), [back], request="INC-1")
    assert not report.failures
    assert sorted(dns.zone.values(), key=str) == sorted(good, key=str)
    kept = events(tmp_path, "evidence.captured")
    restored = events(tmp_path, "dns.restored")
    assert len(restored) == 4
    assert max(one["timestamp"] for one in kept) <= min(one["timestamp"] for one in restored)
    (path,) = {one["after"]["path"] for one in kept}
    assert b"wrong.example" in FileStore(str(tmp_path / "journal")).load(path)


def taken_back(folder: Path, dns: Host, overwrite: tuple[str, ...] = ()) -> tuple[Report, list[str]]:
    store = FileStore(str(folder / "journal"))
    batch = changes_of(store, "REQ-1", "dns", "acme")
    resource = Rollback("REQ-1/acme/1", "", False)
    items = [item_of(change, overwrite) for change in batch.changes.values()]
    report = run(folder, dns, resource, items, max_removals=None, rollback={"id": "REQ-1/acme/1", "of": ""})
    return report, sorted(row["verdict"] for row in report.objects)


def test_a_rollback_takes_back_value_by_value(tmp_path: Path) -> None:
    """What others have put beside ours since stays; nothing else is written (R-RBK-05)."""
    dns = host((NAME, "TXT", [FOREIGN, '"v=spf1 include:old.example -all"']), (NAME, "MX", ["10 mx.example.net."]))
    before = dict(dns.zone)
    run(tmp_path, dns)
    key = key_of(NAME, NAME, "TXT")
    later = '"added-later"'
    dns.zone[key] = RecordSet.of(NAME, "TXT", 300, [*dns.zone[key].values, later])
    report, verdicts = taken_back(tmp_path, dns)
    assert verdicts == ["taken_back", "taken_back"]
    assert not report.failures
    assert set(dns.zone[key].values) == {*before[key].values, later}
    assert key_of(NAME, "_dmarc." + NAME, "TXT") not in dns.zone
    writes = dns.request_counts["UPDATE"]
    again, verdicts = taken_back(tmp_path, dns)
    assert verdicts == ["as_before", "as_before"]
    assert dns.request_counts["UPDATE"] == writes


def test_what_others_have_changed_waits_for_a_word(tmp_path: Path) -> None:
    dns = Host()
    run(tmp_path, dns)
    key = key_of(NAME, "_dmarc." + NAME, "TXT")
    dns.zone[key] = RecordSet.of("_dmarc." + NAME, "TXT", 300, ['"v=DMARC1; p=reject"'])
    dummy, verdicts = taken_back(tmp_path, dns)
    assert verdicts == ["changed_since", "taken_back", "taken_back"]
    assert dns.zone[key].values == ('"v=DMARC1; p=reject"',)


def test_without_a_publisher_it_is_left_to_people(tmp_path: Path) -> None:
    dns = Host()
    run(tmp_path, dns)
    store = FileStore(str(tmp_path / "journal"))
    batch = changes_of(store, "REQ-1", "dns", "acme")
    engine = Engine(Rollback("R/1", "", False), JournalOnly("dns"), context(tmp_path), store=store)
    report = engine.run([item_of(change, ()) for change in batch.changes.values()])
    assert {row["verdict"] for row in report.objects} == {"left_to_people"}


@pytest.mark.parametrize("again", [True, False])
def test_a_killed_run_is_finished_by_the_next(tmp_path: Path, again: bool) -> None:
    """An intent without an outcome is settled by what the zone says, whether it was carried out or not."""

    class Killed(Host):
        def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
            if again:
                super().apply(operations, idempotency_key)
            raise KeyboardInterrupt

    dns = Killed()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, dns)
    calm = Host(dns.zone)
    report = run(tmp_path, calm)
    assert not report.failures
    assert len(calm.zone) == 3
    outcomes = [one for one in events(tmp_path, "dns.published") if one["phase"] == "outcome" and one.get("recovered")]
    assert {one["outcome"] for one in outcomes} == {"success" if again else "failure"}
