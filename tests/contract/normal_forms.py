# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What normal form is: exact fields and types by kind. The table in docs/providers.md is compared with this one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TEXT, NUMBER, FLAG, TEXTS = "text", "number", "yes or no", "sorted texts"
OBJECT = "object"
OR_NONE = ", or null"
# Of every access path.
_PATH = {"key": TEXT, "mailbox": TEXT, "id": NUMBER + OR_NONE, "created_at": "time" + OR_NONE}

# kind -> (the field that is the natural key, fields that are always there, fields that may be there)
FORMS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "domain": (
        "name",
        {
            "name": TEXT,
            "id": NUMBER + OR_NONE,
            "status": TEXT,
            "mail_hosting": "provider or external",
            "note": TEXT + OR_NONE,
        },
        {},
    ),
    "mailbox": (
        "address",
        {
            "address": TEXT,
            "id": NUMBER + OR_NONE,
            "state": "present, pending, suspended, trashed or orphaned",
            "suspended": "empty, login or all",
            "display_name": TEXT + OR_NONE,
            "note": TEXT + OR_NONE,
            "quota_mb": NUMBER + OR_NONE,
            "used_mb": NUMBER + OR_NONE,
            "type": TEXT,
        },
        {
            "recovery_address": TEXT + OR_NONE,
            "created_at": "time" + OR_NONE,
            "last_login": "time" + OR_NONE,
            "alias_addresses": TEXTS,
        },
    ),
    "alias": (
        "address",
        {"address": TEXT, "mailbox": TEXT, "can_receive": FLAG, "can_send": FLAG},
        {"id": NUMBER + OR_NONE, "enabled": FLAG},
    ),
    "forward": (
        "address",
        {"address": TEXT, "state": "present or paused", "via": "mailbox or address", "targets": TEXTS},
        {"id": NUMBER + OR_NONE, "keep_copy": FLAG, "expires_at": "time" + OR_NONE},
    ),
    "catch_all": (
        "domain",
        {"domain": TEXT, "enabled": FLAG, "destination": TEXT + OR_NONE},
        {"id": NUMBER + OR_NONE, "expires_at": "time" + OR_NONE},
    ),
    "administrator": ("domain", {"domain": TEXT, "administrators": TEXTS}, {}),
    "app_password": (
        "key",
        {**_PATH, "name": TEXT + OR_NONE, "last_used_at": "time" + OR_NONE, "last_used_by": TEXT + OR_NONE},
        {},
    ),
    "token": (
        "key",
        {
            **_PATH,
            "name": TEXT + OR_NONE,
            "last_used_at": "time" + OR_NONE,
            "prefix": TEXT + OR_NONE,
            "scopes": TEXTS,
            "expires_at": "time" + OR_NONE,
        },
        {},
    ),
    "device": ("key", {**_PATH, "name": TEXT + OR_NONE, "last_used_at": "time" + OR_NONE}, {}),
    "delegate": ("key", {**_PATH, "member": TEXT, "can_send": FLAG}, {}),
    "rule": (
        "key",
        {**_PATH, "name": TEXT + OR_NONE, "enabled": FLAG, "targets": TEXTS},
        {"definition": OBJECT, "by_hand": TEXT},
    ),
    "session": ("address", {"address": TEXT, "state": "open", "services": TEXTS}, {}),
}
ACCOUNT: dict[str, str | tuple[str, ...]] = {
    "plan": TEXT,
    "unlimited": FLAG,
    "limits": ("domains", "mailboxes_per_domain", "storage_mb"),
    "usage": ("allocated_mb", "domains", "mailboxes", "storage_mb"),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


def fits(value: Any, form: str) -> bool:
    """Whether a value is of the form that the table names."""
    if form.endswith(OR_NONE):
        return value is None or fits(value, form.removesuffix(OR_NONE))
    if form == NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if form == FLAG:
        return isinstance(value, bool)
    if form == TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value) and value == sorted(value)
    if form == "time":
        return isinstance(value, str) and bool(_TIME.match(value))
    if form == OBJECT:
        return isinstance(value, dict)
    if form == TEXT:
        return isinstance(value, str) and bool(value)
    words = ["" if one == "empty" else one for one in re.split(r", | or ", form)]
    return value in words


def wrong(kind: str, key: str, record: Mapping[str, Any]) -> list[str]:
    """What in a record is not in normal form."""
    name, always, sometimes = FORMS[kind]
    found = ["%s is missing" % field for field in always if field not in record]
    found += ["%s is unknown" % field for field in record if field not in always and field not in sometimes]
    forms = {**always, **sometimes}
    found += [
        "%s is %r, not %s" % (field, value, forms[field])
        for field, value in record.items()
        if field in forms and not fits(value, forms[field])
    ]
    if key != key.lower() or record.get(name) != key:
        found.append("%r is listed under %r" % (record.get(name), key))
    if kind == "mailbox" and record.get("state") in ("present", "suspended"):
        if (record["state"] == "suspended") != bool(record.get("suspended")):
            found.append("state and suspended differ")
    if kind == "forward" and (record.get("via") == "mailbox") != ("keep_copy" in record):
        found.append("keep_copy belongs to a forward of a mailbox")
    return found
