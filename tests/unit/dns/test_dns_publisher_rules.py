# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every publisher, and needs no server: what is never written, what is said beforehand, what stays secret."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers import link, octodns, octodns_values
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Moved,
    Publisher,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import Place, newer, place_of
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import (
    ENVIRONMENT,
    OPTIONS,
    PUBLISHERS,
    publisher_of,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, MAIL_TYPES, RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, ProviderError

DOMAIN = "example.com"
SECRET = "c2VjcmV0LW9mLXNvbWVib2R5"


class Table(Publisher):
    """A host in memory that says yes and does what *lies* lets it do."""

    name = "table"
    shown_within = 0.3

    def __init__(self, records: dict[Place, RecordSet], read_only: bool = False) -> None:
        super().__init__(Settings({}, read_only=read_only, timeout=0.3))
        self.records = records
        self.serial = 1
        self.fault = ""

    @property
    def account(self) -> str:
        return "table@test"

    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        return dict.fromkeys(names, DOMAIN)

    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        found = {place: self.records[place] for place in places if place in self.records}
        return Seen(found, serial=self.serial)

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        self._counts["WRITE"] += 1
        if self.fault == "moved":
            raise Moved
        if self.fault == "lost":
            raise ProviderError("timeout", "no answer", in_doubt=True)
        if self.fault == "ignored":
            self.serial += 1
            return {}
        for one in operations:
            if one.after:
                self.records[place_of(one)] = RecordSet.from_dict(one.after)
            else:
                self.records.pop(place_of(one), None)
        self.serial += self.fault != "stale"
        return {"status": 200}


def operation(
    name: str = DOMAIN, kind: str = "TXT", before: RecordSet | None = None, ttl: int = 3600, **other: t.Any
) -> Operation:
    after = {"name": name, "type": kind, "ttl": ttl, "values": ['"v=spf1 -all"'], **other}
    key = key_of(DOMAIN, name, kind)
    return Operation(0, KIND, "set", key, "dns.published", before=before.to_dict() if before else None, after=after)


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (operation(kind="NS", values=["ns1.example.com."]), "record_type"),
        (operation(kind="SOA", values=["a. b. 1 2 3 4 5"]), "record_type"),
        (operation(kind="DS", values=["1 8 2 ab"]), "record_type"),
        (operation(name="example.net"), "record_key"),
        (operation(name="notexample.com"), "record_key"),
        (operation(ttl=0), "record_ttl"),
        (operation(ttl=2**31), "record_ttl"),
        (operation(values=[]), "record_empty"),
    ],
)
def test_what_is_never_written(one: Operation, code: str) -> None:
    """Never NS or SOA, never another domain's names: refused as a plan, and once more when it is applied."""
    host = Table({})
    with pytest.raises(MailopsError) as error:
        host.foresee([one])
    assert error.value.code == code
    (result,) = host.apply([one], "k")
    assert (result.status, result.error and result.error.code) == ("failed", code)
    assert not host.request_counts["WRITE"]


def test_every_type_that_is_written_is_one_of_mail() -> None:
    assert not {"NS", "SOA"} & set(MAIL_TYPES)


def test_a_removal_that_would_set_something_is_refused() -> None:
    one = operation()
    one.verb = "remove"
    (result,) = Table({}).apply([one], "k")
    assert result.error is not None and result.error.code == "record_key"


def test_ttl_sense_is_said_beforehand() -> None:
    old = RecordSet.of(DOMAIN, "TXT", 7200, ['"a"'])
    low, high = operation(ttl=30), operation(name="x." + DOMAIN, ttl=604800)
    warnings = Table({}).foresee([low, high, operation(name="y." + DOMAIN, before=old)])
    assert len(warnings) == 3
    assert "30 s" in warnings[0] and "604800 s" in warnings[1] and "7200 s" in warnings[2]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("", "applied", ""),
        ("ignored", "unverified", "not_taken"),
        ("stale", "unverified", "serial_stale"),
        ("lost", "in_doubt", "timeout"),
        ("moved", "failed", "zone_left_alone"),
    ],
)
def test_what_becomes_of_a_change(fault: str, status: str, code: str) -> None:
    host = Table({})
    host.fault = fault
    (result,) = host.apply([operation()], "k")
    assert (result.status, result.error.code if result.error else "") == (status, code)


