# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Typing mistakes: whether a value is nearly another one (R-PAT-15)."""

from __future__ import annotations

import re
import typing as t

# Two slips of the finger; more of them is another value.
SLIPS = 2
# A word of fewer characters is as near to any other word as to its own misspelling.
SHORTEST = 6
_DIGITS = re.compile(r"\d+")


def near_miss(published: str, approved: str, *, numbers: bool = False) -> bool:
    """Whether *published* is *approved* with a slip: letters left out, doubled, swapped or wrong, or the end cut off.

    :param numbers: whether other digits alone are a slip too: not in host names, where ``mx1`` and ``mx2`` are two hosts.
    """
    one, other = published.strip().casefold(), approved.strip().casefold()
    if one == other or min(len(one), len(other)) < SHORTEST:
        return False
    if not numbers and _DIGITS.sub("0", one) == _DIGITS.sub("0", other):
        return False
    if numbers and len(one) * 2 > len(other) > len(one) and other.startswith(one):
        return True
    return distance(one, other, SLIPS) <= SLIPS


def nearest(published: t.Iterable[str], approved: str, *, numbers: bool = False) -> str:
    """The first value that is nearly the approved one; empty when there is none."""
    return next((one for one in published if near_miss(one, approved, numbers=numbers)), "")


def distance(one: str, other: str, limit: int) -> int:
    """Letters to put in, leave out, replace, or swap with their neighbour; anything above *limit* is ``limit + 1``."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    width = len(other)
    far = limit + 1
    before: list[int] = []
    row = list(range(width + 1))
    for at in range(1, len(one) + 1):
        start, end = max(1, at - limit), min(width, at + limit)
        now = [far] * (width + 1)
        if at <= limit:
            now[0] = at
        for to in range(start, end + 1):
            cost = min(row[to] + 1, now[to - 1] + 1, row[to - 1] + (one[at - 1] != other[to - 1]))
            if before and to > 1 and one[at - 1] == other[to - 2] and one[at - 2] == other[to - 1]:
                cost = min(cost, before[to - 2] + 1)
            now[to] = cost
        if min(now[start - 1 : end + 1]) > limit:
            return far
        before, row = row, now
    return min(row[width], far)
