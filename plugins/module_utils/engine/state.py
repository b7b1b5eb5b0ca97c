# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a provider holds of a domain, in normal form: what a snapshot keeps for taking a batch back."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record

# What changes by itself, or is another number when the object is made again.
_VOLATILE = frozenset(("id", "used_mb", "last_login", "created_at"))


def observed_state(driver: Driver, domains: t.Collection[str]) -> dict[str, dict[str, t.Any]]:
    """By domain: ``domain``, ``mailboxes``, ``aliases``, ``forwards``, ``catch_all``; lists are sorted by address.

    Mailboxes in a recycle bin are no part of it. An alias belongs to the domain of its address and to that of its mailbox.

    :raises ProviderError: when a listing cannot be had.
    """
    known = driver.observe("domain", ())
    mailboxes = {
        key: record for key, record in driver.observe("mailbox", set(domains)).items() if record["state"] != "trashed"
    }
    everywhere = sorted(mailboxes) + sorted(domains)
    aliases = driver.observe("alias", everywhere)
    forwards = driver.observe("forward", everywhere)
    catch_alls = driver.observe("catch_all", set(domains))
    return {
        domain: {
            "domain": _lasting(known.get(domain, {})),
            "mailboxes": _of(domain, mailboxes),
            "aliases": _of(domain, aliases),
            "forwards": _of(domain, forwards),
            "catch_all": _lasting(catch_alls.get(domain, {})),
        }
        for domain in domains
    }


def _of(domain: str, records: t.Mapping[str, Record]) -> list[Record]:
    return [
        _lasting(record)
        for key, record in sorted(records.items())
        if domain in (_domain(key), _domain(str(record.get("mailbox") or key)))
    ]


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _lasting(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in _VOLATILE}
