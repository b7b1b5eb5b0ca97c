# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots of the DNS as a resource: what the name servers say now goes into the journal, and counts as good when every check
passed (R-DNS-13, R-DNS-14)."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal import dns_snapshots
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import Entry, Snapshot
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Resource, Scene


class DnsSnapshots(Resource):
    """Its items are ``{name}``; what was seen of each domain is given when it is made.

    :param seen: by domain, the snapshot that would be recorded; one without ``verified_by`` did not pass.
    :param history: by domain, what the journal has already, oldest first.
    """

    kind = dns_snapshots.KIND
    plural = "domains"
    key_option = "name"
    options: t.ClassVar[dict[str, t.Any]] = {}
    retries = False

    def __init__(self, seen: t.Mapping[str, Snapshot], history: t.Mapping[str, t.Sequence[Entry]]) -> None:
        self._seen = seen
        self._history = {domain: list(entries) for domain, entries in history.items()}

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        name = item["name"]
        if name not in self._seen:
            raise Refused(
                "dns_not_seen",
                "%s: its name servers could not be asked, so there is nothing to record." % name,
                "Look at the findings, then run again.",
            )
        return {"key": name, "domain": name}

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        return {}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        """Nothing when the newest snapshot says the same and is not less good; what did not pass is recorded too, as evidence."""
        domain, seen = item["domain"], self._seen[item["domain"]]
        if self._is_kept(domain):
            return []
        after, data = seen.sealed(scene.client)
        last = dns_snapshots.newest(self._history.get(domain, []), verified=False)
        before: Record | None = None
        if last is not None:
            before = {"digest": last.digest, "records_digest": last.records_digest, "verified": last.verified}
        operation = Operation(index, self.kind, "record", domain, dns_snapshots.RECORDED, before, after)
        operation.document = data
        return [operation]

    def _is_kept(self, domain: str) -> bool:
        last, seen = dns_snapshots.newest(self._history.get(domain, []), verified=False), self._seen[domain]
        if last is None or last.records_digest != seen.records_digest or set(last.selectors) != set(seen.selectors):
            return False
        return last.verified or not seen.is_good

    def present(self, item: Item, scene: Scene) -> Record:
        """The newest snapshot of the domain as it will be, and the last that is known to be good."""
        domain = item["domain"]
        seen, entries = self._seen[domain], self._history.get(domain, [])
        told: Record = {"name": domain, "records_digest": seen.records_digest}
        if self._is_kept(domain):
            told.update(digest=entries[-1].digest, verified=entries[-1].verified)
        else:
            told.update(digest=seen.sealed(scene.client)[0]["digest"], verified=seen.is_good)
        good = dns_snapshots.newest(entries, verified=True)
        told["last_known_good"] = told["digest"] if told["verified"] else good.digest if good else None
        return told


def judged(
    seen: Snapshot, findings: t.Sequence[t.Mapping[str, t.Any]], by: str, mail_verified_at: str = ""
) -> Snapshot:
    """The snapshot with what its checks say: good is earned, by checks of which none found an error.

    :param by: the human under whose name they ran.
    """
    failed = any(one.get("severity") == "error" for one in findings)
    codes = tuple(sorted({str(one.get("code")) for one in findings}))
    return dataclasses.replace(
        seen, verified_by="" if failed else by, findings=codes, mail_verified_at=mail_verified_at
    )
