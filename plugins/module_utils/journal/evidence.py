# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence: what an object was like, and what was done to it, kept before anything is changed (R-OFF-07)."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, canonical_json, digest

SPEC = "mailops.evidence/1"
DIGEST_DOMAIN = b"mailops-evidence-v1\n"
STATE_DOMAIN = b"mailops-evidence-state-v1\n"
FOLDER = "evidence"
_NAME = re.compile(r"[^A-Za-z0-9@._+-]|^\.+$")


def sealed(request_id: str, client: str, document: t.Mapping[str, t.Any]) -> tuple[dict[str, str], bytes]:
    """``{digest, path}`` of a document, and its bytes; equal documents have equal names.

    :raises JournalError: ``event_not_canonical``.
    """
    whole = dict(document, spec=SPEC)
    try:
        mark, data = digest(DIGEST_DOMAIN, whole), canonical_json(whole)
    except (TypeError, ValueError) as error:
        raise JournalError("event_not_canonical", "The evidence cannot be written: %s." % error) from error
    parts = (FOLDER, _NAME.sub("_", request_id), _NAME.sub("_", client or "none"), mark.partition(":")[2] + ".json")
    return {"digest": mark, "path": "/".join(parts)}, data


def keep(store: Store, path: str, data: bytes) -> None:
    """:raises JournalError: ``journal_not_writable``."""
    try:
        store.keep(path, data)
    except OSError as error:
        raise JournalError(
            "journal_not_writable",
            "The evidence cannot be kept in %s: %s." % (store.place, error.strerror or error),
            "Make room or give access to the folder, then run again.",
        ) from error


def read(store: Store, entry: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The document that *entry* (``{digest, path}``) of an event names.

    :raises JournalError: ``evidence_damaged`` when it is gone or is not what was recorded.
    """
    why = "it is not what was recorded"
    try:
        document = json.loads(store.load(entry["path"]))
        if isinstance(document, dict) and digest(DIGEST_DOMAIN, document) == entry["digest"]:
            return document
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, TypeError, RecursionError):
        pass
    raise JournalError(
        "evidence_damaged",
        "The evidence %s cannot be used: %s." % (entry["path"], why),
        "Put it back from a copy of the journal.",
    )
