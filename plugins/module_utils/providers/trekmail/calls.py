# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which TrekMail call carries out which operation: a table, section numbers are those of its API document."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused

Body: t.TypeAlias = "dict[str, t.Any] | None"

# Our word for where a domain's mail is -> the provider's.
HOSTING = {"provider": "trekmail", "external": "external"}


class Ids(t.Protocol):
    """Finds the provider's ids by natural key."""

    def id_of(self, kind: str, key: str) -> int: ...


@dataclasses.dataclass(frozen=True)
class Call:
    """One request.

    :param path: with ``{id}`` of the object, ``{domain}`` of its domain, ``{mailbox}`` of the mailbox it belongs to.
    :param keyed: send the idempotency key; without it the call sets a whole value and may be repeated.
    """

    method: str
    path: str
    body: t.Callable[[Operation, Ids], Body] = lambda operation, ids: None
    keyed: bool = True


def split(address: str) -> tuple[str, str]:
    local, dummy, domain = address.partition("@")
    return local, domain


def _after(operation: Operation) -> dict[str, t.Any]:
    if operation.after is None:
        raise Refused("no_target_state", "%s: the operation has no wanted state." % operation.key)
    return operation.after


def _place(operation: Operation, ids: Ids) -> dict[str, t.Any]:
    local, domain = split(operation.key)
    return {"domain_id": ids.id_of("domain", domain), "local_part": local}


def _quota(operation: Operation) -> dict[str, t.Any]:
    quota = _after(operation).get("quota_mb")
    return {"storage_allocation_mb": quota} if quota else {}


def invite_item(operation: Operation, ids: Ids) -> dict[str, t.Any]:
    return {**_place(operation, ids), "recipient_email": _after(operation)["recipient"], **_quota(operation)}


def mailbox_item(operation: Operation, ids: Ids) -> dict[str, t.Any]:
    return {**_place(operation, ids), "password": operation.secret, **_quota(operation)}


def _password(operation: Operation, ids: Ids) -> Body:
    return {"password": operation.secret}


def _field(operation: Operation, ids: Ids) -> Body:
    return dict(_after(operation))


def _reason(operation: Operation, ids: Ids) -> Body:
    reason = operation.request.get("reason")
    return {"reason": reason[:255]} if reason else None


def _alias_flags(operation: Operation, ids: Ids) -> Body:
    after = _after(operation)
    return {"can_receive": after["can_receive"], "can_send": after["can_send"]}


def _alias(operation: Operation, ids: Ids) -> Body:
    return {**_place(operation, ids), **(_alias_flags(operation, ids) or {})}


def _mailbox_forward(operation: Operation, ids: Ids) -> Body:
    if operation.after is None:
        return {"enabled": False}
    return {"enabled": True, "targets": operation.after["targets"], "keep_copy": operation.after["keep_copy"]}


def _address_forward(operation: Operation, ids: Ids) -> Body:
    return {"local_part": split(operation.key)[0], "recipients": _after(operation)["targets"], "is_active": True}


def _recipients(operation: Operation, ids: Ids) -> Body:
    return {"recipients": _after(operation)["targets"], "is_active": True}


def _catch_all(operation: Operation, ids: Ids) -> Body:
    if operation.after is None:
        return {"enabled": False, "destination": None}
    return {"enabled": True, "destination": operation.after["destination"]}


def _member(operation: Operation, ids: Ids) -> Body:
    after = _after(operation)
    return {"member_mailbox_id": ids.id_of("mailbox", after["member"]), "can_send": after["can_send"]}


def _rule(operation: Operation, ids: Ids) -> Body:
    after = _after(operation)
    return {**after["definition"], "name": after["name"], "enabled": after["enabled"]}


def _domain(operation: Operation, ids: Ids) -> Body:
    return {"name": operation.key, "mail_hosting": HOSTING[_after(operation)["mail_hosting"]]}


def _hosting(operation: Operation, ids: Ids) -> Body:
    hosting = HOSTING[_after(operation)["mail_hosting"]]
    confirm = {"confirm_mailboxes_stop_receiving": True} if hosting == "external" else {}
    return {"mail_hosting": hosting, **confirm}


def single_invite(operation: Operation, ids: Ids) -> Body:
    return {**invite_item(operation, ids), "expires_in_hours": _after(operation)["expires_in_hours"]}


