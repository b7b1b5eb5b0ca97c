# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A verdict of the kill harness can be had again (R-LOG-18)."""

from __future__ import annotations

import pytest
import seeds


def test_a_commit_has_one_seed_in_ci_and_a_run_another_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILOPS_KILL_SEED", raising=False)
    monkeypatch.setenv("CI", "true")
    trees = iter(["1" * 40, "1" * 40, "2" * 40, "", ""])
    monkeypatch.setattr(seeds, "_committed", lambda: next(trees))
    first, again, other, unknown, none = (seeds.kill_seed() for _turn in range(5))
    assert first == again != other and unknown != none
    monkeypatch.delenv("CI")
    assert len({seeds.kill_seed() for _turn in range(3)}) > 1
    monkeypatch.setenv("MAILOPS_KILL_SEED", "121688")
    assert seeds.kill_seed() == 121688


def test_outside_a_repository_there_is_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert seeds._committed() == ""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert seeds._committed() == ""
