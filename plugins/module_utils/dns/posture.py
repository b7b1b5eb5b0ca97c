# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The posture of one domain: all that its name servers say of its mail, held against what is approved (R-DNS-01, R-DNS-11, R-VIS-05)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import checks
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NODATA,
    Answer,
    Asking,
    Question,
    together,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import (
    Authorities,
    all_everywhere,
    authorities,
    delegation,
    findings_of,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.checks_dmarc import dmarc_part
from ansible_collections.mailops.email.plugins.module_utils.dns.checks_more import optional_parts, parked_part
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ERROR, REPORTS, WARNING, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.mta_sts import Fetch
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import NOT_ASKED, OK, Part, Place, Seen, knowing
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.dns.wanted import places_of

CLASSES = ("mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dane", "bimi", "parked")
# Without these, aligned, nothing is sent at scale (R-DNS-01).
OUTBOUND_CLASSES = ("spf", "dkim", "dmarc")


@dataclasses.dataclass(frozen=True)
class Posture:
    """What was found of one domain.

    :param zone: apex of the zone in which the domain lies, empty when it was not looked for.
    :param servers: ``address@port`` of those that were asked.
    :param classes: by class of records: `parts.Part`.
    :param observed: the record sets that the baseline speaks of (`places`), as the name servers have them; what they do not have is not in it.
    :param unseen: names and types of which no name server said anything, so that nobody knows whether they are there.
    """

    domain: str
    zone: str
    servers: tuple[str, ...]
    classes: t.Mapping[str, Part]
    findings: tuple[DnsFinding, ...]
    observed: tuple[RecordSet, ...]
    unseen: tuple[Place, ...] = ()
    sending: bool = True

    @property
    def ready(self) -> bool:
        """SPF, DKIM and DMARC are there, and known senders are aligned; a domain that never sends has nothing to wait for."""
        if not self.sending:
            return True
        # Lost reports hold nothing up: mail passes as well without them.
        errors = [one for one in self.findings if one.severity == ERROR and one.breaks != REPORTS]
        if any(one.record_class in (*OUTBOUND_CLASSES, "authority") for one in errors):
            return False
        return all(self.classes[name].status in (OK, WARNING, ERROR) for name in OUTBOUND_CLASSES)

    @property
    def ok(self) -> bool:
        return not any(one.severity == ERROR for one in self.findings)

    @property
    def spf(self) -> dict[str, t.Any]:
        """``lookups`` and ``void_lookups`` of the SPF record (R-PAT-18), None while they are not known."""
        more = self.classes["spf"].more
        return {name: more.get(name) for name in ("lookups", "void_lookups")}

    def to_dict(self) -> dict[str, t.Any]:
        """Plain types."""
        return {
            "domain": self.domain,
            "zone": self.zone,
            "servers": list(self.servers),
            "ready": self.ready,
            "ok": self.ok,
            "classes": {name: one.to_dict() for name, one in self.classes.items()},
            "spf": self.spf,
            "findings": [one.to_dict() for one in self.findings],
            "observed": [one.to_dict() for one in self.observed],
            "unseen": [{"name": name, "type": kind} for name, kind in self.unseen],
        }


def posture(
    baseline: Baseline,
    authorities_given: t.Sequence[str] = (),
    fetch: Fetch | None = None,
    observed: t.Mapping[Place, RecordSet | None] | None = None,
    *,
    others: t.Sequence[str] = (),
) -> Asking[Posture]:
    """All checks of one domain, with as few questions as possible.

    :param authorities_given: ``address@port`` of name servers to ask instead of those that the zone is delegated to.
    :param fetch: gets the text of an ``https:`` URL, for the MTA-STS policy; without it the policy is not looked at.
    :param observed: record sets that are known already and are not asked for; None is one that is absent.
    :param others: further domains of the portfolio, where a key that is missing may be by mistake (R-DNS-05).
    """
    known = yield from authorities(baseline.domain, authorities_given)
    seen, findings = yield from _look(places(baseline), known, observed or {})
    findings += yield from delegation(known)
    parts = yield from knowing(together(_checks(baseline, seen, fetch, others)), seen)
    classes = {name: Part(name, NOT_ASKED) for name in CLASSES}
    classes.update({one.record_class: one for one in parts})
    findings += [finding for one in parts for finding in one.findings]
    return Posture(
        baseline.domain,
        known.zone,
        known.servers,
        classes,
        tuple(findings),
        tuple(_sets(seen)),
        tuple(place for place, answer in seen.items() if answer.status == FAILED and not answer.aliases),
        baseline.sending,
    )


def places(baseline: Baseline) -> list[Place]:
    """Names and types that are asked for: all that the baseline speaks of, and what every mail domain has.

    That a selector with a key is no alias is seen by its TXT records; nobody asks for the CNAME beside them.
    """
    domain = baseline.domain
    asked = dict.fromkeys([(domain, "MX"), (domain, "TXT"), ("_dmarc." + domain, "TXT"), *places_of(baseline)])
    keys = {(checks.key_name(key, domain), "CNAME") for key in baseline.dkim if not key.cname}
    gone = {(name, kind) for name, kind, dummy in baseline.remove}
    return [place for place in asked if place not in keys or place in gone]


def _sets(seen: Seen) -> list[RecordSet]:
    """What stands at the names themselves: of an alias the alias, as the rest belongs to where it leads."""
    sets: dict[Place, RecordSet] = {}
    for (name, kind), answer in seen.items():
        if answer.aliases and kind != "CNAME":
            sets.setdefault((name, "CNAME"), RecordSet(name, "CNAME", answer.ttl, (answer.aliases[0] + ".",)))
        elif answer.status == FOUND:
            sets[name, kind] = RecordSet(name, kind, answer.ttl, answer.values)
    return list(sets.values())


def _look(
    asked: t.Sequence[Place], known: Authorities, observed: t.Mapping[Place, RecordSet | None]
) -> Asking[tuple[dict[Place, Answer], list[DnsFinding]]]:
    """What all name servers of the zone say; where none is known, what the resolver says."""
    seen = {place: _answer(place, records) for place, records in observed.items()}
    left = [place for place in asked if place not in seen]
    if not known.servers:
        answers = yield [Question(name, kind) for name, kind in left]
        seen.update(zip(left, answers, strict=True))
        return seen, list(known.findings)
    agreements = yield from all_everywhere(left, known.servers)
    seen.update((place, one.answer) for place, one in agreements.items())
    # An alias into another zone is all that these servers know of it; what is there, the resolver sees as a receiver does.
    leaving = [place for place in left if seen[place].aliases and not seen[place].values]
    if leaving:
        answers = yield [Question(name, kind) for name, kind in leaving]
        for place, answer in zip(leaving, answers, strict=True):
            seen[place] = dataclasses.replace(answer, aliases=answer.aliases or seen[place].aliases)
    return seen, findings_of(known, agreements.values())


def _answer(place: Place, records: RecordSet | None) -> Answer:
    if records is None:
        return Answer(Question(*place), NODATA)
    return Answer(Question(*place), FOUND, records.values, records.ttl)


def _checks(baseline: Baseline, seen: Seen, fetch: Fetch | None, others: t.Sequence[str]) -> list[Asking[Part]]:
    if not baseline.sending:
        return [parked_part(baseline, seen)]
    return [
        checks.mx_part(baseline, seen),
        checks.spf_part(baseline, seen),
        checks.dkim_part(baseline, seen, others),
        dmarc_part(baseline, seen),
        *optional_parts(baseline, seen, fetch),
    ]