# 7.1 domains, 7.3 mailboxes, 7.5 invites, 7.6 aliases, 7.7 and 7.8 forwards, 7.9 to 7.13 access paths; forwards are told
# apart by their way.
CALLS: dict[tuple[str, ...], Call] = {
    ("domain", "create"): Call("POST", "/domains", _domain),
    ("domain", "annotate"): Call("PATCH", "/domains/{id}/note", _field, keyed=False),
    ("domain", "set_hosting"): Call("PATCH", "/domains/{id}/mail-hosting", _hosting, keyed=False),
    ("domain", "delete"): Call("DELETE", "/domains/{id}"),
    ("catch_all", "enable"): Call("PATCH", "/domains/{domain}/catch-all", _catch_all, keyed=False),
    ("catch_all", "disable"): Call("PATCH", "/domains/{domain}/catch-all", _catch_all, keyed=False),
    ("mailbox", "update"): Call("PATCH", "/mailboxes/{id}", _field),
    ("mailbox", "annotate"): Call("PATCH", "/mailboxes/{id}/note", _field, keyed=False),
    ("mailbox", "set_password"): Call("POST", "/mailboxes/{id}/password", _password),
    ("mailbox", "suspend"): Call("POST", "/mailboxes/{id}:suspend-login", _reason),
    ("mailbox", "pause"): Call("POST", "/mailboxes/{id}:pause"),
    ("mailbox", "restore"): Call("POST", "/mailboxes/{id}:restore"),
    ("mailbox", "resume", "login"): Call("POST", "/mailboxes/{id}:resume-login"),
    ("mailbox", "resume", "all"): Call("POST", "/mailboxes/{id}:resume"),
    ("invite", "create"): Call("POST", "/mailboxes/invites", single_invite),
    ("app_password", "revoke"): Call("DELETE", "/mailboxes/{mailbox}/app-passwords/{id}"),
    ("token", "revoke"): Call("DELETE", "/message-tokens/{id}"),
    ("device", "revoke"): Call("DELETE", "/drive/devices/{id}"),
    ("delegate", "revoke"): Call("DELETE", "/mailboxes/{mailbox}/members/{id}"),
    ("delegate", "create"): Call("POST", "/mailboxes/{mailbox}/members", _member),
    ("rule", "create"): Call("POST", "/mailboxes/{mailbox}/rules", _rule),
    ("rule", "delete"): Call("DELETE", "/mailboxes/{mailbox}/rules/{id}"),
    ("alias", "create"): Call("POST", "/mailboxes/{mailbox}/aliases", _alias),
    ("alias", "update"): Call("PATCH", "/mailboxes/{mailbox}/aliases/{id}", _alias_flags, keyed=False),
    ("alias", "delete"): Call("DELETE", "/mailboxes/{mailbox}/aliases/{id}"),
    ("forward", "create", "mailbox"): Call("PUT", "/mailboxes/{mailbox}/forwarding", _mailbox_forward),
    ("forward", "update", "mailbox"): Call("PUT", "/mailboxes/{mailbox}/forwarding", _mailbox_forward),
    ("forward", "delete", "mailbox"): Call("PUT", "/mailboxes/{mailbox}/forwarding", _mailbox_forward),
    ("forward", "create", "address"): Call("POST", "/domains/{domain}/forwarding-addresses", _address_forward),
    ("forward", "update", "address"): Call(
        "PATCH", "/domains/{domain}/forwarding-addresses/{id}", _recipients, keyed=False
    ),
    ("forward", "delete", "address"): Call("DELETE", "/domains/{domain}/forwarding-addresses/{id}"),
}


def call_for(operation: Operation) -> Call:
    """The call of an operation; forwards and resumptions have one for each way.

    :raises KeyError: for an operation that TrekMail has no call for.
    """
    way = operation.request.get("via") or operation.request.get("suspend")
    return CALLS.get((operation.kind, operation.verb, way or "")) or CALLS[(operation.kind, operation.verb)]


def path_of(call: Call, operation: Operation, ids: Ids) -> str:
    """The call's path with the ids that it needs."""
    names: dict[str, int] = {}
    if "{id}" in call.path:
        names["id"] = ids.id_of(operation.kind, operation.key)
    if "{domain}" in call.path:
        names["domain"] = ids.id_of("domain", operation.domain)
    if "{mailbox}" in call.path:
        state = operation.after or operation.before or {}
        names["mailbox"] = ids.id_of("mailbox", state.get("mailbox") or operation.place)
    return call.path.format(**names)
