# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which store keeps a journal: a folder, unless there is a URL."""

from __future__ import annotations

import importlib
import os

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

_POSTGRES = "ansible_collections.mailops.email.plugins.module_utils.journal.postgres_store"
URL_VARIABLE = "MAILOPS_JOURNAL_URL"


def in_database(path: str) -> bool:
    """Whether a writer's ``path`` is no file."""
    return path.startswith("postgresql:")


def url_of_environment() -> str:
    """The URL that every process of this run knows; empty when there is none, or only a task has one."""
    return os.environ.get(URL_VARIABLE, "")


def preload() -> None:
    """Load what a database needs, where every task will need it: once, in the process that forks the workers."""
    if url_of_environment():
        importlib.import_module(_POSTGRES)


def store_at(directory: str, url: str = "") -> Store:
    """The journal at *url*, else in *directory*, which in either case is the local folder.

    :raises Refused: ``journal_url``, ``library_missing``.
    """
    if not url:
        return FileStore(directory)
    # Who keeps files needs neither the library nor the time to load it.
    from ansible_collections.mailops.email.plugins.module_utils.journal.postgres_store import PostgresStore

    return PostgresStore(url, directory)
