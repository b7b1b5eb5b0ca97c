# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a request without the provider: R-SCOPE, R-INTAKE, R-CSV, R-VAL, R-FORM-16 to -18, R-BULK-03."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import IntakePolicy

CSV = "mailboxes.csv"
YML = "request.yml:"


def test_seed_rows_are_valid(folder: t.Any) -> None:
    """R-CSV-13: both sample rows pass as printed, and become items."""
    intake = folder.write().load()
    assert intake.findings == []
    assert intake.rows[1] == {
        "address": "billing@example.com",
        "display_name": "Billing Team",
        "owner_email": "finance.owner@example.org",
        "role_account": True,
        "department": "Finance",
        "manager_email": "cfo@example.com",
    }
    assert intake.request.lines == {"alex@example.com": 2, "billing@example.com": 3}
    assert intake.digest.startswith("sha256:") and len(intake.csv_sha256) == 64


# One changed cell of a good row: what is found, and at which column.
CELLS: list[tuple[str, dict[str, str], str]] = [
    ("request_id_mismatch", {"request_id": "REQ-2026-002"}, "request_id"),
    ("value_invalid", {"request_id": "REQ-1"}, "request_id"),
    ("value_missing", {"request_id": ""}, "request_id"),
    ("hostname_invalid", {"domain": "https://example.com"}, "domain"),
    ("hostname_invalid", {"domain": "www.example.com"}, "domain"),
    ("value_missing", {"domain": ""}, "domain"),
    ("client_boundary", {"domain": "example.org"}, "domain"),
    ("scope_mismatch", {"domain": "example.net"}, "domain"),
    ("local_part_invalid", {"local_part": "kim@park"}, "local_part"),
    ("local_part_invalid", {"local_part": "k" * 65}, "local_part"),
    ("local_part_invalid", {"local_part": "k" * 300}, "local_part"),
    ("value_missing", {"local_part": ""}, "local_part"),
    ("display_name_invalid", {"display_name": "User"}, "display_name"),
    ("display_name_invalid", {"display_name": "Billing Team"}, "display_name"),
    ("value_missing", {"display_name": ""}, "display_name"),
    ("address_invalid", {"owner_email": "kim"}, "owner_email"),
    ("address_invalid", {"owner_email": "kim@localhost"}, "owner_email"),
    ("value_missing", {"owner_email": ""}, "owner_email"),
    ("owner_unreachable", {"owner_email": "kim@example.com"}, "owner_email"),
    ("owner_unreachable", {"owner_email": "Kim+x@Example.com"}, "owner_email"),
    ("owner_unreachable", {"owner_email": "alex@example.com"}, "owner_email"),
    ("ambiguous_value", {"role_account": "yes"}, "role_account"),
    ("ambiguous_value", {"role_account": "TRUE"}, "role_account"),
    ("value_invalid", {"role_account": "perhaps"}, "role_account"),
    ("value_missing", {"role_account": ""}, "role_account"),
    ("role_account_not_flagged", {"local_part": "legal"}, "role_account"),
    ("high_risk_unapproved", {"local_part": "IT", "role_account": "true"}, "local_part"),
    ("high_risk_unapproved", {"local_part": "adm1n", "role_account": "true"}, "local_part"),
    ("duplicate_row", {"local_part": "alex"}, "local_part"),
    ("duplicate_row", {"local_part": "ALEX"}, "local_part"),
    ("value_missing", {"department": ""}, "department"),
    ("value_invalid", {"department": "x" * 121}, "department"),
    ("address_invalid", {"manager_email": "a@b@example.org"}, "manager_email"),
    ("value_missing", {"manager_email": ""}, "manager_email"),
    ("formula_cell", {"display_name": "=Kim Park"}, "display_name"),
]


@pytest.mark.parametrize(("code", "cells", "column"), CELLS)
def test_one_bad_cell(folder: t.Any, code: str, cells: dict[str, str], column: str) -> None:
    """R-CSV-03, R-VAL-10: exactly one error at its row and column, and no rows are handed on."""
    folder.rows.append(folder.row(**cells))
    intake = folder.write().load()
    assert [(one.code, one.object, one.severity) for one in intake.findings] == [
        (code, "%s:4:%s" % (CSV, column), "error")
    ]
    assert intake.rows == []


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"local_part": "Kim.Park"},
        {"owner_email": "kim+work@example.org"},
        {"owner_email": "kim@example.net"},
        {"role_account": "true", "display_name": "Front Office"},
        {"local_part": "legal", "role_account": "true", "display_name": "Legal Counsel"},
        {"domain": "EXAMPLE.com"},
    ],
)
def test_good_cells(folder: t.Any, cells: dict[str, str]) -> None:
    """The other side of each rule above."""
    folder.rows.append(folder.row(**cells))
    assert folder.findings() == []


