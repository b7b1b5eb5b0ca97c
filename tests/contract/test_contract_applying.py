# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `apply` gives: one result for each operation, in order, whatever happens; and nothing that was not asked for."""

from __future__ import annotations

import random

import pytest
from grounds import FAULTS

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from bench import Bench, codes, exception, governed, new_key, operation, stops, writes

MADE = {"state": "present", "suspended": "", "quota_mb": 100, "role_account": False, "credential": "temporary"}


def create(address: str) -> Operation:
    made = operation("mailbox", "create", address, dict(MADE))
    made.secret = "Aa1-%x" % random.getrandbits(100)
    return made


def _ready(bench: Bench, *domains: str, driver: Driver | None = None) -> Driver:
    """A driver that has read what a plan is made of."""
    driver = driver or bench.connect()
    driver.observe("domain", ())
    driver.observe("mailbox", set(domains))
    return driver


def _in_batches(driver: Driver, operations: list[Operation]) -> list[Result]:
    """As the engine does: operations that may share a call, as many as fit."""
    size = driver.batch_size(operations[0].kind, operations[0].verb)
    keys = {driver.batch_key(one) for one in operations}
    size = size if len(keys) == 1 and None not in keys else 1
    results: list[Result] = []
    for start in range(0, len(operations), size):
        results += driver.apply(operations[start : start + size], new_key())
    return results


def test_results_are_one_for_each_and_in_order(bench: Bench) -> None:
    domain = bench.ground.domain()
    operations = [create("%s@%s" % (name, domain)) for name in "kcaxmbzqdlf"]
    results = _in_batches(_ready(bench, domain), operations)
    assert [result.operation for result in results] == operations
    assert [result.status for result in results] == ["applied"] * len(operations)
    assert set(bench.seen("mailbox", domain)) == {one.key for one in operations}


def test_one_that_fails_leaves_the_others(bench: Bench) -> None:
    """A name that somebody has taken since; ``already_exists`` in the words of every provider."""
    domain = bench.ground.domain()
    driver = _ready(bench, domain)
    bench.ground.mailbox("taken@" + domain)
    operations = [create("%s@%s" % (name, domain)) for name in ("ann", "taken", "zoe")]
    results = _in_batches(driver, operations)
    assert [result.operation for result in results] == operations
    assert codes(results) == ["", "already_exists", ""]
    assert [result.status for result in results] == ["applied", "failed", "applied"]
    assert results[1].error and results[1].error.hint
    assert set(bench.seen("mailbox", domain)) == {one.key for one in operations}


def test_what_has_gone_meanwhile_is_not_found(bench: Bench) -> None:
    address = bench.box()
    domain = address.partition("@")[2]
    driver = _ready(bench, domain)
    bench.run("mailbox", {"address": address, "state": "suspended"})
    bench.run("mailbox", {"address": address, "state": "absent", "exception": exception()})
    gone = [bench.change("mailbox", "update", address), bench.change("mailbox", "update", "never@" + domain)]
    for one in gone:
        one.after = {"display_name": "Ann"}
    results = [driver.apply([one], new_key())[0] for one in gone]
    assert [result.status for result in results] == ["failed", "failed"]
    assert set(codes(results)) <= {"not_found", "conflict"} and codes(results)[1] == "not_found"


def test_a_wrong_token_stops_the_run(bench: Bench) -> None:
    """One that was revoked between reading and writing."""
    domain = bench.ground.domain()
    good = bench.connect()
    driver = bench.connect(token="wrong-token-0123456789abcdef")
    driver.adopt("domain", good.observe("domain", ()))
    operations = [create("ann@" + domain), create("bob@" + domain)]
    results = _in_batches(driver, operations)
    assert codes(results)[0] == "unauthenticated" and stops(results[0])
    assert [result.status for result in results] == ["failed", "failed"]
    assert bench.seen("mailbox", domain) == {}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("thing", ["domain", "mailbox", "change", "alias", "forward", "catch_all"])
def test_apply_never_raises(bench: Bench, thing: str, fault: str) -> None:
    """No answer, an answer of somebody else, or a provider that sends us away: each is a result."""
    address = bench.box()
    domain = address.partition("@")[2]
    driver = _ready(bench, domain)
    end = {"owner": "mira@agency.example", "purpose": "a move", "expires_at": governed()["expires_at"]}
    forward = {"state": "present", "via": "mailbox", "targets": ["ann@home.example"], "keep_copy": True, **end}
    hosted = {"status": "active", "mail_hosting": "provider", "note": None}
    operations = {
        "domain": operation("domain", "create", bench.ground.new_name(), hosted),
        "mailbox": create("new@" + domain),
        "change": bench.change("mailbox", "update", address),
        "alias": operation(
            "alias", "create", "x@" + domain, {"mailbox": address, "can_receive": True, "can_send": True}
        ),
        "forward": operation("forward", "create", address, forward),
        "catch_all": operation("catch_all", "enable", domain, {"destination": address, **end}),
    }
    one = operations[thing]
    one.request.update({"via": "mailbox"} if thing == "forward" else {})
    bench.ground.spoil(fault)
    (result,) = driver.apply([one], new_key())
    bench.ground.calm()
    assert result.operation is one and isinstance(result.error, ProviderError)
    if fault == "limited":
        assert (result.status, result.error.code, result.error.stop) == ("failed", "rate_limited", True)
    else:
        assert (result.status, result.error.in_doubt) == ("in_doubt", True)
    assert one.secret not in "%s %s" % (result.error.message, result.error.hint) or not one.secret


