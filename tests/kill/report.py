# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown of trials: a line while they run, a table when they have."""

from __future__ import annotations

import collections
import json
import selectors
import subprocess
import sys
import time
import typing as t

from invariants import INVARIANTS, Violation
from watch import POINTS, WHO

if t.TYPE_CHECKING:
    from trial import Verdict

Row = dict[str, t.Any]
SHOWN = 5


def failed(text: str) -> Violation:
    return Violation("harness", text.strip())


def row(verdict: Verdict, seconds: float, place: str) -> Row:
    plan = verdict.plan
    return {
        "number": plan.number,
        "seed": plan.seed,
        "scenario": plan.scenario,
        "real": plan.real,
        "plan": str(plan),
        "killed": verdict.killed,
        "faults": len(plan.faults),
        "violations": [(one.name, one.text) for one in verdict.violations],
        "lost": verdict.lost,
        "seconds": round(seconds, 3),
        "place": place,
    }


def lines_of(parts: t.Sequence[subprocess.Popen[str]]) -> t.Iterator[Row]:
    """Rows of all jobs as they come."""
    selector = selectors.DefaultSelector()
    for part in parts:
        selector.register(part.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
    while selector.get_map():
        for key, _events in selector.select():
            line = key.fileobj.readline()  # type: ignore[union-attr]
            if line:
                yield json.loads(line)
            else:
                selector.unregister(key.fileobj)


class Progress:
    """Counts, and on a terminal says how far it is; a violation is shown at once."""

    def __init__(self, seed: int, total: int, rows: list[Row], *, quiet: bool = False) -> None:
        self.seed = seed
        self.total = total
        self.rows = list(rows)
        self.done = len(rows)
        self._quiet = quiet
        self._began = time.monotonic()
        self._said = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def broken(self) -> set[str]:
        return {name for one in self.rows for name, _text in one["violations"]}

    def first(self, name: str) -> str:
        """Where an invariant was first found broken."""
        row = next(one for one in self.rows if name in {found for found, _text in one["violations"]})
        text = next(text for found, text in row["violations"] if found == name)
        return "trial %d, %s: %s" % (row["number"], row["plan"], text)

    def add(self, one: Row) -> None:
        self.rows.append(one)
        self.done += one["number"] >= 0
        for name, text in [] if self._quiet else one["violations"][:SHOWN]:
            print("\ntrial %d (%s): %s: %s" % (one["number"], one["plan"], name, text), flush=True)
        if self.seconds - self._said >= (0.5 if sys.stderr.isatty() else 15) or self.done == self.total:
            self._said = self.seconds
            broken = sum(1 for other in self.rows if other["violations"])
            text = "%d of %d trials, %d broken, %d s" % (self.done, self.total, broken, self.seconds)
            sys.stderr.write("\r" + text if sys.stderr.isatty() else text + "\n")
            sys.stderr.flush()


def table(rows: t.Sequence[Row], seed: int, seconds: float) -> str:
    """What was killed where and how, and what was found."""
    trials = [one for one in rows if one["number"] >= 0]
    kills = [tuple(kill) for one in trials for kill in one["killed"]]
    where = collections.Counter(kills)
    lines = ["", "%-24s %8s %8s %8s %8s %8s" % ("killed at", *WHO, "all")]
    for point in POINTS:
        counts = [where[point, who] for who in WHO]
        if any(counts):
            lines.append("%-24s %8d %8d %8d %8d %8d" % (point, *counts, sum(counts)))
    every = [sum(count for (_point, one), count in where.items() if one == who) for who in WHO]
    lines.append("%-24s %8d %8d %8d %8d %8d" % ("all", *every, sum(every)))
    scenarios = collections.Counter(one["scenario"] for one in trials)
    real = [one for one in trials if one["real"]]
    by = collections.Counter(who for one in real for _point, who in one["killed"])
    lines += [
        "",
        "trials: %d (%s), seed %d, %.0f s" % (len(trials), _counted(scenarios), seed, seconds),
        "by the real ansible-playbook: %d (%s)" % (len(real), _counted(by)),
        "killed more than once: %d; with faults of the provider: %d; point not reached: %d"
        % (
            sum(1 for one in trials if len(one["killed"]) > 1),
            sum(1 for one in trials if one["faults"]),
            where["not reached", "nobody"],
        ),
        "power cuts that took bytes or names: %d" % sum(1 for one in trials if one["lost"]),
    ]
    return "\n".join(lines + _violations(rows, seed))


def _counted(counts: t.Mapping[str, int]) -> str:
    return ", ".join("%s %d" % item for item in sorted(counts.items()))


def _violations(rows: t.Sequence[Row], seed: int) -> list[str]:
    broken = [one for one in rows if one["violations"]]
    if not broken:
        return ["violations: 0"]
    names = collections.Counter(name for one in broken for name in {name for name, _text in one["violations"]})
    lines = ["violations: in %d trials" % len(broken)]
    lines += ["  %-12s %4d  %s" % (name, count, INVARIANTS.get(name, "")) for name, count in names.most_common()]
    for one in broken:
        lines += ["", "trial %d, %s" % (one["number"], one["plan"])]
        lines += ["  %s: %s" % (name, text) for name, text in one["violations"][:SHOWN]]
        lines += ["  its folder: %s" % one["place"], "  again: make kill SEED=%d TRIAL=%d" % (seed, one["number"])]
    return lines
