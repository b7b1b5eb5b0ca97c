# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The smallest honest driver: a provider without HTTP, ids, invites or a switch for mail; ten operations in a call.

The worked example of docs/providers.md.
"""

from __future__ import annotations

import collections
from collections.abc import Collection, Hashable, Sequence
from typing import Any, ClassVar

from memory_provider import MOST, Change, Provider, Row, Trouble

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import (
    Connection,
    Driver,
    Progress,
    Record,
)

PROVIDERS: dict[str, Provider] = {}
TABLES = {"domain": "domains", "mailbox": "boxes", "alias": "extras", "forward": "copies", "catch_all": "domains"}
# The provider's word -> our code, what to do next, and whether nothing else can succeed.
TROUBLES = {
    "who are you": ("unauthenticated", "Set api_token to a valid one.", True),
    "later": ("rate_limited", "Run again later; the run goes on where it stopped.", True),
    "taken": ("already_exists", "Choose another name.", False),
    "gone": ("not_found", "Check the name.", False),
}


class Memory(Driver):
    name = "memory"
    capabilities = frozenset(
        "domain.create domain.delete mailbox.create mailbox.update mailbox.annotate mailbox.set_quota mailbox.suspend "
        "mailbox.resume mailbox.delete mailbox.forced_change alias.create alias.update alias.delete forward.mailbox "
        "catch_all.enable catch_all.disable".split()
    )
    workarounds: ClassVar[dict[str, str]] = {"invite.create": "Use credential=generated_one_time with an exception."}
    suspend_ends_sessions = True
    # A box has one password, and nobody else's.
    no_such_paths = frozenset(("session", "app_password", "token", "delegate", "device", "rule", "administrator"))
    concurrency = 4

    def __init__(self, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str) -> None:
        self._provider, self._token = PROVIDERS[connection.api_url], connection.api_token
        self._read_only = read_only
        self._counts: collections.Counter[str] = collections.Counter()

    @property
    def account(self) -> str:
        return "memory@here"

    @property
    def request_counts(self) -> collections.Counter[str]:
        return self._counts

    def observe(self, kind: str, scope: Collection[str]) -> dict[str, Record]:
        if kind == "account":
            return {"account": self._account()}
        domains = {one.rpartition("@")[2] for one in scope}
        found: dict[str, Record] = {}
        for name, row in self._rows(TABLES[kind]).items():
            if kind == "domain" or name.rpartition("@")[2] in domains:
                found[name.lower()] = _record(kind, name.lower(), row)
        return found

    def _rows(self, table: str) -> dict[str, Row]:
        self._counts["GET"] += 1
        try:
            return self._provider.rows(self._token, table)
        except Trouble as trouble:
            raise _error(table, trouble.what) from trouble

    def _account(self) -> Record:
        unknown = dict.fromkeys(("domains", "mailboxes_per_domain", "storage_mb"))
        usage = dict.fromkeys(("storage_mb", "allocated_mb"))
        used = {"domains": len(self._rows("domains")), "mailboxes": len(self._rows("boxes"))}
        return {"plan": "memory", "unlimited": False, "limits": unknown, "usage": {**usage, **used}}

    def batch_key(self, operation: Operation) -> Hashable:
        return "any"

    def batch_size(self, kind: str, verb: str) -> int:
        return MOST

    def apply(self, operations: Sequence[Operation], idempotency_key: str) -> list[Result]:
        if self._read_only:
            refused = ProviderError("check_mode_write", "Nothing is changed in check mode.")
            return [Result(operation, "failed", error=refused) for operation in operations]
        self._counts["POST"] += 1
        try:
            words = self._provider.change(self._token, [_change(one) for one in operations])
        except Trouble as trouble:
            return [Result(one, "failed", error=_error(one.key, trouble.what)) for one in operations]
        except OSError:
            lost = ProviderError("timeout", "No answer came.", "Run again.", in_doubt=True)
            return [Result(one, "in_doubt", error=lost) for one in operations]
        if not isinstance(words, list) or len(words) != len(operations):
            strange = ProviderError("strange_answer", "The answer has no word for each row.", in_doubt=True)
            return [Result(one, "in_doubt", error=strange) for one in operations]
        return [_result(operation, word) for operation, word in zip(operations, words, strict=True)]


def _result(operation: Operation, word: str) -> Result:
    if word != "done":
        return Result(operation, "failed", error=_error(operation.key, word))
    return Result(operation, "applied", dict(operation.after) if operation.after is not None else None)


def _error(key: str, what: str) -> ProviderError:
    code, hint, stop = TROUBLES.get(what, ("refused", "Read the provider's reason.", False))
    return ProviderError(code, "%s: %s." % (key, code.replace("_", " ")), hint, stop=stop)


def _change(operation: Operation) -> Change:
    if operation.kind == "catch_all":
        return Change("domains", operation.key, {"rest": (operation.after or {}).get("destination")})
    fields = dict(operation.after) if operation.after is not None else None
    if operation.secret and fields is not None:
        fields["password"] = operation.secret
    if fields is not None and "suspended" in fields:
        fields["locked"] = bool(fields["suspended"])
    return Change(TABLES[operation.kind], operation.key, fields, operation.verb == "create")


def _record(kind: str, key: str, row: Row) -> Record:
    if kind == "catch_all":
        return {"domain": key, "enabled": bool(row.get("rest")), "destination": row.get("rest")}
    if kind == "alias":
        return {"address": key, **{name: row[name] for name in ("mailbox", "can_receive", "can_send")}}
    if kind == "forward":
        return {"address": key, **{name: row[name] for name in ("state", "via", "targets", "keep_copy")}}
    if kind == "domain":
        return {"name": key, "id": None, "status": "active", "mail_hosting": "provider", "note": None}
    locked = bool(row.get("locked"))
    state: dict[str, Any] = {"state": "suspended" if locked else "present", "suspended": "login" if locked else ""}
    fields = {name: row.get(name) for name in ("display_name", "note", "quota_mb")}
    return {"address": key, "id": None, **state, **fields, "used_mb": None, "type": "regular"}
