# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks by the real ansible-playbook, and kills that: slower than forks.py, and nothing stands for anything else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import yaml
from forks import ACTOR, Done, Folder
from powercut import read_log
from scenarios import REQUEST, Task
from watch import Kill

HERE = Path(__file__).resolve().parent
PATIENCE_SECONDS = 60
# A worker that lost its playbook waits for ever to tell its result; so long it has for its work.
WORK_SECONDS = 10.0


class Playbook:
    """The same as Forks.

    :param environment: how to reach the provider; the token is in no file.
    """

    kind = "playbook"

    def __init__(self, folder: Folder, environment: dict[str, str], **options: t.Any) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._variables = {"mailops_journal_dir": str(folder.journal)}
        self._environment.update({"MAILOPS_" + name.upper(): str(value) for name, value in options.items()})
        self._orphans: list[int] = []
        self._runs = 0
        connection = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts = {"clients": {"vars": connection, "hosts": {"acme": {}}}}
        (folder.path / "hosts.yml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
        (folder.path / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")

    def run(self, tasks: t.Sequence[Task | dict[str, t.Any]], kill: Kill | None = None, *, wait: bool = True) -> Done:
        self._runs += 1
        path = self._folder.path / ("play-%d.yml" % self._runs)
        results = self._folder.path / ("results-%d.jsonl" % self._runs)
        steps = [task if isinstance(task, dict) else self._step(task) for task in tasks]
        play = [{"name": "Trial", "hosts": "acme", "gather_facts": False, "tasks": steps, "vars": self._variables}]
        path.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
        before = sum(1 for _entry in self._seen())
        with open(self._folder.path / "output.log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ansible", "playbook", str(path)],
                env=self._env(results, kill), cwd=self._folder.path, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            hung = False
            try:
                status = process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status, hung = process.wait(), True
        killed = next((entry for entry in list(self._seen())[before:] if entry["e"] == "kill"), None)
        if killed and killed["who"] == "parent":
            self._orphans.append(int(killed["worker"]))
            if wait:
                self.reap()
        rows = [one["result"] for one in read_log(str(results))]
        if status and not killed and not any(row.get("failed") for row in rows):
            rows.append({"failed": True, "msg": "ansible-playbook ended with %d, see output.log" % status})
        return Done(rows, killed, {}, hung)

    def _step(self, task: Task) -> dict[str, t.Any]:
        return {"name": task.module, "mailops.email." + task.module: {"request_id": REQUEST, **task.options}}

    def reap(self) -> bool:
        """Let workers that lost their playbook end their work, then end them."""
        for pid in self._orphans:
            ends = time.monotonic() + WORK_SECONDS
            while time.monotonic() < ends and not self._has_worked(pid):
                time.sleep(0.02)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self._orphans.clear()
        return True

    def _seen(self) -> t.Iterator[dict[str, t.Any]]:
        return read_log(str(self._folder.log))

    def _has_worked(self, pid: int) -> bool:
        """It is gone, or has closed its journal."""
        if not Path("/proc/%d" % pid).exists():
            return True
        mine = [
            entry for entry in self._seen() if entry["t"].startswith("%d." % pid) and entry["e"] in ("write", "synced")
        ]
        last = [entry for entry in mine if entry["e"] == "write"][-1:]
        return bool(last) and '"event":"closed"' in last[0]["data"] and mine[-1]["e"] == "synced"

    def _env(self, results: Path, kill: Kill | None) -> dict[str, str]:
        folder = self._folder
        keep = {name: os.environ[name] for name in ("HOME", "LANG", "CI") if name in os.environ}
        trees = [path for path in sys.path if (Path(path) / "ansible_collections" / "mailops").is_dir()]
        watch = {"root": str(folder.root), "log": str(folder.log), "kill": kill.plain() if kill else None}
        return {
            **keep,
            "PATH": str(Path(sys.executable).parent) + ":/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(folder.path / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder.path / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": ":".join(trees),
            "ANSIBLE_CALLBACK_PLUGINS": "%s:%s" % (HERE / "callback", HERE.parent / "support" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "mailops.email.audit,results,watched",
            "ANSIBLE_INVENTORY": str(folder.path / "hosts.yml"),
            "ANSIBLE_LOCAL_TEMP": str(folder.path / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "RESULTS_FILE": str(results),
            "MAILOPS_JOURNAL_DIR": str(folder.journal),
            "MAILOPS_SEALED_DIR": str(folder.sealed),
            "MAILOPS_AUDIT_DIR": str(folder.path / "audit"),
            "MAILOPS_ACTOR": ACTOR,
            "MAILOPS_CLIENT": "acme",
            "MAILOPS_PROGRESS": "never",
            "WATCH": json.dumps(watch),
            **self._environment,
        }
