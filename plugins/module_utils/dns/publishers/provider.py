# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mail provider itself writes what it needs into a DNS host that is connected to it, such as TrekMail into Cloudflare.

It writes its own records and no others, so a plan that wants something else is refused before anything is sent. What is
there is read at the authoritative servers, and held against the provider's own view of it.
"""

from __future__ import annotations

import collections
import contextlib
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Moved,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.by_eyes import ByEyes
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    after_of,
    place_of,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, normal_value
from ansible_collections.mailops.email.plugins.module_utils.model import (
    MailopsError,
    Operation,
    ProviderError,
    Refused,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.records import ProposedRecord


class Provider(ByEyes):
    """Stands on the driver of the same task; one domain is one call."""

    name = "provider"
    capabilities: t.ClassVar[frozenset[str]] = frozenset((KIND + ".set",))
    # A host of its own shows a change at all of its servers some seconds later.
    shown_within = 30.0

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_provider`` when the mail provider cannot, or ``publisher_eyes``."""
        super().__init__(settings)
        driver = settings.driver
        writer = driver.record_writer if driver is not None else None
        if driver is None or writer is None:
            raise Refused(
                "publisher_provider",
                "The mail provider %s writes into no DNS host by its API."
                % (driver.name if driver else "is not set and"),
                "Choose another type of publisher.",
            )
        self._driver = driver
        self._writer = writer
        self._listed = False
        # Of each domain's own request; one domain is never published twice at a time.
        self._keys: dict[str, str] = {}

    @property
    def account(self) -> str:
        return "%s@%s" % (self._writer.host, self._driver.account)

    def same(self, one: RecordSet | None, other: RecordSet | None) -> bool:
        """The TTL is the provider's to choose."""
        if one is None or other is None:
            return one is other
        return one.same_data(other)

    def batch_key(self, operation: Operation) -> t.Hashable | None:
        return operation.domain

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        self._keys.update({operation.domain: idempotency_key for operation in operations})
        return super().apply(operations, idempotency_key)

    def write(self, zone: str, operations: t.Sequence[Operation], seen: Seen) -> dict[str, t.Any]:
        facts: dict[str, t.Any] = {}
        chosen = self._chosen(operations, seen)
        for domain, rows in chosen.items():
            conflicts = [row.id for row in rows if row.conflict]
            key = self._keys[domain] if len(chosen) == 1 else "%s:%s" % (self._keys[domain], domain)
            facts = self._writer.apply(domain, [row.id for row in rows], conflicts, key)
        return facts

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        """The provider is asked what it would write, so that a plan that wants something else is refused as a plan."""
        warnings = super().foresee(operations)
        by_zone: dict[str, list[Operation]] = collections.defaultdict(list)
        for operation in operations:
            by_zone[self.zone_of(place_of(operation)[0])].append(operation)
        for zone, mine in sorted(by_zone.items()):
            # What has moved in these moments is refused when it is applied.
            with contextlib.suppress(Moved):
                self._chosen(mine, self.read(zone, [place_of(operation) for operation in mine]))
        return warnings

    def _chosen(self, operations: t.Sequence[Operation], seen: Seen) -> dict[str, list[ProposedRecord]]:
        """The provider's records that are the operations, by domain.

        :raises Moved:
        :raises MailopsError: also ``provider_writes_other``.
        """
        by_domain: dict[str, list[Operation]] = collections.defaultdict(list)
        for operation in operations:
            by_domain[operation.domain].append(operation)
        proposals = self._preview(sorted(by_domain))
        chosen = {}
        for domain, mine in by_domain.items():
            rows = [row for one in mine for row in _rows_for(one, proposals[domain], seen)]
            chosen[domain] = [row for row in rows if not row.done]
        return chosen

    def _preview(self, domains: list[str]) -> dict[str, list[ProposedRecord]]:
        if not self._listed:
            # By this the driver learns its ids.
            self._driver.observe("domain", ())
            self._listed = True
        try:
            return self._writer.preview(domains)
        except ProviderError as error:
            if error.code == "not_found" or error.status == 422:
                raise Refused(
                    "publisher_not_connected",
                    "%s: the provider has no %s account connected for it: %s"
                    % (", ".join(domains), self._writer.host, error.message),
                    "Connect it in the provider's dashboard, or choose another type of publisher.",
                ) from error
            raise


def _rows_for(operation: Operation, proposals: t.Sequence[ProposedRecord], seen: Seen) -> list[ProposedRecord]:
    """The provider's records that together are the operation.

    :raises Moved: when the provider sees something else at the host than the name servers show.
    :raises Refused: ``provider_writes_other``.
    """
    name, kind = place_of(operation)
    after = after_of(operation)
    rows = [row for row in proposals if (row.name, row.type) == (name, kind)]
    now = seen.sets.get((name, kind))
    values = set(now.values if now else ())
    made = set(values)
    for row in rows:
        there = {_normal(kind, value, name) for value in row.existing}
        if not there <= values:
            raise Moved
        made = (made - there) | {_normal(kind, row.value, name)}
    wanted = set(after.values) if after else set()
    if not rows or made != wanted:
        raise Refused(
            "provider_writes_other",
            "%s %s: the provider would make it %s; the plan wants %s."
            % (name, kind, ", ".join(sorted(made)) if rows else "nothing", ", ".join(sorted(wanted)) or "it gone"),
            "Let the baseline ask for the provider's own records, or choose another type of publisher.",
        )
    return rows


def _normal(kind: str, value: str, name: str) -> str:
    try:
        return txt.encode(value) if kind == "TXT" and not value.startswith('"') else normal_value(kind, value)
    except (MailopsError, ValueError) as error:
        raise Refused(
            "provider_writes_other",
            "%s %s: the provider shows a value that is none." % (name, kind),
            "Look at it in the provider's dashboard, or choose another type of publisher.",
        ) from error