def test_a_lost_answer_is_settled_by_reading(bench: Bench) -> None:
    """The provider has done it, nobody heard of it; the engine looks (design §4.10)."""
    domain = bench.ground.domain()
    items = [bench.made_box(domain, name, quota_mb=100) for name in ("ann", "bob", "cid")]
    driver = _ready(bench, domain)
    bench.ground.spoil("lost")
    report = bench.attempt("mailbox", *items, driver=driver)
    bench.ground.calm()
    assert [result.status for result in report.results] == ["applied"] * 3
    assert all(result.http["settled"] == "read_back" for result in report.results)
    assert set(bench.seen("mailbox", domain)) == {item["address"] for item in items}
    again = bench.connect()
    assert bench.run("mailbox", *items, driver=again).plan.operations == [] and writes(again) == 0


def test_what_never_arrived_is_done_by_the_next_run(bench: Bench) -> None:
    domain = bench.ground.domain()
    items = [bench.made_box(domain, name) for name in ("ann", "bob", "cid")]
    bench.ground.spoil("limited")
    report = bench.attempt("mailbox", *items)
    bench.ground.calm()
    assert report.failures and bench.seen("mailbox", domain) == {}
    bench.settle("mailbox", *items)
    assert set(bench.seen("mailbox", domain)) == {item["address"] for item in items}


def test_nothing_is_sent_in_check_mode(bench: Bench) -> None:
    """Even when somebody asks the driver itself (design §4.3)."""
    address = bench.box()
    domain = address.partition("@")[2]
    driver = _ready(bench, domain, driver=bench.connect(read_only=True))
    change = bench.change("mailbox", "update", address)
    results = driver.apply([create("new@" + domain)], new_key()) + driver.apply([change], new_key())
    assert codes(results) == ["check_mode_write", "check_mode_write"] and writes(driver) == 0
    assert set(bench.seen("mailbox", domain)) == {address}


def test_many_at_a_time_lose_nothing(bench: Bench) -> None:
    """Eight at a time on one domain: objects of their own, and several fields of each."""
    domain = bench.ground.domain()
    names = ["box%d" % number for number in range(8)]
    items = [bench.made_box(domain, name, display_name="Box " + name) for name in names]
    bench.run("mailbox", *items, driver=bench.connect(concurrency=8))
    aliases = [{"address": "%s-%d@%s" % (name, n, domain), "mailbox": "%s@%s" % (name, domain)} for name in names for n in (1, 2)]  # fmt: skip
    bench.run("alias", *aliases, driver=bench.connect(concurrency=8))
    changes = [{"address": item["address"], "display_name": "Second " + item["address"][:4]} for item in items]
    if bench.can("mailbox.set_quota"):
        changes = [dict(change, quota_mb=200 + n) for n, change in enumerate(changes)]
    if bench.can("mailbox.annotate"):
        changes = [dict(change, note="row %d" % n) for n, change in enumerate(changes)]
    bench.run("mailbox", *changes, driver=bench.connect(concurrency=8))
    boxes = bench.seen("mailbox", domain)
    for change in changes:
        assert {name: boxes[change["address"]][name] for name in change} == change
    boxed = [item["address"] for item in items]
    assert {key: one["mailbox"] for key, one in bench.seen("alias", *boxed, domain).items()} == {
        one["address"]: one["mailbox"] for one in aliases
    }


def test_secrets_are_nowhere(bench: Bench) -> None:
    """A password made here and one that nobody keeps: in no result, journal, error or representation (design §4.7)."""
    domain = bench.ground.domain()
    reports = [bench.attempt("mailbox", bench.made_box(domain, "ann"), bench.made_box(domain, "bob"))]
    if bench.can("invite.create"):
        reports.append(bench.attempt("mailbox", bench.invited(domain, "cid")))
    if bench.can("invite.link"):
        sealed = dict(bench.made_box(domain, "dan"), credential="invite", delivery="sealed")
        reports.append(bench.attempt("mailbox", sealed))
    bench.ground.mailbox("taken@" + domain)
    driver = _ready(bench, domain)
    failed = driver.apply([create("taken@" + domain)], new_key())
    assert len(bench.secrets) >= 3
    shown = repr(
        (reports, failed, driver, bench.sent, [one.to_dict() for report in reports for one in report.failures])
    )
    shown += repr([vars(one) for result in failed if result.error for one in [result.error]]) + bench.last_state()
    token = bench.ground.token
    assert not [secret for secret in (*bench.secrets, token) if secret in shown]
    written = b"".join(path.read_bytes() for path in bench.folder.rglob("*") if path.is_file())
    assert written and not [secret for secret in (*bench.secrets, token) if secret.encode() in written]
