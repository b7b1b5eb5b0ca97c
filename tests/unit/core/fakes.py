# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A driver and an engine for tests: what the provider does is a function of the test."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pyrage

from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.engine.run import Engine
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import (
    journal_files,
    read_events,
    verify_chain,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import remember
from ansible_collections.mailops.email.plugins.module_utils.model import (
    Operation,
    ProviderError,
    Result,
    canonical_json,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress, Record
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES

Apply = Callable[[Sequence[Operation], str], "list[Result]"]
KEY = pyrage.x25519.Identity.generate()
RECIPIENT = str(KEY.to_public())


def done(operations: Sequence[Operation], key: str) -> list[Result]:
    """All of a batch is carried out; an invite gets its id and its end."""
    results = []
    for operation in operations:
        after = dict(operation.after) if operation.after is not None else None
        if operation.kind == "invite" and after is not None:
            after.update(id=1, expires_at="2099-01-01T00:00:00Z")
        results.append(Result(operation, "applied", after, http={"status": 200}))
    return results


def lost(operations: Sequence[Operation], key: str) -> list[Result]:
    error = ProviderError("timeout", "POST /x: no answer within 1 s.", in_doubt=True)
    return [Result(operation, "in_doubt", error=error, http={"status": 0}) for operation in operations]


def refused(code: str = "plan_limit_reached", **more: Any) -> Apply:
    def apply(operations: Sequence[Operation], key: str) -> list[Result]:
        error = ProviderError(code, "POST /x: no.", "Do it.", status=more.pop("status", 422), **more)
        return [Result(operation, "failed", error=error, http={"status": error.status}) for operation in operations]

    return apply


class FakeDriver(Driver):
    """``records`` is what it lists; ``steps`` are taken in order, the last one for ever; ``calls`` is what was sent."""

    name = "fake"
    capabilities = TrekMail.capabilities

    def __init__(self, *steps: Apply, batch: int = 100, concurrency: int = 1) -> None:
        self.records: dict[str, dict[str, Record]] = {
            "domain": {"example.com": {"name": "example.com", "id": 1, "status": "active"}},
            "mailbox": {},
        }
        self.steps = list(steps) or [done]
        self.calls: list[tuple[str, list[str]]] = []
        self.batch, self.concurrency = batch, concurrency
        self.lock = threading.Lock()
        self.trouble: dict[str, Exception] = {}

    @property
    def account(self) -> str:
        return "fake@test"

    @property
    def request_counts(self) -> collections.Counter[str]:
        return collections.Counter(POST=len(self.calls))

    def observe(self, kind: str, scope: Collection[str]) -> dict[str, Record]:
        if "observe" in self.trouble and self.calls:
            raise self.trouble["observe"]
        return {key: dict(record) for key, record in self.records.get(kind, {}).items()}

    def apply(self, operations: Sequence[Operation], idempotency_key: str) -> list[Result]:
        with self.lock:
            self.calls.append((idempotency_key, [operation.key for operation in operations]))
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return step(operations, idempotency_key)

    def batch_key(self, operation: Operation) -> Any:
        return None if self.batch == 1 else 1

    def batch_size(self, kind: str, verb: str) -> int:
        return self.batch

    def replay_hours(self) -> int:
        return 24


@dataclasses.dataclass
class Desk:
    """Runs the engine over a journal folder, one run after the other."""

    folder: Path
    runs: int = 0

    def run(
        self,
        driver: Driver,
        *items: dict[str, Any],
        kind: str = "mailbox",
        ahead: float = 0,
        progress: Progress | None = None,
        **context: Any,
    ) -> Report:
        """``ahead``: hours by which the controller's clock has gone on."""
        self.runs += 1
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=ahead)
        made = Context(
            request_id=context.pop("request_id", "REQ-1"),
            client="acme",
            actor={"human": "dana", "system": "test"},
            tool_version="test",
            run_id="run-%d" % self.runs,
            now=now,
            **context,
        )
        engine = Engine(
            RESOURCES[kind](),
            driver,
            made,
            store=FileStore(str(self.folder / "journal")),
            sealer=Sealer(str(self.folder / "sealed"), made.request_id),
            progress=progress,
        )
        return engine.run(list(items))

    def events(self) -> list[dict[str, Any]]:
        return [event for path in journal_files(str(self.folder / "journal")) for event in read_events(path)]

    def phases(self) -> list[str]:
        return [event["phase"] + (" " + event["outcome"] if "outcome" in event else "") for event in self.events()]

    def memory(self, kind: str = "invite") -> Any:
        return remember(FileStore(str(self.folder / "journal")), kind, "fake@test")

    def change(self, run: str, old: str, new: str) -> None:
        """Change a run's journal as if it had always been so: the chain is made anew."""
        path = self.folder / "journal" / (run + ".jsonl")
        prev, lines = GENESIS, []
        for line in path.read_text(encoding="utf-8").replace(old, new).splitlines():
            data = canonical_json({**json.loads(line), "prev": prev})
            prev = line_digest(data)
            lines.append(data + b"\n")
        path.write_bytes(b"".join(lines))

    def check_chain(self) -> None:
        for path in journal_files(str(self.folder / "journal")):
            assert verify_chain(path) == []


def invite(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"address": "u%d@example.com" % number, "owner_email": "u%d@home.example" % number, **more}


def exception() -> dict[str, str]:
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=24)
    return {
        "reason": "it has to be",
        "approver": "mira@agency.example",
        "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def with_password(number: int = 0) -> dict[str, Any]:
    return {
        "address": "p%d@example.com" % number,
        "owner_email": "p%d@home.example" % number,
        "credential": "generated_one_time",
        "seal_to": RECIPIENT,
        "exception": {**exception(), "accept_unforced_rotation": True},
    }


def sealed(number: int = 0) -> dict[str, Any]:
    return invite(number, delivery="sealed", seal_to=RECIPIENT, exception=exception())
