# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How old a domain's DKIM keys are, as its snapshots tell (D-DKIM-3)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import dkim
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import Entry, read
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store


def old_keys(
    store: Store, entries: t.Sequence[Entry], observed: t.Iterable[RecordSet], now: datetime.datetime
) -> list[DnsFinding]:
    """Keys that a snapshot of more than six months ago has just as they are published now.

    Only the last of those snapshots is read; a key that has changed since is young enough.

    :param entries: of the domain, oldest first.
    :raises JournalError: ``snapshot_damaged``.
    """
    before = [one for one in entries if now - parse_time(one.taken_at) > dkim.ROTATION]
    keys = [one for one in observed if one.type == "TXT" and "._domainkey." in one.name]
    if not before or not keys:
        return []
    then = {(one.name, one.type): one for one in read(store, before[-1]).records}
    since = parse_time(before[-1].taken_at)
    same = [one.name for one in keys if one.same_data(then.get((one.name, one.type)))]
    return [finding for name in same for finding in dkim.aged(name, since, now)]
