# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and result of ``dns_baseline_info``: how the mail records of a portfolio stand, looked at all at once."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Asking, together
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import everywhere
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.drift import findings_of, from_baseline, from_snapshot
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import stream
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import Posture, posture
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import places_of
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_keys import old_keys
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import (
    LAST_KNOWN_GOOD,
    Entry,
    Snapshot,
    histories,
    named,
    newest,
    read,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_desk import (
    Baselines,
    authorities_of,
    eyes_of,
    fetch_of,
    provider_of,
    with_routes,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_options import items_of
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, client_domains_of, store_of

DNS_INFO = "dns_baseline_info"

Answer = dict[str, t.Any]
Place = tuple[str, str]
Sets = dict[Place, RecordSet]


def run_dns_info(params: Params, progress: Progress | None = None) -> Answer:
    """Result of the task; nothing is changed or recorded."""
    progress = progress or Progress()
    try:
        driver = provider_of(params, read_only=True, progress=progress)
    except MailopsError as error:
        return failure_result(error)
    try:
        items = items_of(params)
        own = client_domains_of(params)
        strange = [item["name"] for item in items if own is not None and item["name"] not in own]
        if strange:
            raise Refused(
                "client_boundary",
                "%s does not belong to client %s." % (", ".join(strange[:5]), params.get("client") or "(unnamed)"),
                "Run it for the client that owns the domain, or correct the client's domains in the inventory.",
            )
        sources = Baselines(driver, items)
        baselines = [sources.of(item) for item in items]
        eyes = eyes_of(params)
        given, fetch, names = authorities_of(params), fetch_of(params), [one.domain for one in baselines]
        looked = stream([posture(one, given, fetch, others=names) for one in baselines], eyes, progress)
        postures = with_routes(driver, items, looked)
        store = store_of(params)
        known = histories(store, set(names))
        postures = [_with_old_keys(one, store, known.get(one.domain, [])) for one in postures]
        shots = {name: _snapshot(store, known.get(name, []), name, params["snapshot_id"]) for name in names}
        seen = stream(
            [_seen(one, base, shots[one.domain]) for one, base in zip(postures, baselines, strict=True)], eyes
        )
        rows = [
            _row(one, base, shots[one.domain], told) for one, base, told in zip(postures, baselines, seen, strict=True)
        ]
        return {
            "changed": False,
            "domains": rows,
            "findings": [found for row in rows for found in row["findings"]],
            "ready": all(row["ready"] for row in rows),
            "not_ready": [row["name"] for row in rows if not row["ready"]],
            "drifted": [row["name"] for row in rows if row["drift"]],
            "conformance": _conformance(rows),
            "queries": eyes.sent,
            "requests": driver.requests(),
        }
    except MailopsError as error:
        return failure_result(error, None, driver.requests())
    finally:
        driver.close()


def _with_old_keys(one: Posture, store: Store, entries: t.Sequence[Entry]) -> Posture:
    now = datetime.datetime.now(datetime.timezone.utc)
    found_ones = old_keys(store, entries, one.observed, now)
    return dataclasses.replace(one, findings=(*one.findings, *found_ones)) if found_ones else one


def _snapshot(store: Store, entries: t.Sequence[Entry], name: str, which: str) -> tuple[Entry, Snapshot] | None:
    """None when there is no good one yet; a digest that nobody knows is refused."""
    if which == LAST_KNOWN_GOOD and newest(entries, verified=True) is None:
        return None
    entry = named(entries, name, which)
    return entry, read(store, entry)


def _seen(one: Posture, baseline: Baseline, shot: tuple[Entry, Snapshot] | None) -> Asking[tuple[Sets, list[Place]]]:
    """What the name servers have of all that baseline and snapshot speak of, and of what they said nothing; most of it the posture
    has asked already."""
    unseen = list(one.unseen)
    sets = {(record.name, record.type): record for record in one.observed}
    if shot is not None and one.servers:
        asked = set(places_of(baseline))
        more = [(record.name, record.type) for record in shot[1].records]
        left = [place for place in (*more, *shot[1].absent) if place not in asked]
        agreements = yield from together([everywhere(name, kind, one.servers) for name, kind in left])
        for (name, kind), agreement in zip(left, agreements, strict=True):
            if agreement.values:
                sets[name, kind] = RecordSet.of(name, kind, agreement.ttl, agreement.values)
            elif not agreement.spoke:
                unseen.append((name, kind))
    return sets, unseen


def _row(
    one: Posture, baseline: Baseline, shot: tuple[Entry, Snapshot] | None, told: tuple[Sets, list[Place]]
) -> Answer:
    seen, unseen = told
    if not one.servers:
        unseen = places_of(baseline)
    drift = [row for row in from_baseline(baseline, seen) if (row.name, row.type) not in unseen]
    findings = list(one.findings)
    row: Answer = {**one.to_dict(), "name": one.domain, "snapshot": None}
    if shot is None:
        findings.append(found("no_dns_baseline", one.domain, "The journal has no good snapshot of it."))
    else:
        entry, snapshot = shot
        row["snapshot"] = entry.to_dict()
        since = from_snapshot(one.domain, snapshot.records, snapshot.absent, seen) if one.servers else []
        # Of what no server has told nobody knows that it has changed.
        since = [row for row in since if (row.name, row.type) not in unseen]
        findings += findings_of(since)
        drift += since
    row["findings"] = [one.to_dict() for one in findings]
    row["unseen"] = [{"name": name, "type": kind} for name, kind in unseen]
    row["drift"] = [one.to_dict() for one in drift]
    return row


def _conformance(rows: t.Sequence[Answer]) -> int:
    """R-DNS-20: in a hundred, rounded down, so that only a whole portfolio has a hundred."""
    good = [row for row in rows if not any(found["severity"] == "error" for found in row["findings"])]
    return 100 * len(good) // len(rows) if rows else 100
