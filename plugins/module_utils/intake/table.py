# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads mailboxes.csv strictly: exact header, no formulas, no invisible characters, no place for a secret (RFC 4180).

Everything that is wrong becomes a finding with row and column, all of them at once (R-CSV-03, R-CSV-04, R-CSV-14,
R-NEVER-02).
"""

from __future__ import annotations

import csv
import dataclasses
import difflib
import io
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.encoding import decode
from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import (
    could_hold_secret,
    reads_like_secret,
)
from ansible_collections.mailops.email.plugins.module_utils.intake.schemas import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import MAILBOXES_FILE, Row
from ansible_collections.mailops.email.plugins.module_utils.model import Finding
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import (
    describe_character,
    shown,
    unseen_character,
)

COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
# What a spreadsheet takes for the start of a formula (OWASP, CSV injection), full-width forms included.
FORMULA_STARTS = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_ODD_STARTS = FORMULA_STARTS | {" "}
# Stands for NUL while the csv module of Python 3.10 reads, which refuses the character itself.
_NUL_SIGN = "\u2400"


@dataclasses.dataclass
class Table:
    """Rows of a CSV, and what is wrong with its form."""

    rows: list[Row]
    findings: list[Finding]


def parse_csv(text: str) -> t.Iterator[tuple[int, list[str]]]:
    """Records of a CSV with the line on which each starts; lines without any character are skipped.

    :raises csv.Error: for a quote out of place or left open.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        if cells:
            yield line, cells
        line = reader.line_num + 1


def read_table(data: bytes, name: str = MAILBOXES_FILE) -> Table:
    """Rows and findings of the bytes of a CSV."""
    text, findings = decode(data, name)
    if findings:
        return Table([], findings)
    had_nul = "\0" in text
    text = text.replace("\0", _NUL_SIGN)
    records: list[tuple[int, list[str]]] = []
    try:
        for record in parse_csv(text):
            records.append(record)
    except csv.Error as exc:
        line = records[-1][0] + 1 if records else 1
        findings.append(finding("csv_syntax", "%s:%d" % (name, line), "From this line on: %s." % exc))
    if not records:
        return Table([], findings or [finding("no_rows", name, "The file is empty.")])
    header = _Header(records[0][1], name)
    findings = header.findings + findings
    if header.hopeless:
        return Table([], findings)
    secretive = reads_like_secret(text)
    rows = []
    for line, cells in records[1:]:
        row, found = _row(header, line, cells, name, had_nul, secretive)
        findings.extend(found)
        if row is not None:
            rows.append(row)
    if len(records) == 1 and not findings:
        findings.append(finding("no_rows", name, "The file has a header and no row."))
    return Table(rows, findings)


class _Header:
    """What each column of the file is.

    :ivar columns: name of the known column at each place, empty where the cells are not looked at.
    :ivar hopeless: no column is known, so rows cannot be judged.
    :ivar complete: every column is known.
    """

    def __init__(self, cells: t.Sequence[str], name: str) -> None:
        self.findings: list[Finding] = []
        self.columns: list[str] = []
        self._name = name
        self.hopeless = False
        self.complete = False
        if len(cells) == 1 and any(mark in cells[0] for mark in ";\t|"):
            mark = next(mark for mark in ";\t|" if mark in cells[0])
            said = "The header is separated by %s." % {";": "semicolons", "\t": "tabs", "|": "bars"}[mark]
            self.findings.append(finding("wrong_delimiter", "%s:1" % name, said))
            self.hopeless = True
            return
        for position, cell in enumerate(cells, 1):
            self.columns.append(self._column(cell, position, cells))
        self._missing()
        self._order()
        self.hopeless = not any(self.columns)
        self.complete = all(self.columns)

    def _column(self, cell: str, position: int, cells: t.Sequence[str]) -> str:
        if cell in COLUMNS:
            if cell in self.columns:
                self._add("repeated_column", cell, "%s stands twice, again as column %d." % (cell, position))
                return ""
            return cell
        label = shown(cell) or "(column %d)" % position
        if could_hold_secret(cell):
            said = "The column %s could hold a secret; its cells are not shown." % label
            self._add("forbidden_column", label, said)
            return ""
        near = difflib.get_close_matches("_".join(cell.casefold().split()).replace("-", "_"), COLUMNS, 1, 0.75)
        if near and near[0] not in cells and near[0] not in self.columns:
            self._add("misspelt_column", label, "%s is not a column." % label, "Write %s." % near[0])
            return near[0]
        more = " %s is there already." % near[0] if near else ""
        self._add("unknown_column", label, "%s (column %d) is not a column of this file.%s" % (label, position, more))
        return ""

    def _missing(self) -> None:
        for column in REQUIRED_COLUMNS:
            if column not in self.columns:
                said = "The column %s is missing." % column
                self._add("missing_column", column, said, "The header is %s." % ",".join(REQUIRED_COLUMNS))

    def _order(self) -> None:
        known = [column for column in self.columns if column]
        required = [column for column in known if column in REQUIRED_COLUMNS]
        wanted = [column for column in REQUIRED_COLUMNS if column in required]
        wanted += [column for column in known if column not in REQUIRED_COLUMNS]
        for is_there, should in zip(known, wanted, strict=True):
            if is_there != should:
                said = "%s stands where %s belongs." % (is_there, should)
                self._add("column_order", is_there, said, "The header starts with %s." % ",".join(REQUIRED_COLUMNS))
                return

    def _add(self, code: str, column: str, evidence: str, following: str = "") -> None:
        self.findings.append(finding(code, "%s:1:%s" % (self._name, column), evidence, following))


def _row(
    header: _Header, line: int, cells: list[str], name: str, had_nul: bool, secretive: bool
) -> tuple[Row | None, list[Finding]]:
    if len(cells) != len(header.columns):
        said = "The row has %d cells, the header %d." % (len(cells), len(header.columns))
        return None, [finding("cell_count", "%s:%d" % (name, line), said)]
    if header.complete and not secretive and not had_nul and _all_plain(cells):
        return Row(line, dict(zip(header.columns, cells, strict=True)), file=name), []
    row = Row(line, {}, file=name)
    found = []
    for column, cell in zip(header.columns, cells, strict=True):
        if not column:
            continue
        row.cells[column] = cell
        if cell:
            code, said = _cell_problem(cell, had_nul, secretive)
            if code:
                row.bad.add(column)
                found.append(finding(code, row.place(column), said))
    return row, found


def _all_plain(cells: list[str]) -> bool:
    """Whether no cell of a row can have a problem; true for nearly every row, and quick to tell."""
    return (
        "".join(cells).isprintable()
        and _ODD_STARTS.isdisjoint([cell[:1] for cell in cells])
        and " " not in [cell[-1:] for cell in cells]
    )


def _cell_problem(cell: str, had_nul: bool, secretive: bool) -> tuple[str, str]:
    """Code and evidence of what is wrong with the form of a cell; both empty when nothing is."""
    if secretive and reads_like_secret(cell):
        return "secret_in_cell", "The cell reads like a secret; it is not shown."
    if cell[0] in FORMULA_STARTS:
        return "formula_cell", "%s starts with %s." % (shown(cell), describe_character(cell[0]))
    if had_nul and _NUL_SIGN in cell:
        return "control_character", "%s holds U+0000 NUL." % shown(cell)
    unseen = unseen_character(cell)
    if unseen:
        return "control_character", "%s holds %s." % (shown(cell), describe_character(unseen))
    if cell[0].isspace() or cell[-1].isspace():
        return "surrounding_space", "'%s' starts or ends with a space." % shown(cell)
    return "", ""
