# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Journals by the names under which results and settings speak of them."""

from __future__ import annotations

import os

from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import SUFFIX
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store


def store_at(name: str) -> Store:
    """The store of a journal: *name* is its folder, or that of a run in it."""
    return FileStore(os.path.dirname(name) if name.endswith(SUFFIX) else name)


def run_of(name: str) -> str:
    """The run that a task's result calls its journal."""
    base = os.path.basename(name)
    return base[: -len(SUFFIX)] if base.endswith(SUFFIX) else base


def at_hand(name: str) -> bool:
    """Whether the journal that a result names can be read here; one that another host has written cannot."""
    return bool(name) and ("://" in name or os.path.exists(name))
