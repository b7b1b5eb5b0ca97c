# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail's answers in normal form.

The wrapping is not uniform, many field names are known from fixtures only, and status words beyond ``active`` and
``trashed`` are not documented (its API document, sections 3 and 10): each reader takes every spelling that is known.
"""

from __future__ import annotations

import math
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


def listing(body: t.Any, *names: str) -> list[dict[str, t.Any]] | None:
    """The list of objects in ``data`` or under one of *names*; None when the answer holds none."""
    found = body
    if isinstance(body, dict):
        found = next((body[name] for name in ("data", *names) if isinstance(body.get(name), list)), None)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        return None
    return found


def rows(body: t.Any, *names: str) -> list[dict[str, t.Any]]:
    """The same where an answer without a list says nothing."""
    return listing(body, *names) or []


def last_page(body: t.Any) -> int | None:
    """Number of pages, None when the answer does not tell."""
    meta = body.get("meta") if isinstance(body, dict) else None
    value = meta.get("last_page") if isinstance(meta, dict) else None
    return value if isinstance(value, int) else None


def identity(value: t.Any) -> int | None:
    """An id: a positive integer everywhere (section 1)."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _text(value: t.Any) -> str | None:
    """Text as it is, but fit for a journal line: a lone surrogate has no UTF-8."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else None


def _texts(value: t.Any) -> list[str]:
    found = value if isinstance(value, list) else []
    return sorted((_text(one) or "").lower() for one in found if isinstance(one, str))


def domain_record(row: dict[str, t.Any]) -> Record:
    return {
        "name": (_text(row.get("name")) or _text(row.get("domain")) or "").lower(),
        "id": identity(row.get("id")),
        "status": _text(row.get("status")) or "unknown",
        "mail_hosting": "external" if row.get("mail_hosting") == "external" else "provider",
        "note": _text(row.get("note")),
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
    return {
        "address": (_text(row.get("email")) or "").lower(),
        "id": identity(row.get("id")),
        "state": state,
        "suspended": suspended,
        "display_name": _text(row.get("display_name")),
        "note": _text(row.get("note")),
        "quota_mb": None if pooled else _number(row, "allocation_mb", "storage_allocation_mb"),
        "used_mb": _number(row, "used_mb"),
        "type": _text(row.get("type")) or "regular",
    }


def alias_record(row: dict[str, t.Any], mailbox: str, domains: t.Mapping[int, str]) -> Record:
    address = _text(row.get("email")) or _text(row.get("address"))
    if not address:
        domain = domains.get(identity(row.get("domain_id")) or 0) or _text(row.get("domain"))
        address = "%s@%s" % (_text(row.get("local_part")), domain)
    return {
        "address": address.lower(),
        "id": identity(row.get("id")),
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
        "targets": _texts(body.get("targets")),
        "keep_copy": bool(body.get("keep_copy", True)),
    }


def address_forward_record(row: dict[str, t.Any], domain: str) -> Record:
    address = _text(row.get("email")) or _text(row.get("address")) or "%s@%s" % (_text(row.get("local_part")), domain)
    return {
        "address": address.lower(),
        "id": identity(row.get("id")),
        # A paused address bounces; it still holds the name and its targets.
        "state": "present" if row.get("is_active", True) else "paused",
        "via": "address",
        "targets": _texts(row.get("recipients")),
    }


def catch_all_record(body: dict[str, t.Any], domain: str) -> Record:
    nested = body.get("catch_all")
    source = nested if isinstance(nested, dict) else {}
    enabled = source.get("enabled", body.get("catch_all_enabled"))
    destination = source.get("destination", body.get("catch_all_destination"))
    return {
        "domain": domain,
        "enabled": bool(enabled),
        "destination": (_text(destination) or "").lower() or None,
    }


def account_record(body: dict[str, t.Any]) -> Record:
    """Plan, limits and usage; a number that the answer does not hold is None, never a guess."""
    limits = body.get("limits") if isinstance(body.get("limits"), dict) else {}
    usage = body.get("usage") if isinstance(body.get("usage"), dict) else {}
    plan = body.get("plan")
    if isinstance(plan, dict):
        plan = plan.get("name") or plan.get("code")
    return {
        "plan": _text(plan) or "unknown",
        "unlimited": False,
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
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return int(value)
    return None
