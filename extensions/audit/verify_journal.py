# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies a journal offline, with nothing but Python 3.8 or newer: for an auditor who trusts neither the machine nor us.

Exit codes: 0 ok, recovered or retired; 3 unanchored; 4 gap; 5 missing; 6 invalid, the worst that was found; 2 could not verify.
docs/journal.md explains the verdicts, the files, and how a checkpoint is signed. It shares no code with the collection.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import typing as t

EXIT = {"ok": 0, "recovered": 0, "retired": 0, "unanchored": 3, "gap": 4, "missing": 5, "invalid": 6}
WORST = list(EXIT)
INDEX = "runs.index"
NAMESPACE = "mailops-audit"
GENESIS = "sha256:" + "0" * 64
CHECKPOINT = re.compile(
    r"mailops\.checkpoint/1\norigin: (?P<origin>[^\n]+)\ntime: (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n"
    r"runs: (?P<runs>\d+)\nindex: (?P<index>[1-9]\d*)\ndigest: (?P<digest>sha256:[0-9a-f]{64})\n\Z"
)
RUN_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.jsonl\Z")
SHOWN = 5


class Unusable(Exception):
    """Nothing can be said; not a verdict."""


class Subject:
    """A file, and what was found of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines = 0
        self.findings = []  # type: t.List[t.Tuple[str, str]]

    def add(self, verdict: str, text: str) -> None:
        self.findings.append((verdict, text))

    @property
    def verdict(self) -> str:
        return max((one[0] for one in self.findings), key=WORST.index, default="ok")

    def plain(self) -> dict[str, t.Any]:
        findings = [{"verdict": verdict, "text": text} for verdict, text in self.findings]
        return {"file": self.name, "verdict": self.verdict, "lines": self.lines, "findings": findings}


def canonical(value: t.Any) -> bytes:
    """RFC 8785 for what a journal may hold: ASCII keys and no floats, so that Python's order and numbers are its own.

    :raises ValueError: for anything else.
    """
    _refuse(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _refuse(value: t.Any) -> None:
    if isinstance(value, dict):
        if any(not isinstance(key, str) or any(ord(one) > 127 for one in key) for key in value):
            raise ValueError("a key is not ASCII")
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _refuse(one)
    elif isinstance(value, float):
        raise ValueError("a number is no integer")


def digest_of(data: bytes, prefix: bytes) -> str:
    """*prefix* names the rule, ``mailops-event-v1`` or ``mailops-index-v1``; *data* is a line without its line feed."""
    return "sha256:" + hashlib.sha256(prefix + b"\n" + data).hexdigest()


class Chain:
    """Lines of a file in order: what each says, its digest, and what is torn behind them."""

    def __init__(self, path: str, subject: Subject, prefix: bytes, spec: str) -> None:
        self.subject = subject
        self.digests = [GENESIS]
        self.torn = b""
        self._path, self._prefix, self._spec = path, prefix, spec

    def __iter__(self) -> t.Iterator[dict[str, t.Any]]:
        seq = 0
        with open(self._path, "rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.torn = line
                    break
                self.subject.lines = number
                event = self._read(number, line[:-1])
                if event:
                    seq = self._follow(number, event, seq)
                else:
                    seq += 1
                self.digests.append(digest_of(line[:-1], self._prefix))
                if event:
                    yield event

    def _read(self, number: int, data: bytes) -> dict[str, t.Any]:
        try:
            event = json.loads(data.decode("utf-8"))
            if not isinstance(event, dict) or event.get("spec") != self._spec:
                raise ValueError("it is not of the form " + self._spec)
            if canonical(event) != data:
                raise ValueError("its bytes are not canonical")
            return event
        except (ValueError, RecursionError) as error:
            self.subject.add("invalid", "line %d: %s" % (number, error))
            return {}

    def _follow(self, number: int, event: dict[str, t.Any], before: int) -> int:
        if event.get("prev") != self.digests[-1]:
            self.subject.add("invalid", "line %d does not follow the line before it" % number)
        seq = event.get("seq")
        if not isinstance(seq, int) or seq <= before:
            self.subject.add("invalid", "line %d: number %r behind %d" % (number, seq, before))
            return before + 1
        if seq > before + 1:
            self.subject.add("gap", "line %d: %d is missing in front of %d" % (number, before + 1, seq))
        return seq


class Index:
    """What the index says of each file."""

    def __init__(self, folder: str) -> None:
        self.subject = Subject(INDEX)
        self.lines = {}  # type: t.Dict[str, t.List[t.Dict[str, t.Any]]]
        self.open = {}  # type: t.Dict[str, str]
        self.digests = [GENESIS]
        path = os.path.join(folder, INDEX)
        if not os.path.lexists(path):
            return
        if not os.path.isfile(path):
            raise Unusable("%s is no file" % path)
        chain = Chain(path, self.subject, b"mailops-index-v1", "mailops.index/1")
        for line in chain:
            try:
                self._take(line)
            except (KeyError, TypeError):
                self.subject.add("invalid", "number %s lacks what a line of the index has" % line.get("seq"))
        self.digests = chain.digests
        if chain.torn:
            self.subject.add(
                "unanchored", "a torn line of %d bytes, which no writer has declared yet" % len(chain.torn)
            )

    def _take(self, line: dict[str, t.Any]) -> None:
        """:raises KeyError, TypeError: for a line that no writer has written."""
        session, name, what, count = line["session"], line["file"], line["event"], line.get("events")
        if (
            not isinstance(line["seq"], int)
            or not RUN_FILE.match(name)
            or what not in ("opened", "closed", "recovered", "retired")
        ):
            raise TypeError("seq, file, event")
        if what == "opened":
            self.open[session] = name
        elif not isinstance(count, int) or count < 0:
            raise TypeError("events")
        elif what == "retired":
            self._retire(name, line)
        elif self.open.pop(session, None) != name:
            self.subject.add("invalid", "number %d ends what was not begun" % line["seq"])
        if sorted(self.open) != sorted(one["session"] for one in line["open"]):
            self.subject.add("invalid", "number %d: a session began or ended that no line tells" % line["seq"])
        if "cut_off" in line:
            text = "number %d: a torn line of %d bytes was cut off" % (line["seq"], line["cut_off"]["bytes"])
            self.subject.add("recovered", text)
        # Its place, which whoever writes a false number does not choose.
        line["place"] = self.subject.lines
        self.lines.setdefault(name, []).append(line)

    def _retire(self, name: str, line: dict[str, t.Any]) -> None:
        """A run that was taken away by somebody who says so: all of it, and nothing that was still being written."""
        states = [one for one in self.lines.get(name, []) if one["event"] in ("closed", "recovered")]
        known = max(states, key=lambda one: one["events"], default=None)
        if known is None or (known["events"], known.get("last")) != (line["events"], line.get("last")):
            self.subject.add("invalid", "number %d retires what the index does not know so" % line["seq"])
        if name in self.open.values():
            self.subject.add("invalid", "number %d retires a run that is open" % line["seq"])


def check_run(folder: str, name: str, index: Index, covered: int, retention: int = 0) -> Subject:
    """One run's file against itself and against the index.

    :param retention: days for which a run has to be kept.
    :param covered: the last line of the index that can be trusted: that of the checkpoint, or its last when there is none.
    """
    subject = Subject(name)
    told = index.lines.get(name, [])
    states = [line for line in told if line["event"] != "opened"]
    still_open = name in index.open.values()
    for line in states:
        if line["event"] == "recovered":
            text = "line %d of the index: its writer was killed behind %d events" % (line["place"], line["events"])
            subject.add("recovered", text)
    path = os.path.join(folder, name)
    if told and told[-1]["event"] == "retired":
        _judge_retired(subject, told, covered, retention, os.path.lexists(path))
        if not os.path.lexists(path):
            return subject
    if not os.path.exists(path):
        if any(line["events"] for line in states):
            subject.add("missing", "the file is gone")
        elif still_open:
            subject.add("unanchored", "it was opened, and nobody has said yet what was written")
        return subject
    if not os.path.isfile(path):
        subject.add("invalid", "it is no file")
        return subject
    chain = Chain(path, subject, b"mailops-event-v1", "mailops.audit/1")
    for event in chain:
        if str(event.get("stream")) + ".jsonl" != name:
            subject.add("invalid", "number %s is of the run %s" % (event.get("seq"), event.get("stream")))
        if event.get("action") == "audit.recovered":
            subject.add("recovered", "number %s: a torn line was cut off" % event.get("seq"))
    _compare(subject, chain, states)
    if chain.torn:
        _judge_torn(subject, chain.torn, states, still_open or not told)
    anchored = max([line["events"] for line in states if line["place"] <= covered], default=0)
    if not told:
        subject.add("unanchored", "no line of the index names it")
    elif subject.lines > anchored:
        why = "no line of the index counts them yet" if covered == len(index.digests) - 1 else "behind the checkpoint"
        subject.add("unanchored", "events %d to %d: %s" % (anchored + 1, subject.lines, why))
    return subject


def _compare(subject: Subject, chain: Chain, states: list[dict[str, t.Any]]) -> None:
    for line in states:
        if line["events"] > subject.lines:
            text = "%d events, of which %d are there" % (line["events"], subject.lines)
            subject.add("missing", "line %d of the index counts %s" % (line["place"], text))
        elif line.get("last") != chain.digests[line["events"]]:
            text = "line %d is not the one that line %d of the index names" % (line["events"], line["place"])
            subject.add("invalid", text)


def _judge_retired(subject: Subject, told: list[dict[str, t.Any]], covered: int, retention: int, there: bool) -> None:
    line, before = told[-1], [one for one in told if one["event"] != "retired"]
    text = "%d events, retired %s by %s: %s" % (
        line["events"],
        line.get("timestamp"),
        line.get("by"),
        line.get("reason"),
    )
    subject.add("retired", text + ("; the file is still there" if there else ""))
    if line["place"] > covered:
        subject.add("unanchored", "retired behind the checkpoint")
    try:
        ended = max(_moment(one["timestamp"]) for one in before)
        kept = (_moment(line["timestamp"]) - ended).days
    except (KeyError, TypeError, ValueError):
        subject.add("invalid", "line %d of the index has no time" % line["place"])
        return
    if kept < retention:
        subject.add("missing", "it was retired %d days behind its end, and has to be kept for %d" % (kept, retention))


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def _judge_torn(subject: Subject, torn: bytes, states: list[dict[str, t.Any]], may_be: bool) -> None:
    declared = {"bytes": len(torn), "digest": "sha256:" + hashlib.sha256(torn).hexdigest()}
    if any(line.get("torn") == declared for line in states):
        subject.add("recovered", "a torn line of %d bytes, which the index declares" % len(torn))
    elif may_be:
        subject.add("unanchored", "a torn line of %d bytes, which no writer has declared yet" % len(torn))
    else:
        subject.add("invalid", "%d bytes behind the last line, which no writer has left there" % len(torn))


def check_checkpoint(path: str, index: Index, options: argparse.Namespace) -> tuple[Subject, int]:
    """A checkpoint, its signature, and the index against it; with the line of the index that it covers, or 0."""
    subject = Subject(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise Unusable("%s: %s" % (path, error.strerror)) from error
    found = CHECKPOINT.match(data.decode("utf-8", "replace"))
    if not found:
        subject.add("invalid", "it is no checkpoint")
        return subject, 0
    count = int(found.group("index"))
    if options.allowed_signers and not signed(path, data, found.group("time"), options):
        subject.add("invalid", "the signature is not one of an allowed signer for the time of the checkpoint")
    elif count >= len(index.digests):
        text = "the index has %d lines, the checkpoint was made behind %d" % (len(index.digests) - 1, count)
        subject.add("missing", text)
    elif index.digests[count] != found.group("digest"):
        subject.add("invalid", "line %d of the index is not the one of the checkpoint: it was written anew" % count)
    return subject, 0 if subject.findings else count


def signed(path: str, data: bytes, moment: str, options: argparse.Namespace) -> bool:
    """Whether ssh-keygen takes the signature of a key that was valid at that moment, not only today."""
    signature = options.signature or path + ".sig"
    at = "-Overify-time=" + re.sub("[^0-9]", "", moment)
    common = ["-f", options.allowed_signers, "-s", signature, at]
    signer = options.signer or _ssh_keygen(["-Y", "find-principals", *common], data).split("\n")[0].split(",")[0]
    return bool(signer and _ssh_keygen(["-Y", "verify", "-n", NAMESPACE, "-I", signer, *common], data))


def _ssh_keygen(arguments: list[str], data: bytes) -> str:
    """What it says, nothing when it refuses."""
    try:
        done = subprocess.run(
            ["ssh-keygen", *arguments], input=data, capture_output=True, check=False, env={**os.environ, "TZ": "UTC"}
        )
    except OSError as error:
        raise Unusable("ssh-keygen: %s" % error.strerror) from error
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def seal(folder: str, index: Index, runs: int) -> str:
    """Write a checkpoint of what was verified, and return its path."""
    count = len(index.digests) - 1
    if not count:
        raise Unusable("there is no index to make a checkpoint of")
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = "mailops.checkpoint/1\norigin: %s\ntime: %s\nruns: %d\nindex: %d\ndigest: %s\n"
    path = os.path.join(folder, "checkpoints", "%s-%d.txt" % (re.sub("[^0-9TZ]", "", moment), count))
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text % (socket.gethostname(), moment, runs, count, index.digests[-1]))
        file.flush()
        os.fsync(file.fileno())
    return path


def verify(folder: str, options: argparse.Namespace) -> tuple[list[Subject], Index]:
    """Verdicts of the index, the checkpoints, and each run that is there or ought to be."""
    if not os.path.isdir(folder):
        raise Unusable("%s is no folder" % folder)
    # The names first: a run that begins while we read is in the index by then.
    names = {name for name in os.listdir(folder) if name.endswith(".jsonl")}
    index = Index(folder)
    checked = [check_checkpoint(path, index, options) for path in options.checkpoint]
    covered = max([one[1] for one in checked], default=len(index.digests) - 1)
    subjects = [index.subject] + [one[0] for one in checked]
    if names and len(index.digests) == 1:
        index.subject.add("missing", "there is no index")
    runs = sorted(names | set(index.lines))
    return subjects + [check_run(folder, name, index, covered, options.retention) for name in runs], index


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a journal offline.", epilog=str(__doc__).split("\n\n")[1])
    parser.add_argument("journal", metavar="JOURNAL_DIR")
    parser.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help="kept elsewhere; repeatable")
    parser.add_argument("--allowed-signers", metavar="FILE", help="of ssh-keygen; each checkpoint has to be signed")
    parser.add_argument("--signature", metavar="FILE", help="default: the checkpoint's name with .sig")
    parser.add_argument("--signer", metavar="NAME", help="who has to have signed; default: any allowed signer")
    parser.add_argument("--retention", metavar="DAYS", type=int, default=0, help="how long each run has to be kept")
    parser.add_argument("--seal", action="store_true", help="write a checkpoint unless something is wrong")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    try:
        subjects, index = verify(options.journal, options)
        worst = max((one.verdict for one in subjects), key=WORST.index)
        path = ""
        if options.seal and EXIT[worst] <= EXIT["unanchored"]:
            path = seal(options.journal, index, len(index.lines))
    except (Unusable, OSError) as error:
        sys.stderr.write("%s\n" % error)
        return 2
    if options.json:
        answer = {"verdict": worst, "files": [one.plain() for one in subjects], "sealed": path}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        sys.stdout.write(table(subjects, worst, path))
    return EXIT[worst]


def table(subjects: list[Subject], worst: str, path: str) -> str:
    lines = []
    for one in subjects:
        lines.append("%-10s  %8d  %s" % (one.verdict, one.lines, one.name))
        lines += ["%24s%s: %s" % ("", verdict, text) for verdict, text in one.findings[:SHOWN]]
        if len(one.findings) > SHOWN:
            lines.append("%24sand %d more, see --json" % ("", len(one.findings) - SHOWN))
    lines.append("%s: %d files" % (worst, len(subjects)))
    if path:
        lines.append("checkpoint %s; sign it, and copy both files to where no operator can write" % path)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
