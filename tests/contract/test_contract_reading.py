# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `observe` gives: normal form, natural keys in lower case, and absence for what is not there."""

from __future__ import annotations

import pytest
from grounds import PASSWORD, Ground
from normal_forms import ACCOUNT, NUMBER, OR_NONE, fits, wrong

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from bench import Bench, exception, governed, new_key


def test_every_kind_is_in_normal_form(bench: Bench) -> None:
    """`seen` compares each record with the table; here is one of each kind, on and off."""
    address, spare = bench.box(), bench.box()
    domain = address.partition("@")[2]
    other = bench.box(domain)
    away = {"targets": ["ann@home.example"], "exception": exception(), **governed()}
    bench.run("alias", {"address": "more@" + domain, "mailbox": address})
    bench.run("forward", {"address": other, **away})
    bench.run("catch_all", {"domain": domain, "state": "present", "destination": other, **governed()})
    if bench.can("forward.address"):
        bench.run("forward", {"address": "sales@" + domain, **away})
    bench.run("mailbox", {"address": spare, "state": "suspended"})
    assert set(bench.seen("mailbox", domain)) == {address, other}
    assert bench.seen("mailbox", spare.partition("@")[2])[spare]["state"] == "suspended"
    assert set(bench.seen("alias", address)) == {"more@" + domain}
    assert other in bench.seen("forward", domain, other)
    assert bench.seen("catch_all", domain, spare.partition("@")[2])[domain]["enabled"]
    assert domain in bench.seen("domain")
    if bench.can("administrator.set"):
        bench.run("domain", {"name": domain, "administrators": [address]})
        assert bench.seen("administrator", domain)[domain]["administrators"] == [address]
    if bench.can("session.list"):
        client = bench.ground.log_in(address, PASSWORD)
        assert set(bench.seen("session", address, other)) == {address}
        client.logout()


def test_the_account_is_in_normal_form(bench: Bench) -> None:
    account = bench.connect().observe("account", ())["account"]
    assert set(account) == set(ACCOUNT)
    for name, form in ACCOUNT.items():
        if isinstance(form, str):
            assert fits(account[name], form)
        else:
            assert tuple(sorted(account[name])) == tuple(sorted(form))
            assert all(fits(value, NUMBER + OR_NONE) for value in account[name].values())


def test_the_table_finds_what_is_wrong() -> None:
    good = {"address": "a@b.example", "mailbox": "c@b.example", "can_receive": True, "can_send": False}
    assert wrong("alias", "a@b.example", good) == []
    assert wrong("alias", "a@b.example", {**good, "can_send": 0, "colour": "red"}) == [
        "colour is unknown",
        "can_send is 0, not yes or no",
    ]
    assert wrong("alias", "A@b.example", {**good, "address": "A@b.example"})
    assert wrong("catch_all", "b.example", {"domain": "b.example", "enabled": True}) == ["destination is missing"]


def test_keys_are_in_lower_case(bench: Bench) -> None:
    """However somebody has typed them, in the task or at the provider."""
    domain = bench.ground.domain()
    bench.ground.mailbox("Mixed.Case@" + domain)
    assert set(bench.seen("mailbox", domain)) == {"mixed.case@" + domain}
    if bench.can("mailbox.update"):
        bench.settle("mailbox", {"address": "MIXED.case@" + domain.upper(), "display_name": "Mixed Case"})
        assert bench.seen("mailbox", domain)["mixed.case@" + domain]["display_name"] == "Mixed Case"


def test_what_is_unknown_is_absent(bench: Bench) -> None:
    """No error: a plan asks for domains and mailboxes before anybody knows whether they are there."""
    nowhere, nobody = "nowhere.example", "nobody@nowhere.example"
    known = bench.ground.domain()
    assert nowhere not in bench.seen("domain")
    assert bench.seen("mailbox", nowhere) == {}
    assert bench.seen("mailbox", nowhere, known) == {}
    assert bench.seen("alias", nobody, nowhere) == {}
    assert bench.seen("forward", nobody, nowhere) == {}
    assert bench.seen("catch_all", nowhere) == {}
    assert bench.seen("alias", "nobody@" + known, known) == {} == bench.seen("forward", "nobody@" + known, known)
    assert bench.seen("mailbox") == {} == bench.seen("alias")
    if bench.can("administrator.set"):
        assert bench.seen("administrator", nowhere) == {}
    if bench.can("session.list"):
        assert bench.seen("session", nobody) == {}


def test_a_second_driver_goes_by_what_was_read_for_it(bench: Bench) -> None:
    """A snapshot of another task: ids come with the records (`adopt`), so that nothing has to be read again."""
    address = bench.box()
    domain = address.partition("@")[2]
    domains, boxes = bench.seen("domain"), bench.seen("mailbox", domain)
    driver = bench.connect()
    driver.adopt("domain", domains)
    driver.adopt("mailbox", boxes)
    change = bench.change("mailbox", "suspend" if driver.can("mailbox.suspend") else "pause", address)
    assert [result.status for result in driver.apply([change], new_key())] == ["applied"]
    assert (bench.box_record(address) or {})["state"] == "suspended"


def test_a_wrong_token_is_told(bench: Bench) -> None:
    """Nothing else of a run could succeed, and it must not pass for an empty account."""
    driver = bench.connect(token="wrong-token-0123456789abcdef")
    with pytest.raises(ProviderError) as caught:
        driver.observe("domain", ())
    assert (caught.value.code, caught.value.stop) == ("unauthenticated", True)
    assert caught.value.hint and "wrong-token" not in "%s %s" % (caught.value.message, caught.value.hint)


def test_an_account_has_a_name(ground: Ground) -> None:
    """By which a journal line says whose objects it speaks of; never with the token."""
    driver = ground.connect()
    name, at, host = driver.account.partition("@")
    assert (name, at) == (driver.name, "@") and host
    driver.close()
