# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mail provider in memory, with words of its own: what `memory_driver` talks to.

It knows boxes, extras (further names of a box), copies (mail of a box that goes on) and domains with a default box; a box can
be locked, which leaves its mail coming in. Ten changes at a time.
"""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

MOST = 10
Row = dict[str, Any]


class Trouble(Exception):
    """A whole call was refused; ``what`` is the provider's word."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclasses.dataclass(frozen=True)
class Change:
    """``fields`` None removes; ``new`` refuses a name that is taken."""

    table: str
    name: str
    fields: Row | None
    new: bool = False


class Provider:
    """Shows names as they were typed and minds no capitals. ``token`` opens it.

    ``mood`` is how it treats changes: "" well, ``deaf`` (does them and never answers), ``mad`` (answers nonsense), ``busy``
    (tells everybody to come back later), or ``idle`` (says that they are done, and does nothing).
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.mood = ""
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in ("domains", "boxes", "extras", "copies")}
        self._lock = threading.Lock()

    def rows(self, token: str, table: str) -> dict[str, Row]:
        """All rows of a table by name."""
        if token != self.token:
            raise Trouble("who are you")
        with self._lock:
            return {row["shown"]: dict(row) for row in self.tables[table].values()}

    def add(self, table: str, name: str, **fields: Any) -> None:
        """As a person in its control panel."""
        self.tables[table][name.lower()] = {"shown": name, **fields}

    def change(self, token: str, changes: list[Change]) -> Any:
        """One word for each change: ``done``, ``taken`` or ``gone``."""
        if token != self.token:
            raise Trouble("who are you")
        if self.mood == "busy":
            raise Trouble("later")
        if self.mood == "mad" or len(changes) > MOST:
            return "<html>"
        if self.mood == "idle":
            return ["done"] * len(changes)
        with self._lock:
            words = [self._change(change) for change in changes]
        if self.mood == "deaf":
            raise TimeoutError
        return words

    def _change(self, change: Change) -> str:
        table = self.tables[change.table]
        names = set(table) | (set(self.tables["extras"]) if change.table == "boxes" else set())
        if change.new and change.name in names:
            return "taken"
        if not change.new and change.name not in table:
            return "gone"
        if change.fields is None:
            del table[change.name]
        else:
            table[change.name] = {"shown": change.name, **table.get(change.name, {}), **change.fields}
        return "done"

    def lets_in(self, name: str, password: str) -> bool:
        """Whether the owner of a box can log in."""
        box = self.tables["boxes"].get(name, {})
        return box.get("password") == password and not box.get("locked")
