# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one running sandbox holds: store, clock, switches, plan, faults, latency. Nothing here knows HTTP."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import plans, switches
from .auth import mint
from .clock import Clock
from .faults import Faults
from .limits import RateLimiter
from .store import Store

if TYPE_CHECKING:
    from .dns_server import NameServer

_PURGE = (
    "DELETE FROM alias WHERE mailbox_id = ?",
    "DELETE FROM app_password WHERE mailbox_id = ?",
    "DELETE FROM drive_device WHERE mailbox_id = ?",
    "DELETE FROM sieve_script WHERE mailbox_id = ?",
    "DELETE FROM filter_rule WHERE mailbox_id = ?",
    "DELETE FROM member WHERE mailbox_id = ?",
    "DELETE FROM mailbox WHERE id = ?",
)
_NEXT_DUE = (
    "SELECT min(at) FROM (SELECT min(expires_at) AS at FROM invite WHERE status = 'pending'"
    " UNION ALL SELECT min(purge_at) FROM mailbox WHERE purge_at IS NOT NULL)"
)


class Core:
    """``origin`` (http://host:port) is set once the port is known; setup links begin with it."""

    def __init__(self, folder: Path, plan: str | None = None, settings: dict[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.store = Store(folder)
        # what PUT changed is kept; the command line goes before it
        self.switches = {**switches.defaults(), **self._kept_switches(), **(settings or {})}
        self.plan = plan or self.store.get("plan") or "agency"
        clock = self.store.get("clock") or {}
        self.clock = Clock(clock.get("offset", 0.0), clock.get("frozen"))
        self.faults = Faults()
        self.limiter = RateLimiter()
        self.latency_ms = 0.0
        self.in_flight: set[tuple[str, str, str]] = set()
        self.stopping = asyncio.Event()
        self.origin = "http://127.0.0.1:0"
        # the name server, when one was asked for
        self.names: NameServer | None = None
        self.next_sweep = 0.0
        self.token = self._first_token()

    def _kept_switches(self) -> dict[str, Any]:
        kept = self.store.get("switches") or {}
        return {name: value for name, value in kept.items() if name in switches.BY_NAME}

    def _first_token(self) -> str:
        """Return the ops token of this data folder, made on the first start."""
        path = self.folder / "token"
        if path.exists():
            return path.read_text(encoding="ascii").strip()
        secret = "tm_live_" + secrets.token_hex(20)
        with self.store.transaction():
            mint(
                self.store, secret, now=int(self.clock.now()), kind="ops", name="first token", scopes=list(plans.SCOPES)
            )
        partial = path.with_suffix(".new")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as handle:
            handle.write(secret + "\n")
        os.replace(partial, path)
        return secret

    def save_clock(self) -> None:
        """Keep the clock, so that a restart does not travel in time."""
        self.store.put("clock", {"offset": self.clock.offset, "frozen": self.clock.frozen})
        self.limiter.forget()
        self.next_sweep = 0.0

    def set_switch(self, name: str, value: Any) -> None:
        """Check, set and keep one switch. Raises SwitchError."""
        self.switches[name] = switches.check(name, value)
        kept = self.store.get("switches") or {}
        self.store.put("switches", {**kept, name: self.switches[name]})
        self.store.cache.clear()

    def set_plan(self, plan: str) -> None:
        """Change the plan; what the account already holds stays. Raises KeyError."""
        _known = plans.PLANS[plan]
        self.plan = plan
        self.store.put("plan", plan)

    def sweep(self, now: int) -> None:
        """Expire invites and purge the recycle bin, in a transaction of its own; cheap until the next thing is due."""
        if now < self.next_sweep:
            return
        store = self.store
        with store.transaction():
            store.run(
                "UPDATE invite SET status = 'expired', closed_at = expires_at WHERE status = 'pending' AND expires_at <= ?",
                now,
            )
            purged = store.all("SELECT id FROM mailbox WHERE purge_at IS NOT NULL AND purge_at <= ?", now)
            for sql in _PURGE:
                store.many(sql, purged)
        store.cache.clear()
        due = store.value(_NEXT_DUE)
        self.next_sweep = due if due is not None else float("inf")

    def due(self, at: float) -> None:
        """Say that something expires at ``at``."""
        self.next_sweep = min(self.next_sweep, at)
