# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ways to the mail of identities there are, as far as the provider shows them (R-OFF-08, R-IRB-D1 to D5)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources import access_paths


def paths_of(
    kinds: t.Collection[str], addresses: t.Sequence[str], mailboxes: t.Mapping[str, Record], driver: Driver
) -> dict[str, list[Record]]:
    """``paths`` by address and kind, and ``left_to_people`` by kind.

    :param addresses: those that have a mailbox.
    :param mailboxes: all of their domains, from where mail may be sent on to them.
    :raises ProviderError:
    """
    scope = access_paths.observed(kinds, addresses, driver)
    if "inbound_forward" in kinds:
        domains = {address.rpartition("@")[2] for address in addresses}
        senders = {key for key, record in mailboxes.items() if record["state"] in ("present", "suspended")}
        scope["forward"] = senders | domains
    records = {kind: driver.port(kind).observe(kind, keys) for kind, keys in scope.items() if keys}
    rows = [
        access_paths.row_of(kind, address, key, record, driver)
        for address in addresses
        for kind in access_paths.ALL
        if kind in kinds
        for key, record in access_paths.mine(kind, address, records).items()
    ]
    left = access_paths.left_to_people(kinds, addresses, mailboxes, driver) if addresses else []
    return {"paths": rows, "left_to_people": left}
