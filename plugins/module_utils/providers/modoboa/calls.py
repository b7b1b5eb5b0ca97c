# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Modoboa call carries out which operation: a table, like that of every driver."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import answers

Body = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Call:
    """One request.

    :param path: with ``{id}`` of the object's row.
    :param row: which listing the id comes from.
    :param repeatable: it sets a whole value, so that doing it twice is doing it once.
    """

    method: str
    path: str
    row: str = ""
    body: t.Callable[[Operation], Body] | None = None
    repeatable: bool = True


def _after(operation: Operation) -> dict[str, t.Any]:
    return operation.after or {}


def _domain(operation: Operation) -> Body:
    return {
        "name": operation.key,
        "type": "domain",
        "enabled": True,
        "quota": 0,
        "default_mailbox_quota": 0,
        "enable_dkim": True,
    }


def _quota(operation: Operation) -> Body:
    quota = _after(operation).get("quota_mb")
    return {"use_domain_quota": False, "quota": quota} if quota else {"use_domain_quota": True}


def account(operation: Operation) -> Body:
    """A new mailbox; its owner's address is where the platform's recovery writes to."""
    body = {
        "username": operation.key,
        "role": "SimpleUsers",
        "is_active": True,
        "password": operation.secret,
        "mailbox": {"full_address": operation.key, **_quota(operation)},
    }
    if _after(operation).get("display_name"):
        body.update(_names(operation))
    if operation.request.get("owner"):
        body["secondary_email"] = operation.request["owner"]
    return body


def password(operation: Operation) -> Body:
    return {"password": operation.secret}


def _names(operation: Operation) -> Body:
    return answers.split_name(_after(operation).get("display_name") or "")


def _new_link(operation: Operation) -> Body:
    """Another secret that nobody keeps ends every link that is out; the next goes to whoever is the owner now."""
    return {"password": operation.secret, "secondary_email": _after(operation).get("recipient") or ""}


def _no_link(operation: Operation) -> Body:
    return {"password": operation.secret, "secondary_email": ""}


def _alias(operation: Operation) -> Body:
    after = _after(operation)
    return {"address": operation.key, "recipients": [after["mailbox"]], "enabled": after.get("enabled", True)}


def _forward(operation: Operation) -> Body:
    after = _after(operation)
    recipients = list(after["targets"]) + ([operation.key] if after.get("keep_copy") else [])
    body: Body = {"address": operation.key, "recipients": recipients, "enabled": after["state"] == "present"}
    return {**body, **_end(after)}


def _catch_all(operation: Operation) -> Body:
    after = _after(operation)
    body: Body = {"address": "@" + operation.key, "recipients": after["destination"].split(", ")}
    return {**body, "enabled": after.get("enabled", True), **_end(after)}


def _end(after: dict[str, t.Any]) -> Body:
    """Native end, and why it is there, for whoever looks at the row in Modoboa."""
    body: Body = {"expire_at": after["expires_at"]} if "expires_at" in after else {}
    if after.get("purpose"):
        body["description"] = "%s (owner %s)" % (after["purpose"], after["owner"])
    return body


_ACCOUNT = "/accounts/{id}/"
_ROW = "/aliases/{id}/"

CALLS: dict[tuple[str, str], Call] = {
    ("domain", "create"): Call("POST", "/domains/", "", _domain, False),
    ("domain", "delete"): Call("POST", "/domains/{id}/delete/", "domain", lambda one: {"keep_folder": True}),
    ("mailbox", "create"): Call("POST", "/accounts/", "", account, False),
    ("mailbox", "update"): Call("PATCH", _ACCOUNT, "mailbox", _names),
    ("mailbox", "set_quota"): Call("PATCH", _ACCOUNT, "mailbox", lambda one: {"mailbox": _quota(one)}),
    ("mailbox", "set_password"): Call("PATCH", _ACCOUNT, "mailbox", password),
    ("mailbox", "pause"): Call("PATCH", _ACCOUNT, "mailbox", lambda one: {"is_active": False}),
    ("mailbox", "resume"): Call("PATCH", _ACCOUNT, "mailbox", lambda one: {"is_active": True}),
    # Without keepdir the stored mail would go with it.
    ("mailbox", "delete"): Call("POST", "/accounts/{id}/delete/", "mailbox", lambda one: {"keepdir": True}),
    ("invite", "create"): Call("PATCH", _ACCOUNT, "mailbox", _new_link),
    ("invite", "resend"): Call("PATCH", _ACCOUNT, "mailbox", _new_link),
    ("invite", "change_recipient"): Call("PATCH", _ACCOUNT, "mailbox", _new_link),
    ("invite", "cancel"): Call("PATCH", _ACCOUNT, "mailbox", _no_link),
    ("alias", "create"): Call("POST", "/aliases/", "", _alias, False),
    ("alias", "update"): Call("PATCH", _ROW, "row", _alias),
    ("alias", "delete"): Call("DELETE", _ROW, "row"),
    ("forward", "create"): Call("POST", "/aliases/", "", _forward, False),
    ("forward", "update"): Call("PATCH", _ROW, "row", _forward),
    ("forward", "delete"): Call("DELETE", _ROW, "row"),
    ("catch_all", "enable"): Call("POST", "/aliases/", "", _catch_all, False),
    ("catch_all", "change"): Call("PATCH", _ROW, "row", _catch_all),
    ("catch_all", "disable"): Call("DELETE", _ROW, "row"),
}
