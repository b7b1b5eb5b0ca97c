# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owner first: how an owner gets in, in the form that a driver declares (R-DELIV-01)."""

from __future__ import annotations

from scenarios import NEW_PASSWORD

from ansible_collections.mailops.email.plugins.module_utils.providers.base import CapabilityError
from bench import Bench, writes


def test_the_form_is_one_that_the_engine_knows(bench: Bench) -> None:
    driver = bench.ground.driver
    assert driver.invite_form in ("", "setup_link", "recovery_link")
    assert bool(driver.invite_form) == bench.can("invite.create")
    if driver.invite_form == "recovery_link":
        assert driver.invite_hours and bench.can("mailbox.create") and bench.can("mailbox.pause")


def test_from_nothing_to_an_owner(bench: Bench) -> None:
    """Pending until the owner has been there, nobody else gets in meanwhile, and the operator never knew a secret."""
    domain = bench.ground.domain()
    item = bench.invited(domain, "ann", display_name=None)
    if not bench.ground.driver.invite_form:
        (failure,) = bench.refused("mailbox", item).failures
        assert isinstance(failure.error, CapabilityError)
        return
    report = bench.settle("mailbox", item)
    assert report.objects[0]["state"] == "pending"
    made = [one.verb for one in report.plan.operations if one.kind == "mailbox"]
    assert made == (["create"] if bench.ground.driver.invite_form == "recovery_link" else [])
    # whoever holds the plan afterwards holds no secret of it
    assert not [one for one in report.plan.operations if one.secret]
    bench.ground.owner_comes(item["address"], NEW_PASSWORD)
    assert bench.ground.lets_in(item["address"], NEW_PASSWORD)
    driver = bench.connect()
    after = bench.run("mailbox", item, driver=driver)
    assert writes(driver) == 0 and after.plan.operations == [] and after.objects[0]["state"] == "present"


def test_a_lost_answer_to_an_invite(bench: Bench) -> None:
    """It stays in doubt until the next run, which asks again in a way that makes no second mailbox and no second invite."""
    if not bench.ground.driver.invite_form:
        return  # the test before has shown that it has none
    domain = bench.ground.domain()
    item = bench.invited(domain, "ann")
    bench.ground.spoil("lost")
    report = bench.attempt("mailbox", item)
    bench.ground.calm()
    assert [result.status for result in report.results if result.operation.kind == "invite"] in ([], ["in_doubt"])
    assert report.failures and report.failures[0].error.code == "in_doubt"
    again = bench.run("mailbox", item)
    assert again.objects[0]["state"] == "pending"
    driver = bench.connect()
    assert bench.run("mailbox", item, driver=driver).plan.operations == [] and writes(driver) == 0
    bench.ground.owner_comes(item["address"], NEW_PASSWORD)
    assert bench.ground.lets_in(item["address"], NEW_PASSWORD)
    assert set(bench.seen("mailbox", domain)) == {item["address"]}
