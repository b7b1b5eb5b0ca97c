# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs as plain data: built here once, for modules and actions alike."""

from __future__ import annotations

import copy
import typing as t

from ansible.module_utils.basic import env_fallback

from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS
from ansible_collections.mailops.email.plugins.module_utils.resources.access_paths import ALL
from ansible_collections.mailops.email.plugins.module_utils.resources.base import EXCEPTION_OPTION
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_options import CHANGING, LOOKING

Spec = dict[str, t.Any]


def _option(kind: str, variable: str = "", **rest: t.Any) -> Spec:
    spec: Spec = {"type": kind, **rest}
    if variable:
        spec["fallback"] = (env_fallback, [variable])
    return spec


# How to reach the provider. Each has an environment variable, so that a controller's credential type can set it.
CONNECTION: Spec = {
    "provider": _option("str", "MAILOPS_PROVIDER", default="trekmail", choices=sorted(DRIVERS)),
    "api_url": _option("str", "MAILOPS_API_URL"),
    "api_token": _option("str", "MAILOPS_API_TOKEN", no_log=True),
    "doveadm_url": _option("str", "MAILOPS_DOVEADM_URL"),
    "doveadm_key": _option("str", "MAILOPS_DOVEADM_KEY", no_log=True),
    "ca_path": _option("path", "MAILOPS_CA_PATH"),
    "validate_certs": _option("bool", "MAILOPS_VALIDATE_CERTS", default=True),
    "timeout": _option("int", "MAILOPS_TIMEOUT", default=30),
    "deadline": _option("int", "MAILOPS_DEADLINE", default=300),
    "requests_per_minute": _option("int", "MAILOPS_REQUESTS_PER_MINUTE", default=0),
    "concurrency": _option("int", "MAILOPS_CONCURRENCY", default=8),
    "journal_dir": _option("path", "MAILOPS_JOURNAL_DIR", default="~/.local/state/mailops/journal"),
    "journal_url": _option("str", "MAILOPS_JOURNAL_URL", no_log=True),
    "client": _option("str", "MAILOPS_CLIENT"),
    "client_domains": _option("list", elements="str"),
}

# Who changes something, why, and how far it may go.
CHANGE: Spec = {
    "request_id": _option("str", "MAILOPS_REQUEST_ID", required=True),
    "approval_id": _option("str", "MAILOPS_APPROVAL_ID"),
    "input": _option(
        "dict",
        options={
            "git_commit": _option("str"),
            "digest": _option("str"),
            "dns_exception": _option(
                "dict", options={name: _option("str") for name in ("reason", "approver", "expires_at")}
            ),
        },
    ),
    "actor": _option("str", "MAILOPS_ACTOR"),
    "sealed_dir": _option("path", "MAILOPS_SEALED_DIR", default="~/.local/state/mailops/sealed"),
    "max_changes": _option("int"),
    "max_removals": _option("int", default=10),
    "max_listed": _option("int", "MAILOPS_MAX_LISTED", default=1000),
    "snapshot": _option("path"),
}


def resource_spec(kind: str) -> dict[str, t.Any]:
    """Keyword arguments for a module or a validator of a resource: one item, or a list of them.

    In the list an option without a value of its own takes the value that stands beside the list, so the list's
    options have no defaults.
    """
    resource = RESOURCES[kind]
    item = {name: dict(option) for name, option in resource.options.items()}
    nested = copy.deepcopy(resource.options)
    for option in nested.values():
        option.pop("default", None)
    nested[resource.key_option]["required"] = kind != "mailbox"
    spec = {**CONNECTION, **CHANGE, **item, resource.plural: {"type": "list", "elements": "dict", "options": nested}}
    arguments: dict[str, t.Any] = {"argument_spec": spec, "supports_check_mode": True}
    names = [resource.key_option, resource.plural]
    if kind == "freeze":
        # A task that names nothing freezes its client.
        nested[resource.key_option]["required"] = False
        return {**arguments, "mutually_exclusive": [tuple(names)]}
    if kind == "mailbox":
        names.insert(1, "local_part")
        spec["mailboxes_file"] = _option("path")
        spec["mailboxes_digest"] = _option("str")
        names.append("mailboxes_file")
        arguments["required_together"] = [("mailboxes_file", "mailboxes_digest")]
    if kind == "subdomain":
        spec["labels"] = {"type": "list", "elements": "str"}
        names.append("labels")
    arguments["mutually_exclusive"] = [tuple(names)]
    arguments["required_one_of"] = [tuple(names)]
    return arguments


def _decided(key: str, *actions: str) -> Spec:
    """Decisions about what a leaver leaves behind, see the package ``offboarding``."""
    options = {
        key: _option("str", required=True),
        **({"action": _option("str", required=True, choices=list(actions))} if actions else {}),
        **{name: _option("str") for name in ("new_owner", "until", "reason")},
        "exception": copy.deepcopy(EXCEPTION_OPTION),
    }
    extra = {
        "end": {"purpose": _option("str"), **({"destination": _option("str")} if key == "domain" else {})},
        "delete": {"mailbox": _option("str")},
        "rotate": {"seal_to": _option("str")},
        "": {"seal_to": _option("str")},
    }
    return _option("list", elements="dict", options={**options, **extra[actions[0] if actions else ""]})


