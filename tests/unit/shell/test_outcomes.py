# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the audit callback reads from the journal is what a result would have listed (R-LOG-01, R-LOG-10)."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.callback.audit import CallbackModule
from ansible_collections.mailops.email.plugins.module_utils.engine.events import (
    audit_changes,
    intent_event,
    outcome_event,
)
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Plan, Result
from ansible_collections.mailops.email.plugins.plugin_utils.outcomes import outcomes

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
MINE, OTHER = "01KESH2VJ8Q4T6W9XBYC3D5F7G", "01KESH2VJ8Q4T6W9XBYC3D5F7H"


def operation(number: int) -> Operation:
    exception = {"reason": "r", "approver": "a", "expires_at": "2030-01-31T12:00:00Z"} if number == 1 else {}
    # A name that looks like the mark of another task is a name.
    note = {"state": "pending", "note": '"task_id":"%s"' % MINE}
    return Operation(
        number, "invite", "create", "u%d@example.com" % number, "invite.sent", None, note, exception=exception,
        delivery={"method": "one_time_setup_link", "rank": 1},
        collateral=[{"kind": "alias", "key": "a@example.com", "before": {}, "after": None}] if number == 2 else [],
    )  # fmt: skip


def write(folder: Path, task_id: str, results: list[Result]) -> str:
    context = Context("REQ-1", "acme", {}, "t", "run", NOW, run={"task_id": task_id})
    writer = JournalWriter(str(folder), "run", {"run": context.run})
    settled = {"action": "invite.sent", "phase": "outcome", "outcome": "success", "recovered": True, "intent_id": "x"}
    writer.append([settled])
    intents = writer.append([intent_event(context, one.operation, "key", 0, 1) for one in results])
    writer.append([outcome_event(context, one, intent["id"]) for one, intent in zip(results, intents, strict=True)])
    writer.close()
    return writer.path


def test_the_journal_says_what_the_result_would(tmp_path: Path) -> None:
    statuses = ["applied", "applied", "failed", "in_doubt", "unverified"]
    results = [Result(operation(number), status) for number, status in enumerate(statuses)]
    for result in results:
        if result.status in ("applied", "unverified"):
            result.after = {"state": "pending", "id": 7}
    write(tmp_path, OTHER, results[:2])
    path = write(tmp_path, MINE, results)
    write(tmp_path, OTHER, results[2:])
    report = Report(Plan("acme", "p@x", [one.operation for one in results]), results=results)
    assert list(outcomes(path, MINE)) == audit_changes(report)
    with open(path, "ab") as journal:
        journal.write(b'{"phase":"outcome","run":{"task_id":"%s"}' % MINE.encode())
    assert len(list(outcomes(path, MINE))) == 5, "a torn line is passed over"


def test_a_journal_that_is_gone_or_damaged_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(outcomes(str(tmp_path / "none"), MINE))
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"phase":"outcome","task_id":"%s"\n' % MINE.encode())
    with pytest.raises(ValueError, match="Expecting"):
        list(outcomes(str(path), MINE))


def test_the_callback_tells_how_many_it_could_not_find(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No object is lost silently: the audit file and the operator are told."""
    path = write(tmp_path, MINE, [Result(operation(0), "applied", {"state": "pending"})])
    audit = {"journal": path, "task_id": MINE, "unlisted": 1, "check_mode": False}
    callback = CallbackModule()
    assert [row["event"] for row in callback._from_journal(audit)] == ["object"]
    rows = callback._from_journal({**audit, "unlisted": 3})
    assert [row["event"] for row in rows] == ["object", "audit.incomplete"] and rows[-1]["missing"] == 2
    rows = callback._from_journal({**audit, "journal": path + ".gone"})
    assert [row["event"] for row in rows] == ["audit.incomplete"] and rows[0]["why"] == "No such file or directory"
    assert "2 objects have no event" in capsys.readouterr().err
