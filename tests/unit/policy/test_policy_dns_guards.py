# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guards on the record sets of one domain: G1, G5, policies (R-DNS-12), foreign records, times to live."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_exceptions import Exceptions, exceptions_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_guards import Facts, guard_domain

NOW = datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.timezone.utc)
LATER = "2026-12-01T00:00:00Z"
DOMAIN = "example.com"
KEY = "v=DKIM1; k=rsa; p=MIIB"


@dataclasses.dataclass(frozen=True)
class Seen:
    """A verdict on an SPF record."""

    status: str
    problem: str = ""
    detail: str = ""
    unfit: str = ""


def change(
    name: str,
    kind: str,
    before: t.Sequence[str] | None,
    after: t.Sequence[str] | None,
    ttl: int = 3600,
    old: int = 3600,
) -> Operation:
    """What a plan does to one record set; TXT values as plain text."""

    def rows(values: t.Sequence[str] | None, seconds: int) -> dict[str, t.Any] | None:
        if values is None:
            return None
        shown = [txt.encode(value) for value in values] if kind == "TXT" else values
        return RecordSet.of(name, kind, seconds, shown).to_dict()

    verb = "set" if after is not None else "remove"
    action = "dns.published" if after is not None else "dns.removed"
    return Operation(
        0, "record_set", verb, key_of(DOMAIN, name, kind), action, rows(before, old), rows(after, ttl), {"zone": DOMAIN}
    )


def guard(
    *operations: Operation,
    baseline: Baseline | None = None,
    exceptions: Exceptions | None = None,
    owned: t.Iterable[tuple[str, str]] | None = None,
    **facts: t.Any,
) -> tuple[list[MailopsError], list[str]]:
    ours = owned if owned is not None else [tuple(one.key.split("/")[2:]) for one in operations]
    facts.setdefault("spf", {DOMAIN: Seen("valid")})
    told = Facts(baseline=baseline or Baseline(DOMAIN), owned=frozenset(ours), **facts)  # type: ignore[arg-type]
    return guard_domain(operations, told, exceptions or Exceptions(), NOW)


def codes(*operations: Operation, **facts: t.Any) -> list[str]:
    return [one.code for one in guard(*operations, **facts)[0]]


def exception(guard_name: str, thing: str, **fields: str) -> dict[str, str]:
    given = {"guard": guard_name, "object": thing, "reason": "Moving to the new host", "approver": "Ben Ops"}
    return {**given, "expires_at": LATER, **fields}


def test_a_good_plan_passes() -> None:
    found, warnings = guard(
        change(DOMAIN, "MX", ["10 old.example.net."], ["10 mx.example.net.", "10 old.example.net."]),
        change(DOMAIN, "TXT", ["v=spf1 -all", "site=1"], ["v=spf1 include:spf.example.net -all", "site=1"]),
        change("s1._domainkey." + DOMAIN, "TXT", None, [KEY]),
        change("_dmarc." + DOMAIN, "TXT", None, ["v=DMARC1; p=none; rua=mailto:d@example.com"]),
    )
    assert not found and not warnings


LAST = [
    ("last_mx_removed", change(DOMAIN, "MX", ["10 mx.example.net."], None)),
    ("last_mx_removed", change(DOMAIN, "MX", ["10 mx.example.net."], ["0 ."])),
    ("last_spf_removed", change(DOMAIN, "TXT", ["v=spf1 -all", "site=1"], ["site=1"])),
    ("last_dmarc_removed", change("_dmarc." + DOMAIN, "TXT", ["v=DMARC1; p=reject"], None)),
    ("last_dmarc_removed", change("_dmarc." + DOMAIN, "TXT", ["v=DMARC1; p=reject"], ["v=DMARC2; p=reject"])),
    ("dkim_in_use_removed", change("s1._domainkey." + DOMAIN, "TXT", [KEY], None)),
    ("dkim_in_use_removed", change("s1._domainkey." + DOMAIN, "TXT", [KEY], ["v=DKIM1; p="])),
    ("dkim_in_use_removed", change("s1._domainkey." + DOMAIN, "CNAME", ["k.example.net."], None)),
]


def using(selector: str, *removed: tuple[str, str, str]) -> Baseline:
    return Baseline(DOMAIN, signing_selectors=frozenset((selector,)), remove=removed)


NAMED = ((DOMAIN, "MX", "10 mx.example.net."),)


@pytest.mark.parametrize(("code", "operation"), LAST, ids=range(len(LAST)))
def test_the_last_of_a_class_is_never_removed(code: str, operation: Operation) -> None:
    """G1: MX, SPF, DMARC and the key in use stay, whether they are removed or only made useless."""
    operation = dataclasses.replace(operation)
    assert codes(operation, baseline=using("s1", *NAMED)) == [code]


