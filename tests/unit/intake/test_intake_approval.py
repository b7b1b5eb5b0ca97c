# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The approval and the git state: R-SCOPE-02, R-SCOPE-06, R-INTAKE-06, R-INTAKE-07, R-CSV-01, R-CSV-02, R-CONF-15."""

from __future__ import annotations

import hashlib
import pathlib
import subprocess
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.intake.approval import digest_of, request_digest
from ansible_collections.mailops.email.plugins.module_utils.intake.versioned import check_versioned
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

YML = "request.yml:"


def test_no_approval_prints_what_to_approve(folder: t.Any) -> None:
    """R-SCOPE-02, R-INTAKE-06: and the digest that is shown stays right once the block is appended."""
    folder.approval, block = "", folder.approval
    (found,) = folder.findings()
    assert (found.code, found.object) == ("approval_missing", YML + "/approval")
    digest = folder.load().digest
    assert digest in found.evidence
    folder.approval = block
    assert folder.findings() == []
    assert folder.load().digest == digest == request_digest(str(folder.path))


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("dana@example.org", "sam@example.org", "approver_is_requester", "/approval/approved_by"),
        ("dana@example.org", "SAM+x@example.org", "approver_is_requester", "/approval/approved_by"),
        ("  approved_by: dana@example.org\n", "", "value_missing", "/approval/approved_by"),
        ("dana@example.org", "somebody", "value_invalid", "/approval/approved_by"),
        ("  id: APR-1", "  id: APR-1\n  reviewed_by: sam@example.org", "reviewer_is_author", "/approval/reviewed_by"),
        ("2030-01-01T", "2026-02-28T", "approval_expired", "/approval/expires_at"),
        ("2026-02-01T", "2026-03-02T", "approval_not_yet_valid", "/approval/approved_at"),
        ("2030-01-01T00:00:00Z", "2030-01-01", "value_invalid", "/approval/expires_at"),
        ("2030-01-01T", "2030-02-30T", "time_invalid", "/approval/expires_at"),
        ("  rows: {rows}\n", "", "value_missing", "/approval/rows"),
        ("rows: {rows}", "rows: 3", "approval_rows_mismatch", "/approval/rows"),
        ("rows: {rows}", "rows: 1", "approval_rows_mismatch", "/approval/rows"),
        ("  digest: sha256:{digest}\n", "", "value_missing", "/approval/digest"),
        ("sha256:{digest}", "sha256:" + "0" * 64, "approval_digest_mismatch", "/approval/digest"),
        ("sha256:{digest}", "md5:abc", "value_invalid", "/approval/digest"),
    ],
)
def test_bad_approvals(folder: t.Any, old: str, new: str, code: str, path: str) -> None:
    """R-INTAKE-07, R-CSV-02, R-BULK-03: named, not the requester, running, for exactly this."""
    assert old in folder.approval
    folder.approval = folder.approval.replace(old, new)
    assert (code, YML + path) in folder.said()


def test_reviewer_may_be_another(folder: t.Any) -> None:
    """R-CSV-02: recorded, and not the author."""
    folder.approval = folder.approval.replace("  id: APR-1", "  id: APR-1\n  reviewed_by: mira@example.org")
    assert folder.findings() == []


@pytest.mark.parametrize(
    "tail",
    ["client2: x\n", "? later\n: x\n"],
)
def test_nothing_stands_behind_the_approval(folder: t.Any, tail: str) -> None:
    """R-SCOPE-06: what stands behind the block would not be approved."""
    folder.write()
    main = folder.path / "request.yml"
    main.write_text(main.read_text() + tail)
    assert "approval_not_last" in [one.code for one in folder.load().findings]
    with pytest.raises(Refused) as caught:
        request_digest(str(folder.path))
    assert caught.value.code == "approval_not_last"


@pytest.mark.parametrize("spelling", ['"approval":\n', "approval :\n", "? approval\n:\n"])
def test_the_line_is_plain(folder: t.Any, spelling: str) -> None:
    """R-SCOPE-06: where the block starts is one thing for YAML and for bytes."""
    folder.approval = folder.approval.replace("approval:\n", spelling, 1)
    assert "approval_not_last" in [one.code for one in folder.findings()]


