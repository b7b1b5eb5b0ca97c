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

# When the next request of our own pace may go, and until when the provider wants none; seconds since the epoch.
_State = tuple[float, float]


class Pacer:
    """Keeps an account's pace in a small file under *directory*; without a folder, in this process alone.

    A file that cannot be used is no reason to fail: the provider says so itself when requests come too fast.

    :param per_minute: requests a minute; 0 for no limit of our own.
    """

    def __init__(self, directory: str, account: str, per_minute: int) -> None:
        self._interval = 60.0 / per_minute if per_minute > 0 else 0.0
        self._lock = threading.Lock()
        self._state: _State = (0.0, 0.0)
        self._path = ""
        if directory:
            name = hashlib.sha256(account.encode("utf-8")).hexdigest()[:24]
            try:
                private_folder(directory)
                self._path = os.path.join(directory, name + ".pace")
            except OSError:
                pass

    def turn(self) -> float:
        """The moment at which the next request may go by our own pace; takes it, so nobody else goes then."""
        if not self._interval:
            return 0.0
        now = time.time()
        return self._change(lambda due, held: (max(due, now) + self._interval, held))[0] - self._interval

    def held_until(self) -> float:
        """The moment before which the provider wants no request."""
        if self._path:
            try:
                with open(self._path, "rb") as handle:
                    return max(_numbers(handle.read(64))[1], self._state[1])
            except OSError:
                pass
        return self._state[1]

    def hold(self, seconds: float) -> None:
        """The provider asked for a pause: no fork sends before it is over."""
        until = time.time() + seconds
        self._change(lambda due, held: (due, max(held, until)))

    def _change(self, update: t.Callable[[float, float], _State]) -> _State:
        with self._lock:
            if self._path:
                try:
                    return self._change_file(update)
                except OSError:
                    pass
            self._state = update(*self._state)
            return self._state

    def _change_file(self, update: t.Callable[[float, float], _State]) -> _State:
        handle = open_private(self._path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            state = update(*_numbers(os.pread(handle, 64, 0)))
            os.pwrite(handle, b"%-31.6f %-31.6f\n" % state, 0)
            return state
        finally:
            os.close(handle)


def _numbers(data: bytes) -> _State:
    try:
        due, held = data.split()
        return float(due), float(held)
    except ValueError:
        return 0.0, 0.0
