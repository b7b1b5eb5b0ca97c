# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Journals by the names under which results and settings speak of them."""

from __future__ import annotations

import os

from ansible_collections.mailops.email.plugins.module_utils.journal import stores
from ansible_collections.mailops.email.plugins.module_utils.journal.file_reader import SUFFIX
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError


def journal_name(folder: str) -> str:
    """The journal that tasks of this run write to: in the database of the environment, else in *folder*.

    :raises Refused: ``journal_url``, ``library_missing``.
    """
    url = stores.url_of_environment()
    return stores.store_at(folder, url).place if url else folder


def store_at(name: str) -> Store:
    """The store of a journal: *name* is its folder, or that of a run in it, or what a database and a run in it are called.

    :raises JournalError: ``journal_not_readable`` when the environment names no such database.
    :raises Refused: ``journal_url``, ``library_missing``.
    """
    if not stores.in_database(name):
        return stores.store_at(os.path.dirname(name) if name.endswith(SUFFIX) else name)
    store = stores.store_at(os.devnull, stores.url_of_environment())
    if name.partition("#")[0] != store.place:
        raise JournalError(
            "journal_not_readable",
            "The journal %s cannot be read here." % name,
            "Set MAILOPS_JOURNAL_URL to its database.",
        )
    return store


def run_of(name: str) -> str:
    """The run that a task's result calls its journal."""
    if stores.in_database(name):
        return name.partition("#")[2]
    base = os.path.basename(name)
    return base[: -len(SUFFIX)] if base.endswith(SUFFIX) else base


def at_hand(name: str) -> bool:
    """Whether the journal that a result names can be read here; one that another host has written cannot."""
    if stores.in_database(name):
        return bool(stores.url_of_environment())
    return bool(name) and os.path.exists(name)
