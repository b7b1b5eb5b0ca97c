# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of a domain share: what was seen at a name, and what one class of records comes to."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    Answer,
    Asking,
    Question,
    T,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ERROR, WARNING, DnsFinding

OK = "ok"
ABSENT = "absent"
NOT_ASKED = "not_asked"
UNKNOWN = "unknown"

Place: t.TypeAlias = "tuple[str, str]"
Seen: t.TypeAlias = "t.Mapping[Place, Answer]"


@dataclasses.dataclass(frozen=True)
class Part:
    """What was found of one class of records.

    :param status: ``ok``, ``warning``, ``error``, ``absent`` (no record, and none is wanted), ``not_asked`` or ``unknown``.
    :param records: what is published, as text.
    :param more: plain values that belong to the class, such as the look-ups of an SPF record.
    """

    record_class: str
    status: str
    records: tuple[str, ...] = ()
    findings: tuple[DnsFinding, ...] = ()
    more: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, t.Any]:
        return {"status": self.status, "records": list(self.records), **self.more}


def part(
    record_class: str,
    records: t.Sequence[str],
    findings: t.Sequence[DnsFinding],
    more: t.Mapping[str, t.Any] | None = None,
) -> Part:
    """A part whose status follows from its findings."""
    severities = {one.severity for one in findings}
    if ERROR in severities:
        status = ERROR
    elif any(one.code.endswith("_not_checked") for one in findings) and not records:
        status = UNKNOWN
    elif WARNING in severities:
        status = WARNING
    else:
        status = OK if records else ABSENT
    return Part(record_class, status, tuple(records), tuple(findings), more or {})


def texts_of(answer: Answer | None) -> list[str]:
    """The texts of a TXT answer; a value that cannot be read is left out, as no receiver can read it either."""
    found = []
    for value in answer.values if answer is not None and answer.status == FOUND else ():
        try:
            found.append(txt.text(value))
        except ValueError:
            continue
    return found


def failed(answer: Answer | None) -> str:
    """Why a name could not be looked at; empty when it could."""
    if answer is None:
        return "not asked"
    return "%s %s: %s" % (answer.question.name, answer.question.type, answer.why) if answer.status == FAILED else ""


def knowing(asking: Asking[T], known: Seen) -> Asking[T]:
    """A check to which the resolver's answers are those that the authoritative servers gave, so that nothing is asked twice."""
    try:
        questions = next(asking)
        while True:
            open_ones = [one for one in questions if one.server or (one.name, one.type) not in known]
            new = iter((yield open_ones) if open_ones else ())
            questions = asking.send([_known(one, known) or next(new) for one in questions])
    except StopIteration as end:
        return t.cast(T, end.value)


def _known(question: Question, known: Seen) -> Answer | None:
    return None if question.server else known.get((question.name, question.type))
