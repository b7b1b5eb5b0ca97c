# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share: the collection on the import path, and a sandbox with a project when one is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
TREE = ROOT / ".cache" / "tree"

if not any((Path(path or ".") / "ansible_collections" / "mailops").is_dir() for path in sys.path):
    sys.path.insert(0, str(TREE))
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "sandbox")]

from project import Project  # noqa: E402 - found by the lines above
from sandboxlib import Sandbox  # noqa: E402

# How long an example took says nothing where other tests run beside it.
hypothesis.settings.register_profile("beside-others", deadline=None)
hypothesis.settings.load_profile("beside-others")


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own, to be slowed, broken and killed."""
    server = Sandbox(tmp_path / "sandbox")
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def project(tmp_path: Path, own_sandbox: Sandbox) -> Project:
    """A project with client acme, whose domains example.com and example.net are active."""
    folder = tmp_path / "project"
    folder.mkdir()
    own_sandbox.domain("example.com")
    own_sandbox.domain("example.net")
    own_sandbox.ours("POST", "/writes:reset")
    return Project(folder, own_sandbox)
