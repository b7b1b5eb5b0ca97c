# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be written to the DNS in one run: approved digest, fleet limits, change window (G2, G3, G4, R-PAT-19)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, Refused, digest
from ansible_collections.mailops.email.plugins.module_utils.policy import dns_change as meaning
from ansible_collections.mailops.email.plugins.module_utils.policy.change_window import CODE, ChangeWindow
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_change import Change
from ansible_collections.mailops.email.plugins.module_utils.policy.dns_exceptions import HINT, Exceptions, added

DIGEST_DOMAIN = b"mailops-dns-plan-v1\n"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class FleetLimits:
    """How far one run may reach (G4).

    :param max_domains: domains whose records change.
    :param max_domains_losing: domains that lose a whole class of records, each of them allowed by name.
    :param max_clients: clients whose domains change, those of earlier tasks of the run included.
    """

    max_domains: int = 50
    max_domains_losing: int = 1
    max_clients: int = 1


@dataclasses.dataclass(frozen=True)
class Run:
    """Who writes where.

    :param account: the publisher's, such as ``powerdns@ns1.example``.
    :param other_clients: clients whose DNS earlier tasks of the same run have changed.
    """

    client: str
    account: str
    tool_version: str
    now: datetime.datetime
    other_clients: frozenset[str] = frozenset()


def plan_digest(operations: t.Sequence[Operation], run: Run) -> str:
    """``sha256:…`` that an approval names: the plan, for whom, where, and what is there before it (G3).

    Exceptions are in it, as they are part of what is approved, but not the one that only says when.
    """
    rows = []
    for operation in _changing(operations):
        row = {name: getattr(operation, name) for name in ("verb", "key", "before", "after")}
        exceptions = [one for one in _each(operation.exception) if one.get("guard") != CODE]
        rows.append({**row, "zone": str(operation.request.get("zone") or ""), "exceptions": exceptions})
    document = {
        "client": run.client,
        "account": run.account,
        "tool_version": run.tool_version,
        "operations": sorted(rows, key=lambda row: (row["key"], row["verb"])),
    }
    return digest(DIGEST_DOMAIN, document)


def check_digest(approved: str, operations: t.Sequence[Operation], run: Run) -> None:
    """G2: a digest that is given is compared, or the run ends. A plan without changes does nothing that needs approval.

    :raises Refused: ``approved_digest_invalid``, ``approved_digest_mismatch``.
    """
    if not approved:
        return
    if _DIGEST.fullmatch(approved) is None:
        raise Refused(
            "approved_digest_invalid",
            "approved_digest %r is no digest that can be checked." % approved,
            "Copy it as the dry run shows it: sha256: and 64 characters.",
        )
    if not _changing(operations):
        return
    mark = plan_digest(operations, run)
    if mark != approved:
        raise Refused(
            "approved_digest_mismatch",
            "The plan is %s, approved is %s." % (mark, approved),
            "Look at the plan with --check and have it approved as it is now: records, client, account or version differ.",
        )


def no_plan_to_compare(approved: str, state: str) -> None:
    """:raises Refused: ``approved_digest_invalid`` where a digest is given and *state* has no plan that it could be compared with (G2)."""
    if approved:
        raise Refused(
            "approved_digest_invalid",
            "approved_digest is given and cannot be checked: state %s changes no records." % state,
            "Leave it out.",
        )


def guard_fleet(
    operations: t.Sequence[Operation],
    limits: FleetLimits,
    window: ChangeWindow | None,
    exceptions: Exceptions,
    run: Run,
) -> list[MailopsError]:
    """Why a whole plan must not be carried out. Operations that an exception lets through carry it afterwards.

    :param operations: of all domains.
    """
    changing = _changing(operations)
    changes = [Change.of(operation) for operation in changing]
    if not changes:
        return []
    found: list[MailopsError] = []
    opened: dict[str, list[dict[str, t.Any]]] = collections.defaultdict(list)
    whole = client_object(run.client)

    def refuse(error: Refused, domains: t.Collection[str], *objects: str) -> None:
        try:
            exception = exceptions.opening(error.code, *objects)
        except Refused as ended:
            found.append(Refused(ended.code, "%s %s" % (error.message, ended.message), ended.hint))
            return
        if not exception:
            found.append(error)
        for domain in domains if exception else ():
            opened[domain].append(exception)

    domains = sorted({change.domain for change in changes})
    for error, whom in _limits(changes, domains, limits, run):
        refuse(error, whom, whole)
    if window is not None and not window.is_open(run.now):
        for domain in domains:
            error = t.cast(Refused, window.refusal(run.now, domain, domain))
            refuse(error, [domain], domain, whole)
    for operation, change in zip(changing, changes, strict=True):
        if opened.get(change.domain):
            operation.exception = added(operation.exception, opened[change.domain])
    return found


def client_object(client: str) -> str:
    """What an exception calls a whole run."""
    return "client:" + client


def _changing(operations: t.Sequence[Operation]) -> list[Operation]:
    # What an earlier run has sent is only settled here; it was approved and counted then.
    return [one for one in operations if one.kind == "record_set" and one.verb != "record" and not one.retry_of]


def _limits(
    changes: t.Sequence[Change], domains: t.Sequence[str], limits: FleetLimits, run: Run
) -> t.Iterator[tuple[Refused, t.Collection[str]]]:
    whole = client_object(run.client)
    if len(domains) > limits.max_domains:
        text = "The plan changes the DNS of %d domains, max_domains is %d." % (len(domains), limits.max_domains)
        yield _too_many("too_many_domains", text, "max_domains", whole), domains
    losing = sorted({change.domain for change in meaning.lost(changes).values()})
    if len(losing) > limits.max_domains_losing:
        text = "%d domains would lose a class of records (%s), max_domains_losing is %d." % (
            len(losing),
            ", ".join(losing[:5]) + (", …" if len(losing) > 5 else ""),
            limits.max_domains_losing,
        )
        yield _too_many("too_many_domains_losing", text, "max_domains_losing", whole), losing
    clients = run.other_clients | {run.client}
    if len(clients) > limits.max_clients:
        text = "The run would change the DNS of %d clients (%s), max_clients is %d." % (
            len(clients),
            ", ".join(sorted(one or "(unnamed)" for one in clients)),
            limits.max_clients,
        )
        yield _too_many("too_many_clients", text, "max_clients", whole), domains


def _too_many(code: str, text: str, option: str, whole: str) -> Refused:
    return Refused(
        code, text, "Shorten the list; if it is meant, state the number in %s, or %s." % (option, HINT % (code, whole))
    )


def _each(exception: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The exceptions that an operation carries, one by one."""
    first = {name: value for name, value in exception.items() if name != "others"}
    return [dict(one) for one in (first, *exception.get("others", ())) if one]
