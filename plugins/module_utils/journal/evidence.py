# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence: what an object was like, and what was done to it, kept before anything is changed (R-OFF-07)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal import documents
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

STATE_DOMAIN = b"mailops-evidence-state-v1\n"
_KIND = documents.Kind(
    "mailops.evidence/1",
    b"mailops-evidence-v1\n",
    "evidence",
    "evidence_damaged",
    "evidence",
    "Put it back from a copy of the journal.",
)


def sealed(request_id: str, client: str, document: t.Mapping[str, t.Any]) -> tuple[dict[str, str], bytes]:
    """``{digest, path}`` of a document, and its bytes; equal documents have equal names.

    :raises JournalError: ``event_not_canonical``.
    """
    return _KIND.sealed((request_id, client or "none"), document)


def read(store: Store, entry: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The document that *entry* (``{digest, path}``) of an event names.

    :raises JournalError: ``evidence_damaged`` when it is gone or is not what was recorded.
    """
    return _KIND.read(store, entry)