# Optional columns: text, then None when it is good or the code.
OPTIONAL = [
    ("quota_mb", "2048", None),
    ("quota_mb", "", None),
    ("quota_mb", "0", "value_invalid"),
    ("quota_mb", "2 GB", "value_invalid"),
    ("quota_mb", "-5", "formula_cell"),
    ("note", "contractor", None),
    ("note", "n" * 121, "value_invalid"),
    ("delivery", "provider_mail", None),
    ("delivery", "pigeon", "value_invalid"),
    ("expires_in_hours", "720", None),
    ("expires_in_hours", "721", "value_invalid"),
    ("expires_in_hours", "0", "value_invalid"),
    ("seal_to", "age1" + "q" * 58, None),
    ("seal_to", "not a key", "value_invalid"),
    ("seal_to", "AGE-SECRET-KEY-1" + "Q" * 58, "secret_in_cell"),
    ("access_until", "2026-12-31", None),
    ("access_until", "2026-12-31T10:00:00Z", None),
    ("access_until", "2026-02-28", "time_invalid"),
    ("access_until", "2026-13-01", "time_invalid"),
    ("access_until", "31.12.2026", "value_invalid"),
]


@pytest.mark.parametrize(("column", "text", "code"), OPTIONAL)
def test_optional_columns(folder: t.Any, column: str, text: str, code: str | None) -> None:
    """R-FORM-19, R-DELIV-02, R-PAT-02: each optional column has its form."""
    folder.header += "," + column
    folder.rows = [folder.row() + "," + text]
    intake = folder.write().load()
    assert [one.code for one in intake.findings] == ([code] if code else [])
    if code is None and text and column != "access_until":
        expected: t.Any = int(text) if column in ("quota_mb", "expires_in_hours") else text
        assert intake.rows[0][column] == expected
    if code is None and column == "access_until":
        assert intake.records[0].values[column].startswith(text[:10])


EXCEPTION = """\
exceptions:
  - rule: delivery
    reason: The owner has no other address
    approver: dana@example.org
    expires_at: "2026-04-01T00:00:00Z"
"""


def test_sealed_delivery_is_an_exception(folder: t.Any) -> None:
    """R-DELIV-02, R-DELIV-04: a worse way needs a key and a recorded reason, which goes with the row."""
    folder.header += ",delivery,seal_to"
    folder.rows = [folder.row() + ",sealed,"]
    assert folder.said() == [("seal_to_missing", CSV + ":2:seal_to"), ("exception_missing", CSV + ":2:delivery")]
    folder.rows = [folder.row() + ",sealed,age1" + "q" * 58]
    folder.request += EXCEPTION
    intake = folder.write().load()
    assert intake.findings == []
    assert intake.rows[0]["exception"] == {
        "reason": "The owner has no other address",
        "approver": "dana@example.org",
        "expires_at": "2026-04-01T00:00:00Z",
    }
    folder.set("rule: delivery", "rule: delivery\n    object: other@example.com")
    assert folder.said() == [("exception_missing", CSV + ":2:delivery")]


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("2026-04-01T", "2026-02-01T", "exception_expired", "/exceptions/0"),
        ("dana@example.org", "sam@example.org", "approver_is_requester", "/exceptions/0"),
        ("rule: delivery", "rule: audit", "value_invalid", "/exceptions/0/rule"),
        ("    reason: The owner has no other address\n", "", "value_missing", "/exceptions/0/reason"),
        ("The owner has no other address", '"-"', "exception_incomplete", "/exceptions/0"),
        ("2026-04-01T00:00:00Z", "soon", "value_invalid", "/exceptions/0/expires_at"),
    ],
)
def test_exceptions(folder: t.Any, old: str, new: str, code: str, path: str) -> None:
    """R-GOAL-03, R-CREATE-07: complete, by somebody else, still running, and for a known rule only."""
    folder.request += EXCEPTION
    assert folder.findings() == []
    folder.set(old, new)
    assert (code, YML + path) in folder.said()


