# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every store does, tried on files and on PostgreSQL (R-LOG-01, R-LOG-18, R-IRB-A1)."""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from database import Database

from ansible_collections.mailops.email.plugins.module_utils.engine import lock
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.journal import known_good, postgres_reader
from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, event_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.query import Question, ask
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import remember
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

PROVIDER = "trekmail@127.0.0.1"
NOTE: dict[str, Any] = {"action": "request.received", "phase": "note", "object": {"kind": "mailbox", "key": "\u00e4@x"}}
Make = Callable[[], Store]


@pytest.fixture(params=["files", "postgres", "postgres, too long to be kept"])
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes another store of the same journal, as another process has it."""
    if request.param == "files":
        return lambda: FileStore(str(tmp_path / "journal"))
    if request.param != "postgres":
        monkeypatch.setattr(postgres_reader, "KEPT_BYTES", 900)
    database: Database = request.getfixturevalue("database")
    return lambda: database.store(tmp_path / "local")


@pytest.fixture
def store(make: Make) -> Store:
    return make()


def write(store: Store, run: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    writer = store.writer(run, {"provider": PROVIDER, "request_id": "REQ-1"})
    writer.open()
    try:
        return writer.append(events)
    finally:
        writer.close()


def chained(events: list[dict[str, Any]]) -> bool:
    prevs = [GENESIS, *map(event_digest, events)]
    return [event["prev"] for event in events] == prevs[:-1] and [one["seq"] for one in events] == list(
        range(1, len(events) + 1)
    )


def in_children(count: int, work: Callable[[int], None]) -> None:
    children = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * count


def test_a_journal_that_nobody_wrote_is_empty(store: Store) -> None:
    assert store.runs() == [] and list(store.all_events()) == [] and store.holding(b"x") == []
    memory = remember(store, "mailbox", PROVIDER)
    assert not memory.last and not memory.open_intents
    with pytest.raises(FileNotFoundError):
        store.load("known-good/none.json")


def test_events_come_back_as_they_were_written(make: Make) -> None:
    odd = dict(
        NOTE, after={"text": 'nul \x00, feed \n, "quote", \\012, \U0001f4e7', "list": [1, None, True, {"a": []}]}
    )
    store = make()
    events = write(store, "one", NOTE, odd) + write(store, "one", NOTE)
    other = write(make(), "two", NOTE)
    again = make()
    assert again.runs() == ["one", "two"]
    assert list(again.events("one")) == events and chained(events)
    assert list(again.all_events()) == events + other
    assert {event["stream"] for event in events} == {"one"} and len({event["id"] for event in events}) == 3


def test_only_lines_that_can_matter_are_given(store: Store) -> None:
    write(store, "one", NOTE, dict(NOTE, after={"who": "ann"}), NOTE)
    write(store, "two", NOTE)
    assert [event["seq"] for event in store.events("one", b'"who":"ann"')] == [2]
    assert [event["stream"] for event in store.all_events(b'"who":"ann"')] == ["one"]
    assert store.holding(b'"who":"ann"') == ["one"] and store.holding(b'"who":"eve"') == []


def test_questions_see_what_was_written_since(make: Make) -> None:
    """Also those of one store, which keeps what it has read."""
    store, other = make(), make()
    assert list(store.all_events()) == []
    events = write(other, "b", NOTE, NOTE)
    assert list(store.events("b")) == list(store.all_events()) == events
    events = write(other, "a", NOTE) + events + write(store, "b", NOTE)
    assert list(store.all_events()) == events and store.holding(b"REQ-1") == store.runs() == ["a", "b"]
    assert list(store.events("a")) == events[:1]
    half = store.all_events()
    assert next(half) == events[0]
    more = write(other, "c", *[NOTE] * 20)
    assert list(store.all_events()) == events + more
    assert list(half)[: len(events) - 1] == events[1:]
    ends = store.ends()
    assert list(ends) == ["a", "b", "c"] and [line for end, line in store.since("c", 0)][-1] == canonical_json(more[-1])
    write(other, "a", NOTE)
    assert {run for run, end in store.ends().items() if end != ends[run]} == {"a"}
    assert [canonical_json(one) for one in store.events("a")][1:] == [line for end, line in store.since("a", ends["a"])]


def test_an_event_that_is_refused_leaves_no_number_behind(store: Store) -> None:
    writer = store.writer("run", {})
    for wrong, code in (
        ({"action": "mailbox.eaten"}, "unknown_action"),
        (dict(NOTE, after=0.5), "event_not_canonical"),
    ):
        with pytest.raises(JournalError) as found:
            writer.append([NOTE, wrong])
        assert found.value.code == code
    events = writer.append([NOTE])
    writer.close()
    assert chained(events) and list(store.events("run")) == events


def test_eight_processes_write_one_chain(make: Make) -> None:
    def work(number: int) -> None:
        writer = make().writer("run", {})
        for turn in range(20):
            writer.append([dict(NOTE, after={"who": number, "turn": turn})])
            writer.append([dict(NOTE, after={"who": number, "turn": turn, "row": row}) for row in range(4)])
        writer.close()

    in_children(8, work)
    events = list(make().events("run"))
    assert chained(events) and len(events) == 800
    assert {sum(event["after"]["who"] == number for event in events) for number in range(8)} == {100}


def test_threads_share_one_writer(store: Store) -> None:
    writer = store.writer("run", {})
    blocks: list[list[dict[str, Any]]] = []
    threads = [
        threading.Thread(target=lambda: blocks.extend(writer.append([NOTE, NOTE]) for dummy in range(25)))
        for dummy in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    events = list(store.events("run"))
    assert chained(events) and len(events) == 400
    # Each thread has its own, side by side.
    assert sorted(event["seq"] for block in blocks for event in block) == list(range(1, 401))
    assert all(block[1]["prev"] == event_digest(block[0]) for block in blocks)


def test_a_lock_has_one_holder_who_can_be_named(make: Make) -> None:
    here, there = make(), make()
    mine, other = here.lock("client"), there.lock("client")
    assert mine.take({"run_id": "run-1", "actor": "dana"})
    assert not other.take({"run_id": "run-2"}) and not here.lock("client").take({"run_id": "run-3"})
    assert other.holder() == {"run_id": "run-1", "actor": "dana"}
    assert there.lock("another client").take({})
    mine.release()
    assert other.take({"run_id": "run-2"}) and there.lock("client").holder() == {"run_id": "run-2"}
    other.release()


def test_a_second_run_waits_and_names_who_holds_the_lock(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-IRB-A1: over two stores, as two controllers have them."""
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.3)

    def context(run: str, human: str) -> Context:
        now = datetime.datetime.now(datetime.timezone.utc)
        return Context("REQ-7", "acme", {"human": human, "system": "s"}, "t", run, now)

    here, there = make(), make()
    with lock.sole_writer(here, PROVIDER, context("run-of-kim", "kim@agency.example"), Progress()):
        with lock.sole_writer(there, "another@account", context("run-of-dana", "dana@agency.example"), Progress()):
            pass
        with pytest.raises(Refused, match="run-of-kim of kim@agency.example for request REQ-7") as found:
            with lock.sole_writer(there, PROVIDER, context("run-of-dana", "dana@agency.example"), Progress()):
                pass
        assert found.value.code == "locked_by"
    with lock.sole_writer(there, PROVIDER, context("run-of-dana", "dana@agency.example"), Progress()):
        pass


