# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events in the Open Cybersecurity Schema Framework: accounts as 3001 (up to 1.8) or 3007 (from 1.9), all else as 3004.

Numbers of activities differ between the classes, so they stand in a table.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record

ACCOUNT_CHANGE, ENTITY, USER = 3001, 3004, 3007
_CLASSES = {ACCOUNT_CHANGE: "Account Change", ENTITY: "Entity Management", USER: "User Management"}
_OTHER = 99

# Of what happens to somebody's account: the activity in 3001, and in 3007; 0 where a class has no word for it.
ACCOUNT_ACTIVITIES: dict[str, tuple[int, int]] = {
    "mailbox.created": (1, 1),
    "mailbox.updated": (0, 2),
    "mailbox.deleted": (6, 3),
    "mailbox.restored": (0, 0),
    "mailbox.suspended": (5, 5),
    "mailbox.disabled": (5, 5),
    "mailbox.resumed": (2, 4),
    "mailbox.enabled": (2, 4),
    "mailbox.reset": (4, 9),
    "owner.changed": (0, 2),
    "role_account.rotated": (3, 8),
    "app_password.revoked": (0, 19),
    "token.revoked": (0, 19),
    "delegate.created": (0, 14),
    "delegate.revoked": (0, 15),
}
# Families of which every action is one to an account.
ACCOUNT_FAMILIES = frozenset(
    ("mailbox", "invite", "session", "app_password", "token", "device", "delegate", "owner", "role_account", "recovery")
)
# Everything else is a managed entity, whose activity follows from the verb.
ENTITY_ACTIVITIES = {
    "created": 1,
    "listed": 2,
    "completed": 2,
    "captured": 2,
    "checked": 2,
    "updated": 3,
    "changed": 3,
    "deleted": 4,
    "enabled": 8,
    "set": 8,
    "granted": 8,
    "disabled": 9,
    "lifted": 9,
    "expired": 9,
}
_CAPTIONS = {
    ACCOUNT_CHANGE: {1: "Create", 2: "Enable", 3: "Password Change", 4: "Password Reset", 5: "Disable", 6: "Delete"},
    USER: {
        1: "Create",
        2: "Update",
        3: "Delete",
        4: "Enable",
        5: "Disable",
        8: "Password Change",
        9: "Password Reset",
        14: "Assign Privileges",
        15: "Remove Privileges",
        19: "Remove Programmatic Credentials",
    },
    ENTITY: {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 8: "Enable", 9: "Disable"},
}
# Status by outcome; what is none of the schema's keeps its own word (99).
_STATUS = {
    "success": (1, "Success"),
    "changed": (1, "Success"),
    "ok": (1, "Success"),
    "pass": (1, "Success"),
    "failure": (2, "Failure"),
    "failed": (2, "Failure"),
    "fail": (2, "Failure"),
    "unreachable": (2, "Failure"),
    "in_doubt": (0, "Unknown"),
}
_SEVERE = {"failure": (3, "Medium"), "failed": (3, "Medium"), "in_doubt": (3, "Medium"), "unverified": (2, "Low")}
# What the schema has a place for; the rest of an event is handed on as it is.
_MAPPED = frozenset(
    ("id", "seq", "timestamp", "actor", "tool_version", "http", "spec", "action", "object", "outcome", "error")
)


def ocsf(record: Record, version: str) -> dict[str, t.Any]:
    """One OCSF event.

    :param version: of the schema, such as ``1.8.0``.
    """
    event = record.event
    action = str(event.get("action"))
    thing = event.get("object") or {}
    class_uid, activity = classify(action, version, bool(thing.get("mailbox")))
    outcome = str(event.get("outcome") or "")
    status_id, status = _STATUS.get(outcome, (_OTHER, outcome or str(event.get("phase"))))
    severity_id, severity = _SEVERE.get(outcome, (1, "Informational"))
    name = _CAPTIONS[class_uid].get(activity, action)
    found: dict[str, t.Any] = {
        "activity_id": activity,
        "activity_name": name,
        "category_name": "Identity & Access Management",
        "category_uid": 3,
        "class_name": _CLASSES[class_uid],
        "class_uid": class_uid,
        "type_name": "%s: %s" % (_CLASSES[class_uid], name if activity != _OTHER else "Other"),
        "type_uid": class_uid * 100 + activity,
        "severity": severity,
        "severity_id": severity_id,
        "status": status,
        "status_id": status_id,
        "time": int(parse_time(str(event["timestamp"])).timestamp() * 1000),
        "message": message(event),
        "metadata": _metadata(record, version),
        "unmapped": {key: value for key, value in event.items() if key not in _MAPPED and value not in (None, "", [])},
    }
    if record.digest:
        found["unmapped"]["digest"] = record.digest
    found["unmapped"].update((key, thing[key]) for key in ("kind", "client") if thing.get(key))
    _add_actor(found, event.get("actor") or {})
    _add_target(found, event, class_uid)
    _add_answer(found, event)
    return found


