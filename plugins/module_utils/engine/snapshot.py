# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listings that an earlier task of the same run has just read, so that the next one need not read them again.

A snapshot is a named input, never a hidden cache: a task uses it only when it is told its path, it is young, and it
speaks of the same account. What it says is checked by the provider all the same when an operation is carried out.
"""

from __future__ import annotations

import datetime
import json
import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.files import private_folder, write_private
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record

MAX_AGE_SECONDS = 300

Listings = dict[str, dict[str, t.Any]]


def save(
    path: str, account: str, now: datetime.datetime, listings: t.Mapping[str, tuple[set[str], dict[str, Record]]]
) -> None:
    """Write listings (kind -> scope and records) to *path*, mode 0600.

    :raises Refused: ``snapshot_not_writable``.
    """
    document = {
        "account": account,
        "taken_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "listings": {kind: {"scope": sorted(scope), "records": records} for kind, (scope, records) in listings.items()},
    }
    try:
        private_folder(os.path.dirname(path) or ".")
        write_private(path, json.dumps(document, separators=(",", ":")).encode("utf-8"))
    except OSError as error:
        raise Refused(
            "snapshot_not_writable",
            "The snapshot %s cannot be written: %s." % (path, error.strerror),
            "Choose another path.",
        ) from error


def load(path: str, account: str, now: datetime.datetime) -> Listings:
    """The listings in *path* when they may be used; none when they are absent, too old, or of another account.

    They are used once: the file is gone afterwards.

    :raises Refused: ``snapshot_damaged``.
    """
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        os.unlink(path)
        age = (now - parse_time(document["taken_at"])).total_seconds()
        if document["account"] != account or not -5 <= age <= MAX_AGE_SECONDS:
            return {}
        return t.cast(Listings, document["listings"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(
            "snapshot_damaged", "The snapshot %s cannot be read: %s." % (path, error), "Delete it."
        ) from error


def covers(listings: Listings, kind: str, scope: t.Collection[str]) -> bool:
    """Whether listings hold all that *scope* asks of *kind*."""
    return kind in listings and set(scope) <= set(listings[kind]["scope"])
