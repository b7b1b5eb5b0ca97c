# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Child processes, free ports, and the folder that a set of servers lives in."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .guard import Guard

HOST = "127.0.0.1"
# Below Linux's range for outgoing connections (32768 and up), so that none of those takes a port between choice and start.
_PORTS = range(20000, 32000)
_given: set[int] = set()


GUARD = Guard()


class ServerError(RuntimeError):
    """A server did not start or stop; the message ends with the last lines of its log."""


def free_port() -> int:
    """Return a port that nobody listens on and that no earlier call returned."""
    for dummy in range(1000):
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise ServerError("no free port between %d and %d" % (_PORTS.start, _PORTS.stop))


def new_folder() -> Path:
    """Return a new folder that daemons of other users can pass through; not pytest's, which is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="mailops-live-"))
    folder.chmod(0o711)
    if not os.environ.get("LIVE_KEEP"):
        GUARD.folder(folder)
    return folder


def give(path: Path, user: str) -> None:
    """Make ``user`` the owner of ``path`` and everything below it."""
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    for found in path.rglob("*") if path.is_dir() else ():
        os.chown(found, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented; "(empty)" when there is nothing."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    kept = text.splitlines()[-lines:]
    return "\n".join("    " + line for line in kept) if kept else "    (empty)"


def alive(pid: int) -> bool:
    """Say whether a process with this id exists and is no zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def wait_until(what: Callable[[], object], seconds: float, pause: float = 0.05) -> bool:
    """Call ``what`` until it returns something true; False when ``seconds`` have passed."""
    end = time.monotonic() + seconds
    while True:
        if what():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(pause)


def answers(port: int, banner: bool = False) -> bool:
    """Say whether something accepts connections on ``port``, and with ``banner`` speaks first."""
    try:
        with socket.create_connection((HOST, port), 2) as connection:
            connection.settimeout(2)
            return bool(connection.recv(1)) if banner else True
    except OSError:
        return False


def environment(folder: Path, *first: Path, **more: str) -> dict[str, str]:
    """Return a plain environment: nothing of the developer's own shell, no proxy, HOME below the folder."""
    path = ":".join([*map(str, first), "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC", **more}


def _identity(user: str | None) -> dict[str, Any]:
    """Return how subprocess is told to run something as ``user`` and in no other group than the user's own."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def run(
    command: Sequence[str | Path], folder: Path, *, env: Mapping[str, str] | None = None, user: str | None = None,
    cwd: Path | None = None, timeout: float = 300,
) -> str:  # fmt: skip
    """Run a command to its end and return what it printed. Raises ServerError with its output."""
    done = subprocess.run(
        [str(word) for word in command], env=env or environment(folder), cwd=cwd or folder, timeout=timeout, check=False,
        **_identity(user), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode:
        last = "\n".join("    " + line for line in done.stdout.splitlines()[-15:])
        raise ServerError("%s ended with %d:\n%s" % (" ".join(map(str, command)), done.returncode, last))
    return done.stdout


class Server:
    """One server process in the foreground, its output in a log.

    :param ports: those it must accept connections on before start() returns.
    :param banner: it greets, and only then it is ready.
    :param leads: the process leads a session of its own, out of reach of Ctrl-C; off for one that makes a session itself.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        ports: Sequence[int] = (),
        banner: bool = False,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        cwd: Path | None = None,
        ends_by: int = signal.SIGTERM,
        leads: bool = True,
    ) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.log = log
        self.ports = ports
        self.banner = banner
        self.env = env or environment(log.parent)
        self.user = user
        self.cwd = cwd or log.parent
        self.ends_by = ends_by
        self.leads = leads
        self.process: subprocess.Popen[bytes] | None = None
        self._asked = False

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ServerError(f"{self.name} was not started")
        return self.process.pid

    def launch(self) -> None:
        """Start the process and do not wait for it."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.env), cwd=self.cwd, start_new_session=self.leads,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                **_identity(self.user),
            )  # fmt: skip
        self._asked = False
        GUARD.watch(self.process.pid, self.ends_by)

    def ready(self, seconds: float = 60) -> None:
        """Wait until every port answers. Raises ServerError when the process ends first, or ``seconds`` have passed."""
        process = self.process
        if process is None:
            raise ServerError(f"{self.name} was not started")
        for port in self.ports:
            done = wait_until(lambda port=port: process.poll() is not None or answers(port, self.banner), seconds)  # type: ignore[misc]
            if process.poll() is not None:
                raise ServerError(f"{self.name} ended with {process.returncode} at its start:\n{tail(self.log)}")
            if not done:
                raise ServerError(f"{self.name} does not answer on port {port}:\n{tail(self.log)}")

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.launch()
        self.ready()

    def end(self) -> None:
        """Ask the process to end and do not wait."""
        if self.process is not None and self.process.poll() is None and not self._asked:
            self._asked = True
            self.process.send_signal(self.ends_by)

    def stop(self, seconds: float = 20) -> None:
        """End the process and wait for it; killed when it takes longer than ``seconds``."""
        process = self.process
        if process is None:
            return
        try:
            self.end()
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise ServerError(f"{self.name} had to be killed:\n{tail(self.log)}") from None
        finally:
            GUARD.forget(process.pid)


def stop_all(*stops: Callable[[], None]) -> None:
    """Call each, whatever the others raise; raises the first error at the end."""
    errors = []
    for stop in stops:
        try:
            stop()
        except (ServerError, OSError, subprocess.SubprocessError) as error:
            errors.append(error)
    if errors:
        raise errors[0]


def remove(folder: Path) -> None:
    """Remove the folder of a set of servers; LIVE_KEEP in the environment keeps it, and says where it is."""
    if os.environ.get("LIVE_KEEP"):
        print(f"\nkept: {folder}")
        return
    shutil.rmtree(folder, ignore_errors=True)
