# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts trials in a process of their own, which forks as it likes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from seeds import kill_seed

RUN = Path(__file__).parent / "run.py"
SEED = kill_seed()
# Together these are what `make kill` runs; a file each, so that they run side by side.
TRIALS = int(os.environ.get("MAILOPS_KILL_TRIALS") or 300)


def trials(*arguments: str, seed: int = SEED, count: int = TRIALS) -> None:
    """Run trials one after the other; what they say is in the test's output, and in its failure."""
    command = [sys.executable, str(RUN), "--jobs", "1", "--seed", str(seed), "--trials", str(count), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=1800)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
