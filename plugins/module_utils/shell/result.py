# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of results: plain types, nothing secret, every refusal with its next step (design §4.6, §4.8, §4.15)."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.events import audit_changes
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Failure, Report
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, State, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Resource

# How many failures a message spells out; all of them are in the result.
SHOWN = 20
# How many objects with the same failure it names.
NAMED = 10


def report_result(resource: Resource, report: Report, context: Context) -> dict[str, t.Any]:
    """The result of a task that got as far as a plan."""
    operations = report.plan.operations
    applied = [result.operation.key for result in report.results if result.status in ("applied", "unverified")]
    result: dict[str, t.Any] = {
        "changed": any(result.status in ("applied", "unverified", "predicted") for result in report.results),
        resource.plural: report.objects,
        "plan": [operation.summary() for operation in operations],
        "plan_digest": report.plan.digest,
        "counts": counts_of(report),
        "applied": applied,
        "unverified": [one.operation.key for one in report.results if one.status == "unverified"],
        "failed_items": [failure.to_dict() for failure in report.failures],
        "not_attempted": [operation.key for operation in report.not_attempted],
        "requests": report.requests,
        "audit": audit_of(report, context),
        "diff": diff_of(operations),
    }
    result.update(resource.summary(report.objects))
    if report.plan.warnings:
        result["warnings"] = report.plan.warnings
    if report.failures or report.fatal:
        result["failed"] = True
        result["msg"] = message_of(report)
    return result


def counts_of(report: Report) -> dict[str, t.Any]:
    """What the lists of a result would be counted for; it is there whatever their length."""
    statuses = collections.Counter(one.status for one in report.results)
    states = collections.Counter(str(one["state"]) for one in report.objects if one.get("state"))
    return {
        "objects": len(report.objects),
        "states": dict(sorted(states.items())),
        "operations": len(report.plan.operations),
        "predicted": statuses["predicted"],
        "applied": statuses["applied"] + statuses["unverified"],
        "unverified": statuses["unverified"],
        "failed": statuses["failed"],
        "in_doubt": statuses["in_doubt"],
        "not_attempted": len(report.not_attempted),
    }


def audit_of(report: Report, context: Context) -> dict[str, t.Any]:
    """What the audit callback may read of a task (design §4.7)."""
    return {
        "run_id": context.run_id,
        "request_id": context.request_id,
        "approval_id": context.approval_id,
        "client": context.client,
        "actor": context.actor,
        "tool_version": context.tool_version,
        "plan_digest": report.plan.digest,
        "journal": report.journal,
        "task_id": context.run.get("task_id", ""),
        "check_mode": context.check_mode,
        "changes": audit_changes(report),
        "unlisted": 0,
        "failures": [{"key": one.key, "phase": one.phase, "code": one.error.code} for one in report.failures],
    }


def failure_result(
    error: MailopsError, context: Context | None = None, requests: dict[str, int] | None = None
) -> dict[str, t.Any]:
    """The result of a task that was refused, or that could not see or record anything."""
    result: dict[str, t.Any] = {
        "failed": True,
        "changed": False,
        "msg": "[%s] %s" % (error.code, sentence(error)),
        "failed_items": [{"index": -1, "key": "", "phase": "task", **error.to_dict()}],
        "applied": [],
        "not_attempted": [],
        "requests": requests or {},
    }
    if context is not None:
        result["audit"] = {
            "run_id": context.run_id,
            "request_id": context.request_id,
            "client": context.client,
            "actor": context.actor,
            "tool_version": context.tool_version,
            "check_mode": context.check_mode,
            "changes": [],
            "failures": [{"key": "", "phase": "task", "code": error.code}],
        }
    return result


def message_of(report: Report) -> str:
    """One message that names every object, its rule, and what to do next."""
    lines = []
    if report.fatal:
        lines.append("[%s] %s" % (report.fatal.code, sentence(report.fatal)))
    done = len([one for one in report.results if one.status in ("applied", "unverified")])
    if report.results or report.not_attempted:
        counts = collections.Counter(one.status for one in report.results)
        lines.append(
            "%d of %d operations done, %d failed, %d in doubt, %d not attempted; running again finishes the rest."
            % (done, len(report.plan.operations), counts["failed"], counts["in_doubt"], len(report.not_attempted))
        )
    elif report.failures:
        count = len({one.index for one in report.failures})
        lines.append("%d item%s refused; nothing was changed." % (count, "" if count == 1 else "s"))
    lines.extend(_failure_lines(report.failures))
    return "\n".join(lines)


def _failure_lines(failures: t.Sequence[Failure]) -> list[str]:
    """Equal causes are told once, with the number of objects that they hit."""
    lines: list[str] = []
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        groups.setdefault((failure.error.code, failure.error.message.replace(failure.key, "")), []).append(failure)
    for same in list(groups.values())[:SHOWN]:
        first = same[0]
        others = [failure.key for failure in same[1:]]
        more = " (and %d more like it: %s)" % (len(others), _names(others)) if others else ""
        where = "item %d: " % first.index if first.index >= 0 else ""
        if first.key not in first.error.message:
            where += first.key + ": "
        lines.append("[%s] %s%s%s" % (first.error.code, where, sentence(first.error), more))
    if len(groups) > SHOWN:
        lines.append("… and %d more kinds of failure, see failed_items." % (len(groups) - SHOWN))
    return lines


def _names(keys: t.Sequence[str]) -> str:
    return ", ".join(keys[:NAMED]) + (", …" if len(keys) > NAMED else "")


def sentence(error: MailopsError) -> str:
    return error.message + (" " + error.hint if error.hint else "")


def diff_of(operations: t.Sequence[Operation]) -> dict[str, str]:
    """One line an object, sorted, the same in check mode and after an apply."""
    before: list[str] = []
    after: list[str] = []
    objects: dict[tuple[str, str], list[Operation]] = {}
    for operation in operations:
        objects.setdefault((operation.key, operation.kind), []).append(operation)
    for (key, kind), steps in sorted(objects.items()):
        steps.sort(key=lambda one: one.stage)
        # Of a field that two steps change, the first state is what is there now.
        old = None if steps[0].before is None else _together(one.before for one in reversed(steps))
        new = None if steps[-1].after is None else _together(one.after for one in steps)
        for state, lines in ((old, before), (new, after)):
            if state is not None:
                lines.append("%s %s: %s\n" % (kind, key, canonical_json(state).decode("utf-8")))
    return {"before": "".join(before), "after": "".join(after), "before_header": "now", "after_header": "wanted"}


def _together(states: t.Iterable[State]) -> dict[str, t.Any]:
    whole: dict[str, t.Any] = {}
    for state in states:
        whole.update(state or {})
    return whole
