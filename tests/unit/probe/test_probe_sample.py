# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The draw of what is tried after a run (R-SCOPE-09, R-SMTP-06)."""

from __future__ import annotations

import random

import pytest

from ansible_collections.mailops.email.plugins.module_utils.probe.sample import sample, sample_domains

BOXES = ["user%03d@example.com" % number for number in range(200)]


def test_the_draw_is_written_down() -> None:
    """The same on every Python and in every release: who has the seed can repeat it years later."""
    assert sample(BOXES, 4, "REQ-7", "example.com") == PINNED
    assert sample(BOXES, 2, "REQ-8", "example.com") != PINNED[:2]
    assert sample(BOXES, 2, "REQ-7", "example.net") != PINNED[:2]


PINNED = [
    "user130@example.com",
    "user102@example.com",
    "user163@example.com",
    "user143@example.com",
]


def test_order_and_case_of_the_list_do_not_matter() -> None:
    shuffled = [one.upper() if number % 2 else one for number, one in enumerate(BOXES)] + BOXES[:20]
    random.Random(1).shuffle(shuffled)  # noqa: S311 - any order will do
    assert sample(shuffled, 10, "s", "d") == sample(BOXES, 10, "s", "d")


def test_a_larger_sample_holds_the_smaller_and_others_do_not_move_it() -> None:
    assert sample(BOXES, 20, "s")[:5] == sample(BOXES, 5, "s")
    kept = set(sample(BOXES, 20, "s"))
    assert kept - {BOXES[0]} <= set(sample(BOXES[1:], 21, "s"))


def test_every_address_has_its_turn() -> None:
    """No address is drawn much more often than another."""
    turns = [one for seed in range(400) for one in sample(BOXES[:10], 2, str(seed))]
    assert all(40 <= turns.count(one) <= 130 for one in BOXES[:10])


def test_sizes_at_the_edge() -> None:
    assert sample(BOXES, 0, "s") == [] and sample([], 3, "s") == []
    assert len(sample(BOXES[:2], 9, "s")) == 2
    with pytest.raises(ValueError):
        sample(BOXES, -1, "s")


def test_every_domain_has_one_and_some_more_are_drawn_from_all() -> None:
    by_domain = {"a.test": ["x@a.test", "y@a.test"], "b.test": ["z@b.test"], "c.test": []}
    drawn = sample_domains(by_domain, "s", each=1, more=1)
    assert [len(drawn[domain]) for domain in ("a.test", "b.test", "c.test")] == [2, 1, 0]
    assert sample_domains(by_domain, "s", each=1)["a.test"] == sample(by_domain["a.test"], 1, "s", "a.test")
    assert sum(map(len, sample_domains(by_domain, "s", each=0, more=2).values())) == 2
    with pytest.raises(ValueError):
        sample_domains(by_domain, "s", each=-1)
