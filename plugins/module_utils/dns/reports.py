# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMARC aggregate reports as evidence: who sent as a domain, and what passed (RFC 9990; also the forms of RFC 7489 that most still send).

A report is mail of strangers. It is read with bounds on its size, packed and unpacked, and a document type in it is refused, so that no entity can be
declared, fetched or multiplied.
"""

from __future__ import annotations

import dataclasses
import datetime
import email
import email.policy
import io
import os
import typing as t
import xml.parsers.expat
import zipfile
import zlib

from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding

# Octets of a file, and of what comes out of it.
FILE_MOST = 10 * 1024 * 1024
TEXT_MOST = 50 * 1024 * 1024
# Rows of a report, its nesting, and letters of one value; parts of a packed file or a mail.
ROWS_MOST = 100_000
DEPTH_MOST = 20
VALUE_MOST = 4096
PARTS_MOST = 50
_ENDS_EARLY = xml.parsers.expat.errors.codes[xml.parsers.expat.errors.XML_ERROR_NO_ELEMENTS]
SUFFIXES = (".xml", ".gz", ".zip", ".eml")


@dataclasses.dataclass(frozen=True)
class Row:
    """Mail of one source under one result.

    :param dkim: DKIM passed and was aligned; *spf* the same.
    :param reasons: why a receiver did otherwise than the policy says, such as ``forwarded``.
    :param signatures: ``(domain, selector, result)``.
    """

    source: str
    count: int
    header_from: str
    envelope_from: str
    disposition: str
    dkim: bool
    spf: bool
    reasons: tuple[str, ...] = ()
    signatures: tuple[tuple[str, str, str], ...] = ()

    @property
    def passed(self) -> bool:
        return self.dkim or self.spf


@dataclasses.dataclass(frozen=True)
class Report:
    """One report of one receiver about one domain.

    :param begin: of what it tells of, UTC; *end* the same.
    """

    file: str
    organization: str
    id: str
    begin: datetime.datetime
    end: datetime.datetime
    domain: str
    policy: str
    rows: tuple[Row, ...]


def read_all(paths: t.Iterable[str]) -> tuple[list[Report], list[DnsFinding]]:
    """The reports of files and folders, and a finding for each file that cannot be read. A report that comes twice counts once."""
    reports: dict[tuple[str, str, str], Report] = {}
    findings = []
    for path in _files(paths):
        try:
            for report in read(path):
                reports[report.organization, report.id, report.domain] = report
        except (OSError, ValueError) as error:
            findings.append(found("dmarc_reports_unreadable", path, "%s." % error))
    return list(reports.values()), findings


def _files(paths: t.Iterable[str]) -> t.Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            yield from (
                os.path.join(path, name) for name in sorted(os.listdir(path)) if name.lower().endswith(SUFFIXES)
            )
        else:
            yield path


def read(path: str) -> list[Report]:
    """The reports of a file: XML, packed by gzip or zip, or a mail with those attached.

    :raises OSError, ValueError: with what is wrong.
    """
    with open(path, "rb") as file:
        data = file.read(FILE_MOST + 1)
    if len(data) > FILE_MOST:
        raise ValueError("it has more than %d MiB" % (FILE_MOST >> 20))
    return [parse(text, path) for text in unpacked(data)]


def unpacked(data: bytes, attached: bool = False) -> list[bytes]:
    """The XML documents in a file's octets, whatever its name says.

    :param attached: they come out of a mail, and a mail within a mail is not opened: a body that is none looks like one for ever.
    :raises ValueError:
    """
    try:
        if data[:2] == b"\x1f\x8b":
            return [_gunzip(data)]
        if data[:4] == b"PK\x03\x04":
            return _zip(data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        # zipfile raises the last for what is encrypted, or split over several disks.
        raise ValueError("it cannot be unpacked: %s" % error) from error
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return [data]
    found_ones = [] if attached else _attached(data)
    if not found_ones:
        raise ValueError("it is no XML, no gzip, no zip, and no mail with one of these")
    return found_ones


def _zip(data: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > PARTS_MOST:
            raise ValueError("it has %d files, %d are the most" % (len(entries), PARTS_MOST))
        texts = []
        for entry in entries:
            # Others may fail in ways of their own, and no report comes so (RFC 9990 section 2.6).
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("%s is packed in an unusual way" % entry.filename)
            with archive.open(entry) as file:
                texts.append(_bounded(file))
            if sum(map(len, texts)) > TEXT_MOST:
                raise ValueError("it unpacks to more than %d MiB" % (TEXT_MOST >> 20))
        return texts


def _gunzip(data: bytes) -> bytes:
    """What stands behind the packed part is none of it: some mails have line ends there."""
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(data, TEXT_MOST + 1)
    if not unpacker.eof and len(text) <= TEXT_MOST:
        raise EOFError("its end is missing")
    return _bounded(io.BytesIO(text))


def _bounded(file: t.IO[bytes]) -> bytes:
    text = file.read(TEXT_MOST + 1)
    if len(text) > TEXT_MOST:
        raise ValueError("it unpacks to more than %d MiB" % (TEXT_MOST >> 20))
    return text


def _attached(data: bytes) -> list[bytes]:
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    texts: list[bytes] = []
    for count, one in enumerate(message.walk()):
        if count > PARTS_MOST:
            raise ValueError("the mail has more than %d parts" % PARTS_MOST)
        body = None if one.is_multipart() else one.get_payload(decode=True)
        if isinstance(body, bytes) and (body[:2] == b"\x1f\x8b" or body[:2] == b"PK" or body.lstrip()[:5] == b"<?xml"):
            texts += unpacked(body, attached=True)
    return texts


def parse(data: bytes, file: str = "") -> Report:
    """One report.

    :raises ValueError: for what is no aggregate report.
    """
    reader = _Reader()
    try:
        reader.read(data, None)
    except (xml.parsers.expat.ExpatError, LookupError) as error:
        # Some write other octets than their first line says.
        reader = _Reader()
        try:
            reader.read(data.decode("utf-8", "replace").encode("utf-8"), "utf-8")
        except xml.parsers.expat.ExpatError:
            raise ValueError("its XML cannot be read: %s" % error) from error
    return reader.report(file)


class _Reader:
    """Collects the values of a report; a name counts without its namespace, and a row is made when it ends."""

    def __init__(self) -> None:
        self.path: list[str] = []
        # The report is what lies in `feedback`, which some put into something else.
        self.root = 1
        self.values: dict[str, str] = {}
        self.row: dict[str, list[str]] = {}
        self.signatures: list[dict[str, str]] = []
        self.rows: list[Row] = []
        self.text = ""

    def read(self, data: bytes, encoding: str | None) -> None:
        parser = xml.parsers.expat.ParserCreate(encoding, namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        try:
            parser.Parse(data, True)
        except xml.parsers.expat.ExpatError as error:
            # The last tag alone is missing in what some send; their rows are whole.
            if error.code != _ENDS_EARLY or len(self.path) != 1 or not self.rows:
                raise

    def _doctype(self, *dummy: t.Any) -> None:
        raise ValueError("it declares a document type, which no report needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name.rpartition(" ")[2].lower())
        if self.path[-1] == "feedback":
            self.root = len(self.path)
        self.text = ""
        if len(self.path) > DEPTH_MOST:
            raise ValueError("it is nested deeper than %d" % DEPTH_MOST)
        if self._under() == "record":
            self.row, self.signatures = {}, []
        elif self._under() == "record/auth_results/dkim":
            self.signatures.append({})

    def _data(self, text: str) -> None:
        if len(self.text) < VALUE_MOST:
            self.text += text

    def _end(self, dummy: str) -> None:
        under, text = self._under(), self.text.strip()[:VALUE_MOST]
        self.path.pop()
        self.text = ""
        if under == "record":
            self._finish()
        elif under.startswith("record/auth_results/dkim/"):
            self.signatures[-1][under.rpartition("/")[2]] = text
        elif under.startswith("record/"):
            self.row.setdefault(under.removeprefix("record/"), []).append(text)
        else:
            self.values.setdefault(under, text)

    def _under(self) -> str:
        return "/".join(self.path[self.root :])

    def _finish(self) -> None:
        if len(self.rows) >= ROWS_MOST:
            raise ValueError("it has more than %d rows" % ROWS_MOST)

        def one(name: str) -> str:
            return (self.row.get(name) or [""])[0]

        count = one("row/count")
        self.rows.append(
            Row(
                one("row/source_ip"),
                int(count) if count.isdecimal() and len(count) < 16 else 1,
                _domain(one("identifiers/header_from")),
                _domain(one("identifiers/envelope_from") or one("auth_results/spf/domain")),
                one("row/policy_evaluated/disposition").lower(),
                one("row/policy_evaluated/dkim").lower() == "pass",
                one("row/policy_evaluated/spf").lower() == "pass",
                tuple(text.lower() for text in self.row.get("row/policy_evaluated/reason/type", ()) if text),
                tuple(
                    (_domain(each.get("domain", "")), each.get("selector", "").lower(), each.get("result", "").lower())
                    for each in self.signatures
                ),
            )
        )

    def report(self, file: str) -> Report:
        domain = _domain(self.values.get("policy_published/domain", ""))
        if not domain:
            raise ValueError("it is no DMARC aggregate report: policy_published/domain is missing")
        return Report(
            file,
            self.values.get("report_metadata/org_name", ""),
            self.values.get("report_metadata/report_id", ""),
            self._time("begin"),
            self._time("end"),
            domain,
            self.values.get("policy_published/p", "").lower(),
            tuple(self.rows),
        )

    def _time(self, name: str) -> datetime.datetime:
        text = self.values.get("report_metadata/date_range/" + name, "")
        try:
            return datetime.datetime.fromtimestamp(int(text), datetime.timezone.utc)
        except (ValueError, OverflowError, OSError) as error:
            raise ValueError("report_metadata/date_range/%s is %r" % (name, text)) from error


def _domain(text: str) -> str:
    return text.strip().rstrip(".").lower()
