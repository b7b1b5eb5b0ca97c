# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal, the means to forge it, and the verifier as an auditor runs it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import index_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

VERIFIER = Path(__file__).resolve().parents[3] / "extensions" / "audit" / "verify_journal.py"
Rows = list[dict[str, Any]]


class Book:
    """A journal's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, run: str, count: int = 4, close: bool = True) -> JournalWriter:
        writer = JournalWriter(str(self.folder), run, {"request_id": "REQ-1"})
        writer.append([{"action": "request.received", "phase": "note", "after": {"row": row}} for row in range(count)])
        if close:
            writer.close()
        return writer

    def path(self, run: str) -> Path:
        return self.folder / (run + ".jsonl")

    def lines(self, run: str) -> list[bytes]:
        return self.path(run).read_bytes().splitlines(keepends=True)

    def put(self, run: str, lines: list[bytes]) -> None:
        self.path(run).write_bytes(b"".join(lines))

    def forge(self, run: str, change: Callable[[Rows], object], number: bool = True) -> None:
        """Change events and chain them anew, as one who knows the rule would."""
        rows = [json.loads(line) for line in self.lines(run)]
        change(rows)
        self.path(run).write_bytes(chained(rows, line_digest, number))

    def forge_index(self, change: Callable[[Rows], object], number: bool = True) -> None:
        path = self.folder / INDEX
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        change(rows)
        path.write_bytes(chained(rows, index_digest, number))

    def verify(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Without the collection in reach: -I leaves PYTHONPATH and the current folder out."""
        command = [sys.executable, "-I", str(VERIFIER), str(self.folder), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")

    def verdicts(self, *options: str) -> dict[str, str]:
        """Verdict of each file, of those that are not ok; the overall one as ``""`` when it is not ok."""
        done = self.verify("--json", *options)
        answer = json.loads(done.stdout)
        codes = {"ok": 0, "recovered": 0, "retired": 0, "unanchored": 3, "gap": 4, "missing": 5, "invalid": 6}
        assert done.returncode == codes[answer["verdict"]], done
        found = {Path(one["file"]).stem: one["verdict"] for one in answer["files"] if one["verdict"] != "ok"}
        return {**found, "": answer["verdict"]} if answer["verdict"] != "ok" else found

    def said(self, run: str, *options: str) -> list[tuple[str, str]]:
        answer = json.loads(self.verify("--json", *options).stdout)
        (one,) = [one for one in answer["files"] if Path(one["file"]).stem == run]
        return [(finding["verdict"], finding["text"]) for finding in one["findings"]]

    def seal(self) -> Path:
        """A checkpoint, moved to where the forger cannot write."""
        done = self.verify("--seal", "--json")
        made = Path(json.loads(done.stdout)["sealed"])
        kept = self.folder.parent / ("kept-" + made.name)
        made.rename(kept)
        return kept


def chained(rows: Rows, digest: Callable[[bytes], str], number: bool) -> bytes:
    prev, lines = GENESIS, []
    for count, row in enumerate(rows, 1):
        row["prev"] = prev
        if number:
            row["seq"] = count
        data = canonical_json(row)
        prev = digest(data)
        lines.append(data + b"\n")
    return b"".join(lines)


def the_verifier() -> ModuleType:
    """The program as a module, for what is tried many times."""
    spec = importlib.util.spec_from_file_location("verify_journal", VERIFIER)
    if spec is None or spec.loader is None:
        raise ImportError(str(VERIFIER))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def killed(work: Callable[[], object]) -> None:
    """Do it in a child that then dies by SIGKILL, wherever it is."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
