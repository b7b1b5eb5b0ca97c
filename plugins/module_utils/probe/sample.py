# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which mailboxes are tried after a run: a draw that anybody can repeat from its seed (R-SCOPE-09, R-SMTP-06).

Each address is given a number by SHA-256, and the lowest are taken. So the draw depends on nothing but the seed, the
domain and the address: not on the order of the list, the version of Python or what else is on the list. A larger size
holds every smaller one.
"""

from __future__ import annotations

import hashlib
import typing as t


def sample(addresses: t.Iterable[str], size: int, seed: str, domain: str = "") -> list[str]:
    """At most *size* of *addresses*, in the order of the draw; those that differ by case only are one.

    :raises ValueError: for a negative size.
    """
    if size < 0:
        raise ValueError("a sample has no negative size")
    return _drawn(addresses, seed, domain)[:size]


def sample_domains(
    by_domain: t.Mapping[str, t.Iterable[str]], seed: str, each: int = 1, more: int = 0
) -> dict[str, list[str]]:
    """*each* addresses of every domain, and *more* drawn from all that are left; a domain without addresses stays, empty.

    :raises ValueError: for a negative number.
    """
    if each < 0 or more < 0:
        raise ValueError("a sample has no negative size")
    drawn = {domain: _drawn(by_domain[domain], seed, domain) for domain in sorted(by_domain)}
    left = [(_number(seed, domain, one), domain, one) for domain, all_of in drawn.items() for one in all_of[each:]]
    taken = {domain: all_of[:each] for domain, all_of in drawn.items()}
    for _rank, domain, one in sorted(left)[:more]:
        taken[domain].append(one)
    return taken


def _drawn(addresses: t.Iterable[str], seed: str, domain: str) -> list[str]:
    return sorted({one.lower() for one in addresses}, key=lambda one: (_number(seed, domain, one), one))


def _number(seed: str, domain: str, address: str) -> bytes:
    # JSON would do as well; NUL is in none of the three
    return hashlib.sha256("\0".join(("mailops-sample-v1", seed, domain.lower(), address)).encode("utf-8")).digest()
