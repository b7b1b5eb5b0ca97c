# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private Redis that keeps nothing on disk."""

from __future__ import annotations

from pathlib import Path

from .processes import HOST, Server, environment, free_port, run


class Redis:
    """Modoboa's queue, cache and throttle counters."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        options = {
            "port": str(self.port),
            "bind": HOST,
            "dir": str(folder),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        words = [word for name, value in options.items() for word in ("--" + name, value)]
        self.server = Server("Redis", ["redis-server", *words], folder / "log", ports=[self.port])

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def command(self, *words: str) -> list[str]:
        """Send one command and return the lines of the answer."""
        command = ["redis-cli", "-h", HOST, "-p", str(self.port), "--raw", *words]
        return run(command, self.folder, env=environment(self.folder)).split()

    def forget(self, pattern: str) -> None:
        """Delete the keys that match."""
        keys = self.command("KEYS", pattern)
        if keys:
            self.command("DEL", *keys)
