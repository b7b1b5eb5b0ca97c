# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Administrators of a domain: an account, its role, and the domains that it may touch."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.listings import Listings

# Modoboa's words. Who has more than the second already is left as they are.
_PERSON, _ADMINISTRATOR = "SimpleUsers", "DomainAdmins"


def _sets(operation: Operation) -> tuple[set[str], set[str]]:
    before, after = ((state or {}).get("administrators") or () for state in (operation.before, operation.after))
    return set(before), set(after)


def domains_of(operation: Operation) -> set[str]:
    """Domains of the accounts that come or go."""
    before, after = _sets(operation)
    return {address.rpartition("@")[2] for address in before ^ after}


def change(operation: Operation, http: HttpClient, read: Listings, id_of: t.Callable[[str, str], int]) -> Result:
    """Bring the administrators of one domain to what is wanted.

    Only an account of the administrators' role can make use of a domain; that role goes with the last one.

    :raises ProviderError: an account is not there, or the provider refuses.
    """
    before, after = _sets(operation)
    domain = id_of("domain", operation.key)
    listed = read.administrators(domain)
    for address in sorted(after - before):
        identity = id_of("mailbox", address)
        if _account(http, identity).get("role") == _PERSON:
            http.call("PATCH", "/accounts/%d/" % identity, json={"role": _ADMINISTRATOR}, repeatable=True)
        http.call("POST", "/domains/%d/administrators/add/" % domain, json={"account": identity}, repeatable=True)
    for address in sorted(before - after):
        identity = listed.get(address) or id_of("mailbox", address)
        http.call("POST", "/domains/%d/administrators/remove/" % domain, json={"account": identity}, repeatable=True)
        account = _account(http, identity)
        if account.get("role") == _ADMINISTRATOR and not account.get("domains"):
            http.call("PATCH", "/accounts/%d/" % identity, json={"role": _PERSON}, repeatable=True)
    return Result(operation, "applied", dict(operation.after or {}), http={"status": 200})


def _account(http: HttpClient, identity: int) -> dict[str, t.Any]:
    body = http.get("/accounts/%d/" % identity).body
    return body if isinstance(body, dict) else {}
