# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the values of ``no_log`` options out of a result, at the price of looking for them once."""

from __future__ import annotations

import json
import typing as t

from ansible.module_utils.common.parameters import remove_values


def scrub(outcome: dict[str, t.Any], secrets: t.Iterable[t.Any]) -> dict[str, t.Any]:
    """*outcome* without *secrets*, as :func:`remove_values` makes it.

    A result of ten thousand mailboxes is half a million values, and hardly ever holds one of the secrets: only when the
    whole text of it does is every value rebuilt.
    """
    named = {str(one) for one in secrets} - {""}
    text = json.dumps(outcome, ensure_ascii=False, default=str)
    if any(one in text or json.dumps(one, ensure_ascii=False)[1:-1] in text for one in named):
        return t.cast("dict[str, t.Any]", remove_values(outcome, named))
    return outcome
