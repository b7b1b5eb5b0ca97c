# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slips of the finger, and keys that are never rotated (R-PAT-15, D-DKIM-3)."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_dns_snapshots import Book, seen

from ansible_collections.mailops.email.plugins.module_utils.dns.near import distance, near_miss
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_keys import old_keys
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore

WORDS = st.text("abc", max_size=9)


def plain_distance(one: str, other: str) -> int:
    """The same by the book, without a limit."""
    table = {(at, 0): at for at in range(len(one) + 1)} | {(0, to): to for to in range(len(other) + 1)}
    for at in range(1, len(one) + 1):
        for to in range(1, len(other) + 1):
            cost = table[at - 1, to - 1] + (one[at - 1] != other[to - 1])
            best = min(table[at - 1, to] + 1, table[at, to - 1] + 1, cost)
            if at > 1 and to > 1 and one[at - 1] == other[to - 2] and one[at - 2] == other[to - 1]:
                best = min(best, table[at - 2, to - 2] + 1)
            table[at, to] = best
    return table[len(one), len(other)]


@given(WORDS, WORDS, st.integers(0, 4))
def test_the_distance_is_right_up_to_its_limit(one: str, other: str, limit: int) -> None:
    assert distance(one, other, limit) == min(plain_distance(one, other), limit + 1)


@pytest.mark.parametrize(
    "published, approved, slip",
    [
        ("mail.provder.test", "mail.provider.test", True),
        ("mail.provdier.test", "mail.provider.test", True),
        ("MAIL.provider.test", "mail.provider.test", False),
        ("mx1.provider.test", "mx2.provider.test", False),
        ("mail.other.test", "mail.provider.test", False),
        ("-all", "~all", False),
        ("reject", "quarantine", False),
    ],
)
def test_what_is_a_slip(published: str, approved: str, slip: bool) -> None:
    assert near_miss(published, approved) is slip


def test_digits_are_slips_where_they_name_no_other_host() -> None:
    assert near_miss("ip4:192.0.2.1", "ip4:192.0.2.7", numbers=True)
    assert not near_miss("ip4:192.0.2.1", "ip4:192.0.2.7")


def test_a_key_that_is_never_rotated(tmp_path: Path) -> None:
    book = Book(FileStore(str(tmp_path)))
    key = RecordSet.of("s1._domainkey.example.com", "TXT", 300, ['"v=DKIM1; p=QQ=="'])
    other = RecordSet.of("s1._domainkey.example.com", "TXT", 300, ['"v=DKIM1; p=Qg=="'])
    shot = seen()
    book.record(dataclasses.replace(shot, records=(*shot.records, key)))
    taken = parse_time(shot.taken_at)
    later = taken + datetime.timedelta(days=200)
    (finding,) = old_keys(book.store, book.entries(), [*shot.records, key], later)
    assert (finding.code, finding.object) == ("dkim_key_old", key.name)
    assert "2026-11-21" in finding.evidence
    assert not old_keys(book.store, book.entries(), [*shot.records, other], later)
    assert not old_keys(book.store, book.entries(), [key], taken + datetime.timedelta(days=100))
    assert not old_keys(book.store, [], [key], later)
