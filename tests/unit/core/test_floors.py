# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The floors of the house: an import goes down, never up (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

UTILS = Path(__file__).resolve().parents[3] / "plugins" / "module_utils"
OURS = "ansible_collections.mailops.email.plugins.module_utils."
# Higher number, higher floor; an import goes to a lower one or stays in its own package.
FLOORS = {
    "shell": 7,
    "engine": 6,
    "intake": 6,
    "offboarding": 6,
    "resources": 5,
    "delivery": 4,
    "journal": 4,
    "probe": 4,
    "policy": 3,
    "dns": 2,
    "providers": 1,
    "files": 0,
    "model": 0,
    "version": 0,
}


def place(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found


FILES = sorted(UTILS.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(UTILS)) for path in FILES])
def test_imports_go_down(path: Path) -> None:
    here = place(path)
    for name in imports(path):
        if name.startswith(OURS):
            there = name.removeprefix(OURS).split(".")[0]
            assert there == here or FLOORS[there] < FLOORS[here], "%s imports %s" % (here, there)
        elif name.split(".")[0] == "ansible":
            assert here == "shell", "only the shell knows Ansible"
        elif name.split(".")[0] == "requests":
            assert path.name in ("http.py", "fetching.py"), "only the session, and what gets a policy file, know HTTP"


def test_no_resource_or_engine_knows_a_driver() -> None:
    for path in FILES:
        if place(path) in ("resources", "engine", "journal", "policy"):
            assert not [name for name in imports(path) if ".trekmail" in name], path


def test_the_probe_knows_policy_and_model_only() -> None:
    """It talks to mail servers, so it needs no provider, no journal and no engine."""
    for path in FILES:
        if place(path) == "probe":
            ours = {name.removeprefix(OURS).split(".")[0] for name in imports(path) if name.startswith(OURS)}
            assert ours <= {"probe", "policy", "model"}, path


def test_there_is_one_check_mode() -> None:
    """Design: one `if check_mode` decides between saying and doing; below the shell nothing else asks."""
    asking = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.If, ast.IfExp)) and "check_mode" in ast.unparse(node.test):
                asking.append(str(path.relative_to(UTILS)))
    assert [name for name in asking if not name.startswith("shell/")] == ["engine/turn.py"]
