# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of persistence: forwards and catch-alls have an owner, a purpose and an end (R-RULE-05, R-ASSET-12)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact

# A forward that nobody looked at for longer than this is forgotten, not governed.
MAX_DAYS = 400


def check_governance(item: t.Mapping[str, t.Any], key: str, now: datetime.datetime) -> dict[str, t.Any]:
    """Owner, purpose and end of something that lets mail leave.

    :param item: options ``owner``, ``purpose``, ``expires_at`` (ISO 8601 with zone, or a date, which ends at its midnight UTC).
    :returns: the three in normal form, and ``expired``.
    :raises Refused: ``owner_missing``, ``purpose_missing``, ``expiry_missing``, ``expires_at``.
    """
    for name, code in (("owner", "owner_missing"), ("purpose", "purpose_missing"), ("expires_at", "expiry_missing")):
        if not str(item.get(name) or "").strip():
            raise Refused(code, "%s: %s is not set." % (key, name), "Say who answers for it, why, and until when.")
    expires = parse_end(str(item["expires_at"]), key)
    if expires - now > datetime.timedelta(days=MAX_DAYS):
        raise Refused(
            "expires_at",
            "%s: expires_at %s is more than %d days away." % (key, item["expires_at"], MAX_DAYS),
            "Set an end at which somebody will decide again.",
        )
    return {
        "owner": normalise_contact(str(item["owner"])),
        "purpose": str(item["purpose"]).strip(),
        "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expired": expires <= now,
    }


def parse_end(text: str, key: str) -> datetime.datetime:
    """An end in UTC from a date or a time with a zone.

    :raises Refused: ``expires_at``.
    """
    try:
        value = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise Refused(
            "expires_at", "%s: expires_at %r is no date." % (key, text), "Write 2027-01-31 or 2027-01-31T12:00:00Z."
        ) from error
    if value.tzinfo is None:
        if len(text) > 10:
            raise Refused("expires_at", "%s: expires_at %r has no zone." % (key, text), "Add Z for UTC.")
        value = value.replace(tzinfo=datetime.timezone.utc)
    return value.astimezone(datetime.timezone.utc)


def external_targets(targets: t.Iterable[str], own_domains: t.Collection[str]) -> list[str]:
    """Targets outside the client's own domains; they need an exception record (R-STD-03)."""
    return [target for target in targets if target.rsplit("@", 1)[-1] not in own_domains]
