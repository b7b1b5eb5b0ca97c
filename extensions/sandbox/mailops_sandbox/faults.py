# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Injected faults: what may go wrong between a request and its answer (fault matrix of the project's reliability notes)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# the request is not run when one of these hits before the commit
NEVER_RUN = ("status", "reset", "timeout", "hang", "html", "truncated")
# slow: the true answer late; duplicate: delivered twice; stale: the first answer to a URL again for ``seconds``
KINDS = (*NEVER_RUN, "slow", "duplicate", "stale")
WHEN = ("before_commit", "after_commit")


@dataclass
class Fault:
    """One rule. ``times`` counts down with each hit (None: for ever), ``skip`` matching requests pass first."""

    kind: str
    when: str = "before_commit"
    method: str = "*"
    path_regex: str = ""
    status: int = 503
    code: str = ""
    message: str = "Injected fault."
    retry_after: int | None = None
    seconds: float = 1.0
    times: int | None = 1
    skip: int = 0
    body: Any = None
    _kept: dict[bytes, tuple[float, Any]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return the rule as JSON."""
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}

    def remembered(self, url: bytes, answer: Any, now: float) -> Any:
        """Return the answer first given to ``url`` while it is younger than ``seconds``: a read that lags behind."""
        since, kept = self._kept.setdefault(url, (now, answer))
        if now - since <= self.seconds:
            return kept
        self._kept[url] = (now, answer)
        return answer


def parse(body: dict[str, Any]) -> Fault:
    """Return the rule of a JSON object. Raises ValueError with the reason."""
    unknown = {name for name in body if name not in Fault.__dataclass_fields__ or name.startswith("_")}
    if unknown:
        raise ValueError(f"unknown fault fields: {', '.join(sorted(unknown))}")
    if body.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    fault = Fault(**body)
    if fault.when not in WHEN:
        raise ValueError(f"when must be one of {', '.join(WHEN)}")
    try:
        re.compile(fault.path_regex)
    except re.error as exc:
        raise ValueError(f"path_regex: {exc}") from None
    if fault.kind == "html" and "status" not in body:
        fault.status = 502
    numbers = {
        "times": fault.times,
        "skip": fault.skip,
        "seconds": fault.seconds,
        "status": fault.status,
        "retry_after": fault.retry_after,
    }
    for name, value in numbers.items():
        if (
            isinstance(value, bool)
            or not (value is None and name in ("times", "retry_after"))
            and not isinstance(value, (int, float))
        ):
            raise ValueError(f"{name} must be a number")
    return fault


class Faults:
    """The rules in force, in the order in which they were given. In memory only: a restart begins without faults."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.hits = 0

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first rule that hits ``method`` and ``path`` (path below /api/v1) and count it."""
        for rule in self.rules:
            if rule.times == 0 or rule.method not in ("*", "", method) or not re.search(rule.path_regex, path):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.times is not None:
                rule.times -= 1
            self.hits += 1
            return rule
        return None

    def shown(self) -> dict[str, Any]:
        """Return what ``GET /_sandbox/faults`` shows; spent rules are kept with times 0."""
        return {"faults": [rule.shown() for rule in self.rules], "hits": self.hits}
