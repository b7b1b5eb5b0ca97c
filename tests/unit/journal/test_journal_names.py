# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that is on disk in a folder whose name is not is lost in a power cut all the same (R-LOG-18)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.mailops.email.plugins.module_utils import files
from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths in the order in which their fsync has returned."""
    found: list[str] = []
    true = os.fsync

    def fsync(handle: int) -> None:
        true(handle)
        found.append(os.readlink("/proc/self/fd/%d" % handle))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def write(folder: Path) -> None:
    writer = FileStore(str(folder)).writer("run", {"request_id": "REQ-2026-001"})
    writer.open()
    writer.append([{"action": "mailbox.created", "phase": "note"}])
    writer.close()


def seal(folder: Path) -> None:
    Sealer(str(folder), "REQ-2026-001").prepare()


def keep(folder: Path) -> None:
    FileStore(str(folder)).keep("known-good/account/file.json", b"{}")


@pytest.mark.parametrize("make", [write, seal, keep])
def test_new_folders_are_on_disk_before_anything_relies_on_them(
    tmp_path: Path, synced: list[str], make: Callable[[Path], None]
) -> None:
    make(tmp_path / "state" / "mailops")
    made = [path for path in (tmp_path / "state").rglob("*") if path.is_dir() and not path.name.startswith(".")]
    for path in (tmp_path / "state", *made):
        assert str(path.parent) in synced, "%s: its name may be lost" % path


@pytest.mark.parametrize("make", [write, seal, keep])
def test_folders_of_a_run_that_was_killed(tmp_path: Path, synced: list[str], make: Callable[[Path], None]) -> None:
    """Whoever made it may have died before its name was on disk."""
    folder = tmp_path / "mailops"
    (folder / "REQ-2026-001").mkdir(parents=True)
    (folder / "known-good").mkdir()
    make(folder)
    assert str(tmp_path) in synced
    assert make is write or str(folder) in synced


def test_a_folder_above_that_we_may_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An administrator made ours in it, and gave us no leave to look there: that is no reason to refuse to work."""
    true = os.open

    def refuse(path: str, flags: int, *rest: int) -> int:
        if path == str(tmp_path) and flags & os.O_DIRECTORY:
            raise PermissionError(13, "Permission denied", path)
        return true(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert files.durable_folder(str(tmp_path / "ours"), "REQ") == str(tmp_path / "ours" / "REQ")
