# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""octoDNS in front of a real PowerDNS: its guards stay in force, and nothing but our record sets is ever in its plan."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from nameservers import PowerDns
from octodns.record import Record
from octodns_powerdns import PowerDnsProvider
from publishing import FOREIGN, MAIL, code, octodns, one, planned

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

WRONG = "s3cret-of-somebody"
POLICY = ['"v=DMARC1; p=reject"']


@pytest.fixture
def zone(powerdns: PowerDns) -> str:
    return powerdns.make_zone(records=FOREIGN + MAIL)


def test_its_own_plan_would_delete_what_ours_leaves(powerdns: PowerDns, zone: str) -> None:
    """What octodns-sync does by default with a file that has one record; the reason for laying over and not replacing."""
    publisher = octodns(powerdns)
    before = powerdns.records(zone)
    operation = planned(publisher, zone, "_smtp._tls." + zone, "TXT", ['"v=TLSRPTv1; rua=mailto:a@example.com"'])
    assert one(publisher.apply([operation], "k")).status == "applied"
    assert powerdns.records(zone) - before == {
        ("_smtp._tls." + zone, "TXT", 3600, '"v=TLSRPTv1; rua=mailto:a@example.com"')
    }
    assert not before - powerdns.records(zone)


def test_its_guard_of_shares_stays_in_force(powerdns: PowerDns) -> None:
    """octoDNS stops at 30 percent of a zone with ten records or more; the options of its provider decide."""
    zone = powerdns.make_zone(records=MAIL + "".join('h%d 300 IN TXT "x"\n' % number for number in range(9)))
    publisher = octodns(powerdns, more=["delete_pcent_threshold: 0.1"])
    gone = [planned(publisher, zone, name, kind, None) for name, kind in ((zone, "MX"), ("_dmarc." + zone, "TXT"))]
    before = powerdns.records(zone)
    with pytest.raises(MailopsError) as error:
        publisher.foresee(gone)
    assert error.value.code == "octodns_unsafe"
    assert [code(result) for result in publisher.apply(gone, "k")] == ["octodns_unsafe"] * 2
    assert powerdns.records(zone) == before
    assert [one.status for one in octodns(powerdns).apply(gone, "k")] == ["applied"] * 2


def test_a_change_under_its_hands_is_refused(powerdns: PowerDns, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """G6 once more, in the moment between our reading and its own."""
    publisher = octodns(powerdns)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"'])
    write = publisher.write

    def slow(*arguments: Any) -> dict[str, Any]:
        powerdns.put(zone, "_dmarc." + zone, "TXT", 3600, POLICY)
        return write(*arguments)

    monkeypatch.setattr(publisher, "write", slow)
    assert code(one(publisher.apply([operation], "k"))) == "changed_meanwhile"
    assert powerdns.values("_dmarc." + zone, "TXT") == POLICY


def test_what_else_it_would_change_is_refused(powerdns: PowerDns, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package may add changes of its own to a plan."""

    def drops_one(self: Any, desired: Any) -> Any:
        for record in list(desired.records):
            if record.fqdn.startswith("www."):
                desired.remove_record(record)
        return desired

    monkeypatch.setattr(PowerDnsProvider, "_process_desired_zone", drops_one)
    publisher = octodns(powerdns)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", POLICY)
    result = one(publisher.apply([operation], "k"))
    assert (code(result), "www." + zone in str(result.error)) == ("octodns_other_changes", True)
    assert powerdns.values("www." + zone, "A") == ["192.0.2.1"]


@pytest.mark.parametrize("odd", [b'say "hi"', b"back\\slash", "grün".encode()])
def test_a_foreign_text_that_would_not_come_back_is_left_alone(powerdns: PowerDns, odd: bytes) -> None:
    value = txt.join([odd])
    zone = powerdns.make_zone(records="@ 300 IN TXT %s\n" % value)
    publisher = octodns(powerdns)
    key = key_of(zone, zone, "TXT")
    shown = publisher.observe(KIND, [key])[key]["values"]
    operation = planned(publisher, zone, zone, "TXT", [*shown, '"v=spf1 -all"'], 300)
    gone = planned(publisher, zone, zone, "TXT", None)
    for change in (operation, gone):
        # a removal too: it could never be taken back
        assert code(one(publisher.apply([change], "k"))) == "record_not_carried"
    assert powerdns.values(zone, "TXT") == [value]


def test_a_wrong_key_is_told_without_it(
    powerdns: PowerDns, zone: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    publisher = octodns(powerdns, api_key=WRONG)
    with pytest.raises(MailopsError) as error, caplog.at_level(logging.DEBUG):
        publisher.observe(KIND, [key_of(zone, zone, "MX")])
    assert error.value.code == "octodns_failed"
    said = str(error.value.to_dict()) + caplog.text + "".join(capfd.readouterr())
    assert WRONG not in said
    assert not logging.root.manager.disable


def test_a_target_that_is_not_there_is_told(powerdns: PowerDns, zone: str) -> None:
    with pytest.raises(MailopsError) as error:
        octodns(powerdns, target="other").observe(KIND, [key_of(zone, zone, "MX")])
    assert (error.value.code, "files, host" in error.value.hint) == ("publisher_target", True)


@pytest.mark.parametrize(
    ("other", "wanted"),
    [({"config_file": "/nowhere.yaml"}, "publisher_config_file"), ({"target": ""}, "publisher_target")],
)
def test_what_is_not_set_is_told(powerdns: PowerDns, other: dict[str, str], wanted: str) -> None:
    with pytest.raises(MailopsError) as error:
        octodns(powerdns, **other)
    assert error.value.code == wanted


def test_a_host_that_is_switched_off_there_is_not_believed(powerdns: PowerDns, zone: str) -> None:
    publisher = octodns(powerdns, more=["apply_disabled: true"])
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", POLICY)
    assert code(one(publisher.apply([operation], "k"))) == "octodns_apply_disabled"


def test_a_record_that_the_host_refuses_changes_nothing(
    powerdns: PowerDns, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = octodns(powerdns)
    operation = planned(publisher, zone, zone, "MX", ["10 mx9.mail.test."])
    new = Record.new

    def spoilt(*arguments: Any, **rest: Any) -> Any:
        record = new(*arguments, **rest)
        if record._type == "MX" and rest.get("source") is None:
            record.values[0].exchange = "not a host."
        return record

    monkeypatch.setattr(Record, "new", spoilt)
    result = one(publisher.apply([operation], "k"))
    assert (result.status, code(result)) == ("failed", "octodns_failed")
    assert "422" in str(result.error)
