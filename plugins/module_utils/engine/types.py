# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs what for whom, and the report of a run: the engine's own plain types."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Plan, Result
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary


@dataclasses.dataclass(frozen=True)
class Context:
    """What every event of a run carries.

    :param actor: ``human`` and ``system`` (R-LOG-02).
    :param rollback: ``id`` of the rollback that this task is part of, and what it takes back (``of``).
    :param run: playbook, task, host and so on, as far as known.
    :param execution: one of the runs that a controller has given the same ``run_id``; each has dry runs of its own.
    :param exempt: ids of requests whose own freeze does not bind this run, such as the one that is rolled back by it.
    """

    request_id: str
    client: str
    actor: dict[str, str]
    tool_version: str
    run_id: str
    now: datetime.datetime
    approval_id: str = ""
    rollback: dict[str, str] = dataclasses.field(default_factory=dict)
    run: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    client_domains: Boundary | None = None
    check_mode: bool = False
    max_changes: int | None = None
    max_removals: int | None = 10
    exempt: frozenset[str] = frozenset()
    execution: str = ""


@dataclasses.dataclass
class Failure:
    """One item, or one operation, that could not be carried out.

    :param index: position of the item in the task's list.
    :param phase: ``validate``, ``plan`` or ``apply``.
    """

    index: int
    key: str
    phase: str
    error: MailopsError

    def to_dict(self) -> dict[str, t.Any]:
        return {"index": self.index, "key": self.key, "phase": self.phase, **self.error.to_dict()}


@dataclasses.dataclass
class Report:
    """What a run planned and did.

    :param results: one per operation that was tried, in plan order.
    :param not_attempted: operations that were never sent.
    :param fatal: the journal failed on the way; results that are here were carried out all the same.
    :param objects: one per item: the object as it is now (in check mode: as it would be).
    """

    plan: Plan
    failures: list[Failure] = dataclasses.field(default_factory=list)
    results: list[Result] = dataclasses.field(default_factory=list)
    not_attempted: list[Operation] = dataclasses.field(default_factory=list)
    objects: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    fatal: MailopsError | None = None
    journal: str = ""
    requests: dict[str, int] = dataclasses.field(default_factory=dict)