def test_high_risk_by_exact_address(folder: t.Any) -> None:
    """R-VAL-05: approved is this very address; the approval goes with the row as its exception."""
    folder.rows.append(folder.row(local_part="security", role_account="true", display_name="Security Response"))
    folder.approval += "  high_risk:\n    - security@example.net\n"
    assert folder.said() == [("high_risk_unapproved", CSV + ":4:local_part")]
    folder.approval = folder.approval.replace("security@example.net", "Security@example.com")
    intake = folder.write().load()
    assert intake.findings == []
    assert intake.rows[2]["exception"]["approver"] == "dana@example.org"
    assert "exception" not in intake.rows[0]


def test_policy_of_the_client(folder: t.Any) -> None:
    """R-VAL-05, R-VAL-09: names that the client adds."""
    folder.rows.append(folder.row(local_part="ceo"))
    assert folder.findings() == []
    policy = IntakePolicy(high_risk=("ceo",), roles=("ceo",))
    assert folder.said(policy=policy) == [
        ("high_risk_unapproved", CSV + ":4:local_part"),
        ("role_account_not_flagged", CSV + ":4:role_account"),
    ]


def test_ten_errors_are_ten_findings(folder: t.Any) -> None:
    """R-CSV-03: all at once, each with row and column."""
    folder.rows = [
        folder.row(domain="https://example.com"),
        folder.row(local_part="a@b"),
        folder.row(local_part="c1", display_name="Admin"),
        folder.row(local_part="c2", owner_email="nobody"),
        folder.row(local_part="c3", role_account="yes"),
        folder.row(local_part="c4", department=""),
        folder.row(local_part="c5", manager_email="x"),
        folder.row(local_part="c6", request_id="REQ-2026-999"),
        folder.row(local_part="c7", display_name="=cmd"),
        folder.row(local_part="c8", domain="example.org"),
    ]
    assert folder.said() == [
        ("hostname_invalid", CSV + ":2:domain"),
        ("local_part_invalid", CSV + ":3:local_part"),
        ("display_name_invalid", CSV + ":4:display_name"),
        ("address_invalid", CSV + ":5:owner_email"),
        ("ambiguous_value", CSV + ":6:role_account"),
        ("value_missing", CSV + ":7:department"),
        ("address_invalid", CSV + ":8:manager_email"),
        ("request_id_mismatch", CSV + ":9:request_id"),
        ("formula_cell", CSV + ":10:display_name"),
        ("client_boundary", CSV + ":11:domain"),
    ]


# One change of request.yml: what is found, and where.
FIELDS: list[tuple[str, str, str, str]] = [
    ("request_id: REQ-2026-001\n", "", "value_missing", "/request_id"),
    ("request_id: REQ-2026-001", "request_id:", "value_missing", "/request_id"),
    ("request_id: REQ-2026-001", "request_id: REQ-26-1", "value_invalid", "/request_id"),
    ("  system: awx\n", "", "value_missing", "/requested_by/system"),
    ("  human: sam@example.org\n", "", "value_missing", "/requested_by/human"),
    ("human: sam@example.org", "human: shared", "value_invalid", "/requested_by/human"),
    ("business_purpose: onboarding", "business_purpose: misc", "value_invalid", "/business_purpose"),
    ("client: acme", "client: globex", "client_boundary", "/client"),
    ("client: acme", "client: yes", "ambiguous_value", "/client"),
    ("client: acme", "client: 010", "ambiguous_value", "/client"),
    ("client: acme", "client: 12:30", "ambiguous_value", "/client"),
    ("client: acme", "client: 7", "value_invalid", "/client"),
    ("client: acme", "client: acme\nclient: acme", "duplicate_key", "/client"),
    ("client: acme", "client: acme\nurgent: true", "unknown_field", "/urgent"),
    ("client: acme", "client: acme\npassword: CANARY", "forbidden_column", "/password"),
    ("client: acme", "client: acme\nmax_batch: 501", "max_batch", "/max_batch"),
    ("client: acme", "client: acme\nmax_batch: ten", "value_invalid", "/max_batch"),
    ("client: acme", "client: acme\nmailboxes: ../other.csv", "value_invalid", "/mailboxes"),
    ("client: acme", "client: acme\ndefaults:\n  expires_in_hours: 721", "value_invalid", "/defaults/expires_in_hours"),
    ("client: acme", 'client: acme\nmailboxes: "mail\\u202eboxes.csv"', "control_character", "/mailboxes"),
    ("client: acme", "client: acme\ndefaults: &x {}", "yaml_syntax", "/"),
    ("client: acme", "client: !!python/object:os.system acme", "yaml_syntax", "/"),
    ("client: acme", "client: [acme", "yaml_syntax", "/"),
    ("  - example.com", "  - https://example.com", "hostname_invalid", "/domains/0"),
    ("  - example.com", "  - example.com\n  - example.net", "scope_mismatch", "/domains/1"),
    ("  - example.com", "  - example.com\n  - Example.com", "scope_mismatch", "/domains/1"),
    ("  - example.com", "  - example.com\n  - example.org", "client_boundary", "/domains/1"),
    ("domains:\n  - example.com\n", "", "value_missing", "/domains"),
    ("domains:\n  - example.com\n", "domains: []\n", "value_invalid", "/domains"),
]


