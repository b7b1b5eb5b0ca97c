# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Schemas (draft 2020-12) of a request and of a row: the authority for the form of both (R-CSV-03, R-INTAKE).

They are Python dicts and not files, because Ansible ships only Python files of ``module_utils`` to where a module runs;
the JSON copies for editors in ``requests/`` are made from them (:func:`as_json`) and a test compares the two. Patterns
stay in the common part of ECMA 262 and Python. A cell of a row is always text, as CSV has no other type.
"""

from __future__ import annotations

import json
import typing as t

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def _whole(pattern: str) -> str:
    """The whole text; a ``$`` alone would let a line feed pass at the end in Python."""
    return "^(?:%s)$(?!\\n)" % pattern


# Columns of the runbook, in its order (R-CSV-04), and those this project adds behind them.
REQUIRED_COLUMNS = (
    "request_id",
    "domain",
    "local_part",
    "display_name",
    "owner_email",
    "role_account",
    "department",
    "manager_email",
)
OPTIONAL_COLUMNS = ("quota_mb", "note", "delivery", "seal_to", "expires_in_hours", "access_until")

# REQ-2026-001; a ticket such as OPS-1234; a record of a service desk such as CHG0031234 (R-SCOPE-01).
REQUEST_ID = _whole(
    "REQ-[0-9]{4}-[0-9]{3,6}|(?!REQ-)[A-Z][A-Z0-9]{1,9}-[0-9]{1,10}|(?:CHG|RITM|REQ|TASK|INC)[0-9]{5,10}"
)
_CONTACT = _whole("[^\\s@]+@[^\\s@]+")
_INSTANT = _whole("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,6})?Z")
_DAY_OR_INSTANT = _whole("[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,6})?Z)?")
_SEAL_TO = _whole("age1[0-9a-z]{10,2000}|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]{40,2000}(?: [^\\n]{0,100})?")
_TEXT = _whole("[\\s\\S]*\\S[\\s\\S]*")

DELIVERY = ["provider_mail", "sealed"]
PURPOSES = ["onboarding", "migration", "client_handoff"]
EXCEPTION_RULES = ["input_not_versioned", "delivery"]
# The provider takes setup links of 1 to 720 hours.
EXPIRES_IN_HOURS_MAX = 720
# Most rows that intake reads at all; what a run may have is the policy's max_batch.
ROWS_MAX = 10000


def _text(description: str, maximum: int = 255, **more: t.Any) -> dict[str, t.Any]:
    return {"type": "string", "minLength": 1, "maxLength": maximum, "description": description, **more}


def _pattern(pattern: str, description: str, maximum: int = 254) -> dict[str, t.Any]:
    return _text(description, maximum, pattern=pattern)


def _contact(description: str) -> dict[str, t.Any]:
    return _pattern(_CONTACT, description)


def _whole_number(minimum: int, maximum: int, description: str) -> dict[str, t.Any]:
    return {"type": "integer", "minimum": minimum, "maximum": maximum, "description": description}


def _object(required: t.Sequence[str], properties: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
        **more,
    }


ROW_SCHEMA: dict[str, t.Any] = {
    "$schema": DRAFT,
    "$id": "urn:mailops.email:mailboxes-row:1",
    "title": "One row of mailboxes.csv",
    **_object(
        REQUIRED_COLUMNS,
        {
            "request_id": _pattern(
                REQUEST_ID, "The id of the request, the same in every row, such as REQ-2026-001.", 32
            ),
            "domain": _text("Host name of the mailbox, such as example.com.", 512),
            "local_part": _text("What stands before the @, such as alex.", 255),
            "display_name": _text("A person's name, or the description of a role account."),
            "owner_email": _contact("Address at which the owner is reached today; it receives the setup link."),
            "role_account": {
                "type": "string",
                "enum": ["true", "false"],
                "description": "true for a mailbox of a function, false for that of a person.",
            },
            "department": _text("Where the mailbox belongs, such as Finance.", 120),
            "manager_email": _contact("Address of the manager, for questions and approvals."),
            "quota_mb": _pattern(
                _whole("[1-9][0-9]{0,8}"), "Dedicated storage in MB, a whole number; leave it empty for the pool.", 9
            ),
            "note": _text("A note of at most 120 characters, without secrets.", 120),
            "delivery": {
                "type": "string",
                "enum": DELIVERY,
                "description": "provider_mail (the provider mails the link) or sealed (needs seal_to and an exception).",
            },
            "seal_to": _pattern(_SEAL_TO, "The recipient's age or ssh public key, never a private one.", 2200),
            "expires_in_hours": _pattern(
                _whole("[1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720"), "How long the setup link lives, 1 to 720 hours.", 3
            ),
            "access_until": _pattern(
                _DAY_OR_INSTANT, "Last day of a contractor's access, such as 2030-01-31, or a time in UTC with Z.", 32
            ),
        },
    ),
}

_BATCH = _object(
    (
        "count",
        "name_pattern",
        "start",
        "domain",
        "display_name_pattern",
        "department",
        "manager_email",
        "role_account",
    ),
    {
        "count": _whole_number(1, ROWS_MAX, "Number of mailboxes, stated exactly."),
        "name_pattern": _text("Local part with {n} or {n:02} once, such as kiosk-{n:02}.", 80),
        "start": _whole_number(0, 999999, "Number of the first mailbox."),
        "domain": _text("Host name of the mailboxes.", 512),
        "display_name_pattern": _text(
            "Display name, with the same {n} if wanted, such as Front Desk Kiosk {n:02}.", 255
        ),
        "owner_email": _contact("The one owner of all mailboxes of the batch."),
        "owners": {
            "type": "array",
            "minItems": 1,
            "maxItems": ROWS_MAX,
            "items": _contact("Owner of the mailbox at that place."),
            "description": "One owner for each mailbox, in order.",
        },
        "department": _text("Where the mailboxes belong.", 120),
        "manager_email": _contact("Address of the manager."),
        "role_account": {"type": "boolean", "description": "true for mailboxes of a function."},
    },
    oneOf=[{"required": ["owner_email"]}, {"required": ["owners"]}],
)

_APPROVAL = _object(
    ("id", "approved_by", "approved_at", "expires_at", "digest", "rows"),
    {
        "id": _pattern(_whole("[A-Za-z0-9][A-Za-z0-9._/-]{0,63}"), "Id of the approval, such as APR-2026-001.", 64),
        "approved_by": _contact("Address of the person who authorises the batch."),
        "reviewed_by": _contact("Address of the person who reviewed the rows, when that is another one."),
        "approved_at": _pattern(_INSTANT, "When it was approved, UTC with Z.", 32),
        "expires_at": _pattern(_INSTANT, "Until when it may be used, UTC with Z.", 32),
        "digest": _pattern(_whole("sha256:[0-9a-f]{64}"), "Digest of what was approved; intake prints it.", 71),
        "rows": _whole_number(1, ROWS_MAX, "Exact number of mailboxes approved."),
        "high_risk": {
            "type": "array",
            "uniqueItems": True,
            "items": _contact("A high-risk address that is approved by name."),
            "description": "High-risk addresses that are approved by name.",
        },
    },
)

_EXCEPTION = _object(
    ("rule", "reason", "approver", "expires_at"),
    {
        "rule": {"type": "string", "enum": EXCEPTION_RULES, "description": "The rule that is bypassed."},
        "object": _text("The address it is limited to; left out, it covers the whole request."),
        "reason": _pattern(_TEXT, "Why.", 1000),
        "approver": _contact("Address of the person who allows it; not the requester."),
        "expires_at": _pattern(_INSTANT, "When it ends, UTC with Z.", 32),
    },
)

REQUEST_SCHEMA: dict[str, t.Any] = {
    "$schema": DRAFT,
    "$id": "urn:mailops.email:request:1",
    "title": "A change request (request.yml)",
    **_object(
        ("request_id", "requested_by", "business_purpose", "client", "domains"),
        {
            "request_id": _pattern(REQUEST_ID, "REQ-YYYY-NNN, or the id of a change ticket such as OPS-1234.", 32),
            "requested_by": _object(
                ("human", "system"),
                {
                    "human": _contact("Address of the person who asks."),
                    "system": _pattern(
                        _whole("[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}"), "The system it was asked through, such as awx.", 64
                    ),
                },
                description="Who asks: the person and the system.",
            ),
            "business_purpose": {
                "type": "string",
                "enum": PURPOSES,
                "description": "Why: onboarding, migration or client_handoff.",
            },
            "client": _pattern(_whole("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"), "Inventory name of the client.", 63),
            "domains": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1000,
                "uniqueItems": True,
                "items": _text("Host name.", 512),
                "description": "All domains the request touches, and no others.",
            },
            "mailboxes": _pattern(
                _whole("[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\.csv"), "Name of the CSV beside request.yml.", 104
            ),
            "batch": _BATCH,
            "defaults": _object(
                (),
                {
                    "expires_in_hours": _whole_number(1, EXPIRES_IN_HOURS_MAX, "Life of a setup link in hours."),
                    "quota_mb": _whole_number(1, 999999999, "Dedicated storage in MB."),
                    "delivery": {"type": "string", "enum": DELIVERY, "description": "Way of the setup link."},
                },
                description="Values for rows that leave them empty.",
            ),
            "max_batch": _whole_number(1, ROWS_MAX, "Most rows of this request; never above the policy's own."),
            "exceptions": {"type": "array", "items": _EXCEPTION, "description": "Recorded exceptions."},
            "approval": _APPROVAL,
        },
    ),
    "not": {"required": ["mailboxes", "batch"]},
}


def as_json(schema: dict[str, t.Any]) -> str:
    """The text of a schema for editors and other tools."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
