# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures leaving: a person of many mailboxes found and closed over all clients, and a batch closed as it was opened.

The person's mailboxes, and 5,000 others, stand in the provider and in the journal before the clock runs; who owns what is asked of
the journal alone. The batch is onboarded by its playbook, its owners come, and then it is offboarded from the same folder.
"""

from __future__ import annotations

import concurrent.futures
import json
import time
import typing as t
from pathlib import Path

import job
import yaml
from report import Step, counted
from sandboxlib import Sandbox

from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore

if t.TYPE_CHECKING:
    from run import Bench

CLIENTS, DOMAINS_EACH, BOXES_EACH, OWNED = 5, 200, 5, 40
PERSON = "ann@private.example"
WANTED_SECONDS = 10.0
BATCH = 1000
# TrekMail shows tokens of the account to nobody who asks by API: a person looks, and says so.
DONE_BY_HAND = {"done_by_hand": ["token"]}


class Leaving:
    """All runs of leaving on sandboxes without latency.

    :ivar contained: seconds from the start of the run until the last of the person's mailboxes was closed.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.rows: list[tuple[str, Step]] = []
        self.wrong: list[str] = []
        self.contained = 0.0

    def run(self) -> str:
        """The page; ``wrong`` holds what no machine's slowness explains."""
        self._person()
        self._batch()
        lines = ["Leaving; sandbox without latency", "", "step".ljust(58) + "s".rjust(8) + "requests".rjust(14)]
        lines += [
            name.ljust(58) + ("%.2f" % step.seconds).rjust(8) + counted(step.requests).rjust(14)
            for name, step in self.rows
        ]
        took = self.contained
        verdict = "PASS" if took <= WANTED_SECONDS else "MISS"
        lines += [
            "",
            "%s  a person of %d mailboxes is found and closed %.0f s after the start: %.2f s"
            % (verdict, OWNED, WANTED_SECONDS, took),
        ]
        return "\n".join(lines)

    def _person(self) -> None:
        folder, sandbox = self._bench.fresh()
        try:
            clients = {
                "client%d" % number: ["c%d-%03d.example.com" % (number, one) for one in range(DOMAINS_EACH)]
                for number in range(CLIENTS)
            }
            _write_clients(folder, clients)
            sandbox.ours("POST", "/seed", {"domains": sum(clients.values(), []), "mailboxes_per_domain": BOXES_EACH})
            _write_journal(folder, clients)
            play = [
                "mailops.email.offboard",
                "-e",
                json.dumps({"request_id": "OFF-1", "person": [PERSON], **DONE_BY_HAND}),
            ]
            what = "person, %d of %d mailboxes, %d domains, %d clients" % (
                OWNED, CLIENTS * DOMAINS_EACH * BOXES_EACH, CLIENTS * DOMAINS_EACH, CLIENTS,
            )  # fmt: skip
            self._add(what + ", dry run", folder, sandbox, *play, "--check", writes=0)
            started = time.time()
            # One request closes all of a client's.
            self._add("person, closed, evidence kept and read back", folder, sandbox, *play, writes=CLIENTS)
            self.contained = _last_closed(folder) - started
            self._add("person, again", folder, sandbox, *play, writes=0)
        finally:
            sandbox.stop()

    def _batch(self) -> None:
        folder, sandbox = self._bench.fresh()
        try:
            request = job.write_request(folder, BATCH)
            onboard = ["mailops.email.onboard", "-e", f"request={request}", "-e", f"intake_max_batch={BATCH}"]
            self._add("batch of %d, onboarded" % BATCH, folder, sandbox, *onboard, writes=BATCH // 100)
            _redeem(sandbox)
            more = {"request_id": "OFF-2", "request": str(request), **DONE_BY_HAND}
            play = ["mailops.email.offboard", "-e", json.dumps(more)]
            self._add("batch, dry run of its offboarding", folder, sandbox, *play, "--check", writes=0)
            self._add("batch, offboarded", folder, sandbox, *play, writes=1)
            self._add("batch, offboarded again", folder, sandbox, *play, writes=0)
            more = {"request_id": "OFF-2", "unverified_because": "the bench has no mail servers"}
            play = ["mailops.email.rollback", "-e", json.dumps(more)]
            self._add("batch, dry run of its rollback", folder, sandbox, *play, "--check", writes=0)
            self._add("batch, rolled back, evidence kept", folder, sandbox, *play, writes=1)
            self._add("batch, rolled back again", folder, sandbox, *play, writes=0)
        finally:
            sandbox.stop()

    def _add(self, name: str, folder: Path, sandbox: Sandbox, *arguments: str, writes: int) -> None:
        step = self._bench.said(name, self._bench.play(folder, sandbox, *arguments))
        self.rows.append((name, step))
        if step.writes != writes:
            self.wrong.append("%s: %d changes, not %d" % (name, step.writes, writes))


def _write_clients(folder: Path, clients: dict[str, list[str]]) -> None:
    path = folder / "hosts.yml"
    common = dict(next(iter(yaml.safe_load(path.read_text(encoding="utf-8"))["clients"]["hosts"].values())))
    del common["mailops_domains"]
    hosts = {
        name: {**common, "mailops_domains": [{"name": one} for one in domains]} for name, domains in clients.items()
    }
    path.write_text(yaml.safe_dump({"clients": {"hosts": hosts}}), encoding="utf-8")


def _write_journal(folder: Path, clients: dict[str, list[str]]) -> None:
    """What the runs that made these mailboxes would have left: an invite to each owner, every so many to the one person."""
    store = FileStore(str(folder / "journal"))
    every = CLIENTS * DOMAINS_EACH * BOXES_EACH // OWNED
    number = 0
    for client, domains in clients.items():
        common = {
            "request_id": "REQ-" + client,
            "plan_digest": "sha256:" + "0" * 64,
            "actor": {"human": "dana@agency.example", "system": "bench"},
            "tool_version": "bench",
            "provider": "trekmail@127.0.0.1",
            "check_mode": False,
            "run": {"playbook": "Onboard the request", "task": "Bring the mailboxes to their owners", "host": client},
        }
        writer = store.writer("made-" + client, common)
        sent = []
        for domain in domains:
            for local in range(1, BOXES_EACH + 1):
                owner = PERSON if number % every == 0 else "owner%05d@people.example.net" % number
                sent.append(_sent("user%05d@%s" % (local, domain), domain, client, owner))
                number += 1
        intents = writer.append([{**one, "phase": "intent", "idempotency_key": one["object"]["key"]} for one in sent])
        writer.append([_outcome(one, intent["id"]) for one, intent in zip(sent, intents, strict=True)])
        writer.close()


def _sent(address: str, domain: str, client: str, owner: str) -> dict[str, t.Any]:
    return {
        "action": "invite.sent",
        "verb": "create",
        "object": {"kind": "invite", "key": address, "domain": domain, "mailbox": address, "client": client},
        "before": None,
        "after": {
            "state": "pending",
            "recipient": owner,
            "quota_mb": None,
            "expires_in_hours": 72,
            "role_account": False,
        },
        "batch": {"position": 0, "size": 1},
        "redacted": ["setup_link"],
    }


def _outcome(sent: dict[str, t.Any], intent_id: str) -> dict[str, t.Any]:
    after = {**sent["after"], "id": 1, "expires_at": "2026-01-04T00:00:00Z"}
    plain = {name: value for name, value in sent.items() if name != "batch"}
    return {
        **plain,
        "phase": "outcome",
        "outcome": "success",
        "intent_id": intent_id,
        "after": after,
        "http": {"status": 200},
    }


def _last_closed(folder: Path) -> float:
    """When the last mailbox was closed, as the journal has it; seconds since the epoch."""
    store = FileStore(str(folder / "journal"))
    closed = [
        event
        for run in store.holding(b'"mailbox.suspended"')
        for event in store.events(run, b'"mailbox.suspended"')
        if event["phase"] == "outcome" and event["outcome"] == "success"
    ]
    if len(closed) != OWNED:
        raise SystemExit("%d mailboxes were closed, not %d" % (len(closed), OWNED))
    return max(parse_time(event["timestamp"]).timestamp() for event in closed)


def _redeem(sandbox: Sandbox) -> None:
    """All owners come and choose a password."""
    invites = [one["id"] for one in sandbox.ours("GET", "/invites")["data"]]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda one: sandbox.ours("POST", f"/invites/{one}:redeem", {"password": "Owner-Chose-This-1"}), invites
            )
        )
