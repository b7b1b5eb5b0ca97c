# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the DNS of a domain was like when it was recorded, and which of that has proven good (R-DNS-13, R-DNS-14).

The journal's lines have when, by whom and the digests; the records themselves are in documents beside them.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, normal_name
from ansible_collections.mailops.email.plugins.module_utils.journal import documents
from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event, parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused, digest

KIND = "dns_snapshot"
RECORDED = "dns.recorded"
CHECKED = "dns.checked"
LAST_KNOWN_GOOD = "last_known_good"
LATEST = "latest"
# As many characters of a digest name a snapshot.
_SHORT = 12

_RECORDS_DOMAIN = b"mailops-dns-records-v1\n"
_DOCUMENT = documents.Kind(
    "mailops.dns-snapshot/1",
    b"mailops-dns-snapshot-v1\n",
    "dns-snapshots",
    "snapshot_damaged",
    "snapshot",
    "Name another snapshot, or put the file back from a copy of the journal.",
)
_DONE = ("success", "unverified")


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The mail records of one domain at one time.

    :param records: in normal form, sorted by name and type.
    :param absent: names and types that were looked for and not there.
    :param servers: ``address@port`` of those that said so.
    :param taken_at: UTC with ``Z``.
    :param selectors: those that the provider signed with.
    :param verified_by: the human under whose name all checks passed; empty when they did not.
    :param findings: codes of what the checks found all the same.
    :param mail_verified_at: when mail was last proven to flow both ways, empty when it never was.
    """

    domain: str
    zone: str
    records: tuple[RecordSet, ...]
    absent: tuple[tuple[str, str], ...] = ()
    servers: tuple[str, ...] = ()
    taken_at: str = ""
    selectors: tuple[str, ...] = ()
    verified_by: str = ""
    findings: tuple[str, ...] = ()
    mail_verified_at: str = ""

    @property
    def is_good(self) -> bool:
        return bool(self.verified_by)

    @property
    def records_digest(self) -> str:
        """Of the records alone: two times at which the DNS said the same have one."""
        return digest(_RECORDS_DOMAIN, {**self._said(), "domain": self.domain})

    def _said(self) -> dict[str, t.Any]:
        return {
            "records": [one.to_dict() for one in sorted(self.records, key=_place)],
            "absent": [list(one) for one in sorted(self.absent)],
        }

    def to_dict(self) -> dict[str, t.Any]:
        """Plain types, as the document has them."""
        row = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        lists = {name: sorted(value) for name, value in row.items() if name in ("servers", "selectors", "findings")}
        return {**row, **lists, **self._said()}

    @classmethod
    def from_dict(cls, row: t.Mapping[str, t.Any]) -> Snapshot:
        """:raises Refused: ``record_invalid``."""
        names = {field.name for field in dataclasses.fields(cls)} - {"records", "absent"}
        plain: dict[str, t.Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name in names
        }
        plain["records"] = tuple(RecordSet.from_dict(one) for one in row["records"])
        plain["absent"] = tuple((normal_name(name), str(kind)) for name, kind in row["absent"])
        return cls(**plain)

    def sealed(self, client: str) -> tuple[dict[str, t.Any], bytes]:
        """What an event says of it (``digest``, ``path`` and the rest of `Entry`), and the bytes that are kept.

        :raises JournalError: ``event_not_canonical``.
        """
        entry, data = _DOCUMENT.sealed((client or "none", self.domain), {**self.to_dict(), "client": client})
        after: dict[str, t.Any] = {
            **entry,
            "records_digest": self.records_digest,
            "verified": self.is_good,
            "verified_by": self.verified_by,
            "taken_at": self.taken_at,
            "zone": self.zone,
            "records": len(self.records),
            "selectors": sorted(self.selectors),
        }
        return after, data


@dataclasses.dataclass(frozen=True)
class Entry:
    """What the journal has of one snapshot, without its records.

    :param recorded_at: time of the event, UTC with ``Z``.
    """

    domain: str
    digest: str
    path: str
    records_digest: str
    verified: bool
    verified_by: str
    taken_at: str
    recorded_at: str
    request_id: str
    records: int
    selectors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What people call it: the beginning of its digest."""
        return self.digest.partition(":")[2][:_SHORT]

    def to_dict(self) -> dict[str, t.Any]:
        row = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**row, "id": self.id, "selectors": list(self.selectors)}


def histories(store: Store, domains: t.Container[str] | None = None) -> dict[str, list[Entry]]:
    """By domain, its snapshots, oldest first; one pass over the journal.

    :param domains: only these; all when None.
    :raises JournalError: when a journal is damaged.
    """
    found: dict[str, list[Entry]] = {}
    for event in _events(store, RECORDED):
        domain = event["object"]["key"]
        if event.get("phase") != "outcome" or event.get("outcome") not in _DONE:
            continue
        if domains is None or domain in domains:
            found.setdefault(domain, []).append(_entry(domain, event))
    for entries in found.values():
        entries.sort(key=lambda entry: entry.recorded_at)
    return found


def snapshots(store: Store, domain: str) -> list[Entry]:
    """Oldest first.

    :raises JournalError: when a journal is damaged.
    """
    return histories(store, (domain,)).get(domain, [])


