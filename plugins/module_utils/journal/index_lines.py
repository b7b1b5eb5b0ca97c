# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of the index over runs: their form, their chain, and which sessions are open behind each. Knows no store."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import GENESIS, parse_line, utc_now
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, canonical_json

SPEC = "mailops.index/1"
DIGEST_DOMAIN = b"mailops-index-v1\n"

Line = dict[str, t.Any]


def index_digest(line: bytes) -> str:
    """``sha256:…`` of a line of the index without its line feed."""
    return "sha256:" + hashlib.sha256(DIGEST_DOMAIN + line).hexdigest()


class IndexLines:
    """What is to be written behind the last line of an index.

    :param last: that line without its line feed; None when there is none.
    :param where: what people call this index.
    :ivar block: the new lines, each without its line feed.
    :raises JournalError: ``journal_damaged``.
    """

    def __init__(self, last: bytes | None, where: str) -> None:
        self.block: list[bytes] = []
        self._seq = 0
        self._prev = GENESIS
        self._open: list[Line] = []
        if last is None:
            return
        try:
            line = parse_line(last)
            self._seq, self._open = int(line["seq"]), [dict(one) for one in line["open"]]
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(
                "journal_damaged",
                "The last line of %s is no line of an index: %s." % (where, error),
                "Verify the journal, keep the file elsewhere as evidence, and put it back from a copy.",
            ) from error
        self._prev = index_digest(last)

    @property
    def seq(self) -> int:
        """Number of the last line, the new ones included."""
        return self._seq

    def open_sessions(self) -> list[Line]:
        return [dict(one) for one in self._open]

    def add(self, line: Line, **more: t.Any) -> None:
        """:param line: ``event``, ``session``, ``run``, ``file``, and what the event has beside them."""
        if line["event"] == "opened":
            self._open.append({name: line[name] for name in ("session", "run", "file")})
        else:
            self._open = [one for one in self._open if one["session"] != line["session"]]
        whole = dict(line, spec=SPEC, seq=self._seq + 1, prev=self._prev, timestamp=utc_now(), open=self._open, **more)
        data = canonical_json(whole)
        self.block.append(data)
        self._seq, self._prev = self._seq + 1, index_digest(data)
