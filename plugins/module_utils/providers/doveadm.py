# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Open mail sessions on a Dovecot of our own, seen and ended by doveadm over HTTP (its API version 1).

A suspended login does not end a session that is open already; only a kick does. Dovecot takes every command as a POST,
``who``, which changes nothing, too.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Refused, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress, Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient

# With a wrong key Dovecot 2.3 never finishes its answer.
TIMEOUT_SECONDS = 10.0
# Dovecot answers a kick when it has told the sessions to end; a busy one lists them for a while yet.
GONE_WITHIN = 5.0
_AT_ONCE = 50
_NO_USER = 68  # EX_NOUSER: nobody of that name is logged in
_WILD = frozenset("*?")


class DoveadmSessions:
    """Sessions by address; an address without a session has no record."""

    capabilities: t.ClassVar[frozenset[str]] = frozenset(("session.list", "session.revoke"))

    def __init__(self, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str) -> None:
        """:raises Refused: for an URL that would send the key in clear, or a missing key."""
        if not connection.doveadm_key:
            raise Refused("doveadm_key", "doveadm_url is set, doveadm_key is not.", "Set doveadm_key.")
        token = base64.b64encode(connection.doveadm_key.encode("utf-8")).decode("ascii")
        timeout = min(connection.timeout, TIMEOUT_SECONDS)
        there = dataclasses.replace(
            connection, api_url=connection.doveadm_url, api_token=token, timeout=timeout, deadline=2 * timeout
        )
        self._http = HttpClient(
            there,
            read_only=read_only,
            progress=progress,
            user_agent=user_agent,
            scheme="X-Dovecot-API",
            options=("doveadm_url", "doveadm_key"),
        )

    @property
    def request_counts(self) -> collections.Counter[str]:
        return self._http.counts

    def close(self) -> None:
        self._http.close()

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        """:raises ProviderError: when Dovecot does not answer, or not in its form."""
        found: dict[str, Record] = {}
        for address, rows in self._commands("who", sorted(scope), asks=True):
            services = sorted(str(row["service"]) for row in rows if isinstance(row, dict) and row.get("service"))
            if services:
                found[address] = {"address": address, "state": "open", "services": services}
        return found

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        """End all sessions of each address; that there are none any more is as good."""
        plain = [operation for operation in operations if not _WILD.intersection(operation.key)]
        error: ProviderError | None = None
        try:
            list(self._commands("kick", [operation.key for operation in plain], asks=False))
            self._await_end([operation.key for operation in plain])
        except ProviderError as failure:
            error = failure
        return [_result(operation, error) if operation in plain else _refused(operation) for operation in operations]

    def _await_end(self, addresses: t.Sequence[str]) -> None:
        """A moment; whether they have ended is for whoever reads back."""
        ends, pause = time.monotonic() + GONE_WITHIN, 0.05
        try:
            while self.observe("session", addresses) and time.monotonic() + pause < ends:
                time.sleep(pause)
                pause *= 2
        except ProviderError:
            return

    def _commands(self, name: str, addresses: t.Sequence[str], *, asks: bool) -> t.Iterator[tuple[str, list[t.Any]]]:
        """One command an address, many in a request. One with a wildcard would mean other people too: nobody is asked of it."""
        plain = [address for address in addresses if not _WILD.intersection(address)]
        for start in range(0, len(plain), _AT_ONCE):
            part = plain[start : start + _AT_ONCE]
            body = [[name, {"mask": [address]}, str(number)] for number, address in enumerate(part)]
            yield from zip(part, self._answers(name, body, asks), strict=True)

    def _answers(self, name: str, body: list[t.Any], asks: bool) -> list[list[t.Any]]:
        try:
            # A kick ends what is open now; doing it again is doing it once.
            rows = self._http.call("POST", "", json=body, asks=asks, repeatable=True).body
        except ProviderError as error:
            if error.status == 401:
                error.hint = "Set doveadm_key (or MAILOPS_DOVEADM_KEY) to the doveadm_api_key of this Dovecot."
            if error.code == "timeout":
                error.hint = "Check doveadm_key first: with a wrong one Dovecot never answers. " + error.hint
            raise
        by_tag = (
            {str(row[2]): row for row in rows if isinstance(row, list) and len(row) == 3}
            if isinstance(rows, list)
            else {}
        )
        return [self._rows_of(name, by_tag.get(command[2])) for command in body]

    def _rows_of(self, name: str, answer: list[t.Any] | None) -> list[t.Any]:
        if answer and answer[0] == "doveadmResponse" and isinstance(answer[1], list):
            return answer[1]
        details = answer[1] if answer and isinstance(answer[1], dict) else {}
        if answer and answer[0] == "error" and details.get("exitCode") == _NO_USER:
            return []
        raise ProviderError(
            "sessions_failed",
            "doveadm %s: Dovecot answered %s." % (name, str(details.get("type") or "in no known form")[:60]),
            "Is doveadm_url the address of Dovecot's doveadm service, with /doveadm/v1 at its end?",
            in_doubt=name == "kick",
        )


def _result(operation: Operation, error: ProviderError | None) -> Result:
    if error is None:
        return Result(operation, "applied", None, http={"status": 200})
    return Result(operation, "in_doubt" if error.in_doubt else "failed", error=error)


def _refused(operation: Operation) -> Result:
    error = Refused(
        "session_mask",
        "%s: holds a wildcard, so ending its sessions would end those of others." % operation.key,
        "Look at doveadm who on the server, and end them there.",
    )
    return Result(operation, "failed", error=error)
