# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that need the provider's present state; asked before the first write, in check mode too (R-VAL-11)."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import Request
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import same_person
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.policy.limits import PlanLimits, check_limits

Item = t.Mapping[str, t.Any]
Observed = t.Mapping[str, t.Any]

# Mailboxes that cannot be reached, so cannot be their new neighbour's owner.
_CLOSED = frozenset({"suspended", "trashed", "pending", "absent"})


def validate_live(
    request: Request,
    rows: t.Sequence[Item],
    observed: Observed,
    now: datetime.datetime,
    *,
    known_limits: PlanLimits | None = None,
) -> list[Finding]:
    """What the provider's state says against a request.

    :param rows: ``Intake.rows``.
    :param observed: ``{"domains": {name: {"status": …}}, "mailboxes": {address: {"state": …}}, "aliases": {address:
        mailbox}, "forwards": {address: {…}}, "invites": {address: {"state", "recipient", "request_id"}}, "account":
        {…}}``; addresses and names in normal form. ``account`` may be left out where a provider has no limits.
    :param now: aware time; an invite past its ``expires_at`` is not pending any more.
    :param known_limits: limits of the inventory, where the provider states none.
    """
    done = settled(request, rows, observed, now)
    findings = _domains(request, rows, observed)
    open_rows = [row for row in rows if row["address"] not in done]
    for row in open_rows:
        findings += _collisions(request, row, observed, now)
    findings += _owners(request, open_rows, observed)
    if observed.get("account") is not None:
        findings += _limits(request, open_rows, observed, now, known_limits)
    return findings


def settled(request: Request, rows: t.Sequence[Item], observed: Observed, now: datetime.datetime) -> dict[str, str]:
    """Rows that an earlier run of the same request has already carried out (R-BULK-05).

    :returns: by address ``present`` (the mailbox is there) or ``pending`` (its invite is out); both for the same owner.
    """
    done = {}
    for row in rows:
        address = row["address"]
        mailbox = _mailbox(observed, address)
        invite = _section(observed, "invites").get(address)
        if mailbox is not None:
            traces = [mailbox] + ([invite] if invite and invite.get("state") == "redeemed" else [])
            if mailbox.get("state") != "trashed" and any(_ours(request, row, trace) for trace in traces):
                done[address] = "present"
        elif invite and is_pending(invite, now) and _ours(request, row, invite):
            done[address] = "pending"
    return done


def is_pending(invite: Item, now: datetime.datetime) -> bool:
    """Whether an invite still stands; one that has passed its end does not, whatever its last known state."""
    if invite.get("state") != "pending":
        return False
    end = str(invite.get("expires_at") or "")
    try:
        return not end or datetime.datetime.fromisoformat(end.replace("Z", "+00:00")) > now
    except (ValueError, TypeError):
        return True


def _ours(request: Request, row: Item, trace: Item) -> bool:
    """Made by this request and for this owner; a trace without an owner is not proof."""
    owner = trace.get("recipient") or trace.get("owner_email") or ""
    return bool(owner) and trace.get("request_id") == request.request_id and same_person(owner, row["owner_email"])


def _section(observed: Observed, name: str) -> t.Mapping[str, t.Any]:
    return t.cast("t.Mapping[str, t.Any]", observed.get(name) or {})


def _mailbox(observed: Observed, address: str) -> t.Mapping[str, t.Any] | None:
    """The mailbox of an address; a listing that shows a pending invite as a mailbox does not make it one."""
    mailbox = _section(observed, "mailboxes").get(address)
    return None if mailbox is None or mailbox.get("state") in ("pending", "absent") else mailbox


def _domains(request: Request, rows: t.Sequence[Item], observed: Observed) -> list[Finding]:
    findings = []
    known = _section(observed, "domains")
    counts = collections.Counter(map(_domain_of, rows))
    for domain, count in sorted(counts.items()):
        place = _domain_place(request, domain)
        state = known.get(domain)
        if state is None:
            said = "The provider does not know %s; %d rows are on it." % (domain, count)
            findings.append(finding("domain_missing", place, said))
            continue
        owner = state.get("client")
        if owner and owner != request.client:
            said = "At the provider %s belongs to %s, the request is for %s." % (domain, owner, request.client)
            findings.append(finding("client_boundary", place, said))
        status = state.get("status")
        if status == "suspended":
            findings.append(finding("domain_suspended", place, "%s is suspended." % domain))
        elif status != "active":
            said = "%s is %s; %d rows are on it." % (domain, status or "of unknown status", count)
            findings.append(finding("domain_not_verified", place, said))
        if state.get("mail_hosting") == "external":
            said = "%s is hosted elsewhere (mail_hosting: external)." % domain
            findings.append(finding("domain_send_only", place, said))
    return findings


