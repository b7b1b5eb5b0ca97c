# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Eyes that see a table: one zone file's worth of records, and name servers that fail on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NODATA,
    NXDOMAIN,
    Answer,
    Question,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import normal_value

# name -> type -> values; a TXT value without quotes is its text.
Zone = Mapping[str, Mapping[str, Sequence[str]]]


class Table:
    """Answers from *records*, and from a table of its own for a server that is named in *servers*.

    :ivar asked: all questions, in order.
    """

    def __init__(
        self,
        records: Zone,
        servers: Mapping[str, Zone] | None = None,
        failing: Sequence[str] = (),
        signed: bool = False,
    ) -> None:
        self.records = records
        self.servers = servers or {}
        self.failing = failing
        self.signed = signed
        self.asked: list[Question] = []
        self.rounds = 0

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        self.rounds += 1
        self.asked += questions
        return [self._one(question) for question in questions]

    def _one(self, question: Question) -> Answer:
        if question.name in self.failing or question.server in self.failing:
            return Answer(question, FAILED, why="timeout")
        zone = self.servers.get(question.server, self.records)
        aliases: list[str] = []
        name = question.name
        while question.type != "CNAME" and "CNAME" in zone.get(name, {}) and len(aliases) < 8:
            name = zone[name]["CNAME"][0].rstrip(".")
            aliases.append(name)
        values = zone.get(name, {}).get(question.type, ())
        normal = sorted(_normal(question.type, value) for value in values)
        extra = {"aliases": tuple(aliases), "authoritative": bool(question.server), "authenticated": self.signed}
        if normal:
            return Answer(question, FOUND, tuple(normal), 3600, **extra)  # type: ignore[arg-type]
        there = any(one == name or one.endswith("." + name) for one in zone)
        return Answer(question, NODATA if there else NXDOMAIN, (), 300, **extra)  # type: ignore[arg-type]


def _normal(kind: str, value: str) -> str:
    if kind == "TXT" and not value.startswith('"'):
        return txt.encode(value)
    return normal_value(kind, value)
