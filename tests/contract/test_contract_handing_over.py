# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handing a mailbox over: whoever had it is out, whoever gets it is in, and nobody was in between (R-OWN-04, R-ROLE-01, R-OFF-14)."""

from __future__ import annotations

import json

import pyrage
from fakes import KEY, RECIPIENT
from grounds import PASSWORD
from scenarios import NEW_PASSWORD

from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError
from bench import Bench, exception


def test_a_closed_mailbox_goes_to_another_owner(bench: Bench) -> None:
    domain = bench.ground.domain()
    address = bench.box(domain, "ann")
    assert bench.ground.lets_in(address, PASSWORD)
    bench.run("mailbox", {"address": address, "state": "suspended"})
    assert not bench.ground.lets_in(address, PASSWORD)
    item = {"address": address, "owner_email": "ben@people.example.org", "reason": "offboarding", "request_id": "OFF-1"}
    by_link = bench.ground.driver.invite_form == "recovery_link"
    if not by_link:
        item.update(seal_to=RECIPIENT, exception={**exception(), "accept_unforced_rotation": True})
    if not by_link and not bench.can("mailbox.set_password"):
        (failure,) = bench.refused("mailbox_owner", item).failures
        assert isinstance(failure.error, CapabilityError)
        return
    bench.settle("mailbox_owner", item)
    assert not bench.ground.lets_in(address, PASSWORD)
    if by_link:
        bench.ground.owner_comes(address, NEW_PASSWORD)
        assert bench.ground.lets_in(address, NEW_PASSWORD)
    else:
        (sealed,) = (bench.folder / "sealed").rglob(address + "*")
        assert bench.ground.lets_in(address, json.loads(pyrage.decrypt(sealed.read_bytes(), [KEY]))["secret"])
