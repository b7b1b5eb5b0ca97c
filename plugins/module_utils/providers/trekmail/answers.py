# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail's answers in normal form.

The wrapping is not uniform, many field names are known from fixtures only, and status words beyond ``active`` and
``trashed`` are not documented (its API document, sections 3 and 10): each reader takes every spelling that is known.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record

_PAUSED = frozenset(("paused",))
_LOGIN_OFF = frozenset(("login_suspended", "suspended"))
_PENDING = frozenset(("setup_pending", "pending_setup", "pending", "invited"))
_TRASHED = frozenset(("trashed", "deleting", "deleted"))


def unwrap(body: t.Any) -> t.Any:
    """The object inside ``data``, or the bare object."""
    if isinstance(body, dict) and isinstance(body.get("data"), dict):
        return body["data"]
    return body


def rows(body: t.Any, *names: str) -> list[dict[str, t.Any]]:
    """The list in ``data`` or under one of *names*; an answer without any is an empty list."""
    if isinstance(body, list):
        return [row for row in body if isinstance(row, dict)]
    if isinstance(body, dict):
        for name in ("data", *names):
            if isinstance(body.get(name), list):
                return [row for row in body[name] if isinstance(row, dict)]
    return []


def last_page(body: t.Any) -> int | None:
    """Number of pages, None when the answer does not tell."""
    meta = body.get("meta") if isinstance(body, dict) else None
    value = meta.get("last_page") if isinstance(meta, dict) else None
    return value if isinstance(value, int) else None


def domain_record(row: dict[str, t.Any]) -> Record:
    return {
        "name": str(row.get("name") or row.get("domain") or "").lower(),
        "id": row.get("id"),
        "status": row.get("status") or "unknown",
        "mail_hosting": row.get("mail_hosting") or "trekmail",
        "note": row.get("note"),
    }


def mailbox_record(row: dict[str, t.Any]) -> Record:
    status = str(row.get("status") or "active")
    login_off = bool(row.get("login_suspended") or row.get("login_suspended_at"))
    state, suspended = "present", ""
    if status in _TRASHED:
        state, suspended = "trashed", "login" if login_off else ""
    elif status in _PENDING:
        state = "pending"
    elif status in _PAUSED:
        state, suspended = "suspended", "all"
    elif login_off or status in _LOGIN_OFF:
        state, suspended = "suspended", "login"
    pooled = row.get("is_pooled", row.get("is_pooled_storage"))
    quota = row.get("allocation_mb", row.get("storage_allocation_mb"))
    return {
        "address": str(row.get("email") or "").lower(),
        "id": row.get("id"),
        "state": state,
        "suspended": suspended,
        "display_name": row.get("display_name"),
        "note": row.get("note"),
        "quota_mb": None if pooled else quota,
        "used_mb": row.get("used_mb"),
        "type": row.get("type") or "regular",
    }


def alias_record(row: dict[str, t.Any], mailbox: str, domains: t.Mapping[int, str]) -> Record:
    address = row.get("email") or row.get("address")
    if not address:
        address = "%s@%s" % (row.get("local_part"), domains.get(row.get("domain_id", 0), row.get("domain")))
    return {
        "address": str(address).lower(),
        "id": row.get("id"),
        "mailbox": mailbox,
        "can_receive": bool(row.get("can_receive", True)),
        "can_send": bool(row.get("can_send", False)),
    }


def mailbox_forward_record(body: dict[str, t.Any], address: str) -> Record | None:
    """A mailbox's forwarding, None when it is off."""
    if not body.get("enabled"):
        return None
    return {
        "address": address,
        "state": "present",
        "via": "mailbox",
        "targets": sorted(str(one).lower() for one in body.get("targets") or ()),
        "keep_copy": bool(body.get("keep_copy", True)),
    }


def address_forward_record(row: dict[str, t.Any], domain: str) -> Record:
    address = row.get("email") or row.get("address") or "%s@%s" % (row.get("local_part"), domain)
    return {
        "address": str(address).lower(),
        "id": row.get("id"),
        # A paused address bounces; it still holds the name and its targets.
        "state": "present" if row.get("is_active", True) else "paused",
        "via": "address",
        "targets": sorted(str(one).lower() for one in row.get("recipients") or ()),
    }


def catch_all_record(body: dict[str, t.Any], domain: str) -> Record:
    nested = body.get("catch_all")
    source = nested if isinstance(nested, dict) else {}
    enabled = source.get("enabled", body.get("catch_all_enabled"))
    destination = source.get("destination", body.get("catch_all_destination"))
    return {
        "domain": domain,
        "enabled": bool(enabled),
        "destination": str(destination).lower() if destination else None,
    }


def account_record(body: dict[str, t.Any]) -> Record:
    """Plan, limits and usage; a number that the answer does not hold is None, never a guess."""
    limits = body.get("limits") if isinstance(body.get("limits"), dict) else {}
    usage = body.get("usage") if isinstance(body.get("usage"), dict) else {}
    plan = body.get("plan")
    if isinstance(plan, dict):
        plan = plan.get("name") or plan.get("code")
    return {
        "plan": str(plan or "unknown"),
        "limits": {
            "domains": _number(limits, "domains", "max_domains"),
            "mailboxes_per_domain": _number(limits, "mailboxes_per_domain", "max_mailboxes_per_domain"),
            "storage_mb": _number(limits, "storage_mb", "pool_mb", "storage_pool_mb"),
        },
        "usage": {
            "domains": _number(usage, "domains", "domains_count"),
            "mailboxes": _number(usage, "mailboxes", "mailboxes_count"),
            "storage_mb": _number(usage, "storage_mb", "used_mb", "storage_used_mb"),
            "allocated_mb": _number(usage, "allocated_mb", "dedicated_mb", "storage_allocated_mb"),
        },
    }


def _number(source: t.Any, *names: str) -> int | None:
    for name in names:
        value = source.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value)
    return None
