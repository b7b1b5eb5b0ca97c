# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs whose journal is in PostgreSQL: in containers that are thrown away, on two controllers, over dead databases."""

from __future__ import annotations

import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from database import PASSWORD, Database
from plays import plays, soon
from project import ROOT, Project
from sandboxlib import Sandbox
from truth import onboard, people, says, violations

REQUEST = str(ROOT / "requests" / "REQ-2026-001")
WHOLE = {"timeout": 10, "deadline": 60}


class Controller(Project):
    """A controller with folders of its own and a journal that it shares."""

    def __init__(self, folder: Path, sandbox: Sandbox, database: Database) -> None:
        folder.mkdir()
        super().__init__(folder, sandbox)
        self.database = database
        self.environment["MAILOPS_JOURNAL_URL"] = database.url()

    def events(self) -> list[dict[str, Any]]:
        store = self.database.store(self.folder)
        found = sorted(store.all_events(), key=lambda event: (event["timestamp"], event["stream"], event["seq"]))
        store.close()
        return found

    def audited(self) -> list[dict[str, Any]]:
        """Events of the callback, of all runs."""
        lines = [line for path in sorted(self.audit.glob("*.jsonl")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]


Make = Callable[[str], Controller]


@pytest.fixture
def controller(tmp_path: Path, own_sandbox: Sandbox, database: Database) -> Make:
    own_sandbox.domain("example.com")
    own_sandbox.domain("example.net")
    own_sandbox.ours("POST", "/writes:reset")
    return lambda name: Controller(tmp_path / name, own_sandbox, database)


def sound(database: Database, folder: Path) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    verdict, files = database.verdict(folder)
    assert verdict in ("ok", "recovered"), files
    return files


def events_in(database: Database) -> int:
    return int(database.sql("SELECT count(*) FROM mailops_journal.event"))


def test_onboarding_with_the_journal_in_postgres(controller: Make, database: Database, tmp_path: Path) -> None:
    """R-GOAL-01, R-PIPE-01, R-LOG-01: dry run, apply, again, dry run, each in a container of its own: nothing but the
    database is kept. The password is nowhere."""
    here = controller("here")
    database.sql("GRANT mailops_journal_writer TO controller")
    applied = here.prove("mailops.email.onboard", "-e", "request=" + REQUEST, "-vvv")
    assert len(applied.result("Bring the mailboxes to their owners")["applied"]) == 12
    assert not list(here.journal.glob("*.jsonl")) and not (here.journal / "runs.index").exists()
    assert events_in(database) == 24
    result = applied.result("Bring the mailboxes to their owners")
    assert result["audit"]["journal"].startswith(database.place + "#")
    files = sound(database, tmp_path / "export")
    assert [one["lines"] for name, one in files.items() if name != "runs.index"] == [24]
    texts = [applied.output] + [path.read_text(errors="replace") for path in here.folder.rglob("*") if path.is_file()]
    assert not [text for text in texts if PASSWORD in text]

    # A new container knows who was invited, and asks again for nobody.
    there = controller("there")
    writes = there.sandbox.writes()
    again = there.run("mailops.email.onboard", "-e", "request=" + REQUEST)
    assert again.rc == 0 and not again.changed and there.sandbox.writes() == writes, again.output
    trail = there.run(plays(("audit_info", {"request_id": "REQ-2026-001"})))
    assert trail.rc == 0, trail.output
    assert trail.tasks[-1]["result"]["matched"] == 12 and not trail.tasks[-1]["result"]["in_doubt"]


def test_long_lists_reach_the_audit_file_through_the_database(controller: Make) -> None:
    """R-LOG-10: what a result is too short to list is read from the journal, if the callback knows its URL; else the
    result lists it."""
    here = controller("here")
    here.environment["MAILOPS_MAX_LISTED"] = "5"
    rows = people(*("u%d" % number for number in range(12)))
    run = here.run(onboard(rows, **WHOLE))
    assert run.rc == 0 and "applied" not in run.tasks[-1]["result"], run.output
    assert [one["event"] for one in here.audited()].count("object") == 12
    assert not [
        one for one in here.audited() if one["event"] in ("audit.incomplete", "audit.in_doubt", "audit.unrecorded")
    ]

    url = here.environment.pop("MAILOPS_JOURNAL_URL")
    more = people(*("v%d" % number for number in range(12)))
    run = here.run(onboard(more, journal_url=url, **WHOLE))
    result = run.tasks[-1]["result"]
    assert run.rc == 0 and result["audit"]["journal"] == here.database.place + "#" + result["audit"]["run_id"], (
        run.output
    )
    assert [one["event"] for one in here.audited()].count("object") == 24
    assert PASSWORD not in run.output + json.dumps(result)


def test_a_worker_that_is_killed_is_finished_by_another_controller(
    controller: Make, database: Database, tmp_path: Path
) -> None:
    """R-LOG-18: SIGKILL of all processes of a run; a container elsewhere settles what is in doubt and finishes the rest."""
    here, there = controller("here"), controller("there")
    rows = [
        row
        for turn in range(9)
        for row in people(*("u%d-%d" % (turn, n) for n in range(5)), expires_in_hours=24 + turn)
    ]
    here.sandbox.ours("PUT", "/latency", {"ms": 60})
    for at in (7, 33, 61):
        kill_at(here, onboard(rows, concurrency=2, **WHOLE), at)
        assert violations(there, rows, settled=False) == []
    assert 0 < len(here.sandbox.ours("GET", "/state")["invites"]) <= 45
    finish = there.run([*onboard(rows, **WHOLE), *onboard(rows, **WHOLE)])
    assert finish.rc == 0, finish.output
    assert finish.tasks[-1]["result"]["plan"] == [] and set(finish.tasks[-1]["result"]["requests"]) == {"GET"}
    assert violations(there, rows) == []
    sound(database, tmp_path / "export")


def kill_at(project: Controller, play: list[Any], at: int) -> None:
    """Run the play and kill it with all that it has started when the journal has *at* events."""
    path = project.folder / "killed.yml"
    path.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", str(path)]
    with open(project.folder / "killed.log", "wb") as log:
        process = subprocess.Popen(
            command, env=project.env(), cwd=project.folder, stdout=log, stderr=log, start_new_session=True
        )
        watch = project.database.store(project.folder)
        while process.poll() is None and sum(watch.ends().values()) < at:
            time.sleep(0.002)
        watch.close()
        doomed = {process.pid}
        while more := {int(one) for pid in doomed for one in children(pid)} - doomed:
            doomed |= more
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()


def children(pid: int) -> list[str]:
    try:
        return Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split()
    except FileNotFoundError:
        return []


def test_two_controllers_share_locks_and_freezes(controller: Make, database: Database, tmp_path: Path) -> None:
    """R-IRB-A1: two folders, one database. Of two runs of one client the second waits and finds all done; what one
    controller has frozen, the other refuses."""
    here, there = controller("here"), controller("there")
    here.sandbox.ours("PUT", "/latency", {"ms": 300})
    rows = people(*("u%d" % number for number in range(30)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [run.result() for run in [pool.submit(one.run, onboard(rows, **WHOLE)) for one in (here, there)]]
    assert [run.rc for run in runs] == [0, 0], [run.output for run in runs]
    assert sorted(len(run.result("mailbox")["applied"]) for run in runs) == [0, 30]
    assert len(here.sandbox.ours("GET", "/outbox")["data"]) == 30
    here.sandbox.ours("PUT", "/latency", {"ms": 0})

    freeze = {
        "client": "acme",
        "scope": "client",
        "request_id": "INC-1",
        "reason": "An incident",
        "expires_at": soon(4),
    }
    assert here.run(plays(("freeze", freeze))).rc == 0
    writes = here.sandbox.writes()
    refused = there.run(onboard(people("eve"), **WHOLE))
    says(refused, "An incident", "INC-1")
    assert refused.tasks[-1]["result"]["failed_items"][0]["code"] == "frozen" and there.sandbox.writes() == writes
    lift = {name: value for name, value in freeze.items() if name != "expires_at"}
    assert there.run(plays(("freeze", {**lift, "state": "absent", "reason": "over"}))).rc == 0
    assert here.run(onboard(people("eve"), **WHOLE)).rc == 0
    assert {one["holder"] for one in locks(database)} >= {"dana@agency.example"}
    sound(database, tmp_path / "export")


def locks(database: Database) -> list[dict[str, str]]:
    rows = database.sql("SELECT holder FROM mailops_journal.lock_taken").splitlines()
    return [{"holder": json.loads(row)["actor"]} for row in rows]


def test_a_dead_database_changes_nothing(controller: Make, database: Database, tmp_path: Path) -> None:
    """R-LOG-18: not there, no such role, no tables: an error that says what to do, and no write at the provider."""
    here = controller("here")
    rows = people("ann")
    good = here.environment["MAILOPS_JOURNAL_URL"]
    for url, words in (
        (
            "postgresql://controller:%s@127.0.0.1:1/none" % PASSWORD,
            ("postgresql:127.0.0.1:1/none", "MAILOPS_JOURNAL_URL"),
        ),
        (database.url(password="wrong-" + PASSWORD), (database.place, "password authentication failed")),
        (database.url("auditor"), (database.place, "permission denied", "journal.sql")),
        (good.rpartition("/")[0] + "/postgres", ("journal.sql",)),
        ("mysql://u:%s@h/d" % PASSWORD, ("no URL of a PostgreSQL database",)),
    ):
        here.environment["MAILOPS_JOURNAL_URL"] = url
        run = here.run(onboard(rows, **WHOLE))
        says(run, *words)
        assert PASSWORD not in run.output and here.sandbox.writes() == 0
        says(here.run(plays(("audit_info", {"address": "ann@example.com"}))), *words) if "auditor" not in url else None
    here.environment["MAILOPS_JOURNAL_URL"] = good
    assert here.run(onboard(rows, **WHOLE)).rc == 0
    assert violations(here, rows) == []


def test_a_server_that_is_killed_under_a_run(controller: Make, database: Database, tmp_path: Path) -> None:
    """R-LOG-18: started again within the patience, the run goes on as if nothing had been; kept down, it stops, says so,
    and another run finishes."""
    here = controller("here")
    here.sandbox.ours("PUT", "/latency", {"ms": 150})
    for back in (True, False):
        rows = [
            row
            for turn in range(6)
            for row in people(*("%s%d-%d" % ("uv"[back], turn, n) for n in range(5)), expires_in_hours=24 + turn)
        ]
        start = events_in(database)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(here.run, onboard(rows, concurrency=1, **WHOLE))
            while events_in(database) < start + 15:
                assert not running.done(), running.result().output
                time.sleep(0.02)
            database.server.kill()
            if back:
                time.sleep(1)
                database.server.again()
            run = running.result()
        if back:
            assert run.rc == 0 and len(run.tasks[-1]["result"]["applied"]) == 30, run.output
            assert violations(here, rows) == []
            continue
        result = says(run, "journal_not_writable", database.place, "not attempted")
        assert result["not_attempted"] and 0 < len(result["applied"]) < 30
        made = here.sandbox.writes()
        database.server.again()
        assert violations(here, rows, settled=False) == []
        assert here.run(onboard(rows, **WHOLE)).rc == 0 and here.sandbox.writes() > made
        assert violations(here, rows) == []
    sound(database, tmp_path / "export")


def test_a_request_is_taken_back_on_another_controller(controller: Make, database: Database, tmp_path: Path) -> None:
    """R-RBK-01, R-RBK-03: what one container has done, another takes back from the database alone; the evidence is there."""
    here, there = controller("here"), controller("there")
    domain = here.sandbox.get("/domains").json()["data"][0]["id"]
    for name in ("ann", "ben"):
        here.sandbox.mailbox(domain, name)
    ann, ben = (one["email"] for one in here.sandbox.ours("GET", "/state")["mailboxes"])
    common = {"client": "acme", "request_id": "REQ-2026-009"}
    forward = {"address": ben, "targets": [ann], "owner": "b@home.example", "purpose": "Leave", "expires_at": soon(99)}
    done = here.run(
        plays(("mailbox", {"address": ann, "state": "suspended", **common}), ("forward", {**forward, **common}))
    )
    assert done.rc == 0 and [one["login_suspended"] for one in boxes(here)] == [True, False], done.output
    assert here.sandbox.ours("GET", "/state")["forwards"]
    shutil.rmtree(here.folder)

    why = json.dumps({"rollback_unverified_because": "No mail is served here", "request_id": "REQ-2026-009"})
    back = ("mailops.email.rollback", "-e", why)
    taken = there.run(*back)
    assert taken.rc == 0, taken.output
    assert [one["login_suspended"] for one in boxes(there)] == [False, False]
    assert not there.sandbox.ours("GET", "/state")["forwards"]
    writes = there.sandbox.writes()
    again = there.run(*back)
    assert again.rc == 0 and there.sandbox.writes() == writes, again.output
    kept = database.sql("SELECT DISTINCT split_part(path, '/', 1) FROM mailops_journal.document").split()
    assert "evidence" in kept and not list(there.journal.glob("*.jsonl")) and not (there.journal / "evidence").exists()
    sound(database, tmp_path / "export")
    assert list((tmp_path / "export" / "evidence").rglob("*.json"))


def boxes(project: Project) -> list[dict[str, Any]]:
    return list(project.sandbox.ours("GET", "/state")["mailboxes"])
