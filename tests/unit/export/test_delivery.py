# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sinks that break in every way: nothing is lost, and what comes twice has the same id."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest
from desk import Spool
from mailservers import Authority
from receivers import HttpReceiver, SyslogReceiver

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.plugin_utils.export import courier as courier_module
from ansible_collections.mailops.email.plugins.plugin_utils.export.http_sink import Http
from ansible_collections.mailops.email.plugins.plugin_utils.export.otlp_sink import Otlp
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Sink
from ansible_collections.mailops.email.plugins.plugin_utils.export.syslog_sink import Syslog

ULID = "01JJQ8ZKAAAAAAAAAAAAAAAA%02d"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Two runs of earlier, one of now."""
    made = Spool(tmp_path)
    made.write("earlier", 7)
    made.write("own", 5)
    made.tell("own", ULID % 1, ULID % 2)
    return made


def small(sink: Sink, events: int = 3) -> Sink:
    sink.events = events
    return sink


def ids(receiver: HttpReceiver) -> list[str]:
    return [event["id"] for event in receiver.events]


def test_all_of_it_in_order_and_only_once(spool: Spool) -> None:
    """This run's events first, then what others have left; the second delivery has nothing to do."""
    with HttpReceiver() as receiver:
        done = spool.deliver(small(Http(receiver.url)))
        assert (done.delivered, done.left(), done.error) == (14, 0, "")
        assert ids(receiver) == spool.ids[12:] + spool.ids[7:12] + spool.ids[:7]
        assert spool.deliver(Http(receiver.url)).delivered == 0
        spool.write("own", 2)
        assert spool.deliver(Http(receiver.url)).delivered == 2 and ids(receiver)[-2:] == spool.ids[-2:]
        other = spool.deliver(Http(receiver.url + "/other"))
        assert other.delivered == 16, "another address has had nothing yet"
    for path in [*spool.audit.rglob("*"), *spool.journal.rglob("*")]:
        if ".export" in str(path) or "/export" in str(path):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    ("faults", "twice"),
    [
        (["reset"], False),
        (["reset", "reset", 503], False),
        (["cut"], True),
        ([429, 200, 429], False),
        ([500, 502, 504, 200, 408], False),
        (["cut", "cut", 200, "cut"], True),
    ],
)
def test_http_that_breaks_is_asked_again(spool: Spool, faults: list[str | int], twice: bool) -> None:
    """An answer that was lost after the receiver had taken the batch is the only reason for a second one, with the same key."""
    with HttpReceiver() as receiver:
        receiver.faults, receiver.retry_after = list(faults), "0"
        done = spool.deliver(small(Http(receiver.url)), seconds=20)
        assert done.left() == 0 and not done.error and not receiver.faults
        found = ids(receiver)
        assert set(found) == set(spool.ids) and (len(found) > len(spool.ids)) == twice
        keys: dict[bytes, set[str]] = {}
        for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
            keys.setdefault(body, set()).add(headers["idempotency-key"])
        assert all(len(one) == 1 for one in keys.values()), "one batch, one key"


def test_http_that_takes_a_batch_and_never_answers(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "TRY", 0.5)
    with HttpReceiver() as receiver:
        receiver.faults = ["timeout"]
        done = spool.deliver(small(Http(receiver.url), 50), seconds=8)
        assert done.left() == 0 and len(receiver.bodies) == 3
        assert receiver.bodies[0] == receiver.bodies[1] and set(ids(receiver)) == set(spool.ids)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 301, 307])
def test_http_that_refuses_is_not_asked_over_and_over(spool: Spool, status: int) -> None:
    """Nor is anybody followed elsewhere, with the token in hand."""
    with HttpReceiver() as receiver:
        receiver.faults = [status] * 9
        start = time.monotonic()
        done = spool.deliver(Http(receiver.url), seconds=3)
        assert time.monotonic() - start < 3 and len(receiver.faults) == 8
        assert done.error == "it answers %d" % status and done.left() == 14
        receiver.faults = []
        assert spool.deliver(Http(receiver.url)).left() == 0


def test_http_that_wants_less_at_a_time(spool: Spool) -> None:
    with HttpReceiver() as receiver:
        receiver.faults = [413, 413, 200]
        assert spool.deliver(small(Http(receiver.url), 8)).left() == 0
        assert sorted(ids(receiver)) == sorted(spool.ids)
        assert [len(json.loads(body)) for body in receiver.bodies][:3] == [1, 2, 4]


def test_http_by_lines(spool: Spool) -> None:
    with HttpReceiver() as receiver:
        spool.deliver(Http(receiver.url, lines=True))
        lines = b"".join(receiver.bodies).splitlines()
        assert [json.loads(line)["id"] for line in lines] == spool.ids[12:] + spool.ids[7:12] + spool.ids[:7]
        assert receiver.headers[0]["content-type"] == "application/x-ndjson"


