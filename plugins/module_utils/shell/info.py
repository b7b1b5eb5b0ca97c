# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-only tasks: what the provider, and where it is silent the journal, knows."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.observe import claim, invites_from
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.known_good import verifications
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import last_holding, remember
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_address
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import ALL
from ansible_collections.mailops.email.plugins.module_utils.resources.invite import is_claimed
from ansible_collections.mailops.email.plugins.module_utils.shell import audit, freezes, offboarding, owners, request
from ansible_collections.mailops.email.plugins.module_utils.shell.access import paths_of
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_info import DNS_INFO, run_dns_info
from ansible_collections.mailops.email.plugins.module_utils.shell.result import failure_result
from ansible_collections.mailops.email.plugins.module_utils.shell.task import (
    Params,
    client_domains_of,
    driver_of,
    store_of,
)

Answer = dict[str, t.Any]


def run_info(name: str, params: Params, progress: Progress | None = None) -> Answer:
    """Result of an info module; it never changes anything, at the provider or here."""
    if name == DNS_INFO:
        return run_dns_info(params, progress)
    if name in JOURNAL_ALONE or (name == "request_info" and params["offline"]):
        try:
            return dict(JOURNAL_ALONE.get(name, request.request_info)(params, None), changed=False, requests={})
        except MailopsError as error:
            return failure_result(error)
    try:
        driver = driver_of(params, read_only=True, progress=progress)
    except MailopsError as error:
        return failure_result(error)
    try:
        answer = INFO[name](params, driver)
        answer.setdefault("changed", False)
        answer["requests"] = driver.requests()
        return answer
    except MailopsError as error:
        return failure_result(error, None, driver.requests())
    finally:
        driver.close()


@dataclasses.dataclass(frozen=True)
class _Asked:
    """Domains named by the task, else the client's, else all that the token sees; and what of the named ones is unknown."""

    known: dict[str, Record]
    domains: list[str]
    missing: list[str]


def _asked(params: Params, driver: Driver) -> _Asked:
    names = [normalise_hostname(name) for name in params.get("domains") or ()]
    known = driver.observe("domain", ())
    if not names:
        own = client_domains_of(params)
        names = sorted(name for name in known if own is None or name in own)
    unknown = [name for name in names if name not in known]
    return _Asked(known, [name for name in names if name in known], unknown)


def domain_info(params: Params, driver: Driver) -> Answer:
    asked = _asked(params, driver)
    never = {"verified": None, "verified_at": None, "last_known_good": None}
    verified = verifications(store_of(params), driver.account)
    rows = [dict(asked.known[name], state="present", **verified.get(name, never)) for name in asked.domains]
    if params.get("dns_requirements"):
        for row in rows:
            row["dns_requirements"] = driver.dns_requirements(row["name"])
    return {"domains": rows, "missing": asked.missing}


def mailbox_info(params: Params, driver: Driver) -> Answer:
    addresses = [normalise_address(one) for one in params.get("addresses") or ()]
    asked = _asked(params, driver)
    domains = sorted({one.rsplit("@", 1)[-1] for one in addresses}) or asked.domains
    records = driver.observe("mailbox", domains)
    if driver.invite_form == "recovery_link":
        claim(driver, records, _invites_of(params, driver), store_of(params))
    chosen = [records[key] for key in (addresses or sorted(records)) if key in records]
    if params.get("state"):
        chosen = [record for record in chosen if record["state"] == params["state"]]
    missing = [one for one in addresses if one not in records] or asked.missing
    return {"mailboxes": chosen, "missing": missing}


def invite_info(params: Params, driver: Driver) -> Answer:
    """Pending, redeemed and expired invites; from the journal where the provider cannot list them (R-INV-02)."""
    addresses = {normalise_address(one) for one in params.get("addresses") or ()}
    asked = _asked(params, driver)
    domains = set(asked.domains) | {one.rsplit("@", 1)[-1] for one in addresses}
    if driver.can("invite.list"):
        records = driver.observe("invite", domains)
    else:
        records = _invites_of(params, driver)
        mailboxes = driver.observe("mailbox", domains)
        claim(driver, mailboxes, records, store_of(params))
        for key, mailbox in mailboxes.items():
            if key in records and is_claimed(mailbox):
                records[key]["state"] = "redeemed"
    chosen = [
        record
        for key, record in sorted(records.items())
        if (key in addresses if addresses else key.rsplit("@", 1)[-1] in domains)
        and params.get("state") in (None, record["state"])
        and params.get("request_id") in (None, record.get("request_id"))
    ]
    source = "provider" if driver.can("invite.list") else "journal"
    return {"invites": chosen, "source": source, "missing": asked.missing}


def _invites_of(params: Params, driver: Driver) -> dict[str, Record]:
    now = datetime.datetime.now(datetime.timezone.utc)
    return invites_from(remember(store_of(params), "invite", driver.account), now)


