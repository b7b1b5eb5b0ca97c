# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only Modoboa does, on the real one: its side effects in the odd cases, its limit of requests, what it leaves behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import pytest
import requests
from grounds import PASSWORD, ModoboaGround
from scenarios import NEW_PASSWORD

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import connect
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import ALL
from ansible_collections.mailops.email.plugins.module_utils.shell.access import paths_of
from bench import Bench, codes, exception, governed, in_days, new_key, operation, writes


def _platform(bench: Bench) -> Any:
    assert isinstance(bench.ground, ModoboaGround)
    return bench.ground.platform


def _row(bench: Bench, address: str) -> dict[str, Any]:
    return next(row for row in _platform(bench).modoboa.rows("/aliases/") if row["address"] == address)


def _change_row(bench: Bench, address: str, **fields: Any) -> None:
    """As somebody does it in Modoboa's own pages."""
    row = _row(bench, address)
    body = {"address": address, "recipients": row["recipients"], "enabled": row["enabled"], **fields}
    _platform(bench).modoboa.call("PATCH", "/aliases/%d/" % row["pk"], body)


def test_what_was_off_before_stays_off(modoboa: Bench) -> None:
    """Modoboa switches off what hangs on an account and forgets what was on; the journal gives back exactly that."""
    domain = modoboa.ground.domain()
    address = modoboa.box(domain, "ann")
    names = ["on@" + domain, "off@" + domain]
    modoboa.run("alias", *({"address": name, "mailbox": address} for name in names))
    _change_row(modoboa, "off@" + domain, enabled=False)
    report = modoboa.run("mailbox", {"address": address, "state": "suspended"})
    assert [entry["key"] for entry in report.plan.operations[0].collateral] == ["on@" + domain]
    assert [_row(modoboa, name)["enabled"] for name in names] == [False, False]
    modoboa.settle("mailbox", {"address": address})
    assert [_row(modoboa, name)["enabled"] for name in names] == [True, False]


def test_the_end_of_a_forward_survives_suspension(modoboa: Bench) -> None:
    domain = modoboa.ground.domain()
    address = modoboa.box(domain, "ann")
    item = {"address": "press@" + domain, "targets": [address], **governed(expires_at=in_days(40))}
    modoboa.run("forward", item)
    modoboa.run("catch_all", {"domain": domain, "state": "present", "destination": address, **governed()})
    before = modoboa.around(domain, address)
    modoboa.run("mailbox", {"address": address, "state": "suspended"})
    assert _row(modoboa, "press@" + domain)["enabled"] is False
    modoboa.settle("mailbox", {"address": address})
    assert modoboa.around(domain, address) == before
    assert modoboa.run("forward", item).plan.operations == []


def test_several_closed_together(modoboa: Bench) -> None:
    """A row of two people stays while one of them is there; what is foreseen of a whole list is what happens."""
    domain = modoboa.ground.domain()
    ann, bob = modoboa.box(domain, "ann"), modoboa.box(domain, "bob")
    modoboa.run("alias", {"address": "a@" + domain, "mailbox": ann}, {"address": "b@" + domain, "mailbox": bob})
    modoboa.run("forward", {"address": "both@" + domain, "targets": [ann, bob], **governed()})
    before = modoboa.around(domain, ann, bob)
    items = [{"address": one, "state": "suspended"} for one in (ann, bob)]
    report = modoboa.settle("mailbox", *items)
    foreseen = {entry["key"] for one in report.plan.operations for entry in one.collateral}
    after = modoboa.around(domain, ann, bob)
    assert {key for kind, key in before if after[kind, key] != before[kind, key]} == foreseen
    modoboa.settle("mailbox", {"address": ann}, {"address": bob})
    assert modoboa.around(domain, ann, bob) == before


def test_an_alias_in_another_domain_is_foreseen(modoboa: Bench) -> None:
    address = modoboa.box()
    other = "ann@" + modoboa.ground.domain()
    modoboa.run("alias", {"address": other, "mailbox": address})
    report = modoboa.settle("mailbox", {"address": address, "state": "suspended"})
    assert [entry["key"] for entry in report.plan.operations[0].collateral] == [other]
    modoboa.settle("mailbox", {"address": address})
    assert _row(modoboa, other)["enabled"] is True


def test_mail_falls_to_the_catch_all_and_the_plan_says_so(modoboa: Bench) -> None:
    domain = modoboa.ground.domain()
    ann, zoe = modoboa.box(domain, "ann"), modoboa.box(domain, "zoe")
    modoboa.run("catch_all", {"domain": domain, "state": "present", "destination": zoe, **governed()})
    report = modoboa.run("mailbox", {"address": ann, "state": "suspended"})
    assert any("will go to the catch-all, %s" % zoe in warning for warning in report.plan.warnings)
    platform = _platform(modoboa)
    assert platform.arrived(zoe, PASSWORD, platform.deliver(ann), seconds=20)


