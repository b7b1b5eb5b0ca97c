# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots of the DNS in the journal, and which of them count as good (R-DNS-13, R-DNS-14)."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import typing as t
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal import dns_snapshots
from ansible_collections.mailops.email.plugins.module_utils.journal.changes import changes_of
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import Snapshot
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.journal_only import JournalOnly
from ansible_collections.mailops.email.plugins.module_utils.resources.dns_snapshot import DnsSnapshots, judged

DOMAIN = "example.com"
ERROR = {"code": "mx_missing", "severity": "error"}
WARNING = {"code": "dmarc_pct_obsolete", "severity": "warning"}
_RUNS = itertools.count()


def seen(mx: str = "10 mx.example.net.", **fields: t.Any) -> Snapshot:
    records = (
        RecordSet.of(DOMAIN, "TXT", 300, ['"v=spf1 -all"', '"site=1"']),
        RecordSet.of(DOMAIN, "MX", 300, [mx]),
    )
    given = {"absent": (("_smtp._tls.example.com", "TXT"),), "servers": ("192.0.2.2@53", "192.0.2.1@53")}
    given.update(taken_at="2026-11-21T12:00:00Z", selectors=("s1",), **fields)
    return Snapshot(DOMAIN, DOMAIN, records, **given)  # type: ignore[arg-type]


@dataclasses.dataclass
class Book:
    """A journal into which snapshots are recorded, each by a run of its own."""

    store: FileStore

    def record(self, snapshot: Snapshot, findings: t.Sequence[dict[str, str]] = (), *, check: bool = False) -> Report:
        good = judged(snapshot, findings, "Ann Admin")
        now = datetime.datetime.now(datetime.timezone.utc)
        actor = {"human": "Ann Admin", "system": "test"}
        context = Context("REQ-1", "acme", actor, "test", "run-%d" % next(_RUNS), now, check_mode=check)
        resource = DnsSnapshots({DOMAIN: good}, dns_snapshots.histories(self.store))
        report = Engine(resource, JournalOnly(), context, store=self.store).run([{"name": DOMAIN}])
        assert not report.failures and not report.fatal, report.failures
        return report

    def entries(self) -> list[dns_snapshots.Entry]:
        return dns_snapshots.snapshots(self.store, DOMAIN)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(FileStore(str(tmp_path)))


def test_what_is_recorded_comes_back(book: Book) -> None:
    """R-DNS-13: records, what was absent, servers, time, digest and who verified."""
    report = book.record(seen(mail_verified_at=""), [WARNING])
    (entry,) = book.entries()
    back = dns_snapshots.read(book.store, entry)
    assert back.to_dict() == judged(seen(), [WARNING], "Ann Admin").to_dict()
    assert back.verified_by == "Ann Admin" and back.findings == ("dmarc_pct_obsolete",)
    assert back.servers == ("192.0.2.1@53", "192.0.2.2@53") and back.absent == (("_smtp._tls.example.com", "TXT"),)
    assert entry.verified and entry.request_id == "REQ-1" and entry.selectors == ("s1",)
    assert report.objects[0]["last_known_good"] == entry.digest
    assert dns_snapshots.last_known_good(book.store, DOMAIN) == entry


def test_a_dry_run_tells_the_same_and_writes_nothing(book: Book) -> None:
    dry = book.record(seen(), check=True)
    assert not book.entries()
    wet = book.record(seen())
    assert dry.objects == wet.objects and dry.plan.digest == wet.plan.digest


def test_the_same_is_recorded_once(book: Book) -> None:
    """Another time, other servers and another warning are no other state; other selectors are."""
    book.record(seen())
    again = dataclasses.replace(seen(), taken_at="2026-11-22T12:00:00Z", servers=("192.0.2.9@53",))
    assert not book.record(again, [WARNING]).plan.operations
    assert book.record(dataclasses.replace(again, selectors=("s1", "s2"))).plan.operations
    assert not book.record(again, [ERROR]).objects[0]["digest"] == book.entries()[0].digest
    assert len(book.entries()) == 3


def test_good_is_earned_and_stays(book: Book) -> None:
    """R-DNS-14: what fails a check is evidence; the last good state is what was good before."""
    bad = seen("10 evil.example.net.")
    assert book.record(bad, [ERROR]).objects[0]["last_known_good"] is None
    with pytest.raises(Refused) as caught:
        dns_snapshots.named(book.entries(), DOMAIN, "last_known_good")
    assert caught.value.code == "no_last_known_good" and book.entries()[0].id in caught.value.hint
    book.record(seen())
    report = book.record(bad, [ERROR])
    first, good, last = book.entries()
    assert not first.verified and good.verified and not last.verified
    assert report.objects[0]["last_known_good"] == good.digest and report.objects[0]["digest"] == last.digest
    assert dns_snapshots.last_known_good(book.store, DOMAIN) == good
    assert dns_snapshots.named(book.entries(), DOMAIN, "latest") == last
    assert book.record(seen()).plan.operations, "good again after it was bad"
    assert not book.record(seen(), [ERROR]).plan.operations, "the same records, once good, are not worse now"
    entry = book.entries()[-1]
    assert entry.verified and entry.records_digest == good.records_digest


