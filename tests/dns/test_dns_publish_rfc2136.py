# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dynamic updates against BIND, Knot and PowerDNS: written, read back, refused when somebody was faster (G6)."""

from __future__ import annotations

import pytest
from nameservers import STRANGER, Knot, NameServer
from publishing import FOREIGN, MAIL, code, one, planned, rfc2136

from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

WRONG = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="


@pytest.fixture
def zone(name_server: NameServer) -> str:
    return name_server.make_zone(records=FOREIGN + MAIL)


def test_a_change_between_our_own_reading_and_the_update_is_refused_by_the_server(
    name_server: NameServer, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prerequisites of RFC 2136 section 2.4 close the last gap."""
    publisher = rfc2136(name_server)
    operations = [
        planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"']),
        planned(publisher, zone, "_smtp._tls." + zone, "TXT", ['"v=TLSRPTv1; rua=mailto:a@example.com"']),
    ]
    write = publisher.write

    def slow(*arguments: object) -> dict[str, object]:
        name_server.put(zone, "_dmarc." + zone, "TXT", 3600, ['"v=DMARC1; p=reject"'])
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publisher, "write", slow)
    results = publisher.apply(operations, "k")
    assert [code(result) for result in results] == ["changed_meanwhile", "zone_left_alone"]
    assert name_server.values("_dmarc." + zone, "TXT") == ['"v=DMARC1; p=reject"']
    assert name_server.values("_smtp._tls." + zone, "TXT") == []


@pytest.mark.parametrize("how", ["secret", "name", "algorithm"])
def test_a_wrong_key_is_named_and_never_shown(name_server: NameServer, zone: str, how: str) -> None:
    wrong = {
        "secret": {"tsig_secret": WRONG},
        "name": {"tsig_name": "nobody"},
        "algorithm": {"tsig_algorithm": "hmac-sha512"},
    }[how]
    operation = planned(rfc2136(name_server), zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=reject"'])
    publisher = rfc2136(name_server, **wrong)
    with pytest.raises(MailopsError) as seen:
        publisher.observe(KIND, [operation.key])
    result = one(publisher.apply([operation], "k"))
    for error in (seen.value, result.error):
        assert error is not None
        assert error.code == "dns_key_refused"
        assert WRONG not in str(error.to_dict()) and "tsig_" in error.hint
    assert result.status == "failed"
    assert name_server.values("_dmarc." + zone, "TXT") == ['"v=DMARC1; p=none"']


@pytest.mark.parametrize("key", ["stranger", "none"])
def test_who_may_not_update_is_told_so(name_server: NameServer, zone: str, key: str) -> None:
    """REFUSED of BIND and PowerDNS and NOTAUTH of Knot are one answer."""
    operation = planned(rfc2136(name_server), zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=reject"'])
    other = {"tsig_name": STRANGER} if key == "stranger" else {"tsig_name": "", "tsig_secret": ""}
    result = one(rfc2136(name_server, **other).apply([operation], "k"))
    # Knot takes a key without rights for a wrong one, even to read
    wanted = "dns_key_refused" if (name_server.name, key) == ("Knot", "stranger") else "update_refused"
    assert (result.status, code(result)) == ("failed", wanted), result.error
    assert result.error and "acl" in result.error.hint
    assert name_server.values("_dmarc." + zone, "TXT") == ['"v=DMARC1; p=none"']


def test_a_child_zone_on_the_same_server_is_its_own_zone(name_server: NameServer) -> None:
    parent = name_server.fresh()
    child = "_domainkey." + parent
    name_server.make_zones({parent: MAIL + "_domainkey IN NS ns1.agency.test.\n", child: ""})
    publisher = rfc2136(name_server)
    operation = planned(publisher, parent, "s1." + child, "TXT", ['"v=DKIM1; p="'])
    assert one(publisher.apply([operation], "k")).status == "applied"
    assert name_server.values("s1." + child, "TXT") == ['"v=DKIM1; p="']


def test_many_record_sets_of_many_zones_are_read_in_few_round_trips(name_server: NameServer) -> None:
    zones = [name_server.fresh() for dummy in range(40)]
    name_server.make_zones(dict.fromkeys(zones, MAIL))
    publisher = rfc2136(name_server)
    keys = [key_of(zone, name, kind) for zone in zones for name, kind in ((zone, "MX"), ("_dmarc." + zone, "TXT"))]
    found = publisher.observe(KIND, keys)
    assert set(found) == set(keys)
    assert {record["zone"] for record in found.values()} == set(zones)
    assert not publisher.request_counts["UPDATE"]


def test_a_silent_server_leaves_a_doubt(name_server: NameServer, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has left and was not answered may have been done: reading tells, later."""
    publisher = rfc2136(name_server, timeout=0.5)
    operation = planned(publisher, zone, "_dmarc." + zone, "TXT", ['"v=DMARC1; p=quarantine"'])
    write = publisher.write

    def into_silence(*arguments: object) -> dict[str, object]:
        name_server.silent()
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publisher, "write", into_silence)
    try:
        result = one(publisher.apply([operation], "k"))
    finally:
        name_server.awake()
    assert (result.status, code(result)) == ("in_doubt", "timeout")


def test_a_server_that_is_not_there(name_server: NameServer) -> None:
    publisher = rfc2136(name_server, port=1)
    with pytest.raises(MailopsError) as error:
        publisher.observe(KIND, [key_of("example.com", "example.com", "MX")])
    assert error.value.code == "unreachable"


def test_dkim_keys_come_back_as_they_were_split(knot: Knot) -> None:
    zone = knot.make_zone(records='s1._domainkey 300 IN TXT "v=DKIM1; k=rsa; p=%s" "%s"\n' % ("A" * 100, "B" * 255))
    key = key_of(zone, "s1._domainkey." + zone, "TXT")
    values = rfc2136(knot).observe(KIND, [key])[key]["values"]
    assert values == ['"v=DKIM1; k=rsa; p=%s" "%s"' % ("A" * 100, "B" * 255)]
