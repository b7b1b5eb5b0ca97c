# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program and tells how long it took and how much memory it and its children held."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import threading
import time
from pathlib import Path

SAMPLE_SECONDS = 0.2


@dataclasses.dataclass
class Measured:
    """One finished program.

    :param seconds: wall time of the whole process, its start included.
    :param peak_mb: resident memory of the largest single process, as the kernel keeps it; pages that forks share count
        in each.
    :param together_mb: memory of all its processes together, shared pages counted once; sampled.
    """

    seconds: float
    rc: int
    output: str
    peak_mb: float
    together_mb: float


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Measured:
    """Run *command* in *folder* to its end."""
    log = folder / "output.log"
    with open(log, "wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
        sampler = _Sampler(process.pid)
        sampler.start()
        # wait4 tells the largest process among the program and all its descendants that it has waited for.
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    sampler.stop()
    output = log.read_text(encoding="utf-8", errors="replace")
    return Measured(seconds, process.returncode, output, usage.ru_maxrss / 1024, sampler.peak_mb)


class _Sampler(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(_proportional_kb(pid) for pid in _family(self._pid)) / 1024)

    def stop(self) -> None:
        self._done.set()
        self.join()


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children", encoding="ascii") as file:
                    found.extend(int(child) for child in file.read().split())
        except OSError:
            continue
    return found


def _proportional_kb(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
