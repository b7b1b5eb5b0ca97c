# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real PostgreSQL that a test can kill, and databases with journals in it."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from servers.postgres import Postgres
from servers.processes import HOST, ServerError, new_folder, remove

from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_store import PostgresStore

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "extensions" / "audit" / "journal.sql"
EXPORT = ROOT / "extensions" / "audit" / "export_journal.py"
VERIFIER = ROOT / "extensions" / "audit" / "verify_journal.py"
# Marked, so that it is found wherever it leaks.
PASSWORD = "s3cret-Kanarienvogel"


class Server:
    """A cluster whose commits survive; logins are by password, so that it matters which role one has."""

    def __init__(self) -> None:
        self.folder = new_folder()
        self.postgres = Postgres(self.folder / "postgres", durable=True)
        self.numbers = itertools.count(1)

    def start(self) -> None:
        self.postgres.create()
        access = self.postgres.data / "pg_hba.conf"
        access.write_text("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        self.postgres.start()

    def stop(self) -> None:
        try:
            self.postgres.stop()
        finally:
            remove(self.folder)

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its backends, as the kernel does when memory is out."""
        pid = self.postgres.server.pid
        children = Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split()
        for one in [pid, *map(int, children)]:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.postgres.server.stop()

    def immediate(self) -> None:
        """An immediate shutdown: backends end where they are, the next start recovers from the log."""
        os.kill(self.postgres.server.pid, signal.SIGQUIT)
        self.postgres.server.stop()

    def again(self) -> None:
        """Start after a kill, and wait until the log is replayed; what the dead have left in memory may take a moment to go."""
        process = self.postgres.server
        ends = time.monotonic() + 30
        process.launch()
        while True:
            try:
                self.postgres.sql("SELECT 1")
                return
            except ServerError:
                if time.monotonic() > ends:
                    raise
                if process.process is None or process.process.poll() is not None:
                    process.stop()
                    process.launch()
                time.sleep(0.05)


class Database:
    """A database with an empty journal, its roles ``controller`` and ``auditor``."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = "journal%d" % next(server.numbers)
        self._stores: list[PostgresStore] = []
        server.postgres.sql("CREATE DATABASE " + self.name)
        self.sql(SCHEMA.read_text(encoding="utf-8"))
        for role, group in (("controller", "writer"), ("auditor", "reader")):
            if role not in self.sql("SELECT rolname FROM pg_roles").split():
                self.sql("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE mailops_journal_%s" % (role, PASSWORD, group))

    def url(self, role: str = "controller", password: str = PASSWORD) -> str:
        return "postgresql://%s:%s@%s:%d/%s" % (role, password, HOST, self.server.postgres.port, self.name)

    @property
    def place(self) -> str:
        return "postgresql:%s:%d/%s" % (HOST, self.server.postgres.port, self.name)

    def store(self, folder: Path, role: str = "controller") -> PostgresStore:
        store = PostgresStore(self.url(role), str(folder))
        self._stores.append(store)
        return store

    def sql(self, *statements: str) -> str:
        """As the superuser."""
        return self.server.postgres.sql(*statements, database=self.name)

    def export(self, folder: Path, *options: str, role: str = "auditor") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(EXPORT), str(folder), *options]
        environment = {"PATH": os.environ["PATH"], "MAILOPS_JOURNAL_URL": self.url(role)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def verdict(self, folder: Path) -> tuple[str, dict[str, Any]]:
        """What the verifier says of an export: the worst verdict, and all it says by file."""
        exported = self.export(folder)
        assert exported.returncode == 0, exported.stderr
        command = [sys.executable, "-I", str(VERIFIER), str(folder), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        answer = json.loads(done.stdout)
        return answer["verdict"], {one["file"]: one for one in answer["files"]}

    def drop(self) -> None:
        for store in self._stores:
            store.close()
        self.server.postgres.sql("DROP DATABASE %s WITH (FORCE)" % self.name)
