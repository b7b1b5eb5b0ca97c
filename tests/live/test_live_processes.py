# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live platform's processes: two sets side by side, and nothing left when one ends, in whatever way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from servers import needed
from servers.platform import SandboxPlatform
from servers.processes import alive, wait_until

pytestmark = pytest.mark.live


def test_nothing_is_left_running(real_servers: None) -> None:
    """Two platforms run side by side, and stop() ends each process and removes the folder."""
    second = SandboxPlatform()
    try:
        second.start()
        pids = second.servers()
        assert len(pids) == 4 and all(map(alive, pids.values()))
        assert [path for path in Path("/proc").glob("[0-9]*/cwd") if below(path, second.folder)]
    finally:
        second.stop()
    assert not any(map(alive, pids.values()))
    assert not second.folder.exists()
    assert not [path for path in Path("/proc").glob("[0-9]*/cwd") if below(path, second.folder)]


def test_a_killed_run_leaves_nothing(real_servers: None) -> None:
    """Killed in the middle, a run leaves no process and no folder."""
    script = (
        "import os, signal, sys; from servers.platform import SandboxPlatform; p = SandboxPlatform(); p.start();"
        "print(p.folder, *p.servers().values(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    folder, *pids = done.stdout.split()
    assert done.returncode == -signal.SIGKILL and len(pids) == 4
    assert wait_until(lambda: not Path(folder).exists(), 20)
    assert not any(alive(int(pid)) for pid in pids)
    assert not [path for path in Path("/proc").glob("[0-9]*/cwd") if below(path, Path(folder))]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages or root: one sentence that names what is missing and the command."""
    monkeypatch.setattr(needed.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(needed, "packages", list)
    assert needed.missing().endswith("sudo make live")
    monkeypatch.setattr(needed, "packages", lambda: ["dovecot-core", "postfix"])
    assert needed.missing().endswith("apt-get install dovecot-core postfix")


def below(link: Path, folder: Path) -> bool:
    """Say whether a process works in a folder (a daemon of Postfix does in its queue)."""
    try:
        return str(link.readlink()).startswith(str(folder))
    except OSError:
        return False
