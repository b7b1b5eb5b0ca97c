# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MTA-STS, TLS-RPT, DANE, BIMI and parked domains (D-STS-1, D-TLSRPT-1, D-DANE-1, D-BIMI-1, D-PARK-1)."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest
from dnstable import Table
from test_dns_posture import BASELINE, GOOD, SERVER, changed, codes, look

from ansible_collections.mailops.email.plugins.module_utils.dns import mta_sts
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline, Bimi, Dane, MtaSts
from ansible_collections.mailops.email.plugins.module_utils.dns.posture import posture
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError

STS = MtaSts("20260101", "enforce", 604800, ("*.provider.test",))
TLSA = "3 1 1 " + "ab" * 32
FULL = dataclasses.replace(
    BASELINE,
    mta_sts=STS,
    tls_rpt=("tls@example.com",),
    bimi=Bimi("https://example.com/logo.svg"),
    dane=(Dane("mail.example.com", (TLSA,)),),
)
ALL: dict[str, Any] = {
    **copy.deepcopy(GOOD),
    "_mta-sts.example.com": {"TXT": ["v=STSv1; id=20260101;"]},
    "_smtp._tls.example.com": {"TXT": ["v=TLSRPTv1; rua=mailto:tls@example.com"]},
    "default._bimi.example.com": {"TXT": ["v=BIMI1; l=https://example.com/logo.svg;"]},
    "_25._tcp.mail.example.com": {"TLSA": [TLSA]},
}
FILE = "version: STSv1\r\nmode: enforce\r\nmx: *.provider.test\r\nmax_age: 604800\r\n"


def full(records: Any = ALL, file: str | Exception | None = FILE, signed: bool = True, **options: Any) -> set[str]:
    def fetch(url: str) -> str:
        assert url == "https://mta-sts.example.com/.well-known/mta-sts.txt"
        if isinstance(file, Exception):
            raise file
        return file or ""

    baseline = dataclasses.replace(FULL, **options)
    table = Table(records, signed=signed)
    return codes(run(posture(baseline, (SERVER,), None if file is None else fetch), table))


def other(name: str, kind: str, *values: str) -> dict[str, Any]:
    return {**ALL, name: {kind: list(values)}} if values else {key: one for key, one in ALL.items() if key != name}


def test_all_of_it_is_well() -> None:
    assert full() == set()
    assert mta_sts.policy_text(STS) == FILE


@pytest.mark.parametrize(
    "name, values, code",
    [
        ("_mta-sts", (), "mta_sts_missing"),
        ("_mta-sts", ("v=STSv1; id=1",), "mta_sts_id_differs"),
        ("_mta-sts", ("v=STSv1; id=a-b;",), "mta_sts_syntax"),
        ("_mta-sts", ("v=STSv2; id=1;",), "mta_sts_syntax"),
        ("_mta-sts", ("v=STSv1; id=20260101;", "v=STSv1; id=2;"), "mta_sts_multiple"),
        ("_smtp._tls", (), "tls_rpt_missing"),
        ("_smtp._tls", ("v=TLSRPTv1; rua=tls@example.com",), "tls_rpt_syntax"),
        ("_smtp._tls", ("v=TLSRPTv1; rua=https://other.test/in",), "tls_rpt_differs"),
        ("_smtp._tls", ("v=TLSRPTv1; rua=mailto:a@b.test", "v=TLSRPTv1; rua=mailto:c@b.test"), "tls_rpt_multiple"),
        ("default._bimi", (), "bimi_missing"),
        ("default._bimi", ("v=BIMI1; l=http://example.com/logo.svg",), "bimi_syntax"),
        ("default._bimi", ("v=BIMI1; l=https://other.test/logo.svg",), "bimi_differs"),
    ],
)
def test_records(name: str, values: tuple[str, ...], code: str) -> None:
    assert full(other(name + ".example.com", "TXT", *values)) == {code}


