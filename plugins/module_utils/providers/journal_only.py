# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The driver of what no provider has a place for: nothing is reached, the journal alone is written."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record


class JournalOnly(Driver):
    """Every operation has the verb ``record``, or is for what stands beside it, so none ever comes here.

    :param name: what the journal says in place of a provider's account.
    """

    name = "journal"
    capabilities = frozenset()
    request_counts = collections.Counter()

    def __init__(self, name: str = "journal") -> None:
        self._account = name

    @property
    def account(self) -> str:
        return self._account

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        return {}

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        error = MailopsError("not_supported", "There is no provider behind the journal.")
        return [Result(operation, "failed", error=error) for operation in operations]