def test_a_lock_ends_with_its_process(make: Make) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = make().lock("client")
        os.write(writing, b"1" if held.take({"run_id": "child"}) else b"0")
        time.sleep(60)
        os._exit(1)
    mine = make().lock("client")
    assert os.read(reading, 1) == b"1"
    assert not mine.take({}) and mine.holder() == {"run_id": "child"}
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    ends = time.monotonic() + 10
    while not mine.take({"run_id": "parent"}):
        assert time.monotonic() < ends
        time.sleep(0.05)
    mine.release()


def test_who_is_at_work_is_known_to_the_others(make: Make, request: pytest.FixtureRequest) -> None:
    """Files leave that to the locks of one machine; a database tells all controllers."""
    shared = "postgres" in request.node.callspec.id
    writer = make().writer("run", {})
    writer.append([NOTE])
    assert make().at_work() == (frozenset(["run"]) if shared else frozenset())
    writer.close()
    assert make().at_work() == frozenset()


def test_documents_are_kept_and_replaced(make: Make) -> None:
    make().keep("evidence/REQ-1/acme/a.json", b"one\x00\xff")
    store = make()
    assert store.load("evidence/REQ-1/acme/a.json") == b"one\x00\xff"
    store.keep("evidence/REQ-1/acme/a.json", b"two")
    assert make().load("evidence/REQ-1/acme/a.json") == b"two"
    entry = known_good.keep(store, PROVIDER, "example.com", {"domain": {"name": "example.com"}})
    assert known_good.read(make(), entry)["state"] == {"domain": {"name": "example.com"}}


def test_what_is_in_doubt_and_who_did_what(store: Store) -> None:
    """R-LOG-11, R-LOG-15: the readers see through either store the same."""
    thing = {"kind": "mailbox", "key": "ann@example.com", "domain": "example.com"}
    intent = {
        "action": "mailbox.created", "phase": "intent", "verb": "create", "object": thing, "idempotency_key": "k",
        "batch": {"position": 0}, "before": None, "after": {"state": "present"},
    }  # fmt: skip
    first, second = write(store, "b-run", intent, dict(intent, object=dict(thing, key="bob@example.com")))
    outcome = {"action": "mailbox.created", "phase": "outcome", "outcome": "success", "object": thing, "verb": "create"}
    write(store, "a-run", dict(outcome, intent_id=first["id"], after={"state": "present"}))
    memory = remember(store, "mailbox", PROVIDER)
    assert list(memory.open_intents) == [second["id"]] and set(memory.last) == {"ann@example.com"}
    found = ask(store, Question(address="ann@example.com"))
    assert found.matched == 1 and not found.in_doubt and found.summary[0]["last_action"] == "mailbox.created"
    assert [event["id"] for event in ask(store, Question()).in_doubt] == [second["id"]]
