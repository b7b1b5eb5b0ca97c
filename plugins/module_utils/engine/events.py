# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns operations and results into journal events, and into the audit structure that a task returns."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.recover import AUTHORISATION
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context, Report
from ansible_collections.mailops.email.plugins.module_utils.model import (
    OPERATION_DIGEST_DOMAIN,
    Operation,
    ProviderError,
    Result,
    digest,
)

_OUTCOMES = {
    "predicted": "predicted",
    "applied": "success",
    "failed": "failure",
    "unverified": "unverified",
    "in_doubt": "in_doubt",
}
_REDACTED = {
    "one_time_setup_link": "setup_link",
    "one_time_token_oob": "setup_link",
    "temporary_password": "password",
    "recovery_link": "password",
    "probe_secret": "password",
}


def object_of(context: Context, operation: Operation) -> dict[str, str]:
    """Scope of a change: kind and key; client, domain and mailbox where there is one (R-LOG-04).

    A delegate has a member too: of the mailbox that somebody else may read, and of who may, both are found by it.
    """
    thing = {"kind": operation.kind, "key": operation.key}
    if operation.domain:
        thing["domain"] = operation.domain
    if context.client:
        thing["client"] = context.client
    if operation.mailbox:
        thing["mailbox"] = operation.mailbox
    member = (operation.before or operation.after or {}).get("member")
    if operation.kind == "delegate" and member:
        thing["member"] = member
    return thing


def op_id_of(context: Context, operation: Operation) -> str:
    """``op:`` and 32 hex digits of the hash of request, object, operation and desired state.

    The same in the intent, each retry and the outcome, and in a later run that asks for the same once more.
    """
    if not operation.op_id:
        request = operation.retry_of.get("request_id") or context.request_id
        parts = [request, operation.kind, operation.key, operation.verb, operation.after]
        operation.op_id = "op:" + digest(OPERATION_DIGEST_DOMAIN, parts)[7:39]
    return operation.op_id


def common_fields(context: Context, account: str, plan_digest: str) -> dict[str, t.Any]:
    """What every event of a task carries."""
    common: dict[str, t.Any] = {
        "request_id": context.request_id,
        "plan_digest": plan_digest,
        "actor": context.actor,
        "tool_version": context.tool_version,
        "provider": account,
        "check_mode": False,
        "run": context.run,
    }
    if context.approval_id:
        common["approval_id"] = context.approval_id
    if context.rollback:
        common["rollback"] = context.rollback
    return common


def intent_event(
    context: Context, operation: Operation, idempotency_key: str, position: int, size: int
) -> dict[str, t.Any]:
    """All that is needed to settle or repeat the request, and no secret."""
    event = {
        "phase": "intent",
        "action": operation.action,
        "verb": operation.verb,
        "op_id": op_id_of(context, operation),
        "object": object_of(context, operation),
        "before": operation.before,
        "after": operation.after,
        "idempotency_key": idempotency_key,
        "batch": {"position": position, "size": size},
        "redacted": _redacted(operation),
    }
    if operation.request:
        event["request"] = operation.request
    _add_optional(event, operation)
    return event


def retry_event(context: Context, operation: Operation) -> dict[str, t.Any]:
    """An open intent is sent once more."""
    return {
        "phase": "retry",
        "action": operation.action,
        "verb": operation.verb,
        "op_id": op_id_of(context, operation),
        "object": object_of(context, operation),
        "intent_id": operation.retry_of["intent_id"],
        "idempotency_key": operation.retry_of["idempotency_key"],
    }


def outcome_event(context: Context, result: Result, intent_id: str) -> dict[str, t.Any]:
    operation = result.operation
    event: dict[str, t.Any] = {
        "phase": "outcome",
        "action": operation.action,
        "verb": operation.verb,
        "op_id": op_id_of(context, operation),
        "object": object_of(context, operation),
        "intent_id": intent_id,
        "outcome": _OUTCOMES[result.status],
        "before": operation.before,
        "after": result.after if result.status in ("applied", "unverified") else operation.before,
        "http": result.http,
        "redacted": _redacted(operation),
    }
    if result.error is not None:
        event["error"] = {"code": result.error.code, "message": result.error.message}
        if isinstance(result.error, ProviderError) and result.error.provider_request_id:
            event["error"]["provider_request_id"] = result.error.provider_request_id
    if operation.retry_of:
        event["recovered"] = True
        event.update((name, value) for name, value in operation.retry_of.items() if name in AUTHORISATION)
    _add_optional(event, operation)
    return event


def audit_changes(report: Report) -> list[dict[str, t.Any]]:
    """One entry per changed object, in the field names of the runbook (R-LOG-10), for the callback."""
    changes = []
    for result in report.results:
        changes.append(_change(result.operation, _OUTCOMES[result.status], result.after))
    for operation in report.not_attempted:
        changes.append(_change(operation, "not_attempted", None))
    return changes


def verification_change(domain: str, event: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The same for what a verification found of a domain (R-LOG-09)."""
    return {
        "action": event["action"],
        "domain": domain,
        "mailbox": "",
        "delivery": "",
        "outcome": event["outcome"],
        "before_state": None,
        "after_state": None,
        "verification_result": event["verification_result"],
    }


def _change(operation: Operation, outcome: str, after: t.Any) -> dict[str, t.Any]:
    change = {
        "action": operation.action,
        "domain": operation.domain,
        "mailbox": operation.mailbox,
        "delivery": operation.delivery.get("method", ""),
        "outcome": outcome,
        "before_state": operation.before,
        "after_state": after,
    }
    if operation.exception:
        change["exception"] = operation.exception
    if operation.collateral:
        change["collateral"] = operation.collateral
    return change


def _add_optional(event: dict[str, t.Any], operation: Operation) -> None:
    if operation.delivery:
        event["delivery"] = operation.delivery
        event["delivery_method"] = operation.delivery["method"]
        event["delivery_rank"] = operation.delivery["rank"]
    if operation.exception:
        event["exception"] = operation.exception
    if operation.collateral:
        event["collateral"] = operation.collateral


def _redacted(operation: Operation) -> list[str]:
    name = _REDACTED.get(operation.delivery.get("method", ""))
    return [name] if name else []
