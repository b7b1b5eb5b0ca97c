# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events in the Elastic Common Schema; what it has no field for stands below ``mailops`` and in ``labels``."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils.export.ocsf import ACCOUNT_FAMILIES, message
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record

ECS_VERSION = "9.4.0"
_OUTCOMES = {
    "success": "success",
    "changed": "success",
    "ok": "success",
    "pass": "success",
    "failure": "failure",
    "failed": "failure",
    "fail": "failure",
    "unreachable": "failure",
}
# event.type by the verb; the rest is a change when it is an account or a setting, else information.
_TYPES = {
    "created": "creation",
    "deleted": "deletion",
    "listed": "info",
    "completed": "info",
    "captured": "info",
    "started": "info",
    "finished": "info",
    "received": "info",
    "incomplete": "info",
    "in_doubt": "info",
    "sink_degraded": "info",
    "recovered": "info",
}
_LABELS = ("request_id", "approval_id", "plan_digest", "phase", "stream", "prev", "delivery_method", "intent_id")
_OWN = (
    "before",
    "after",
    "collateral",
    "exception",
    "redacted",
    "verification_result",
    "run",
    "provider",
    "batch",
    "failures",
    "missing",
    "why",
    "left",
    "sink",
    "recovered",
    "intents",
)


def ecs(record: Record) -> dict[str, t.Any]:
    """One document."""
    event = record.event
    action = str(event.get("action"))
    family, dummy, verb = action.partition(".")
    thing, actor = event.get("object") or {}, event.get("actor") or {}
    account = family in ACCOUNT_FAMILIES and bool(thing.get("mailbox"))
    kind = _TYPES.get(verb, "change")
    product, dummy, number = str(event.get("tool_version", "")).partition("@")
    described: dict[str, t.Any] = {
        "kind": "event",
        "category": ["iam"] if account else ["configuration"],
        "type": ["user", kind] if account else [kind],
        "action": action,
        "outcome": _OUTCOMES.get(str(event.get("outcome")), "unknown"),
        "id": record.id,
        "dataset": "mailops.audit",
        "module": "mailops",
        "provider": str(event.get("provider") or "mailops.email"),
    }
    if isinstance(event.get("seq"), int):
        described["sequence"] = event["seq"]
    if record.digest:
        described["hash"] = record.digest
    found: dict[str, t.Any] = {
        "@timestamp": str(event.get("timestamp")),
        "ecs": {"version": ECS_VERSION},
        "event": described,
        "message": message(event),
        "agent": {"type": product or "mailops.email", "version": number, "name": str(actor.get("system") or "")},
        "labels": _labels(event),
        "user": _user(actor, thing, event, account),
    }
    if thing.get("client"):
        found["organization"] = {"name": str(thing["client"])}
    if event.get("op_id"):
        found["trace"] = {"id": str(event["op_id"])}
    _add_answer(found, event)
    own = {name: event[name] for name in _OWN if event.get(name) not in (None, "", [], {})}
    if thing:
        own["object"] = thing
    if own:
        found["mailops"] = own
    return found


def _labels(event: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Flat, and keywords all of them, as the schema wants labels."""
    found = {name: str(event[name]) for name in _LABELS if event.get(name)}
    if event.get("outcome"):
        found["outcome"] = str(event["outcome"])
    if "check_mode" in event:
        found["check_mode"] = "true" if event["check_mode"] else "false"
    if isinstance(event.get("delivery_rank"), int):
        found["delivery_rank"] = str(event["delivery_rank"])
    behalf = (event.get("actor") or {}).get("on_behalf_of")
    if behalf:
        found["on_behalf_of"] = str(behalf)
    return found


def _user(
    actor: t.Mapping[str, t.Any], thing: t.Mapping[str, t.Any], event: t.Mapping[str, t.Any], account: bool
) -> dict[str, t.Any]:
    human = str(actor.get("human") or "")
    user: dict[str, t.Any] = {"name": human or "unknown"}
    if "@" in human:
        user["email"] = human
    if account:
        address = str(thing["mailbox"])
        user["target"] = {"name": address, "email": address, "domain": str(thing.get("domain", ""))}
        before, after = event.get("before"), event.get("after")
        if isinstance(before, dict) and isinstance(after, dict):
            name = after.get("display_name")
            if name and name != before.get("display_name"):
                user["changes"] = {"full_name": str(name)}
    return user


def _add_answer(found: dict[str, t.Any], event: t.Mapping[str, t.Any]) -> None:
    http, error = event.get("http") or {}, event.get("error") or {}
    if isinstance(http.get("status"), int) and http["status"]:
        found["http"] = {"response": {"status_code": http["status"]}}
        ids = http.get("request_ids") or []
        if ids:
            found["http"]["request"] = {"id": str(ids[-1])}
    if error:
        found["error"] = {"code": str(error.get("code")), "message": str(error.get("message"))}
