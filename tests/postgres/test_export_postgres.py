# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of a journal that is in PostgreSQL, from containers of which nothing else is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from database import Database
from project import Project
from receivers import HttpReceiver
from truth import faults, onboard, people


def test_what_a_container_did_not_send_the_next_one_does(project: Project, database: Database, tmp_path: Path) -> None:
    """How far a sink has come is kept with the journal: a new container sends what is left, and nothing of it again."""
    project.environment["MAILOPS_JOURNAL_URL"] = database.url()
    database.sql("GRANT mailops_journal_writer TO controller")
    store = database.store(tmp_path / "reader")
    with HttpReceiver() as sink:
        port = sink.port
        project.environment.update(MAILOPS_EXPORT_HTTP_URL=sink.url, MAILOPS_EXPORT_BUDGET="5")
        assert project.run(onboard(people("ann"))).rc == 0
        first = {event["id"] for event in store.all_events()}
        assert len(first) == 2 and first <= {event["id"] for event in sink.events}
    shutil.rmtree(project.audit)
    shutil.rmtree(project.journal, ignore_errors=True)
    gone = project.run(onboard(people("bob")))
    assert gone.rc == 0 and "Connection refused" in gone.output, gone.output
    shutil.rmtree(project.audit)
    with HttpReceiver(port=port) as sink:
        done = project.run(onboard(people("cleo")))
        assert done.rc == 0 and "degraded" not in done.output, done.output
        sent = [event["id"] for event in sink.events if event["phase"] in ("intent", "outcome")]
        assert sorted(sent) == sorted({event["id"] for event in store.all_events()} - first)
    documents = int(database.sql("SELECT count(*) FROM mailops_journal.document"))
    assert documents < 20, "a place is not kept for each batch"
    store.close()


def test_what_is_in_doubt_in_a_database(project: Project, database: Database) -> None:
    """Named at the end of the run, and by the next container, which knows nothing but the database."""
    project.environment["MAILOPS_JOURNAL_URL"] = database.url()
    database.sql("GRANT mailops_journal_writer TO controller")
    rows = people("ann")
    with faults(project, {"kind": "reset", "when": "after_commit", "method": "POST", "times": 50}):
        first = project.run(onboard(rows))
    assert "In doubt: invite.sent ann@example.com" in " ".join(first.output.split()), first.output
    shutil.rmtree(project.audit)
    again = project.run(onboard(rows))
    assert "In doubt since an earlier run: invite.sent ann@example.com" in " ".join(again.output.split()), again.output
    assert "In doubt" not in project.run(onboard(rows)).output
