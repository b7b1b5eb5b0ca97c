# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One trial: something is run, killed, run again until it is done, run once more, and judged."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import io
import json
import random
import shutil
import typing as t
from pathlib import Path

import invariants as look
import powercut
import pyrage
from forks import Bug, Done, Folder, Forks, Result, common_options
from invariants import Journal, Truth, Violation
from playbook import Playbook
from powercut import read_log
from sandboxlib import Sandbox
from scenarios import Task, World
from table import SCENARIOS
from watch import POINTS, WHO, Kill

VERIFIER = Path(__file__).parents[2] / "extensions" / "audit" / "verify_journal.py"
# Behind these an intent is left open, or a session: only then does the next run pass these points.
LEAVES_OPEN = ("intent.synced", "request.before", "request.sent", "answer.lost", "answer.taken", "outcome.before")
SETTLES = ("settled.before", "settled.torn", "settled.written", "settled.synced")
REPEATS = ("retry.before", "retry.torn", "retry.written", "retry.synced")
RECOVERS = ("index.recovered.before", "index.recovered.torn", "index.recovered.written", "index.recovered.synced")
CUTS = ("cut.before", "cut.after")
# Every so-manieth trial is by the real ansible-playbook.
REAL = 15
# After so many runs that were not killed it has to be done; one may be needed for what a fault left in doubt.
RUNS = 3
# The provider breaks too, in some trials: the answer to a change is lost, in every way that leaves doubt.
FAULTS: tuple[dict[str, t.Any], ...] = (
    {"kind": "reset", "when": "after_commit"},
    {"kind": "reset", "when": "before_commit"},
    {"kind": "status", "status": 500, "when": "after_commit"},
    {"kind": "status", "status": 503, "when": "before_commit"},
    {"kind": "timeout", "when": "after_commit", "seconds": 0.6},
    {"kind": "truncated", "when": "after_commit"},
    # Still under way when its run is dead, and the next one looks.
    {"kind": "slow", "when": "before_commit", "seconds": 0.15},
    {"kind": "slow", "when": "before_commit", "seconds": 0.15},
    {"kind": "status", "status": 429, "retry_after": 0, "when": "before_commit"},
)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What happens in a trial; all of it follows from seed and number.

    :param overlap: after the playbook's process alone was killed, the next run begins while its worker is still at work.
    :param lenient: the provider takes a second invite for an address, so that only we can prevent one.
    :param same_run: the controller gives all runs one name, so that they write one file.
    :param real: by the real ansible-playbook.
    """

    seed: int
    number: int
    scenario: str
    kills: tuple[Kill, ...]
    faults: tuple[dict[str, t.Any], ...]
    concurrency: int
    overlap: bool
    lenient: bool
    real: bool
    same_run: bool

    def __str__(self) -> str:
        kills = ", ".join("%s at %s #%d" % (one.who, one.point or "any point", one.nth) for one in self.kills)
        faults = ", ".join("%s %s" % (one["kind"], one["when"]) for one in self.faults)
        what = self.scenario + " by ansible-playbook" * self.real
        return "%s: %s%s" % (what, kills or "no kill", "; provider: " + faults if faults else "")


@dataclasses.dataclass
class Verdict:
    plan: Plan
    killed: list[tuple[str, str]]
    violations: list[Violation]
    lost: list[str] = dataclasses.field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.violations}


class Bench:
    """One sandbox and what trials share.

    :param bug: a safeguard that is taken out in each worker.
    """

    def __init__(self, folder: Path, bug: Bug | None = None, *, keep: bool = False) -> None:
        self.folder = folder
        self._bug = bug
        self._keep = keep
        self.sandbox = Sandbox(folder / "sandbox")
        self._identity = pyrage.x25519.Identity.generate()
        spec = importlib.util.spec_from_file_location("verify_journal", VERIFIER)
        self._verifier = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(self._verifier)  # type: ignore[union-attr]
        self.points: dict[str, dict[str, int]] = {}

    def close(self) -> None:
        self.sandbox.stop()

    def learn(self, scenarios: t.Iterable[str]) -> list[Verdict]:
        """Run each scenario unkilled: how often it passes each point, and that nothing is wrong with it then."""
        verdicts = []
        for name in scenarios:
            plan = Plan(0, -1, name, (), (), 1, False, False, False, False)
            verdict, first = self._try(plan)
            self.points[name] = first.points
            verdicts.append(verdict)
        return verdicts

    def plan(self, seed: int, number: int, scenarios: t.Sequence[str]) -> Plan:
        """By the seed alone, but for how often a scenario passes each point."""
        dice = random.Random("%d/%d" % (seed, number))  # noqa: S311 - no secret, to be repeated
        scenario = scenarios[number % len(scenarios)]
        turn = number // len(scenarios)
        points = [point for point in POINTS if self.points[scenario].get(point) or point.endswith(".torn")]
        points = [point for point in points if self.points[scenario].get(point.replace(".torn", ".before"))]
        # Each point in its turn, in another order each time round.
        order = random.Random("%d/%s/%d" % (seed, scenario, turn // len(points)))  # noqa: S311
        point = order.sample(points, len(points))[turn % len(points)]
        times = self.points[scenario][point.replace(".torn", ".before")]
        real = number % REAL == REAL - 1
        # Of the few real ones each kind gets its share.
        who = WHO[number // REAL % len(WHO)] if real else dice.choice(WHO)
        kills = [Kill(point, dice.randint(1, times), who, dice.random())]
        while dice.random() < 0.35 and len(kills) < 3:
            again = dice.choice(_again(point, scenario))
            kills.append(Kill(again, 1 if again else dice.randint(1, 40), dice.choice(WHO), dice.random()))
        faults = []
        while dice.random() < 0.3 and len(faults) < 2:
            faults.append({**dice.choice(FAULTS), "method": dice.choice(("POST", "POST", "PUT", "PATCH", "DELETE")),
                           "skip": dice.randint(0, 3), "times": dice.choice((1, 1, 7))})  # fmt: skip
        plan = Plan(
            seed,
            number,
            scenario,
            tuple(kills),
            tuple(faults),
            concurrency=dice.choice((1, 2, 4)),
            overlap=dice.random() < 0.5,
            lenient=dice.random() < 0.7,
            real=real,
            same_run=dice.random() < 0.3,
        )
        # A bug is planted in forked workers alone.
        return dataclasses.replace(plan, real=False, **self._bug.story) if self._bug else plan

    def trial(self, plan: Plan) -> Verdict:
        return self._try(plan)[0]

    def _try(self, plan: Plan) -> tuple[Verdict, Done]:
        name = "%s%s-%d" % (plan.scenario, "" if plan.number >= 0 else "-unkilled", max(plan.number, 0))
        folder = Folder(self.folder / name)
        folder.root.mkdir(parents=True)
        self.sandbox.ours("DELETE", "/outbox")
        self.sandbox.set(duplicate_invite="new" if plan.lenient else "refuse")
        world = World(self.sandbox, name, str(self._identity.to_public()))
        # A run that recovers waits so long for what is under way: far longer than that takes, on a busy machine too.
        timeout = 1.0 if any(one["kind"] == "slow" for one in plan.faults) else 0.5
        common = common_options(folder, self.sandbox.api, world.token, concurrency=plan.concurrency, timeout=timeout)
        run_id = "job-8812" if plan.same_run else ""
        forks = Forks(folder, common, self._bug, run_id=run_id)
        world.do = forks.must
        runner: Forks | Playbook = forks
        if plan.real:
            reach = {
                "MAILOPS_API_URL": self.sandbox.api,
                "MAILOPS_API_TOKEN": world.token,
                **({"MAILOPS_RUN_ID": run_id} if run_id else {}),
            }
            runner = Playbook(folder, reach, timeout=1, deadline=5, concurrency=plan.concurrency)
        story = _Story(self, plan, folder, world, runner)
        verdict = story.run()
        if not verdict.violations and not self._keep:
            shutil.rmtree(folder.path)
        return verdict, story.first

    def open(self, folder: Folder) -> dict[str, dict[str, t.Any]]:
        """Sealed files by address, as their owners read them."""
        found = {}
        for path in folder.sealed.rglob("*.age"):
            try:
                document = json.loads(pyrage.decrypt(path.read_bytes(), [self._identity]))
            except (pyrage.DecryptError, ValueError):
                continue
            found[document["address"]] = document
        return found

    def verify(self, folder: Folder) -> tuple[str, list[str]]:
        """The stand-alone verifier's verdict, and its findings."""
        if not folder.journal.is_dir():
            return "ok", []
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = self._verifier.main([str(folder.journal), "--json"])
        if status == 2:
            return "could not verify", []
        told = json.loads(said.getvalue())
        findings = [(one["file"], finding) for one in told["files"] for finding in one["findings"]]
        return told["verdict"], ["%s %s: %s" % (name, one["verdict"], one["text"]) for name, one in findings]


