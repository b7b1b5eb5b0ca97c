# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guards of ``dns_baseline`` in the order in which they are asked: each domain's records, its senders, then the whole plan."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts, txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import Eyes, run
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.dmarc_gate import tightening
from ansible_collections.mailops.email.plugins.module_utils.dns.overlay import Overlay
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, parts_of
from ansible_collections.mailops.email.plugins.module_utils.dns.reports import read_all
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.static import SpfVerdict, judge
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.journal.dns_snapshots import (
    read,
    selectors_rest,
    snapshots,
)
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.change_window import window_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_change import Change, selector_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_exceptions import added, exceptions_of
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_fleet import (
    FleetLimits,
    Run,
    check_digest,
    guard_fleet,
    plan_digest,
)
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_guards import Facts, guard_domain
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Item, Scene

Sets = dict["tuple[str, str]", "RecordSet | None"]


class Guarding:
    """:raises Refused: for an exception or a change window that is none."""

    def __init__(
        self,
        params: t.Mapping[str, t.Any],
        context: Context,
        items: t.Sequence[t.Mapping[str, t.Any]],
        driver: Driver,
        store: Store,
        eyes: Eyes,
        *,
        restoring: bool = False,
    ) -> None:
        self._context = context
        self._driver = driver
        self._store = store
        self._eyes = eyes
        self._restoring = restoring
        self._approved = params.get("approved_digest") or ""
        self._limits = FleetLimits(params["max_domains"], params["max_domains_losing"])
        self._window = window_of(params.get("change_window"))
        given = [one for item in items for one in item.get("exceptions") or ()]
        self._exceptions = exceptions_of(given, context.now, context.actor.get("human", ""))
        self._reports, unread = read_all(params.get("reports") or ())
        self._warnings = ["%s: %s" % (one.object, one.evidence) for one in unread]
        # What an approval of this plan names.
        self.approval_digest = ""

    def warnings(self) -> list[str]:
        """What else a person should see of the plan."""
        unused = ["An exception opened nothing: %s." % one for one in self._exceptions.unused()]
        return list(dict.fromkeys([*self._warnings, *unused]))

    def judge(self, item: Item, operations: list[Operation]) -> None:
        """:raises Refused: with the code of the first, and the text of all that is refused of this domain."""
        baseline: Baseline | None = item.get("baseline")
        planned: Sets = {
            parts_of(one.key)[1:]: RecordSet.from_dict(one.after) if one.after else None for one in operations
        }
        eyes = Overlay(self._eyes, planned)
        facts = Facts(
            baseline=baseline,
            owned=frozenset(item["places"]),
            spf=self._verdicts(planned, eyes),
            selectors_rest=self._selectors_rest(operations),
            restoring=self._restoring,
            proven=bool(item.get("proven")),
        )
        refused, warnings = guard_domain(operations, facts, self._exceptions, self._context.now)
        self._warnings += warnings
        if baseline is not None and not facts.proven:
            refused += self._too_strict(baseline, operations, eyes)
        if refused:
            first = refused[0]
            raise Refused(
                first.code,
                " ".join([first.message, *("[%s] %s" % (one.code, one.message) for one in refused[1:])]),
                " ".join(dict.fromkeys(error.hint for error in refused)),
            )

    def fleet(self, operations: list[Operation], scene: Scene) -> None:
        """:raises Refused: G2, G3, G4 and the change window."""
        host = self._driver.dns
        account = host.account if host else ""
        who = Run(self._context.client, account, self._context.tool_version, self._context.now)
        refused = guard_fleet(operations, self._limits, self._window, self._exceptions, who)
        if refused:
            raise refused[0]
        check_digest(self._approved, operations, who)
        self.approval_digest = plan_digest(operations, who)

    def _verdicts(self, planned: Sets, eyes: Eyes) -> dict[str, SpfVerdict]:
        """G5: what a planned SPF record is worth, with all that it includes."""
        found = {}
        for (name, kind), after in planned.items():
            values = [one for one in (after.values if after else ()) if kind == "TXT" and texts.is_of("spf", one)]
            if len(values) == 1:
                found[name] = run(judge(name, txt.text(values[0])), eyes)
        return found

    def _selectors_rest(self, operations: t.Sequence[Operation]) -> dict[str, datetime.datetime]:
        """Of keys that would go, since when the journal knows that they sign nothing."""
        going: dict[str, set[str]] = {}
        for change in map(Change.of, operations):
            if change.record_class == "dkim" and change.gone:
                going.setdefault(change.domain, set()).add(selector_of(change))
        return {
            selector: since
            for domain, selectors in going.items()
            for selector, since in selectors_rest(snapshots(self._store, domain), selectors).items()
        }

    def _too_strict(self, baseline: Baseline, operations: list[Operation], eyes: Eyes) -> list[MailopsError]:
        """R-DNS-06: no stricter policy while a known sender fails aligned authentication, or before its time."""
        place = "_dmarc.%s" % baseline.domain
        mine = [one for one in operations if parts_of(one.key)[1:] == (place, "TXT")]
        if not mine:
            return []
        before, after = (_dmarc_text(one) for one in (mine[0].before, mine[0].after))
        since = self._stands_since(baseline.domain, place, before)
        asking = tightening(baseline.domain, before, after, baseline.senders, self._reports, since, self._context.now)
        refused: list[MailopsError] = []
        for one in run(asking, eyes):
            text = "%s: %s" % (one.object, one.evidence)
            if one.severity != "error":
                self._warnings.append(text)
                continue
            exception = self._exceptions.opening(one.code, one.object, "%s/TXT" % place)
            if exception:
                mine[0].exception = added(mine[0].exception, [exception])
                continue
            refused.append(Refused(one.code, text, one.next))
        return refused

    def _stands_since(self, domain: str, place: str, before: str) -> datetime.datetime | None:
        """The oldest of the last snapshots that all have the policy which is published now (D-DMARC-5)."""
        since = None
        for entry in reversed(snapshots(self._store, domain)):
            found = [one for one in read(self._store, entry).records if (one.name, one.type) == (place, "TXT")]
            if not before or _dmarc_text(found[0].to_dict() if found else None) != before:
                break
            since = parse_time(entry.taken_at)
        return since


def _dmarc_text(state: t.Mapping[str, t.Any] | None) -> str:
    """The one DMARC record of a set, empty without one."""
    found = [txt.text(one) for one in (state or {}).get("values", ()) if texts.is_of("dmarc", one)]
    return found[0] if len(found) == 1 else ""
