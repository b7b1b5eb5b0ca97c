# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CSV: R-CSV-03 to -14, R-NEVER-02."""

from __future__ import annotations

import csv
import io
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import could_hold_secret
from ansible_collections.mailops.email.plugins.module_utils.intake.schemas import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from ansible_collections.mailops.email.plugins.module_utils.intake.table import parse_csv, read_table

HEADER = ",".join(REQUIRED_COLUMNS)
GOOD = "REQ-2026-001,example.com,alex,Alex Rivera,a@example.org,false,Sales,m@example.org"


def codes(text: str | bytes) -> list[tuple[str, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(one.code, one.object) for one in read_table(data).findings]


def test_good_table() -> None:
    """R-CSV-04: the exact header; a row knows its line."""
    table = read_table(("%s\n%s\n" % (HEADER, GOOD)).encode())
    assert table.findings == []
    (row,) = table.rows
    assert (row.line, row.cells["local_part"], list(row.cells)) == (2, "alex", list(REQUIRED_COLUMNS))


@pytest.mark.parametrize(
    ("header", "code", "column"),
    [
        (HEADER.replace("department", "team"), "unknown_column", "team"),
        (HEADER.replace(",department", ""), "missing_column", "department"),
        (HEADER + ",domain", "repeated_column", "domain"),
        (HEADER.replace("owner_email", "onwer_email"), "misspelt_column", "onwer_email"),
        (HEADER.replace("owner_email", "Owner Email"), "misspelt_column", "Owner Email"),
        (HEADER.replace("request_id,domain", "domain,request_id"), "column_order", "domain"),
        ("note," + HEADER, "column_order", "note"),
        (HEADER + ",colour", "unknown_column", "colour"),
        (HEADER + ",password", "forbidden_column", "password"),
        (HEADER + ",", "unknown_column", "(column 9)"),
    ],
)
def test_header_mutations(header: str, code: str, column: str) -> None:
    """R-CSV-04: each mutation is named at line 1; an unknown column in place of a mandatory one is both."""
    cells = header.count(",") + 1
    found = codes("%s\n%s\n" % (header, ",".join(["x"] * cells)))
    assert (code, "mailboxes.csv:1:%s" % column) in found
    others = {("missing_column", "mailboxes.csv:1:department")} if code == "unknown_column" else set()
    assert set(found) - others == {(code, "mailboxes.csv:1:%s" % column)}


def test_misspelt_column_is_suggested_and_its_cells_are_still_read() -> None:
    """R-CSV-03: a typo in the header does not hide the errors below it."""
    table = read_table(("%s\n%s\n" % (HEADER.replace("owner_email", "owner_mail"), GOOD)).encode())
    assert [one.next for one in table.findings] == ["Write owner_email."]
    assert table.rows[0].cells["owner_email"] == "a@example.org"


def test_optional_columns_in_any_order_behind() -> None:
    """R-CSV-04: documented extras stand behind the eight."""
    header = HEADER + "," + ",".join(reversed(OPTIONAL_COLUMNS))
    assert codes("%s\n%s%s\n" % (header, GOOD, "," * len(OPTIONAL_COLUMNS))) == []


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "Password",
        "temp_passwd",
        "initial password",
        "pwd",
        "secret",
        "client_secret",
        "api_token",
        "token",
        "pin",
        "PIN",
        "recovery_email",
        "recovery code",
        "otp",
        "passphrase",
        "credentials",
        "api_key",
        "private key",
    ],
)
def test_columns_that_could_hold_a_secret(name: str) -> None:
    """R-NEVER-02: refused by name, and no cell below is ever shown."""
    assert could_hold_secret(name)
    table = read_table(("%s,%s\n%s,hunter2-CANARY\n" % (HEADER, name, GOOD)).encode())
    assert [one.code for one in table.findings] == ["forbidden_column"]
    assert "CANARY" not in repr(table)