def _collisions(request: Request, row: Item, observed: Observed, now: datetime.datetime) -> list[Finding]:
    address = row["address"]
    place = request.row_place(address, "local_part")
    mailbox = _mailbox(observed, address)
    if mailbox is not None:
        state = mailbox.get("state") or "present"
        said = "%s is there (%s), made by %s." % (address, state, mailbox.get("request_id") or "another hand")
        return [finding("already_exists", place, said)]
    invite = _section(observed, "invites").get(address)
    if invite and is_pending(invite, now):
        said = "An invite for %s is pending, to %s, by %s." % (
            address,
            invite.get("recipient") or "(recipient unknown)",
            invite.get("request_id") or "another hand",
        )
        return [finding("already_exists", place, said, "End that invite first, or remove the row.")]
    # An expired invite of our own does not stand in its own way, whatever the listing still shows.
    shadow = _section(observed, "mailboxes").get(address)
    if shadow is not None and shadow.get("state") != "absent" and not (invite and _ours(request, row, invite)):
        return [finding("already_exists", place, "%s waits for its owner, by another hand." % address)]
    findings = []
    aliases, forwards = _section(observed, "aliases"), _section(observed, "forwards")
    if address in aliases:
        said = "%s is an alias of %s." % (address, aliases[address] or "(unknown)")
        findings.append(finding("alias_collision", place, said))
    if address in forwards:
        findings.append(finding("forward_collision", place, "%s is a forward without a mailbox." % address))
    return findings


def _owners(request: Request, rows: t.Sequence[Item], observed: Observed) -> list[Finding]:
    """R-CSV-09: an owner on a domain of this request must be an address that works today."""
    domains = {_domain_of(row) for row in rows}
    findings = []
    for row in rows:
        local, _at, domain = str(row["owner_email"]).partition("@")
        if domain not in domains:
            continue
        address = local.partition("+")[0] + "@" + domain
        mailbox = _section(observed, "mailboxes").get(address)
        if mailbox is not None and mailbox.get("state") not in _CLOSED:
            continue
        if mailbox is None and (address in _section(observed, "aliases") or address in _section(observed, "forwards")):
            continue
        state = "is %s" % mailbox.get("state") if mailbox else "is not there"
        said = "The owner %s %s at the provider." % (address, state)
        findings.append(finding("owner_unreachable", request.row_place(row["address"], "owner_email"), said))
    return findings


def _limits(
    request: Request,
    rows: t.Sequence[Item],
    observed: Observed,
    now: datetime.datetime,
    known: PlanLimits | None,
) -> list[Finding]:
    in_use: dict[str, set[str]] = {}
    for address, mailbox in _section(observed, "mailboxes").items():
        if mailbox.get("state") not in ("trashed", "absent"):
            in_use.setdefault(address.partition("@")[2], set()).add(address)
    for address, invite in _section(observed, "invites").items():
        if is_pending(invite, now):
            in_use.setdefault(address.partition("@")[2], set()).add(address)
    wanted: dict[str, list[Item]] = {}
    for row in rows:
        wanted.setdefault(_domain_of(row), []).append(row)
    counts = {domain: len(addresses) for domain, addresses in in_use.items()}
    account = observed["account"]
    return check_limits(wanted, account, counts, known=known, where=lambda domain: _domain_place(request, domain))


def _domain_of(row: Item) -> str:
    return str(row["address"]).partition("@")[2]


def _domain_place(request: Request, domain: str) -> str:
    """The domain's place in the request, whose list may hold another spelling."""
    for index, text in enumerate(request.domains):
        try:
            if normalise_hostname(text) == domain:
                return request.place("/domains/%d" % index)
        except Refused:
            continue
    return request.place("/domains")