@pytest.mark.parametrize(("old", "new", "code", "path"), FIELDS)
def test_one_bad_field(folder: t.Any, old: str, new: str, code: str, path: str) -> None:
    """R-INTAKE-01 to -04, R-GOAL-02, R-SCOPE-01, R-SCOPE-03, R-VAL-02: named by its pointer, never guessed."""
    findings = folder.set(old, new).findings()
    assert (code, YML + path) in [(one.code, one.object) for one in findings]
    assert all(one.severity == "error" and one.evidence and one.next for one in findings)
    assert "CANARY" not in repr(findings)


@pytest.mark.parametrize("request_id", ["REQ-2026-001", "REQ-2026-123456", "OPS-1234", "CHG0031234", "REQ0012345"])
def test_request_ids(folder: t.Any, request_id: str) -> None:
    """R-SCOPE-01: a request id or the id of a change ticket."""
    folder.set("REQ-2026-001", request_id)
    folder.rows = [row.replace("REQ-2026-001", request_id) for row in folder.rows]
    assert folder.findings() == []


def test_missing_files(folder: t.Any) -> None:
    """R-SCOPE-04: no request, no list of mailboxes: said by name."""
    folder.write()
    (folder.path / "mailboxes.csv").unlink()
    assert ("file_missing", "mailboxes.csv") in [(one.code, one.object) for one in folder.load().findings]
    (folder.path / "request.yml").unlink()
    assert [(one.code, one.object) for one in folder.load().findings] == [("file_missing", "request.yml")]


