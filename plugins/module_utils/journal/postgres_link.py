# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection to a journal in PostgreSQL: one a store, made again when it was lost, never shown with its password.

What ends with a connection, such as its locks, is taken again before anything else is done over a new one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused

try:
    import psycopg
    from psycopg import errors
    from psycopg.conninfo import conninfo_to_dict

    HAS_PSYCOPG = True
    Duplicate: type[Exception] = errors.UniqueViolation
except ImportError:
    HAS_PSYCOPG = False
    Duplicate = KeyError

SCHEMES = ("postgresql://", "postgres://")
# A server that is restarted is back by then; what is under way is worth the wait.
PATIENCE_SECONDS = 30.0
_STEP_SECONDS = 0.2
# Where the URL says nothing: neither a dead host nor a dead network holds a run for hours.
_DEFAULTS = {
    "application_name": "mailops.email",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# Durable when a commit is answered, whatever role or database say. A controller that has lost its power gives up its locks.
_SETTINGS = """
    SELECT set_config(name, value, false) FROM (VALUES
        ('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END),
        ('lock_timeout', '30s'),
        ('idle_in_transaction_session_timeout', '60s'),
        ('tcp_keepalives_idle', '15'),
        ('tcp_keepalives_interval', '5'),
        ('tcp_keepalives_count', '3'),
        ('search_path', 'pg_catalog')
    ) AS settings (name, value)"""

Answer = t.TypeVar("Answer")
Connection = t.Any


class LinkFailure(OSError):
    """The database did not do what it was asked for; ``strerror`` says why.

    :ivar next_step: what a person does about it.
    """

    def __init__(self, why: str, next_step: str = "") -> None:
        super().__init__(errno.EIO, why)
        self.next_step = next_step or "Look at the server, and at journal_url or MAILOPS_JOURNAL_URL; then run again."


class Link:
    """A connection for one process.

    :param url: as libpq reads it.
    :ivar place: host, port and database, for people.
    :ivar guard: held while the connection is at work; threads share it.
    :ivar keepers: by name, what is called with each new connection, before anything else.
    :raises Refused: ``journal_url``, ``library_missing``.
    """

    def __init__(self, url: str) -> None:
        if not HAS_PSYCOPG:
            raise Refused(
                "library_missing",
                "A journal in PostgreSQL needs the Python library psycopg and libpq.",
                "pip install 'psycopg[binary]>=3.1'",
            )
        try:
            if not url.startswith(SCHEMES):
                raise ValueError
            self._parts: dict[str, t.Any] = {**_DEFAULTS, **conninfo_to_dict(url)}
        except (ValueError, psycopg.Error):
            # Not a word of it: the password may be anywhere in what is no URL.
            raise Refused(
                "journal_url",
                "journal_url is no URL of a PostgreSQL database.",
                "Write it as postgresql://USER@HOST:5432/DATABASE?sslmode=verify-full.",
            ) from None
        self.place = _place(self._parts)
        self.guard = threading.RLock()
        self.keepers: dict[str, t.Callable[[Connection], None]] = {}
        self._connection: Connection = None
        self._process = 0
        self._known = False
        self._over: LinkFailure | None = None

    def run(self, work: t.Callable[[Connection], Answer], patience: t.Optional[float] = None) -> Answer:
        """Do *work* over the connection, and once more over a new one when it was lost meanwhile.

        *work* may thus have been done before, with its answer lost: it has to look first. What it leaves of a
        transaction is rolled back.

        :param patience: seconds to wait for a server that was there before; `PATIENCE_SECONDS` when None.
        :raises LinkFailure:
        """
        with self.guard:
            ends = 0.0
            while True:
                if self._over is not None:
                    raise self._over
                try:
                    connection = self._connected()
                    try:
                        return work(connection)
                    except BaseException:
                        self._roll_back()
                        raise
                except psycopg.Error as error:
                    if not self._lost(error):
                        raise self._failure(error) from None
                    self._drop()
                    ends = ends or time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
                    if not self._known or time.monotonic() >= ends:
                        # Waited for once, not for each that asks.
                        self._known = False
                        raise self._failure(error) from None
                    time.sleep(_STEP_SECONDS)

    def give_up(self, why: str) -> None:
        """Nothing more goes over this link.

        :raises LinkFailure: always.
        """
        self._over = LinkFailure(why, "Run again: what is in doubt is settled then.")
        raise self._over

    def close(self) -> None:
        """End the connection, and with it what it holds. The next work makes a new one, and waits for no server."""
        self._known = False
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        # The socket of a process that we were forked from is not ours to end.
        if connection is not None and self._process == os.getpid():
            with contextlib.suppress(psycopg.Error, OSError):
                connection.close()

    def _connected(self) -> Connection:
        if self._connection is not None and self._process != os.getpid():
            self._connection = None
        if self._connection is None:
            connection = psycopg.connect(**self._parts, autocommit=True)
            self._connection, self._process = connection, os.getpid()
            connection.execute(_SETTINGS)
            for keeper in list(self.keepers.values()):
                keeper(connection)
            self._known = True
        return self._connection

    def _roll_back(self) -> None:
        with contextlib.suppress(psycopg.Error):
            if self._connection is not None and not self._connection.closed:
                self._connection.rollback()

    def _lost(self, error: psycopg.Error) -> bool:
        """Whether the connection is gone, or was never there, and not only the work refused."""
        going = ("57P01", "57P02", "57P03", "53300")  # shutdown, crash, starting up, no room for one more
        if self._connection is None or self._connection.closed or self._connection.broken:
            return True
        if error.sqlstate is None:
            # The server has refused nothing: it is the way to it that does not work.
            return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return error.sqlstate in going or error.sqlstate.startswith("08")

    def _failure(self, error: psycopg.Error) -> LinkFailure:
        primary = error.diag.message_primary
        text = " ".join((primary or str(error) or type(error).__name__).split())
        password = self._parts.get("password")
        if password:
            text = text.replace(str(password), "********")
        steps = {
            "3F000": "Make the tables with extensions/audit/journal.sql.",
            "42P01": "Make the tables with extensions/audit/journal.sql.",
            "42501": "Grant the role what extensions/audit/journal.sql names.",
            "53100": "Make room on the disk of the server, then run again.",
        }
        return LinkFailure(text[:300], steps.get(str(error.sqlstate), ""))


def _place(parts: t.Mapping[str, t.Any]) -> str:
    """What people call the database: no user, no password, no options.

    It is no URL, so it stays readable where the option's value, which may be little more than this, is hidden.
    """
    hosts = str(parts.get("host") or parts.get("hostaddr") or os.environ.get("PGHOST") or "localhost").split(",")
    ports = str(parts.get("port") or os.environ.get("PGPORT") or "5432").split(",")
    ports += ports[-1:] * (len(hosts) - len(ports))
    pairs = zip(hosts, ports, strict=False)
    where = ",".join("%s:%s" % ("[%s]" % host if ":" in host else host, port) for host, port in pairs)
    database = parts.get("dbname") or os.environ.get("PGDATABASE") or parts.get("user") or ""
    return "postgresql:%s/%s" % (where, database)


def unreadable(place: str, error: LinkFailure) -> JournalError:
    text = "The journal %s cannot be read: %s." % (place, str(error.strerror).rstrip("."))
    return JournalError("journal_not_readable", text, error.next_step)


def unwritable(place: str, error: LinkFailure) -> JournalError:
    text = "The journal %s cannot be written: %s. Nothing more was changed." % (place, str(error.strerror).rstrip("."))
    return JournalError("journal_not_writable", text, error.next_step)
