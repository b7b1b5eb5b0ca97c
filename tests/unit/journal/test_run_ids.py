# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of runs: what the forks of one parent agree on (R-LOG-07)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from ansible_collections.mailops.email.plugins.module_utils.journal import run
from ansible_collections.mailops.email.plugins.module_utils.model import Refused


def children(count: int, name: Callable[[], str] = run.run_id) -> list[str]:
    """The run ids that forks of this process would use."""
    found = []
    for _number in range(count):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.write(write, name().encode())
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            found.append(pipe.read())
        os.waitpid(pid, 0)
    return found


def test_forks_of_one_parent_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(run.RUN_ID_VARIABLE, raising=False)
    found = children(4)
    assert set(found) == {run.new_run_id(os.getpid())}
    assert re.fullmatch(r"\d{8}T\d{6}Z-[A-Za-z0-9-]+-\d+", found[0])


def test_another_parent_has_another_name() -> None:
    assert run.new_run_id(os.getpid()) != run.new_run_id(os.getppid())


def test_a_given_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(run.RUN_ID_VARIABLE, "awx-8812.2_b")
    assert children(2) == ["awx-8812.2_b"] * 2


def test_two_runs_under_a_given_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(run.RUN_ID_VARIABLE, "CHG-7")
    assert set(children(2, run.execution)) == {run.new_run_id(os.getpid())}
    monkeypatch.delenv(run.RUN_ID_VARIABLE)
    assert run.execution() == "", "the name tells them apart"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "a b", "x" * 129, "a\n", "\u00e4"])
def test_a_name_that_is_no_file_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(run.RUN_ID_VARIABLE, name)
    with pytest.raises(Refused) as found:
        run.run_id()
    assert run.RUN_ID_VARIABLE in found.value.message and found.value.hint


def test_without_proc_the_day_is_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"\d{8}-[A-Za-z0-9-]+-999999999", run.new_run_id(999999999))
