# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A baseline from the provider's requirements, the template and the domain's own values (R-DNS-12, R-DNS-22)."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import DkimKey, Dmarc, Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.sources import baseline_of
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused

TREKMAIL = [
    {"type": "MX", "host": "@", "name": "example.com", "value": "mail.trekmail.net", "priority": 10, "required": True},
    {"type": "TXT", "name": "example.com", "value": "v=spf1 include:spf.trekmail.net -all", "required": True},
    {"type": "TXT", "name": "dkim._domainkey.example.com", "value": "v=DKIM1; k=rsa; p=AAAA", "required": True},
    {"type": "TXT", "name": "_dmarc.example.com", "value": "v=DMARC1; p=quarantine; rua=mailto:d@trekmail.net"},
    {
        "type": "TXT",
        "name": "_smtp._tls.example.com",
        "value": "v=TLSRPTv1; rua=mailto:t@trekmail.net",
        "required": False,
    },
]


def test_what_the_provider_asks_for_is_the_source() -> None:
    baseline = baseline_of({}, TREKMAIL, "example.com")
    assert baseline.mx == ((10, "mail.trekmail.net"),)
    assert baseline.spf == Spf(("spf.trekmail.net",), (), "-all")
    assert baseline.dkim == (DkimKey("dkim", "v=DKIM1; k=rsa; p=AAAA"),)
    assert baseline.dmarc == Dmarc("quarantine", aggregate_reports=("mailto:d@trekmail.net",))
    assert baseline.tls_rpt == ()
    assert baseline.signing_selectors == {"dkim"}


def test_policies_are_the_clients() -> None:
    """R-DNS-12: the qualifier is explicit; the provider's holds only where the client is silent."""
    item = {
        "spf": {"all": "~all", "includes": ["Crm.Example."], "mechanisms": ["ip4:192.0.2.1"]},
        "dmarc": {"policy": "none", "aggregate_reports": ["d@agency.example"]},
        "mx": [{"host": "MX.example.org.", "priority": 5}],
        "dkim": [{"selector": "crm", "cname": "crm.dkim.example."}],
    }
    baseline = baseline_of(item, TREKMAIL, "example.com")
    assert baseline.spf == Spf(("spf.trekmail.net", "crm.example"), ("ip4:192.0.2.1",), "~all")
    assert baseline.dmarc == Dmarc("none", aggregate_reports=("d@agency.example",))
    assert baseline.mx == ((5, "mx.example.org"),)
    assert [key.selector for key in baseline.dkim] == ["dkim", "crm"]
    assert baseline.signing_selectors == {"dkim"}


@pytest.mark.parametrize(
    "row, mx",
    [
        ({"record_type": "mx", "hostname": "", "content": "10 mx.example.net."}, (10, "mx.example.net")),
        ({"type": "MX", "host": "@", "data": "mx.example.net", "preference": "20"}, (20, "mx.example.net")),
    ],
)
def test_rows_of_other_shapes(row: dict[str, str], mx: tuple[int, str]) -> None:
    assert baseline_of({}, [row], "example.com").mx == (mx,)


def test_a_row_that_cannot_be_read_stops_it() -> None:
    with pytest.raises(ProviderError):
        baseline_of({}, [{"type": "MX", "name": "@", "value": "mx.example.net"}], "example.com")


@pytest.mark.parametrize(
    "item",
    [
        {"spf": {"includes": ["a.example"]}},
        {"dmarc": {"subdomain_policy": "none"}},
        {"dkim": [{"selector": "a"}]},
        {"dkim": [{"selector": "a", "value": "p=x", "cname": "b.example"}]},
        {"mta_sts": {"id": "not-plain"}},
        {"dane": [{"host": "mx.elsewhere.example", "values": ["3 1 1 " + "ab" * 32]}]},
        {"remove": [{"type": "NS", "value": "ns.example."}]},
        {"ttl": 5},
        {"ttl": 0},
        {"mx": []},
        {"dane": [{"host": "mx.example.com", "values": []}]},
        {"dmarc": {"policy": "none", "aggregate_reports": ["not an address"]}},
        {"dmarc": {"policy": "reject", "aggregate_reports": ["a@example.com; p=none"]}},
        {"dmarc": {"policy": "none", "failure_reports": ["a@example.com,b@example.com"]}},
        {"dmarc": {"policy": "none", "failure_reports": ["ftp://example.com/x"]}},
        {"tls_rpt": ["tls@example.com;x=y"]},
        {"tls_rpt": ["https:"]},
        {"tls_rpt": ["https:///v1"]},
        {"tls_rpt": ["mailto:"]},
        {"dmarc": {"policy": "none", "aggregate_reports": ["@"]}},
        {"dmarc": {"policy": "none", "aggregate_reports": ["@example.com"]}},
        {"dmarc": {"policy": "none", "aggregate_reports": ["mailto:a@"]}},
        {"dmarc": {"policy": "none", "aggregate_reports": ["mailto:a@example.com!10m"]}},
        {"dmarc": {"policy": "none", "aggregate_reports": ["https://example.com/dmarc"]}},
        {"bimi": {"location": "http://example.com/logo.svg"}},
        {"bimi": {"location": "https://"}},
        {"bimi": {"location": "https://example.com/a.svg; a=x"}},
    ],
)
def test_half_a_decision_is_refused(item: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        baseline_of(item, [], "example.com")
    assert caught.value.code == "baseline_invalid"
    assert "example.com" in caught.value.message


def test_removals_are_in_normal_form() -> None:
    remove = [{"type": "TXT", "value": "v=spf1 -all"}, {"name": "sub", "type": "mx", "value": "10 OLD.example"}]
    assert baseline_of({"remove": remove}, [], "example.com").remove == (
        ("example.com", "TXT", '"v=spf1 -all"'),
        ("sub.example.com", "MX", "10 old.example."),
    )


def test_a_parked_domain_has_its_policy_only() -> None:
    baseline = baseline_of({"sending": False}, TREKMAIL, "example.com")
    assert (baseline.sending, baseline.mx, baseline.spf, baseline.dkim) == (False, None, None, ())


def test_reports_may_go_to_an_address_or_a_uri() -> None:
    """RFC 9989 section 4.7, RFC 8460 section 3: a bare address is meant as mailto, TLS reports may go to a web server."""
    item = {
        "dmarc": {"policy": "none", "aggregate_reports": ["a@example.com", "mailto:b+c@example.org"]},
        "tls_rpt": [
            "https://tls.example.com/v1/reports?x=1",
            "https://tls.example.com",
            "https://t.example.com:8443/r",
        ],
    }
    baseline = baseline_of(item, [], "example.com")
    assert baseline.dmarc is not None and len(baseline.dmarc.aggregate_reports) == 2
    assert list(baseline.tls_rpt) == item["tls_rpt"]
