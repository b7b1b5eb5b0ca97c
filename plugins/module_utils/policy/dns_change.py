# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of a record set means for mail: which class of records it belongs to, what is lost, which policy turns."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.model import Operation

# The classes without which mail stops, is refused, or may be forged (G1).
VITAL = ("mx", "spf", "dkim", "dmarc")
NULL_MX = "0 ."

_SPF = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_DMARC = re.compile(r"v\s*=\s*DMARC1\s*(?:;|$)")
_TLSA_NAME = re.compile(r"_[0-9]+\._(?:tcp|udp|sctp)\.")
_LAST_TERM = re.compile(r"([+?~-]?)all", re.IGNORECASE)
# Tags of a DMARC record that say what receivers do, with what holds when they are left out (RFC 9989 section 4.7).
_POLICY_TAGS = {"p": "none", "sp": "", "np": "", "t": "n"}


@dataclasses.dataclass(frozen=True)
class Change:
    """One record set before and after.

    :param index: position of the item in the task's list.
    :param zone: the zone that it is written to, empty when the publisher has not told.
    """

    index: int
    key: str
    domain: str
    name: str
    type: str
    before: RecordSet | None
    after: RecordSet | None
    zone: str = ""

    @classmethod
    def of(cls, operation: Operation) -> Change:
        """Of an operation of the kind ``record_set``."""
        domain, name, kind = parts_of(operation.key)
        before, after = (RecordSet.from_dict(one) if one else None for one in (operation.before, operation.after))
        zone = str(operation.request.get("zone") or "")
        return cls(operation.index, operation.key, domain, name, kind, before, after, zone)

    @property
    def object(self) -> str:
        """What an exception and a message call it."""
        return "%s/%s" % (self.name, self.type)

    @property
    def record_class(self) -> str:
        return class_of(self.domain, self.name, self.type)

    @property
    def gone(self) -> tuple[str, ...]:
        """Values that are there no more afterwards."""
        if self.before is None:
            return ()
        kept = self.after.values if self.after else ()
        return tuple(value for value in self.before.values if value not in kept)


def class_of(domain: str, name: str, kind: str) -> str:
    """``mx``, ``spf``, ``dkim``, ``dmarc``, ``mta_sts``, ``tls_rpt``, ``bimi``, ``dane``, or empty for what is none of them."""
    if kind == "MX":
        return "mx"
    if kind == "TLSA":
        return "dane" if _TLSA_NAME.match(name) else ""
    if kind not in ("TXT", "CNAME"):
        return ""
    below = name[: -len(domain) - 1] if name.endswith("." + domain) else ""
    if below == "_dmarc":
        return "dmarc"
    if below.endswith("._domainkey"):
        return "dkim"
    if below == "_mta-sts":
        return "mta_sts"
    if below == "_smtp._tls":
        return "tls_rpt"
    if below.endswith("._bimi"):
        return "bimi"
    return "spf" if kind == "TXT" and not below.endswith("._report._dmarc") else ""


def is_spf(value: str) -> bool:
    """RFC 7208 section 4.5: the version alone, or the version and a space; capitals do not matter."""
    return bool(_SPF.match(txt.text(value)))


def is_dmarc(value: str) -> bool:
    """RFC 9989 section 4.7: the version is the first tag, written exactly so."""
    return bool(_DMARC.match(txt.text(value)))


def tags(text: str) -> dict[str, str]:
    """Tags of a DKIM or DMARC record; the first of several wins, white space round them says nothing."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), "".join(value.split()))
    return found


def carries(kind: str, record_class: str, records: RecordSet | None) -> bool:
    """Whether a record set does what its class is for: a null MX receives nothing, a key without ``p`` is revoked."""
    if records is None or not records.values:
        return False
    if kind == "CNAME":
        return True
    if record_class == "mx":
        return any(value != NULL_MX for value in records.values)
    if record_class == "spf":
        return any(is_spf(value) for value in records.values)
    if record_class == "dmarc":
        return any(is_dmarc(value) for value in records.values)
    if record_class == "dkim":
        return any(tags(txt.text(value)).get("p") for value in records.values)
    return True


def lost(changes: t.Iterable[Change]) -> dict[tuple[str, str, str], Change]:
    """By domain, class and name: where the class is there before and not afterwards.

    All changes of a name count together: a key that turns from TXT into an alias is not lost.
    """
    before: dict[tuple[str, str, str], Change] = {}
    after: set[tuple[str, str, str]] = set()
    for change in changes:
        place = (change.domain, change.record_class, change.name)
        if not change.record_class:
            continue
        if carries(change.type, change.record_class, change.before):
            before[place] = change
        if carries(change.type, change.record_class, change.after):
            after.add(place)
    return {place: change for place, change in before.items() if place not in after}


def selector_of(change: Change) -> str:
    """The selector of a DKIM key, ``*`` for all at once, empty for any other record set."""
    ending = "._domainkey." + change.domain
    return change.name[: -len(ending)] if change.name.endswith(ending) else ""


def spf_text(records: RecordSet | None) -> str:
    """The one SPF record of a set, empty when there is none or more than one."""
    found = [txt.text(value) for value in (records.values if records else ()) if is_spf(value)]
    return found[0] if len(found) == 1 else ""


def spf_policy(text: str) -> str:
    """What becomes of everybody else: ``~all``, ``-all`` and so on, ``redirect=HOST``, or ``?all`` when nothing is said
    (RFC 7208 sections 4.7, 5.1 and 6.1)."""
    redirect = ""
    for term in text.split()[1:]:
        found = _LAST_TERM.fullmatch(term)
        if found:
            return (found.group(1) or "+") + "all"
        if term.lower().startswith("redirect="):
            redirect = term.lower()
    return redirect or "?all"


def dmarc_policy(records: RecordSet | None) -> dict[str, str]:
    """What the one DMARC record of a set asks of receivers; empty when there is none, or more than one."""
    found = [tags(txt.text(value)) for value in (records.values if records else ()) if is_dmarc(value)]
    if len(found) != 1:
        return {}
    policy = {name: found[0].get(name, default).lower() for name, default in _POLICY_TAGS.items()}
    policy["sp"] = policy["sp"] or policy["p"]
    policy["np"] = policy["np"] or policy["sp"]
    return policy
