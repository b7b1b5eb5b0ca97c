# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What publishers share: operations read, what none of them ever does, and refusals in words."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.record import MAIL_TYPES, RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.model import (
    MailopsError,
    Operation,
    ProviderError,
    Refused,
    Result,
)

# RFC 2181 section 8.
TTL_MAX = 2**31 - 1
_SHOWN_VALUES = 300

Place = tuple[str, str]


def place_of(operation: Operation) -> Place:
    return parts_of(operation.key)[1:]


def before_of(operation: Operation) -> RecordSet | None:
    return RecordSet.from_dict(operation.before) if operation.before else None


def after_of(operation: Operation) -> RecordSet | None:
    return RecordSet.from_dict(operation.after) if operation.after else None


def within(name: str, zone: str) -> bool:
    return name == zone or name.endswith("." + zone)


def newer(serial: int, than: int) -> bool:
    """Serial number arithmetic of RFC 1982."""
    return 0 < (serial - than) % 2**32 < 2**31


def defend(operation: Operation) -> None:
    """What no publisher ever does, whatever was planned (anchors G: never NS or SOA).

    :raises Refused: ``record_type``, ``record_ttl``, ``record_empty`` or ``record_key``.
    """
    domain, name, kind = parts_of(operation.key)
    if kind not in MAIL_TYPES:
        raise Refused(
            "record_type",
            "%s %s: this type is never published; only %s are." % (name, kind, ", ".join(MAIL_TYPES)),
            "Change it at the DNS host itself.",
        )
    if not within(name, domain):
        raise Refused("record_key", "%s does not lie in the domain %s." % (name, domain), "Correct the plan.")
    after = after_of(operation)
    if (operation.verb == "remove") != (after is None):
        raise Refused("record_key", "%s %s: the plan contradicts itself." % (name, kind), "Plan again.")
    if after is None:
        return
    if (after.name, after.type) != (name, kind):
        raise Refused("record_key", "%s %s: its values are those of %s %s." % (name, kind, after.name, after.type))
    if not after.values:
        raise Refused(
            "record_empty", "%s %s: a record set without values." % (name, kind), "Remove it by name instead."
        )
    if not 0 < after.ttl <= TTL_MAX:
        raise Refused("record_ttl", "%s %s: a TTL of %d s." % (name, kind, after.ttl), "Set ttl to 3600, for instance.")


def shown(record: RecordSet | None) -> str:
    """A record set in words, bounded."""
    if record is None:
        return "not there"
    text = ", ".join(record.values)
    text = text if len(text) <= _SHOWN_VALUES else text[:_SHOWN_VALUES] + "…"
    return "%s with a TTL of %d s" % (text, record.ttl)


def changed_meanwhile(operation: Operation, now: RecordSet | None) -> ProviderError:
    return ProviderError(
        "changed_meanwhile",
        "%s %s: is now %s; when it was planned it was %s."
        % (*place_of(operation), shown(now), shown(before_of(operation))),
        "Find out who changed it, then run again: the new plan starts from what is there now.",
        retryable=False,
    )


def left_alone(zone: str, why: str) -> ProviderError:
    return ProviderError(
        "zone_left_alone",
        "%s: nothing was changed, %s." % (zone, why),
        "Run again: the new plan starts from what is there now.",
        retryable=False,
    )


def conflict(name: str, kind: str, other: str) -> Refused:
    return Refused(
        "record_conflict",
        "%s %s: %s stands at the name, and a CNAME stands alone (RFC 1034 section 3.6.2)." % (name, kind, other),
        "Remove the one that should not be there, by name.",
    )


def not_shown(operation: Operation, now: RecordSet | None, account: str) -> ProviderError:
    return ProviderError(
        "not_taken",
        "%s %s: %s said yes, and it is %s all the same." % (*place_of(operation), account, shown(now)),
        "Look at the host: another record at the name, such as a CNAME, or a rule of its own may stand against it.",
        retryable=False,
    )


def serial_stale(zone: str, serial: int, account: str) -> ProviderError:
    return ProviderError(
        "serial_stale",
        "%s: %s took the change, and the serial of the zone stayed at %d, so secondary servers will not fetch it."
        % (zone, account, serial),
        "Have the host raise the serial with each change (PowerDNS: SOA-EDIT-API and SOA-EDIT-DNSUPDATE), raise it once by hand, "
        "then check again.",
        retryable=False,
    )


def failed(operation: Operation, error: MailopsError) -> Result:
    doubt = isinstance(error, ProviderError) and error.in_doubt
    http = {"status": error.status, "attempts": error.attempts} if isinstance(error, ProviderError) else {}
    return Result(operation, "in_doubt" if doubt else "failed", error=error, http=http)
