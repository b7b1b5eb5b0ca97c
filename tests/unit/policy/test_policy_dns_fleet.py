# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards on a whole plan of DNS changes: G2, G3, G4 and the change window (R-PAT-19)."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.change_window import window_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_exceptions import Exceptions, exceptions_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_fleet import (
    FleetLimits,
    Run,
    check_digest,
    guard_fleet,
    no_plan_to_compare,
    plan_digest,
)

# A Friday afternoon.
NOW = datetime.datetime(2026, 11, 20, 16, 0, tzinfo=datetime.timezone.utc)
RUN = Run("acme", "powerdns@ns1.example", "mailops.email 1.0.0", NOW)
OFFICE = window_of({"days": ["mon", "tue", "wed", "thu"], "from": "09:00", "to": "16:00"})


def mx(domain: str, before: str | None = None, after: str | None = "10 mx.example.net.", zone: str = "") -> Operation:
    rows = [RecordSet.of(domain, "MX", 3600, [one]).to_dict() if one else None for one in (before, after)]
    verb, action = ("set", "dns.published") if after else ("remove", "dns.removed")
    return Operation(0, "record_set", verb, key_of(domain, domain, "MX"), action, *rows, {"zone": zone or domain})


def fleet(count: int, **sides: t.Any) -> list[Operation]:
    return [mx("d%d.example" % number, **sides) for number in range(count)]


def codes(operations: t.Sequence[Operation], limits: FleetLimits | None = None, **rest: t.Any) -> list[str]:
    window, exceptions = rest.get("window"), rest.get("exceptions") or Exceptions()
    return [
        one.code for one in guard_fleet(operations, limits or FleetLimits(), window, exceptions, rest.get("run", RUN))
    ]


def exception(guard: str, thing: str) -> dict[str, str]:
    given = {"guard": guard, "object": thing, "reason": "The provider moves tonight", "approver": "Ben Ops"}
    return {**given, "expires_at": "2026-11-21T00:00:00Z"}


def test_a_run_reaches_no_further_than_it_says() -> None:
    """G4: two hundred zones in one go are refused, and the number is stated by a person or by name."""
    assert codes(fleet(200)) == ["too_many_domains"]
    assert not codes(fleet(200), FleetLimits(max_domains=200))
    assert not codes(fleet(50)), "the default"
    given = exceptions_of([exception("too_many_domains", "client:acme")], NOW)
    operations = fleet(51)
    assert not codes(operations, exceptions=given)
    assert all(one.exception["approver"] == "Ben Ops" for one in operations)
    assert codes(fleet(51), exceptions=exceptions_of([exception("too_many_domains", "client:other")], NOW))


def test_few_domains_lose_a_class_of_records() -> None:
    """G4 as it was measured elsewhere: one MX deletion in each of many zones, applied without a word."""
    going = fleet(2, before="10 mx.example.net.", after=None)
    found = guard_fleet(going, FleetLimits(), None, Exceptions(), RUN)
    assert [one.code for one in found] == ["too_many_domains_losing"] and "d0.example, d1.example" in found[0].message
    assert not codes(going[:1]) and not codes(going, FleetLimits(max_domains_losing=2))


def test_a_run_changes_one_client() -> None:
    """G4: earlier tasks of the run count."""
    other = dataclasses.replace(RUN, other_clients=frozenset(("globex",)))
    assert codes(fleet(1), run=other) == ["too_many_clients"]
    assert not codes(fleet(1), FleetLimits(max_clients=2), run=other)
    assert not codes(fleet(1), run=dataclasses.replace(RUN, other_clients=frozenset(("acme",))))


def test_fridays_are_for_looking() -> None:
    """R-PAT-19: outside the window each domain, or the whole run, needs a reason and an approver."""
    operations = fleet(2)
    assert codes(operations, window=OFFICE) == ["outside_change_window"] * 2
    one = exceptions_of([exception("outside_change_window", "d0.example")], NOW)
    assert codes(operations, window=OFFICE, exceptions=one) == ["outside_change_window"]
    assert operations[0].exception["reason"] and not operations[1].exception
    whole = exceptions_of([exception("outside_change_window", "client:acme")], NOW)
    assert not codes(operations, window=OFFICE, exceptions=whole)
    open_now = dataclasses.replace(RUN, now=datetime.datetime(2026, 11, 19, 15, 59, tzinfo=datetime.timezone.utc))
    assert not codes(operations, window=OFFICE, run=open_now)


