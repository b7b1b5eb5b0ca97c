# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process beside a run: told over a pipe, ended with the run, and never waited for longer than its time."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from desk import Spool
from receivers import HttpReceiver

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.plugin_utils.export import exporter as exporter_module
from ansible_collections.mailops.email.plugins.plugin_utils.export.exporter import Exporter
from ansible_collections.mailops.email.plugins.plugin_utils.export.outbound import Outbound
from ansible_collections.mailops.email.plugins.plugin_utils.export.settings import Settings, settings_of

DEFAULTS: dict[str, Any] = {
    "syslog_max_size": 8192,
    "syslog_enterprise_id": 32473,
    "export_form": "runbook",
    "export_ocsf_version": "1.8.0",
    "export_budget": 3.0,
    "required_sinks": [],
    "http_lines": False,
}


def settings(**options: Any) -> Settings:
    return settings_of({**DEFAULTS, **options}.get)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path)
    made.write("own", 4)
    return made


def exporter(spool: Spool, url: str, **more: Any) -> Exporter:
    made = Exporter(settings(http_url=url, **more), str(spool.audit), "own")
    made.start()
    return made


def test_it_sends_while_the_run_goes_on(spool: Spool) -> None:
    """What a task's journal has is sent long before the end; at the end only the rest is."""
    with HttpReceiver() as receiver:
        made = exporter(spool, receiver.url)
        made.journal(str(spool.journal / "own.jsonl"))
        ends = time.monotonic() + 10
        while len(receiver.events if receiver.bodies else []) < 4:
            assert time.monotonic() < ends
            time.sleep(0.05)
        spool.write("own", 3)
        (found,) = made.finish(5)
        assert (found.delivered, found.left, found.error) == (7, 0, "")
        assert sorted(event["id"] for event in receiver.events) == sorted(spool.ids)
    with pytest.raises(ProcessLookupError):
        os.kill(_pid_of(made) or 2**22, 0)


def _pid_of(made: Exporter) -> int:
    return made._pid


def test_one_that_is_gone_or_stuck_is_not_waited_for(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed, or stopped: the run goes on within seconds, and knows that it has had no answer."""
    monkeypatch.setattr(exporter_module, "_GRACE", 0.5)
    with HttpReceiver() as receiver:
        for number in (signal.SIGKILL, signal.SIGSTOP):
            made = exporter(spool, receiver.url)
            os.kill(_pid_of(made), number)
            made.journal(str(spool.journal / "own.jsonl"))
            start = time.monotonic()
            (found,) = made.finish(0.5)
            assert time.monotonic() - start < 3 and found.error == "the exporter has not answered"
            assert _pid_of(made) == 0


def test_it_ends_with_the_run_and_holds_nothing_of_it(spool: Spool) -> None:
    """The run's process dies without a word: what there is is sent, and the lock that tells of the run is free before that."""
    lock = spool.audit / "own.audit.jsonl"
    lock.touch()
    with HttpReceiver() as receiver:
        receiver.faults = [503] * 2
        pid = os.fork()
        if pid == 0:
            try:
                handle = os.open(lock, os.O_RDWR)
                fcntl.flock(handle, fcntl.LOCK_EX)
                made = Exporter(settings(http_url=receiver.url), str(spool.audit), "own", handle)
                made.start()
                made.journal(str(spool.journal / "own.jsonl"))
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
        ends = time.monotonic() + 20
        while not _free(lock):
            assert time.monotonic() < ends, "the exporter is still there"
            time.sleep(0.005)
        assert not receiver.bodies, "the exporter had the lock while it sent"
        while not receiver.bodies:
            assert time.monotonic() < ends, "nothing was sent"
            time.sleep(0.05)
        assert sorted(event["id"] for event in receiver.events) == sorted(spool.ids)


def _free(lock: Path) -> bool:
    with open(lock, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_library_that_is_missing(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said at the start with the line to install it; it stops a run only where the sink is required."""
    name = "ansible_collections.mailops.email.plugins.plugin_utils.export.settings._installed"
    monkeypatch.setattr(name, lambda module: not module.startswith("opentelemetry"))
    options = {**DEFAULTS, "otlp_url": "http://127.0.0.1:9/v1/logs", "export_budget": 0.3}
    outbound = Outbound(options.get, str(spool.audit), "own")
    events, sentences = outbound.start()
    assert events[0]["event"] == "audit.sink_degraded" and "pip install 'opentelemetry-sdk>=1.39'" in sentences[0]
    outbound.finish()
    assert not outbound.required_failed
    with pytest.raises(Refused) as found:
        Outbound({**options, "required_sinks": ["otlp"]}.get, str(spool.audit), "own").start()
    assert found.value.code == "library_missing" and "pip install" in found.value.hint


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"syslog_url": "udp://siem.example"}, "syslog_url"),
        ({"syslog_url": "unix:///dev/log"}, "syslog_url"),
        ({"syslog_url": "siem.example:6514"}, "syslog_url"),
        ({"syslog_url": "tls://user@siem.example"}, "syslog_url"),
        ({"syslog_url": "tls://siem.example:port"}, "syslog_url"),
        ({"syslog_url": "tls://siem.example", "syslog_max_size": 100}, "syslog_max_size"),
        ({"syslog_url": "tls://siem.example", "export_ca": "/nowhere.pem"}, "export_tls"),
        ({"http_url": "http://siem.example/in"}, "http_url"),
        ({"http_url": "https://siem.example/in", "export_ca": "/nowhere.pem"}, "export_tls"),
        ({"http_url": "https://siem.example/in", "http_token_file": "/nowhere"}, "http_token_file"),
        ({"otlp_url": "https://token@collector.example/v1/logs"}, "otlp_url"),
        ({"export_ocsf_version": "newest"}, "export_ocsf_version"),
        ({"required_sinks": ["http"]}, "required_sinks"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as found:
        settings(**options)
    assert found.value.code == code and found.value.hint


def test_tokens_come_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """And are known, so that no line that leaves can hold one; what is shown of the settings has none."""
    path = tmp_path / "token"
    path.write_text("from-the-file-1\n")
    made = settings(http_url="https://siem.example/in", http_token="from-the-environment", http_token_file=str(path))
    assert "from-the-file-1" in made.secrets and "from-the-environment" not in made.secrets
    assert "from-the-file-1" not in repr(made)
    assert settings(http_url="https://siem.example/in", http_token="from-the-environment").secrets[-1].endswith("ment")
