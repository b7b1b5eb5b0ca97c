# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What documents name, and what the code has: the two sides that test_docs_truth.py compares."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("roles/*/README.md"),
        ROOT / "requests" / "README.md",
    ]
)
# Classes and functions whose first argument is the code of a refusal or a finding.
_CODED = frozenset(
    "MailopsError Refused JournalError ProviderError CapabilityError Finding finding _finding _key_error _add _rule".split()
)
_TABLE_ROW = re.compile(r"^\| (.*) \|$")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    """Id of a test case."""
    return path.relative_to(ROOT).as_posix()


def table(page: str, header: str) -> list[list[str]]:
    """Cells of the rows below the first header that starts with *header*; a cell's backticks stay."""
    lines = text(ROOT / page).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| " + header)) + 2
    rows = []
    for line in lines[start:]:
        row = _TABLE_ROW.match(line)
        if row is None:
            break
        rows.append([cell.strip() for cell in row.group(1).split(" | ")])
    return rows


def names(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def sources() -> list[Path]:
    return [path for path in sorted((ROOT / "plugins").rglob("*.py")) if "__pycache__" not in path.parts]


def codes() -> set[str]:
    """Codes that a refusal, a failure or a finding of this collection can have."""
    found: set[str] = set()
    for path in sources():
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Call) and node.args and _called(node) in _CODED:
                found.update(_strings(node.args[0]))
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and re.search(r"HINTS|STOP_CODES|RULES|^CODE$", target.id):
                    keys = node.value.keys if isinstance(node.value, ast.Dict) else [node.value]
                    found.update(one for key in keys if key is not None for one in _strings(key))
            elif isinstance(node, ast.Dict):
                # status -> code, for answers without one
                if node.keys and all(isinstance(key, ast.Constant) and isinstance(key.value, int) for key in node.keys):
                    found.update(one for value in node.values for one in _strings(value))
    # what a role stops with
    for path in sorted((ROOT / "roles").glob("*/vars/*.yml")):
        found.update(re.findall(r"^ +\[([a-z_]+)\] ", text(path), re.MULTILINE))
    # a field that is missing has its code beside its name
    found.update(re.findall(r'"([a-z]+_missing)"', text(ROOT / "plugins/module_utils/policy/forwards.py")))
    return found


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _strings(node: ast.AST) -> set[str]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value
    }


def variables() -> set[str]:
    """Environment variables that the code reads."""
    found: set[str] = set()
    for path in [*sources(), *sorted((ROOT / "inventories").rglob("*.yml"))]:
        found.update(re.findall(r"\bMAILOPS_[A-Z_]*[A-Z]\b", text(path)))
    return found


def packages(*files: str) -> set[str]:
    """Names of the packages in requirement files."""
    found = set()
    for file in files:
        for line in text(ROOT / file).splitlines():
            word = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
            if word:
                found.add(word.group().lower())
    return found
