# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an HTTP answer says: understood whole, or turned into an error that a person can act on."""

from __future__ import annotations

import dataclasses
import datetime
import email.utils
import math
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError

# Control, direction and line characters, and lone surrogates, which no journal line could hold.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\"'<>]+")
_RETRY_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))

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
    "redirected": "A redirect is never followed with a token: set api_url to where the API really is.",
}
LATER = "Run again later: what is done stays done, and what is open is settled first."
_CORRECT = "Correct what the provider names, then run again."


@dataclasses.dataclass
class Answer:
    """A whole, understood answer.

    :param body: decoded JSON, None when there was none.
    :param replayed: the provider repeated an earlier answer; one-time secrets are missing from it.
    :param after_lost: the answer to an earlier attempt was lost.
    :param secrets: what was sent with the request and may be echoed: the token, and passwords.
    """

    status: int
    body: t.Any
    request_id: str
    replayed: bool = False
    retry_after: float | None = None
    attempts: int = 1
    after_lost: bool = False
    secrets: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)

    def clean(self, text: t.Any, limit: int = 200) -> str:
        """A text of this answer made fit to show."""
        return clean(text, self.secrets, limit)


# Code, text and hint of an error in a provider's own form; empty where it does not say.
Told = tuple[str, str, str]
Describe = t.Callable[["Answer"], "Told | None"]


def error_of(
    method: str, path: str, answer: Answer, row_results: bool = False, told: Told | None = None
) -> ProviderError | None:
    """The error that an answer is, None when it is none.

    :param row_results: a 422 that lists results by row is an answer, not an error (contract, section 4).
    :param told: what the driver has read out of the provider's own form of error, cleaned.
    """
    status, body = answer.status, answer.body
    if 200 <= status < 300:
        return None
    if row_results and status == 422 and isinstance(body, dict) and isinstance(body.get("results"), list):
        return None
    details = body.get("error") if isinstance(body, dict) else None
    details = details if isinstance(details, dict) else {}
    code = answer.clean(details.get("code"), 60) or _code_of(status)
    text = answer.clean(details.get("message") or (body.get("message") if isinstance(body, dict) else ""), 300)
    fields = _field_errors(body)
    if fields:
        text = (text + " " if text else "") + answer.clean(fields, 300)
    hint = _HINTS.get(code) or answer.clean(details.get("hint"), 300)
    if told:
        code, text = told[0] or code, told[1] or text
        hint = told[2] or _HINTS.get(code, "")
    asked = _seconds(details.get("retry_after"))
    retryable = details.get("retryable")
    return ProviderError(
        code,
        "%s %s: status %d %s%s" % (method, path, status, code, ": " + text if text else ""),
        hint or (LATER if status >= 500 else _CORRECT),
        status=status,
        provider_request_id=answer.request_id,
        in_doubt=status >= 500 or status == 408,
        stop=status == 401 or code in _STOP_CODES,
        # The provider's own word goes first; a request that is still under way is a 409 to be asked again.
        retryable=retryable if isinstance(retryable, bool) else status in _RETRY_STATUS,
        retry_after=asked if asked is not None else answer.retry_after,
    )


def clean(text: t.Any, secrets: t.Iterable[str] = (), limit: int = 200) -> str:
    """Provider text made fit to show: one line, bounded, without *secrets* (they may be echoed).

    Links go too, whatever they are: a setup link is a secret that was never sent, so nobody here knows it.
    """
    if not isinstance(text, (str, int)):
        return ""
    plain = _CONTROL.sub(" ", str(text))
    for secret in filter(None, secrets):
        plain = plain.replace(secret, "********")
    return _LINK.sub("(a link)", plain[: limit * 10])[:limit].strip()


def passwords_in(body: t.Any) -> tuple[str, ...]:
    """The passwords in the body of a request, its own and those of its items."""
    if not isinstance(body, dict):
        return ()
    rows = [body, *(body.get("items") or ())]
    return tuple(row["password"] for row in rows if isinstance(row, dict) and row.get("password"))


_CODES = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "validation_error"}


def _code_of(status: int) -> str:
    if status in _CODES:
        return _CODES[status]
    if 300 <= status < 400:
        return "redirected"
    return "rate_limited" if status == 429 else "server_error" if status >= 500 else "refused"


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
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if known and 0 <= value < 1e9 and math.isfinite(value) else None


def retry_after_of(header: str) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait: a number, or a date (RFC 9110 10.2.3); None for neither."""
    text = header.strip()
    if re.match(r"[0-9]{1,9}\Z", text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return max(0.0, (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def moment(value: t.Any) -> str | None:
    """A time of an answer in UTC, to the second and with ``Z``; None when it is none, or names no zone.

    A server of one's own answers in the zone of its settings.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        if found.tzinfo is None:
            return None
        return found.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def never_connected(error: BaseException) -> bool:
    return any(name in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError") for name in _chain(error))


def never_trusted(error: BaseException) -> bool:
    """The handshake ended at the certificate. Other TLS errors may come after the request has left."""
    return any(name in ("SSLCertVerificationError", "CertificateError") for name in _chain(error))


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