def test_a_snapshot_is_named_by_its_digest(book: Book) -> None:
    book.record(seen())
    book.record(seen("20 mx.example.net."))
    first, second = book.entries()
    assert dns_snapshots.named(book.entries(), DOMAIN, first.digest) == first
    assert dns_snapshots.named(book.entries(), DOMAIN, first.id) == first
    assert dns_snapshots.named(book.entries(), DOMAIN, second.id.upper()) == second
    for name in ("", "sha256:", first.id[:7], "0" * 12, "newest"):
        with pytest.raises(Refused) as caught:
            dns_snapshots.named(book.entries(), DOMAIN, name)
        assert caught.value.code == "snapshot_unknown" and second.id in caught.value.hint
    with pytest.raises(Refused) as caught:
        dns_snapshots.named([], DOMAIN, "latest")
    assert caught.value.code == "no_last_known_good" and "state=snapshot" in caught.value.hint


def test_damage_is_found(book: Book, tmp_path: Path) -> None:
    """A snapshot that was changed is not put back."""
    book.record(seen())
    (entry,) = book.entries()
    path = tmp_path / entry.path
    whole = path.read_bytes()
    for broken in (whole.replace(b"mx.example.net", b"mx.example.org"), b"[]", b"{", b""):
        path.write_bytes(broken)
        with pytest.raises(JournalError) as caught:
            dns_snapshots.read(book.store, entry)
        assert caught.value.code == "snapshot_damaged" and entry.path in caught.value.message
    path.unlink()
    with pytest.raises(JournalError, match="No such file"):
        dns_snapshots.read(book.store, entry)


def test_names_leave_no_folder(book: Book, tmp_path: Path) -> None:
    after, dummy = seen().sealed("../../evil")
    assert after["path"].split("/")[:-1] == ["dns-snapshots", ".._.._evil", DOMAIN]
    after, dummy = seen().sealed("..")
    assert after["path"].split("/")[1] == "_"


def test_a_rollback_does_not_take_a_snapshot_back(book: Book) -> None:
    """It is the journal's own: nothing was changed by it."""
    book.record(seen())
    assert not changes_of(book.store, "REQ-1", "journal", "acme").changes


def test_nothing_seen_is_nothing_recorded(book: Book) -> None:
    context = Context(
        "REQ-1", "acme", {"human": "Ann Admin"}, "test", "run", datetime.datetime.now(datetime.timezone.utc)
    )
    report = Engine(DnsSnapshots({}, {}), JournalOnly(), context, store=book.store).run([{"name": DOMAIN}])
    assert [one.error.code for one in report.failures] == ["dns_not_seen"]


def test_selectors_rest_since_the_first_snapshot_without_them() -> None:
    def entry(day: int, *selectors: str) -> dns_snapshots.Entry:
        moment = "2026-10-%02dT00:00:00Z" % day
        return dns_snapshots.Entry(DOMAIN, "sha256:", "", "", True, "", moment, moment, "", 0, selectors)

    history = [entry(1, "a"), entry(2, "a", "b"), entry(3, "b"), entry(4, "b", "c"), entry(5, "c")]
    rest = dns_snapshots.selectors_rest(history, ("a", "b", "c", "never"))
    days = {selector: moment.day for selector, moment in rest.items()}
    assert days == {"a": 3, "b": 5, "never": 1}
    assert dns_snapshots.selectors_rest([], ("a",)) == {}
    back = [*history, entry(6, "a"), entry(7)]
    assert dns_snapshots.selectors_rest(back, ("a",))["a"].day == 7, "it signed again in between"


def test_checks_are_told_and_found_again(book: Book) -> None:
    """R-DNS-21: one event for each domain; the newest counts."""
    writer = book.store.writer("run", {"actor": {"human": "Ann Admin"}, "request_id": "REQ-1"})
    writer.open()
    told = {"classes": {"mx": "ok"}}
    writer.append([dns_snapshots.checked_event("acme", DOMAIN, [WARNING], told)])
    writer.append([dns_snapshots.checked_event("", "example.org", [WARNING, ERROR], told)])
    writer.close()
    found = dns_snapshots.last_checks(book.store)
    assert found[DOMAIN]["passed"] and found[DOMAIN]["codes"] == ["dmarc_pct_obsolete"]
    assert not found["example.org"]["passed"]
    events = list(book.store.all_events(b"dns.checked"))
    assert events[0]["dns_result"]["classes"] == {"mx": "ok"} and events[1]["outcome"] == "failure"
