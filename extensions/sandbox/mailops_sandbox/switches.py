# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every choice that the contract leaves open, as a named switch. Plain data: docs/sandbox.md is tested against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Switch:
    """One choice: ``values`` lists the allowed words or numbers (None: any value of the default's type)."""

    name: str
    default: Any
    values: tuple[Any, ...] | None
    source: str
    meaning: str


class SwitchError(ValueError):
    """A name or value that no switch knows; the text says which."""


def _s(name: str, default: Any, values: tuple[Any, ...] | None, source: str, meaning: str) -> Switch:
    return Switch(name, default, values, source, meaning)


# source: paragraph of the TrekMail contract that leaves the choice open (A = API, P = product)
TABLE: tuple[Switch, ...] = (
    # shapes and statuses
    _s("wrap_objects", "bare", ("bare", "data"), "A10.3", "single objects bare or inside `data`"),
    _s("create_status", 201, (200, 201), "A10.2", "status of a successful create"),
    _s(
        "empty_delete",
        204,
        (200, 204),
        "A1",
        "deletes answer 204 without a body, or 200 with one, where the contract names no body",
    ),
    _s(
        "bulk_all_failed_shape",
        "no_error_key",
        ("no_error_key", "envelope"),
        "A4",
        "422 of a bulk call where every row failed",
    ),
    _s(
        "validation_details",
        "error.errors",
        ("error.errors", "errors", "none"),
        "A10.1",
        "where the field map of a validation error sits",
    ),
    _s("duplicate_status", 422, (409, 422), "A10.1", "status of a single create whose address or name exists"),
    _s("default_per_page", 25, None, "A3", "page size when the request names none (trashed list: 50, documented)"),
    _s(
        "login_suspended_as",
        "field",
        ("field", "status", "both"),
        "A10.10",
        "login suspension shows as `login_suspended`, as the status, or both",
    ),
    _s("dns_records_key", "records", ("records", "data"), "A7.2", "name of the list in dns-requirements"),
    _s("dns_check_id_field", "both", ("both", "id", "check_id"), "A7.2", "name of the id that dns-recheck returns"),
    # domains
    _s(
        "domain_verifies",
        "manual",
        ("manual", "on_recheck", "auto", "dns"),
        "P2",
        "a new domain becomes active by /_sandbox, by a recheck, at once, or when its records are in the zones of `--dns`",
    ),
    _s("dns_check_seconds", 0, None, "A8", "seconds (sandbox clock) until a DNS check is complete"),
    _s("dns_check_stays_pending", False, None, "A11", "DNS checks never complete"),
    _s("dns_recheck_cooldown_seconds", 0, None, "A10.4", "second recheck of a domain inside this time answers 429"),
    _s("max_domains", 1000, None, "P1", "domains an account may hold, on every plan"),
    _s("bulk_add_max", 20, None, "A7.1", "names in one domains:bulk-add"),
    # mailboxes
    _s("bulk_max", 100, None, "A7.3", "items in one bulk create or bulk invite"),
    _s("password_sync_pending", False, None, "A8", "a password reset answers 202 with `sync_pending: true`"),
    _s(
        "pending_invites_in_mailbox_list",
        False,
        None,
        "P4",
        "pending invites appear in GET /mailboxes as `setup_pending`",
    ),
    _s("trashed_holds_address", True, None, "A10.9", "the address of a trashed mailbox cannot be used again"),
    _s("trashed_counts_to_limits", True, None, "A10.9", "trashed mailboxes count towards the mailboxes of a domain"),
    _s("delete_intent_minutes", 10, (5, 10), "A7.4", "life of a delete intent"),
    _s(
        "delete_mode",
        "recycle",
        ("recycle", "retire"),
        "P7",
        "a confirmed delete goes to the recycle bin, or retires the address for good",
    ),
    _s("recycle_days", 7, None, "P7", "days in the recycle bin before the purge"),
    # invites
    _s(
        "duplicate_invite",
        "refuse",
        ("refuse", "new"),
        "A10.7",
        "second invite for a pending address is refused, or replaces the first link",
    ),
    _s("invite_answers_expires_at", True, None, "A7.5", "the answer to an invite holds `expires_at`"),
    _s(
        "invite_local_part",
        "fixed",
        ("fixed", "owner_choice"),
        "A10.7",
        "the owner may change the local part on the setup page",
    ),
    # keys
    _s("idempotency_hours", 24, None, "A5", "life of a stored answer"),
    _s("idempotency_key_required", True, None, "A10.6", "POST, PUT, DELETE and keyed PATCH without a key answer 422"),
    _s(
        "idempotency_stores_4xx",
        False,
        None,
        "A10.6",
        "refusals (not 401, 403, 409, 429) are stored and replayed too; 5xx never are",
    ),
    _s(
        "idempotency_in_flight",
        "conflict",
        ("conflict", "run"),
        "A10.6",
        "same key while the first call runs: 409 idempotency_in_progress, or run it too (it then meets the stored answer)",
    ),
    # limits
    _s("rate_limit_per_minute", 0, None, "A10.5", "requests a token may make in a minute, 0 is no limit"),
    _s(
        "destructive_per_hour",
        0,
        None,
        "A10.5",
        "confirmed deletes and domain deletes a token may make in an hour, 0 is no limit",
    ),
    _s(
        "bulk_cooldown_items",
        0,
        None,
        "A10.5",
        "mailboxes and invites created before a cooldown starts, 0 is no cooldown",
    ),
    _s("bulk_cooldown_seconds", 30, None, "A10.5", "length of that cooldown"),
    _s(
        "bulk_cooldown_excess",
        "accept",
        ("accept", "partial", "refuse"),
        "A10.5",
        "a batch above what is left runs whole, in part (207), or not (429)",
    ),
    _s("retry_after_header", True, None, "A6", "429 and 503 carry `Retry-After`"),
    _s("retry_after_body", True, None, "A6", "429 and 503 carry `error.retry_after`"),
    _s(
        "retry_after_style",
        "seconds",
        ("seconds", "date"),
        "A6",
        "`Retry-After` as seconds or as an HTTP date (RFC 9110 10.2.3)",
    ),
    _s("storage_pool_mb", 0, None, "P1", "size of the pool, 0 is what the plan says"),
    # plan and features
    _s("plan_gates_scopes", True, None, "A2.4", "Nano and Starter lose the scopes that the plan does not hold"),
    _s("app_passwords_enabled", True, None, "A7.10", "app passwords exist on this platform; off answers 404"),
    _s("app_password_status", 422, (409, 422), "A4", "status of app_password_limit_reached and mailbox_not_eligible"),
    _s(
        "native_access_sync",
        "ok",
        ("ok", "failed"),
        "A4",
        "shared mailbox changes fail with native_access_sync_failed (503)",
    ),
    # the sandbox itself
    _s(
        "dns_answers",
        "normal",
        ("normal", "servfail", "refused", "silent", "truncated"),
        "ours",
        "what the name server answers; `truncated` sends every query to TCP",
    ),
    _s("password_hash_iterations", 200, None, "ours", "PBKDF2 rounds for passwords that people chose"),
)

BY_NAME: dict[str, Switch] = {row.name: row for row in TABLE}


def defaults() -> dict[str, Any]:
    """Return the default value of every switch by name."""
    return {row.name: row.default for row in TABLE}


def check(name: str, value: Any) -> Any:
    """Return ``value`` (text from a command line, or a JSON value) in the type of switch ``name``.

    Raises SwitchError for an unknown name, a wrong type or a value outside the allowed ones.
    """
    switch = BY_NAME.get(name)
    if switch is None:
        raise SwitchError(f"no switch is named {name!r}")
    kind = type(switch.default)
    if kind is bool:
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        found: Any = value if isinstance(value, bool) else words.get(str(value).lower())
    elif kind is int:
        try:
            found = None if isinstance(value, bool) else int(str(value))
        except ValueError:
            found = None
        if found is not None and found < 0:
            found = None
    else:
        found = value if isinstance(value, str) else None
    if found is None or (switch.values is not None and found not in switch.values):
        allowed = " | ".join(str(v) for v in switch.values) if switch.values else kind.__name__
        raise SwitchError(f"switch {name} takes {allowed}, not {value!r}")
    return found
