# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan limits, storage pool and size of a batch, known before the first write (R-PLANLIM-01 to -06, R-BULK-03)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Finding

Rows = t.Union[int, t.Sequence[t.Mapping[str, t.Any]]]


@dataclasses.dataclass(frozen=True)
class PlanLimits:
    """Limits of a provider plan; None is *not known here*, never *unlimited*.

    :param storage_mb: pool of the whole account, in MB of 2**20 bytes; not per mailbox (R-PLANLIM-05).
    :param source: where the numbers come from.
    :param as_of: date of that source, ``YYYY-MM`` (R-PLANLIM-08).
    """

    plan: str
    domains: int | None
    mailboxes_per_domain: int | None
    storage_mb: int | None
    source: str = ""
    as_of: str = ""


# Used only where the provider's account answer is silent. Agency is by contract, so its numbers must come from the
# provider or from the inventory (R-PLANLIM-04). Nano and Free are two names of the plan without managed SMTP
# (R-CONF-02).
PLAN_LIMITS: dict[str, PlanLimits] = {
    "free": PlanLimits("free", 10, 10, 5 * 1024, "R-PLANLIM-01", "2026-05"),
    "nano": PlanLimits("nano", 10, 10, 5 * 1024, "R-PLANLIM-01, R-CONF-02", "2026-05"),
    "starter": PlanLimits("starter", 50, 100, 15 * 1024, "R-PLANLIM-02", "2026-05"),
    "pro": PlanLimits("pro", 100, 300, 50 * 1024, "R-PLANLIM-03", "2026-05"),
    "agency": PlanLimits("agency", None, None, None, "R-PLANLIM-04", "2026-05"),
}


def effective_limits(account: t.Mapping[str, t.Any], known: PlanLimits | None = None) -> PlanLimits:
    """Limits that hold for *account*: the provider's own numbers, else those of *known*, else of the plan's table.

    :param account: ``{"plan", "limits": {"domains", "mailboxes_per_domain", "storage_mb"}, …}``.
    :param known: numbers of the inventory, for a plan by contract.
    """
    plan = str(account.get("plan") or "").lower()
    stated = account.get("limits") or {}
    table = PLAN_LIMITS.get(plan)
    values: dict[str, int | None] = {}
    for name in ("domains", "mailboxes_per_domain", "storage_mb"):
        value = stated.get(name)
        for source in (known, table):
            if value is None and source is not None:
                value = getattr(source, name)
        values[name] = value
    return PlanLimits(plan, values["domains"], values["mailboxes_per_domain"], values["storage_mb"], "account")


def check_limits(
    rows_by_domain: t.Mapping[str, Rows],
    account: t.Mapping[str, t.Any],
    mailboxes_in_use: t.Mapping[str, int] | None = None,
    *,
    new_domains: t.Collection[str] = (),
    known: PlanLimits | None = None,
    where: t.Callable[[str], str] | None = None,
) -> list[Finding]:
    """What a batch would break, named with limit and usage.

    :param rows_by_domain: what is still to be made, by domain: rows (``quota_mb`` is dedicated storage) or a count.
    :param account: ``{"plan", "limits": {…}, "usage": {"domains", "storage_mb", "allocated_mb"}}``; None is unknown.
        With ``unlimited`` the provider says that there are none, and only those of the inventory hold.
    :param mailboxes_in_use: mailboxes and pending invites per domain now.
    :param new_domains: domains that the run would add.
    :param known: limits of the inventory, where the provider states none.
    :param where: gives a finding's object for a domain; default is the domain itself.
    :returns: findings ``plan_limit``, ``plan_limit_unknown``, ``storage_pool``; empty when all fits.
    """
    if account.get("unlimited") and known is None:
        return []
    limits = effective_limits(account, known)
    place = where or (lambda domain: domain)
    return (
        _domains(limits, account, new_domains, place)
        + _mailboxes(limits, rows_by_domain, mailboxes_in_use or {}, place)
        + _storage(limits, account, rows_by_domain, place)
    )


