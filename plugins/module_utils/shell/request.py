# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a change request, checks it offline and against the provider, and hands on what the mailbox module takes."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine import snapshot
from ansible_collections.mailops.email.plugins.module_utils.engine.observe import claim, invites_from
from ansible_collections.mailops.email.plugins.module_utils.intake.load import load_request
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import Intake, IntakePolicy
from ansible_collections.mailops.email.plugins.module_utils.intake.validate import validate_live
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import remember
from ansible_collections.mailops.email.plugins.module_utils.model import Finding
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import PlanLimits
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import is_claimed
from ansible_collections.mailops.email.plugins.module_utils.shell import handover
from ansible_collections.mailops.email.plugins.module_utils.shell.freezes import frozen_findings
from ansible_collections.mailops.email.plugins.module_utils.shell.task import store_of

SHOWN = 40

Listings = dict[str, tuple[set[str], dict[str, Record]]]


def request_info(params: t.Mapping[str, t.Any], driver: Driver | None) -> dict[str, t.Any]:
    """Result of ``request_info``: the request, its rows, and every finding at once (R-CSV-03, R-VAL-10).

    :param driver: None to judge the request without the provider.

    It fails when a finding is an error, so that nothing behind it runs.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    given = params.get("client_domains")
    intake = load_request(
        params["path"],
        client=params.get("client") or "",
        client_domains=given or (),
        now=now,
        policy=IntakePolicy(
            max_batch=params["max_batch"],
            review_threshold=params["review_threshold"],
            high_risk=tuple(params["high_risk_local_parts"]),
            roles=tuple(params["role_local_parts"]),
        ),
    )
    findings = list(intake.findings) + frozen_findings(intake, params, now)
    listings: Listings = {}
    if driver is not None:
        rows = intake.rows or _readable(intake)
        observed, listings = observe(rows, params, driver, findings, now)
        findings += validate_live(intake.request, rows, observed, now, known_limits=_contract(params))
        findings += _left_to_people(intake.rows, driver)
    errors = [finding for finding in findings if finding.severity == "error"]
    handed_on = bool(driver is not None and params.get("snapshot") and not errors)
    if driver is not None and handed_on:
        snapshot.save(params["snapshot"], driver.account, now, listings)
    items = [] if errors else intake.rows
    path = params.get("mailboxes_file") or ""
    result: dict[str, t.Any] = {
        "request": summary(intake),
        "rows": len(items),
        **_handed("" if errors else path, items),
        "findings": [finding.to_dict() for finding in findings],
        "digest": intake.digest,
        "snapshot": params["snapshot"] if handed_on else "",
    }
    warnings = [_line(finding) for finding in findings if finding.severity != "error"]
    if warnings:
        result["warnings"] = warnings
    if errors:
        lines = ["%d findings in %s; nothing was changed." % (len(errors), params["path"])]
        lines += [_line(finding) for finding in errors[:SHOWN]]
        if len(errors) > SHOWN:
            lines.append("… and %d more, see findings." % (len(errors) - SHOWN))
        result.update(failed=True, msg="\n".join(lines))
    return result


def _handed(path: str, items: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """The mailboxes themselves, or the file that has them."""
    if not path:
        return {"mailboxes": items, "mailboxes_file": "", "mailboxes_digest": ""}
    return {"mailboxes_file": path, "mailboxes_digest": handover.leave(path, items)}


def _contract(params: t.Mapping[str, t.Any]) -> PlanLimits | None:
    """Limits of a plan by contract, where the provider states none (R-PLANLIM-04)."""
    given = params.get("plan_limits")
    if not given:
        return None
    return PlanLimits(
        "contract", given["domains"], given["mailboxes_per_domain"], given["storage_mb"], source="plan_limits"
    )


def _readable(intake: Intake) -> list[dict[str, t.Any]]:
    """Rows that can be judged against the provider although something else in the request is wrong, so that a person
    gets all findings in one go."""
    return [row.values for row in intake.records if row.address and row.values.get("owner_email")]


def summary(intake: Intake) -> dict[str, t.Any]:
    """What later tasks and people need of a request; the rows are apart."""
    request = intake.request
    return {
        "request_id": request.request_id,
        "client": request.client,
        "business_purpose": request.business_purpose,
        "requested_by": request.requested_by,
        "domains": list(request.domains),
        "approval": {name: value for name, value in request.approval.items() if isinstance(value, (str, int, list))},
        "exceptions": list(request.exceptions),
        "git_commit": intake.git_commit,
        "csv_sha256": intake.csv_sha256,
        "request_sha256": intake.request_sha256,
    }


# Columns that the provider may have no place for -> what it would take.
_OPTIONAL = {"display_name": "mailbox.update", "note": "mailbox.annotate"}


def _left_to_people(rows: t.Sequence[dict[str, t.Any]], driver: Driver) -> list[Finding]:
    """Take out of the rows what the provider cannot keep, and say so before anything runs (design §4.9)."""
    findings = []
    for column, capability in _OPTIONAL.items():
        filled = [row for row in rows if row.get(column)]
        if not filled or driver.can(capability):
            continue
        for row in filled:
            del row[column]
        findings.append(
            Finding(
                "left_to_people",
                "warning",
                "column %s of %d rows" % (column, len(filled)),
                "The provider %s has no %s by API." % (driver.name, capability),
                "It stays in the request and in no other place; nothing else of these rows is left out.",
            )
        )
    return findings


def _line(finding: Finding) -> str:
    return "[%s] %s: %s %s" % (finding.code, finding.object, finding.evidence, finding.next)


def observe(
    rows: t.Sequence[t.Mapping[str, t.Any]],
    params: t.Mapping[str, t.Any],
    driver: Driver,
    findings: list[Finding],
    now: datetime.datetime,
) -> tuple[dict[str, t.Any], Listings]:
    """What live checks need, read once; forwards, aliases and limits only when there is something left to create."""
    domains = driver.observe("domain", ())
    touched = {str(row["address"]).rsplit("@", 1)[-1] for row in rows}
    mailboxes = driver.observe("mailbox", touched)
    invites = invites_from(remember(store_of(params), "invite", driver.account), now)
    listings: Listings = {"domain": (set(), domains), "mailbox": (touched, dict(mailboxes))}
    claim(driver, mailboxes, invites, store_of(params))
    for key, invite in invites.items():
        mailbox = mailboxes.get(key)
        if mailbox is not None and is_claimed(mailbox):
            invite["state"] = "redeemed"
            mailbox = mailboxes[key] = dict(mailbox, request_id=invite.get("request_id"))
    observed: dict[str, t.Any] = {
        "domains": domains,
        "mailboxes": mailboxes,
        "invites": invites,
        "forwards": {},
        "aliases": {},
        "account": {},
    }
    new = [
        row
        for row in rows
        if row["address"] not in mailboxes and invites.get(row["address"], {}).get("state") != "pending"
    ]
    if new:
        observed["account"] = driver.observe("account", ())["account"]
        observed["forwards"] = driver.observe("forward", {str(row["address"]).rsplit("@", 1)[-1] for row in new})
        observed["aliases"] = _aliases(mailboxes, params, driver, findings)
    return observed, listings


def _aliases(
    mailboxes: t.Mapping[str, Record], params: t.Mapping[str, t.Any], driver: Driver, findings: list[Finding]
) -> dict[str, str]:
    """Aliases in the way (R-VAL-08). They are listed by mailbox only, so a limit keeps a large client's check short."""
    owners = [key for key, record in mailboxes.items() if record["state"] in ("present", "suspended")]
    limit = params["alias_check_limit"]
    if len(owners) > limit:
        findings.append(
            Finding(
                "aliases_not_checked",
                "warning",
                "%d mailboxes" % len(owners),
                "More mailboxes than alias_check_limit (%d) would have to be asked for their aliases one by one."
                % limit,
                "The provider refuses a taken address row by row; raise alias_check_limit to know before.",
            )
        )
        return {}
    records = driver.observe("alias", owners)
    return {key: str(record["mailbox"]) for key, record in records.items()}