@pytest.mark.parametrize(("code", "operation"), LAST, ids=range(len(LAST)))
def test_a_named_exception_opens_one_guard_for_one_object(code: str, operation: Operation) -> None:
    """R-GOAL-03: it goes with the operation, and one for another object or guard opens nothing."""
    dummy, dummy2, name, kind = operation.key.split("/")
    thing = "%s/%s" % (name, kind)
    for other in ("x." + thing, DOMAIN, ""):
        given = exceptions_of([exception(code, other)] if other else [], NOW)
        assert codes(dataclasses.replace(operation), baseline=using("s1", *NAMED), exceptions=given) == [code]
    operation = dataclasses.replace(operation)
    given = exceptions_of([exception(code, thing)], NOW, "Ann Admin")
    assert not codes(operation, baseline=using("s1", *NAMED), exceptions=given)
    assert operation.exception == exception(code, thing) and not given.unused()


def test_eighty_percent_of_a_zone_are_not_removed() -> None:
    """G1 as it was measured elsewhere: four of five record sets go, and nothing is said."""
    gone = [change(DOMAIN, "MX", ["10 mx.example.net."], None), change(DOMAIN, "TXT", ["v=spf1 -all"], None)]
    gone += [change("_dmarc." + DOMAIN, "TXT", ["v=DMARC1; p=none"], None)]
    gone += [change("s1._domainkey." + DOMAIN, "TXT", [KEY], None)]
    found = codes(*gone, baseline=using("s1", *NAMED))
    assert sorted(found) == ["dkim_in_use_removed", "last_dmarc_removed", "last_mx_removed", "last_spf_removed"]


def test_a_key_that_becomes_an_alias_is_not_lost() -> None:
    name = "s1._domainkey." + DOMAIN
    turned = [change(name, "TXT", [KEY], None), change(name, "CNAME", None, ["k.example.net."])]
    assert not codes(*turned, baseline=using("s1"))


def test_a_key_goes_when_it_has_rested() -> None:
    """Guard [prop] of the catalogue: a selector goes only once it has been out of use for a month."""
    gone = change("old._domainkey." + DOMAIN, "TXT", [KEY], None)
    assert codes(gone) == ["dkim_recently_used"], "nobody knows since when"
    assert codes(gone, selectors_rest={"old": NOW - datetime.timedelta(days=29)}) == ["dkim_recently_used"]
    assert not codes(gone, selectors_rest={"old": NOW - datetime.timedelta(days=30)})
    baseline = Baseline(DOMAIN, dkim=(DkimKey("old", KEY),))
    rested = {"old": NOW - datetime.timedelta(days=300)}
    assert codes(gone, baseline=baseline, selectors_rest=rested) == ["dkim_in_use_removed"], "the baseline wants it"


