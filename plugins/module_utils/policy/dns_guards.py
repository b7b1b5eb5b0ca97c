# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be written to the DNS of one domain: the guards that look at record sets (G1, G5, R-DNS-12).

`dns_fleet.py` has those that look at a whole plan.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.record import MAIL_TYPES
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy import dns_change as meaning
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_change import NULL_MX, VITAL, Change
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_exceptions import HINT, Exceptions, recorded

# Seconds: shorter is hard on servers, longer keeps a mistake for days.
TTL_MIN = 60
TTL_MAX = 86400
# Days a key has to be out of use before it goes: mail that it signed may still be on its way, or be looked at again.
DKIM_REST_DAYS = 30

Opened = dict[str, list[dict[str, t.Any]]]


class Verdict(t.Protocol):
    """What a static look at an SPF record found."""

    @property
    def status(self) -> str: ...

    @property
    def problem(self) -> str: ...

    @property
    def detail(self) -> str: ...

    @property
    def unfit(self) -> str:
        """Code of what keeps a record that works from being published by us."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the guards of one domain know besides the plan.

    :param baseline: what is approved; None where a snapshot is put back.
    :param owned: names and types that may be written; others are never touched.
    :param spf: verdicts on planned SPF records, by the name of the record set.
    :param selectors_rest: by selector, since when it is known not to sign; one that is missing may be in use.
    :param restoring: a snapshot is put back: its hosts and times to live are what is meant, foreign TXT stays.
    :param proven: that snapshot has proven good, so the policies in it have been approved.
    """

    baseline: Baseline | None = None
    owned: frozenset[tuple[str, str]] = frozenset()
    spf: t.Mapping[str, Verdict] = dataclasses.field(default_factory=dict)
    selectors_rest: t.Mapping[str, datetime.datetime] = dataclasses.field(default_factory=dict)
    restoring: bool = False
    proven: bool = False


def guard_domain(
    operations: t.Sequence[Operation], facts: Facts, exceptions: Exceptions, now: datetime.datetime
) -> tuple[list[MailopsError], list[str]]:
    """Why operations of one domain must not be carried out, and what else a person should see of them.

    Operations that an exception lets through carry it afterwards.

    :param operations: all that the plan changes on the domain.
    :returns: refusals, and warnings that name changes of policy.
    """
    changes = [Change.of(operation) for operation in operations]
    found: list[MailopsError] = []
    opened: Opened = {}
    warnings: list[str] = []

    def refuse(error: Refused, change: Change, *objects: str) -> None:
        """Keep a refusal, unless an exception opens its guard for this object."""
        objects = objects or (change.object,)
        try:
            exception = exceptions.opening(error.code, *objects)
        except Refused as ended:
            found.append(Refused(ended.code, "%s %s" % (error.message, ended.message), ended.hint))
            return
        if exception:
            opened.setdefault(change.key, []).append(exception)
            return
        found.append(error)

    for change in changes:
        for error in _always(change, facts):
            found.append(error)
        for error in (*_spf(change, facts), *_ttl(change, facts)):
            refuse(error, change)
    parked = facts.baseline is not None and not facts.baseline.sending
    gone = meaning.lost(changes)
    for change in gone.values():
        loss = _loss(change, facts, now)
        if loss is not None:
            refuse(_parking(change) if parked else loss, change, *((change.domain,) if parked else ()))
    for change in changes:
        turn = _policy(change)
        if turn is None or change in gone.values():
            continue
        warnings.append(turn.message)
        if facts.restoring and facts.proven:
            continue
        refuse(_parking(change) if parked else turn, change, *((change.domain,) if parked else ()))
    for operation in operations:
        if operation.key in opened:
            operation.exception = recorded(opened[operation.key])
    return _each_once(found), warnings


def _each_once(found: t.Sequence[MailopsError]) -> list[MailopsError]:
    return list({(error.code, error.message): error for error in found}.values())


def _always(change: Change, facts: Facts) -> t.Iterator[Refused]:
    """What no exception opens."""
    if change.type in ("NS", "SOA"):
        yield Refused(
            "never_ns_soa",
            "%s: NS and SOA are never written." % change.object,
            "Delegate and configure zones at the DNS host.",
        )
        return
    apart = change.name != change.domain and not change.name.endswith("." + change.domain)
    heavy = change.name == change.domain and change.type in ("A", "AAAA", "CNAME")
    if change.type not in MAIL_TYPES or apart or heavy or (change.name, change.type) not in facts.owned:
        yield Refused(
            "not_ours",
            "%s is no record set that the baseline of %s names." % (change.object, change.domain),
            "Name it in the baseline, or change it at the DNS host.",
        )
        return
    named = (
        {(name, value) for name, kind, value in facts.baseline.remove if kind == change.type}
        if facts.baseline
        else set()
    )
    for value in change.gone:
        if (change.name, value) in named:
            continue
        if change.type == "TXT" and change.record_class == "spf" and not meaning.is_spf(value):
            yield Refused(
                "foreign_record_lost",
                "%s: the value %s belongs to somebody else and would be lost." % (change.object, value),
                "Name it in remove when it is to go.",
            )
        elif change.type == "MX" and not facts.restoring and value != NULL_MX:
            yield Refused(
                "mx_removed_unnamed",
                "%s: %s would be removed, and nobody has named it." % (change.object, value),
                "Name it in remove when it is to go; else it stays beside the new ones.",
            )


