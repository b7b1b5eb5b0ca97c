# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/verification.md has the tables of the code."""

from __future__ import annotations

from code_tables import PAGE, renewed


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    """R-SMTP-05. Renew them with: python tests/unit/probe/code_tables.py"""
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text
