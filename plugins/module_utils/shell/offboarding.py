# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what an offboarding is about and how it stands; the lists in its result are items for the modules that do it."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine import snapshot
from ansible_collections.mailops.email.plugins.module_utils.engine.observe import claim, invites_from
from ansible_collections.mailops.email.plugins.module_utils.intake.load import load_request
from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.journal.owners import Owned, owners
from ansible_collections.mailops.email.plugins.module_utils.journal.query import Question, ask
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import last_holding, remember
from ansible_collections.mailops.email.plugins.module_utils.journal.store import Store
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.offboarding import selection as selections
from ansible_collections.mailops.email.plugins.module_utils.offboarding.decisions import Decisions
from ansible_collections.mailops.email.plugins.module_utils.offboarding.plan import OPEN, TO_DO, Facts, Offboarding
from ansible_collections.mailops.email.plugins.module_utils.offboarding.selection import Selection
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import identity
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, client_domains_of, store_of

Listings = dict[str, tuple[set[str], dict[str, Record]]]
# What was once approved and let open may be closed, whatever its size and however long ago that was.
_NO_HINDRANCE = frozenset(("approval_expired", "blast_radius", "max_batch"))


def offboarding_info(params: Params, driver: Driver) -> dict[str, t.Any]:
    """Result of ``offboarding_info``.

    :raises Refused: ``nothing_selected``, ``selection_ambiguous``, ``decision_incomplete`` and what is wrong with a request.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    how = selections.way_of(params)
    decisions = Decisions(params, now)
    store, boundary = store_of(params), client_domains_of(params)
    rows = owners(store)
    invites = _invites(store, driver, now)
    listings: Listings = {}
    selection = _selected(how, params, rows, driver, invites, boundary, listings)
    roles = [dict(role) for role in params.get("role_accounts") or ()]
    facts = _observe(selection, decisions, roles, rows, invites, params, driver, store, now, listings)
    work = Offboarding(selection, decisions, facts, params.get("reason") or "offboarding %s" % params["request_id"])
    if params.get("snapshot") and any(work.lists.values()):
        snapshot.save(params["snapshot"], driver.account, now, listings)
    states = collections.Counter(row["state"] for row in work.items)
    return {
        "selection": {
            "how": selection.how,
            "mailboxes": selection.mailboxes,
            "role_accounts": selection.roles,
            "forwards": selection.forwards,
            "catch_alls": selection.catch_alls,
            "domains": selection.domains,
        },
        "counts": {**{state: states[state] for state in ("done", "to_do", "open", "confirmed")}, "rules": work.rules},
        "items": work.items,
        "report": [_line(row) for row in work.items],
        "open": [row for row in work.items if row["state"] == OPEN],
        "complete": not states[OPEN] and not states[TO_DO],
        **work.lists,
    }


def _line(row: t.Mapping[str, str]) -> str:
    told = "%s: %s: %s" % (row["state"], row["item"], row["what"])
    return told + (". " + row["next"] if row["next"] else "")


def _selected(
    how: str,
    params: Params,
    rows: t.Sequence[Owned],
    driver: Driver,
    invites: t.Mapping[str, Record],
    boundary: t.Container[str] | None,
    listings: Listings,
) -> Selection:
    if how == "person":
        return selections.by_person(params["person"], rows, boundary)
    if how == "addresses":
        return selections.by_addresses(how, params["addresses"], rows, boundary)
    if how == "request":
        return selections.by_addresses(how, _rows_of(params), rows, boundary)
    domains = params.get("domains") if how == "domains" else params.get("client_domains")
    if not domains:
        raise Refused(
            "nothing_selected",
            "A whole client is offboarded, and it has no domains.",
            "Set client_domains to all of them; nothing else says what is the client's.",
        )
    known = _list(driver, "domain", set(), listings)
    wanted = Boundary(domains)
    mine = [one for one in known if one in wanted]
    mailboxes = _list(driver, "mailbox", set(mine), listings)
    pending = [key for key, invite in invites.items() if invite["state"] == "pending"]
    return selections.by_domains(how, mine, mailboxes, pending, boundary)


def _rows_of(params: Params) -> list[str]:
    """R-OFF-01: the same files that onboard, with the same checks."""
    intake = load_request(
        params["request"],
        client=params.get("client") or "",
        client_domains=params.get("client_domains") or (),
        now=datetime.datetime.now(datetime.timezone.utc),
    )
    errors = [one for one in intake.findings if one.severity == "error" and one.code not in _NO_HINDRANCE]
    if errors:
        first = errors[0]
        raise Refused(
            first.code,
            "%s: %d findings, the first is %s: %s" % (params["request"], len(errors), first.object, first.evidence),
            first.next,
        )
    return [row.address for row in intake.records]


def _list(driver: Driver, kind: str, scope: set[str], listings: Listings) -> dict[str, Record]:
    """Each listing once; what a token is not shown is not known to be absent."""
    if kind not in listings or not scope <= listings[kind][0]:
        records = driver.port(kind).observe(kind, scope)
        if kind in driver.unseen:
            return {}
        listings[kind] = (set(scope), records)
    return listings[kind][1]


def _invites(store: Store, driver: Driver, now: datetime.datetime) -> dict[str, Record]:
    """Where the provider lists its own they are read with the rest; the journal knows to whom they went all the same."""
    return invites_from(remember(store, "invite", driver.account), now)


def _observe(
    selection: Selection,
    decisions: Decisions,
    roles: t.Sequence[Record],
    rows: t.Sequence[Owned],
    invites: dict[str, Record],
    params: Params,
    driver: Driver,
    store: Store,
    now: datetime.datetime,
    listings: Listings,
) -> Facts:
    """All that the plan and the evidence need, each listing once."""
    leaving = {identity(one) for one in selection.people} | set(selection.mailboxes)
    members = [
        str(role["address"]).lower()
        for role in roles
        if leaving & {identity(str(one)) for one in role.get("members") or ()}
    ]
    addresses = {*selection.mailboxes, *selection.roles, *members, *decisions.keys("keep")}
    domains = selection.touched() | {one.rpartition("@")[2] for one in addresses}
    notes = {
        kind: {
            key: dict(event["after"]) for key, event in last_holding(store, kind, driver.account, "expires_at").items()
        }
        for kind in ("forward", "catch_all")
    }
    boundary = client_domains_of(params)
    facts = Facts(
        driver=driver,
        records={"invite": invites},
        notes=notes,
        owned={row.key: row for row in rows if row.kind == "mailbox"},
        handed={key: event["after"] for key, event in _handed(store, driver, params["request_id"])},
        roles=roles,
        own_domains=(),
        now=now,
        doubts=_doubts(store, driver, params["request_id"], boundary),
    )
    if not (addresses or domains):
        return facts
    known = _list(driver, "domain", set(), listings)
    domains &= set(known)
    facts.own_domains = [one for one in known if boundary is None or one in boundary]
    # Who waits for an owner is told to this task; whoever reads the snapshot finds that out again.
    mailboxes = dict(_list(driver, "mailbox", domains, listings))
    if driver.can("invite.list"):
        facts.records["invite"] = _list(driver, "invite", domains, listings)
    claim(driver, mailboxes, facts.records["invite"], store)
    there = {one for one in addresses if one in mailboxes}
    scope = access_paths.observed(access_paths.ALL, addresses, driver)
    ends_here = {key for key, note in notes["forward"].items() if there & set(note.get("targets") or ())}
    scope["forward"] = scope.get("forward", set()) | set(selection.forwards) | ends_here | domains
    scope["forward"] = {one for one in scope["forward"] if one.rpartition("@")[2] in known}
    scope["catch_all"] = scope.get("catch_all", set()) | domains
    for kind, wanted in scope.items():
        facts.records[kind] = _list(driver, kind, wanted, listings)
    facts.records["mailbox"] = mailboxes
    return facts


def _doubts(store: Store, driver: Driver, request_id: str, boundary: t.Container[str] | None) -> list[Event]:
    found = ask(store, Question(request_id=request_id, boundary=boundary)).in_doubt
    return [event for event in found if event.get("provider") == driver.account and event["verb"] != "record"]


def _handed(store: Store, driver: Driver, request_id: str) -> t.Iterator[tuple[str, t.Any]]:
    for key, event in last_holding(store, "mailbox", driver.account, "rotated_for").items():
        if event["after"]["rotated_for"] == request_id:
            yield key, event
