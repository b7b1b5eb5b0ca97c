# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of the callback, with real collectors: nothing is lost, and what comes twice is known by its id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from mailservers import Authority
from plays import plays
from project import ACTOR, Project, Run
from receivers import HttpReceiver, SyslogReceiver

from ansible_collections.mailops.email.plugins.plugin_utils.export.feed import AuditFiles

RUNBOOK = {"request_id", "actor", "action", "domain", "mailbox", "delivery", "tool_version", "timestamp"}


def made(name: str) -> list[Any]:
    return plays(
        ("mailbox", {"client": "acme", "address": name + "@example.com", "owner_email": name + "@home.example"})
    )


def audit_rows(project: Project) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in sorted(project.audit.glob("*.audit.jsonl"), key=lambda one: one.stat().st_mtime_ns):
        rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows


def to_be_sent(project: Project) -> set[str]:
    """Ids of all that a sink has to have: the journal, and of the callback's file what the journal does not tell."""
    ids = {event["id"] for event in project.events()}
    return ids | {row["id"] for row in audit_rows(project) if not row.get("in_journal")}


def run(project: Project, name: str, *arguments: str, **environment: str) -> Run:
    project.environment.update(environment)
    done = project.run(made(name), *arguments)
    assert done.rc == 0, done.output
    return done


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)


@pytest.mark.smoke
def test_all_three_at_once(project: Project, authority: Authority) -> None:
    """R-LOG-10: one run, three sinks, three forms; each has every event once, and nothing on disk is open to others."""
    token = "sink-token-4f1c9a7be2"
    with (
        SyslogReceiver(authority.server("127.0.0.1")) as syslog,
        HttpReceiver(authority.server("127.0.0.1")) as http,
        HttpReceiver() as otlp,
    ):
        done = run(
            project,
            "ann",
            MAILOPS_EXPORT_CA=str(authority.path),
            MAILOPS_EXPORT_SYSLOG_URL=syslog.url,
            MAILOPS_EXPORT_HTTP_URL=http.url,
            MAILOPS_EXPORT_HTTP_TOKEN=token,
            MAILOPS_EXPORT_HTTP_FORM="ocsf",
            MAILOPS_EXPORT_OTLP_URL=otlp.url,
            MAILOPS_EXPORT_OTLP_FORM="ecs",
            MAILOPS_EXPORT_REQUIRED="syslog,http,otlp",
        )
        wanted = to_be_sent(project)
        assert len(wanted) == 2 + 3, "intent and outcome; start, task and end"
        assert "degraded" not in done.output and token not in done.output
        assert sorted(syslog.ids) == sorted(wanted)
        for row in syslog.messages:
            assert (row["app"], row["pri"], row["proc"]) == ("mailops", "110", row["event"].get("stream", row["proc"]))
            assert RUNBOOK < set(row["event"]) and row["msgid"] == row["event"]["action"]
        told = next(row["event"] for row in syslog.messages if row["event"]["phase"] == "outcome")
        assert told["mailbox"] == "ann@example.com" and told["actor"] == ACTOR and told["outcome"] == "success"
        assert sorted(event["metadata"]["uid"] for event in http.events) == sorted(wanted)
        assert {headers["authorization"] for headers in http.headers} == {"Bearer " + token}
        assert sorted(record["mailops.id"] for record in otlp_records(otlp)) == sorted(wanted)
        # The next run sends what is new, and nothing again.
        run(project, "ann")
        assert sorted(syslog.ids) == sorted(to_be_sent(project))
        assert sorted(event["metadata"]["uid"] for event in http.events) == sorted(syslog.ids)
    for path in [*project.audit.rglob("*"), *project.journal.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or token.encode() not in path.read_bytes()


def otlp_records(receiver: HttpReceiver) -> list[dict[str, Any]]:
    """Attributes, body and the like of each log record that arrived."""
    logs_service = pytest.importorskip("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
    found = []
    for body in receiver.bodies:
        request = logs_service.ExportLogsServiceRequest.FromString(body)
        for resource in request.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    row = {one.key: _value(one.value) for one in record.attributes}
                    row.update(time=record.time_unix_nano, severity=record.severity_number, body=_value(record.body))
                    found.append(row)
    return found


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return {one.key: _value(one.value) for one in value.kvlist_value.values}
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind) if kind else None


def test_a_dead_sink_costs_nothing_and_gets_everything_later(project: Project) -> None:
    """The run takes no second longer than its budget and says which sink is degraded; the next run delivers for both."""
    with SyslogReceiver() as gone:
        port, url = gone.port, gone.url
    plain = time.monotonic()
    run(project, "zoe")
    plain = time.monotonic() - plain
    start = time.monotonic()
    done = run(project, "ann", MAILOPS_EXPORT_SYSLOG_URL=url, MAILOPS_EXPORT_BUDGET="2")
    assert time.monotonic() - start < plain + 5
    assert "The sink syslog (%s) is degraded: Connection refused" % url in " ".join(done.output.split()), done.output
    assert [row["sink"] for row in audit_rows(project) if row["event"] == "audit.sink_degraded"] == ["syslog"]
    before = to_be_sent(project)
    with SyslogReceiver(port=port) as back:
        done = run(project, "bea")
        assert "degraded" not in done.output
        assert sorted(back.ids) == sorted(to_be_sent(project)) and before < set(back.ids)
        degraded = [row for row in back.messages if row["msgid"] == "audit.sink_degraded"]
        assert [row["pri"] for row in degraded] == ["108"], "the collector is told that it was away"


def test_a_required_sink(project: Project) -> None:
    """Nothing is run without it; and what it misses at the end is exit code 78."""
    with HttpReceiver() as gone:
        port = gone.port
    project.environment.update(
        MAILOPS_EXPORT_HTTP_URL="http://127.0.0.1:%d/in" % port,
        MAILOPS_EXPORT_REQUIRED="http",
        MAILOPS_EXPORT_BUDGET="1",
    )
    refused = project.run(made("ann"))
    assert refused.rc == 77 and not refused.tasks and project.sandbox.writes() == 0
    assert "The required sink http" in refused.output and "Nothing was run." in refused.output
    with HttpReceiver(port=port) as sink:
        run(project, "ann")
        sink.faults = [200] + [503] * 50
        late = project.run(made("bea"))
        assert late.rc == 78 and late.tasks[0]["result"]["applied"], late.output
    with HttpReceiver(port=port) as sink:
        run(project, "cleo")
        assert set(to_be_sent(project)) >= {event["id"] for event in sink.events}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"MAILOPS_EXPORT_SYSLOG_URL": "udp://127.0.0.1:514"}, "nothing for an audit"),
        ({"MAILOPS_EXPORT_SYSLOG_URL": "/dev/log"}, "nothing for an audit"),
        ({"MAILOPS_EXPORT_HTTP_URL": "http://siem.example/in"}, "in clear"),
        ({"MAILOPS_EXPORT_REQUIRED": "otlp"}, "not switched on"),
    ],
)
def test_options_that_make_no_sense(project: Project, options: dict[str, str], words: str) -> None:
    project.environment.update(options)
    done = project.run(made("ann"))
    assert done.rc == 77 and not done.tasks and words in " ".join(done.output.split()), done.output


