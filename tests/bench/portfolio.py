# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A portfolio of domains in zones of their own, four of five in order, and the others each with one fault of which the verdict is known."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping

# A key of 2048 bits in the form of the standard; nobody has its other half.
_MODULUS = bytes([0xC5]) + bytes((7 * one + 11) % 256 for one in range(255))
_BODY = b"\x02\x82\x01\x01\x00" + _MODULUS + b"\x02\x03\x01\x00\x01"
_BITS = b"\x00\x30\x82" + len(_BODY).to_bytes(2, "big") + _BODY
_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
_INFO = _ALGORITHM + b"\x03\x82" + len(_BITS).to_bytes(2, "big") + _BITS
KEY = "v=DKIM1; k=rsa; p=" + base64.b64encode(b"\x30\x82" + len(_INFO).to_bytes(2, "big") + _INFO).decode()

SPF = "v=spf1 include:spf.mail.test ~all"
DMARC = "v=DMARC1; p=reject; rua=mailto:dmarc@reports.test"
TLS_RPT = "v=TLSRPTv1; rua=mailto:tls@reports.test"
MTA_STS = "v=STSv1; id=20261101T000000"
MX = ((10, "mx1.mail.test"), (20, "mx2.mail.test"))
SELECTOR = "s1"
CLASSES = ("mx", "spf", "dmarc", "mta_sts", "tls_rpt")


@dataclasses.dataclass(frozen=True)
class Records:
    """What a domain publishes: texts by name below it, and its exchangers."""

    mx: tuple[tuple[int, str], ...] = MX
    spf: tuple[str, ...] = (SPF,)
    dmarc: tuple[str, ...] = (DMARC,)
    mta_sts: tuple[str, ...] = (MTA_STS,)
    tls_rpt: tuple[str, ...] = (TLS_RPT,)


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way to be wrong.

    :param broken: the class that is broken, empty when the records look odd and are in order.
    """

    name: str
    broken: str
    records: Records


def _spf(name: str, *texts: str, broken: bool = True) -> Fault:
    return Fault(name, "spf" if broken else "", Records(spf=texts))


def _dmarc(name: str, *texts: str) -> Fault:
    return Fault(name, "dmarc", Records(dmarc=texts))


FAULTS = (
    _spf("no SPF"),
    _spf("two SPF records", SPF, "v=spf1 mx -all"),
    _spf("SPF: no such mechanism", "v=spf1 include:spf.mail.test ipv4:192.0.2.1 ~all"),
    _spf("SPF: no such network", "v=spf1 ip4:192.0.2.300 ~all"),
    _spf("SPF: an include without a record", "v=spf1 include:none.mail.test ~all"),
    _spf("SPF: eleven includes", "v=spf1 %s ~all" % " ".join("include:i%d.mail.test" % one for one in range(11))),
    _spf("SPF: eleven through includes", "v=spf1 include:wide.mail.test mx a:mx1.mail.test ~all"),
    _spf("SPF: three void look-ups", "v=spf1 a:v1.mail.test a:v2.mail.test a:v3.mail.test ~all"),
    _spf("SPF: a loop", "v=spf1 include:loop.mail.test ~all"),
    _spf("SPF: redirect to nowhere", "v=spf1 redirect=none.mail.test"),
    _spf("SPF: no such macro", "v=spf1 exists:%{z}.mail.test ~all"),
    _spf("SPF: redirect twice", "v=spf1 redirect=spf.mail.test redirect=spf.mail.test"),
    _spf("SPF in capitals", SPF.replace("v=spf1", "V=SPF1"), broken=False),
    _spf(
        "SPF: ten look-ups",
        "v=spf1 %s ~all" % " ".join("include:i%d.mail.test" % one for one in range(10)),
        broken=False,
    ),
    _spf("SPF: macros", "v=spf1 exists:%{i}._spf.%{d2}.mail.test include:spf.mail.test ~all", broken=False),
    _dmarc("no DMARC"),
    _dmarc("two DMARC records", DMARC, "v=DMARC1; p=none"),
    _dmarc("DMARC: no such policy", "v=DMARC1; p=rejekt; adkim=s"),
    _dmarc("DMARC: reports to who does not take them", "v=DMARC1; p=reject; rua=mailto:d@stranger.test"),
    Fault("MX without an address", "mx", Records(mx=((10, "gone.mail.test"),))),
    Fault("MX is an alias", "mx", Records(mx=((10, "alias.mail.test"),))),
    Fault("null MX beside another", "mx", Records(mx=((0, ""), (10, "mx1.mail.test")))),
    Fault("MTA-STS without an id", "mta_sts", Records(mta_sts=("v=STSv1;",))),
    Fault("TLS reports to nobody", "tls_rpt", Records(tls_rpt=("v=TLSRPTv1;",))),
)


@dataclasses.dataclass(frozen=True)
class Domain:
    name: str
    fault: Fault | None

    @property
    def records(self) -> Records:
        return self.fault.records if self.fault else Records()


def domains(count: int) -> list[Domain]:
    """Every fifth has a fault, the faults by turns."""
    found = []
    for number in range(count):
        fault = FAULTS[number // 5 % len(FAULTS)] if number % 5 == 0 else None
        found.append(Domain("client%04d.test" % number, fault))
    return found


def zones(portfolio: list[Domain]) -> Mapping[str, str]:
    """Records by zone, as lines relative to it."""
    found = {one.name: _lines(one) for one in portfolio}
    found["mail.test"] = "\n".join(
        [
            "mx1 IN A 192.0.2.1",
            "mx2 IN A 192.0.2.2",
            "mx2 IN AAAA 2001:db8::2",
            "alias IN CNAME mx1",
            _text("spf", "v=spf1 ip4:192.0.2.0/24 include:more.mail.test -all"),
            _text("more", "v=spf1 ip4:198.51.100.0/24 a:mx1.mail.test -all"),
            _text("loop", "v=spf1 include:loop.mail.test -all"),
            _text("wide", "v=spf1 %s -all" % " ".join("include:i%d.mail.test" % one for one in range(8))),
            *[_text("i%d" % one, "v=spf1 ip4:203.0.113.%d -all" % one) for one in range(11)],
        ]
    )
    found["reports.test"] = _text("*._report._dmarc", "v=DMARC1;") + "\nmx IN A 192.0.2.9\n@ IN MX 10 mx"
    found["stranger.test"] = "mx IN A 192.0.2.9\n@ IN MX 10 mx"
    found["agency.test"] = "ns1 IN A 192.0.2.53\nns2 IN A 192.0.2.54"
    delegated = [*found]
    found["test"] = "\n".join("%s. IN NS ns1.agency.test." % one for one in delegated)
    return found


def _lines(domain: Domain) -> str:
    records = domain.records
    lines = ["@ IN MX %d %s." % one for one in records.mx]
    lines += [_text("@", one) for one in (*records.spf, "site-verification=%s" % domain.name)]
    lines += [_text("_dmarc", one) for one in records.dmarc]
    lines += [_text("_mta-sts", one) for one in records.mta_sts]
    lines += [_text("_smtp._tls", one) for one in records.tls_rpt]
    lines.append(_text(SELECTOR + "._domainkey", KEY))
    return "\n".join(lines)


def _text(name: str, text: str) -> str:
    parts = [text[start : start + 255] for start in range(0, len(text), 255)]
    return "%s IN TXT %s" % (name, " ".join('"%s"' % one for one in parts))
