# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures the main job against a script written by hand and against a loop over ``uri``; docs/performance.md reads the figures.

Every cell has a sandbox of its own, so no run finds what another has left. The exit code is 1 when a run failed, sent other
requests than the script, or wrote where nothing was to be written; a slow machine is no failure.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "sandbox"))

import job  # noqa: E402 - beside this file
import report  # noqa: E402
from leave import Leaving  # noqa: E402
from measure import run  # noqa: E402
from report import Cell, Step  # noqa: E402
from sandboxlib import Sandbox  # noqa: E402 - found by the line above

THREADS = 8
LOOP_ITEMS = 40
LOOP_SCALED_TO = 200


class Bench:
    """All runs at one latency.

    :param latency: milliseconds that the sandbox waits before it answers.
    """

    def __init__(self, folder: Path, latency: int, repeat: int, started: float) -> None:
        self._folder = folder
        self._latency = latency
        self._repeat = repeat
        self._started = started
        self._count = 0

    def start_seconds(self) -> float:
        """Wall time of an empty play: what any run of ansible-playbook costs."""
        folder, sandbox = self.fresh()
        try:
            play = job.write_empty_play(folder)
            return min(self.play(folder, sandbox, str(play)).measured.seconds for dummy in range(3))
        finally:
            sandbox.stop()

    def loop(self) -> Step:
        """The ``uri`` loop over a few items; the caller scales it."""
        folder, sandbox = self.fresh()
        try:
            ids = {row["name"]: row["id"] for row in sandbox.get("/domains?per_page=100").json()["data"]}
            sandbox.ours("POST", "/writes:reset")
            play = job.write_uri_play(folder, LOOP_ITEMS, ids)
            return self.said("loop over uri, %d items" % LOOP_ITEMS, self.play(folder, sandbox, str(play)))
        finally:
            sandbox.stop()

    def cell(self, size: int) -> Cell:
        """All columns for *size* mailboxes; of several repetitions each column keeps its fastest."""
        cells = [self._cell(size) for dummy in range(self._repeat)]
        first = cells[0]
        for other in cells[1:]:
            for field in dataclasses.fields(Cell):
                mine, theirs = getattr(first, field.name), getattr(other, field.name)
                if isinstance(mine, Step) and mine.better(theirs):
                    setattr(first, field.name, theirs)
        return first

    def _cell(self, size: int) -> Cell:
        name = "%d mailboxes, " % size
        scripts = []
        for threads in (1, THREADS):
            folder, sandbox = self.fresh()
            try:
                table = job.write_request(folder, size) / "mailboxes.csv"
                command = [sys.executable, str(ROOT / "tests/bench/bare.py"), str(table), "--threads", str(threads)]
                step = self._step(command, folder, sandbox, _environment(folder, sandbox))
                scripts.append(self.said(name + "script, threads: %d" % threads, step))
            finally:
                sandbox.stop()
        folder, sandbox = self.fresh()
        try:
            request = job.write_request(folder, size)
            more = ["-e", f"request={request}", "-e", f"intake_max_batch={size}"]
            playbook = ["mailops.email.onboard", *more]
            dry = self.said(name + "playbook, dry run", self.play(folder, sandbox, *playbook, "--check", "--diff"))
            apply = self.said(name + "playbook", self.play(folder, sandbox, *playbook))
            again = self.said(name + "playbook again", self.play(folder, sandbox, *playbook))
        finally:
            sandbox.stop()
        return Cell(size, scripts[0], scripts[1], dry, apply, again)

    def fresh(self) -> tuple[Path, Sandbox]:
        """A folder and a sandbox of a cell's own; the caller stops the sandbox."""
        self._count += 1
        folder = self._folder / f"latency-{self._latency}-{self._count}-{id(self)}"
        folder.mkdir()
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        job.write_inventory(folder)
        sandbox = Sandbox(folder / "sandbox", "--plan", "agency")
        sandbox.ours("POST", "/seed", {"domains": job.DOMAINS})
        sandbox.ours("PUT", "/latency", {"ms": self._latency})
        return folder, sandbox

    def play(self, folder: Path, sandbox: Sandbox, *arguments: str) -> Step:
        """Run a playbook of the collection."""
        command = [sys.executable, "-m", "ansible", "playbook", *arguments]
        return self._step(command, folder, sandbox, _environment(folder, sandbox))

    def _step(self, command: list[str], folder: Path, sandbox: Sandbox, environment: dict[str, str]) -> Step:
        sandbox.ours("POST", "/writes:reset")
        measured = run(command, folder, environment)
        counted = sandbox.ours("GET", "/writes")
        return Step(measured, counted["requests"], counted["writes"])

    def said(self, what: str, step: Step) -> Step:
        """Tell of a finished step; a failed one ends the bench."""
        took = time.perf_counter() - self._started
        print("[%4d s] latency %d ms, %s: %.2f s" % (took, self._latency, what, step.measured.seconds), flush=True)
        if step.measured.rc:
            raise SystemExit("It ended with %d:\n%s" % (step.measured.rc, step.measured.output[-4000:]))
        return step


