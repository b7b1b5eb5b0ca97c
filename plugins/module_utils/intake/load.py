# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads, judges and hands over a request: the one entry of the intake."""

from __future__ import annotations

import datetime
import hashlib
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.approval import (
    approved_bytes,
    approved_high_risk,
    check_approval,
    digest_of,
)
from ansible_collections.mailops.email.plugins.module_utils.intake.request import (
    expand_batch,
    read_request,
    request_file,
)
from ansible_collections.mailops.email.plugins.module_utils.intake.rows import exception_for, items_of
from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import (
    REQUEST_FILE,
    Intake,
    IntakePolicy,
    Request,
    Row,
)
from ansible_collections.mailops.email.plugins.module_utils.intake.table import read_table
from ansible_collections.mailops.email.plugins.module_utils.intake.validate import validate_offline
from ansible_collections.mailops.email.plugins.module_utils.intake.versioned import check_versioned
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception

REQUEST_BYTES_MAX = 1 << 20
CSV_BYTES_MAX = 16 << 20
# After one of these nobody knows how many rows were meant.
_ROWS_LOST = frozenset({"csv_syntax", "cell_count"})


def load_request(
    path: str,
    *,
    client: str,
    client_domains: t.Iterable[str],
    now: datetime.datetime,
    versioned: bool = True,
    policy: IntakePolicy | None = None,
) -> Intake:
    """A request with everything that can be said of it without the provider.

    :param path: folder of the request, or its request.yml.
    :param client: inventory name of the client of this run.
    :param client_domains: all domains of that client.
    :param now: aware time.
    :param versioned: look into git (R-CSV-01); off only for requests that are made in memory or in tests.
    :returns: rows for the module ``mailbox`` when there is no finding; nothing is guessed (R-GOAL-02).
    :raises MailopsError: ``library_missing``.
    """
    policy = policy or IntakePolicy()
    main = request_file(path)
    data, findings = _bytes(main, REQUEST_FILE, REQUEST_BYTES_MAX)
    if findings:
        return Intake(Request({}), [], [], findings)
    request, findings, document = read_request(data)
    if not document.value:
        return Intake(request, [], [], findings, request_sha256=_sha256(data))
    head, misplaced = approved_bytes(data, document)
    rows, table, found = _rows(request, main)
    findings += misplaced + found
    digest = digest_of(head, table)
    findings += validate_offline(request, rows, client=client, client_domains=client_domains, now=now, policy=policy)
    if not misplaced:
        complete = bool(rows) and not any(one.code in _ROWS_LOST for one in found)
        findings += check_approval(request, digest, len(rows) if complete else None, now, policy)
    commit = ""
    if versioned:
        commit, found = _versioned(request, main, now)
        findings += found
    request.lines = {row.address: row.line for row in rows if row.address} if request.mailboxes else {}
    findings = _once(findings)
    items = [] if findings else items_of(request, rows, approved_high_risk(request))
    csv_sha256 = _sha256(table) if request.mailboxes else ""
    return Intake(request, items, rows, findings, digest, _sha256(data), csv_sha256, commit)


def _bytes(path: str, name: str, most: int) -> tuple[bytes, list[Finding]]:
    try:
        with open(path, "rb") as stream:
            data = stream.read(most + 1)
    except OSError as exc:
        return b"", [finding("file_missing", name, "%s: %s." % (path, exc.strerror))]
    if len(data) > most:
        return b"", [finding("file_too_large", name, "More than %d bytes." % most)]
    return data, []


def _rows(request: Request, main: str) -> tuple[list[Row], bytes, list[Finding]]:
    if request.batch:
        rows, findings = expand_batch(request)
        return rows, b"", findings
    data, findings = _bytes(_beside(main, request.mailboxes), request.mailboxes, CSV_BYTES_MAX)
    if findings:
        return [], b"", findings
    table = read_table(data, request.mailboxes)
    return table.rows, data, table.findings


def _beside(main: str, name: str) -> str:
    return os.path.join(os.path.dirname(main), name)


def _versioned(request: Request, main: str, now: datetime.datetime) -> tuple[str, list[Finding]]:
    paths = [main] + ([_beside(main, request.mailboxes)] if request.mailboxes else [])
    commit, findings = check_versioned([path for path in paths if os.path.exists(path)])
    exception = exception_for(request, "input_not_versioned")
    if findings and exception is not None:
        try:
            check_exception(exception, now, request.human)
        except Refused:
            return commit, findings
        return "", []
    return commit, findings


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _once(findings: list[Finding]) -> list[Finding]:
    """One finding for each rule and place, in the order of the files: the request first, then the rows by line."""
    first: dict[tuple[str, str], Finding] = {}
    for one in findings:
        first.setdefault((one.code, one.object), one)
    return sorted(first.values(), key=_order)


def _order(one: Finding) -> tuple[int, int]:
    name, _colon, rest = one.object.partition(":")
    if name == REQUEST_FILE:
        return (0, 0)
    line = rest.partition(":")[0]
    return (1, int(line) if line.isdigit() else 0)
