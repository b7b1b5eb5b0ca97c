# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of ``dns_baseline`` and ``dns_baseline_info`` as plain data, and the items that a task makes of them."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import POLICIES
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.shell.publisher_option import PUBLISHER

Spec = dict[str, t.Any]

_TEXT: Spec = {"type": "str"}
_NEEDED: Spec = {"type": "str", "required": True}
_TEXTS: Spec = {"type": "list", "elements": "str"}
_POLICY: Spec = {"type": "str", "choices": list(POLICIES)}
_ALIGNMENT: Spec = {"type": "str", "choices": ["relaxed", "strict"]}


def _rows(**options: Spec) -> Spec:
    return {"type": "list", "elements": "dict", "options": options}


def _part(**options: Spec) -> Spec:
    return {"type": "dict", "options": options}


# What may be said of one domain. Beside the list it is the client's template, of which an item changes what differs.
DOMAIN: Spec = {
    "zone": _TEXT,
    "sending": {"type": "bool"},
    "provider_records": {"type": "bool"},
    "mx": _rows(host=_NEEDED, priority={"type": "int", "required": True}),
    "spf": _part(includes=_TEXTS, mechanisms=_TEXTS, all={"type": "str", "choices": ["-all", "~all", "?all"]}),
    # A key in the DNS is public.
    "dkim": _rows(selector=_NEEDED, value={"type": "str", "no_log": False}, cname=_TEXT),
    "dmarc": _part(
        policy={**_POLICY, "required": False},
        subdomain_policy=_POLICY,
        nonexistent_policy=_POLICY,
        dkim_alignment=_ALIGNMENT,
        spf_alignment=_ALIGNMENT,
        aggregate_reports=_TEXTS,
        failure_reports=_TEXTS,
        testing={"type": "bool"},
    ),
    "mta_sts": _part(
        id=_TEXT,
        mode={"type": "str", "choices": ["none", "testing", "enforce"]},
        max_age={"type": "int"},
        mx=_TEXTS,
    ),
    "tls_rpt": _TEXTS,
    "bimi": _part(location=_TEXT, selector=_TEXT, authority=_TEXT),
    "dane": _rows(host=_NEEDED, port={"type": "int"}, values={**_TEXTS, "required": True}),
    "ttl": {"type": "int"},
    "remove": _rows(name=_TEXT, type=_NEEDED, value=_NEEDED),
    "senders": _rows(
        name=_NEEDED,
        from_domain=_TEXT,
        mail_from=_TEXT,
        addresses=_TEXTS,
        dkim_domain=_TEXT,
        dkim_selector=_TEXT,
    ),
    "routes": {"type": "dict"},
    "exceptions": _rows(guard=_NEEDED, object=_NEEDED, reason=_NEEDED, approver=_NEEDED, expires_at=_NEEDED),
}

RESOLVER: Spec = _part(
    servers=_TEXTS,
    authoritative=_TEXTS,
    timeout={"type": "int", "default": 5},
    https={"type": "bool", "default": True},
)

WINDOW: Spec = {
    "type": "dict",
    "options": {
        "days": _TEXTS,
        "from": _TEXT,
        "to": _TEXT,
        "timezone": _TEXT,
        "freeze": {"type": "list", "elements": "str"},
    },
}


def _domains() -> Spec:
    options = copy.deepcopy(DOMAIN)
    return {"type": "list", "elements": "dict", "options": {"name": _NEEDED, **options}}


# What both modules take.
LOOKING: Spec = {
    "name": _TEXT,
    **copy.deepcopy(DOMAIN),
    "domains": _domains(),
    "resolver": RESOLVER,
    "reports": {"type": "list", "elements": "path"},
}

CHANGING: Spec = {
    "state": {"type": "str", "choices": ["present", "checked", "snapshot", "restored"], "default": "present"},
    "publisher": PUBLISHER,
    "snapshot_id": {"type": "str", "default": "last_known_good"},
    "change_window": WINDOW,
    "max_domains": {"type": "int", "default": 25},
    "max_domains_losing": {"type": "int", "default": 1},
    "approved_digest": _TEXT,
    "wait": {"type": "int", "default": 300},
}


def items_of(params: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """The domains of a task, each with the template laid under its own values.

    :raises Refused: ``domains_missing``, ``exception_beside_list``, ``hostname_invalid``.
    """
    beside = {name: params[name] for name in DOMAIN if params.get(name) is not None}
    listed = params.get("domains")
    if listed is None:
        if not params.get("name"):
            raise Refused("domains_missing", "No domain is named.", "Set name, or domains.")
        listed = [{"name": params["name"]}]
    elif "exceptions" in beside:
        raise Refused(
            "exception_beside_list",
            "The exceptions stand beside the list, so nobody has approved them for one domain.",
            "Give each domain that needs one an exception of its own.",
        )
    return [_completed(beside, entry) for entry in listed]


def _completed(beside: t.Mapping[str, t.Any], entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    item = copy.deepcopy(dict(beside))
    for option, value in entry.items():
        if value is None:
            continue
        if isinstance(value, dict) and isinstance(item.get(option), dict):
            item[option].update({name: one for name, one in value.items() if one is not None})
        else:
            item[option] = copy.deepcopy(value)
    item["name"] = normalise_hostname(item["name"])
    return item
