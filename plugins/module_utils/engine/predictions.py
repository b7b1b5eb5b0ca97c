# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of a dry run have predicted so far, so that a later task of it sees what an earlier one would make.

Design §4.4. Tasks run in processes of their own; a small file in the journal's folder, named for the run, joins them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.recover import remember
from ansible_collections.mailops.email.plugins.module_utils.files import open_private, private_folder
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Operation
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene

KEPT_SECONDS = 86400


class Predictions:
    """Predicted operations of one run at one account.

    :param directory: the journal's folder.
    :param run: names the run, and no other that is later given the same id.
    """

    def __init__(self, directory: str, run: str, account: str) -> None:
        self._directory = os.path.join(directory, ".predictions")
        self._path = os.path.join(self._directory, run + ".jsonl")
        self._account = account

    def apply_to(self, scene: Scene) -> None:
        """Put what was predicted on top of what was observed.

        :raises JournalError: ``journal_not_readable``.
        """
        try:
            with open(self._path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                rows = [json.loads(line) for line in _whole(file.read()).splitlines()]
            predicted = [(row["kind"], row["verb"], row["key"], row["after"]) for row in rows if self._mine(row)]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._failure(error) from error
        for kind, verb, key, after in predicted:
            if kind in scene.records:
                remember(scene, Operation(-1, kind, verb, key, "", after=after), after)

    def _mine(self, row: dict[str, t.Any]) -> bool:
        return bool(row["account"] == self._account)

    def add(self, operations: t.Sequence[Operation]) -> None:
        """:raises JournalError: ``journal_not_writable``: the apply would fail as well."""
        if not operations:
            return
        try:
            private_folder(os.path.dirname(self._directory), ".predictions")
            self._forget_old()
            lines = [json.dumps(row) + "\n" for operation in operations for row in self._rows(operation)]
            # Hosts of one run are planned side by side and share the file.
            with os.fdopen(open_private(self._path, os.O_RDWR), "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(len(_whole(file.read())))
                file.truncate()
                file.write("".join(lines).encode())
                file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def _rows(self, operation: Operation) -> list[dict[str, t.Any]]:
        changes = [(operation.kind, operation.key, operation.after)]
        changes += [(entry["kind"], entry["key"], entry["after"]) for entry in operation.collateral]
        return [
            {"account": self._account, "kind": kind, "verb": operation.verb, "key": key, "after": after}
            for kind, key, after in changes
        ]

    def _forget_old(self) -> None:
        for entry in os.scandir(self._directory):
            # Another run may be doing the same.
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < time.time() - KEPT_SECONDS:
                    os.unlink(entry.path)

    def _failure(self, error: Exception) -> JournalError:
        return JournalError(
            "journal_not_writable",
            "The journal's folder cannot be used: %s: %s." % (self._path, getattr(error, "strerror", "") or error),
            "Make room or give access to the folder, then run again.",
        )


def _whole(data: bytes) -> bytes:
    """Without the last line, when the task that wrote it was killed at that: it has told nobody what it predicted."""
    return data[: data.rfind(b"\n") + 1]
