# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks that all controllers see: advisory locks of the database, which end with the connection that holds them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_link import (
    Connection,
    Link,
    LinkFailure,
    unwritable,
)

_TAKE = """
    INSERT INTO mailops_journal.lock_taken (name, holder)
    SELECT %s, %s WHERE pg_try_advisory_lock(%s) RETURNING number"""
_NEWEST = "SELECT number, holder FROM mailops_journal.lock_taken WHERE name = %s ORDER BY number DESC LIMIT 1"
_HELD = """
    SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def lock_key(*words: str) -> int:
    """The number that stands for a name: 64 bits, so that two names do not meet."""
    data = hashlib.sha256("\n".join(("mailops-lock", *words)).encode("utf-8")).digest()
    return int.from_bytes(data[:8], "big", signed=True)


def held_keys(connection: Connection) -> set[int]:
    """Keys that some connection to this database holds, our own included."""
    return {row[0] for row in connection.execute(_HELD).fetchall()}


class PostgresLock:
    """Held by the store's connection.

    When that is lost and made again, the lock is taken again; had another run taken it meanwhile, the link is given up, so
    that nothing more is written, and so nothing more is changed.
    """

    def __init__(self, link: Link, name: str) -> None:
        self._link = link
        self._name = name
        self._key = lock_key("lock", name)
        self._keeper = "lock " + name
        self._number = 0

    def take(self, holder: t.Mapping[str, str]) -> bool:
        """:raises JournalError: ``journal_not_writable``."""
        told = json.dumps(dict(holder))

        def work(connection: Connection) -> int:
            row = connection.execute(_TAKE, [self._name, told, self._key]).fetchone()
            return int(row[0]) if row else 0

        with self._link.guard:
            # The database would give it to the same connection a second time.
            if self._keeper in self._link.keepers:
                return False
            try:
                self._number = self._link.run(work)
            except LinkFailure as error:
                raise unwritable(self._link.place, error) from error
            if self._number:
                self._link.keepers[self._keeper] = self._again
            return bool(self._number)

    def holder(self) -> dict[str, str]:
        try:
            row = self._link.run(lambda connection: connection.execute(_NEWEST, [self._name]).fetchone())
            found = json.loads(row[1]) if row else {}
        except (LinkFailure, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def release(self) -> None:
        with self._link.guard:
            if self._number:
                self._number = 0
                del self._link.keepers[self._keeper]
                # Without a connection there is no lock any more.
                with contextlib.suppress(LinkFailure):
                    self._link.run(lambda one: one.execute("SELECT pg_advisory_unlock(%s)", [self._key]), patience=0)

    def _again(self, connection: Connection) -> None:
        """:raises LinkFailure: when another had it, or has it."""
        ours = connection.execute("SELECT pg_try_advisory_lock(%s)", [self._key]).fetchone()[0]
        if not ours or connection.execute(_NEWEST, [self._name]).fetchone()[0] != self._number:
            self._link.give_up("the connection was lost, and another run has taken the lock of this client since")
