# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and result of ``rollback``: a request taken back from the journal alone (R-RBK-11)."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Batch, changes_of, rollbacks_of
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused, place_of
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource
from ansible_collections.mailops.email.plugins.module_utils.resources.rollback import (
    Closing,
    Rollback,
    complete,
    item_of,
    settled,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.ways_back.way import OPEN_VERDICTS
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_desk import (
    attach_publisher,
    eyes_of,
    provider_of,
)
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result, report_result
from ansible_collections.mailops.email.plugins.module_utils.shell.shorten import shorten
from ansible_collections.mailops.email.plugins.module_utils.shell.task import (
    Params,
    context_of,
    driver_of,
    journal_at_hand,
    store_of,
)

ROLLBACK = "rollback"
SHOWN = 20


def run_rollback(
    params: Params,
    *,
    check_mode: bool,
    progress: Progress | None = None,
    run: dict[str, str] | None = None,
    show: t.Callable[[dict[str, t.Any]], None] | None = None,
    on_controller: bool = True,
) -> dict[str, t.Any]:
    """Take a request back, or close what was taken back; ``failed`` and ``msg`` are in the result when it failed."""
    try:
        context = context_of(params, check_mode, run or {})
        progress = progress or Progress()
        # What was published without a mail provider is taken back without one.
        connect = provider_of if params.get("publisher") else driver_of
        driver = connect(params, read_only=check_mode, progress=progress)
    except MailopsError as error:
        return failure_result(error)
    try:
        if params.get("publisher"):
            attach_publisher(params, driver, eyes_of(params), read_only=check_mode, progress=progress)
        desk = _Desk(params, context, driver, store_of(params), progress)
        resource, report, more = desk.close() if params["state"] == "closed" else desk.take_back()
        result = {**report_result(resource, report, desk.context), **more}
        if show is not None:
            show(result)
        at_hand = on_controller and journal_at_hand(params)
        return shorten(result, report, resource.plural, params["max_listed"], journal_at_hand=at_hand)
    except MailopsError as error:
        return failure_result(error, context, driver.requests())
    finally:
        driver.close()


class _Desk:
    def __init__(self, params: Params, context: Context, driver: Driver, store: Store, progress: Progress) -> None:
        self._params = params
        self._driver = driver
        self._store = store
        self._progress = progress
        self._known = rollbacks_of(store, context.request_id, driver.account, context.client)
        # The journal names what is removed, and its own freeze does not hold a request back from being taken back.
        self.context = dataclasses.replace(
            context, max_removals=None, exempt=context.exempt | frozenset((context.request_id,))
        )

    def take_back(self) -> tuple[Resource, Report, dict[str, t.Any]]:
        of = self._params.get("rollback_id") or ""
        if of and of not in self._known:
            raise self._unknown(of)
        mine = [name for name, state in self._known.items() if state.get("of", "") == of]
        begun = bool(mine) and self._known[mine[-1]]["state"] == "started"
        name = mine[-1] if begun else self._next_name()
        resource = Rollback(name, of, begun)
        report, batch = self._run(resource, of, name, dry=".plan" if self._params["state"] == "planned" else "")
        rows = _with_failures(report)
        names = list(dict.fromkeys(place_of(row["kind"], row["key"]) for row in rows))
        planned = bool(report.plan.operations)
        record = {} if planned or not mine else self._known[mine[-1]]
        more = {
            "rollback_id": name if planned or begun else (mine[-1] if mine else ""),
            "record": {"state": record.get("state", ""), "verified": bool(record.get("verified"))},
            "complete": complete(rows) and not report.failures and not report.not_attempted and report.fatal is None,
            "verdicts": dict(sorted(collections.Counter(row["verdict"] for row in rows).items())),
            "left": [row for row in rows if row["verdict"] in OPEN_VERDICTS],
            "domains": sorted({name.rpartition("@")[2] for name in names}),
            "evidence": [{"name": name} for name in names],
        }
        if self._params["state"] == "planned":
            more["changed"] = False
        warnings = list(report.plan.warnings)
        warnings += [
            "%s has changed %d objects at %s too: run again with that account's token."
            % (self.context.request_id, count, account)
            for account, count in batch.elsewhere.items()
        ]
        return resource, report, {**more, **({"warnings": warnings} if warnings else {})}

    def close(self) -> tuple[Resource, Report, dict[str, t.Any]]:
        """:raises Refused: ``rollback_incomplete``"""
        name = self._params["rollback_id"]
        before = self._known.get(name)
        # In a dry run it may be one that an earlier task has only predicted.
        if before is None and not self.context.check_mode:
            raise self._unknown(name)
        of = (before or {}).get("of", "")
        # What an earlier task of a real run has only predicted does not count; in a dry run it does.
        dry = "" if self.context.check_mode else ".closing"
        report, _batch = self._run(Rollback(name, of, True), of, name, dry=dry, keep=False)
        rows = report.objects
        if not (complete(rows) and settled(rows)):
            raise Refused(
                "rollback_incomplete",
                "%s: %d of %d objects are not settled: %s."
                % (
                    name,
                    len([row for row in rows if row["verdict"] in OPEN_VERDICTS or row["verdict"] == "taken_back"]),
                    len(rows),
                    "; ".join(_lines(rows)),
                ),
                "Do what each of them says, then run the rollback again.",
            )
        after: dict[str, t.Any] = {"state": "closed", "of": of, "verified": bool(self._params["verified"])}
        if not after["verified"]:
            after["unverified_because"] = self._params["unverified_because"]
        if before and before["state"] == "closed" and (before["verified"] or not after["verified"]):
            after = before  # only a verification that was missing is added later
        closing = Closing()
        context = self._of_rollback(name, of)
        report = self._engine(closing, context).run([{"key": name, "before": before, "after": after}])
        return closing, report, {"rollback_id": name, "complete": True}

    def _run(self, resource: Rollback, of: str, name: str, *, dry: str, keep: bool = True) -> tuple[Report, Batch]:
        """:param dry: only look, as a dry run of this name beside that of the run; empty to do what the task shall do."""
        batches: list[Batch] = []

        def read() -> list[Item]:
            batch = changes_of(self._store, self.context.request_id, self._driver.account, self.context.client, of)
            batches.append(batch)
            if not batch.changes and not batch.elsewhere and not self._known:
                raise self._nothing()
            overwrite = frozenset(self._params["overwrite"])
            own = self.context.client_domains
            # One list is given to all clients that the request has reached.
            unknown = overwrite - {change.key for change in batch.changes.values()}
            strange = sorted(one for one in unknown if own is None or one.rpartition("@")[2] in own)
            if strange:
                raise Refused(
                    "overwrite_unknown",
                    "overwrite names %s, which %s has not changed." % (", ".join(strange), self.context.request_id),
                    "Name the objects as the list of what is left has them.",
                )
            return [item_of(change, overwrite) for change in batch.changes.values()]

        context = self._of_rollback(name, of)
        if dry:
            context = dataclasses.replace(context, check_mode=True, execution=context.execution + dry)
        if keep:
            self.context = context
        return self._engine(resource, context).run_recorded(read), batches[-1]

    def _engine(self, resource: Resource, context: Context) -> Engine:
        return Engine(resource, self._driver, context, store=self._store, progress=self._progress)

    def _of_rollback(self, name: str, of: str) -> Context:
        return dataclasses.replace(self.context, rollback={"id": name, "of": of})

    def _next_name(self) -> str:
        return "%s/%s/%d" % (self.context.request_id, self.context.client or "-", len(self._known) + 1)

    def _unknown(self, name: str) -> Refused:
        return Refused(
            "rollback_unknown",
            "The journal has no rollback %s of request %s for client %s at %s."
            % (name, self.context.request_id, self.context.client or "(unnamed)", self._driver.account),
            "It has: %s." % (", ".join(self._known) or "none"),
        )

    def _nothing(self) -> Refused:
        return Refused(
            "nothing_to_take_back",
            "The journal %s knows of nothing that request %s has changed for client %s at %s."
            % (self._store.place, self.context.request_id, self.context.client or "(unnamed)", self._driver.account),
            "Check the request id and the client, and name the journal that the request was run with.",
        )


def _with_failures(report: Report) -> list[dict[str, t.Any]]:
    """Rows of the report; of what could not be taken back they say so."""
    failed = {failure.index: failure.error for failure in report.failures}
    failed.update({one.index: None for one in report.not_attempted if one.index not in failed})  # type: ignore[misc]
    for index, row in enumerate(report.objects):
        if index in failed:
            error = failed[index]
            row.update(verdict="failed", why=error.message if error else "It was not attempted.", next="Run again.")
    return report.objects


def _lines(rows: t.Sequence[dict[str, t.Any]]) -> list[str]:
    told = [row for row in rows if row["verdict"] in OPEN_VERDICTS or row["verdict"] == "taken_back"]
    lines = ["%s %s: %s" % (row["kind"], row["key"], row["why"] or row["verdict"]) for row in told[:SHOWN]]
    return lines + (["… and %d more" % (len(told) - SHOWN)] if len(told) > SHOWN else [])