def check_batch_size(
    count: int, max_batch: int | None, review_threshold: int, approved_rows: int | None, place: str
) -> list[Finding]:
    """Size of a batch against the limit and against the number that was approved (R-PLANLIM-06, R-BULK-03).

    :param max_batch: most rows a run may have; None leaves it to the provider's limits.
    :param review_threshold: above so many rows the approval must say exactly this number.
    :param approved_rows: the number in the approval, None when it has none.
    """
    found = []
    if max_batch is not None and count > max_batch:
        found.append(
            _finding(
                "max_batch",
                place,
                "%d rows, at most %d in one request." % (count, max_batch),
                "Split the request, or raise max_batch where that is decided.",
            )
        )
    if approved_rows is not None and approved_rows != count:
        large = count > review_threshold and count > approved_rows
        found.append(
            _finding(
                "blast_radius" if large else "approval_rows_mismatch",
                place,
                "%d rows, approved are %d%s."
                % (count, approved_rows, " (review needed above %d)" % review_threshold if large else ""),
                "Correct the rows, or have exactly %d approved in approval.rows." % count,
            )
        )
    return found


def _finding(code: str, place: str, evidence: str, following: str) -> Finding:
    return Finding(code, "error", place, evidence, following)


def _unknown(limits: PlanLimits, name: str, place: str) -> Finding:
    return _finding(
        "plan_limit_unknown",
        place,
        "The provider states no limit %s for plan %s." % (name, limits.plan or "(unknown)"),
        "Set %s in the client's plan limits; an unknown limit is not unlimited (R-PLANLIM-04)." % name,
    )


def _domains(
    limits: PlanLimits, account: t.Mapping[str, t.Any], new: t.Collection[str], place: t.Callable[[str], str]
) -> list[Finding]:
    if not new:
        return []
    first = place(sorted(new)[0])
    if limits.domains is None:
        return [_unknown(limits, "domains", first)]
    used = int((account.get("usage") or {}).get("domains") or 0)
    if used + len(new) <= limits.domains:
        return []
    evidence = "Plan %s has %d domains, %d are in use, %d would be added." % (
        limits.plan,
        limits.domains,
        used,
        len(new),
    )
    return [_finding("plan_limit", first, evidence, "Add fewer domains, or change the plan first.")]


def _mailboxes(
    limits: PlanLimits,
    rows_by_domain: t.Mapping[str, Rows],
    in_use: t.Mapping[str, int],
    place: t.Callable[[str], str],
) -> list[Finding]:
    found = []
    for domain in sorted(rows_by_domain):
        count = _count(rows_by_domain[domain])
        if not count:
            continue
        if limits.mailboxes_per_domain is None:
            found.append(_unknown(limits, "mailboxes_per_domain", place(domain)))
            break
        used = in_use.get(domain, 0)
        if used + count > limits.mailboxes_per_domain:
            evidence = "%s: plan %s has %d mailboxes per domain, %d are in use or invited, %d would be added." % (
                domain,
                limits.plan,
                limits.mailboxes_per_domain,
                used,
                count,
            )
            free = max(limits.mailboxes_per_domain - used, 0)
            found.append(
                _finding("plan_limit", place(domain), evidence, "Ask for %d at most, or change the plan first." % free)
            )
    return found


def _storage(
    limits: PlanLimits,
    account: t.Mapping[str, t.Any],
    rows_by_domain: t.Mapping[str, Rows],
    place: t.Callable[[str], str],
) -> list[Finding]:
    """Dedicated megabytes are taken from the pool; what is used may exceed what is allocated, so the larger counts."""
    domains = sorted(domain for domain in rows_by_domain if _count(rows_by_domain[domain]))
    if not domains:
        return []
    wanted = sum(_dedicated(rows_by_domain[domain]) for domain in domains)
    if limits.storage_mb is None:
        return [_unknown(limits, "storage_mb", place(domains[0]))] if wanted else []
    usage = account.get("usage") or {}
    taken = max(int(usage.get("allocated_mb") or 0), int(usage.get("storage_mb") or 0))
    free = max(limits.storage_mb - taken, 0)
    if wanted <= free and (free or wanted):
        return []
    evidence = "The account's pool is %d MB, %d MB are taken, the batch dedicates %d MB." % (
        limits.storage_mb,
        taken,
        wanted,
    )
    following = "Dedicate %d MB at most in all, leave quota_mb out (pooled), or enlarge the pool." % free
    return [_finding("storage_pool", place(domains[0]), evidence, following)]


def _count(rows: Rows) -> int:
    return rows if isinstance(rows, int) else len(rows)


def _dedicated(rows: Rows) -> int:
    return 0 if isinstance(rows, int) else sum(int(row.get("quota_mb") or 0) for row in rows)
