# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that need only the request, the client's boundary and the clock; all at once (R-CSV-03, R-VAL-10)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.approval import approved_high_risk
from ansible_collections.mailops.email.plugins.module_utils.intake.live import settled, validate_live
from ansible_collections.mailops.email.plugins.module_utils.intake.rows import check_rows
from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import IntakePolicy, Request, Row
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import shown
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary, normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import check_batch_size

# The rules that need the provider are in a file of their own; both halves are found here.
__all__ = ["settled", "validate_live", "validate_offline"]


def validate_offline(
    request: Request,
    rows: t.Sequence[Row],
    *,
    client: str,
    client_domains: t.Iterable[str],
    now: datetime.datetime,
    policy: IntakePolicy | None = None,
) -> list[Finding]:
    """What can be said against a request without asking the provider; fills the rows' normal forms.

    :param client: inventory name of the client of this run.
    :param client_domains: all domains of that client, names below them belong to it too; nothing else may be touched (R-VAL-02).
    :param now: aware time.
    """
    policy = policy or IntakePolicy()
    boundary = Boundary(client_domains)
    domains, findings = _domains(request, client, boundary)
    high_risk = approved_high_risk(request)
    findings += check_rows(request, rows, domains, boundary, high_risk, now, policy)
    findings += _scope(request, rows, domains)
    findings += _set_of_rows(rows)
    findings += _exceptions(request, now)
    findings += _size(request, len(rows), policy)
    return findings


def _domains(request: Request, client: str, boundary: Boundary) -> tuple[dict[str, int], list[Finding]]:
    """Domains of the request in normal form with their place in the list."""
    findings = []
    if request.client and request.client != client:
        said = "The request is for %s, this run is for %s." % (shown(request.client), shown(client))
        findings.append(finding("client_boundary", request.place("/client"), said))
    domains: dict[str, int] = {}
    for index, text in enumerate(request.domains):
        place = request.place("/domains/%d" % index)
        try:
            name = normalise_hostname(text)
        except Refused as exc:
            findings.append(finding(exc.code, place, exc.message, exc.hint))
            continue
        if name in domains:
            findings.append(finding("scope_mismatch", place, "%s stands twice in the list." % name, "Remove one."))
            continue
        domains[name] = index
        if name not in boundary:
            said = "%s is not a domain of %s." % (name, shown(client))
            findings.append(finding("client_boundary", place, said))
    return domains, findings


def _scope(request: Request, rows: t.Sequence[Row], domains: dict[str, int]) -> list[Finding]:
    """R-SCOPE-03: a domain that is stated but has no row; the other direction is said at the row."""
    if not rows:
        return []
    used = {row.values.get("domain") for row in rows}
    if None in used:  # a row whose domain cannot be read may be the missing one; its own finding comes first
        return []
    return [
        finding(
            "scope_mismatch",
            request.place("/domains/%d" % index),
            "%s is stated, but no row is on it." % name,
            "Remove it from domains, or add its rows.",
        )
        for name, index in domains.items()
        if name not in used
    ]


def _set_of_rows(rows: t.Sequence[Row]) -> list[Finding]:
    """Rules between rows: R-VAL-07 (twice in the file, also by case only), R-CSV-09 (owner made by the same batch)."""
    findings = []
    first: dict[str, Row] = {}
    for row in rows:
        if not row.address:
            continue
        if row.address in first:
            said = "%s stands in line %d already." % (row.address, first[row.address].line)
            findings.append(finding("duplicate_row", row.place("local_part"), said))
        else:
            first[row.address] = row
    for row in rows:
        owner = row.values.get("owner_email", "")
        plain = _without_tag(owner)
        if plain in first:
            said = "%s is made by this request itself." % plain
            if plain == row.address:
                said = "%s would be its own owner." % plain
            findings.append(finding("owner_unreachable", row.place("owner_email"), said))
    return findings


def _without_tag(address: str) -> str:
    local, _at, domain = address.partition("@")
    return local.partition("+")[0] + "@" + domain


def _exceptions(request: Request, now: datetime.datetime) -> list[Finding]:
    findings = []
    for index, entry in enumerate(request.exceptions):
        try:
            check_exception(entry, now, request.human)
        except Refused as exc:
            # What is missing or malformed the schema has named already, field by field.
            if exc.code != "exception_incomplete" or _filled(entry):
                place = request.place("/exceptions/%d" % index)
                findings.append(finding(exc.code, place, exc.message, exc.hint))
    return findings


def _filled(entry: dict[str, t.Any]) -> bool:
    return all(entry.get(name) for name in ("reason", "approver", "expires_at"))


def _size(request: Request, count: int, policy: IntakePolicy) -> list[Finding]:
    place = request.place("/batch/count") if request.batch else request.mailboxes
    if request.max_batch is not None and request.max_batch > policy.max_batch:
        said = "The request sets %d, the policy allows %d." % (request.max_batch, policy.max_batch)
        return [finding("max_batch", request.place("/max_batch"), said, "Lower it, or leave it out.")]
    limit = policy.max_batch if request.max_batch is None else request.max_batch
    return check_batch_size(count, limit, policy.review_threshold, None, place)