def last_known_good(store: Store, domain: str) -> Entry | None:
    """:raises JournalError: when a journal is damaged."""
    return newest(snapshots(store, domain), verified=True)


def newest(entries: t.Sequence[Entry], *, verified: bool) -> Entry | None:
    """:param verified: only one that has proven good."""
    fitting = [entry for entry in entries if entry.verified or not verified]
    return fitting[-1] if fitting else None


def named(entries: t.Sequence[Entry], domain: str, name: str) -> Entry:
    """The snapshot that a person means.

    :param name: ``last_known_good``, ``latest``, or a digest or at least eight characters of its beginning.
    :raises Refused: ``no_last_known_good``, ``snapshot_unknown``, ``snapshot_ambiguous``.
    """
    if name in (LAST_KNOWN_GOOD, LATEST):
        entry = newest(entries, verified=name == LAST_KNOWN_GOOD)
        if entry is not None:
            return entry
        only = ", ".join(entry.id for entry in entries[-3:])
        raise Refused(
            "no_last_known_good",
            "%s: no %s is recorded." % (domain, "state of its DNS" if name == LATEST else "good state of its DNS"),
            "These have not proven good, name one of them if you want it: %s." % only
            if only
            else "Put its DNS right with state=present, then record it with state=snapshot.",
        )
    wanted = name.removeprefix("sha256:").lower()
    fitting = (
        [entry for entry in entries if entry.digest.partition(":")[2].startswith(wanted)] if len(wanted) >= 8 else []
    )
    if len({entry.digest for entry in fitting}) > 1:
        raise Refused(
            "snapshot_ambiguous",
            "%s: %s is the beginning of %d snapshots." % (domain, name, len(fitting)),
            "Write more of its digest.",
        )
    if not fitting:
        raise Refused(
            "snapshot_unknown",
            "%s: the journal has no snapshot %r of it." % (domain, name),
            "It has: %s." % (", ".join("%s of %s" % (entry.id, entry.taken_at) for entry in entries[-5:]) or "none"),
        )
    return fitting[-1]


def read(store: Store, entry: Entry) -> Snapshot:
    """The snapshot with its records.

    :raises JournalError: ``snapshot_damaged`` when it is gone, or is not what was recorded.
    """
    row = _DOCUMENT.read(store, {"digest": entry.digest, "path": entry.path})
    try:
        return Snapshot.from_dict(row)
    except (KeyError, TypeError, ValueError, Refused) as error:
        raise JournalError(
            _DOCUMENT.damaged, "The snapshot %s cannot be used: %s." % (entry.path, error), _DOCUMENT.mend
        ) from error


def selectors_rest(entries: t.Sequence[Entry], selectors: t.Iterable[str]) -> dict[str, datetime.datetime]:
    """By selector, since when it is known not to sign: the first snapshot after the last one in which it did.

    One that signs in the newest snapshot, and any at all where there is none, is missing.
    """
    found = {}
    for selector in selectors:
        since: Entry | None = None
        for entry in entries:
            if selector in entry.selectors:
                since = None
            elif since is None:
                since = entry
        if since is not None:
            found[selector] = parse_time(since.taken_at)
    return found


def checked_event(client: str, domain: str, findings: t.Sequence[t.Mapping[str, t.Any]], told: Event) -> Event:
    """A line that says how a domain was found; it changes nothing (R-DNS-21).

    :param findings: of the check; it passed when none of them is an error.
    :param told: plain types beside that, such as the state of each class of records.
    """
    thing = {"kind": "dns", "key": domain, "domain": domain}
    if client:
        thing["client"] = client
    failed = any(one.get("severity") == "error" for one in findings)
    return {
        "phase": "verification",
        "action": CHECKED,
        "object": thing,
        "outcome": "failure" if failed else "success",
        "dns_result": {**told, "passed": not failed, "findings": [dict(one) for one in findings]},
    }


def last_checks(store: Store) -> dict[str, dict[str, t.Any]]:
    """By domain, the newest check: ``checked_at``, ``passed`` and ``codes`` of its findings.

    :raises JournalError: when a journal is damaged.
    """
    found: dict[str, dict[str, t.Any]] = {}
    for event in _events(store, CHECKED):
        domain, moment = event["object"]["key"], event["timestamp"]
        if domain in found and found[domain]["checked_at"] > moment:
            continue
        findings = (event.get("dns_result") or {}).get("findings") or []
        codes = sorted({str(one.get("code")) for one in findings})
        found[domain] = {"checked_at": moment, "passed": event.get("outcome") == "success", "codes": codes}
    return found


def _events(store: Store, action: str) -> t.Iterator[Event]:
    for event in store.all_events(('"action":"%s"' % action).encode()):
        if event.get("action") == action:
            yield event


def _entry(domain: str, event: Event) -> Entry:
    after = event["after"]
    names = ("digest", "path", "records_digest", "verified", "verified_by", "taken_at", "records")
    return Entry(
        domain=domain,
        recorded_at=event["timestamp"],
        request_id=str(event.get("request_id") or ""),
        selectors=tuple(after.get("selectors") or ()),
        **{name: after[name] for name in names},
    )


def _place(one: RecordSet) -> tuple[str, str]:
    return one.name, one.type
