# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shapes that the parts of the intake pass to each other."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Finding

REQUEST_FILE = "request.yml"
MAILBOXES_FILE = "mailboxes.csv"


@dataclasses.dataclass(frozen=True)
class IntakePolicy:
    """What the inventory decides about requests; every value is an input of the role, these are its defaults.

    :param max_batch: most mailboxes of one request (R-PLANLIM-06).
    :param review_threshold: above so many mailboxes the approval must say exactly this number (R-BULK-03).
    :param high_risk: local parts that the client adds to the high-risk list.
    :param roles: local parts that the client adds to the role list.
    """

    max_batch: int = 500
    review_threshold: int = 25
    high_risk: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclasses.dataclass
class Request:
    """A request as it was written; fields that are missing or of a wrong type are empty here and a finding elsewhere.

    :param document: the whole of request.yml as plain types.
    :param mailboxes: name of the CSV, empty in the batch form.
    :param lines: line of the CSV by address, so that live findings can name it.
    """

    document: dict[str, t.Any]
    request_id: str = ""
    human: str = ""
    system: str = ""
    business_purpose: str = ""
    client: str = ""
    domains: list[str] = dataclasses.field(default_factory=list)
    mailboxes: str = MAILBOXES_FILE
    batch: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    defaults: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    max_batch: int | None = None
    exceptions: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    approval: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    lines: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def requested_by(self) -> dict[str, str]:
        return {"human": self.human, "system": self.system}

    def place(self, path: str) -> str:
        """Object of a finding in the request."""
        return "%s:%s" % (REQUEST_FILE, path)

    def row_place(self, address: str, column: str) -> str:
        """Object of a finding in the row of *address*."""
        if self.batch:
            return self.place("/batch/" + BATCH_FIELDS.get(column, column))
        return "%s:%d:%s" % (self.mailboxes, self.lines.get(address, 0), column)


# Where a value of a generated row comes from.
BATCH_FIELDS = {"local_part": "name_pattern", "display_name": "display_name_pattern", "request_id": "name_pattern"}


@dataclasses.dataclass
class Row:
    """One mailbox that is asked for.

    :param line: line of the CSV on which the row starts, the header is line 1; place in the batch, from 1, when
        generated.
    :param cells: text by column, as written.
    :param bad: columns that a finding already names; they are not judged twice.
    :param file: name of the CSV, empty for a generated row.
    :param pointers: for a generated row, where each column's value stands in request.yml.
    :param values: normal forms, filled by validation.
    """

    line: int
    cells: dict[str, str]
    bad: set[str] = dataclasses.field(default_factory=set)
    file: str = MAILBOXES_FILE
    pointers: dict[str, str] = dataclasses.field(default_factory=dict)
    values: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    def place(self, column: str) -> str:
        """Object of a finding in this row."""
        if self.file:
            return "%s:%d:%s" % (self.file, self.line, column)
        return "%s:%s" % (REQUEST_FILE, self.pointers.get(column, "/batch/" + BATCH_FIELDS.get(column, column)))

    @property
    def address(self) -> str:
        return t.cast(str, self.values.get("address", ""))


@dataclasses.dataclass
class Intake:
    """A request that was read and judged.

    :param rows: one item each for the module ``mailbox``; empty as long as there are findings.
    :param records: the rows as they were read, for checks that need more than the items.
    :param findings: all that blocks it; empty means it may go on.
    :param digest: what an approval of these very files has to name.
    :param git_commit: commit that holds exactly these files, empty when they are not versioned.
    """

    request: Request
    rows: list[dict[str, t.Any]]
    records: list[Row]
    findings: list[Finding]
    digest: str = ""
    request_sha256: str = ""
    csv_sha256: str = ""
    git_commit: str = ""
