# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killed in the middle, and run again: nothing lost, nothing twice, nothing unlogged; and proof that it would show.

``MAILOPS_KILL_SEED`` repeats a run, ``MAILOPS_KILL_TRIALS`` makes it longer.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyrage
import pytest
import yaml
from plays import allowed, plays
from project import SUPPORT, Project
from sandboxlib import Sandbox
from seeds import kill_seed
from truth import faults, onboard, people, violations

SEED = kill_seed()
TRIALS = int(os.environ.get("MAILOPS_KILL_TRIALS") or 4)
BATCHES, SIZE, PASSWORDS = 27, 10, 30
# An intent and an outcome for each row.
LINES = 2 * (BATCHES * SIZE + PASSWORDS)
PLANTED = Path(__file__).parent / "planted_bugs"
VERIFIER = Path(__file__).parents[2] / "extensions" / "audit" / "verify_journal.py"
# Unanchored: what a killed run has written and no later one had to write after.
SOUND = ("ok", "recovered", "unanchored")


def batch(number: int, recipient: str) -> list[dict[str, Any]]:
    """300 rows of one domain: invites in batches of ten, and thirty passwords in one."""
    rows = []
    for turn in range(BATCHES):
        names = ("k%d-u%d-%d" % (number, turn, row) for row in range(SIZE))
        rows += people(*names, domain="t%d.example.com" % number, expires_in_hours=24 + turn)
    exception = allowed(accept_unforced_rotation=True)
    names = ("k%d-p%d" % (number, row) for row in range(PASSWORDS))
    return rows + people(
        *names,
        domain="t%d.example.com" % number,
        credential="generated_one_time",
        seal_to=recipient,
        exception=exception,
    )


def lines(project: Project) -> int:
    return sum(path.read_bytes().count(b"\n") for path in project.journal.glob("*.jsonl"))


def processes() -> dict[int, int]:
    """Parent by id of all that run; one that has ended and that nobody waits for is left out."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if fields[0] != "Z":
                found[int(stat.parent.name)] = int(fields[1])
    return found


def family(pid: int) -> set[int]:
    """A process and all below it. Not its process group: since ansible-core 2.19 a worker makes one of its own."""
    parents, found = processes(), {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def kill_at(project: Project, play: list[Any], at: int, delay: float, parent_only: bool) -> None:
    """Start the play and kill it when the journal has *at* lines and *delay* seconds more are over."""
    path = project.folder / "killed.yml"
    path.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", str(path)]
    with open(project.folder / "killed.log", "wb") as log:
        process = subprocess.Popen(
            command, env=project.env(), cwd=project.folder, stdout=log, stderr=log, start_new_session=True
        )
        while process.poll() is None and lines(project) < at:
            time.sleep(0.002)
        time.sleep(delay)
        doomed = {process.pid} if parent_only else family(process.pid)
        end(doomed)
        process.wait()
        while doomed & set(processes()):
            time.sleep(0.002)


def orphans(project: Project) -> set[int]:
    """What is left of killed runs: workers keep the command line of the parent that they were forked from."""
    found = set()
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(project.folder / "killed.yml").encode() in command.read_bytes():
                found.add(int(command.parent.name))
    return found


def end(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def slow_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = Sandbox(tmp_path_factory.mktemp("kill") / "sandbox")
    server.ours("POST", "/seed", {"domains": ["t%d.example.com" % number for number in range(TRIALS)]})
    server.ours("PUT", "/latency", {"ms": 20})
    yield server
    server.stop()


@pytest.mark.parametrize("number", range(TRIALS))
def test_killed_and_run_again(slow_sandbox: Sandbox, tmp_path: Path, number: int) -> None:
    """R-LOG-18, R-IRB-A1: SIGKILL of all processes, or of the parent alone while its worker goes on and the next run
    starts at once. The points are spread over the whole run."""
    dice = random.Random(SEED * 1000 + number)  # noqa: S311 - no secret, to be repeated
    at = number * LINES // TRIALS + dice.randrange(LINES // TRIALS)
    delay, parent_only = dice.uniform(0, 0.03), number % 4 == 3
    project = Project(tmp_path, slow_sandbox)
    rows = batch(number, str(pyrage.x25519.Identity.generate().to_public()))
    play = onboard(rows, concurrency=2, timeout=3, deadline=60)
    kill_at(project, play, at, delay, parent_only)
    told = "MAILOPS_KILL_SEED=%d trial %d: at %d of %d lines + %.3f s, %s" % (
        SEED, number, lines(project), LINES, delay, "parent only" if parent_only else "whole group",
    )  # fmt: skip
    print(told)
    if not parent_only:
        assert violations(project, rows, settled=False) in ([], torn(project)), told
        assert verdict(project) in SOUND, told
    again = project.run([*play, *play])
    # Its work done, a worker waits for ever to tell a parent that is gone.
    end(orphans(project))
    assert again.rc == 0, told + again.output
    last = again.tasks[-1]["result"]
    assert last["plan"] == [] and not last["changed"] and set(last["requests"]) == {"GET"}, told
    assert [one for one in violations(project, rows) if one not in torn(project)] == [], told
    assert verdict(project) in SOUND, told


def verdict(project: Project) -> str:
    """What the program for auditors says of the whole journal."""
    command = [sys.executable, "-I", str(VERIFIER), str(project.journal), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # Killed before there was a folder, there is nothing to judge.
    return str(json.loads(done.stdout)["verdict"]) if project.journal.is_dir() else "ok"


def torn(project: Project) -> list[str]:
    """A killed run's last line may be cut; it is the only thing that may be wrong with a chain."""
    found = []
    for path in sorted(project.journal.glob("*.jsonl")):
        data = path.read_bytes()
        if not data.endswith(b"\n"):
            found.append("%s line %d: torn" % (path.name, data.count(b"\n") + 1))
    return found


