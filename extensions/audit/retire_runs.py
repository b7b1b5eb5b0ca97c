# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes runs from a journal when their time is over, and says so in the index, so that gone is not the same as missing.

Needs Python 3.8 or newer and verify_journal.py beside it. Without --apply it only says what it would remove. A run stays while
anybody needs it: it is open or in doubt, it is the last to speak of an object that is still there, or what the provider has
switched off on the side is owed from it. docs/audit.md explains who needs what for how long.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import json
import os
import sys
import typing as t

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import verify_journal as verifier

_DONE = ("success", "unverified")
Line = dict[str, t.Any]


class Needs:
    """Which runs are needed, and why, from what all of them say."""

    def __init__(self) -> None:
        self.why = {}  # type: t.Dict[str, str]
        self._last = {}  # type: t.Dict[t.Tuple[str, str, str], t.Tuple[t.Tuple[str, int], str, bool]]
        self._deleted = {}  # type: t.Dict[str, t.Tuple[str, int]]
        self._intents = {}  # type: t.Dict[str, str]
        self._closed = set()  # type: t.Set[str]

    def take(self, run: str, event: Line) -> None:
        """An event of a run, in any order of runs."""
        phase, outcome = event.get("phase"), event.get("outcome")
        if phase == "intent":
            self._intents[str(event.get("id"))] = run
        if phase != "outcome":
            return
        if outcome != "in_doubt":
            self._closed.add(str(event.get("intent_id")))
        thing = event.get("object")
        if outcome not in _DONE or not isinstance(thing, dict):
            return
        moment = (str(event.get("timestamp")), int(event.get("seq") or 0))
        name = (str(event.get("provider")), str(thing.get("kind")), str(thing.get("key")))
        there = event.get("after") is not None
        if name not in self._last or self._last[name][0] < moment:
            self._last[name] = (moment, run, there)
        if not there and name[1] in ("mailbox", "domain"):
            self._deleted[name[2]] = max(moment, self._deleted.get(name[2], moment))
        if event.get("collateral") and there:
            self.why.setdefault(run, "what was switched off beside %s is owed from it" % name[2])

    def settle(self) -> None:
        """When all events were taken."""
        for intent, run in self._intents.items():
            if intent not in self._closed:
                self.why[run] = "an intent of it is in doubt"
        for (_provider, kind, key), (moment, run, there) in self._last.items():
            gone = max(self._deleted.get(name, ("", 0)) for name in (key, key.rsplit("@", 1)[-1]))
            if there and moment > gone:
                self.why.setdefault(run, "it is the last to speak of %s %s" % (kind, key))


def plan(folder: str, before: str) -> tuple[list[tuple[str, Line]], dict[str, str]]:
    """Runs to retire with the last that the index says of each, and runs of that age that stay, with why.

    :raises Unusable: the journal does not verify.
    """
    subjects, index = verifier.verify(folder, argparse.Namespace(checkpoint=[], allowed_signers=None, retention=0))
    wrong = [one for one in subjects if verifier.EXIT[one.verdict] > verifier.EXIT["unanchored"]]
    if wrong:
        raise verifier.Unusable(
            "%s is %s: nothing is retired from a journal that does not verify" % (wrong[0].name, wrong[0].verdict)
        )
    verdicts = {one.name: one.verdict for one in subjects}
    needs = Needs()
    for name in sorted(index.lines):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        needs.take(name, json.loads(line))
    needs.settle()
    found, stays = [], {}
    for name, told in sorted(index.lines.items()):
        states = [one for one in told if one["event"] in ("closed", "recovered")]
        if told[-1]["event"] == "retired" and os.path.exists(os.path.join(folder, name)):
            found.append((name, told[-1]))  # it was killed in between
        elif told[-1]["event"] == "retired" or told[-1]["timestamp"] >= before:
            continue
        elif name in index.open.values() or not states or verifier.EXIT[verdicts[name]]:
            stays[name] = "it is %s" % ("open" if name in index.open.values() else verdicts[name])
        elif name in needs.why:
            stays[name] = needs.why[name]
        else:
            found.append((name, max(states, key=lambda one: one["events"])))
    return found, stays


def retire(folder: str, runs: list[tuple[str, Line]], by: str, reason: str) -> None:
    """Say so in the index, durably, then remove the files.

    :raises OSError, Unusable:
    """
    path = os.path.join(folder, verifier.INDEX)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with open(path, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        if not lines or not lines[-1].endswith(b"\n"):
            raise verifier.Unusable(
                "the index ends with a torn line, which the next run will declare; try again after it"
            )
        last = json.loads(lines[-1])
        block = b""
        seq, prev = last["seq"], verifier.digest_of(lines[-1][:-1], b"mailops-index-v1")
        for name, state in runs:
            if state["event"] == "retired":
                continue
            if name in [one["file"] for one in last["open"]]:
                raise verifier.Unusable("%s is being written again" % name)
            seq += 1
            line = {
                "spec": "mailops.index/1",
                "event": "retired",
                "session": "",
                "seq": seq,
                "prev": prev,
                "timestamp": _now(),
                "run": state["run"],
                "file": name,
                "events": state["events"],
                "last": state["last"],
                "open": last["open"],
                "by": by,
                "reason": reason,
            }
            data = verifier.canonical(line)
            prev = verifier.digest_of(data, b"mailops-index-v1")
            block += data + b"\n"
        while block:
            block = block[os.write(handle, block) :]
        os.fsync(handle)
        for name, _state in runs:
            os.unlink(os.path.join(folder, name))
    finally:
        os.close(handle)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Retire runs of a journal.", epilog=str(__doc__).split("\n\n")[1])
    parser.add_argument("journal", metavar="JOURNAL_DIR")
    parser.add_argument("--days", type=int, required=True, help="runs that ended longer ago than so many days")
    parser.add_argument("--by", required=True, help="the person who decides it")
    parser.add_argument("--reason", required=True, help="the rule that asks for it")
    parser.add_argument("--apply", action="store_true", help="do it; otherwise only say what would be done")
    options = parser.parse_args(arguments)
    limit = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=options.days)
    try:
        found, stays = plan(options.journal, limit.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        if options.apply and found:
            retire(options.journal, found, options.by, options.reason)
    except (verifier.Unusable, OSError, ValueError, KeyError) as error:
        sys.stderr.write("%s\n" % error)
        return 2
    for name, why in sorted(stays.items()):
        sys.stdout.write("stays     %s  %s\n" % (name, why))
    for name, _state in found:
        sys.stdout.write("%s  %s\n" % ("retired " if options.apply else "would go", name))
    sys.stdout.write("%d of %d runs of that age\n" % (len(found), len(found) + len(stays)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