def test_what_a_host_did_before_it_failed_is_told() -> None:
    """Nothing half done that is not reported: one by one, as reading shows it."""

    class OneByOne(Table):
        atomic = False

        def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
            super().write(zone, operations[:1], seen)
            if self.fault == "deaf":
                self.fault = "blind"
            raise ProviderError("octodns_failed", "the second was refused", status=400)

        def read(self, zone: str, places: t.Collection[Place]) -> Seen:
            if self.fault == "blind":
                raise ProviderError("unreachable", "gone")
            return super().read(zone, places)

    asked = [operation(), operation(name="x." + DOMAIN)]
    results = OneByOne({}).apply(asked, "k")
    assert [(one.status, one.error.code if one.error else "") for one in results] == [
        ("applied", ""),
        ("failed", "octodns_failed"),
    ]
    host = OneByOne({})
    host.fault = "deaf"
    assert [one.status for one in host.apply(asked, "k")] == ["in_doubt", "in_doubt"]


def test_what_is_settled_already_does_not_hold_up_the_rest() -> None:
    done = operation()
    host = Table({place_of(done): RecordSet.from_dict(t.cast("dict[str, t.Any]", done.after))})
    results = host.apply([done, operation(name="x." + DOMAIN)], "k")
    assert [one.status for one in results] == ["applied", "applied"]
    assert host.request_counts["WRITE"] == 1


def test_results_are_in_the_order_of_the_operations() -> None:
    asked = [operation(name="h%d.%s" % (number, DOMAIN)) for number in range(5)]
    assert [one.operation for one in Table({}).apply(asked, "k")] == asked


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**31 - 1))
def test_serials_are_newer_around_the_corner(serial: int, more: int) -> None:
    """RFC 1982 section 3.2."""
    assert newer((serial + more) % 2**32, serial)
    assert not newer(serial, (serial + more) % 2**32)
    assert not newer(serial, serial)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(MailopsError) as error:
        publisher_of({"type": "fax"}, read_only=True)
    assert error.value.code == "publisher" and "rfc2136" in error.value.hint


def test_options_name_all_publishers_and_hide_all_secrets() -> None:
    assert OPTIONS["type"]["choices"] == sorted(PUBLISHERS)
    hidden = {name for name, option in OPTIONS.items() if option.get("no_log")}
    assert hidden == {"tsig_secret", "api_key"} == set(ENVIRONMENT)


@pytest.mark.parametrize(
    "config",
    [
        {"tsig_name": "baseline", "tsig_secret": SECRET + "!"},
        {"tsig_name": "baseline", "tsig_secret": SECRET, "tsig_algorithm": "rot13"},
        {"tsig_secret": SECRET},
    ],
)
def test_a_key_that_is_none_is_told_without_it(config: dict[str, str]) -> None:
    with pytest.raises(MailopsError) as error:
        publisher_of({"type": "rfc2136", "server": "192.0.2.1", **config}, read_only=True)
    assert error.value.code == "publisher_tsig"
    assert SECRET not in str(error.value.to_dict())


def test_settings_show_no_secret() -> None:
    assert SECRET not in repr(Settings({"type": "rfc2136", "tsig_secret": SECRET}))


@pytest.mark.parametrize("kind", sorted(PUBLISHERS))
def test_what_is_missing_is_named(kind: str) -> None:
    """No publisher starts with nothing, and each says which option it is that it lacks."""
    with pytest.raises(MailopsError) as error:
        publisher_of({"type": kind}, read_only=True)
    assert error.value.code.startswith("publisher_") and error.value.hint


def test_a_missing_library_is_named_with_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "HAS_DNSPYTHON", False)
    monkeypatch.setattr(octodns, "HAS_OCTODNS", False)
    for config in ({"type": "rfc2136", "server": "192.0.2.1"}, {"type": "octodns"}):
        with pytest.raises(MailopsError) as error:
            publisher_of(config, read_only=True)
        assert error.value.code == "library_missing" and "pip install" in error.value.hint


@pytest.mark.parametrize(
    ("kind", "values", "data"),
    [
        ("MX", ["10 a.example."], [{"preference": 10, "exchange": "a.example."}]),
        ("TXT", ['"v=DMARC1; p=none"'], ["v=DMARC1\\; p=none"]),
        ("A", ["192.0.2.1"], ["192.0.2.1"]),
    ],
)
def test_values_of_octodns(kind: str, values: list[str], data: list[t.Any]) -> None:
    assert octodns_values.data_of(RecordSet.of(DOMAIN, kind, 300, values))["values"] == data
