# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people break themselves, broken at real name servers and told by its code and by what it breaks (R-PAT-15, R-DNS-15 to R-DNS-18)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from nameservers import NameServer

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, DkimKey, Dmarc, Sender, Spf
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import FIVE_CAUSES
from ansible_collections.mailops.email.plugins.module_utils.dns.eyes import WireEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import Posture, posture
from ansible_collections.mailops.email.plugins.module_utils.dns.routes import judge, routes

# An Ed25519 key needs no library to be made up: any 32 octets are one.
KEY = "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(range(32))).decode()
NEW = "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(range(32, 64))).decode()
SPF = '"v=spf1 include:%s include:%s ~all"'
DMARC = '"v=DMARC1; p=%s; rua=mailto:dmarc@%s"'


class Case:
    """A domain whose mail is well, at one server; its provider's names lie in a zone beside it."""

    def __init__(self, server: NameServer) -> None:
        self.server = server
        self.provider = server.make_zone(
            records='mx IN A 192.0.2.25\nspf IN TXT "v=spf1 ip4:192.0.2.0/28 -all"\ncrm IN TXT "v=spf1 ip4:198.51.100.7 -all"\n'
        )
        self.spf, self.crm = "spf." + self.provider, "crm." + self.provider
        self.domain = server.make_zone()
        self.put("", "MX", "10 mx.%s." % self.provider)
        self.put("", "TXT", SPF % (self.spf, self.crm), '"site-verification=17"')
        self.put("s1._domainkey", "TXT", txt.encode(KEY))
        self.put("_dmarc", "TXT", DMARC % ("none", self.domain))

    def put(self, name: str, kind: str, *values: str) -> None:
        self.server.put(self.domain, (name + "." if name else "") + self.domain, kind, 300, values)

    def baseline(self, key: str = KEY, policy: str = "none") -> Baseline:
        return Baseline(
            self.domain,
            mx=((10, "mx." + self.provider),),
            spf=Spf((self.spf, self.crm)),
            dkim=(DkimKey("s1", key),),
            dmarc=Dmarc(policy, aggregate_reports=("dmarc@" + self.domain,)),
            senders=(Sender("crm", self.domain, addresses=("198.51.100.7",)),),
        )

    def look(self, baseline: Baseline | None = None) -> Posture:
        with WireEyes([self.server.address], timeout=5.0) as eyes:
            return run(posture(baseline or self.baseline(), (self.server.address,)), eyes)

    def errors(self, baseline: Baseline | None = None) -> list[tuple[str, str, str]]:
        found = self.look(baseline)
        assert found.ok == (not [one for one in found.findings if one.severity == "error"])
        return [(one.code, one.record_class, one.breaks) for one in found.findings if one.severity == "error"]


@pytest.fixture
def case(name_server: NameServer) -> Iterator[Case]:
    yield Case(name_server)


def test_a_domain_that_is_well(case: Case) -> None:
    found = case.look()
    assert [one for one in found.findings if one.severity != "info"] == []
    assert found.ready and found.zone == case.domain
    assert found.spf == {"lookups": 2, "void_lookups": 0}
    assert {name: found.classes[name].status for name in ("mx", "spf", "dkim", "dmarc")} == dict.fromkeys(
        ("mx", "spf", "dkim", "dmarc"), "ok"
    )


def test_a_typing_mistake(case: Case) -> None:
    case.put("", "MX", "10 mx.%s." % case.provider.replace("test", "tset"))
    assert ("record_typo", "mx", "inbound stops") in case.errors()


def test_an_include_that_is_missing(case: Case) -> None:
    """The sender behind it is not authorised any more, which is told too."""
    case.put("", "TXT", '"v=spf1 include:%s ~all"' % case.spf)
    assert case.errors() == [
        ("spf_include_missing", "spf", "outbound rejected"),
        ("sender_unaligned", "dmarc", "silent block"),
    ]


def test_a_key_that_was_rotated_and_not_published(case: Case) -> None:
    case.server.put(case.domain, "s1._domainkey." + case.domain, "TXT", 300, [])
    assert case.errors(case.baseline(NEW)) == [("dkim_selector_unpublished", "dkim", "alignment breaks")]
    case.put("s1._domainkey", "TXT", txt.encode(KEY))
    assert case.errors(case.baseline(NEW)) == [("dkim_key_differs", "dkim", "alignment breaks")]


def test_a_policy_that_was_tightened_without_alignment(case: Case) -> None:
    case.put("", "TXT", '"v=spf1 include:%s ~all"' % case.spf)
    case.put("_dmarc", "TXT", DMARC % ("reject", case.domain))
    assert ("dmarc_unaligned_sender", "dmarc", "silent block") in case.errors(case.baseline(policy="reject"))


def test_a_route_to_the_wrong_mailbox() -> None:
    """No name server knows of it: the provider's records do."""
    known = routes({"ann@a.test": {}, "bob@a.test": {}}, {"sales@a.test": {"mailbox": "bob@a.test"}})
    (finding,) = judge({"sales@a.test": ["ann@a.test"]}, known)
    assert (finding.code, finding.breaks) == ("route_wrong_mailbox", "inbound stops")
    assert finding.code in FIVE_CAUSES


def test_what_a_domain_needs_more_than_once_is_asked_once(case: Case) -> None:
    with WireEyes([case.server.address], timeout=5.0) as eyes:
        run(posture(case.baseline(), (case.server.address,)), eyes)
        asked = sum(sum(one.values()) for one in eyes.counts.values())
    assert asked <= 10
