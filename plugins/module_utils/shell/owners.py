# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns this, and what does this person own: asked of the journal alone (R-OWN-10, R-NUM-06)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.owners import Owned, owned_by, owners
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_address, normalise_contact
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import Boundary
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.shell.task import Params, store_of

_LISTS = {"mailbox": "mailboxes", "forward": "forwards", "catch_all": "catch_alls"}


def owner_info(params: Params, driver: t.Optional[Driver] = None) -> dict[str, t.Any]:
    """Result of ``owner_info``.

    :param driver: not asked; here because other tasks that only read have one.
    :raises Refused: ``nothing_asked``, or what is wrong with an address or a domain.
    """
    people = [normalise_contact(one) for one in params.get("owners") or ()]
    addresses = {normalise_address(one) for one in params.get("addresses") or ()}
    domains = Boundary(params.get("domains") or ())
    if not (people or addresses or params.get("domains")):
        raise Refused("nothing_asked", "Nobody and nothing is named.", "Set owners, addresses or domains.")
    rows = owners(store_of(params))
    if people:
        rows = owned_by(rows, people)
    if addresses:
        rows = [row for row in rows if row.key in addresses]
    if params.get("domains"):
        rows = [row for row in rows if row.key.rsplit("@", 1)[-1] in domains]
    found = {row.key for row in rows}
    lists = {name: [told(row) for row in rows if row.kind == kind] for kind, name in _LISTS.items()}
    return {"changed": False, **lists, "missing": sorted(addresses - found)}


def told(row: Owned) -> dict[str, t.Any]:
    """One object with its owner, in the words of the module that changes it."""
    name = "domain" if row.kind == "catch_all" else "address"
    out: dict[str, t.Any] = {name: row.key, "owner": row.owner, "state": row.state}
    if row.kind == "mailbox":
        out["role_account"] = row.role_account
    told_of = ("client", "provider", "since", "request_id", "by")
    return {**out, **{field: getattr(row, field) for field in told_of}, **row.contacts}