def _environment(folder: Path, sandbox: Sandbox) -> dict[str, str]:
    """A user's environment, and nothing of the developer's own."""
    keep = {name: os.environ[name] for name in ("HOME", "LANG", "MAILOPS_JOURNAL_URL") if name in os.environ}
    trees = [path for path in sys.path if (Path(path) / "ansible_collections" / "mailops").is_dir()]
    return {
        **keep,
        "PATH": str(Path(sys.executable).parent) + ":/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": ":".join(trees),
        "ANSIBLE_CALLBACKS_ENABLED": "mailops.email.audit",
        "ANSIBLE_INVENTORY": str(folder / "hosts.yml"),
        "ANSIBLE_NOCOLOR": "1",
        "MAILOPS_API_URL": sandbox.api,
        "MAILOPS_API_TOKEN": sandbox.token,
        "MAILOPS_JOURNAL_DIR": str(folder / "journal"),
        "MAILOPS_AUDIT_DIR": str(folder / "audit"),
        "MAILOPS_ACTOR": "dana@agency.example",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 and 1,000 mailboxes only")
    parser.add_argument(
        "--sizes", default="200,1000,10000", help="numbers of mailboxes, at least 50 (default %(default)s)"
    )
    parser.add_argument("--latency", default="0,50", help="milliseconds of each answer (default %(default)s)")
    parser.add_argument("--repeat", type=int, default=2, help="times; the fastest counts (default %(default)s)")
    parser.add_argument("--no-loop", action="store_true", help="leave out the loop over uri")
    parser.add_argument("--no-leaving", action="store_true", help="leave out offboarding")
    parser.add_argument("--only-leaving", action="store_true", help="measure offboarding and nothing else")
    options = parser.parse_args()
    sizes = [200, 1000] if options.quick else [int(one) for one in options.sizes.split(",")]
    if min(sizes) < len(job.DOMAINS):
        parser.error("every domain needs a row: at least %d mailboxes" % len(job.DOMAINS))
    started = time.perf_counter()
    wrong: list[str] = []
    pages: list[str] = []
    with tempfile.TemporaryDirectory(prefix="mailops-bench-") as scratch:
        for latency in (int(one) for one in options.latency.split(",") if not options.only_leaving):
            bench = Bench(Path(scratch), latency, options.repeat, started)
            start = bench.start_seconds()
            loop = None if options.no_loop else report.Loop(bench.loop(), LOOP_ITEMS, LOOP_SCALED_TO)
            cells = [bench.cell(size) for size in sizes]
            pages.append(report.page(latency, start, cells, loop))
            wrong += report.faults(latency, cells)
        if not options.no_leaving:
            leaving = Leaving(Bench(Path(scratch), 0, 1, started))
            pages.append(leaving.run())
            wrong += leaving.wrong
    print("\n" + "\n\n".join(pages))
    for line in wrong:
        print("WRONG: " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