def test_killed_and_delivered_by_the_exporter_or_by_the_next_run(project: Project) -> None:
    """SIGKILL to ansible-playbook alone: the process beside it sends what is there and ends. SIGKILL to the whole group: the
    next run sends it. Nothing is lost, and nothing stays behind."""
    held = {"name": "Held", "ansible.builtin.wait_for": {"timeout": 3}}
    with HttpReceiver() as sink:
        project.environment.update(MAILOPS_EXPORT_HTTP_URL=sink.url, MAILOPS_EXPORT_BUDGET="5")
        for name, group in (("ann", False), ("bea", True)):
            book = made(name)
            book[0]["tasks"].append(held)
            (project.folder / "killed.yml").write_text(yaml.safe_dump(book))
            before = len(project.events())
            process = subprocess.Popen(
                [sys.executable, "-m", "ansible", "playbook", "killed.yml"],
                env=project.env(),
                cwd=project.folder,
                start_new_session=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            until(lambda count=before: len(project.events()) == count + 2)
            if group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.communicate()
            if not group:
                # The task that was at work lives on for its three seconds.
                until(lambda: to_be_sent(project) <= {event["id"] for event in sink.events}, 15)
            assert len(project.events()) == before + 2
        # A worker of ansible-playbook has a group of its own, and lives on for its three seconds too.
        files = AuditFiles(str(project.audit))
        until(lambda: not any(files.alive(one) for one in files.ends()), 15)
        done = run(project, "cleo")
        assert "degraded" not in done.output
        assert {event["id"] for event in sink.events} == to_be_sent(project)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_two_runs_at_once_send_their_own(project: Project) -> None:
    """Neither takes the other's events for left behind; each is sent once."""
    with HttpReceiver() as sink:
        project.environment["MAILOPS_EXPORT_HTTP_URL"] = sink.url
        processes = []
        for name in ("ann", "bea"):
            path = project.folder / (name + ".yml")
            book = made(name)
            book[0]["tasks"].append({"name": "Held", "ansible.builtin.wait_for": {"timeout": 2}})
            path.write_text(yaml.safe_dump(book))
            command = [sys.executable, "-m", "ansible", "playbook", str(path)]
            environment = {**project.env(), "RESULTS_FILE": str(path) + ".results"}
            processes.append(
                subprocess.Popen(command, env=environment, cwd=project.folder, stdout=subprocess.PIPE, text=True)
            )
        for process in processes:
            output, dummy = process.communicate(timeout=60)
            assert process.returncode == 0 and "degraded" not in output, output
        assert sorted(event["id"] for event in sink.events) == sorted(to_be_sent(project))


def test_people_leave_as_pseudonyms(project: Project) -> None:
    """The journal keeps who owns what; what leaves has a pseudonym that the key's holder can compute."""
    keys = project.folder / "keys"
    with HttpReceiver() as sink:
        run(
            project,
            "ann",
            MAILOPS_EXPORT_HTTP_URL=sink.url,
            MAILOPS_EXPORT_FORM="ecs",
            MAILOPS_EXPORT_PSEUDONYM_DIR=str(keys),
        )
        text = json.dumps(sink.events)
        assert "home.example" not in text and "ann@example.com" in text and '"recipient": "h:' in text
    assert [path.name for path in keys.iterdir()] == ["acme.key"]
    assert any("ann@home.example" in path.read_text() for path in project.journal.glob("*.jsonl"))