def test_whole_file_faults(folder: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-CSV-14, R-PLANLIM-06: encoding and size."""
    folder.write()
    (folder.path / "request.yml").write_bytes(b"client: ren\xe9\n")
    assert [one.code for one in folder.load().findings] == ["wrong_encoding"]
    (folder.path / "request.yml").write_bytes(b"#" * ((1 << 20) + 1))
    assert [one.code for one in folder.load().findings] == ["file_too_large"]
    (folder.path / "request.yml").write_bytes(b"[" * 5000)
    assert [one.code for one in folder.load().findings] == ["yaml_syntax"]


BATCH = """\
batch:
  count: 3
  start: 9
  name_pattern: kiosk-{n:02}
  display_name_pattern: Front Desk Kiosk {n:02}
  domain: example.com
  owner_email: lead@example.org
  department: Front desk
  manager_email: manager@example.org
  role_account: true
"""


def batch(folder: t.Any) -> t.Any:
    folder.rows, folder.count = None, 3
    folder.request += BATCH
    return folder


def test_batch_by_count(folder: t.Any) -> None:
    """R-FORM-16 to -18, R-CONF-07: names follow from the request alone, so a re-run makes none."""
    first, second = batch(folder).write().load(), folder.load()
    assert first.findings == [] and first.rows == second.rows
    assert [row["address"] for row in first.rows] == [
        "kiosk-09@example.com",
        "kiosk-10@example.com",
        "kiosk-11@example.com",
    ]
    assert first.rows[0]["display_name"] == "Front Desk Kiosk 09"
    assert {row["owner_email"] for row in first.rows} == {"lead@example.org"}


def test_batch_owners(folder: t.Any) -> None:
    """R-CONF-07: one owner each, by place."""
    owners = "owners: [a@example.org, b@example.org, c@example.org]"
    batch(folder).set("owner_email: lead@example.org", owners)
    assert [row["owner_email"][0] for row in folder.write().load().rows] == ["a", "b", "c"]
    folder.set("c@example.org", "kiosk-09@example.com")
    assert folder.said() == [("owner_unreachable", YML + "/batch/owners/2")]


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("count: 3", "count: 0", "value_invalid", "/batch/count"),
        ("count: 3", "count: -1", "value_invalid", "/batch/count"),
        ("count: 3", "count: ten", "value_invalid", "/batch/count"),
        ("  count: 3\n", "", "value_missing", "/batch/count"),
        ("count: 3", "count: 501", "max_batch", "/batch/count"),
        ("  start: 9\n", "", "value_missing", "/batch/start"),
        ("  name_pattern: kiosk-{n:02}\n", "", "value_missing", "/batch/name_pattern"),
        ("name_pattern: kiosk-{n:02}", "name_pattern: kiosk", "batch_pattern_invalid", "/batch/name_pattern"),
        ("name_pattern: kiosk-{n:02}", "name_pattern: k{n}{n}", "batch_pattern_invalid", "/batch/name_pattern"),
        ("name_pattern: kiosk-{n:02}", "name_pattern: k{n.__class__}", "batch_pattern_invalid", "/batch/name_pattern"),
        ("Kiosk {n:02}", "Kiosk {x}", "batch_pattern_invalid", "/batch/display_name_pattern"),
        ("name_pattern: kiosk-{n:02}", "name_pattern: Kiosk {n}", "local_part_invalid", "/batch/name_pattern"),
        ("Front Desk Kiosk {n:02}", "User {n}", "display_name_invalid", "/batch/display_name_pattern"),
        ("  owner_email: lead@example.org\n", "", "value_missing", "/batch/owner_email"),
        ("owner_email: lead@example.org", "owners: [lead@example.org]", "batch_owners_mismatch", "/batch/owners"),
        ("  role_account: true\n", "", "value_missing", "/batch/role_account"),
        ("role_account: true", "role_account: yes", "ambiguous_value", "/batch/role_account"),
        ("domain: example.com\n  owner", "domain: example.org\n  owner", "client_boundary", "/batch/domain"),
        ("batch:\n", "mailboxes: mailboxes.csv\nbatch:\n", "value_invalid", "/batch"),
    ],
)
def test_bad_batches(folder: t.Any, old: str, new: str, code: str, path: str) -> None:
    """R-FORM-16, R-FORM-17, R-CONF-07: each part is asked for; a fault of all rows is said once."""
    found = batch(folder).set(old, new).said()
    assert found.count((code, YML + path)) == 1


def test_blast_radius(folder: t.Any) -> None:
    """R-BULK-03: 500 asked for, 50 approved."""
    batch(folder).set("count: 3", "count: 500")
    folder.count = 50
    (found,) = folder.findings()
    assert (found.code, found.object) == ("blast_radius", YML + "/approval/rows")
    assert "500" in found.evidence and "50 " in found.evidence
    folder.count = 500
    assert folder.findings() == []


def test_max_batch(folder: t.Any) -> None:
    """R-PLANLIM-06: the request may lower the limit of the policy."""
    assert folder.said(policy=IntakePolicy(max_batch=1)) == [("max_batch", CSV)]
    folder.request += "max_batch: 1\n"
    assert folder.said() == [("max_batch", CSV)]


def test_defaults_fill_empty_cells(folder: t.Any) -> None:
    """R-DELIV-04, R-FORM-19: a default is written in the request, so it is approved with it."""
    folder.request += "defaults:\n  expires_in_hours: 24\n  quota_mb: 100\n"
    folder.header += ",quota_mb"
    folder.rows = [folder.row() + ",200", folder.row(local_part="lee", display_name="Lee Roy") + ","]
    rows = folder.write().load().rows
    assert [(row["quota_mb"], row["expires_in_hours"]) for row in rows] == [(200, 24), (100, 24)]
