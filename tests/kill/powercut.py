# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes from a folder what a power cut would take: bytes that no fsync has covered, and names that no fsync of their folder has.

Stricter than most file systems: each file loses on its own, in the middle of a write too, and a new name may be gone
although its file was synced (POSIX promises no more).
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import typing as t

Entry = dict[str, t.Any]


@dataclasses.dataclass
class File:
    """One file's bytes on disk, and what was done to it since.

    :param ops: writes at the end, and truncations, not yet durable; *first* is the number of the first of them.
    :param blind: its bytes are written where we cannot see them; only whether they were synced is known.
    """

    durable: bytes = b""
    ops: list[bytes | int] = dataclasses.field(default_factory=list)
    first: int = 0
    blind: bool = True
    synced: bool = False

    def settle(self, upto: int) -> None:
        count = max(0, upto - self.first)
        self.durable = _apply(self.durable, self.ops[:count])
        self.ops = self.ops[count:]
        self.first += count
        self.synced = True


def _apply(data: bytes, ops: t.Iterable[bytes | int]) -> bytes:
    for op in ops:
        data = data[:op] if isinstance(op, int) else data + op
    return data


class Disk:
    """What of a folder is durable, from the log of what was done to it."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        # Names that are not durable yet, by path: what was there before; None for nothing, "" for an empty file.
        self.names: dict[str, str | None] = {}
        self._begun: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def take(self, entry: Entry) -> None:
        path = entry.get("path", "")
        what = entry["e"]
        if what == "made":
            self.names.setdefault(path, None)
            if not entry.get("folder"):
                self.files[path] = File()
        elif what == "write":
            file = self.files.setdefault(path, File())
            file.ops.append(entry["data"].encode("latin-1"))
            file.blind = False
        elif what == "truncate":
            self.files.setdefault(path, File()).ops.append(int(entry["size"]))
        elif what == "replaced":
            self.names.setdefault(path, entry["old"])
            self.names.pop(entry["source"], None)
            self.files[path] = self.files.pop(entry["source"], File())
        elif what == "gone":
            self.files.pop(path, None)
            if self.names.pop(path, "durable") is not None and "/.open/" in path:
                self.names[path] = ""
        elif what == "sync":
            there = self.files.get(path)
            names = [name for name in self.names if os.path.dirname(name) == path]
            self._begun[entry["t"], path] = (there.first + len(there.ops) if there else 0, names)
        elif what == "synced":
            upto, names = self._begun.pop((entry["t"], path), (0, []))
            if path in self.files:
                self.files[path].settle(upto)
            for name in names:
                self.names.pop(name, None)
        elif what == "power":
            # What was left is durable, all of it.
            self.names.clear()
            self.files = {
                name: File(data.encode("latin-1"), blind=False, synced=True) for name, data in entry["files"].items()
            }

    def lose(self, dice: random.Random) -> list[str]:
        """Change the folder to what is left; returns what was lost, for people to read."""
        told = []
        for path, file in sorted(self.files.items()):
            if not os.path.isfile(path):
                continue
            if file.blind:
                if not file.synced and (size := os.path.getsize(path)):
                    _put(path, _read(path)[: dice.randrange(size)])
                    told.append("%s: never synced" % os.path.basename(path))
                continue
            kept = dice.randint(0, len(file.ops))
            data = _apply(file.durable, file.ops[:kept])
            if kept < len(file.ops) and isinstance(after := file.ops[kept], bytes):
                data += after[: dice.randrange(len(after) + 1)]
            if data != (now := _read(path)):
                told.append("%s: %d bytes, %d before" % (os.path.basename(path), len(data), len(now)))
                _put(path, data)
        for path, old in sorted(self.names.items()):
            if dice.random() < 0.5:
                told.append("%s: its name" % os.path.basename(path))
                _forget(path, old)
        return told


def cut(log: str, root: str, dice: random.Random) -> list[str]:
    """Cut the power: change *root* to what of it was on disk, and say so in the log."""
    disk = Disk()
    for entry in read_log(log):
        disk.take(entry)
    told = disk.lose(dice)
    left = {}
    for folder, _folders, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            left[os.path.realpath(path)] = _read(path).decode("latin-1")
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps({"e": "power", "t": "", "files": left, "lost": told}) + "\n")
    return told


def read_log(path: str) -> t.Iterator[Entry]:
    try:
        with open(path, "rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield json.loads(line)
    except FileNotFoundError:
        return


def _forget(path: str, old: str | None) -> None:
    if old is not None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _put(path, old.encode("latin-1"))
    elif os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _put(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
