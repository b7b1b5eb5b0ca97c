# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of an entry in the table of findings (codes.py)."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Rule:
    """What is known of a finding before it is found.

    :param breaks: what stops working, in a sentence of `findings`.
    :param meaning: what is wrong, for somebody who never read the standard.
    :param next: the next step; ``{object}`` and the words given with the finding are filled in.
    :param source: requirement, check of the catalogue, or standard.
    """

    severity: str
    breaks: str
    meaning: str
    next: str
    source: str
