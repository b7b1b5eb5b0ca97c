# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick look for secrets finds whatever the thorough one would take out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.mailops.email.plugins.plugin_utils.scrub import scrub


@pytest.mark.parametrize(
    ("secret", "outcome"),
    [
        ("tm_live_x", {"msg": "refused", "rows": [{"note": "it said tm_live_x to me"}]}),
        ("tm_live_x", {"msg": "tm_live_x"}),
        ('quo"te\\slash', {"rows": [{"a": 'before quo"te\\slash after'}]}),
        ("tab\tand\nline", {"a": "tab\tand\nline"}),
        ("größe\u2028", {"a": ["größe\u2028"]}),
        ("4711", {"id": 47110, "other": 4711, "text": "a4711"}),
        ("rue", {"yes": True, "text": "true"}),
        ("absent", {"rows": [{"a": 1, "b": None, "c": [True, "x"]}]}),
        ("", {"a": "anything"}),
    ],
)
def test_nothing_that_remove_values_would_take_out_stays(secret: str, outcome: dict[str, Any]) -> None:
    """Design §4.7: results hold no secret, whatever text the provider echoes."""
    assert scrub(outcome, {secret}) == remove_values(outcome, {secret} - {""})


def test_a_result_without_secrets_is_not_rebuilt() -> None:
    """Ten thousand rows are looked at once, not copied value by value."""
    outcome = {"rows": [{"a": "b"}]}
    assert scrub(outcome, {"tm_live_x", "other"}) is outcome
