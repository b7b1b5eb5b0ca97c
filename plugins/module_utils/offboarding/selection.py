# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who and what is offboarded: always named, never found by absence from a list (R-OFF-01, R-OFF-12)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.owners import Owned, owned_by
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import (
    identity,
    normalise_address,
    normalise_contact,
)
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record

WAYS = ("person", "addresses", "request", "domains", "whole_client")


@dataclasses.dataclass
class Selection:
    """What one client's part of an offboarding is about.

    :param how: one of `WAYS`.
    :param people: e-mail addresses of those who leave.
    :param mailboxes: addresses that are closed.
    :param roles: role accounts that they own, which need a decision each.
    :param forwards: addresses of forwards that they answer for; *catch_alls*: domains.
    :param domains: domains that are offboarded as a whole.
    """

    how: str
    people: list[str] = dataclasses.field(default_factory=list)
    mailboxes: list[str] = dataclasses.field(default_factory=list)
    roles: list[str] = dataclasses.field(default_factory=list)
    forwards: list[str] = dataclasses.field(default_factory=list)
    catch_alls: list[str] = dataclasses.field(default_factory=list)
    domains: list[str] = dataclasses.field(default_factory=list)

    def touched(self) -> set[str]:
        """Domains of all that is selected."""
        named = [*self.mailboxes, *self.roles, *self.forwards]
        return {one.rpartition("@")[2] for one in named} | set(self.catch_alls) | set(self.domains)


def way_of(params: t.Mapping[str, t.Any]) -> str:
    """:raises Refused: ``nothing_selected``, ``selection_ambiguous``."""
    ways = [way for way in WAYS if params.get(way)]
    if len(ways) == 1:
        return ways[0]
    if ways:
        raise Refused("selection_ambiguous", "Selected by %s at once." % " and ".join(ways), "Select in one way.")
    raise Refused(
        "nothing_selected",
        "Nobody and nothing is selected.",
        "Name a person, addresses, a request, domains, or whole_client. What is missing from a list is never offboarded.",
    )


def by_person(people: t.Sequence[str], rows: t.Sequence[Owned], boundary: t.Container[str] | None) -> Selection:
    """All that one person owns within the client, and the mailboxes whose address is among the person's own."""
    names = [normalise_contact(one) for one in people]
    mine = [row for row in owned_by(rows, names) if boundary is None or _domain(row.key) in boundary]
    boxes = {row.key for row in mine if row.kind == "mailbox" and not row.role_account}
    known = {row.key: row for row in rows if row.kind == "mailbox"}
    boxes |= {one for one in names if one in known and (boundary is None or _domain(one) in boundary)}
    return Selection(
        "person",
        people=names,
        mailboxes=sorted(boxes),
        roles=[row.key for row in mine if row.kind == "mailbox" and row.role_account and row.key not in boxes],
        forwards=[row.key for row in mine if row.kind == "forward"],
        catch_alls=[row.key for row in mine if row.kind == "catch_all"],
    )


def by_addresses(
    how: str, addresses: t.Sequence[str], rows: t.Sequence[Owned], boundary: t.Container[str] | None
) -> Selection:
    """Those of *addresses* that are the client's; whoever owns one of them is one of the people who leave.

    The owner of a role account is not thereby somebody who leaves.
    """
    wanted = sorted({normalise_address(one) for one in addresses})
    mine = [one for one in wanted if boundary is None or _domain(one) in boundary]
    return Selection(how, people=_people(mine, rows), mailboxes=mine)


def by_domains(
    how: str,
    domains: t.Sequence[str],
    mailboxes: t.Mapping[str, Record],
    pending: t.Iterable[str],
    boundary: t.Container[str] | None,
) -> Selection:
    """All mailboxes of whole domains, role accounts too, and the invites that wait there."""
    names = [one for one in map(normalise_hostname, domains) if boundary is None or one in boundary]
    there = {key for key, record in mailboxes.items() if record["state"] != "trashed"} | set(pending)
    return Selection(
        how, mailboxes=sorted(key for key in there if _domain(key) in names), catch_alls=names, domains=names
    )


def _people(addresses: t.Sequence[str], rows: t.Sequence[Owned]) -> list[str]:
    wanted = set(addresses)
    owners = {row.owner for row in rows if row.kind == "mailbox" and row.key in wanted and not row.role_account}
    return sorted({identity(one) for one in owners} | wanted)


def _domain(key: str) -> str:
    return key.rpartition("@")[2]
