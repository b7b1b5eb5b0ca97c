# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two ways to carry a plan out: say what it would do, or do it. `turn_of` is the one place that asks which."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.engine import recover
from ansible_collections.mailops.email.plugins.module_utils.engine.apply import Applier
from ansible_collections.mailops.email.plugins.module_utils.engine.events import common_fields
from ansible_collections.mailops.email.plugins.module_utils.engine.lock import sole_writer
from ansible_collections.mailops.email.plugins.module_utils.engine.predictions import Predictions
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Resource, Scene


@dataclasses.dataclass(frozen=True)
class Desk:
    """What a task works with.

    :param store: the journal, read for what only it knows and written before anything is changed.
    """

    resource: Resource
    driver: Driver
    context: Context
    store: Store
    sealer: Sealer | None
    progress: Progress


class DryRun(contextlib.AbstractContextManager["DryRun"]):
    """Changes nothing; remembers what was predicted for the later tasks of the run (design §4.4)."""

    def __init__(self, desk: Desk) -> None:
        self._predictions = Predictions(
            desk.store.local, desk.context.run_id + desk.context.execution, desk.driver.account
        )

    def __exit__(self, *error: object) -> None:
        return None

    def outwait(self, seconds: float) -> bool:
        """A dry run sends nothing that a request under way could cross."""
        return False

    def look(self, scene: Scene) -> None:
        """Put what earlier tasks have predicted on top of what was observed."""
        self._predictions.apply_to(scene)

    def carry_out(self, scene: Scene, report: Report) -> None:
        for operation in report.plan.operations:
            recover.remember(scene, operation, operation.after)
            report.results.append(Result(operation, "predicted", operation.after))
        self._predictions.add(report.plan.operations)

    def note(self, make: t.Callable[[], list[dict[str, t.Any]]], plan_digest: str) -> str:
        """Nothing was tried, so there is nothing to record."""
        return ""


class Apply(contextlib.AbstractContextManager["Apply"]):
    """Does it, as the only writer for the client from reading to the last outcome."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Apply:
        desk = self._desk
        self._held.enter_context(sole_writer(desk.store, desk.driver.account, desk.context, desk.progress))
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

    def outwait(self, seconds: float) -> bool:
        """Let the requests of a run that was killed land before it is read what became of them."""
        if seconds <= 0:
            return False
        self._desk.progress.waiting("a request of a run that was killed may still be under way", seconds)
        time.sleep(seconds)
        return True

    def look(self, scene: Scene) -> None:
        """What was observed is what there is."""

    def carry_out(self, scene: Scene, report: Report) -> None:
        """:raises JournalError: before anything was sent."""
        operations = report.plan.operations
        if not operations and all(applied is None for _event, applied in scene.open_intents):
            return
        desk = self._desk
        common = common_fields(desk.context, desk.driver.account, report.plan.digest)
        journal = desk.store.writer(desk.context.run_id, common)
        report.journal = journal.path
        journal.open()
        try:
            if desk.sealer and any("seal_to" in operation.delivery for operation in operations):
                desk.sealer.prepare()
            recover.close_settled(scene, journal)
            Applier(
                desk.resource, desk.driver, journal, desk.store, desk.context, scene, desk.sealer, desk.progress
            ).run(operations, report)
        finally:
            journal.close()

    def note(self, make: t.Callable[[], list[dict[str, t.Any]]], plan_digest: str) -> str:
        """Record what was found, and return the journal's path; *make* is called once the journal can be written.

        :raises JournalError:
        """
        desk = self._desk
        common = common_fields(desk.context, desk.driver.account, plan_digest)
        journal = desk.store.writer(desk.context.run_id, common)
        journal.open()
        try:
            journal.append(make())
        finally:
            journal.close()
        return journal.path


def turn_of(desk: Desk) -> DryRun | Apply:
    if desk.context.check_mode:
        return DryRun(desk)
    return Apply(desk)
