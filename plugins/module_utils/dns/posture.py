# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The posture of one domain: all that its name servers say of its mail, held against what is approved (R-DNS-01, R-DNS-11, R-VIS-05)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import checks
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FOUND, Asking, Question, together
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.checks_dmarc import dmarc_part
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ERROR, REPORTS, WARNING, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.parts import (
    NOT_ASKED,
    OK,
    Part,
    Place,
    Seen,
    knowing,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet

CLASSES = ("mx", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dane", "bimi", "parked")
# Without these, aligned, nothing is sent at scale (R-DNS-01).
OUTBOUND_CLASSES = ("spf", "dkim", "dmarc")


@dataclasses.dataclass(frozen=True)
class Posture:
    """What was found of one domain.

    :param zone: apex of the zone in which the domain lies, empty when it was not looked for.
    :param servers: ``address@port`` of those that were asked.
    :param classes: by class of records: `parts.Part`.
    :param observed: the record sets that the baseline speaks of, as the name servers have them; what they do not have is not in it.
    """

    domain: str
    zone: str
    servers: tuple[str, ...]
    classes: t.Mapping[str, Part]
    findings: tuple[DnsFinding, ...]
    observed: tuple[RecordSet, ...]
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
        """Plain types; of the recorded state only names are left out, as callers have it in `observed`."""
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
        }


def posture(
    baseline: Baseline,
    authorities_given: t.Sequence[str] = (),
    fetch: t.Callable[[str], str] | None = None,
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
    servers = tuple(authorities_given)
    seen = yield from _look(checks.places(baseline), servers)
    parts = yield from knowing(together(_checks(baseline, seen, others)), seen)
    classes = {name: Part(name, NOT_ASKED) for name in CLASSES}
    classes.update({one.record_class: one for one in parts})
    findings = tuple(finding for one in parts for finding in one.findings)
    sets = tuple(
        RecordSet(*place, answer.ttl, answer.values) for place, answer in seen.items() if answer.status == FOUND
    )
    return Posture(baseline.domain, "", servers, classes, findings, sets, baseline.sending)


def _look(places: t.Sequence[Place], servers: t.Sequence[str]) -> Asking[Seen]:
    server = servers[0] if servers else ""
    answers = yield [Question(name, kind, server) for name, kind in places]
    return dict(zip(places, answers, strict=True))


def _checks(baseline: Baseline, seen: Seen, others: t.Sequence[str]) -> list[Asking[Part]]:
    return [
        checks.mx_part(baseline, seen),
        checks.spf_part(baseline, seen),
        checks.dkim_part(baseline, seen, others),
        dmarc_part(baseline, seen),
    ]
