# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain was like when it last passed verification, kept beside the journal for taking a batch back (R-LOG-09)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal import documents
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store

ACTION = "verification.completed"
_KIND = documents.Kind(
    "mailops.known-good/1",
    b"mailops-known-good-v1\n",
    "known-good",
    "known_good_damaged",
    "snapshot",
    "Put the file back from a copy, or verify the domain again once it is as it should be.",
)


def keep(store: Store, account: str, domain: str, state: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Keep a domain's state and return ``{digest, path}``, the path as the store knows it.

    :param state: plain records in normal form, without what changes by itself.
    :raises JournalError: ``journal_not_writable``, ``event_not_canonical``.
    """
    document = {"account": account, "domain": domain, "state": dict(state)}
    entry, data = _KIND.sealed((account, domain), document)
    documents.keep(store, entry["path"], data, "state of " + domain)
    return entry


def read(store: Store, entry: t.Mapping[str, str]) -> dict[str, t.Any]:
    """The document that *entry* (``{digest, path}``) of an event names.

    :raises JournalError: ``known_good_damaged`` when it is gone or is not what was recorded.
    """
    return _KIND.read(store, entry)


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
