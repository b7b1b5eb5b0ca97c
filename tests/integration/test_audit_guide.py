# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit guide: its commands work as they stand, and its examples are what the code makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openssh import need_openssh
from project import ROOT, Project
from truth import finish, onboard, people
from vector import journal_record

from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import renderer
from ansible_collections.mailops.email.plugins.plugin_utils.export.ocsf import (
    _CAPTIONS,
    ACCOUNT_ACTIVITIES,
    ACCOUNT_CHANGE,
    USER,
    classify,
)
from ansible_collections.mailops.email.plugins.plugin_utils.export.privacy import Pseudonyms
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Item
from ansible_collections.mailops.email.plugins.plugin_utils.export.syslog_sink import Syslog

GUIDE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```([a-z]*)\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]


def command(start: str, number: int = 0) -> str:
    return [line for line in COMMANDS if line.startswith(start)][number]


def sh(text: str, names: dict[str, str | Path], folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command of the guide with its names in capitals filled in."""
    for name, value in names.items():
        text = text.replace(name, str(value))
    text = re.sub(r"^python3", sys.executable, text)
    return subprocess.run(["sh", "-c", text], cwd=folder, capture_output=True, text=True, check=False)


def test_to_verify_and_to_retire(project: Project, tmp_path: Path) -> None:
    """Seal, sign, copy, verify elsewhere with nothing but the copies; then list, retire, and verify again."""
    need_openssh()
    finish(project, onboard(people("ann")), people("ann"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    names: dict[str, str | Path] = {"JOURNAL_DIR": project.journal, "AUDIT_KEY": key}
    sealed = sh(command("python3 extensions/audit/verify_journal.py JOURNAL_DIR --seal"), names)
    assert sealed.returncode == 0, sealed
    (checkpoint,) = (project.journal / "checkpoints").glob("*.txt")
    signed = sh(command("ssh-keygen"), {**names, "CHECKPOINT.txt": checkpoint.name})
    assert signed.returncode == 0, signed
    away = tmp_path / "auditor"
    shutil.copytree(project.journal, away / "copy")
    for path in (*(project.journal / "checkpoints").iterdir(), ROOT / "extensions/audit/verify_journal.py"):
        shutil.copy(path, away)
    allowed = (
        'auditor@example.com namespaces="mailops-audit",valid-after="20200101" ' + key.with_suffix(".pub").read_text()
    )
    (away / "allowed").write_text(allowed)
    copies: dict[str, str | Path] = {
        "JOURNAL_COPY": "copy", "CHECKPOINT.txt": checkpoint.name, "ALLOWED_SIGNERS": "allowed",
    }  # fmt: skip
    verified = sh(command("python3 verify_journal.py"), copies, away)
    assert verified.returncode == 0 and "ok: " in verified.stdout, verified
    listed = sh(command("python3 extensions/audit/retire_runs.py"), names)
    done = sh(command("python3 extensions/audit/retire_runs.py", 1), names)
    assert (listed.returncode, done.returncode) == (0, 0), listed
    assert listed.stdout == done.stdout == "0 of 0 runs of that age\n"
    again = sh(command("python3 extensions/audit/verify_journal.py JOURNAL_DIR --retention"), names)
    assert again.returncode == 0, again


def test_to_look_at_what_is_sent(project: Project) -> None:
    """listen.py takes syslog and HTTP on one port, as the guide says."""
    text = command("python3 extensions/audit/listen.py").replace("6514", "0").split()
    with subprocess.Popen([sys.executable, *text[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().rsplit(":", 1)[1].strip()
        try:
            project.environment.update(
                MAILOPS_EXPORT_SYSLOG_URL="tcp://127.0.0.1:" + port,
                MAILOPS_EXPORT_HTTP_URL="http://127.0.0.1:%s/" % port,
                MAILOPS_EXPORT_HTTP_FORM="ecs",
            )
            done = project.run(onboard(people("ann")))
            assert done.rc == 0 and "degraded" not in done.output, done.output
        finally:
            process.terminate()
        shown = process.stdout.read()
    assert "<110>1 " in shown and '"@timestamp"' in shown and shown.count("run.finished") >= 2


def test_the_examples_are_what_the_code_makes() -> None:
    record = journal_record()
    made = [json.loads(block) for kind, block in BLOCKS if kind == "json"]
    assert made == [renderer("ocsf")(record), renderer("ecs")(record)]
    sink = Syslog("tcp://127.0.0.1")
    sink._from = "ctl01"
    body = renderer("runbook")(record)
    data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    assert sink.message(Item(record, body, data)).decode() == command("<110>1")


def test_the_table_of_classes_is_the_code_s() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\d+)([^|]*) \| (\d+)([^|]*) \|$", GUIDE, re.MULTILINE)
    assert {row[0] for row in rows} == set(ACCOUNT_ACTIVITIES)
    for action, old, old_name, new, new_name in rows:
        assert (classify(action, "1.8.0"), classify(action, "1.9.0")) == ((3001, int(old)), (3007, int(new))), action
        assert old_name.strip() == _CAPTIONS[ACCOUNT_CHANGE].get(int(old), "")
        assert new_name.strip() == _CAPTIONS[USER].get(int(new), "")


def test_who_holds_the_key_can_look_for_a_person(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing")
    wanted = Pseudonyms(str(tmp_path)).of("acme", "Ann@home.example")
    found = sh(command("printf"), {"KEYS": tmp_path})
    assert found.stdout.split()[-1] == wanted.removeprefix("h:"), found