def forward_info(params: Params, driver: Driver) -> Answer:
    """Forwards with owner, purpose and end; one without them was made by somebody else (R-PAT-10, R-PRE-03)."""
    addresses = [normalise_address(one) for one in params.get("addresses") or ()]
    asked = _asked(params, driver)
    domains = sorted({one.rsplit("@", 1)[-1] for one in addresses}) or asked.domains
    mailboxes = driver.observe("mailbox", domains)
    wanted = addresses or sorted(mailboxes) + list(domains)
    records = driver.observe("forward", wanted)
    notes = remember(store_of(params), "forward", driver.account).last
    boundary = client_domains_of(params)
    own = {name for name in asked.known if boundary is None or name in boundary}
    rows = [
        _forward_row(record, (notes.get(key) or {}).get("after") or {}, own) for key, record in sorted(records.items())
    ]
    if addresses:
        rows = [row for row in rows if row["address"] in addresses]
    return {"forwards": rows, "missing": asked.missing}


def _forward_row(record: Record, note: Record, own: t.Collection[str]) -> Record:
    governance = {name: note.get(name) for name in ("owner", "purpose", "expires_at")}
    # Where the provider ends it by itself, its word goes first.
    governance["expires_at"] = record.get("expires_at") or governance["expires_at"]
    external = [one for one in record["targets"] if one.rsplit("@", 1)[-1] not in own]
    return dict(record, **governance, managed=all(governance.values()), external_targets=external)


def mailbox_access_info(params: Params, driver: Driver) -> Answer:
    addresses = [normalise_address(one) for one in params.get("addresses") or ()]
    asked = _asked(params, driver)
    domains = sorted({one.rsplit("@", 1)[-1] for one in addresses}) or asked.domains
    mailboxes = driver.observe("mailbox", domains)
    there = [key for key, record in sorted(mailboxes.items()) if record["state"] in ("present", "suspended")]
    chosen = [one for one in dict.fromkeys(addresses) if one in there] if addresses else there
    found = paths_of(params.get("kinds") or ALL, chosen, mailboxes, driver)
    return {**found, "missing": [one for one in addresses if one not in there] or asked.missing}


def account_info(params: Params, driver: Driver) -> Answer:
    account = dict(driver.observe("account", ())["account"])
    return {
        "account": account,
        "provider": driver.name,
        "capabilities": sorted(driver.all_capabilities),
        "workarounds": dict(driver.workarounds),
    }


def expiry_info(params: Params, driver: Driver) -> Answer:
    """What was allowed for a time and is over: forwards, catch-alls, temporary passwords, invites (R-CREATE-07).

    The lists are items for the modules that end them.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    domains = set(_asked(params, driver).domains)

    def over(kind: str, field: str, end: t.Callable[[t.Any], str]) -> dict[str, t.Any]:
        events = last_holding(store_of(params), kind, driver.account, field)
        return {
            key: event
            for key, event in sorted(events.items())
            if key.rsplit("@", 1)[-1] in domains and end(event) and parse_time(end(event)) <= now
        }

    passwords = over("mailbox", "credential", _end_of_password)
    invites = invites_from(remember(store_of(params), "invite", driver.account), now)
    return {
        "forwards": [{"address": key, "state": "absent"} for key in over("forward", "expires_at", _end_of_governed)],
        "catch_alls": [{"domain": key, "state": "absent"} for key in over("catch_all", "expires_at", _end_of_governed)],
        "mailboxes": [
            {
                "address": key,
                "state": "suspended",
                "reason": "temporary password of %s expired %s" % (event["request_id"], _end_of_password(event)),
            }
            for key, event in passwords.items()
        ],
        "invites": [
            record
            for key, record in sorted(invites.items())
            if record["state"] == "expired" and key.rsplit("@", 1)[-1] in domains
        ],
    }


def _end_of_governed(event: t.Any) -> str:
    return str(event["after"]["expires_at"] or "")


def _end_of_password(event: t.Any) -> str:
    if event["after"]["credential"] != "temporary":
        return ""
    return str(event.get("exception", {}).get("expires_at", ""))


# These ask nobody but the journal, and need no token.
JOURNAL_ALONE: dict[str, t.Callable[[Params, t.Optional[Driver]], Answer]] = {
    "audit_info": audit.audit_info,
    "freeze_info": freezes.freeze_info,
    "owner_info": owners.owner_info,
}

INFO: dict[str, t.Callable[[Params, Driver], Answer]] = {
    **JOURNAL_ALONE,
    "domain_info": domain_info,
    "mailbox_info": mailbox_info,
    "invite_info": invite_info,
    "forward_info": forward_info,
    "mailbox_access_info": mailbox_access_info,
    "account_info": account_info,
    "expiry_info": expiry_info,
    "offboarding_info": offboarding.offboarding_info,
    "request_info": request.request_info,
}

# All info modules; the last makes its own driver, as it can do without one.
INFO_MODULES = frozenset((*INFO, DNS_INFO))