def test_the_real_limit_of_requests_is_waited_for(modoboa: Bench) -> None:
    """Modoboa takes five changes a second; it says how long to wait, and nothing is lost."""
    assert isinstance(modoboa.ground, ModoboaGround)
    address = modoboa.box()
    domain = address.partition("@")[2]
    _platform(modoboa).modoboa.forget_throttles()
    modoboa.ground.limited = True
    items = [{"address": "a%d@%s" % (number, domain), "mailbox": address} for number in range(12)]
    waits: list[str] = []

    class Listening(Progress):
        def waiting(self, why: str, seconds: float) -> None:
            waits.append(why)

    made = Connection(modoboa.ground.proxy.url + "/api/v2", modoboa.ground.token)
    driver = connect("modoboa", made, read_only=False, progress=Listening(), user_agent="contract")
    modoboa.run("alias", *items, driver=driver)
    driver.close()
    modoboa.ground.limited = False
    assert waits and len(modoboa.seen("alias", address)) == 12


def test_an_account_that_lost_its_domain_is_seen(modoboa: Bench) -> None:
    """Deleting a domain in Modoboa leaves its accounts; they hold their names and let nobody in."""
    address = modoboa.box()
    domain = address.partition("@")[2]
    platform = _platform(modoboa)
    identity = next(row["pk"] for row in platform.modoboa.rows("/domains/") if row["name"] == domain)
    platform.modoboa.call("POST", "/domains/%d/delete/" % identity, {"keep_folder": True})
    platform.make_domain(domain)
    assert (modoboa.box_record(address) or {})["state"] == "orphaned"
    (failure,) = modoboa.refused("mailbox", modoboa.invited(domain, address.partition("@")[0])).failures
    assert failure.error.code == "orphaned_account"
    modoboa.settle("mailbox", {"address": address, "state": "absent", "exception": exception()})
    assert modoboa.box_record(address) is None
    modoboa.settle("mailbox", modoboa.invited(domain, address.partition("@")[0]))


def test_every_new_link_ends_the_one_before(modoboa: Bench) -> None:
    """Links that are out die when another person is to be the owner, and when the invite is cancelled (R-INV-05)."""
    domain = modoboa.ground.domain()
    item = modoboa.invited(domain, "ann")
    address = item["address"]
    modoboa.run("mailbox", item)
    first = _new_link(modoboa, address, "")
    modoboa.run("invite", dict(item, owner_email="other@home.example"))
    second = _new_link(modoboa, address, first)
    assert not _opens(modoboa, first) and _opens(modoboa, second)
    modoboa.run("invite", dict(item, state="absent"))
    assert not _opens(modoboa, second)
    assert not modoboa.ground.lets_in(address, NEW_PASSWORD)


def _new_link(bench: Bench, address: str, old: str) -> str:
    """The link of the newest mail, which takes a moment to come."""
    for dummy in range(100):
        found = str(_platform(bench).owner.link(address))
        if found != old:
            return found
        time.sleep(0.1)
    raise LookupError(address)