def test_a_domain_is_parked_by_name() -> None:
    """G1: three classes turn at once, and one exception for the domain says that this is meant."""
    parked = Baseline(DOMAIN, sending=False, remove=NAMED)

    def plan() -> list[Operation]:
        return [
            change(DOMAIN, "MX", ["10 mx.example.net."], ["0 ."]),
            change(DOMAIN, "TXT", ["v=spf1 mx ~all"], ["v=spf1 -all"]),
            change("_dmarc." + DOMAIN, "TXT", ["v=DMARC1; p=none"], ["v=DMARC1; p=reject"]),
        ]

    assert set(codes(*plan(), baseline=parked)) == {"parking"}
    operations = plan()
    given = exceptions_of([exception("parking", DOMAIN)], NOW)
    assert not codes(*operations, baseline=parked, exceptions=given)
    assert all(one.exception["guard"] == "parking" for one in operations)


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("_dmarc." + DOMAIN, "v=DMARC1; p=none", "v=DMARC1; p=quarantine", "p=none to quarantine"),
        ("_dmarc." + DOMAIN, "v=DMARC1; p=reject", "v=DMARC1; p=none", "p=reject to none"),
        ("_dmarc." + DOMAIN, "v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none", "sp=reject to none"),
        ("_dmarc." + DOMAIN, "v=DMARC1; p=reject; np=reject", "v=DMARC1; p=reject; t=y", "t=n to y"),
        ("_dmarc." + DOMAIN, "v=DMARC1; p=reject", "v=DMARC1; rua=mailto:d@example.com", "p=reject to none"),
        (DOMAIN, "v=spf1 mx -all", "v=spf1 mx ~all", "-all to ~all"),
        (DOMAIN, "v=spf1 mx ~all", "v=spf1 mx", "~all to ?all"),
        (DOMAIN, "v=spf1 mx ~all", "v=spf1 redirect=spf.example.net", "~all to redirect=spf.example.net"),
        (DOMAIN, "V=SPF1 mx ALL", "v=spf1 mx -all", "+all to -all"),
    ],
)
def test_a_policy_turns_only_by_its_own_approval(name: str, before: str, after: str, told: str) -> None:
    """R-DNS-12: either way, and the plan says what turns."""
    code = "%s_policy_changed" % ("dmarc" if name.startswith("_dmarc") else "spf")
    found, warnings = guard(change(name, "TXT", [before], [after]))
    assert [one.code for one in found] == [code] and told in found[0].message and warnings == [found[0].message]
    given = exceptions_of([exception(code, name + "/TXT")], NOW)
    found, warnings = guard(change(name, "TXT", [before], [after]), exceptions=given)
    assert not found and told in warnings[0], "it is still shown"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("_dmarc." + DOMAIN, "v=DMARC1; p=none", "v=DMARC1; p=none; rua=mailto:d@example.com"),
        ("_dmarc." + DOMAIN, "v=DMARC1;p=reject", "v=DMARC1; p=reject; sp=reject"),
        (DOMAIN, "v=spf1 mx -all", "v=spf1 mx include:spf.example.net -all"),
    ],
)
def test_what_says_the_same_is_no_change_of_policy(name: str, before: str, after: str) -> None:
    assert not codes(change(name, "TXT", [before], [after]))


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Seen("broken", "spf_too_many_lookups", "20 of 10"), "spf_invalid"),
        (Seen("unknown", "", "spf.example.net does not answer"), "spf_unchecked"),
        (Seen("none"), "spf_unchecked"),
        (None, "spf_unchecked"),
        (Seen("valid"), ""),
        (Seen("valid", unfit="spf_version_case"), "spf_invalid"),
    ],
)
def test_a_planned_spf_record_is_good(verdict: Seen | None, code: str) -> None:
    """G5: what is broken, and what nobody could judge, is not published."""
    planned = change(DOMAIN, "TXT", ["v=spf1 -all"], ["v=spf1 mx -all"])
    found = codes(planned, spf={DOMAIN: verdict} if verdict else {})
    assert found == ([code] if code else [])


def test_what_worked_may_be_put_back() -> None:
    """A snapshot that proved good may hold what we would not publish anew, but nothing that is broken."""
    planned = change(DOMAIN, "TXT", ["v=spf1 -all"], ["v=spf1 mx -all"])
    assert not codes(planned, spf={DOMAIN: Seen("valid", unfit="spf_version_case")}, restoring=True)
    assert codes(planned, spf={DOMAIN: Seen("broken", "spf_loop", unfit="spf_loop")}, restoring=True) == ["spf_invalid"]


def test_two_spf_records_are_never_planned() -> None:
    """D-SPF-1, capitals or not."""
    assert codes(change(DOMAIN, "TXT", None, ["v=spf1 -all", "V=SPF1 mx -all"])) == ["spf_invalid"]


def test_spf_that_stays_is_not_judged() -> None:
    """Somebody's broken record does not keep us from what is beside it."""
    beside = change(DOMAIN, "TXT", ["v=spf1 broken", "a=1"], ["v=spf1 broken", "a=1", "b=2"])
    assert not codes(beside, spf={})


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (change(DOMAIN, "TXT", ["v=spf1 -all", "site=1"], ["v=spf1 -all"]), "foreign_record_lost"),
        (change(DOMAIN, "MX", ["10 a.example.net."], ["10 b.example.net."]), "mx_removed_unnamed"),
        (change("www." + DOMAIN, "NS", None, ["ns.example.net."]), "never_ns_soa"),
        (change(DOMAIN, "SOA", ["a. b. 1 1 1 1 1"], ["a. b. 2 1 1 1 1"]), "never_ns_soa"),
        (change(DOMAIN, "A", None, ["192.0.2.1"]), "not_ours"),
        (change(DOMAIN, "CNAME", None, ["www.example.net."]), "not_ours"),
        (change("example.org", "MX", None, ["10 mx.example.net."]), "not_ours"),
        (change("badexample.com", "MX", None, ["10 mx.example.net."]), "not_ours"),
        (change("www." + DOMAIN, "SRV", None, ["0 0 1 x.example.net."]), "not_ours"),
    ],
)
def test_what_is_not_ours_stays(operation: Operation, code: str) -> None:
    """No exception opens these: the value is named in remove, or it is somebody else's."""
    assert codes(operation) == [code]
    with pytest.raises(Refused, match="No exception opens"):
        exceptions_of([exception(code, operation.key)], NOW)


