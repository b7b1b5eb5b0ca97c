# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages about providers are those of the code: tables, normal forms, workarounds."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from docfacts import ROOT, names, table, text

import capabilities
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS

PAGE = "docs/capabilities.md"
MODOBOA = "docs/provider-modoboa.md"


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "contract"))
    import normal_forms

    yield normal_forms.FORMS
    sys.modules.pop("normal_forms", None)


def test_the_tables_are_renewed() -> None:
    """Renew them with: PYTHONPATH=.cache/tree .cache/venv/bin/python tests/tools/capabilities.py docs/capabilities.md"""
    page = text(ROOT / PAGE)
    assert capabilities.renewed(page) == page


def test_lost_markers_are_told() -> None:
    with pytest.raises(ValueError, match="markers of capabilities"):
        capabilities.renewed("nothing here")


def test_every_capability_has_its_words() -> None:
    assert {one for driver in DRIVERS.values() for one in driver.capabilities} <= set(capabilities.WORDS)


def test_every_trait_is_one_of_a_driver() -> None:
    assert all(hasattr(Driver, name) for name in capabilities.TRAITS)
    told = {one for row in table("docs/providers.md", "attribute |") for one in names(row[0])}
    assert told - {"concurrency"} == set(capabilities.TRAITS) - {"default_api_url"}


def test_normal_forms_are_those_of_the_contract(forms: Any) -> None:
    told = {
        names(row[0])[0]: (set(names(row[1])), set(names(row[2]) if len(row) > 2 else ()))
        for row in table("docs/providers.md", "kind | always")
    }
    assert told == {kind: (set(always), set(sometimes)) for kind, (_key, always, sometimes) in forms.items()}


def test_methods_are_those_of_a_driver() -> None:
    told = [one.partition("(")[0] for row in table("docs/providers.md", "method |") for one in names(row[0])]
    assert told and all(hasattr(Driver, name) for name in told)


def test_workarounds_of_modoboa_are_those_of_the_driver() -> None:
    instead = {names(row[0])[0]: row[1] for row in table(MODOBOA, "capability | instead")}
    assert instead == dict(DRIVERS["modoboa"].workarounds)


@pytest.mark.parametrize("page", ["docs/providers.md", MODOBOA])
def test_pages_stay_short(page: str) -> None:
    assert len(text(ROOT / page).splitlines()) <= 125
