# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from journal_book import Book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A journal of three runs that are over."""
    book = Book(tmp_path / "journal")
    for run in ("one", "two", "three"):
        book.write(run)
    return book
