# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the world would see once a plan is published: answers of the plan, laid over those of the wire."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FOUND, NODATA, Answer, Eyes, Question
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet

Planned = t.Mapping["tuple[str, str]", t.Optional[RecordSet]]


class Overlay:
    """:param planned: by name and type, the record set as it will be, None when it will be gone."""

    def __init__(self, eyes: Eyes, planned: Planned) -> None:
        self._eyes = eyes
        self._planned = planned

    def answer(self, questions: t.Sequence[Question]) -> list[Answer]:
        strange = [one for one in questions if (one.name, one.type) not in self._planned]
        told = iter(self._eyes.answer(strange) if strange else ())
        return [self._of_plan(one) if (one.name, one.type) in self._planned else next(told) for one in questions]

    def _of_plan(self, question: Question) -> Answer:
        after = self._planned[(question.name, question.type)]
        # Whether it is validated is not known before it is there
        if after is None:
            return Answer(question, NODATA, authoritative=bool(question.server))
        return Answer(question, FOUND, after.values, after.ttl, authoritative=bool(question.server))
