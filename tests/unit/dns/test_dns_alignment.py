# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether known senders pass with what is published (R-DNS-06, R-DNS-07, RFC 9989 section 4.4)."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from dnstable import Table
from test_dns_posture import BASELINE, GOOD, KEY, codes, look

from ansible_collections.mailops.email.plugins.module_utils.dns.alignment import Standing, judge, standing
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Sender

ORG = {
    "example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/28 include:spf.provider.test -all"]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject; rua=mailto:d@example.com"]},
    "spf.provider.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
    "bounce.example.com": {"TXT": ["v=spf1 ip4:203.0.113.7 -all"]},
    "news.test": {"TXT": ["v=spf1 ip4:203.0.113.9 -all"]},
    "s1._domainkey.example.com": {"TXT": [KEY]},
    "s1._domainkey.mail.example.com": {"TXT": [KEY]},
    "gone._domainkey.example.com": {"TXT": ["v=DKIM1; p="]},
    "s1._domainkey.news.test": {"TXT": [KEY]},
}


def stand(records: Any = None, failing: tuple[str, ...] = (), **options: Any) -> Standing:
    sender = Sender(**{"name": "app", "from_domain": "example.com", **options})
    return run(standing(sender), Table(records or ORG, failing=failing))


@pytest.mark.parametrize(
    "options, relaxed, strict",
    [
        ({"addresses": ("192.0.2.1",)}, True, True),
        ({"addresses": ("198.51.100.77",)}, True, True),
        ({"addresses": ("192.0.2.0/28",)}, True, True),
        ({"addresses": ("192.0.2.0/24",)}, False, False),
        ({"addresses": ("192.0.2.1", "203.0.113.9")}, False, False),
        ({"addresses": ("203.0.113.7",), "mail_from": "bounce.example.com"}, True, False),
        ({"addresses": ("203.0.113.7",), "mail_from": "b+1@bounce.example.com"}, True, False),
        ({"addresses": ("203.0.113.9",), "mail_from": "news.test"}, False, False),
        ({"dkim_domain": "example.com", "dkim_selector": "s1"}, True, True),
        ({"dkim_domain": "mail.example.com", "dkim_selector": "s1"}, True, False),
        ({"dkim_domain": "news.test", "dkim_selector": "s1"}, False, False),
        ({"dkim_domain": "example.com", "dkim_selector": "gone"}, False, False),
        ({"dkim_domain": "example.com", "dkim_selector": "never"}, False, False),
        ({"dkim_domain": "example.com"}, None, None),
        ({"mail_from": "example.com"}, None, None),
        ({"addresses": ("not an address",)}, None, None),
        (
            {
                "addresses": ("203.0.113.9",),
                "mail_from": "news.test",
                "dkim_domain": "example.com",
                "dkim_selector": "s1",
            },
            True,
            True,
        ),
    ],
)
def test_who_is_aligned(options: dict[str, Any], relaxed: bool | None, strict: bool | None) -> None:
    found = stand(**options)
    assert found.aligned() is relaxed
    assert found.aligned(True, True) is strict
    assert found.evidence.startswith("From example.com: SPF")


def test_authenticating_as_another_is_certain_failure() -> None:
    """R-DNS-07: nothing that the domain publishes can mend it."""
    assert stand(dkim_domain="news.test", dkim_selector="s1").mismatch
    assert stand(addresses=("203.0.113.9",), mail_from="news.test").mismatch
    assert not stand(addresses=("203.0.113.9",)).mismatch
    found = stand(dkim_domain="news.test", dkim_selector="s1")
    (finding,) = judge(found, False, False, False)
    assert (finding.code, finding.breaks) == ("sender_identity_mismatch", "silent block")
    assert "app" in finding.next and "example.com" in finding.next


def test_a_name_server_that_fails_decides_nothing() -> None:
    assert stand(failing=("example.com",), addresses=("192.0.2.1",)).aligned() is None
    assert (
        stand(failing=("s1._domainkey.example.com",), dkim_domain="example.com", dkim_selector="s1").aligned() is None
    )
    unseen = stand(failing=("_dmarc.example.com",), addresses=("203.0.113.7",), mail_from="bounce.example.com")
    assert unseen.aligned() is None and not unseen.mismatch


@pytest.mark.parametrize(
    "policy, code",
    [("none", "sender_unaligned"), ("quarantine", "dmarc_unaligned_sender"), ("quarantine; t=y", "sender_unaligned")],
)
def test_what_it_means_depends_on_the_policy(policy: str, code: str) -> None:
    """R-PAT-15: tightened without alignment has its own code; while nothing is enforced it is the same error in the making."""
    records = copy.deepcopy(GOOD)
    records["_dmarc.example.com"]["TXT"] = ["v=DMARC1; p=%s; rua=mailto:dmarc@example.com; adkim=s" % policy]
    sender = Sender("crm", "example.com", addresses=("203.0.113.200",))
    found = look(records, dataclasses.replace(BASELINE, dmarc=None, senders=(sender,)))
    assert codes(found, "error") == {code}
    assert not found.ready
    assert found.classes["dmarc"].more["senders"][0]["aligned"] is False


def test_spf_alone_is_told_where_it_matters() -> None:
    sender = Sender("crm", "example.com", addresses=("192.0.2.10",))
    found = look(GOOD, dataclasses.replace(BASELINE, senders=(sender,)))
    assert codes(found) == {"sender_only_spf"} and found.ready


def test_senders_of_the_domain_itself_cost_no_further_questions() -> None:
    sender = Sender(
        "provider", "example.com", addresses=("192.0.2.10",), dkim_domain="example.com", dkim_selector="dkim"
    )
    found = look(GOOD, dataclasses.replace(BASELINE, senders=(sender,)))
    assert not codes(found)