def test_syslog_that_dies_in_the_middle(spool: Spool) -> None:
    """TCP says nothing of what was read: a connection that did not end in order is sent again, whole."""
    with SyslogReceiver() as receiver:
        receiver.die_after = 4
        done = spool.deliver(Syslog(receiver.url), seconds=10)
        assert done.left() == 0 and receiver.connections == 3
        assert set(receiver.ids) == set(spool.ids) and len(receiver.ids) == 14 + 4


def test_syslog_that_reads_nothing(spool: Spool) -> None:
    """What lies in the kernel's buffer of a collector that hangs was not delivered."""
    with SyslogReceiver() as receiver:
        receiver.hang = True
        done = spool.deliver(Syslog(receiver.url), seconds=1)
        assert done.left() == 14 and done.error == "no answer in time"


@pytest.mark.parametrize("kind", [Syslog, Http])
def test_nobody_is_there(spool: Spool, kind: type[Syslog] | type[Http]) -> None:
    """Asked twice and no more, however much time there is: a run does not wait for a sink that is down."""
    with SyslogReceiver() as gone:
        port = gone.port
    sink = Syslog("tcp://127.0.0.1:%d" % port) if kind is Syslog else Http("http://127.0.0.1:%d/" % port)
    start = time.monotonic()
    done = spool.deliver(sink, seconds=20)
    assert time.monotonic() - start < 4 and done.error == "Connection refused" and done.left() == 14


def test_syslog_whole_and_by_reference(spool: Spool) -> None:
    """A message that is longer than the collector takes has what names the event, and stays in the limit."""
    with SyslogReceiver() as receiver:
        spool.deliver(Syslog(receiver.url, limit=480, enterprise=4711))
        assert all(len(one) <= 480 or b'"truncated":true' in one for one in receiver.raw)
        (row,) = [row for row in receiver.messages if row["sd"].startswith("[mailops@4711") and row["proc"] == "own"][
            :1
        ]
        assert row["pri"] == "110" and row["msgid"]
        digests = [row for row in receiver.messages if 'digest="sha256:' in row["sd"]]
        assert len(digests) == 12, "events of the journal have one"


@pytest.mark.parametrize("kind", ["syslog", "http", "otlp"])
def test_tls_is_verified(spool: Spool, tmp_path: Path, kind: str) -> None:
    """An authority that is not known, a certificate of another name, one that has run out: nothing is sent."""
    folder = tmp_path / "pki"
    (folder / "b").mkdir(parents=True)
    ours, strange = Authority(folder), Authority(folder / "b", "another")
    cases = [strange.server("127.0.0.1"), ours.server("siem.example"), ours.server("127.0.0.1", days=-1)]
    receiver: SyslogReceiver | HttpReceiver
    for context in [*cases, ours.server("127.0.0.1")]:
        with SyslogReceiver(context) if kind == "syslog" else HttpReceiver(context) as receiver:
            if kind == "otlp":
                pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
            sink = {"syslog": Syslog, "http": Http, "otlp": Otlp}[kind](receiver.url, ca=str(ours.path))  # type: ignore[operator]
            done = spool.deliver(sink, seconds=5)
            good = context not in cases
            assert (done.delivered, bool(done.error)) == ((14, False) if good else (0, True)), done.error
            if isinstance(receiver, SyslogReceiver):
                assert bool(receiver.messages) == good
            else:
                assert bool(receiver.bodies) == good


@pytest.mark.parametrize("fault", [503, 429, 301, 400, "reset", "cut"])
def test_otlp_that_breaks(spool: Spool, fault: str | int) -> None:
    """The exporter of the SDK takes a redirection for success; we do not."""
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    with HttpReceiver() as receiver:
        receiver.faults = [fault]
        receiver.retry_after = "0"
        final = fault in (301, 400)
        done = spool.deliver(Otlp(receiver.url), seconds=6)
        assert done.left() == (14 if final else 0), done.error
        assert spool.deliver(Otlp(receiver.url), seconds=6).left() == 0


