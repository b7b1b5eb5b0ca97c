# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sandbox processes as fixtures."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandboxlib import Sandbox


@pytest.fixture(scope="session")
def _shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One process for all tests that leave switches, plan, clock and faults as they were."""
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "data")
    sandbox.defaults = sandbox.ours("GET", "/switches")
    yield sandbox
    sandbox.stop()
    # two lines of the start, and no complaint about anything the tests did
    assert len(sandbox.folder.with_suffix(".log").read_text().splitlines()) == 2


@pytest.fixture
def sandbox(_shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The shared process, with everything that a test may turn set back afterwards."""
    yield _shared_sandbox
    _shared_sandbox.ours("DELETE", "/faults")
    _shared_sandbox.ours("PUT", "/latency", {"ms": 0})
    _shared_sandbox.ours("PUT", "/plan", {"plan": "agency"})
    _shared_sandbox.ours("PUT", "/switches", _shared_sandbox.defaults)
    _shared_sandbox.ours("PUT", "/clock", {"offset": 0, "frozen": False})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Start processes of one's own: ``start(*options)``."""
    running: list[Sandbox] = []

    def begin(*options: str) -> Sandbox:
        running.append(Sandbox(tmp_path / f"data{len(running)}", *options))
        return running[-1]

    yield begin
    for sandbox in running:
        if sandbox.process.poll() is None:
            os.kill(sandbox.process.pid, signal.SIGKILL)
            sandbox.process.wait(10)
