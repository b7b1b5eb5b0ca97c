# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request throttle and the cooldown after many creations. All numbers are switches; the contract names none."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any

from .errors import ApiError

if TYPE_CHECKING:
    from .core import Core


class RateLimiter:
    """Sliding windows in memory, one per (token, name)."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], deque[float]] = {}

    def forget(self) -> None:
        """Drop all windows (the clock was moved)."""
        self._seen.clear()

    def hit(self, token_id: int, name: str, limit: int, window: float, now: float) -> None:
        """Count one request; raises rate_limited when ``limit`` of them lie inside ``window`` seconds (0: no limit)."""
        if not limit:
            return
        seen = self._seen.setdefault((token_id, name), deque())
        while seen and seen[0] <= now - window:
            seen.popleft()
        if len(seen) >= limit:
            wait = max(1, math.ceil(seen[0] + window - now))
            raise ApiError("rate_limited", f"More than {limit} requests in {int(window)} s.", retry_after=wait)
        seen.append(now)


def cooldown_left(core: Core, token_id: int, wanted: int, now: float) -> int:
    """Return how many of ``wanted`` creations may run now (switches bulk_cooldown_*); raises rate_limited inside the window.

    Counted per token. A pause as long as the window forgets what was counted (our choice).
    """
    limit = core.switches["bulk_cooldown_items"]
    if not limit:
        return wanted
    state = _cooldown(core, token_id, now)
    if state["until"] > now:
        _refuse(core, state["until"] - now)
    left = max(0, limit - state["made"])
    if wanted <= left or core.switches["bulk_cooldown_excess"] == "accept":
        return wanted
    if core.switches["bulk_cooldown_excess"] == "partial":
        return left
    raise CooldownStarts(token_id, core.switches["bulk_cooldown_seconds"])


def cooldown_made(core: Core, token_id: int, made: int, now: float) -> None:
    """Note ``made`` creations; the window opens when the limit is reached (call inside the request's transaction)."""
    limit = core.switches["bulk_cooldown_items"]
    if not limit or not made:
        return
    state = _cooldown(core, token_id, now)
    state.update(made=state["made"] + made, last=now)
    if state["made"] >= limit:
        state.update(made=0, until=now + core.switches["bulk_cooldown_seconds"])
    core.store.put(f"cooldown:{token_id}", state)


def start_cooldown(core: Core, token_id: int, now: float) -> None:
    """Open the window now: a refused large batch does it."""
    core.store.put(
        f"cooldown:{token_id}", {"made": 0, "last": now, "until": now + core.switches["bulk_cooldown_seconds"]}
    )


def _cooldown(core: Core, token_id: int, now: float) -> dict[str, Any]:
    state = core.store.get(f"cooldown:{token_id}") or {"made": 0, "last": now, "until": 0}
    if state["until"] <= now and now - state["last"] >= core.switches["bulk_cooldown_seconds"]:
        state = {"made": 0, "last": now, "until": 0}
    return state


def _refuse(core: Core, seconds: float) -> None:
    raise CooldownError(max(1, math.ceil(seconds)))


class CooldownError(ApiError):
    """A creation inside the cooldown window."""

    def __init__(self, wait: int) -> None:
        super().__init__(
            "rate_limited", "Too many mailboxes or invites were created; the account is cooling down.", retry_after=wait
        )


class CooldownStarts(CooldownError):
    """A batch larger than what is left (switch bulk_cooldown_excess = refuse): refused, and the window starts."""

    def __init__(self, token_id: int, wait: int) -> None:
        super().__init__(wait)
        self.token_id = token_id
