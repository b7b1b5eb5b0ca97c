# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper scripts that the gates rest on: a gate that checks nothing would be worse than none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import archive
import sanity


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository with a tracked, an untracked, an ignored, a deleted, an executable and a linked file."""
    root = tmp_path / "root"
    (root / "plugins/modules").mkdir(parents=True)
    (root / ".gitignore").write_text("ignored\n", encoding="utf-8")
    (root / "galaxy.yml").write_text("---\n", encoding="utf-8")
    (root / "gone").write_text("", encoding="utf-8")
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "galaxy.yml", "gone", ".gitignore"], check=True)
    (root / "gone").unlink()
    (root / "ignored").write_text("", encoding="utf-8")
    (root / "plugins/modules/ünicode name.py").write_text("x = 1\n", encoding="utf-8")
    (root / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("run.sh")
    return root


def tree(root: Path) -> set[str]:
    """Files and links below root, the repository's own left out."""
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
    return {str(path) for path in found if path.parts[0] != ".git"}


def test_known_files_are_what_git_would_take(checkout: Path) -> None:
    assert sanity.known_files(checkout) == sorted(
        [".gitignore", "galaxy.yml", "link", "plugins/modules/ünicode name.py", "run.sh"]
    )


def test_mirror_follows_changes_and_removals(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sanity.mirror(checkout, copy, sanity.known_files(checkout))
    assert tree(copy) == set(sanity.known_files(checkout))
    assert os.readlink(copy / "link") == "run.sh"
    assert os.access(copy / "run.sh", os.X_OK)
    # git of its own: else ansible-test would ask the repository above, which ignores the copy
    assert (copy / ".git").is_dir()

    (checkout / "plugins/modules/ünicode name.py").unlink()
    (checkout / "galaxy.yml").write_text("a: b\n", encoding="utf-8")
    (checkout / "run.sh").chmod(0o644)
    (checkout / "link").unlink()
    (checkout / "link").mkdir()
    (checkout / "link/file").write_text("", encoding="utf-8")
    sanity.mirror(checkout, copy, sanity.known_files(checkout))
    assert tree(copy) == {".gitignore", "galaxy.yml", "link/file", "run.sh"}
    assert (copy / "galaxy.yml").read_text(encoding="utf-8") == "a: b\n"
    assert not os.access(copy / "run.sh", os.X_OK)
    assert not (copy / "plugins").exists()


def test_mirror_leaves_unchanged_files_alone(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sanity.mirror(checkout, copy, sanity.known_files(checkout))
    before = (copy / "galaxy.yml").stat().st_ino
    sanity.mirror(checkout, copy, sanity.known_files(checkout))
    assert (copy / "galaxy.yml").stat().st_ino == before


@pytest.mark.parametrize(
    ("source", "versions"),
    [
        ("default_packages = dict(\n    pip='24.2',\n)", {"24.2"}),
        ("dict(pip='23.1.2', setuptools='67.7.2')\n'3.6': dict(pip='21.3.1')", {"23.1.2", "21.3.1"}),
        ("{'pip': \"25.2\"}", {"25.2"}),
        ("pipeline='1.0'", set()),
    ],
)
def test_pip_versions(source: str, versions: set[str]) -> None:
    assert sanity.pip_versions(source) == versions


def test_archive_content() -> None:
    good = [*archive.REQUIRED, "plugins/modules/mailbox.py", "FILES.json"]
    assert archive.content_faults(good, [*good, "tests/unit/test_x.py"]) == []
    bad = ["tests/unit/test_x.py", ".cache/x", "plugins/modules/__pycache__/x.pyc", "left-over.txt"]
    faults = archive.content_faults([*good[1:], *bad], good)
    assert faults[0] == "missing from the archive: CHANGELOG.rst"
    assert len(faults) == 1 + len(bad)
    assert faults[-1] == "in the archive, but git does not know it: left-over.txt"


def test_action_group_is_the_list_of_modules() -> None:
    runtime = {"action_groups": {"all": ["alias", "alias", "ghost"]}}
    assert archive.group_faults(runtime, ["alias", "mailbox"]) == [
        "meta/runtime.yml: module mailbox is not in the action group all",
        "meta/runtime.yml: the action group all names ghost, which is no module",
        "meta/runtime.yml: the action group all names a module twice",
    ]
    assert archive.group_faults({"action_groups": {"all": ["alias"]}}, ["alias"]) == []


def test_requirement_lines() -> None:
    assert archive.requirement_lines("# why\nrequests>=2.31\n\n idna>=3.7 \n") == {"requests>=2.31", "idna>=3.7"}
