# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bench's tables: seconds, ratios, requests, memory, and what was wanted of them."""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Callable, Sequence

from measure import Measured

WANTED_RATIO = 1.5
WANTED_FASTER = 100
WANTED_MB = 200


@dataclasses.dataclass
class Step:
    """One measured run with what reached the API.

    :param requests: by method and route.
    :param writes: changes that were committed.
    """

    measured: Measured
    requests: dict[str, int]
    writes: int

    @property
    def seconds(self) -> float:
        return self.measured.seconds

    def better(self, other: Step) -> bool:
        """Whether *other* was faster and did the same."""
        return other.requests == self.requests and other.seconds < self.seconds


@dataclasses.dataclass
class Cell:
    """All runs for one number of mailboxes."""

    size: int
    script: Step
    threaded: Step
    dry: Step
    apply: Step
    again: Step

    @property
    def plays(self) -> tuple[Step, ...]:
        return (self.dry, self.apply, self.again)


@dataclasses.dataclass
class Loop:
    """The ``uri`` loop, measured over a few items and scaled."""

    step: Step
    items: int
    scaled_to: int

    def per_item(self, start: float) -> float:
        return (self.step.seconds - start) / self.items


def faults(latency: int, cells: Sequence[Cell]) -> list[str]:
    """What no machine's slowness explains."""
    found = []
    for cell in cells:
        where = "latency %d ms, %d mailboxes: " % (latency, cell.size)
        reads = _reads(cell.script.requests)
        if cell.threaded.requests != cell.script.requests:
            found.append(
                where + "the script's two ways differ: %s" % _differ(cell.threaded.requests, cell.script.requests)
            )
        if cell.apply.requests != cell.script.requests:
            found.append(where + "playbook and script differ: %s" % _differ(cell.apply.requests, cell.script.requests))
        if cell.dry.requests != reads or cell.dry.writes:
            found.append(where + "dry run and script's reading differ: %s" % _differ(cell.dry.requests, reads))
        if cell.again.writes or cell.again.requests != _reads(cell.again.requests):
            found.append(where + "the second run wrote: %s" % _routes(cell.again.requests))
    return found


def page(latency: int, start: float, cells: Sequence[Cell], loop: Loop | None) -> str:
    """The table of one latency."""
    lines = [
        "Latency %d ms; %s; Python %s; %s CPUs"
        % (latency, platform.system(), platform.python_version(), os.cpu_count()),
        "",
        _row("mailboxes, over 50 domains", ["%d" % cell.size for cell in cells]),
    ]

    def row(name: str, value: Callable[[Cell], str]) -> None:
        lines.append(_row(name, [value(cell) for cell in cells]))

    row("(a) script, one request at a time, s", lambda cell: "%.2f" % cell.script.seconds)
    row("(a) script, 8 threads, s", lambda cell: "%.2f" % cell.threaded.seconds)
    row("(b) playbook, s", lambda cell: "%.2f" % cell.apply.seconds)
    row("(b) without ansible's own start, s", lambda cell: "%.2f" % (cell.apply.seconds - start))
    row("    the same, ms a mailbox", lambda cell: "%.2f" % ((cell.apply.seconds - start) * 1000 / cell.size))
    row("(b) dry run, s", lambda cell: "%.2f" % cell.dry.seconds)
    row("(b) again, nothing to do, s", lambda cell: "%.2f" % cell.again.seconds)
    row("(b) largest process, MB", lambda cell: "%.0f" % max(step.measured.peak_mb for step in cell.plays))
    row("(b) all processes together, MB", lambda cell: "%.0f" % max(step.measured.together_mb for step in cell.plays))
    row("requests of (a)", lambda cell: counted(cell.script.requests))
    row("requests of (b)", lambda cell: counted(cell.apply.requests))
    row("requests of (b), dry run", lambda cell: counted(cell.dry.requests))
    row("requests of (b), again", lambda cell: counted(cell.again.requests))
    row("(b - start) / (a) one at a time", lambda cell: "%.2f" % _ratio(cell, start, cell.script))
    row("(b - start) / (a) 8 threads", lambda cell: "%.2f" % _ratio(cell, start, cell.threaded))
    lines.append("")
    lines.append("ansible's own start (empty play): %.2f s" % start)
    if loop:
        each = loop.per_item(start)
        lines.append(
            "(c) loop over ansible.builtin.uri: %.2f s for %d items, %.0f ms a mailbox; scaled to %d: %.0f s"
            % (loop.step.seconds, loop.items, each * 1000, loop.scaled_to, each * loop.scaled_to + start)
        )
        lines.append(
            _row("(b) is faster than (c), times a mailbox", ["%.0f" % _faster(cell, start, each) for cell in cells])
        )
    lines.append("Routes of (b) at %d: %s" % (cells[-1].size, _routes(cells[-1].apply.requests)))
    lines.append("")
    return "\n".join(lines + _verdicts(latency, start, cells, loop))


