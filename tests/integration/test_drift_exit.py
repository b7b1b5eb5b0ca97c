# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback mailops.email.drift: a run that found drift ends with exit code 3 (R-DNS-13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from project import Project
from receivers import HttpReceiver

FOUND = {"name": "Say so", "ansible.builtin.set_stats": {"data": {"mailops_drift": True}, "aggregate": False}}
FAILS = {"name": "Break", "ansible.builtin.fail": {"msg": "no"}}
RESCUED = {"name": "Try", "block": [FAILS], "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": "well"}}]}


def plays(*tasks: dict[str, Any]) -> list[Any]:
    return [{"name": "Look", "hosts": "acme", "gather_facts": False, "tasks": list(tasks)}]


@pytest.mark.smoke
@pytest.mark.parametrize(
    "order", ["mailops.email.drift,mailops.email.audit", "mailops.email.audit,mailops.email.drift"]
)
def test_drift_is_exit_code_three(project: Project, order: str) -> None:
    """Others have their last word first, wherever they stand in the list."""
    project.environment["ANSIBLE_CALLBACKS_ENABLED"] = order + ",results"
    run = project.run(plays(FOUND))
    assert run.rc == 3 and "ok=1" in run.output, run.output
    (told,) = project.audit.glob("*.audit.jsonl")
    assert json.loads(told.read_text().splitlines()[-1])["event"] == "run.finished"
    assert not list((project.folder / "tmp").glob("*")), "Ansible has cleaned up"


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([{"name": "Look", "ansible.builtin.debug": {"msg": "fine"}}], 0),
        ([{**FOUND, "ansible.builtin.set_stats": {"data": {"mailops_drift": False}}}], 0),
        ([FOUND, FAILS], 2),
        ([RESCUED, FOUND], 3),
        ([{**FAILS, "ignore_errors": True}, FOUND], 3),
        ([{**FOUND, "ansible.builtin.set_stats": {"data": {"mailops_drift": True}, "per_host": True}}], 3),
    ],
)
def test_a_run_that_failed_says_that_instead(project: Project, tasks: list[Any], code: int) -> None:
    project.environment["ANSIBLE_CALLBACKS_ENABLED"] = "mailops.email.drift"
    run = project.run(plays(*tasks))
    assert run.rc == code, run.output


def test_without_the_callback_nothing_changes(project: Project) -> None:
    assert project.run(plays(FOUND)).rc == 0


def test_a_sink_that_has_not_taken_all_comes_first(project: Project) -> None:
    """Exit code 78 is worse news: what was found is not where it has to be."""
    with HttpReceiver() as sink:
        project.environment.update(
            ANSIBLE_CALLBACKS_ENABLED="mailops.email.drift,mailops.email.audit",
            MAILOPS_EXPORT_HTTP_URL="http://127.0.0.1:%d/in" % sink.port,
            MAILOPS_EXPORT_REQUIRED="http",
            MAILOPS_EXPORT_BUDGET="1",
        )
        assert project.run(plays(FOUND)).rc == 3
        sink.faults = [200] + [503] * 50
        assert project.run(plays(FOUND)).rc == 78
