# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error envelope of the API: every refusal is an ApiError, every ApiError becomes the five envelope fields."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

# code -> (status, retryable, hint). Statuses that the contract does not name are our choice.
CODES: dict[str, tuple[int, bool, str]] = {
    "unauthenticated": (401, False, "Send Authorization: Bearer with a token that is valid and not expired."),
    "insufficient_scope": (403, False, "Use a token that holds the scope named in the message."),
    "scope_blocked_by_membership": (403, False, "Ask the account owner for the permission mailboxes:password:set."),
    "domain_scope_forbidden": (403, False, "Narrow the request to the domains of the token."),
    "plan_api_disabled": (403, False, "The plan has no API access; upgrade to Pro or Agency."),
    "token_scope_blocked_by_plan": (403, False, "The plan does not hold this scope; upgrade to Pro or Agency."),
    "feature_not_available": (403, False, "The plan does not hold this feature."),
    "not_found": (404, False, "Check the id, and whether the token may see it."),
    "method_not_allowed": (405, False, "See the method of this endpoint."),
    "conflict": (409, False, "Read the object and decide again."),
    "idempotency_mismatch": (409, False, "Use a new Idempotency-Key for a new request."),
    "idempotency_in_progress": (409, True, "Repeat with the same key once the first request is answered."),
    "delete_intent_consumed": (409, False, "Ask for a new delete intent if the mailbox still exists."),
    "delete_intent_expired": (410, False, "Ask for a new delete intent."),
    "missing_idempotency_key": (422, False, "Send a header Idempotency-Key of 1 to 255 characters."),
    "validation_error": (422, False, "Correct the fields named in the message."),
    "already_exists": (422, False, "Use the existing object, or choose another name."),
    "domain_already_connected": (422, False, "Remove the domain from the other account first."),
    "domain_not_active": (422, False, "Publish the DNS records and wait until the domain is active."),
    "cloudflare_not_connected": (422, False, "Connect the domain to a Cloudflare account in the dashboard first."),
    "domain_hosts_no_mailboxes": (422, False, "Switch mail_hosting back to trekmail first."),
    "confirmation_required": (422, False, "Send confirm_mailboxes_stop_receiving: true."),
    "confirm_header_required": (422, False, "Send the header X-Confirm-Delete: true."),
    "limit_exceeded": (422, False, "Send fewer entries."),
    "plan_limit_reached": (422, False, "Remove objects or upgrade the plan."),
    "storage_pool_exceeded": (422, False, "Ask for less dedicated storage, or none."),
    "selection_too_large": (422, False, "Select at most 1000 mailboxes."),
    "last_member": (422, False, "Add another member first."),
    "app_password_limit_reached": (422, False, "Revoke an app password first."),
    "mailbox_not_eligible": (422, False, "Shared, paused, trashed and login-suspended mailboxes are not eligible."),
    "mailbox_state_conflict": (409, False, "Read the mailbox and decide again."),
    "bulk_failed": (422, False, "See results for the reason of every row."),
    "rate_limited": (429, True, "Wait for the time in Retry-After."),
    "native_access_sync_failed": (503, True, "Nothing was changed; repeat later."),
    "internal_error": (500, True, "Repeat later with the same Idempotency-Key."),
}


class ApiError(Exception):
    """A refusal. ``extras`` go inside ``error``, ``beside`` next to it, ``fields`` is the map of a validation error."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        extras: Mapping[str, Any] | None = None,
        fields: Mapping[str, list[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        known = CODES.get(code, (status or 400, (status or 400) in (429, 502, 503, 504), ""))
        self.code = code
        self.message = message
        self.status = status or known[0]
        self.retryable = known[1]
        self.hint = known[2]
        self.extras = dict(extras or {})
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    def body(self, request_id: str, switches: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON body; ``switches`` decide on retry_after and on the place of the field map."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "request_id": request_id,
            "retryable": self.retryable,
            **self.extras,
        }
        if self.retry_after is not None and switches["retry_after_body"]:
            error["retry_after"] = self.retry_after
        body: dict[str, Any] = {"error": error}
        if self.fields:
            # our choice: switch validation_details
            if switches["validation_details"] == "error.errors":
                error["errors"] = self.fields
            elif switches["validation_details"] == "errors":
                body["errors"] = self.fields
        return body

    def headers(self, switches: Mapping[str, Any]) -> dict[str, str]:
        """Return the extra response headers."""
        if self.retry_after is not None and switches["retry_after_header"]:
            if switches["retry_after_style"] == "date":
                return {"retry-after": formatdate(time.time() + self.retry_after, usegmt=True)}
            return {"retry-after": str(self.retry_after)}
        return {}


def invalid(field: str, message: str) -> ApiError:
    """Return the validation error of one field."""
    return ApiError("validation_error", f"{field}: {message}", fields={field: [message]})


def not_found(what: str) -> ApiError:
    """Return the 404 for an object that does not exist or that the token may not see."""
    return ApiError("not_found", f"{what} was not found.")
