# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every test of this folder runs over every driver; see docs/providers.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "live"), str(TESTS / "unit" / "core")]
# Its assertions are those of many tests: say what they compared.
pytest.register_assert_rewrite("bench")

from grounds import Ground, MemoryGround, ModoboaGround, TrekMailGround  # noqa: E402
from sandboxlib import Sandbox  # noqa: E402
from servers.needed import in_ci, missing  # noqa: E402
from servers.platform import ModoboaPlatform  # noqa: E402

from ansible_collections.mailops.email.plugins.module_utils.providers import http  # noqa: E402
from bench import Bench  # noqa: E402 - found by the lines above


@pytest.fixture(scope="package")
def memory_ground() -> MemoryGround:
    return MemoryGround()


@pytest.fixture(scope="package")
def trekmail_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrekMailGround]:
    sandbox = Sandbox(tmp_path_factory.mktemp("contract") / "sandbox")
    ground = TrekMailGround(sandbox)
    yield ground
    ground.stop()
    sandbox.stop()


@pytest.fixture(scope="package")
def modoboa_ground() -> Iterator[ModoboaGround]:
    """As in tests/live: skipped where servers cannot run, a failure in CI."""
    sentence = missing()
    if sentence and in_ci():
        pytest.fail(sentence, pytrace=False)
    if sentence:
        pytest.skip(sentence)
    platform = ModoboaPlatform(TESTS.parent / ".cache")
    try:
        platform.start()
        ground = ModoboaGround(platform)
        yield ground
        ground.stop()
    finally:
        platform.stop()


@pytest.fixture(scope="package", params=["memory", "trekmail", "modoboa"])
def every_ground(request: pytest.FixtureRequest) -> Ground:
    return request.getfixturevalue(request.param + "_ground")


@pytest.fixture
def ground(every_ground: Ground) -> Iterator[Ground]:
    yield every_ground
    every_ground.calm()
    every_ground.tidy()


@pytest.fixture
def bench(ground: Ground, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(ground, tmp_path)
    yield made
    made.close()


@pytest.fixture
def modoboa(modoboa_ground: ModoboaGround, tmp_path: Path) -> Iterator[Bench]:
    """For what only Modoboa does."""
    made = Bench(modoboa_ground, tmp_path)
    yield made
    made.close()
    modoboa_ground.limited = False
    modoboa_ground.print_passwords(False)
    modoboa_ground.calm()
    modoboa_ground.tidy()


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once: what they wait for is another test's business."""
    monkeypatch.setattr(http, "BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(http, "BACKOFF_LIMIT_SECONDS", 0.2)