_INFO_OPTIONS: dict[str, Spec] = {
    "domain_info": {
        "domains": _option("list", elements="str"),
        "dns_requirements": _option("bool", default=False),
    },
    "mailbox_info": {
        "domains": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
        "state": _option("str", choices=["present", "suspended", "pending", "trashed", "orphaned"]),
    },
    "invite_info": {
        "domains": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
        "state": _option("str", choices=["pending", "redeemed", "cancelled", "expired"]),
        "request_id": _option("str"),
    },
    "forward_info": {
        "domains": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
    },
    "mailbox_access_info": {
        "domains": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
        "kinds": _option("list", elements="str", choices=list(ALL)),
    },
    "account_info": {},
    "dns_baseline_info": {**LOOKING, "snapshot_id": _option("str", default="last_known_good")},
    "freeze_info": {"ended": _option("bool", default=False)},
    "offboarding_info": {
        "request_id": _option("str", "MAILOPS_REQUEST_ID", required=True),
        "person": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
        "request": _option("path"),
        "domains": _option("list", elements="str"),
        "whole_client": _option("bool", default=False),
        "reason": _option("str"),
        "forwards": _decided("address", "end", "reown"),
        "catch_alls": _decided("domain", "end", "reown"),
        "aliases": _decided("address", "delete", "move", "keep"),
        "role_accounts": _option(
            "list",
            elements="dict",
            options={
                "address": _option("str", required=True),
                "members": _option("list", elements="str"),
                "shared": _option("bool", default=False),
                "critical": _option("bool", default=False),
            },
        ),
        "role_account_decisions": _decided("address", "rotate", "suspend", "keep"),
        "keep": _decided("address"),
        "done_by_hand": _option("list", elements="str"),
        "snapshot": _option("path"),
    },
    "owner_info": {
        "owners": _option("list", elements="str"),
        "addresses": _option("list", elements="str"),
        "domains": _option("list", elements="str"),
    },
    "audit_info": {
        "request_id": _option("str"),
        "address": _option("str"),
        "domain": _option("str"),
        "action": _option("str"),
        "actor": _option("str"),
        "since": _option("str"),
        "until": _option("str"),
        "outcome": _option("str", choices=["success", "failure", "unverified", "in_doubt"]),
        "last": _option("int", default=100),
        "view": _option("str", choices=["full", "runbook"], default="full"),
    },
    "expiry_info": {"domains": _option("list", elements="str")},
    "request_info": {
        "path": _option("path", required=True),
        "offline": _option("bool", default=False),
        "snapshot": _option("path"),
        "mailboxes_file": _option("path"),
        "alias_check_limit": _option("int", default=500),
        "max_batch": _option("int", default=500),
        "review_threshold": _option("int", default=25),
        "high_risk_local_parts": _option("list", elements="str", default=[]),
        "role_local_parts": _option("list", elements="str", default=[]),
        "plan_limits": _option(
            "dict",
            options={
                "domains": _option("int"),
                "mailboxes_per_domain": _option("int"),
                "storage_mb": _option("int"),
            },
        ),
    },
}


def _server(required: bool, *tls: str, **more: Spec) -> dict[str, Spec]:
    return {
        "host": _option("str", required=True) if required else _option("str"),
        "port": _option("int"),
        "tls": _option("str", choices=list(tls), default=tls[0]),
        **more,
    }


_PROBE: Spec = {
    "domains": _option("list", elements="str"),
    "imap": _option("dict", required=True, options=_server(True, "implicit", "starttls")),
    "submission": _option("dict", required=True, options=_server(True, "implicit", "starttls")),
    "inbound": _option(
        "dict",
        options=_server(
            False,
            "starttls",
            "none",
            protocol=_option("str", choices=["smtp", "lmtp"], default="smtp"),
            sender=_option("str"),
        ),
    ),
    "outbound": _option(
        "dict",
        required=True,
        options={
            "address": _option("str", required=True),
            "proof": _option("str", choices=["accepted", "echo"], default="accepted"),
        },
    ),
    "mail_ca_path": _option("path", "MAILOPS_MAIL_CA_PATH"),
    "sample_size": _option("int", default=1),
    "seed": _option("str"),
    "probe_local_part": _option("str", default="mailops-probe"),
    "wait": _option("int", default=60),
    "results": _option(
        "list",
        elements="dict",
        options={
            "domain": _option("str", required=True),
            "check": _option("str", required=True),
            "passed": _option("bool"),
            "code": _option("str"),
            "evidence": _option("raw"),
            "next": _option("str"),
        },
    ),
}


def probe_spec() -> dict[str, t.Any]:
    """Keyword arguments for the module ``mail_probe`` or a validator of it."""
    return {"argument_spec": {**CONNECTION, **CHANGE, **_PROBE}, "supports_check_mode": True}


_ROLLBACK: Spec = {
    "state": _option("str", choices=["planned", "rolled_back", "closed"], default="rolled_back"),
    "rollback_id": _option("str"),
    "overwrite": _option("list", elements="str", default=[]),
    "verified": _option("bool"),
    "unverified_because": _option("str"),
    "publisher": CHANGING["publisher"],
    "resolver": LOOKING["resolver"],
}


def rollback_spec() -> dict[str, t.Any]:
    """Keyword arguments for the module ``rollback`` or a validator of it."""
    return {
        "argument_spec": {**CONNECTION, **CHANGE, **_ROLLBACK},
        "supports_check_mode": True,
        "required_if": [("state", "closed", ("rollback_id", "verified")), ("verified", False, ("unverified_because",))],
    }


def dns_baseline_spec() -> dict[str, t.Any]:
    """Keyword arguments for the module ``dns_baseline`` or a validator of it."""
    return {
        "argument_spec": {**CONNECTION, **CHANGE, **LOOKING, **CHANGING},
        "supports_check_mode": True,
        "mutually_exclusive": [("name", "domains")],
        "required_one_of": [("name", "domains")],
    }


def info_spec(name: str) -> dict[str, t.Any]:
    """Keyword arguments for a module or a validator of an info module."""
    return {"argument_spec": {**CONNECTION, **_INFO_OPTIONS[name]}, "supports_check_mode": True}
