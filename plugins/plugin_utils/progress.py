# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of long tasks through Ansible's display: quiet for the first seconds, and when nobody is looking."""

from __future__ import annotations

import os
import sys
import threading
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

PATIENCE_SECONDS = 2.0
MODE_VARIABLE = "MAILOPS_PROGRESS"


class DisplayProgress(Progress):
    """Prints done of total, rate, and what is being waited for, every two seconds at most.

    ``MAILOPS_PROGRESS`` is ``auto`` (a terminal, or a controller such as AWX), ``always`` or ``never``.
    """

    def __init__(self, display: t.Any) -> None:
        self._display = display
        self._lock = threading.Lock()
        self._what, self._total, self._done = "", 0, 0
        self._started = self._last = time.monotonic()
        mode = os.environ.get(MODE_VARIABLE, "auto")
        self._on = mode == "always" or (mode != "never" and (sys.stderr.isatty() or bool(os.environ.get("JOB_ID"))))

    def start(self, what: str, total: int) -> None:
        with self._lock:
            self._what, self._total, self._done = what, total, 0
            self._started = self._last = time.monotonic()

    def advance(self, count: int) -> None:
        with self._lock:
            self._done += count
            now = time.monotonic()
            if not self._on or now - self._last < PATIENCE_SECONDS or self._done >= self._total:
                return
            self._last = now
            rate = self._done / max(now - self._started, 0.001)
            left = (self._total - self._done) / rate if rate else 0
        self._display.display(
            "  %s: %d of %d, %d/s, about %d s to go" % (self._what, self._done, self._total, rate, left)
        )

    def waiting(self, why: str, seconds: float) -> None:
        if self._on and seconds >= PATIENCE_SECONDS:
            self._display.display("  waiting %d s: %s" % (seconds, why))

    def note(self, text: str) -> None:
        if self._on:
            self._display.display("  " + text)
