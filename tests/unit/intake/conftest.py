# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A good request on disk, and ways to spoil it."""

from __future__ import annotations

import datetime
import pathlib
import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.intake.approval import request_digest
from ansible_collections.mailops.email.plugins.module_utils.intake.load import load_request
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import Intake
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone.utc)
HEADER = "request_id,domain,local_part,display_name,owner_email,role_account,department,manager_email"
CLIENT_DOMAINS = ("example.com", "example.net", "mail.example.com")

REQUEST = """\
request_id: REQ-2026-001
requested_by:
  human: sam@example.org
  system: awx
business_purpose: onboarding
client: acme
domains:
  - example.com
"""
APPROVAL = """\
approval:
  id: APR-1
  approved_by: dana@example.org
  approved_at: "2026-02-01T00:00:00Z"
  expires_at: "2030-01-01T00:00:00Z"
  digest: sha256:{digest}
  rows: {rows}
"""
# The two rows that the runbook prints (R-CSV-13).
SEED_ROWS = (
    "REQ-2026-001,example.com,alex,Alex Rivera,alex.personal@example.org,false,Sales,manager@example.com",
    "REQ-2026-001,example.com,billing,Billing Team,finance.owner@example.org,true,Finance,cfo@example.com",
)


class Folder:
    """The folder of a request.

    :ivar request: request.yml before its approval.
    :ivar approval: the block at its end, ``{digest}`` and ``{rows}`` are filled in; empty for none.
    :ivar header: first line of the CSV.
    :ivar rows: its other lines; None for the batch form.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.request = REQUEST
        self.approval = APPROVAL
        self.header = HEADER
        self.rows: list[str] | None = list(SEED_ROWS)
        self.count: int | None = None
        self.table: bytes | None = None

    def row(self, **cells: str) -> str:
        """A good row with some cells changed."""
        good = {
            "request_id": "REQ-2026-001",
            "domain": "example.com",
            "local_part": "kim",
            "display_name": "Kim Park",
            "owner_email": "kim.owner@example.org",
            "role_account": "false",
            "department": "Sales",
            "manager_email": "manager@example.org",
        }
        return ",".join({**good, **cells}.values())

    def set(self, old: str, new: str) -> Folder:
        if old not in self.request:
            raise KeyError(old)
        self.request = self.request.replace(old, new)
        return self

    def write(self) -> Folder:
        """Write the files, with an approval of just these bytes."""
        table = self.table
        if table is None and self.rows is not None:
            table = "\n".join([self.header, *self.rows, ""]).encode()
        if table is not None:
            (self.path / "mailboxes.csv").write_bytes(table)
        main = self.path / "request.yml"
        main.write_text(self.request, encoding="utf-8")
        if self.approval:
            count = self.count or len(self.rows or ()) or 1
            try:
                digest = request_digest(str(self.path))[7:]
            except Refused:
                digest = "0" * 64
            text = self.approval.replace("{digest}", digest).replace("{rows}", str(count))
            main.write_text(self.request + text, encoding="utf-8")
        return self

    def load(self, **more: t.Any) -> Intake:
        options: dict[str, t.Any] = {
            "client": "acme",
            "client_domains": CLIENT_DOMAINS,
            "now": NOW,
            "versioned": False,
            **more,
        }
        return load_request(str(self.path), **options)

    def findings(self, **more: t.Any) -> list[Finding]:
        return self.write().load(**more).findings

    def said(self, **more: t.Any) -> list[tuple[str, str]]:
        """Code and object of all findings."""
        return [(one.code, one.object) for one in self.findings(**more)]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def now() -> datetime.datetime:
    return NOW
