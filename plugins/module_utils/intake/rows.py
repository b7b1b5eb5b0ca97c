# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a single row, and the item for the module ``mailbox`` that a good row becomes."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import RULES, finding
from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import bad_cells
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import IntakePolicy, Request, Row
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import (
    is_high_risk,
    is_role,
    normalise_contact,
    normalise_local_part,
)
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import shown
from ansible_collections.mailops.email.plugins.module_utils.policy.display_names import check_display_name
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import format_instant, parse_instant

# What people write for a boolean; the file knows true and false only (R-CSV-10).
_LIKE_BOOLEAN = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f", "on", "off", "1", "0", "wahr", "falsch"})
_DAY_LENGTH = 10


def check_rows(
    request: Request,
    rows: t.Sequence[Row],
    domains: t.Container[str],
    boundary: t.Container[str],
    high_risk: t.Container[str],
    now: datetime.datetime,
    policy: IntakePolicy,
) -> list[Finding]:
    """Findings of all rows, each judged alone; fills ``row.values``.

    :param domains: domains of the request, normal form.
    :param boundary: domains of the client.
    :param high_risk: addresses approved by name.
    """
    judge = _Judge(request, domains, boundary, high_risk, now, policy)
    for row in rows:
        judge.row(row)
    return judge.findings


class _Judge:
    def __init__(
        self,
        request: Request,
        domains: t.Container[str],
        boundary: t.Container[str],
        high_risk: t.Container[str],
        now: datetime.datetime,
        policy: IntakePolicy,
    ) -> None:
        self.request = request
        self.domains = domains
        self.boundary = boundary
        self.high_risk = high_risk
        self.now = now
        self.policy = policy
        self.findings: list[Finding] = []
        self._said: set[tuple[str, str]] = set()

    def row(self, row: Row) -> None:
        cells, values = row.cells, row.values
        later = self._form(row)
        if cells.get("request_id") != self.request.request_id and self._good(row, "request_id"):
            said = "%s, the request is %s." % (
                shown(cells["request_id"]),
                shown(self.request.request_id or "(unknown)"),
            )
            self._add("request_id_mismatch", row, "request_id", said)
        self._normalise(row, "domain", normalise_hostname)
        self._normalise(row, "local_part", normalise_local_part)
        self._normalise(row, "owner_email", normalise_contact)
        self._normalise(row, "manager_email", normalise_contact)
        if self._good(row, "department"):
            values["department"] = cells["department"]
        if self._good(row, "role_account"):
            values["role_account"] = cells["role_account"] == "true"
        local, domain = values.get("local_part"), values.get("domain")
        if domain:
            self._boundary(row, domain)
        if local and domain:
            values["address"] = local + "@" + domain
        if local:
            self._names(row, local)
        self._display_name(row)
        if len(cells) > 8:
            self._optional(row)
        self._delivery(row)
        for column, description in later:
            if column not in row.bad:
                self._add("value_invalid", row, column, "%s is %s." % (column, shown(cells[column])), description)

    def _form(self, row: Row) -> list[tuple[str, str]]:
        """The schema's verdict on cells; what the policy may have a better reason for is returned, to be said last."""
        later = []
        for column, description in bad_cells(row.cells):
            if column in row.bad:
                continue
            text = row.cells[column]
            if text == "":
                self._add("value_missing", row, column, "%s is empty." % column, description)
            elif column == "role_account" and text.strip().casefold() in _LIKE_BOOLEAN:
                said = "role_account is %s; only true and false are taken, in small letters." % shown(text)
                self._add("ambiguous_value", row, column, said)
            elif column in _NORMAL_FORMS:
                later.append((column, description))
            else:
                self._add("value_invalid", row, column, "%s is %s." % (column, shown(text)), description)
        return later

    def _normalise(self, row: Row, column: str, normal: t.Callable[[str], str]) -> None:
        if not self._good(row, column):
            return
        try:
            row.values[column] = normal(row.cells[column])
        except Refused as exc:
            self._add(exc.code, row, column, exc.message, exc.hint)

    def _boundary(self, row: Row, domain: str) -> None:
        if domain not in self.boundary:
            said = "%s is not a domain of %s." % (domain, shown(self.request.client or "this client"))
            self._add("client_boundary", row, "domain", said)
        elif domain not in self.domains:
            said = "%s is not among the domains that the request states." % domain
            self._add("scope_mismatch", row, "domain", said)

    def _names(self, row: Row, local: str) -> None:
        address = row.address or local
        if is_high_risk(local, self.policy.high_risk) and address not in self.high_risk:
            said = "%s is a name that carries authority, and is not approved by itself." % address
            self._add("high_risk_unapproved", row, "local_part", said)
        if row.values.get("role_account") is False and is_role(local, self.policy.roles):
            said = "%s is the name of a function, role_account is false." % local
            self._add("role_account_not_flagged", row, "role_account", said)

    def _display_name(self, row: Row) -> None:
        if not self._good(row, "display_name"):
            return
        # A function that is not flagged is one mistake: what its display name should be is known once it is.
        role = row.values.get("role_account")
        if role is None or "role_account" in row.bad:
            role = True
        try:
            row.values["display_name"] = check_display_name(row.cells["display_name"], role)
        except Refused as exc:
            self._add(exc.code, row, "display_name", exc.message, exc.hint)

    def _optional(self, row: Row) -> None:
        for column in ("quota_mb", "expires_in_hours"):
            if self._given(row, column):
                row.values[column] = int(row.cells[column])
        for column in ("note", "delivery", "seal_to"):
            if self._given(row, column):
                row.values[column] = row.cells[column]
        if self._given(row, "access_until"):
            self._access_until(row)

    def _access_until(self, row: Row) -> None:
        text = row.cells["access_until"]
        instant = text if len(text) > _DAY_LENGTH else text + "T23:59:59Z"
        try:
            until = parse_instant(instant, "access_until")
        except Refused as exc:
            self._add(exc.code, row, "access_until", exc.message, exc.hint)
            return
        if until <= self.now:
            said = "Access ended at %s already." % format_instant(until)
            self._add("time_invalid", row, "access_until", said, "Give a day that is still to come.")
            return
        row.values["access_until"] = format_instant(until)

    def _delivery(self, row: Row) -> None:
        """R-DELIV-04: a way other than the best needs a recorded reason."""
        delivery = row.values.get("delivery") or self.request.defaults.get("delivery")
        if delivery != "sealed" or "delivery" in row.bad:
            return
        if not row.values.get("seal_to") and "seal_to" not in row.bad:
            self._add("seal_to_missing", row, "seal_to", "Delivery is sealed, seal_to is empty.")
        if row.address and exception_for(self.request, "delivery", row.address) is None:
            said = "A sealed link is not the best way of delivery, and no exception covers %s." % row.address
            self._add("exception_missing", row, "delivery", said)

    def _good(self, row: Row, column: str) -> bool:
        return column not in row.bad and column in row.cells

    def _given(self, row: Row, column: str) -> bool:
        return bool(row.cells.get(column)) and column not in row.bad

    def _add(self, code: str, row: Row, column: str, evidence: str, following: str = "") -> None:
        row.bad.add(column)
        place = row.place(column)
        # Rows of a batch share their fields: what is wrong with the field is said once.
        if not row.file and (code, place) in self._said:
            return
        self._said.add((code, place))
        self.findings.append(finding(code if code in RULES else "value_invalid", place, evidence, following))