def _verdicts(latency: int, start: float, cells: Sequence[Cell], loop: Loop | None) -> list[str]:
    last = cells[-1]
    # The playbook sends eight requests at a time; without latency threads gain a script nothing.
    reference, name = (last.threaded, "8 threads") if latency else (last.script, "one request at a time")
    ratio = _ratio(last, start, reference)
    memory = max(step.measured.peak_mb for cell in cells for step in cell.plays)
    equal = all(cell.apply.requests == cell.script.requests for cell in cells)
    quiet = all(not cell.again.writes and _reads(cell.again.requests) == cell.again.requests for cell in cells)
    lines = [
        _verdict(equal, "requests equal to (a)", "yes" if equal else "no"),
        _verdict(
            ratio <= WANTED_RATIO,
            "wall at %d at most %.1f x (a) %s + start" % (last.size, WANTED_RATIO, name),
            "%.2f x" % ratio,
        ),
    ]
    if loop:
        each = loop.per_item(start)
        for cell in cells:
            times = _faster(cell, start, each)
            what = "at %d at least %d x faster a mailbox than (c)" % (cell.size, WANTED_FASTER)
            lines.append(_verdict(times >= WANTED_FASTER, what, "%.0f x" % times))
    lines.append(_verdict(quiet, "a second run needs only listings", _routes(last.again.requests)))
    lines.append(_verdict(memory < WANTED_MB, "memory below %d MB" % WANTED_MB, "%.0f MB" % memory))
    return lines


def _verdict(met: bool, what: str, value: str) -> str:
    return "%s  %s: %s" % ("PASS" if met else "MISS", what, value)


def _ratio(cell: Cell, start: float, reference: Step) -> float:
    return (cell.apply.seconds - start) / reference.seconds


def _faster(cell: Cell, start: float, each: float) -> float:
    return each * cell.size / (cell.apply.seconds - start)


def _row(name: str, values: Sequence[str]) -> str:
    return name.ljust(40) + "".join(value.rjust(12) for value in values)


def _reads(requests: dict[str, int]) -> dict[str, int]:
    return {route: count for route, count in requests.items() if route.startswith("GET ")}


def _differ(sent: dict[str, int], wanted: dict[str, int]) -> str:
    """Routes whose counts are not equal."""
    routes = sorted(route for route in {*sent, *wanted} if sent.get(route) != wanted.get(route))
    return ", ".join("%s %d, not %d" % (route, sent.get(route, 0), wanted.get(route, 0)) for route in routes)


def counted(requests: dict[str, int]) -> str:
    """Reads + writes."""
    reads = sum(_reads(requests).values())
    return "%d+%d" % (reads, sum(requests.values()) - reads)


def _routes(requests: dict[str, int]) -> str:
    return ", ".join("%d %s" % (count, route) for route, count in sorted(requests.items()))
