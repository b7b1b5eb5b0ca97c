# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A harness that never fails proves nothing: with one safeguard taken out, trials have to show it."""

from __future__ import annotations

import pytest
from killing import trials

BUGS = ("no_fsync", "no_read_back", "new_key_for_each_try", "outcome_before_the_request", "callback_only")


@pytest.mark.parametrize("bug", BUGS)
def test_each_is_caught(bug: str) -> None:
    """The invariants that it breaks are found broken, each by name (tests/kill/planted.py)."""
    trials("--bug", bug, "--scenario", "onboard", seed=1, count=600)