_NORMAL_FORMS = frozenset({"domain", "local_part", "owner_email", "manager_email", "display_name"})


def exception_for(request: Request, rule: str, address: str = "") -> dict[str, t.Any] | None:
    """The recorded exception that covers *rule* for *address*: one that names it, else one for the whole request."""
    whole = None
    for entry in request.exceptions:
        if entry.get("rule") != rule:
            continue
        target = entry.get("object")
        if isinstance(target, str) and target:
            if target.casefold() == address:
                return entry
        elif whole is None:
            whole = entry
    return whole


def items_of(request: Request, rows: t.Sequence[Row], high_risk: t.Container[str]) -> list[dict[str, t.Any]]:
    """Good rows as items for the module ``mailbox``; the request's defaults fill what a row leaves empty."""
    return [_item(request, row, high_risk) for row in rows]


def _item(request: Request, row: Row, high_risk: t.Container[str]) -> dict[str, t.Any]:
    values, address = row.values, row.address
    item: dict[str, t.Any] = {
        "address": address,
        "display_name": values["display_name"],
        "owner_email": values["owner_email"],
        "role_account": values["role_account"],
        "department": values["department"],
        "manager_email": values["manager_email"],
    }
    for name in ("quota_mb", "note", "delivery", "seal_to", "expires_in_hours"):
        value = values.get(name, request.defaults.get(name))
        if value is not None:
            item[name] = value
    exception = None
    if item.get("delivery") == "sealed":
        exception = exception_for(request, "delivery", address)
    if exception is None and address in high_risk:
        approval = request.approval
        exception = {
            "reason": "%s approved by name in %s of %s" % (address, approval["id"], request.request_id),
            "approver": approval["approved_by"],
            "expires_at": approval["expires_at"],
        }
    if exception is not None:
        item["exception"] = {name: exception[name] for name in ("reason", "approver", "expires_at")}
    return item
