# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Platforms for the live tests: a provider with real mail servers, started once for all tests that use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project
from servers.needed import in_ci, missing
from servers.platform import ModoboaPlatform, Platform, SandboxPlatform

CACHE = Path(__file__).resolve().parents[2] / ".cache"


@pytest.fixture(scope="session")
def real_servers() -> None:
    """Skip where servers cannot run, and say what is missing; in CI that is a failure."""
    sentence = missing()
    if sentence and in_ci():
        pytest.fail(sentence, pytrace=False)
    if sentence:
        pytest.skip(sentence)


def _running(platform: Platform) -> Iterator[Platform]:
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()


@pytest.fixture(scope="session")
def modoboa_platform(real_servers: None) -> Iterator[ModoboaPlatform]:
    """Modoboa with Postfix and Dovecot over its database."""
    yield from _running(ModoboaPlatform(CACHE))  # type: ignore[misc]


@pytest.fixture(scope="session")
def sandbox_platform(real_servers: None) -> Iterator[SandboxPlatform]:
    """The sandbox with Postfix and Dovecot over its database."""
    yield from _running(SandboxPlatform())  # type: ignore[misc]


@pytest.fixture(scope="session", params=["modoboa", "sandbox"])
def platform(request: pytest.FixtureRequest) -> Platform:
    """Both, one after the other."""
    return request.getfixturevalue(f"{request.param}_platform")


@pytest.fixture
def live_project(tmp_path: Path, platform: Platform) -> Project:
    """A project whose runs talk to the platform; no domain exists yet, and ``project.inventory`` names the clients."""
    folder = tmp_path / "project"
    folder.mkdir()
    # all that Project wants of a sandbox is its address, its token and the count of changes
    project = Project(folder, platform)  # type: ignore[arg-type]
    project.environment.update(platform.environment)
    return project