def _spf(change: Change, facts: Facts) -> t.Iterator[Refused]:
    """G5: a planned SPF record has been looked at, and is good."""
    if change.type != "TXT" or change.after is None:
        return
    records = [value for value in change.after.values if meaning.is_spf(value)]
    before = [value for value in (change.before.values if change.before else ()) if meaning.is_spf(value)]
    if not records or records == before:
        return
    if len(records) > 1:
        yield Refused(
            "spf_invalid",
            "%s: the plan has %d SPF records, one is the most." % (change.object, len(records)),
            "Merge them into one.",
        )
        return
    verdict = facts.spf.get(change.name)
    if verdict is None or verdict.status not in ("valid", "broken"):
        why = "nobody has looked at it" if verdict is None else verdict.detail or verdict.problem or verdict.status
        yield Refused(
            "spf_unchecked",
            "%s: the planned SPF record is not known to be good: %s." % (change.object, why.rstrip(".")),
            "Run again when the name servers of its includes answer, or "
            + HINT % ("spf_unchecked", change.object)
            + ".",
        )
    elif verdict.status == "broken":
        yield Refused(
            "spf_invalid",
            "%s: the planned SPF record is broken (%s): %s."
            % (change.object, verdict.problem, verdict.detail.rstrip(".")),
            "Correct the approved pattern, or shorten what it includes.",
        )
    elif verdict.unfit and not facts.restoring:
        yield Refused(
            "spf_invalid",
            "%s: the planned SPF record would work for now, and is not fit to be published (%s)."
            % (change.object, verdict.unfit),
            "Correct the approved pattern, or shorten what it includes.",
        )


def _ttl(change: Change, facts: Facts) -> t.Iterator[Refused]:
    """A change that is wrong should be short-lived."""
    if change.after is None or facts.restoring:
        return
    ttl, old = change.after.ttl, change.before.ttl if change.before else None
    if ttl != old and not TTL_MIN <= ttl <= TTL_MAX:
        yield Refused(
            "ttl_out_of_range",
            "%s: a time to live of %d seconds; %d to %d make sense." % (change.object, ttl, TTL_MIN, TTL_MAX),
            "Correct ttl of the baseline.",
        )
    elif old is not None and ttl > old and not change.after.same_data(change.before):
        yield Refused(
            "ttl_raised",
            "%s: new values, and their time to live raised from %d to %d seconds: a mistake would last longer."
            % (change.object, old, ttl),
            "Change the values first; raise the time to live when they have proven good.",
        )


def _loss(change: Change, facts: Facts, now: datetime.datetime) -> Refused | None:
    """G1: never the last MX, SPF or DMARC record, nor a DKIM key that is in use."""
    kind = change.record_class
    if kind not in VITAL:
        return None
    if kind != "dkim":
        code = "last_%s_removed" % kind
        return Refused(
            code,
            "%s: the plan would leave %s without %s." % (change.object, change.name, _CALLED[kind]),
            "Correct the baseline; if it is meant, " + HINT % (code, change.object) + ".",
        )
    selector = meaning.selector_of(change)
    baseline = facts.baseline or Baseline(change.domain)
    if selector in baseline.signing_selectors or selector in {key.selector for key in baseline.dkim}:
        return Refused(
            "dkim_in_use_removed",
            "%s: the selector %s signs for %s; mail would fail DKIM." % (change.object, selector, change.domain),
            "Rotate to another selector first; if it is meant, " + HINT % ("dkim_in_use_removed", change.object) + ".",
        )
    rest = facts.selectors_rest.get(selector)
    if rest is not None and now - rest >= datetime.timedelta(days=DKIM_REST_DAYS):
        return None
    since = "since %s" % rest.strftime("%Y-%m-%d") if rest else "for no time that the journal knows of"
    return Refused(
        "dkim_recently_used",
        "%s: the selector %s has been out of use %s, %d days are wanted."
        % (change.object, selector, since, DKIM_REST_DAYS),
        "Wait until nothing that it signed is on its way; else " + HINT % ("dkim_recently_used", change.object) + ".",
    )


_CALLED = {"mx": "an MX record: inbound mail stops", "spf": "an SPF record", "dmarc": "a DMARC policy"}


def _parking(change: Change) -> Refused:
    return Refused(
        "parking",
        "%s: the baseline says that %s never sends nor receives, and it does now." % (change.object, change.domain),
        "Set sending to true; if it is meant, " + HINT % ("parking", change.domain) + ".",
    )


def _policy(change: Change) -> Refused | None:
    """What receivers are asked to do turns: a decision of its own, whichever way it goes (R-DNS-12)."""
    if change.type != "TXT":
        return None
    told = ""
    if change.record_class == "dmarc":
        old, new = meaning.dmarc_policy(change.before), meaning.dmarc_policy(change.after)
        if old and new and old != new:
            told = ", ".join(
                "%s=%s to %s" % (tag, old[tag] or "?", new[tag] or "?") for tag in old if old[tag] != new[tag]
            )
    elif change.record_class == "spf":
        texts = meaning.spf_text(change.before), meaning.spf_text(change.after)
        policies = [meaning.spf_policy(text) for text in texts]
        if all(texts) and policies[0] != policies[1]:
            told = "%s to %s" % (policies[0], policies[1])
    if not told:
        return None
    code = "%s_policy_changed" % change.record_class
    return Refused(
        code,
        "%s: the %s policy changes from %s." % (change.object, change.record_class.upper(), told),
        "Leave the policy as it is; if it is meant, " + HINT % (code, change.object) + ".",
    )