def _opens(bench: Bench, link: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        return "new_password1" in session.get(link, timeout=30).text


def test_a_persons_word_stands_for_a_login(modoboa: Bench) -> None:
    """Where no login is ever noted (no Dovecot tells Modoboa), `owner_confirmed` says that the owner is there."""
    domain = modoboa.ground.domain()
    item = modoboa.invited(domain, "ann")
    modoboa.run("mailbox", item)
    _platform(modoboa).owner_sets_password(item["address"], NEW_PASSWORD)
    assert modoboa.run("mailbox", item).objects[0]["state"] == "pending"
    time.sleep(1.1)
    report = modoboa.settle("mailbox", dict(item, owner_confirmed=True))
    assert [one.verb for one in report.plan.operations] == ["record"]
    assert modoboa.run("mailbox", item).objects[0]["state"] == "present"


def test_the_dkim_key_is_waited_for(modoboa: Bench) -> None:
    name = modoboa.ground.new_name()
    modoboa.run("domain", {"name": name})
    driver = modoboa.connect()
    (record,) = driver.dns_requirements(name)
    assert record["type"] == "TXT" and record["name"].endswith("._domainkey." + name) and "p=" in record["value"]


def test_sessions_of_nobody_and_of_a_mask(modoboa: Bench) -> None:
    """Dovecot takes masks; an address with a star would mean everybody, so it is never sent."""
    address = modoboa.box()
    client = modoboa.ground.log_in(address, PASSWORD)
    driver = modoboa.connect()
    port = driver.port("session")
    assert port.observe("session", {"*@" + address.partition("@")[2], "*"}) == {}
    masks = [operation("session", "revoke", one) for one in ("*", "nobody@" + address.partition("@")[2])]
    assert [result.status for result in port.apply(masks, new_key())] == ["failed", "applied"]
    assert set(port.observe("session", {address})) == {address}
    client.logout()


def test_a_session_that_is_slow_to_end(modoboa: Bench) -> None:
    """Dovecot says yes before the session has ended, and lists it until then: it is waited for, and then it is gone."""
    address = modoboa.box()
    client = modoboa.ground.log_in(address, PASSWORD)
    (row,) = _platform(modoboa).doveadm("who", mask=[address])[1]
    slow = int(row["pids"].strip("()"))
    os.kill(slow, signal.SIGSTOP)
    waking = threading.Timer(0.5, os.kill, (slow, signal.SIGCONT))
    waking.start()
    try:
        report = modoboa.run("mailbox_access", {"address": address})
    finally:
        waking.join()
        client.shutdown()
    assert [(one.kind, one.verb) for one in report.plan.operations] == [("session", "revoke")]


def test_sessions_are_not_ended_in_check_mode(modoboa: Bench) -> None:
    address = modoboa.box()
    client = modoboa.ground.log_in(address, PASSWORD)
    driver = modoboa.connect(read_only=True)
    port = driver.port("session")
    assert set(port.observe("session", {address})) == {address}
    assert codes(port.apply([operation("session", "revoke", address)], new_key())) == ["check_mode_write"]
    assert client.noop()[0] == "OK" and writes(driver) == 0
    client.logout()


def test_a_printed_password_is_dead(modoboa: Bench) -> None:
    """Modoboa prints the first password of an account; what the owner gets is another, and it works."""
    assert isinstance(modoboa.ground, ModoboaGround)
    modoboa.ground.print_passwords(True)
    domain = modoboa.ground.domain()
    report = modoboa.run("mailbox", modoboa.made_box(domain, "ann"))
    assert any("enabled_pdfcredentials" in warning for warning in report.plan.warnings)
    (secret,) = modoboa.secrets
    assert modoboa.ground.lets_in("ann@" + domain, secret)
    assert [one.partition(" ")[0] for one in modoboa.ground.proxy.writes[-2:]] == ["POST", "PATCH"]


def test_a_printed_password_that_may_be_in_force(modoboa: Bench) -> None:
    """When every answer is lost nobody knows which counts; the next run sets another and sends the owner a link."""
    assert isinstance(modoboa.ground, ModoboaGround)
    modoboa.ground.print_passwords(True)
    item = modoboa.invited(modoboa.ground.domain(), "ann")
    modoboa.ground.spoil("lost")
    report = modoboa.attempt("mailbox", item)
    modoboa.ground.calm()
    assert codes(report.results) == ["unfinished"] and report.results[0].status == "unverified"
    assert [one.kind for one in report.not_attempted] == ["invite"]
    again = modoboa.run("mailbox", item)
    assert [one.verb for one in again.plan.operations] == ["create"] and again.objects[0]["state"] == "pending"
    modoboa.ground.owner_comes(item["address"], NEW_PASSWORD)
    assert modoboa.run("mailbox", item).objects[0]["state"] == "present"


def test_printing_every_password_is_refused(modoboa: Bench) -> None:
    """The owner's own would be on the server's disk in clear."""
    assert isinstance(modoboa.ground, ModoboaGround)
    modoboa.ground.print_passwords(True, only_first=False)
    domain = modoboa.ground.domain()
    driver = modoboa.connect()
    with pytest.raises(Refused) as caught:
        modoboa.attempt("mailbox", modoboa.invited(domain, "ann"), driver=driver)
    assert caught.value.code == "provider_keeps_passwords" and writes(driver) == 0


def test_ways_in_are_closed_and_the_rest_is_told(modoboa: Bench) -> None:
    """R-OFF-03, R-OFF-08: an open session ends; what Modoboa shows to nobody is work for people, and what it has not is not told."""
    address = modoboa.box()
    client = modoboa.ground.log_in(address, PASSWORD)
    report = modoboa.settle("mailbox_access", {"address": address})
    assert [(one.kind, one.verb) for one in report.plan.operations] == [("session", "revoke")]
    (told,) = report.objects
    assert told["state"] == "revoked" and told["paths"] == []
    assert [row["kind"] for row in told["left_to_people"]] == ["token", "delegate", "rule"]
    assert len(report.plan.warnings) == 3
    try:
        assert client.noop()[0] != "OK"
    except (client.abort, OSError):
        pass


def test_addresses_of_an_identity_end_on_demand(modoboa: Bench) -> None:
    """R-OFF-04: its alias and its forward, and nobody else's; a row of Modoboa that names it among others is told, not touched."""
    domain = modoboa.ground.domain()
    ann, bob = modoboa.box(domain, "ann"), modoboa.box(domain, "bob")
    modoboa.run("alias", {"address": "anna@" + domain, "mailbox": ann}, {"address": "rob@" + domain, "mailbox": bob})
    modoboa.run("forward", {"address": ann, "targets": [bob], **governed()})
    modoboa.run("forward", {"address": "team@" + domain, "targets": [ann, bob], **governed()})
    report = modoboa.settle("mailbox_access", {"address": ann, "revoke": ["forward", "alias"]})
    assert [one.key for one in report.plan.operations] == [ann, "anna@" + domain]
    modoboa.run("domain", {"name": domain, "administrators": [ann, bob]})
    driver = modoboa.connect()
    mailboxes = driver.observe("mailbox", {domain})
    found = paths_of(ALL, [ann], mailboxes, driver)
    assert [(row["kind"], row["key"]) for row in found["paths"]] == [
        ("administrator", domain),
        ("inbound_forward", "team@" + domain),
    ]
    assert list(modoboa.seen("alias", bob)) == ["rob@" + domain]
