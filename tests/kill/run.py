# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs trials, some at a time, and says what came of them: ``make kill``, ``make soak``, and a single one again.

Exit code 1 when an invariant was found broken; with a planted bug, when one was not that has to be.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / ".cache" / "tree"
if not any((Path(path or ".") / "ansible_collections" / "mailops").is_dir() for path in sys.path):
    sys.path.insert(0, str(TREE))
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("kill", "support", "sandbox")]

import report  # noqa: E402 - found by the lines above
from forks import adopt_orphans  # noqa: E402
from planted import PLANTED  # noqa: E402
from table import SCENARIOS  # noqa: E402
from trial import Bench, Plan, Verdict  # noqa: E402

# A sandbox that has served so many is replaced, so that none grows slow.
SERVES = 500


def arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill runs at seeded points, run them again, and judge.")
    parser.add_argument("--trials", type=int, default=300, help="how many (300)")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run; default: another each time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument(
        "--only", type=int, action="append", default=[], metavar="N", help="this trial alone; repeatable"
    )
    parser.add_argument("--scenario", action="append", default=[], choices=list(SCENARIOS), help="these alone")
    parser.add_argument("--bug", choices=list(PLANTED), help="take a safeguard out first")
    parser.add_argument("--state", type=Path, help="keep verdicts in this file, and leave out what is in it already")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep all trials' folders there, not only of broken ones"
    )
    parser.add_argument("--part", default="", metavar="I/N", help=argparse.SUPPRESS)
    return parser.parse_args(given)


def numbers_of(options: argparse.Namespace) -> list[int]:
    names = list(SCENARIOS)
    wanted = options.scenario or names
    done = {row["number"] for row in rows_in(options.state)}
    every = options.only or range(options.trials)
    return [number for number in every if names[number % len(names)] in wanted and number not in done]


def rows_in(state: Path | None) -> list[report.Row]:
    if state is None or not state.exists():
        return []
    with open(state, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def work(options: argparse.Namespace) -> int:
    """One job: its part of the trials, a JSON line for each on stdout."""
    adopt_orphans()
    # So that a job which is stopped stops its sandbox.
    signal.signal(signal.SIGTERM, lambda *_ignored: sys.exit(143))
    part, parts = (int(word) for word in options.part.split("/"))
    mine = numbers_of(options)[part::parts]
    folder = Path(tempfile.mkdtemp(prefix="mailops-kill-", dir=options.keep))
    names = list(SCENARIOS)
    needed = [name for name in names if any(names[number % len(names)] == name for number in mine)]
    broken = False
    try:
        for start in range(0, len(mine), SERVES):
            place = folder / str(start)
            place.mkdir()
            bench = Bench(place, PLANTED[options.bug]() if options.bug else None, keep=bool(options.keep))
            try:
                for verdict in bench.learn(needed):
                    broken |= tell(verdict, 0.0, place)
                for number in mine[start : start + SERVES]:
                    broken |= tell(*timed(bench, bench.plan(options.seed, number, names)), place)
            finally:
                bench.close()
    finally:
        if not options.keep and (options.bug or not broken):
            shutil.rmtree(folder)
    return 0


def timed(bench: Bench, plan: Plan) -> tuple[Verdict, float]:
    """A defect of ours is a violation too: it must not pass for a trial that went well."""
    began = time.monotonic()
    try:
        verdict = bench.trial(plan)
    except Exception:  # noqa: BLE001 - the next trials go on
        verdict = Verdict(plan, [], [report.failed(traceback.format_exc())])
    return verdict, time.monotonic() - began


def tell(verdict: Verdict, seconds: float, place: Path) -> bool:
    """Whether something was found broken."""
    row = report.row(verdict, seconds, str(place))
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()
    return bool(verdict.violations)


def lead(options: argparse.Namespace) -> int:
    """Start the jobs, gather what they tell, show it."""
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    rows = rows_in(options.state)
    todo = numbers_of(options)
    jobs = max(1, min(options.jobs, len(todo) // 4 or 1)) if todo else 0
    show = report.Progress(options.seed, len(todo) + len(rows), rows, quiet=bool(options.bug))
    parts = [
        subprocess.Popen([sys.executable, __file__, *_again(options), "--part", "%d/%d" % (part, jobs)],
                         stdout=subprocess.PIPE, text=True, env=_clean())
        for part in range(jobs)
    ]  # fmt: skip
    kept = None
    if options.state:
        options.state.parent.mkdir(parents=True, exist_ok=True)
        kept = open(options.state, "a", encoding="utf-8")
    try:
        for row in report.lines_of(parts):
            show.add(row)
            if options.bug and PLANTED[options.bug].breaks <= show.broken:
                return caught(options.bug, show)
            if kept and row["number"] >= 0:
                kept.write(json.dumps(row) + "\n")
                kept.flush()
    finally:
        if kept:
            kept.close()
        for part in parts:
            part.terminate() if part.poll() is None else None
    if options.bug:
        return caught(options.bug, show)
    ends = [part.wait() for part in parts]
    well = not any(ends)
    missing = show.total - show.done
    print(report.table(show.rows, options.seed, show.seconds))
    if missing or not well:
        print("%d trials did not end; what stopped them is above." % missing)
    return 0 if well and not missing and not any(row["violations"] for row in show.rows) else 1


def caught(bug: str, show: report.Progress) -> int:
    """Whether each invariant that the bug breaks was found broken."""
    breaks = PLANTED[bug].breaks
    print("\n%s, after %d trials with seed %d:" % (bug, show.done, show.seed))
    for name in sorted(breaks):
        print("  %-12s %s" % (name, show.first(name) if name in show.broken else "NOT FOUND"))
    return 0 if breaks <= show.broken else 1


def _again(options: argparse.Namespace) -> list[str]:
    words = ["--seed", str(options.seed), "--trials", str(options.trials)]
    for name in ("bug", "state", "keep"):
        if getattr(options, name):
            words += ["--" + name, str(getattr(options, name))]
    for number in options.only:
        words += ["--only", str(number)]
    for name in options.scenario:
        words += ["--scenario", name]
    return words


def _clean() -> dict[str, str]:
    """What a developer's own shell says about the collection must not decide the outcome."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAILOPS_", "ANSIBLE_"))}
    return {**env, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def main(given: t.Sequence[str] | None = None) -> int:
    options = arguments(list(given) if given is not None else None)
    return work(options) if options.part else lead(options)


if __name__ == "__main__":
    sys.exit(main())
