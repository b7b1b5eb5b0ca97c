# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds the journal against the provider's truth: what "nothing lost, nothing twice" means as a list of violations."""

from __future__ import annotations

import collections
import contextlib
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from project import Project, Run, play

from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import journal_files, verify_chain
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

# Enough for a sandbox on this machine; a call whose answers are all lost gives up after a second.
QUICK = {"timeout": 1, "deadline": 1}


def people(*names: str, domain: str = "example.com", **more: Any) -> list[dict[str, Any]]:
    """Rows for the mailbox module: an invite each."""
    return [{"address": "%s@%s" % (name, domain), "owner_email": name + "@home.example", **more} for name in names]


def onboard(rows: list[dict[str, Any]], **options: Any) -> list[Any]:
    return play("mailbox", {"mailboxes": rows, "client": "acme", **QUICK, **options})


def violations(project: Project, rows: list[dict[str, Any]], *, settled: bool = True) -> list[str]:
    """What is wrong between provider, journal and the rows that were asked for; empty when all is well.

    :param settled: nothing may be open or missing any more.
    """
    state = project.sandbox.ours("GET", "/state")
    wanted = {row["address"] for row in rows}
    invites = collections.Counter(one["email"] for one in state["invites"] if one["email"] in wanted)
    mailboxes = {one["email"] for one in state["mailboxes"] if one["email"] in wanted}
    mails = collections.Counter(one["subject"].split()[-1] for one in project.sandbox.ours("GET", "/outbox")["data"])
    made = set(invites) | mailboxes
    found = ["%s: %d invites" % item for item in invites.items() if item[1] > 1]
    found += ["%s: %d mails" % item for item in mails.items() if item[0] in wanted and item[1] > 1]

    events = sorted(project.events(), key=lambda event: event["timestamp"])
    intents = {event["id"]: event for event in events if event["phase"] == "intent"}
    done: set[str] = set()
    for event in events:
        if event["phase"] != "outcome":
            continue
        key = event["object"]["key"]
        intent = intents.get(event["intent_id"])
        if intent is None or intent["timestamp"] > event["timestamp"]:
            found.append("%s: an outcome without an intent before it" % key)
        elif event["outcome"] != "in_doubt":
            intent["closed"] = True
        if event["outcome"] == "success" and event["verb"] == "create" and key in wanted:
            done.add(key)
    asked = {event["object"]["key"] for event in intents.values()}
    found += ["%s: made without an intent" % key for key in sorted(made - asked)]
    found += ["%s: said to be done, and is not there" % key for key in sorted(done - made)]
    if settled:
        found += ["%s: made, and no outcome says so" % key for key in sorted(made - done)]
        found += ["%s: lost" % key for key in sorted(wanted - made)]
        found += ["%s: still open" % one["object"]["key"] for one in intents.values() if not one.get("closed")]
    for path in journal_files(str(project.journal)):
        found += ["%s %s" % (Path(path).name, problem) for problem in verify_chain(path)]
    return found


def finish(project: Project, whole: list[Any], rows: list[dict[str, Any]]) -> Run:
    """Running again finishes the rest, and a run after that writes nothing and changes nothing; both in one start."""
    again = project.run([*whole, *whole])
    assert again.rc == 0, again.output
    last = again.tasks[-1]["result"]
    assert last["plan"] == [] and not last["changed"] and set(last["requests"]) == {"GET"}, "the third run wrote"
    assert violations(project, rows) == []
    return again


def says(run: Run, *words: str, failed: bool = True) -> dict[str, Any]:
    """One message for the user: these words, a next step, and no traceback. Returns the last task's result."""
    result = run.tasks[-1]["result"]
    assert (run.rc != 0) == failed, run.output
    message = result.get("msg", "")
    for word in words:
        assert word in message, "%r is not in: %s" % (word, message)
    assert "Traceback" not in run.output and "Unexpected" not in run.output, run.output
    for item in result.get("failed_items", []):
        assert item["message"] and item["hint"], item
    assert "tm_live_" not in run.output
    return result


def grow_old(project: Project, hours: float) -> None:
    """Let all that the journal tells have happened earlier; the chain is made anew, as if it had."""
    for name in journal_files(str(project.journal)):
        prev, lines = GENESIS, []
        for line in Path(name).read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            moment = datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))
            moment -= datetime.timedelta(hours=hours)
            event["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)
            event["prev"] = prev
            data = canonical_json(event)
            prev = line_digest(data)
            lines.append(data)
        Path(name).write_bytes(b"\n".join(lines) + b"\n")


@contextlib.contextmanager
def faults(project: Project, *rules: dict[str, Any]) -> Iterator[None]:
    """Fault rules in force for a while."""
    project.sandbox.ours("POST", "/faults", list(rules))
    yield
    project.sandbox.ours("DELETE", "/faults")
