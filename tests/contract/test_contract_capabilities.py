# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Honest capabilities (design §4.9): what is declared is true, what is not is refused by name, and there are no others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from memory_driver import Memory
from refusals import NEEDS, UNDECLARED
from scenarios import DECLARED

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher
from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError
from ansible_collections.mailops.email.plugins.module_utils.providers.doveadm import DoveadmSessions
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS
from bench import Bench, writes

ROOT = Path(__file__).resolve().parents[2]

# What a task makes do without, and the test below that shows how.
MADE_DO = {
    "mailbox.suspend", "mailbox.forced_change", "mailbox.restore", "mailbox.set_password", "invite.list", "forward.expire",
    "catch_all.expire", "session.list", "session.revoke", "domain.dns_requirements",
}  # fmt: skip


# Ways in that belong to no mailbox: there is no task that closes them.
BESIDE = {"api_token.list"}
# What stands beside Modoboa is declared beside it.
CAN = {
    "memory": Memory.capabilities,
    "trekmail": DRIVERS["trekmail"].capabilities,
    "modoboa": DRIVERS["modoboa"].capabilities | DoveadmSessions.capabilities,
}


def _pairs(capabilities: Iterable[str], declared: bool) -> list[tuple[str, str]]:
    return [(name, one) for name in CAN for one in sorted(capabilities) if (one in CAN[name]) is declared]


@pytest.mark.parametrize(("every_ground", "capability"), _pairs(DECLARED, True), indirect=["every_ground"])
def test_what_is_declared_works(bench: Bench, capability: str) -> None:
    """End to end: the dry run foretells it, the run does it, a fresh look shows it, a second run sends nothing."""
    assert bench.can(capability)
    DECLARED[capability](bench)


@pytest.mark.parametrize(("every_ground", "capability"), _pairs(UNDECLARED, False), indirect=["every_ground"])
def test_what_is_not_declared_is_refused(bench: Bench, capability: str) -> None:
    """Nothing is sent, and the refusal names the capability, or the one before it without which nobody gets that far."""
    before = NEEDS.get(capability, capability)
    asked = capability if bench.can(before) else before
    kind, item = UNDECLARED[asked](bench)
    (failure,) = bench.refused(kind, item).failures
    assert isinstance(failure.error, CapabilityError)
    assert failure.error.code == "capability_missing" and asked in failure.error.message and failure.error.hint


def test_what_is_made_do_without(bench: Bench) -> None:
    """A closer way than asked for, the journal instead of the provider, or a warning; never silence."""
    driver = bench.connect()
    address = bench.box()
    report = bench.run_dry("mailbox", {"address": address, "state": "suspended"})
    warnings = " ".join(report.plan.warnings)
    if not driver.can("mailbox.suspend"):
        assert [one.verb for one in report.plan.operations if one.kind == "mailbox"] == ["pause"]
        assert "cannot close the login alone" in warnings
    ends = driver.suspend_ends_sessions or driver.can("session.revoke")
    assert ends or "sessions that are open stay open" in warnings
    if not driver.can("mailbox.forced_change"):
        item = bench.made_box(address.partition("@")[2], "ann")
        item["exception"].pop("accept_unforced_rotation")
        assert [one.error.code for one in bench.refused("mailbox", item).failures] == ["rotation_not_guaranteed"]
    if not driver.can("domain.dns_requirements"):
        with pytest.raises(CapabilityError, match=r"domain\.dns_requirements"):
            driver.dns_requirements("example.com")
        assert writes(driver) == 0


def test_every_capability_has_a_scenario() -> None:
    """Those that drivers declare, and those that the code asks for."""
    declared = {one for driver in DRIVERS.values() for one in driver.capabilities}
    source = "".join(path.read_text() for path in (ROOT / "plugins/module_utils").rglob("*.py"))
    asked = set(re.findall(r"\b(?:can|require)\(\"([a-z_]+\.[a-z_]+)\"", source))
    assert declared <= set(DECLARED)
    # Publishers stand beside every provider, with a contract of their own (tests/dns/test_dns_publishers.py).
    assert asked <= set(DECLARED) | MADE_DO | Publisher.capabilities


def test_workarounds_are_for_what_is_missing(bench: Bench) -> None:
    driver = bench.connect()
    # What stands beside it may do all the same.
    assert not set(driver.workarounds) & driver.capabilities
    assert set(driver.workarounds) <= set(DECLARED) | MADE_DO | BESIDE
