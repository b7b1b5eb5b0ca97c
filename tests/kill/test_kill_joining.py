# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody gets a mailbox, or gets it back, and the run is killed on the way (R-LOG-18, R-IRB-A1)."""

from __future__ import annotations

from killing import trials


def test_killed_and_run_again() -> None:
    """Nothing lost, nothing twice, nothing unlogged, whoever is killed, wherever; the power, too."""
    trials("--scenario", "onboard", "--scenario", "reopen", "--scenario", "handover")
