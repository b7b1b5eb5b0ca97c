# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Normal form of record sets, and checks that ask without knowing how."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FOUND,
    NODATA,
    Answer,
    Asking,
    Question,
    ask,
    run,
    together,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, key_of, parts_of
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused


def test_one_form_for_what_means_the_same() -> None:
    one = RecordSet.of("Example.COM.", "mx", 300, ["10  MX2.example.net.", "05 mx1.example.net"])
    two = RecordSet.of("example.com", "MX", 300, ["5 mx1.example.net.", "10 mx2.example.net.", "10 mx2.example.net"])
    assert one == two
    assert RecordSet.from_dict(one.to_dict()) == one


@pytest.mark.parametrize(
    "name, kind, value",
    [
        ("a..b", "A", "192.0.2.1"),
        ("a b", "A", "192.0.2.1"),
        ("a", "A", "192.0.2.256"),
        ("a", "MX", "mx.example.com"),
        ("a", "MX", "70000 mx.example.com"),
        ("a", "TXT", '"open'),
        ("a/b", "TXT", '"x"'),
        ("x" * 64, "TXT", '"x"'),
    ],
)
def test_what_cannot_be_published_is_refused(name: str, kind: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        RecordSet.of(name, kind, 300, [value])
    assert caught.value.code == "record_invalid"


def test_a_key_names_the_domain_that_it_belongs_to() -> None:
    key = key_of("example.com", "s1._domainkey.example.com", "TXT")
    assert parts_of(key) == ("example.com", "s1._domainkey.example.com", "TXT")
    operation = Operation(0, "record_set", "set", key, "dns.published")
    assert (operation.domain, operation.mailbox) == ("example.com", "")


class Table:
    def __init__(self) -> None:
        self.rounds: list[list[Question]] = []

    def answer(self, questions: list[Question]) -> list[Answer]:
        self.rounds.append(list(questions))
        return [Answer(one, FOUND if one.name.startswith("a") else NODATA) for one in questions]


def test_checks_side_by_side_share_their_rounds() -> None:
    def twice(name: str) -> Asking[list[str]]:
        first = yield from ask(name, "MX")
        if first.void:
            return [first.status]
        second = yield from ask(name, "TXT")
        return [first.status, second.status]

    table = Table()
    assert run(together([twice("a1"), twice("b"), twice("a2")]), table) == [
        ["found", "found"],
        ["nodata"],
        ["found", "found"],
    ]
    assert [len(one) for one in table.rounds] == [3, 2]
    assert run(together([]), table) == []
