# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worked example is small, is a driver like others, and is shaped like neither of the real ones."""

from __future__ import annotations

from pathlib import Path

import memory_driver
import pytest
from grounds import MemoryGround
from memory_driver import Memory
from scenarios import DECLARED

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS
from bench import Bench


def test_it_is_small() -> None:
    assert len(Path(memory_driver.__file__).read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_it_is_like_neither(name: str) -> None:
    """So the engine, which works with all three, knows the shape of none."""
    other: type[Driver] = DRIVERS[name]
    assert Memory.capabilities - other.capabilities and other.capabilities - Memory.capabilities
    assert Memory.invite_form != other.invite_form


@pytest.mark.parametrize("capability", sorted(Memory.capabilities))
def test_the_contract_sees_through_a_liar(memory_ground: MemoryGround, tmp_path: Path, capability: str) -> None:
    """A provider that says yes and does nothing passes no scenario, so none of them is empty."""
    bench = Bench(memory_ground, tmp_path)
    memory_ground.provider.mood = "idle"
    try:
        with pytest.raises((AssertionError, KeyError)):
            DECLARED[capability](bench)
    finally:
        memory_ground.calm()
        bench.close()


def test_no_two_invite_alike() -> None:
    forms = {driver.invite_form for driver in (Memory, *DRIVERS.values())}
    assert forms == {"", "setup_link", "recovery_link"}