def test_nothing_to_change_is_always_allowed() -> None:
    shut = window_of({"freeze": ["2026-01-01/2026-12-31"]})
    assert not codes([], FleetLimits(0, 0, 0), window=shut)
    record = Operation(0, "dns_snapshot", "record", "example.com", "dns.recorded")
    settled = dataclasses.replace(mx("example.com"), retry_of={"intent_id": "x"})
    assert not codes([record, settled], FleetLimits(0, 0, 0), window=shut)


def test_exceptions_of_domain_and_run_stand_together() -> None:
    operation = dataclasses.replace(mx("d0.example"), exception=exception("parking", "d0.example"))
    whole = exceptions_of([exception("outside_change_window", "client:acme")], NOW)
    assert not codes([operation], window=OFFICE, exceptions=whole)
    assert operation.exception["guard"] == "parking"
    assert [one["guard"] for one in operation.exception["others"]] == ["outside_change_window"]


def test_a_digest_is_checked_or_an_error() -> None:
    """G2: a word that is no digest, another plan's digest, and a task without a plan."""
    plan = fleet(2)
    check_digest("", plan, RUN)
    check_digest(plan_digest(plan, RUN), plan, RUN)
    check_digest(plan_digest(plan, RUN), plan[::-1], RUN)
    for given, code in (
        ("deadbeef", "approved_digest_invalid"),
        ("sha256:" + "0" * 64, "approved_digest_mismatch"),
        (plan_digest(plan[:1], RUN), "approved_digest_mismatch"),
        (plan_digest(plan, RUN).upper(), "approved_digest_invalid"),
    ):
        with pytest.raises(Refused) as caught:
            check_digest(given, plan, RUN)
        assert caught.value.code == code
    with pytest.raises(Refused, match="deadbeef"):
        check_digest("deadbeef", [], RUN)
    check_digest("sha256:" + "0" * 64, [], RUN)
    no_plan_to_compare("", "checked")
    with pytest.raises(Refused, match="state checked changes no records"):
        no_plan_to_compare(plan_digest(plan, RUN), "checked")


def test_a_digest_is_of_one_plan_at_one_place() -> None:
    """G3: the same change of another zone, client, account, state or version has another digest."""
    plan = [mx("a.example", "10 old.example.net.", zone="example")]
    others: list[tuple[list[Operation], Run]] = [
        ([mx("b.example", "10 old.example.net.", zone="example")], RUN),
        ([mx("a.example", "10 old.example.net.", zone="a.example")], RUN),
        ([mx("a.example", "20 old.example.net.", zone="example")], RUN),
        ([mx("a.example", None, zone="example")], RUN),
        ([mx("a.example", "10 old.example.net.", "20 mx.example.net.", zone="example")], RUN),
        (plan, dataclasses.replace(RUN, client="globex")),
        (plan, dataclasses.replace(RUN, account="powerdns@ns2.example")),
        (plan, dataclasses.replace(RUN, tool_version="mailops.email 1.0.1")),
        ([dataclasses.replace(plan[0], exception=exception("parking", "a.example"))], RUN),
    ]
    before = t.cast("dict[str, t.Any]", plan[0].before)
    others.append(([dataclasses.replace(plan[0], before={**before, "ttl": 60})], RUN))
    digests = [plan_digest(operations, run) for operations, run in [(plan, RUN), *others]]
    assert len(set(digests)) == len(digests)


def test_when_it_is_done_is_no_part_of_what_is_approved() -> None:
    """A plan approved on Thursday is the same on Friday, with leave to do it then."""
    late = dataclasses.replace(mx("a.example"), exception=exception("outside_change_window", "a.example"))
    tomorrow = dataclasses.replace(RUN, now=NOW + datetime.timedelta(days=1))
    assert plan_digest([mx("a.example")], RUN) == plan_digest([late], tomorrow)
