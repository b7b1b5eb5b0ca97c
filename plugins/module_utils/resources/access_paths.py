# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to the mail of an identity: which kinds there are, and a row for each path that was found (R-OFF-03, R-OFF-08, R-IRB-D1 to D5)."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record

Records = t.Mapping[str, t.Mapping[str, Record]]
Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of access path.

    :param listed: capability that shows it; empty where the driver's listing of this kind is always there.
    :param ended: capability that closes it; empty for what is another object's own affair and is only told of.
    :param action: past-tense name for the journal.
    """

    listed: str
    ended: str
    action: str = ""

    @property
    def verb(self) -> str:
        return self.ended.partition(".")[2]


# What only lets people in; closing it takes nothing from the owner of the mail.
LETS_IN = ("session", "app_password", "token", "delegate", "device", "rule")
# Of these a rollback restores what was; the others are secrets, which nobody has any more.
GIVEN_BACK = ("delegate", "rule")
# Addresses and their mail: whether these end is a decision.
DECIDED = ("forward", "alias")
# What belongs to others and is only told of: who may change a whole domain, and through what mail comes to the mailbox.
OF_OTHERS = ("administrator", "catch_all", "inbound_forward")
REVOCABLE = LETS_IN + DECIDED
ALL = REVOCABLE + OF_OTHERS

KINDS: dict[str, Kind] = {
    "session": Kind("session.list", "session.revoke", "session.revoked"),
    "app_password": Kind("app_password.list", "app_password.revoke", "app_password.revoked"),
    "token": Kind("token.list", "token.revoke", "token.revoked"),
    "delegate": Kind("delegate.list", "delegate.revoke", "delegate.revoked"),
    "device": Kind("device.list", "device.revoke", "device.revoked"),
    "rule": Kind("rule.list", "rule.delete", "rule.deleted"),
    "forward": Kind("", "forward.mailbox", "forward.deleted"),
    "alias": Kind("", "alias.delete", "alias.deleted"),
    "administrator": Kind("administrator.set", ""),
    "catch_all": Kind("", ""),
    "inbound_forward": Kind("", ""),
}
# Of no mailbox, but a way in all the same: told of for people wherever the provider has it.
BESIDE = {"token": ("api_token.list",), "rule": ("script.list",)}


def observed(kinds: t.Collection[str], addresses: t.Collection[str], driver: Driver) -> dict[str, set[str]]:
    """Kinds to be read for *addresses*, each with its scope: only what was asked for, and what the driver can show."""
    domains = {address.rpartition("@")[2] for address in addresses}
    scope: dict[str, set[str]] = {}
    for kind in ALL:
        listed = KINDS[kind].listed
        if kind in kinds and kind != "inbound_forward" and (not listed or driver.can(listed)):
            scope[kind] = domains if kind in ("administrator", "catch_all") else set(addresses)
    return scope


def mine(kind: str, address: str, records: Records) -> dict[str, Record]:
    """Records of one kind that are a way to the mail of *address*, by key.

    A delegate is one in both directions: who may read this mailbox, and which others this identity may read.
    """
    found = records.get(kind, {})
    # By the keys, which say it all: this is asked of each of a thousand mailboxes, over the paths of all.
    below = "%s/%s/" % (address, kind)
    if kind == "delegate":
        reads = "/delegate/" + address
        return {key: found[key] for key in sorted(key for key in found if key.startswith(below) or key.endswith(reads))}
    if kind in ("session", "forward"):
        return {address: found[address]} if address in found else {}
    if kind == "alias":
        return {key: one for key, one in sorted(found.items()) if one["mailbox"] == address}
    if kind == "administrator":
        return {key: one for key, one in sorted(found.items()) if address in one["administrators"]}
    if kind == "catch_all":
        return {
            key: one
            for key, one in sorted(found.items())
            if one.get("enabled") and address in _addresses(one.get("destination"))
        }
    if kind == "inbound_forward":
        forwards = records.get("forward", {})
        return {key: one for key, one in sorted(forwards.items()) if key != address and address in one["targets"]}
    return {key: found[key] for key in sorted(key for key in found if key.startswith(below))}


def _addresses(destination: t.Any) -> list[str]:
    return [part.strip() for part in str(destination or "").split(",")]


# What a journal keeps of a path: of what can be given back just that, of the rest what tells it from others.
_STATES = {"delegate": ("member", "can_send"), "rule": ("name", "enabled", "targets", "definition")}
_PASSING = frozenset(("id", "key", "mailbox", "last_used_at", "last_used_by", "by_hand"))


def path_state(kind: str, record: Record) -> Record:
    """What goes into the journal of a path, in the form in which it comes back."""
    if kind == "session":
        return {"state": record["state"]}
    if kind in _STATES:
        return {name: record[name] for name in _STATES[kind] if name in record}
    return {name: value for name, value in record.items() if name not in _PASSING}


def row_of(kind: str, address: str, key: str, record: Record, driver: Driver) -> Row:
    """One path as it is told: what it is, since when, when it was last used, and who has to close it."""
    told = _NEXT[kind] if kind in OF_OTHERS else ""
    ended = KINDS[kind].ended
    if kind not in OF_OTHERS and (record.get("by_hand") or not driver.can(ended)):
        told = record.get("by_hand") or sentence(driver, ended)
    return {
        "address": address,
        "kind": kind,
        "key": key,
        "name": record.get("name"),
        "detail": _detail(kind, address, record),
        "others": _others(kind, address, key, record),
        "since": record.get("created_at"),
        "last_used": record.get("last_used_at"),
        "by": "human" if told else "api",
        "next": told,
    }


_NEXT = {
    "administrator": "It may change this domain and all that is in it: mailops.email.domain with former_administrators.",
    "catch_all": "Unknown mail of this domain ends here. Decide whether it goes on: mailops.email.catch_all.",
    "inbound_forward": "Mail of this address ends here. Ask its owner, or end it: mailops.email.forward.",
}


def _detail(kind: str, address: str, record: Record) -> str:
    if kind == "session":
        return ", ".join(record["services"])
    if kind == "token":
        return " ".join([record.get("prefix") or "", *record.get("scopes", ())]).strip()
    if kind == "delegate":
        what = "reads and sends" if record.get("can_send") else "reads"
        return "%s %s" % (record["member"], what) if address == record["mailbox"] else what + " there"
    if kind == "rule":
        return "redirects" if record.get("enabled", True) else "redirects, switched off"
    if kind == "forward":
        return "keeps a copy" if record.get("keep_copy") else "keeps no copy"
    if kind == "alias":
        flags = [word for word, name in (("receives", "can_receive"), ("sends", "can_send")) if record.get(name)]
        return ", ".join(flags if record.get("enabled") is not False else [*flags, "switched off"])
    return str(record.get("last_used_by") or "")


def _others(kind: str, address: str, key: str, record: Record) -> list[str]:
    """Who else has to do with it."""
    if kind == "delegate":
        return [record["member"] if address == record["mailbox"] else record["mailbox"]]
    if kind in ("rule", "forward"):
        return list(record.get("targets") or ())
    return [key] if kind in ("alias", *OF_OTHERS) else []


def left_to_people(
    kinds: t.Collection[str], addresses: t.Sequence[str], mailboxes: t.Mapping[str, Record], driver: Driver
) -> list[Row]:
    """Kinds that the provider shows to nobody who asks by API, with what a person does about each: never silently left out."""
    rows: list[Row] = []
    for kind in ALL:
        if kind not in kinds or kind in driver.no_such_paths:
            continue
        listed = KINDS[kind].listed
        concerned = list(addresses)
        if kind in driver.unseen:
            rows.append(_work(kind, concerned, driver.unseen[kind]))
        elif listed and not driver.can(listed):
            if kind == "session" and driver.suspend_ends_sessions:
                concerned = [one for one in addresses if not mailboxes.get(one, {}).get("suspended")]
            if concerned:
                rows.append(_work(kind, concerned, sentence(driver, listed)))
        for word in BESIDE.get(kind, ()):
            if word in driver.workarounds:
                rows.append(_work(kind, list(addresses), driver.workarounds[word]))
    return rows


def _work(kind: str, addresses: list[str], told: str) -> Row:
    return {"kind": kind, "addresses": addresses, "next": told}


def sentence(driver: Driver, capability: str) -> str:
    """What a person does where the driver cannot."""
    return driver.workarounds.get(
        capability, "The provider %s has no %s by API: look in its control panel." % (driver.name, capability)
    )
