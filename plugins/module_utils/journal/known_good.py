# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain was like when it last passed verification, kept beside the journal for taking a batch back (R-LOG-09)."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, canonical_json, digest

SPEC = "mailops.known-good/1"
DIGEST_DOMAIN = b"mailops-known-good-v1\n"
FOLDER = "known-good"
ACTION = "verification.completed"

_NAME = re.compile(r"[^A-Za-z0-9@._+-]")


def keep(store: Store, account: str, domain: str, state: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Keep a domain's state and return ``{digest, path}``, the path as the store knows it.

    The name of the file is its digest, so equal states share one and no snapshot is ever overwritten with another.

    :param state: plain records in normal form, without what changes by itself.
    :raises JournalError: ``journal_not_writable``, ``event_not_canonical``.
    """
    document = {"spec": SPEC, "account": account, "domain": domain, "state": dict(state)}
    try:
        mark = digest(DIGEST_DOMAIN, document)
    except (TypeError, ValueError) as error:
        raise JournalError("event_not_canonical", "The state of %s cannot be written: %s." % (domain, error)) from error
    path = "/".join((FOLDER, _NAME.sub("_", account), _NAME.sub("_", domain), mark.partition(":")[2] + ".json"))
    try:
        store.keep(path, canonical_json(document))
    except OSError as error:
        raise JournalError(
            "journal_not_writable",
            "The state of %s cannot be kept in %s: %s." % (domain, store.place, error.strerror or error),
            "Make room or give access to the folder, then verify again.",
        ) from error
    return {"digest": mark, "path": path}


def read(store: Store, entry: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The document that *entry* (``{digest, path}``) of an event names.

    :raises JournalError: ``known_good_damaged`` when it is gone or is not what was recorded.
    """
    why = "it is not what was recorded"
    try:
        document = json.loads(store.load(entry["path"]))
        if isinstance(document, dict) and digest(DIGEST_DOMAIN, document) == entry["digest"]:
            return document
    except OSError as error:
        why = error.strerror or str(error)
    except (ValueError, TypeError, RecursionError) as error:
        why = str(error)
    raise JournalError(
        "known_good_damaged",
        "The snapshot %s cannot be used: %s." % (entry.get("path"), why),
        "Put the file back from a copy, or verify the domain again once it is as it should be.",
    )


def verifications(store: Store, account: str) -> dict[str, dict[str, t.Any]]:
    """By domain: ``verified`` (how the last verification ended), and of the last one that passed ``verified_at`` and
    ``last_known_good``; None where there was none.

    :raises JournalError: when a journal is damaged.
    """
    latest: dict[str, tuple[str, bool]] = {}
    passed: dict[str, tuple[str, dict[str, str] | None]] = {}
    for event in store.all_events(('"action":"%s"' % ACTION).encode()):
        if event.get("action") != ACTION or event.get("provider") != account:
            continue
        domain, moment = event["object"]["key"], event["timestamp"]
        good = event.get("outcome") == "success"
        if domain not in latest or latest[domain][0] <= moment:
            latest[domain] = (moment, good)
        if good and (domain not in passed or passed[domain][0] <= moment):
            passed[domain] = (moment, event.get("last_known_good"))
    return {
        domain: {
            "verified": good,
            "verified_at": passed[domain][0] if domain in passed else None,
            "last_known_good": passed[domain][1] if domain in passed else None,
        }
        for domain, (_moment, good) in latest.items()
    }