@pytest.fixture(scope="module")
def lenient_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A provider that takes a second invite for the same address, so that only we can prevent one."""
    server = Sandbox(tmp_path_factory.mktemp("bugs") / "sandbox")
    server.set(duplicate_invite="new")
    yield server
    server.stop()


def planted_bugs() -> list[str]:
    names = []
    for line in (PLANTED / "planted.py").read_text(encoding="utf-8").split("BUGS = {")[1].split(")\n}")[0].splitlines():
        word = line.strip().rstrip(",")
        if word.isidentifier():
            names.append(word)
    return names


@pytest.mark.parametrize("bug", ["", *planted_bugs()])
def test_the_checker_finds_planted_bugs(lenient_sandbox: Sandbox, tmp_path: Path, bug: str) -> None:
    """A harness that never fails proves nothing: with one safeguard taken out, the same story has to show it.

    The story: an answer is lost once and retried; one is lost for good; a token is refused; all is run again.
    """
    domain = (bug or "none").replace("_", "-") + ".example.com"
    lenient_sandbox.ours("POST", "/seed", {"domains": [domain]})
    project = Project(tmp_path, lenient_sandbox)
    project.environment.update(
        PLANTED_BUG=bug,
        ANSIBLE_CALLBACK_PLUGINS="%s:%s" % (SUPPORT / "callback", PLANTED),
        ANSIBLE_CALLBACKS_ENABLED="mailops.email.audit,results,planted",
    )
    common = {"method": "POST", "path_regex": "invites"}
    story = [
        ({"kind": "reset", "when": "after_commit", **common}, {"deadline": 20}),
        ({"kind": "hang", "when": "after_commit", "skip": 1, **common}, {"deadline": 1}),
        ({"kind": "status", "status": 401, "skip": 1, **common}, {"deadline": 1}),
    ]
    rows = people(*("u%d" % number for number in range(len(story))), domain=domain)
    tasks: list[Any] = [
        ("mailbox", {"mailboxes": [row], "client": "acme", "timeout": 1, **options}, {"ignore_errors": True})
        for row, (_rule, options) in zip(rows, story, strict=True)
    ]
    everything = {"mailboxes": rows, "client": "acme", "timeout": 1, "deadline": 5}
    with faults(project, *(rule for rule, _options in story)):
        run = project.run(plays(*tasks, ("mailbox", everything, {"ignore_errors": True})))
        assert project.sandbox.ours("GET", "/faults")["hits"] == len(story), run.output
    found = violations(project, rows)
    print(bug or "no bug", found)
    assert bool(found) == bool(bug), (found, run.output)
