# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a handler gets (Ctx) and what it returns (Reply), and how a route is written down (Endpoint)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .auth import Token
from .core import Core
from .errors import ApiError, invalid
from .store import Store

REQUIRED, OPTIONAL = "required", "optional"


@dataclass
class Reply:
    """``body`` None is an empty answer; ``replay`` is the body without secrets for later replays (default: the body)."""

    status: int
    body: Any = None
    replay: Any = None
    wrote: bool = True  # a refused bulk changed nothing, and neither does a question that is a POST


class Ctx:
    """One request inside its transaction."""

    __slots__ = ("core", "store", "token", "params", "query", "body", "now", "headers", "request_id")

    def __init__(
        self,
        core: Core,
        token: Token,
        params: dict[str, Any],
        query: dict[str, str],
        body: Any,
        headers: dict[str, str],
    ) -> None:
        self.core = core
        self.store: Store = core.store
        self.token = token
        self.params = params
        self.query = query
        self.body = body
        self.headers = headers
        self.now = int(core.clock.now())

    def switch(self, name: str) -> Any:
        """Return the value of a switch."""
        return self.core.switches[name]

    # answers

    def obj(self, body: dict[str, Any], status: int = 200, replay: dict[str, Any] | None = None) -> Reply:
        """Return a single object."""
        if self.core.switches["wrap_objects"] == "data":  # our choice: switch wrap_objects
            return Reply(status, {"data": body}, None if replay is None else {"data": replay})
        return Reply(status, body, replay)

    def created(self, body: dict[str, Any], replay: dict[str, Any] | None = None) -> Reply:
        """Return a created object."""
        return self.obj(body, self.core.switches["create_status"], replay)  # our choice: switch create_status

    def deleted(self) -> Reply:
        """Answer a delete for which the contract names no body."""
        return Reply(204) if self.core.switches["empty_delete"] == 204 else Reply(200, {"deleted": True})

    # body fields; each raises validation_error

    def text(self, name: str, maximum: int, *, required: bool = False, null: bool = True) -> str | None:
        """Return a text field of 1..maximum characters, None when absent or null."""
        value = self.body.get(name)
        if value is None:
            if required or (not null and name in self.body):
                raise invalid(name, "is required")
            return None
        if not isinstance(value, str) or len(value) > maximum or (required and not value):
            raise invalid(name, f"must be a text of at most {maximum} characters")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a boolean field; required when there is no default."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise invalid(name, "must be true or false")
        return value

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """Return an integer field inside low..high, or the default when absent or null."""
        value = self.body.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise invalid(name, f"must be an integer from {low} to {high}")
        return value

    def choice(self, name: str, words: tuple[str, ...], default: str | None = None) -> str:
        """Return a field that is one of ``words``."""
        value = self.body.get(name, default)
        if not isinstance(value, str) or value not in words:
            raise invalid(name, "must be one of " + ", ".join(words))
        return value

    def listing(self, name: str, low: int, high: int, too_many: str = "validation_error") -> list[Any]:
        """Return a list field of low..high entries."""
        value = self.body.get(name)
        if not isinstance(value, list) or len(value) < low:
            raise invalid(name, f"must be a list of {low} to {high} entries")
        if len(value) > high:
            if too_many == "validation_error":
                raise invalid(name, f"must be a list of {low} to {high} entries")
            raise ApiError(too_many, f"{name} may have at most {high} entries, not {len(value)}.", extras={"max": high})
        return value


@dataclass(frozen=True)
class Endpoint:
    """One row of a route table. ``path`` is below /api/v1; ``key`` says whether an Idempotency-Key is required or optional."""

    method: str
    path: str
    scope: str
    handler: Callable[[Ctx], Reply]
    key: str = ""
    creates: bool = False  # counts for the cooldown
    destructive: bool = False  # counts for destructive_per_hour
    sets_password: bool = False  # a member's token needs a permission

    @property
    def name(self) -> str:
        """Return ``METHOD /path`` with the type of a parameter left out."""
        return f"{self.method} {self.path.replace(':int}', '}')}"