def test_a_line_inside_a_text_is_not_the_block(folder: t.Any) -> None:
    """R-SCOPE-06: the digest follows the parsed key, not the first line that looks like it."""
    folder.request += (
        'defaults: {}\nexceptions:\n  - rule: delivery\n    approver: dana@example.org\n    reason: "x\napproval: y"\n'
    )
    folder.request += '    expires_at: "2029-01-01T00:00:00Z"\n'
    assert folder.findings() == []
    before = folder.load().digest
    folder.set("2029-01-01", "2029-01-02")
    assert folder.write().load().digest != before


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_digest_by_hand(folder: t.Any, mark: str, ending: str) -> None:
    """R-CONF-15: the documented formula, byte for byte, with a byte order mark and with CRLF."""
    folder.write()
    main, table = folder.path / "request.yml", folder.path / "mailboxes.csv"
    main.write_bytes((mark + main.read_text().replace("\n", ending)).encode())
    head = main.read_bytes()[: main.read_bytes().index(b"approval:")]
    body = table.read_bytes()
    parts = b"".join(len(part).to_bytes(8, "big") + part for part in (head, body))
    wanted = "sha256:" + hashlib.sha256(b"mailops-request-v1\n" + parts).hexdigest()
    assert request_digest(str(main)) == wanted == folder.load().digest


def test_every_byte_counts(folder: t.Any) -> None:
    """R-SCOPE-06: each single byte outside the approval block, changed, ends the approval."""
    folder.write()
    assert folder.load().findings == []
    for name in ("request.yml", "mailboxes.csv"):
        path = folder.path / name
        data = path.read_bytes()
        end = data.index(b"approval:") if name == "request.yml" else len(data)
        for place in range(end):
            path.write_bytes(data[:place] + bytes([data[place] ^ 0x01]) + data[place + 1 :])
            intake = folder.load()
            assert intake.findings, "%s, byte %d" % (name, place)
            assert intake.rows == []
            if intake.digest:
                assert "approval_digest_mismatch" in [one.code for one in intake.findings] or place >= end - 1
        path.write_bytes(data)
    assert folder.load().findings == []


@given(st.binary(max_size=40), st.binary(max_size=40), st.data())
def test_digest_separates(head: bytes, table: bytes, data: st.DataObject) -> None:
    """R-SCOPE-06: no byte can change, come, go, or move from one file to the other."""
    digest = digest_of(head, table)
    whole = head + table
    cut = data.draw(st.integers(0, len(whole)))
    if cut != len(head):
        assert digest_of(whole[:cut], whole[cut:]) != digest
    if head:
        place = data.draw(st.integers(0, len(head) - 1))
        flip = data.draw(st.integers(1, 255))
        assert digest_of(head[:place] + bytes([head[place] ^ flip]) + head[place + 1 :], table) != digest
    assert digest_of(head + b"\n", table) != digest != digest_of(head, table + b"\n")


def git(folder: pathlib.Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_versioned(folder: t.Any) -> None:
    """R-CSV-01: the commit is recorded; untracked, staged only, changed or hidden from git is refused."""
    folder.write()
    both = ["input_not_versioned", "input_not_versioned"]
    assert [one.code for one in folder.load(versioned=True).findings] == both
    git(folder.path, "init", "-q")
    assert [one.code for one in folder.load(versioned=True).findings] == both
    git(folder.path, "add", ".")
    assert [one.code for one in folder.load(versioned=True).findings] == both
    git(folder.path, "commit", "-qm", "request")
    intake = folder.load(versioned=True)
    assert (intake.findings, intake.git_commit) == ([], git(folder.path, "rev-parse", "HEAD"))
    first = intake.git_commit
    (folder.path / "other.txt").write_text("x")
    git(folder.path, "add", "other.txt")
    git(folder.path, "commit", "-qm", "elsewhere")
    assert folder.load(versioned=True).git_commit == first
    git(folder.path, "update-index", "--assume-unchanged", "mailboxes.csv")
    table = folder.path / "mailboxes.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    (found,) = check_versioned([str(table)])[1]
    assert found.object == "mailboxes.csv" and "differs" in found.evidence


def test_unversioned_by_exception(folder: t.Any) -> None:
    """R-CSV-01, R-GOAL-03: an exception that runs covers it; one that has ended does not."""
    folder.request += (
        "exceptions:\n  - rule: input_not_versioned\n    reason: Repository is being moved\n"
        '    approver: dana@example.org\n    expires_at: "2026-04-01T00:00:00Z"\n'
    )
    intake = folder.write().load(versioned=True)
    assert (intake.findings, intake.git_commit) == ([], "")
    folder.set("2026-04-01", "2026-02-01")
    codes = [one.code for one in folder.findings(versioned=True)]
    assert codes.count("input_not_versioned") == 2 and "exception_expired" in codes


def test_without_git(folder: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-CSV-01: no git is no proof."""
    folder.write()
    monkeypatch.setenv("PATH", str(folder.path))
    _commit, findings = check_versioned([str(folder.path / "request.yml")])
    assert [one.code for one in findings] == ["input_not_versioned"]
    assert "git cannot be run" in findings[0].evidence
