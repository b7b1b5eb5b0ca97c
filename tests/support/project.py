# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-playbook as a user would, in a project folder of its own, against a sandbox process."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from sandboxlib import Sandbox

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = Path(__file__).resolve().parent
ACTOR = "dana@agency.example"
# Tests of anything but DNS have no name server: their clients are let through without a baseline (R-DNS-01).
NO_DNS = {
    "reason": "there is no name server beside this test",
    "approver": "lee@agency.example",
    "expires_at": "2035-12-31T23:59:59Z",
}


@dataclasses.dataclass
class Run:
    """One finished ansible-playbook.

    :param tasks: rows ``{task, host, outcome, result}`` in order.
    """

    rc: int
    output: str
    tasks: list[dict[str, Any]]

    def result(self, task: str, host: str = "") -> dict[str, Any]:
        """Result of the last task whose name ends so."""
        for row in reversed(self.tasks):
            if row["task"].endswith(task) and host in ("", row["host"]):
                return row["result"]
        raise LookupError("no task %r in:\n%s" % (task, self.output))

    @property
    def plans(self) -> list[Any]:
        """Plan and diff of each task that has one: what check mode predicts and apply does."""
        return [
            (row["task"], row["host"], row["result"].get("plan"), row["result"].get("diff"))
            for row in self.tasks
            if "plan" in row["result"]
        ]

    @property
    def changed(self) -> list[str]:
        return [row["task"] for row in self.tasks if row["result"].get("changed")]


class Project:
    """A folder with inventory, journal and playbooks, joined to one sandbox."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.journal = folder / "journal"
        self.audit = folder / "audit"
        self.sealed = folder / "sealed"
        self.environment: dict[str, str] = {}
        self.inventory({"acme": {"mailops_domains": [{"name": "example.com"}, {"name": "example.net"}]}})

        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")

    def inventory(self, clients: dict[str, Any]) -> None:
        """Write the inventory: clients with their variables. A client without ``mailops_dns`` is let through without it."""
        connection = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "mailops_api_url": self.sandbox.api,
            "mailops_api_token": self.sandbox.token,
            "mailops_journal_dir": str(self.journal),
            "deliverability_baseline_exception": NO_DNS,
        }
        document = {"clients": {"vars": connection, "hosts": clients}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(document), encoding="utf-8")

    def env(self) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "CI") if name in os.environ}
        trees = [path for path in sys.path if (Path(path) / "ansible_collections" / "mailops").is_dir()]
        return {
            **keep,
            "PATH": str(Path(sys.executable).parent) + ":/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": ":".join(trees),
            "ANSIBLE_CALLBACK_PLUGINS": str(SUPPORT / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "mailops.email.audit,results",
            "ANSIBLE_INVENTORY": str(self.folder / "hosts.yml"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote-tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "RESULTS_FILE": str(self.folder / "results.jsonl"),
            "MAILOPS_API_URL": self.sandbox.api,
            "MAILOPS_API_TOKEN": self.sandbox.token,
            "MAILOPS_JOURNAL_DIR": str(self.journal),
            "MAILOPS_AUDIT_DIR": str(self.audit),
            "MAILOPS_SEALED_DIR": str(self.sealed),
            "MAILOPS_ACTOR": ACTOR,
            "MAILOPS_PROGRESS": "never",
            **self.environment,
        }

    def run(self, playbook: str | list[Any], *arguments: str, timeout: float = 120) -> Run:
        """Run a playbook of the collection by FQCN or path, or a list of plays."""
        if isinstance(playbook, list):
            path = self.folder / "play.yml"
            path.write_text(yaml.safe_dump(playbook, sort_keys=False, allow_unicode=True), encoding="utf-8")
            playbook = str(path)
        results = self.folder / "results.jsonl"
        results.unlink(missing_ok=True)
        command = [sys.executable, "-m", "ansible", "playbook", playbook, *arguments]
        done = subprocess.run(
            command, env=self.env(), cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False
        )
        tasks = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, tasks)

    def task(self, module: str, options: dict[str, Any], *arguments: str, **keywords: Any) -> Run:
        """Run one task of the collection for client acme."""
        return self.run(play(module, options), *arguments, **keywords)

    def prove(self, playbook: str | list[Any], *arguments: str) -> Run:
        """The three that are never dropped: a dry run writes nothing and predicts what the apply does, the second
        apply writes nothing, and so does a dry run after it. Returns the apply."""
        before = self.sandbox.writes()
        predicted = self.run(playbook, "--check", "--diff", *arguments)
        assert predicted.rc == 0, predicted.output
        assert self.sandbox.writes() == before, "a dry run wrote"
        applied = self.run(playbook, "--diff", *arguments)
        assert applied.rc == 0, applied.output
        assert applied.plans == predicted.plans, "the dry run predicted something else"
        assert bool(applied.changed) == (self.sandbox.writes() > before)
        done = self.sandbox.writes()
        again = self.run(playbook, *arguments)
        assert again.rc == 0, again.output
        assert self.sandbox.writes() == done, "the second apply wrote"
        assert not again.changed, again.changed
        after = self.run(playbook, "--check", "--diff", *arguments)
        assert after.rc == 0, after.output
        assert not after.changed, after.changed
        assert self.sandbox.writes() == done
        return applied

    def events(self) -> list[dict[str, Any]]:
        """All journal events, oldest file first."""
        found = []
        for path in sorted(self.journal.glob("*.jsonl"), key=lambda one: one.stat().st_mtime):
            found.extend(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
        return found


def play(module: str, options: dict[str, Any], **task: Any) -> list[Any]:
    """A play of one task with the module, request REQ-2026-001."""
    name = module if "." in module else "mailops.email." + module
    full = dict(options) if module.endswith("_info") else {"request_id": "REQ-2026-001", **options}
    return [{"name": "Test", "hosts": "acme", "gather_facts": False, "tasks": [{"name": module, name: full, **task}]}]