class _Story:
    """A trial as it goes."""

    def __init__(self, bench: Bench, plan: Plan, folder: Folder, world: World, forks: Forks | Playbook) -> None:
        self._bench, self._plan, self._folder, self._world, self._forks = bench, plan, folder, world, forks
        self._scenario = SCENARIOS[plan.scenario]
        self._found: list[Violation] = []
        self._killed: list[tuple[str, str]] = []
        self._lost: list[str] = []
        self._results: list[Result] = []
        self._dice = random.Random("%d/%d/cut" % (plan.seed, plan.number))  # noqa: S311
        self.first = Done([], None, {})

    def run(self) -> Verdict:
        self._scenario.prepare(self._world)
        tasks: t.Any = self._scenario.steps(self._world) if self._plan.real else self._scenario.tasks(self._world)
        if self._plan.faults:
            self._world.sandbox.ours("POST", "/faults", list(self._plan.faults))
        kills = list(self._plan.kills)
        wait = not self._plan.overlap
        while kills:
            done = self._keep(self._forks.run(tasks, kills.pop(0), wait=wait))
            self._after_kill(done)
        self._world.sandbox.ours("DELETE", "/faults")
        for _turn in range(RUNS):
            done = self._keep(self._forks.run(tasks))
            if done.well:
                break
        self._forks.reap()
        if not done.well:
            self._add("lost", "run %d times, and still: %s" % (RUNS, _why(done)))
        self._converge(tasks)
        self._judge()
        return Verdict(self._plan, self._killed, self._found, self._lost)

    def _keep(self, done: Done) -> Done:
        if not self.first.points:
            self.first = done
        self._results += done.results
        if done.hung:
            self._add("hung", "a process did not end")
        return done

    def _add(self, name: str, text: str) -> None:
        self._found.append(Violation(name, text))

    def _after_kill(self, done: Done) -> None:
        if not done.killed:
            self._killed.append(("not reached", "nobody"))
            return
        self._killed.append((done.killed["point"], done.killed["who"]))
        if done.killed["who"] == "power":
            # A worker without its playbook, from an earlier kill, would have died too.
            self._forks.reap()
            self._lost += powercut.cut(str(self._folder.log), str(self._folder.root), self._dice)
        if done.killed["who"] != "parent":
            self._found += look.check_at_once(Journal(self._folder.journal), Truth(self._world))

    def _converge(self, tasks: t.Sequence[t.Any]) -> None:
        before, files = Truth(self._world).all_changes, _sizes(self._folder)
        done = self._keep(self._forks.run(tasks))
        for result in done.results:
            if result.get("changed") or result.get("plan") or result.get("failed"):
                self._add("convergence", "changed: %s" % (result.get("plan") or result.get("msg")))
            if set(result.get("requests", {})) - {"GET"}:
                self._add("convergence", "requests: %s" % result["requests"])
        if Truth(self._world).all_changes != before:
            self._add("convergence", "the provider has counted more changes")
        if len(done.results) == len(tasks) and _sizes(self._folder) != files:
            self._add("convergence", "the journal has grown")

    def _judge(self) -> None:
        journal, truth = Journal(self._folder.journal), Truth(self._world)
        wanted = self._scenario.wanted(self._world)
        opened = self._bench.open(self._folder)
        self._found += look.check_changes(journal, truth)
        self._found += look.check_wanted(wanted, truth)
        self._found += look.check_records(wanted, journal, self._folder)
        self._found += look.check_credentials(journal, truth, wanted, self._world, opened)
        self._found += look.check_results(self._results, journal)
        self._found += look.check_order(self._folder)
        links = [mail["link"].rsplit("/", 1)[-1] for mail in truth.mails if mail["link"]]
        secrets = [self._world.token, *links, *(one["secret"] for one in opened.values())]
        self._found += look.check_secrets(self._folder, secrets)
        self._check_chain()
        self._found = list(dict.fromkeys(self._found))

    def _check_chain(self) -> None:
        verdict, findings = self._bench.verify(self._folder)
        if verdict == "unanchored":
            # The last that was killed is told of by the next writer: let there be one.
            self._world.mailbox("anchor")
            row = {"address": self._world.at("anchor"), "note": "One more"}
            self._world.do([Task("mailbox", {"request_id": "REQ-2026-777", "mailboxes": [row]})])
            verdict, findings = self._bench.verify(self._folder)
        if verdict not in ("ok", "recovered"):
            self._add("chain", "%s: %s" % (verdict, "; ".join(findings)))
        torn = [entry for entry in read_log(str(self._folder.log)) if entry["e"] == "kill"]
        if not torn and verdict != "ok":
            self._add("chain", "nothing was killed, and it says %s" % verdict)


def _again(first: str, scenario: str) -> list[str]:
    """Where a run may be killed that recovers from a kill: anywhere, or at what only such a run does."""
    points = [""] * 2
    if first in LEAVES_OPEN:
        points += SETTLES
        # Only invites are asked for again.
        points += REPEATS * (2 * (scenario == "onboard"))
    if not first.startswith(("read", "index.opened", "index.closed.synced", "seal")):
        points += RECOVERS
    return points + list(CUTS) * first.endswith(".torn")


def _why(done: Done) -> str:
    return "; ".join(str(one.get("msg")) for one in done.results if one.get("failed")) or "hung" * done.hung


def _sizes(folder: Folder) -> dict[str, int]:
    return {
        path.name: path.stat().st_size
        for path in sorted(folder.journal.glob("*"))
        if path.suffix in (".jsonl", ".index")
    }