@pytest.mark.parametrize("name", [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, "shipping", "opinion", "monkey"])
def test_columns_that_could_not(name: str) -> None:
    """R-NEVER-02: the documented columns are no false alarm."""
    assert not could_hold_secret(name)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("=1+1", "formula_cell"),
        ("+1", "formula_cell"),
        ("-1", "formula_cell"),
        ("@SUM(A1)", "formula_cell"),
        ("\t=1", "formula_cell"),
        ('"\r=1"', "formula_cell"),
        ("\uff1d1", "formula_cell"),
        ("a\x00b", "control_character"),
        ("a\x07b", "control_character"),
        ("a\u202eb", "control_character"),
        ("a\u2066b", "control_character"),
        ("a\u200bb", "control_character"),
        ("a\ufeffb", "control_character"),
        ("a\u00adb", "control_character"),
        ('"a\nb"', "control_character"),
        (" Sales", "surrounding_space"),
        ("Sales ", "surrounding_space"),
        ("password: hunter2", "secret_in_cell"),
        ("AGE-SECRET-KEY-1QQQ", "secret_in_cell"),
        ("his PIN is 1234", "secret_in_cell"),
    ],
)
def test_cells(cell: str, code: str) -> None:
    """R-CSV-14, R-NEVER-02: one finding at row and column; a secret is not repeated."""
    table = read_table(("%s\n%s\n%s\n" % (HEADER, GOOD, GOOD.replace("Sales", cell))).encode())
    (found,) = table.findings
    assert (found.code, found.object) == (code, "mailboxes.csv:3:department")
    assert "hunter2" not in found.evidence and "1234" not in found.evidence
    assert len(table.rows) == 2 and table.rows[1].bad == {"department"}


@pytest.mark.parametrize(
    "cell", ["Sales", "O'Neil & Co", "R+D", "a-b", "S\u00e3o Paulo", "Philippines", '"a, b"', '"say ""hi"""']
)
def test_good_cells(cell: str) -> None:
    """R-CSV-14: quotes, commas, accents and inner signs are fine."""
    assert codes("%s\n%s\n" % (HEADER, GOOD.replace("Sales", cell))) == []


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_wrong_encodings(codec: str) -> None:
    """R-CSV-14: the message says what the file is instead, and where."""
    text = "%s\n%s\n" % (HEADER, GOOD.replace("Alex Rivera", "Ren\u00e9 Rivera"))
    (found,) = read_table(text.encode(codec)).findings
    assert found.code == "wrong_encoding"
    if codec in ("latin-1", "cp1252"):
        assert found.object == "mailboxes.csv:2" and "Latin-1" in found.evidence and "'\u00e9'" in found.evidence
    else:
        assert codec[:6].upper().replace("UTF-", "UTF-") in found.evidence


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_bom(ending: str, mark: bytes) -> None:
    """R-CSV-14: CRLF and the mark of UTF-8 are fine; so is a last line without an end."""
    for tail in (ending, ""):
        table = read_table(mark + (HEADER + ending + GOOD + tail).encode())
        assert table.findings == [] and table.rows[0].cells["manager_email"] == "m@example.org"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "no_rows", "mailboxes.csv"),
        (HEADER + "\n", "no_rows", "mailboxes.csv"),
        (HEADER.replace(",", ";") + "\n", "wrong_delimiter", "mailboxes.csv:1"),
        (HEADER.replace(",", "\t") + "\n", "wrong_delimiter", "mailboxes.csv:1"),
        (HEADER + "\n" + GOOD + ",more\n", "cell_count", "mailboxes.csv:2"),
        (HEADER + "\n" + GOOD + "\nonly,three,cells\n", "cell_count", "mailboxes.csv:3"),
        (HEADER + "\n" + GOOD + '\n"open,' + GOOD + "\n", "csv_syntax", "mailboxes.csv:3"),
        (HEADER + "\n" + GOOD + '\n"a"b,' + GOOD + "\n", "csv_syntax", "mailboxes.csv:3"),
    ],
)
def test_form(text: str, code: str, place: str) -> None:
    """R-CSV-03, R-CSV-14: form errors with their line."""
    assert codes(text) == [(code, place)]


def test_line_numbers_after_embedded_newlines() -> None:
    """R-CSV-03: ROW is the line in the file, whatever a quoted cell above holds."""
    assert list(parse_csv('a,b\n"1\n2",x\n\ny,z\n')) == [(1, ["a", "b"]), (2, ["1\n2", "x"]), (5, ["y", "z"])]


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_round_trip(records: list[list[str]], ending: str) -> None:
    """R-CSV-14: whatever a correct writer writes is read back as it was."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(records)
    assert [cells for _line, cells in parse_csv(out.getvalue())] == records


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(data: bytes) -> None:
    """R-CSV-03: no input makes an exception, and none that is not a table passes."""
    for body in (data, HEADER.encode() + b"\n" + data):
        table = read_table(body)
        lines: set[t.Any] = {row.line for row in table.rows}
        assert table.findings or len(lines) == len(table.rows) > 0
