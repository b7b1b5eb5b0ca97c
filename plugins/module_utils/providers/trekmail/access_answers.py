# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail's access paths in normal form (its API document, sections 7.9 to 7.11 and 7.13).

Names are what mailbox owners typed: they are cleaned like every text of the provider. A path that is over is no record.
"""

from __future__ import annotations

import collections
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import digest
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import clean, moment
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.answers import identity

_NAME = 120
_MARK = 10
_REDIRECTING = ("redirect", "redirect_copy")
# Parts of a rule that make it again, in the provider's own words.
_DEFINITION = ("match_type", "conditions", "actions", "stop")
_SCRIPT_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|#[^\n]*|/\*.*?\*/|[A-Za-z_][A-Za-z0-9_]*|:[A-Za-z]+|\S', re.DOTALL)
SCRIPT = (
    "The mailbox has a filter script of its own, which replaces its rules: read it in the dashboard (Mailboxes, the mailbox, "
    "Filters, Script) and take out what redirects."
)


def app_password_record(row: dict[str, t.Any], address: str) -> Record | None:
    if row.get("active") is False or row.get("revoked_at"):
        return None
    used = (clean(row.get("last_used_protocol"), (), 20), clean(row.get("last_used_ip"), (), 45))
    return {
        **_common("app_password", row, address),
        "name": clean(row.get("name"), (), _NAME) or None,
        "last_used_at": moment(row.get("last_used_at")),
        "last_used_by": " from ".join(filter(None, used)) or None,
    }


def token_record(row: dict[str, t.Any], address: str) -> Record | None:
    if row.get("revoked_at"):
        return None
    scopes = row.get("scopes")
    return {
        **_common("token", row, address),
        "name": clean(row.get("name"), (), _NAME) or None,
        # The first letters, by which its owner knows it again.
        "prefix": clean(row.get("prefix"), (), 16) or None,
        "scopes": sorted(clean(one, (), 40) for one in scopes) if isinstance(scopes, list) else [],
        "expires_at": moment(row.get("expires_at")),
        "last_used_at": moment(row.get("last_used_at")),
    }


def delegate_record(row: dict[str, t.Any], shared: str) -> Record:
    member = clean(row.get("email"), (), 255).lower()
    return {
        **_common("delegate", row, shared),
        "key": "%s/delegate/%s" % (shared, member or row.get("id")),
        "member": member,
        "can_send": row.get("can_send") is True,
    }


def device_record(row: dict[str, t.Any], address: str) -> Record | None:
    if row.get("revoked_at"):
        return None
    return {
        **_common("device", row, address),
        "name": clean(row.get("name"), (), _NAME) or None,
        "last_used_at": moment(row.get("last_used_at")),
    }


def rule_record(row: dict[str, t.Any], address: str) -> Record | None:
    """A rule that sends mail elsewhere; None for any other."""
    actions = row.get("actions")
    actions = [one for one in actions if isinstance(one, dict)] if isinstance(actions, list) else []
    sending = [one for one in actions if one.get("type") in _REDIRECTING]
    if not sending:
        return None
    found = {
        "name": clean(row.get("name"), (), _NAME) or None,
        "enabled": row.get("enabled") is not False,
        "targets": sorted({clean(one.get("value"), (), 255).lower() for one in sending}),
        "definition": {name: _plain(row[name]) for name in _DEFINITION if name in row},
    }
    # By what it says and not by its number, which is another one when it is made again.
    mark = digest(b"mailops-rule-v1\n", found).partition(":")[2][:_MARK]
    return {**_common("rule", row, address), **found, "key": "%s/rule/%s" % (address, mark)}


def numbered(records: t.Iterable[Record]) -> list[Record]:
    """The same, where two that say the same have a key each."""
    seen: collections.Counter[str] = collections.Counter()
    found = []
    for record in records:
        seen[record["key"]] += 1
        count = seen[record["key"]]
        found.append(dict(record, key="%s-%d" % (record["key"], count)) if count > 1 else record)
    return found


def script_record(body: dict[str, t.Any], address: str) -> Record | None:
    """A script that may send mail elsewhere: whoever wrote it has to be understood, which is a person's work."""
    script = body.get("script")
    targets = redirects(script) if isinstance(script, str) else None
    if targets is None:
        return None
    return {
        "key": "%s/rule/script" % address,
        "mailbox": address,
        "id": None,
        "name": None,
        "created_at": None,
        "enabled": True,
        "targets": targets,
        "by_hand": SCRIPT,
    }


def redirects(script: str) -> list[str] | None:
    """Where a Sieve script (RFC 5228, 4.2) redirects to, as far as it is written out; None when it does not."""
    tokens = [one for one in _SCRIPT_TOKEN.findall(script) if not one.startswith(("#", "/*"))]
    places = [number for number, one in enumerate(tokens) if one.lower() == "redirect"]
    if not places:
        return None
    found = set()
    for place in places:
        after = [one for one in tokens[place + 1 : place + 4] if not one.startswith(":")]
        if after and after[0].startswith('"'):
            found.add(clean(after[0].strip('"'), (), 255).lower())
    return sorted(found)


def _common(kind: str, row: dict[str, t.Any], address: str) -> Record:
    number = identity(row.get("id"))
    return {
        "key": "%s/%s/%s" % (address, kind, number),
        "mailbox": address,
        "id": number,
        "created_at": moment(row.get("created_at")),
    }


def _plain(value: t.Any) -> t.Any:
    """A value fit for a journal line: no fraction, and text that has UTF-8."""
    if isinstance(value, dict):
        return {str(name).encode("ascii", "replace").decode(): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, (bool, int)) or value is None:
        return value
    return str(value).encode("utf-8", "replace").decode("utf-8")
