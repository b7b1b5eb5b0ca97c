# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays of several tasks: starting ansible-playbook costs most of a test's time, so what can share a start does."""

from __future__ import annotations

import datetime
from typing import Any

from project import Project, Run, play

Task = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], dict[str, Any]]


def soon(hours: float = 48) -> str:
    """A time from now on, as exceptions and ends are written."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def allowed(hours: float = 48, **more: Any) -> dict[str, Any]:
    """An exception as somebody would record it."""
    return {
        "reason": "Asked for by the client for the move",
        "approver": "lee@agency.example",
        "expires_at": soon(hours),
        **more,
    }


def plays(*tasks: Task, **keywords: Any) -> list[Any]:
    """One play of several tasks of the collection; a third part of a task holds keywords of its own, such as ``when``."""
    whole = play("account_info", {})
    whole[0]["tasks"] = []
    for module, options, *more in tasks:
        task = play(module, options, **(more[0] if more else {}))[0]["tasks"][0]
        whole[0]["tasks"].append(task)
    whole[0].update(keywords)
    return whole


def refusals(project: Project, *cases: tuple[str, dict[str, Any], str]) -> list[dict[str, Any]]:
    """Run ``(module, options, code)`` one after the other, for real. Each is refused with its code before anything is
    changed, and says in one message what it is about and what to do next. Returns the results."""
    before = project.sandbox.writes()
    run = project.run(plays(*((module, options, {"ignore_errors": True}) for module, options, _code in cases)))
    assert len(run.tasks) == len(cases), run.output
    for row, (module, options, code) in zip(run.tasks, cases, strict=True):
        result = row["result"]
        told = "%s %s: %s" % (module, options, result)
        assert row["outcome"] == "failed" and not result.get("changed"), told
        assert [one["code"] for one in result["failed_items"]] == [code], told
        item = result["failed_items"][0]
        assert item["message"] and item["hint"], told
        assert item["message"] in result["msg"] and item["hint"] in result["msg"], told
        assert not result["applied"] and "Traceback" not in result["msg"], told
    assert project.sandbox.writes() == before, "a refused task wrote"
    return [row["result"] for row in run.tasks]


def last(run: Run) -> dict[str, Any]:
    """Result of the last task."""
    return run.tasks[-1]["result"]


def actions(project: Project, phase: str = "outcome") -> list[str]:
    """What the journal says was done, in order."""
    return [event["action"] for event in project.events() if event["phase"] == phase]


def names(items: list[dict[str, Any]], field: str = "name") -> list[str]:
    """One field of each of the sandbox's objects."""
    return [item[field] for item in items]
