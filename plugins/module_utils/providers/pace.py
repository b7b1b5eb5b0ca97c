# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting that all forks share: what one of them was told by the provider holds for every one."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import open_private, private_folder


class Pacer:
    """Keeps an account's pace in a small file under *directory*; without a folder, in this process alone.

    :param per_minute: requests a minute; 0 for no limit of our own.
    """

    def __init__(self, directory: str, account: str, per_minute: int) -> None:
        self._interval = 60.0 / per_minute if per_minute > 0 else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        self._path = ""
        if directory:
            private_folder(directory)
            name = hashlib.sha256(account.encode("utf-8")).hexdigest()[:24]
            self._path = os.path.join(directory, name + ".pace")

    def delay(self) -> float:
        """Seconds to wait before the next request; with a pace of our own, also takes the turn."""
        now = time.time()
        if self._interval:
            return max(0.0, self._change(lambda due: max(due, now) + self._interval) - now - self._interval)
        return max(0.0, self._read() - now)

    def hold(self, seconds: float) -> None:
        """The provider asked for a pause: no fork sends before it is over."""
        until = time.time() + seconds
        self._change(lambda due: max(due, until))

    def _read(self) -> float:
        if not self._path:
            return self._next
        try:
            with open(self._path, "rb") as handle:
                return _number(handle.read(32))
        except FileNotFoundError:
            return 0.0

    def _change(self, update: t.Callable[[float], float]) -> float:
        with self._lock:
            if not self._path:
                self._next = update(self._next)
                return self._next
            handle = open_private(self._path, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                due = update(_number(os.pread(handle, 32, 0)))
                os.pwrite(handle, b"%-31.6f\n" % due, 0)
                return due
            finally:
                os.close(handle)


def _number(data: bytes) -> float:
    try:
        return float(data)
    except ValueError:
        return 0.0
