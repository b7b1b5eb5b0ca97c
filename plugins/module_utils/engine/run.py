# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observe, plan, apply: once, for every kind of resource. Knows neither Ansible nor HTTP."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.engine import recover
from ansible_collections.mailops.email.plugins.module_utils.engine.observe import observe
from ansible_collections.mailops.email.plugins.module_utils.engine.turn import Apply, Desk, DryRun, turn_of
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.freezes import active
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Plan, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy import freezes
from ansible_collections.mailops.email.plugins.module_utils.policy.guards import check_guards
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene


class Engine:
    """One task's run over a list of items of one kind.

    :param store: the journal, read for what only it knows and written before anything is changed.
    :param snapshot: path of listings that were just read by an earlier task, empty to read again.
    """

    def __init__(
        self,
        resource: Resource,
        driver: Driver,
        context: Context,
        *,
        store: Store,
        sealer: Sealer | None = None,
        progress: Progress | None = None,
        snapshot: str = "",
    ) -> None:
        self._resource = resource
        self._driver = driver
        self._context = context
        self._snapshot = snapshot
        self._desk = Desk(resource, driver, context, store, sealer, progress or Progress())

    def run(self, items: t.Sequence[Item]) -> Report:
        """Bring all items to their wanted state, or in check mode say what that would take.

        Nothing is changed when any item is refused (R-PIPE-01). Failures of single operations are in the report.

        :raises MailopsError: when nothing could be observed, or the journal cannot be written.
        """
        wanted, failures = self._normalise(items)
        if failures:
            return Report(self._plan([]), failures)
        with turn_of(self._desk) as turn:
            return self._take(turn, wanted)

    def run_recorded(self, read: t.Callable[[], t.Sequence[Item]]) -> Report:
        """The same for items that the journal tells: they are read when nobody else writes any more.

        :raises MailopsError:
        """
        with turn_of(self._desk) as turn:
            wanted, failures = self._normalise(read())
            if failures:
                return Report(self._plan([]), failures)
            return self._take(turn, wanted)

    def _take(self, turn: DryRun | Apply, wanted: list[Item]) -> Report:
        scene = observe(
            self._resource, self._driver, wanted, self._context, self._desk.store, self._snapshot, turn.outwait
        )
        turn.look(scene)
        operations, failures = self._plan_all(wanted, scene)
        failures = failures or self._frozen(operations)
        if not failures:
            scene.warnings.extend(self._driver.foreseen(operations))
        report = Report(self._plan(operations, scene.warnings), failures)
        if not failures:
            self._guard(operations, scene)
            turn.carry_out(scene, report)
        report.objects = [self._resource.present(item, scene) for item in wanted]
        report.requests = self._driver.requests()
        return report

    def _normalise(self, items: t.Sequence[Item]) -> tuple[list[Item], list[Failure]]:
        wanted: list[Item] = []
        failures: list[Failure] = []
        seen: dict[str, int] = {}
        for index, item in enumerate(items):
            name = str(item.get(self._resource.key_option) or item.get("local_part") or "item %d" % index)
            try:
                normal = self._resource.normalise(item, self._context.now)
                self._check_boundary(normal)
                first = seen.setdefault(normal["key"], index)
                if first != index:
                    raise Refused(
                        "duplicate_item",
                        "%s: is already item %d of this list." % (normal["key"], first),
                        "List each object once.",
                    )
                wanted.append(normal)
            except MailopsError as error:
                failures.append(Failure(index, name, "validate", error))
        return wanted, failures

    def _check_boundary(self, item: Item) -> None:
        domains = self._context.client_domains
        strange = [one for one in self._resource.domains_of(item) if domains is not None and one not in domains]
        if not strange:
            return
        raise Refused(
            "client_boundary",
            "%s: the domain %s does not belong to client %s."
            % (item["key"], strange[0], self._context.client or "(unnamed)"),
            "Run it for the client that owns the domain, or correct the client's domains in the inventory.",
        )

    def _plan_all(self, wanted: t.Sequence[Item], scene: Scene) -> tuple[list[Operation], list[Failure]]:
        failures: list[Failure] = []
        retries, doubts = [], {}
        if self._resource.retries:
            retries, doubts = recover.pending_retries(scene, self._driver), recover.doubts(scene, self._driver)
        handled = {operation.key for operation in retries}
        operations: list[Operation] = list(retries)
        for index, item in enumerate(wanted):
            if item["key"] in handled:
                continue
            try:
                if item["key"] in doubts:
                    raise doubts[item["key"]]
                planned = self._resource.plan(index, item, scene)
                for operation in planned:
                    self._require(operation)
                operations.extend(planned)
            except MailopsError as error:
                failures.append(Failure(index, item["key"], "plan", error))
        return self._resource.frame(operations, scene), failures

    def _frozen(self, operations: t.Sequence[Operation]) -> list[Failure]:
        """R-IRB-A1: while a freeze covers it nothing is changed, in a dry run neither, but what contains the incident.

        The journal is only asked when there is something to refuse.

        :raises JournalError: when nobody can say what is frozen.
        """
        waiting = [one for one in operations if not freezes.contains(one)]
        if not waiting:
            return []
        context = self._context
        holding = [
            one
            for one in active(self._desk.store, context.now)
            if one.scope != "request" or one.name not in context.exempt
        ]
        failures: dict[tuple[int, str], Failure] = {}
        for operation in waiting:
            for one in holding:
                if one.covers(context.client, context.request_id, operation.domain):
                    error = freezes.refusal(operation.key, one)
                    failures.setdefault(
                        (operation.index, operation.key), Failure(operation.index, operation.key, "plan", error)
                    )
        return list(failures.values())

    def _require(self, operation: Operation) -> None:
        """No operation reaches a driver that has not declared it (design §4.9); only the journal takes a ``record``.

        :raises CapabilityError:
        """
        if operation.verb == "record":
            return
        # Forwards differ by where the mail leaves, not by what is done to them.
        part = operation.request["via"] if operation.kind == "forward" else operation.verb
        self._driver.require("%s.%s" % (operation.kind, part), operation.key)

    def _plan(self, operations: list[Operation], warnings: t.Sequence[str] = ()) -> Plan:
        return Plan(self._context.client, self._driver.account, operations, list(warnings))

    def _guard(self, operations: t.Sequence[Operation], scene: Scene) -> None:
        check_guards(operations, scene.records, self._context.max_changes, self._context.max_removals)
