# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTTP answer says: understood whole, or turned into an error that a person can act on."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")

# Nothing else of a run can succeed after these.
_STOP_CODES = frozenset(
    (
        "unauthenticated",
        "insufficient_scope",
        "plan_api_disabled",
        "token_scope_blocked_by_plan",
        "feature_not_available",
    )
)
_HINTS = {
    "unauthenticated": "The token is wrong, expired or revoked: set api_token (or MAILOPS_API_TOKEN) to a valid one.",
    "insufficient_scope": "Give the token the scope that the message names, or use the token meant for this playbook.",
    "plan_api_disabled": "The account's plan has no API for this; ask the account's owner to change the plan.",
    "token_scope_blocked_by_plan": "The account's plan blocks this scope; ask the account's owner to change the plan.",
    "feature_not_available": "The account's plan lacks this feature; ask the account's owner.",
    "plan_limit_reached": "Free places on the plan or have it raised, then run again; what is done stays done.",
    "storage_pool_exceeded": "Lower quota_mb or free storage, then run again; nothing of this batch was made.",
    "not_found": "Check the name; objects outside the token's domains look absent too.",
    "idempotency_mismatch": "Run again: a new run uses new keys.",
    "rate_limited": "Wait, then run again; the run goes on where it stopped.",
}


@dataclasses.dataclass
class Answer:
    """A whole, understood answer.

    :param body: decoded JSON, None when there was none.
    :param replayed: the provider repeated an earlier answer; one-time secrets are missing from it.
    """

    status: int
    body: t.Any
    request_id: str
    replayed: bool = False
    retry_after: float | None = None
    attempts: int = 1


def error_of(
    method: str, path: str, answer: Answer, secret: str = "", row_results: bool = False
) -> ProviderError | None:
    """The error that an answer is, None when it is none.

    :param secret: the token, which a provider may echo.
    :param row_results: a refusal that lists results by row is an answer, not an error.
    """
    status, body = answer.status, answer.body
    if 200 <= status < 300:
        return None
    if row_results and isinstance(body, dict) and isinstance(body.get("results"), list):
        return None
    details = body.get("error") if isinstance(body, dict) else None
    details = details if isinstance(details, dict) else {}
    code = clean(details.get("code"), secret, 60) or _code_of(status)
    text = clean(details.get("message") or (body.get("message") if isinstance(body, dict) else ""), secret, 300)
    fields = _field_errors(body)
    if fields:
        text = (text + " " if text else "") + clean(fields, secret, 300)
    asked = _seconds(details.get("retry_after"))
    return ProviderError(
        code,
        "%s %s: status %d %s%s" % (method, path, status, code, ": " + text if text else ""),
        _HINTS.get(code) or clean(details.get("hint"), secret, 300),
        status=status,
        provider_request_id=answer.request_id,
        in_doubt=status >= 500 or status == 408,
        stop=status == 401 or code in _STOP_CODES,
        retryable=details.get("retryable") is not False,
        retry_after=asked if asked is not None else answer.retry_after,
    )


def clean(text: t.Any, secret: str = "", limit: int = 200) -> str:
    """Provider text made fit to show: one line, bounded, without *secret* (it may be echoed)."""
    if not isinstance(text, (str, int)):
        return ""
    plain = _CONTROL.sub(" ", str(text))
    if secret:
        plain = plain.replace(secret, "********")
    return plain[:limit].strip()


def _code_of(status: int) -> str:
    return {401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "validation_error"}.get(
        status, "rate_limited" if status == 429 else "server_error" if status >= 500 else "refused"
    )


def _field_errors(body: t.Any) -> str:
    """Field by field messages, wherever the provider puts them."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    for fields in (body.get("errors"), error.get("errors") if isinstance(error, dict) else None):
        if isinstance(fields, dict):
            return "; ".join(
                "%s: %s" % (name, ", ".join(map(str, texts)) if isinstance(texts, list) else texts)
                for name, texts in sorted(fields.items(), key=str)
            )
    return ""


def _seconds(value: t.Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def never_connected(error: BaseException) -> bool:
    return any(name in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError") for name in _chain(error))


def _chain(error: BaseException | None) -> t.Iterator[str]:
    seen: set[int] = set()
    queue: list[t.Any] = [error]
    while queue:
        one = queue.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield type(one).__name__
        queue.extend((one.__cause__, one.__context__, getattr(one, "reason", None)))
        queue.extend(one.args)