def test_only_what_the_baseline_names_is_written() -> None:
    assert codes(change("www." + DOMAIN, "A", ["192.0.2.1"], ["192.0.2.2"]), owned=[]) == ["not_ours"]
    assert not codes(change("mta-sts." + DOMAIN, "CNAME", None, ["sts.example.net."]))


def test_values_go_that_a_person_has_named() -> None:
    named = ((DOMAIN, "TXT", txt.encode("site=1")), (DOMAIN, "MX", "10 a.example.net."))
    baseline = Baseline(DOMAIN, remove=named)
    assert not codes(change(DOMAIN, "TXT", ["v=spf1 -all", "site=1"], ["v=spf1 -all"]), baseline=baseline)
    assert not codes(change(DOMAIN, "MX", ["10 a.example.net."], ["10 b.example.net."]), baseline=baseline)


def test_a_snapshot_that_has_proven_good_is_its_own_approval() -> None:
    """R-DNS-13: MX that came since go, times to live come back; foreign TXT stays, and the last of a class too."""
    moved = change(DOMAIN, "MX", ["10 evil.example.net."], ["10 mx.example.net."], 86400, 60)
    assert not codes(moved, restoring=True)
    assert codes(moved) == ["mx_removed_unnamed", "ttl_raised"]
    assert codes(change(DOMAIN, "TXT", ["site=1"], ["v=spf1 -all"]), restoring=True) == ["foreign_record_lost"]
    assert codes(change(DOMAIN, "MX", ["10 evil.example.net."], None), restoring=True) == ["last_mx_removed"]
    back = change("_dmarc." + DOMAIN, "TXT", ["v=DMARC1; p=none"], ["v=DMARC1; p=reject"])
    assert codes(back, restoring=True) == ["dmarc_policy_changed"], "nobody has proven that it was good"
    found, warnings = guard(back, restoring=True, proven=True)
    assert not found and "p=none to reject" in warnings[0], "it was weakened, and comes back without another decision"


@pytest.mark.parametrize(
    ("old", "new", "same", "code"),
    [
        (300, 3600, False, "ttl_raised"),
        (300, 3600, True, ""),
        (3600, 300, False, ""),
        (3600, 59, False, "ttl_out_of_range"),
        (3600, 86401, True, "ttl_out_of_range"),
        (30, 30, False, ""),
    ],
)
def test_times_to_live_make_sense(old: int, new: int, same: bool, code: str) -> None:
    """New values never live longer than the old ones did; odd ones of somebody else may stay."""
    before, after = ["v=DMARC1; p=none"], ["v=DMARC1; p=none" if same else "v=DMARC1; p=none; adkim=s"]
    assert codes(change("_dmarc." + DOMAIN, "TXT", before, after, new, old)) == ([code] if code else [])


def test_an_ended_exception_says_so() -> None:
    ended = exception("last_mx_removed", DOMAIN + "/MX", expires_at="2026-11-20T00:00:00Z")
    given = exceptions_of([ended], NOW)
    gone = change(DOMAIN, "MX", ["10 mx.example.net."], None)
    found, dummy = guard(gone, baseline=using("s1", *NAMED), exceptions=given)
    assert [one.code for one in found] == ["exception_expired"] and "Ben Ops" in found[0].message
    assert not codes(change(DOMAIN, "MX", None, ["10 mx.example.net."]), exceptions=given), "where none is needed"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"guard": "G1"}, "exception_guard_unknown"),
        ({"object": ""}, "exception_incomplete"),
        ({"reason": "tbd"}, "exception_incomplete"),
        ({"approver": "Ann Admin"}, "approver_is_requester"),
        ({"expires_at": "tomorrow"}, "time_invalid"),
    ],
)
def test_an_exception_is_whole(fields: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as caught:
        exceptions_of([{**exception("last_mx_removed", DOMAIN + "/MX"), **fields}], NOW, "Ann Admin")
    assert caught.value.code == code


def test_two_guards_of_one_object_need_two_exceptions() -> None:
    """Both are kept with the operation."""

    def plan() -> Operation:
        return change(DOMAIN, "TXT", ["v=spf1 mx -all"], ["v=spf1 mx ~all"])

    spf = {DOMAIN: Seen("broken", "spf_loop", "It includes itself")}
    thing = DOMAIN + "/TXT"
    one = exceptions_of([exception("spf_invalid", thing)], NOW)
    assert codes(plan(), spf=spf, exceptions=one) == ["spf_policy_changed"]
    operation = plan()
    both = exceptions_of([exception("spf_invalid", thing), exception("spf_policy_changed", thing)], NOW)
    assert not codes(operation, spf=spf, exceptions=both)
    assert operation.exception["guard"] == "spf_invalid"
    assert [other["guard"] for other in operation.exception["others"]] == ["spf_policy_changed"]