def test_otlp_that_rejects_some(spool: Spool) -> None:
    """A partial success is none: its message is told, and all of it is sent again."""
    logs = pytest.importorskip("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
    with HttpReceiver() as receiver:
        answer = logs.ExportLogsServiceResponse()
        answer.partial_success.rejected_log_records = 2
        answer.partial_success.error_message = "too old"
        receiver.answer = answer.SerializeToString()
        done = spool.deliver(Otlp(receiver.url), seconds=3)
        assert done.error == "it rejected 2 events: too old" and done.left() == 14
        receiver.answer = b""
        assert spool.deliver(Otlp(receiver.url)).left() == 0


def test_killed_between_sending_and_remembering(spool: Spool) -> None:
    """A courier's process dies by SIGKILL at random moments, again and again: in the end everything is there, at least once."""
    with HttpReceiver() as receiver:
        for turn in range(12):
            spool.write("own", 20)
            pid = os.fork()
            if pid == 0:
                try:
                    spool.deliver(small(Http(receiver.url), 2), seconds=20)
                finally:
                    os._exit(0)
            time.sleep(0.02 + 0.01 * turn)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        assert spool.deliver(Http(receiver.url)).left() == 0
        found = ids(receiver)
        assert set(found) == set(spool.ids) and len(found) <= len(spool.ids) + 12 * 2


def test_runs_that_are_at_work_are_left_to_themselves(spool: Spool) -> None:
    """They send their own; when they are gone without it, the next one does."""
    spool.tell("earlier", ULID % 3)
    with open(spool.audit / "earlier.audit.jsonl", "rb") as file, HttpReceiver() as receiver:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert spool.deliver(Http(receiver.url)).delivered == 7
        fcntl.flock(file, fcntl.LOCK_UN)
        assert spool.deliver(Http(receiver.url)).delivered == 8
        assert sorted(ids(receiver)) == sorted(spool.ids)


def test_a_run_that_dies_while_ours_is_at_work(spool: Spool) -> None:
    """It was left to itself at our start, and at our end it is gone: what it did not send, we do."""
    spool.tell("earlier", ULID % 3)
    with HttpReceiver() as receiver:
        courier = spool.courier(Http(receiver.url))
        with open(spool.audit / "earlier.audit.jsonl", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            courier.start()
            assert courier.delivered_all(time.monotonic() + 5) and courier.delivered == 7
        courier.finish(time.monotonic() + 5)
        courier.join(6)
        assert courier.delivered == 15 and courier.left() == 0


def test_runs_that_are_done_are_looked_at_once(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One document says of all of them how far they are, so that a journal of years costs one look."""
    with HttpReceiver() as receiver:
        for number in range(30):
            spool.write("old-%02d" % number, 1)
        spool.deliver(Http(receiver.url))
        spool.write("later", 1)
        spool.deliver(Http(receiver.url), own="later")
        read: list[str] = []
        load = FileStore.load

        def watched(store: FileStore, path: str) -> bytes:
            read.append(path.rsplit("/", 1)[-1])
            return load(store, path)

        monkeypatch.setattr(FileStore, "load", watched)
        assert spool.deliver(Http(receiver.url), own="new").delivered == 0
        assert set(read) <= {"settled", "new.place", "own.place", "later.place"}
        assert len(ids(receiver)) == len(set(ids(receiver))) == len(spool.ids)


def test_a_line_that_is_no_event(spool: Spool) -> None:
    """It is told and passed over: it must not keep back what is behind it. A torn line is not there yet."""
    path = spool.journal / "own.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\xff nothing\n" + b"".join(lines[2:]) + lines[1][:20])
    with HttpReceiver() as receiver:
        done = spool.deliver(Http(receiver.url))
        assert done.damaged() == 1 and done.left() == 0 and len(ids(receiver)) == 13
        path.write_bytes(path.read_bytes()[:-20] + lines[1])
        assert spool.deliver(Http(receiver.url)).delivered == 1


def test_a_file_that_became_shorter(spool: Spool) -> None:
    """What is in it now is sent, though the place of the sink is behind its end: twice is better than not at all."""
    path = spool.audit / "own.audit.jsonl"
    with HttpReceiver() as receiver:
        spool.deliver(Http(receiver.url))
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0][:-9])
        assert spool.deliver(Http(receiver.url)).delivered == 0
        path.write_text("")
        spool.tell("own", ULID % 7)
        assert spool.deliver(Http(receiver.url)).delivered == 1 and ids(receiver)[-1] == ULID % 7


def test_places_that_cannot_be_kept(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full costs a second sending, and never an event."""

    def full(*dummy: object) -> None:
        raise OSError(28, "No space left on device")

    with HttpReceiver() as receiver:
        with monkeypatch.context() as patch:
            patch.setattr("ansible_collections.mailops.email.plugins.plugin_utils.export.feed.write_private", full)
            patch.setattr(
                "ansible_collections.mailops.email.plugins.module_utils.journal.file_store.write_private", full
            )
            assert spool.deliver(Http(receiver.url)).left() == 0
        assert spool.deliver(Http(receiver.url)).delivered == 14
        assert sorted(ids(receiver)) == sorted(spool.ids * 2)
