# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modoboa's answers in normal form, and its errors by their kind.

It answers 400 to nearly everything that it does not do; only the texts of the fields tell one cause from another.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer, Told, moment

# A pattern in the text -> our code, and what to do next. The first that fits wins.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"already exists|already used",
        "already_exists",
        "Something that this run could not see holds the name; look for it in Modoboa, or choose another.",
    ),
    (r"quota exceeded", "storage_pool_exceeded", "Lower quota_mb, or raise the domain's quota, then run again."),
    (r"quota is required", "quota_required", "The domain has a quota, so each mailbox needs one: set quota_mb."),
    (
        r"limit|not allowed to create|allowed to add",
        "plan_limit_reached",
        "Raise the limit of the domain or the reseller in Modoboa, then run again; what is done stays done.",
    ),
    (r"DKIM keys storage", "dkim_not_configured", "Set the folder for DKIM keys in Modoboa's parameters (admin)."),
    (r"Target domain not allowed", "target_not_allowed", "Modoboa's parameters forbid targets in this domain."),
    (r"Local recipient .* not found", "recipient_missing", "Create the recipient first, or correct its name."),
    (r"No Domain matches|Domain not found", "not_found", "Add the domain with mailops.email.domain first."),
    (r"\bpassword\b", "password_refused", "Modoboa's password rules refuse what was made; relax its length limits."),
)
_WAIT = re.compile(r"available in (\d{1,6}) second")


def describe(answer: Answer) -> Told | None:
    """Code, text and hint of an error, None when it is in no form that is known."""
    text = _text_of(answer.body)
    if not text:
        return None
    if answer.status == 429:
        wait = _WAIT.search(text)
        if wait and answer.retry_after is None:
            answer.retry_after = float(wait.group(1))
        return "", answer.clean(text, 300), ""
    if answer.status in (400, 404, 409):
        for pattern, code, hint in _CAUSES:
            if re.search(pattern, text, re.IGNORECASE):
                return code, answer.clean(text, 300), hint
    return "", answer.clean(text, 300), ""


def _text_of(body: t.Any, name: str = "", depth: int = 0) -> str:
    """The texts of nested lists and objects, each after the name of its field."""
    if isinstance(body, str):
        return "%s: %s" % (name, body) if name and name != "detail" else body
    if isinstance(body, list) and depth < 5:
        return "; ".join(filter(None, (_text_of(one, name, depth + 1) for one in body[:20])))
    if isinstance(body, dict) and depth < 5:
        parts = (_text_of(body[key], str(key), depth + 1) for key in sorted(body, key=str)[:20])
        return "; ".join(filter(None, parts))
    return ""


def text(value: t.Any) -> str:
    """Text fit for a journal line: a lone surrogate has no UTF-8."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def number(value: t.Any) -> int | None:
    """Quotas go in as numbers and come back as text."""
    found = re.match(r"\d{1,15}\Z", str(value))
    return int(found.group()) if found else None


def domain_record(row: dict[str, t.Any]) -> Record:
    return {
        "name": text(row.get("name")).lower(),
        "id": number(row.get("pk")),
        "status": "active" if row.get("enabled") is True else "disabled",
        "mail_hosting": "external" if row.get("type") == "relaydomain" else "provider",
        "note": None,
    }


def mailbox_record(row: dict[str, t.Any]) -> Record:
    """An account. One without a mailbox is what the deletion of its domain has left behind."""
    box = row.get("mailbox") if isinstance(row.get("mailbox"), dict) else None
    active = row.get("is_active") is True
    quota = number(box.get("quota")) if box and not box.get("use_domain_quota") else None
    names = [text(row.get(name)).strip() for name in ("first_name", "last_name")]
    aliases: t.Any = row.get("aliases") or []
    return {
        "address": text(row.get("username")).lower(),
        "id": number(row.get("pk")),
        "state": "orphaned" if box is None else "present" if active else "suspended",
        "suspended": "" if active else "all",
        "display_name": " ".join(filter(None, names)) or None,
        "note": None,
        "quota_mb": quota or None,
        "used_mb": None,
        "type": "regular",
        "recovery_address": text(row.get("secondary_email")).lower() or None,
        "created_at": moment(row.get("date_joined")),
        "last_login": moment(row.get("last_login")),
        "alias_addresses": sorted(text(one).lower() for one in aliases if isinstance(one, str))
        if isinstance(aliases, list)
        else [],
    }


def split_name(display_name: str) -> dict[str, str]:
    first, dummy, last = display_name.strip().rpartition(" ")
    return {"first_name": first or last, "last_name": last if first else ""}


def recipients_of(row: dict[str, t.Any]) -> list[str]:
    found: t.Any = row.get("recipients")
    if not isinstance(found, list):
        return []
    return sorted(text(one).lower() for one in found if isinstance(one, str))
