# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the sandbox: real time plus an offset, or frozen. Whatever expires asks it."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any


def iso(seconds: float | None) -> str | None:
    """Return epoch ``seconds`` as UTC ISO 8601 with ``Z``; None stays None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> float:
    """Return the epoch seconds of an ISO 8601 time (no offset means UTC). Raises ValueError."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


class Clock:
    """``offset`` is in seconds; ``frozen`` is None or the epoch second at which time stands still."""

    def __init__(self, offset: float = 0.0, frozen: float | None = None) -> None:
        self.offset = offset
        self.frozen = frozen

    def now(self) -> float:
        """Return the sandbox's epoch seconds."""
        return self.frozen if self.frozen is not None else time.time() + self.offset

    def state(self) -> dict[str, Any]:
        """Return what ``GET /_sandbox/clock`` shows."""
        return {"now": iso(self.now()), "offset": self.offset, "frozen": self.frozen is not None}

    def change(self, body: dict[str, Any]) -> None:
        """Apply ``{now?, offset?, advance?, frozen?}``. Raises ValueError for a value of the wrong kind.

        ``now`` is ISO 8601, ``offset`` and ``advance`` are seconds, ``frozen`` is a bool.
        """
        current = self.now()
        if "now" in body:
            current = parse_iso(str(body["now"]))
        elif "offset" in body:
            current = time.time() + float(body["offset"])
        if "advance" in body:
            current += float(body["advance"])
        frozen = bool(body.get("frozen", self.frozen is not None))
        self.frozen = current if frozen else None
        self.offset = round(current - time.time(), 3)
