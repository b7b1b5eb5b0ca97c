# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seed of trials that differ from run to run."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

LARGEST = 10**6


def kill_seed() -> int:
    """``MAILOPS_KILL_SEED``; else another each time, and in CI one that follows from what is committed, as Hypothesis
    does there: whoever checks the same files out gets the same verdict."""
    given = os.environ.get("MAILOPS_KILL_SEED")
    if given:
        return int(given)
    tree = _committed() if os.environ.get("CI") else ""
    return int(tree[:12], 16) % LARGEST if tree else random.SystemRandom().randrange(LARGEST)


def _committed() -> str:
    """Git's name for the files of the commit; empty where there is no repository, as in an unpacked archive."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "rev-parse", "--verify", "HEAD^{tree}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
