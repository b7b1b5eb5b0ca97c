# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a mail provider writes the records that it needs into a DNS host that is connected to it."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class ProposedRecord:
    """A record that a mail provider would write into a DNS host that is connected to it.

    :param value: as in a zone file; a text may lack its quotation marks.
    :param existing: values that stand at its place now: itself, or what it would replace.
    :param conflict: it is only written when that is said to be right.
    :param done: it is there already.
    """

    id: str
    name: str
    type: str
    value: str
    existing: tuple[str, ...] = ()
    conflict: bool = False
    done: bool = False


class RecordWriter(t.Protocol):
    """The calls by which a mail provider writes what it needs into a connected DNS host.

    :ivar host: word for that host.
    """

    host: str

    def preview(self, domains: t.Collection[str]) -> dict[str, list[ProposedRecord]]: ...

    def apply(
        self, domain: str, records: t.Collection[str], conflicts: t.Collection[str], key: str
    ) -> dict[str, t.Any]: ...