@pytest.mark.parametrize(
    "file, code",
    [
        (ProviderError("not_found", "It answers 404."), "mta_sts_policy_unreachable"),
        (OSError("certificate verify failed"), "mta_sts_policy_unreachable"),
        ("<html>", "mta_sts_policy_syntax"),
        (FILE.replace("STSv1", "STSv2"), "mta_sts_policy_syntax"),
        (FILE.replace("enforce", "strict"), "mta_sts_policy_syntax"),
        (FILE.replace("604800", "99999999999"), "mta_sts_policy_syntax"),
        (FILE.replace("mx: *.provider.test\r\n", ""), "mta_sts_policy_syntax"),
        (FILE.replace("enforce", "testing"), "mta_sts_policy_differs"),
        (FILE.replace("604800", "86400"), "mta_sts_policy_differs"),
        (FILE.replace("\r\n", "\n"), ""),
    ],
)
def test_the_policy_file(file: Any, code: str) -> None:
    assert full(file=file) == ({code} if code else set())


def test_every_mail_host_is_in_a_pattern() -> None:
    """A wildcard stands for one label (RFC 8461 section 4.1)."""
    assert mta_sts.covered("a.example.net", ["*.example.net"])
    assert not mta_sts.covered("a.b.example.net", ["*.example.net"])
    assert not mta_sts.covered("example.net", ["*.example.net"])
    assert full(file=None, mta_sts=dataclasses.replace(STS, mx=("mail.provider.test",))) == {"mta_sts_mx_uncovered"}
    both = FILE.replace("*.provider.test", "mail.provider.test")
    assert full(file=both) == {"mta_sts_mx_uncovered", "mta_sts_policy_differs"}


def test_enforce_comes_after_testing() -> None:
    none = FILE.replace("enforce", "none")
    assert full(file=none) == {"mta_sts_step_skipped", "mta_sts_policy_differs"}
    assert full(file=none, mta_sts=dataclasses.replace(STS, mode="testing")) == {"mta_sts_policy_differs"}


@pytest.mark.parametrize(
    "values, found",
    [
        ((), {"dane_missing"}),
        ((TLSA, "3 1 1 " + "cd" * 32), {"dane_extra"}),
        ((TLSA, "1 1 1 " + "cd" * 32), {"dane_extra", "dane_usage"}),
        ((TLSA, "3 1 1 cdcd"), {"dane_extra", "dane_syntax"}),
        ((TLSA, "3 2 2 " + "cd" * 64), {"dane_extra", "dane_syntax"}),
    ],
)
def test_dane(values: tuple[str, ...], found: set[str]) -> None:
    assert full(other("_25._tcp.mail.example.com", "TLSA", *values)) == found


def test_tlsa_without_dnssec_is_of_no_use() -> None:
    assert full(signed=False) == {"dane_unsigned"}


def test_bimi_wants_a_policy() -> None:
    records = {**ALL, "_dmarc.example.com": {"TXT": ["v=DMARC1; p=none; rua=mailto:dmarc@example.com; adkim=s"]}}
    assert "bimi_without_policy" in full(records)


def test_a_name_server_that_fails_leaves_them_unknown() -> None:
    found = run(posture(FULL, (SERVER,)), Table(ALL, failing=(SERVER,)))
    assert {found.classes[name].status for name in ("mta_sts", "tls_rpt", "dane", "bimi")} == {"unknown"}


# ---- parked

PARKED = Baseline("example.com", sending=False)
QUIET: dict[str, Any] = {
    "example.com": {"MX": ["0 ."], "TXT": ["v=spf1 -all"]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "*._domainkey.example.com": {"TXT": ["v=DKIM1; p="]},
}


def test_a_parked_domain_says_so() -> None:
    found = look(QUIET, PARKED)
    assert not codes(found)
    assert found.classes["parked"].status == "ok" and found.classes["mx"].status == "not_asked"
    assert found.ready, "there is nothing to wait for"


def test_a_domain_that_does_not_say_so() -> None:
    """D-PARK-1."""
    found = look(changed("_dmarc.example.com", "TXT", "v=DMARC1; p=reject; sp=none"), PARKED)
    assert codes(found) == {"parked_mx", "parked_spf", "parked_dmarc", "parked_dkim"}
    assert {one.severity for one in found.findings} == {"warning"}
    assert found.classes["parked"].status == "warning"
