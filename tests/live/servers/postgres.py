# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private PostgreSQL. It refuses to run as root, so it runs as the user ``postgres`` of the Debian package."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from .processes import HOST, Server, ServerError, environment, free_port, give, run

USER = "postgres"


def programs() -> Path | None:
    """Return the folder of the newest installed PostgreSQL server, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _user() -> str | None:
    """Whom to become; nobody else is needed, or possible, where we are not root."""
    return USER if os.geteuid() == 0 else None


class Postgres:
    """A cluster in ``folder``/data on loopback TCP; every local user may connect, as in a test nobody else is there.

    :param durable: what it has committed survives its being killed; else it is quick.
    """

    def __init__(self, folder: Path, durable: bool = False) -> None:
        found = programs()
        if found is None:
            raise ServerError("PostgreSQL is not installed: apt-get install postgresql")
        self.programs = found
        self.folder = folder
        self.port = free_port()
        self.data = folder / "data"
        options = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
            "autovacuum": "off",
        }
        if not durable:
            options.update(fsync="off", synchronous_commit="off", full_page_writes="off")
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = [self.programs / "postgres", "-D", self.data, "-p", str(self.port), *words]
        # SIGINT is the fast shutdown: open connections are closed, what was committed is written
        self.server = Server(
            "PostgreSQL", command, folder / "log", ports=[self.port], user=_user(), ends_by=signal.SIGINT
        )

    def create(self) -> None:
        """Make an empty cluster."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if _user():
            give(self.folder, USER)
        command = [
            self.programs / "initdb",
            "-D",
            self.data,
            "-A",
            "trust",
            "-U",
            USER,
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        run(command, self.folder, user=_user())

    def adopt(self, template: Path) -> None:
        """Take a copy of a cluster that was stopped orderly."""
        self.folder.mkdir(parents=True, exist_ok=True)
        run(["cp", "-a", template, self.data], self.folder)
        if _user():
            give(self.folder, USER)
        self.data.chmod(0o700)

    def start(self) -> None:
        self.server.launch()
        self.start_wait()

    def start_wait(self) -> None:
        """Wait until the launched server answers questions: the port opens some moments before."""
        self.server.ready()
        for attempt in range(100):
            try:
                self.sql("select 1")
                return
            except ServerError as error:
                if attempt == 99 or "starting up" not in str(error):
                    raise

    def stop(self) -> None:
        self.server.stop()

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Execute statements as the superuser and return the rows, unaligned."""
        words = [word for statement in statements for word in ("-c", statement)]
        command = ["psql", "-X", "-q", "-A", "-t", "-h", HOST, "-p", str(self.port), "-U", USER, "-d", database]
        return run([*command, "-v", "ON_ERROR_STOP=1", *words], self.folder, env=environment(self.folder)).strip()
