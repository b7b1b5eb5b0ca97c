# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and result of ``dns_baseline``: publish, check, record and restore the mail records of domains."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, Eyes
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import authorities, everywhere
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import stream
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ERROR
from ansible_collections.mailops.email.plugins.module_utils.dns.overlay import Overlay
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import Posture, posture
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import places_of, restoring, wanted_of
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.turn import Desk, turn_of
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import (
    Snapshot,
    checked_event,
    histories,
    named,
    read,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.known_good import verifications
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Plan, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_fleet import no_plan_to_compare
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource
from ansible_collections.mailops.email.plugins.module_utils.resources.dns_snapshot import DnsSnapshots, judged
from ansible_collections.mailops.email.plugins.module_utils.resources.record_set import RESTORED, RecordSets
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_desk import (
    Baselines,
    attach_publisher,
    authorities_of,
    eyes_of,
    fetch_of,
    provider_of,
    with_routes,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_guarding import Guarding
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_options import items_of
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result, report_result
from ansible_collections.mailops.email.plugins.module_utils.shell.shorten import shorten
from ansible_collections.mailops.email.plugins.module_utils.shell.task import (
    Params,
    context_of,
    journal_at_hand,
    store_of,
)

DNS_BASELINE = "dns_baseline"
# Seconds between two looks whether what was published is seen.
LOOK_EVERY = 2.0

_NOTHING = RecordSets()

Told = tuple[Resource, Report, "dict[str, t.Any]"]


def run_dns_baseline(
    params: Params,
    *,
    check_mode: bool,
    progress: Progress | None = None,
    run: dict[str, str] | None = None,
    show: t.Callable[[dict[str, t.Any]], None] | None = None,
    on_controller: bool = True,
) -> dict[str, t.Any]:
    """Result of the task; ``failed`` and ``msg`` are in it when it failed. Findings alone never make it fail."""
    progress = progress or Progress()
    try:
        context = context_of(params, check_mode, run or {})
        items = items_of(params)
        driver = provider_of(params, read_only=check_mode, progress=progress)
    except MailopsError as error:
        return failure_result(error)
    try:
        desk = DnsDesk(params, context, items, driver, store_of(params), progress)
        resource, report, more = desk.work()
        result = {**report_result(resource, report, context), **more}
        if show is not None:
            show(result)
        at_hand = on_controller and journal_at_hand(params)
        return shorten(result, report, resource.plural, params["max_listed"], journal_at_hand=at_hand)
    except MailopsError as error:
        return failure_result(error, context, driver.requests())
    finally:
        driver.close()


class DnsDesk:
    """One task: its options, the provider, who publishes, and the eyes that look."""

    def __init__(
        self,
        params: Params,
        context: Context,
        items: t.Sequence[Item],
        driver: Driver,
        store: Store,
        progress: Progress,
    ) -> None:
        self._params = params
        self._context = context
        self._items = items
        self._driver = driver
        self._store = store
        self._progress = progress
        self._eyes = eyes_of(params)
        self._given = authorities_of(params)
        self._fetch = fetch_of(params)
        attach_publisher(params, driver, self._eyes, read_only=context.check_mode, progress=progress)
        self._sources = Baselines(driver, items)
        self._baselines: dict[str, Baseline] = {}
        self._approval_digest = ""

    def work(self) -> Told:
        """:raises MailopsError:"""
        state = self._params["state"]
        if state in ("checked", "snapshot"):
            no_plan_to_compare(self._params.get("approved_digest") or "", state)
        return {
            "present": self._present,
            "checked": self._checked,
            "snapshot": self._snapshot,
            "restored": self._restored,
        }[state]()

    # ---- present

    def _present(self) -> Told:
        guarding = Guarding(self._params, self._context, self._items, self._driver, self._store, self._eyes)
        resource = RecordSets(prepare=self._item_of, judge=guarding.judge, fleet=guarding.fleet)
        return self._publish(resource, guarding)

    def _publish(self, resource: RecordSets, guarding: Guarding) -> Told:
        report = self._engine(resource).run(self._items)
        report.plan.warnings.extend(guarding.warnings())
        self._approval_digest = guarding.approval_digest
        if report.failures and not report.results:
            return resource, report, self._told([], [])
        changed = _changed(report)
        eyes: Eyes = self._eyes
        not_seen: list[str] = []
        if self._context.check_mode:
            eyes = Overlay(self._eyes, {parts_of(key)[1:]: after for key, after in changed.items()})
        elif changed:
            not_seen = self._await(changed)
        postures = self._look(eyes)
        if changed and not self._context.check_mode:
            self._note(resource, postures, report.plan.digest)
        return resource, report, self._told(self._rows(report, postures), postures, not_seen)

    def _item_of(self, item: Item) -> Item:
        baseline = self._sources.of(item)
        self._baselines[baseline.domain] = baseline
        return {
            "key": baseline.domain,
            "domain": baseline.domain,
            "zone": (item.get("zone") or "").rstrip(".").lower(),
            "wanted": wanted_of(baseline),
            "remove": baseline.remove,
            "places": places_of(baseline),
            "ttl": baseline.ttl,
            "baseline": baseline,
        }

    # ---- checked, snapshot and restored

    def _checked(self) -> Told:
        report = self._report()
        self._prepare_all(report)
        if report.failures:
            return _NOTHING, report, self._told([], [])
        postures = self._look(self._eyes)
        report.journal = self._note(_NOTHING, postures, report.plan.digest)
        return _NOTHING, report, self._told(self._rows(report, postures), postures)

    def _snapshot(self) -> Told:
        """What cannot be seen whole is not recorded; what does not pass is recorded and is not good."""
        report = self._report()
        self._prepare_all(report)
        if report.failures:
            return _NOTHING, report, self._told([], [])
        postures = self._look(self._eyes)
        taken = self._context.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        mail = verifications(self._store, self._driver.account)
        seen = {}
        for one in postures:
            if not one.servers or one.unseen or any(part.status == "unknown" for part in one.classes.values()):
                continue
            baseline = self._baselines[one.domain]
            places = {(found.name, found.type) for found in one.observed}
            shot = Snapshot(
                one.domain,
                one.zone,
                one.observed,
                tuple(place for place in places_of(baseline) if place not in places),
                one.servers,
                taken,
                tuple(sorted(baseline.signing_selectors)),
            )
            mail_verified = (mail.get(one.domain) or {}).get("verified_at") or ""
            findings = [found.to_dict() for found in one.findings]
            seen[one.domain] = judged(shot, findings, self._context.actor.get("human", ""), mail_verified)
        resource = DnsSnapshots(seen, histories(self._store, set(self._baselines)))
        report = self._engine(resource).run([{"name": name} for name in self._baselines])
        return resource, report, self._told(self._rows(report, postures), postures)

    def _restored(self) -> Told:
        """R-IRB-E1: from the record, not from memory."""
        guarding = Guarding(
            self._params, self._context, self._items, self._driver, self._store, self._eyes, restoring=True
        )
        known = histories(self._store, {item["name"] for item in self._items})

        def prepare(item: Item) -> Item:
            name = item["name"]
            shot = read(self._store, named(known.get(name, []), name, self._params["snapshot_id"]))
            self._baselines[name] = self._sources.of(item)
            return {
                "key": name,
                "domain": name,
                "zone": shot.zone,
                "wanted": restoring(shot.records, shot.absent),
                "remove": (),
                "places": [*((one.name, one.type) for one in shot.records), *shot.absent],
                "ttl": self._baselines[name].ttl,
                "baseline": self._baselines[name],
                "proven": shot.is_good,
            }

        resource = RecordSets(
            RESTORED,
            prepare=prepare,
            judge=guarding.judge,
            fleet=guarding.fleet,
            request_id=self._context.request_id,
        )
        return self._publish(resource, guarding)

    def _prepare_all(self, report: Report) -> None:
        """Baselines of all items; what is refused is a failure of the report."""
        boundary = self._context.client_domains
        for index, item in enumerate(self._items):
            try:
                if boundary is not None and item["name"] not in boundary:
                    raise Refused(
                        "client_boundary",
                        "%s does not belong to client %s." % (item["name"], self._context.client or "(unnamed)"),
                        "Run it for the client that owns the domain, or correct the client's domains in the inventory.",
                    )
                self._item_of(item)
            except MailopsError as error:
                report.failures.append(Failure(index, item["name"], "validate", error))

    # ---- looking

    def _look(self, eyes: Eyes) -> list[Posture]:
        names = sorted(self._baselines)
        askings = [posture(one, self._given, self._fetch, others=names) for one in self._baselines.values()]
        return with_routes(self._driver, self._items, stream(askings, eyes, self._progress))

    def _await(self, changed: t.Mapping[str, RecordSet | None]) -> list[str]:
        """Keys of what is not seen at every server of its zone when the time is over."""
        ends = time.monotonic() + self._params["wait"]
        left = dict(changed)
        while True:
            self._eyes.forget()
            seen = stream([_shows(key, after, self._given) for key, after in left.items()], self._eyes)
            left = {key: after for (key, after), there in zip(left.items(), seen, strict=True) if not there}
            rest = ends - time.monotonic()
            if not left or rest <= 0:
                self._eyes.forget()
                return sorted(left)
            self._progress.waiting("%d record sets are not seen by all name servers yet" % len(left), rest)
            time.sleep(min(LOOK_EVERY, rest))

    # ---- telling

    def _note(self, resource: Resource, postures: t.Sequence[Posture], digest: str) -> str:
        """One ``dns.checked`` for each domain (R-DNS-21)."""
        desk = Desk(resource, self._driver, self._context, self._store, None, self._progress)
        return turn_of(desk).note(lambda: [self._event(one) for one in postures], digest)

    def _event(self, one: Posture) -> dict[str, t.Any]:
        told = {
            "ready": one.ready,
            "zone": one.zone,
            "servers": list(one.servers),
            "classes": {name: part.status for name, part in one.classes.items()},
        }
        return checked_event(self._context.client, one.domain, [found.to_dict() for found in one.findings], told)

    def _rows(self, report: Report, postures: t.Sequence[Posture]) -> list[dict[str, t.Any]]:
        objects = {one["name"]: one for one in report.objects}
        rows = [{**objects.get(one.domain, {}), **one.to_dict(), "name": one.domain} for one in postures]
        report.objects = rows
        return rows

    def _told(
        self, rows: t.Sequence[t.Mapping[str, t.Any]], postures: t.Sequence[Posture], not_seen: t.Sequence[str] = ()
    ) -> dict[str, t.Any]:
        host = self._driver.dns
        return {
            "findings": [finding.to_dict() for one in postures for finding in one.findings],
            "ready": bool(rows) and all(row["ready"] for row in rows),
            "not_ready": [row["name"] for row in rows if not row["ready"]],
            "not_seen": list(not_seen),
            "verdicts": [verdict_of(one) for one in postures],
            "publisher": host.account if host else "",
            "approval_digest": self._approval_digest,
        }

    def _engine(self, resource: Resource) -> Engine:
        return Engine(resource, self._driver, self._context, store=self._store, progress=self._progress)

    def _report(self) -> Report:
        """Of a state that plans nothing."""
        return Report(Plan(self._context.client, self._driver.account, []))


def _changed(report: Report) -> dict[str, RecordSet | None]:
    """By key, what record sets are now, or would be."""
    done = [one.operation for one in report.results if one.status in ("applied", "unverified", "predicted")]
    return {one.key: _after(one) for one in done if one.kind == KIND}


def _after(operation: Operation) -> RecordSet | None:
    return RecordSet.from_dict(operation.after) if operation.after else None


def _shows(key: str, after: RecordSet | None, given: t.Sequence[str]) -> Asking[bool]:
    """Whether every authoritative server says it."""
    domain, name, kind = parts_of(key)
    found = yield from authorities(domain, given)
    if not found.servers:
        return False
    agreement = yield from everywhere(name, kind, found.servers)
    return agreement.agreed and set(agreement.values) == set(after.values if after else ())


def verdict_of(one: Posture) -> dict[str, t.Any]:
    """What a verification of the domain takes in beside the mail that it tries (R-SCOPE-09)."""
    first = next((found for found in one.findings if found.severity == ERROR), None)
    return {
        "domain": one.domain,
        "check": "dns",
        "passed": one.ready and one.ok,
        "code": first.code if first else "",
        "evidence": "%s: %s" % (first.object, first.evidence) if first else {"servers": list(one.servers)},
        "next": first.next if first else "",
    }
