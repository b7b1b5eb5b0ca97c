# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: what the name servers say now, beside what is approved and beside what was recorded as good (R-DNS-13, R-PAT-15)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import (
    ALIGNMENT,
    INBOUND,
    OUTBOUND,
    SILENT,
    DnsFinding,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.near import near_miss
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import Sets, Wanted, restoring, wanted_of
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

BASELINE = "baseline"
SNAPSHOT = "snapshot"

_CODES = {"missing": "record_missing", "changed": "record_differs", "added": "record_added", "ttl": "record_differs"}
_BREAKS = {"mx": INBOUND, "spf": OUTBOUND, "dkim": ALIGNMENT, "dmarc": SILENT}


@dataclasses.dataclass(frozen=True)
class Row:
    """One record set that is not as it should be.

    :param against: ``baseline`` (what is approved) or ``snapshot`` (what was recorded as good).
    :param kind: ``missing``, ``added``, ``changed``, or ``ttl`` where only the time to live differs.
    :param was: our values as they should be; of a shared set those of others are neither here nor in *now*.
    :param why: what keeps it from being compared, such as several records where one is the most.
    """

    domain: str
    against: str
    record_class: str
    name: str
    type: str
    kind: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    was_ttl: int | None = None
    now_ttl: int | None = None
    why: str = ""

    def to_dict(self) -> dict[str, t.Any]:
        row = dataclasses.asdict(self)
        return {**row, "was": list(self.was), "now": list(self.now)}


def from_baseline(baseline: Baseline, observed: Sets) -> list[Row]:
    """Where the DNS is not as approved.

    :param observed: by name and type; what is missing there is absent.
    :raises Refused: ``record_invalid`` for a baseline that cannot be read.
    """
    rows = [_row(baseline.domain, BASELINE, one, observed.get(one.place)) for one in wanted_of(baseline)]
    for name, kind, value in baseline.remove:
        have = observed.get((name, kind))
        if have is not None and value in have.values:
            rows.append(Row(baseline.domain, BASELINE, "removal", name, kind, "added", (), (value,)))
    return [row for row in rows if row is not None]


def from_snapshot(
    domain: str, records: t.Iterable[RecordSet], absent: t.Iterable[tuple[str, str]], observed: Sets
) -> list[Row]:
    """Where the DNS is not as it was recorded: nothing, exactly when putting the snapshot back would change nothing."""
    rows = [_row(domain, SNAPSHOT, one, observed.get(one.place)) for one in restoring(records, absent)]
    return [row for row in rows if row is not None]


def _row(domain: str, against: str, one: Wanted, have: RecordSet | None) -> Row | None:
    # Of MX each host counts: one that nobody approved receives mail all the same (R-DNS-15).
    whole = one.record_class == "mx"
    now = tuple(value for value in (have.values if have else ()) if whole or one.owns(value))
    why = ""
    try:
        was = tuple(sorted(one.make([value for value in now if one.owns(value)])))
    except Refused as error:
        was, why = (), error.message
    shared = have is not None and len(now) < len(have.values)
    now_ttl = have.ttl if have is not None and one.ttl is not None and not shared else None
    was_ttl = one.ttl if now_ttl is not None else None
    if not why and was == now and was_ttl == now_ttl:
        return None
    if was == now and not why:
        kind = "ttl"
    elif not now:
        kind = "missing"
    elif not was and not why:
        kind = "added"
    else:
        kind = "changed"
    return Row(domain, against, one.record_class, one.name, one.type, kind, was, now, was_ttl, now_ttl, why)


def findings_of(rows: t.Sequence[Row]) -> list[DnsFinding]:
    """What drift from a snapshot means; drift from the baseline is told by the checks, which say more."""
    out = []
    for row in rows:
        if row.against != SNAPSHOT:
            continue
        code = "record_typo" if _is_slip(row) else _CODES[row.kind]
        out.append(
            found(code, row.name, told(row), breaks=_BREAKS.get(row.record_class, ""), record_class=row.record_class)
        )
    return out


def told(row: Row) -> str:
    """A row as a sentence."""
    if row.kind == "ttl":
        return "%s: the time to live was %s seconds and is %s" % (row.type, row.was_ttl, row.now_ttl)
    was, now = ("; ".join(values) or "nothing" for values in (row.was, row.now))
    return "%s: %s" % (row.type, row.why or "was %s, is %s" % (was, now))


def _is_slip(row: Row) -> bool:
    """Whether a value that came is nearly one that went."""
    gone, came = (sorted(set(one) - set(other)) for one, other in ((row.was, row.now), (row.now, row.was)))
    text = row.type == "TXT"
    plain: t.Callable[[str], str] = txt.text if text else str
    return any(near_miss(plain(one), plain(other), numbers=text) for one in came for other in gone)