def classify(action: str, version: str, has_mailbox: bool = True) -> tuple[int, int]:
    """Class and activity of an action under a version of the schema."""
    family, dummy, verb = action.partition(".")
    if family in ACCOUNT_FAMILIES and has_mailbox:
        new = _numbers(version) >= (1, 9)
        return (USER if new else ACCOUNT_CHANGE), ACCOUNT_ACTIVITIES.get(action, (0, 0))[new] or _OTHER
    return ENTITY, ENTITY_ACTIVITIES.get(verb, _OTHER)


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def message(event: t.Mapping[str, t.Any]) -> str:
    """One line for people."""
    thing, run = event.get("object") or {}, event.get("run") or {}
    what = (
        thing.get("key") or thing.get("mailbox") or thing.get("domain") or run.get("task") or run.get("playbook") or ""
    )
    state = event.get("outcome") or event.get("phase") or ""
    who = (event.get("actor") or {}).get("human") or "nobody known"
    return " ".join(part for part in (str(event.get("action")), str(what), "(%s)" % state, "by", str(who)) if part)


def _metadata(record: Record, version: str) -> dict[str, t.Any]:
    event = record.event
    product, dummy, number = str(event.get("tool_version", "")).partition("@")
    found: dict[str, t.Any] = {
        "version": version,
        "product": {"name": product or "mailops.email", "vendor_name": "mailops", "version": number},
        "uid": record.id,
        "event_code": str(event.get("action")),
        "log_name": str(event.get("stream", "")),
        "log_version": str(event.get("spec", "")),
        "original_time": str(event.get("timestamp")),
    }
    if isinstance(event.get("seq"), int):
        found["sequence"] = event["seq"]
    for field, value in (
        ("correlation_uid", event.get("request_id")),
        ("original_event_uid", event.get("op_id")),
        ("tenant_uid", (event.get("object") or {}).get("client")),
    ):
        if value:
            found[field] = str(value)
    return found


def _add_actor(found: dict[str, t.Any], actor: t.Mapping[str, t.Any]) -> None:
    human, system = str(actor.get("human") or ""), str(actor.get("system") or "")
    user = {"name": human or "unknown", "type": "User", "type_id": 1}
    if "@" in human:
        user["email_addr"] = human
    found["actor"] = {"user": user, **({"app_name": system} if system else {})}
    if actor.get("on_behalf_of"):
        found["unmapped"]["on_behalf_of"] = actor["on_behalf_of"]


def _add_target(found: dict[str, t.Any], event: t.Mapping[str, t.Any], class_uid: int) -> None:
    thing = event.get("object") or {}
    before, after = event.get("before"), event.get("after")
    if class_uid == ENTITY:
        run = event.get("run") or {}
        kind = str(thing.get("kind") or event.get("phase") or "event")
        name = str(thing.get("key") or thing.get("domain") or run.get("task") or event.get("stream") or kind)
        entity: dict[str, t.Any] = {"name": name, "uid": name, "type": kind, "type_id": _OTHER}
        found["entity"] = dict(entity, data=before) if isinstance(before, dict) else entity
        if isinstance(after, dict):
            found["entity_result"] = dict(entity, data=after)
            found["unmapped"].pop("after", None)
        if isinstance(before, dict):
            found["unmapped"].pop("before", None)
        return
    user = _user(thing, before)
    found["user"] = user
    if found["status_id"] == 1 and isinstance(after, dict):
        found["updated_user" if class_uid == USER else "user_result"] = _user(thing, after)


def _user(thing: t.Mapping[str, t.Any], state: t.Any) -> dict[str, t.Any]:
    address = str(thing.get("mailbox"))
    user = {"name": address, "uid": address, "email_addr": address, "type": "User", "type_id": 1}
    if thing.get("domain"):
        user["domain"] = thing["domain"]
    if isinstance(state, dict) and state.get("display_name"):
        user["full_name"] = str(state["display_name"])
    return user


def _add_answer(found: dict[str, t.Any], event: t.Mapping[str, t.Any]) -> None:
    http, error = event.get("http") or {}, event.get("error") or {}
    if isinstance(http.get("status"), int) and http["status"]:
        found["http_response"] = {"code": http["status"]}
    if http:
        found["unmapped"]["http"] = http
    if error:
        found["status_code"], found["status_detail"] = str(error.get("code")), str(error.get("message"))
