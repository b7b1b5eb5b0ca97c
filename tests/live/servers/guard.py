# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends servers and removes their folder when the test run is killed and cannot do it.

A process of its own reads from a pipe what runs; when the pipe closes without everything having been stopped, it stops the rest.
(The kernel's parent death signal is no way: it is lost when a server changes its user, as Postfix's master does for a moment.)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path


class Guard:
    """Started with the first process that it is told about."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def _tell(self, *words: str) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
            )
        pipe = self._process.stdin
        if pipe is not None:
            pipe.write("\t".join(words) + "\n")
            pipe.flush()

    def watch(self, pid: int, ends_by: int = signal.SIGTERM) -> None:
        """End this process if we are gone."""
        self._tell("watch", str(pid), str(int(ends_by)))

    def forget(self, pid: int) -> None:
        """It was stopped; its number may be another's from now on."""
        self._tell("forget", str(pid))

    def folder(self, path: Path) -> None:
        """Remove this folder if we are gone; nothing happens when it is not there any more."""
        self._tell("folder", str(path))


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Listen until the other end is closed, then clean up."""
    watched: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        word, value, *more = line.rstrip("\n").split("\t")
        if word == "watch":
            watched[int(value)] = int(more[0])
        elif word == "forget":
            watched.pop(int(value), None)
        else:
            folders.append(value)
    left = [pid for pid in reversed(watched) if _running(pid)]
    for pid in left:
        os.kill(pid, watched[pid])
    end = time.monotonic() + 10
    while any(map(_running, left)) and time.monotonic() < end:
        time.sleep(0.1)
    for pid in left:
        if _running(pid):
            os.kill(pid, signal.SIGKILL)
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()
