# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aggregate reports: every packing and form that is met, and what strangers may send instead (RFC 9990, RFC 7489 appendix C)."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import io
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.dns import reports

ROW = """
  <record>
    <row>
      <source_ip>192.0.2.%d</source_ip><count>%s</count>
      <policy_evaluated><disposition>none</disposition><dkim>%s</dkim><spf>fail</spf>%s</policy_evaluated>
    </row>
    <identifiers><header_from>Example.COM.</header_from>%s</identifiers>
    <auth_results>
      <dkim><domain>example.com</domain><selector>S1</selector><result>pass</result></dkim>
      <dkim><domain>relay.test</domain><result>fail</result></dkim>
      <spf><domain>bounce.example.com</domain><result>pass</result></spf>
    </auth_results>
  </record>"""
REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<feedback%s>
  <report_metadata>
    <org_name>receiver.test</org_name><email>r@receiver.test</email><report_id>7</report_id>
    <date_range><begin>1767225600</begin><end>1767311999</end></date_range>
  </report_metadata>
  <policy_published><domain>example.com</domain><p>none</p></policy_published>%s
</feedback>
"""
REASON = "<reason><type>forwarded</type><comment>list</comment></reason>"
ROWS = ROW % (1, "3", "pass", "", "") + ROW % (2, "", "FAIL", REASON, "<envelope_from>b.test</envelope_from>")
OLD = (REPORT % ("", ROWS)).encode()
NEW = (REPORT % (' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', ROWS)).encode()


@pytest.mark.parametrize("data", [OLD, NEW], ids=["rfc7489", "rfc9990"])
def test_what_a_report_says(data: bytes) -> None:
    found = reports.parse(data, "r.xml")
    assert (found.organization, found.id, found.domain, found.policy) == ("receiver.test", "7", "example.com", "none")
    assert found.begin == datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    one, two = found.rows
    assert (one.source, one.count, one.header_from, one.envelope_from) == (
        "192.0.2.1", 3, "example.com", "bounce.example.com",
    )  # fmt: skip
    assert (one.dkim, one.spf, one.passed) == (True, False, True)
    assert one.signatures == (("example.com", "s1", "pass"), ("relay.test", "", "fail"))
    assert (two.count, two.passed, two.reasons, two.envelope_from) == (1, False, ("forwarded",), "b.test")


def zipped(*texts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, text in enumerate(texts):
            archive.writestr("%d.xml" % number, text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def mail(data: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Report Domain: example.com"
    message.set_content("A report.")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename="r")
    return message.as_bytes()


@pytest.mark.parametrize(
    "data",
    [
        OLD,
        b"\xef\xbb\xbf" + OLD,
        b"\r\n" + OLD.replace(b'<?xml version="1.0" encoding="UTF-8"?>\n', b""),
        gzip.compress(OLD),
        gzip.compress(OLD) + b"\r\n",
        zipped(OLD),
        mail(OLD),
        mail(gzip.compress(NEW)),
        mail(zipped(NEW)),
        OLD.replace(b"receiver.test", b"re\xffceiver", 1),
        OLD.replace(b"</feedback>", b""),
        b'<?xml version="1.0"?><xs:schema xmlns:xs="urn:x">' + OLD.partition(b"?>")[2],
    ],
    ids=range(12),
)
def test_every_packing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "report"
    path.write_bytes(data)
    (found,) = reports.read(str(path))
    assert [row.source for row in found.rows] == ["192.0.2.1", "192.0.2.2"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><feedback>&b;</feedback>"""
OUTSIDE = b"""<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feedback>&x;</feedback>"""


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "no XML"),
        (b"hello", "no XML"),
        (b"<html><body>502</body></html>", "no DMARC aggregate report"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"<feedback>" + b"<a>" * 50, "nested"),
        (OLD.replace(b"<begin>1767225600", b"<begin>soon"), "date_range/begin"),
        (OLD[:700], "cannot be read"),
        (gzip.compress(OLD)[:100], "unpacked"),
        (b"\x1f\x8bnonsense", "unpacked"),
        (b"PK\x03\x04nonsense", "unpacked"),
        (zipped(*[b"x"] * 60), "60 files"),
        (b"\n\nPKhello", "no XML"),
        (mail(mail(OLD)), "no XML"),
    ],
    ids=range(14),
)
def test_what_is_no_report_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "report.xml"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=why):
        reports.read(str(path))


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch, pack) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(reports, "TEXT_MOST", 1000)
    with pytest.raises(ValueError, match="unpacks to more"):
        reports.unpacked(pack(b"<" + b"a" * 1_000_000))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "FILE_MOST", 100)
    (tmp_path / "r.xml").write_bytes(OLD)
    with pytest.raises(ValueError, match="more than"):
        reports.read(str(tmp_path / "r.xml"))


def test_rows_and_values_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    long = OLD.replace(b"receiver.test", b"x" * 100_000, 1)
    assert len(reports.parse(long).organization) <= reports.VALUE_MOST
    monkeypatch.setattr(reports, "ROWS_MOST", 1)
    with pytest.raises(ValueError, match="rows"):
        reports.parse(OLD)


def test_a_folder_is_read_whole_and_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(OLD)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(OLD))
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04broken")
    (tmp_path / "notes.txt").write_bytes(b"no report")
    found, findings = reports.read_all([str(tmp_path), str(tmp_path / "missing.xml")])
    assert len(found) == 1
    assert [(one.code, Path(one.object).name) for one in findings] == [
        ("dmarc_reports_unreadable", "c.zip"),
        ("dmarc_reports_unreadable", "missing.xml"),
    ]


@given(st.binary(max_size=300), st.integers(0, 900))
def test_any_octets_are_read_or_refused(noise: bytes, at: int) -> None:
    for data in (noise, OLD[:at] + noise + OLD[at:], b"\x1f\x8b" + noise, b"PK\x03\x04" + noise):
        try:
            for text in reports.unpacked(data):
                reports.parse(text)
        except ValueError:
            pass


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_refused_whatever_packed_it(how: int) -> None:
    """Each way of packing fails in errors of its own; a file of strangers must not end a run with one of them."""
    packed, chance = io.BytesIO(), random.Random(9989)  # noqa: S311 - places of damage, no secret
    with zipfile.ZipFile(packed, "w", how) as archive:
        archive.writestr("report.xml", "<feedback>" + "x" * 500 + "</feedback>")
    for dummy in range(1500):
        data = bytearray(packed.getvalue())
        for place in chance.sample(range(4, len(data)), chance.randint(1, 4)):
            data[place] = chance.randrange(256)
        with contextlib.suppress(ValueError):
            reports.unpacked(bytes(data))
