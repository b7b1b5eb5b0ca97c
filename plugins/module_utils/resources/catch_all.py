# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Catch-all: off by default; on only with owner, purpose and an end (R-CTRL-07, R-ASSET-12)."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.addresses import normalise_contact
from ansible_collections.mailops.email.plugins.module_utils.policy.forwards import check_governance, external_targets
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Record
from ansible_collections.mailops.email.plugins.module_utils.resources.base import (
    EXCEPTION_OPTION,
    Item,
    Resource,
    Scene,
    exception_of,
    need_exception,
    require_domain,
)
from ansible_collections.mailops.email.plugins.module_utils.resources.forward import GOVERNANCE_OPTIONS

_GOVERNANCE = tuple(GOVERNANCE_OPTIONS)


class CatchAll(Resource):
    kind = "catch_all"
    plural = "catch_alls"
    key_option = "domain"
    journal_fields: t.ClassVar[dict[str, str]] = {"catch_all": "expires_at"}
    options: t.ClassVar[dict[str, t.Any]] = {
        "domain": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
        "destination": {"type": "str"},
        **GOVERNANCE_OPTIONS,
        "exception": EXCEPTION_OPTION,
    }

    def normalise(self, item: Item, now: datetime.datetime) -> Item:
        if not item.get("domain"):
            raise Refused("domain", "A catch-all is named by its domain.", "Set domain.")
        domain = normalise_hostname(item["domain"])
        # Off by default: nothing said means absent, never present.
        state = item.get("state") or "absent"
        out: Item = {"key": domain, "domain": domain, "state": state, "exception": exception_of(item, now)}
        if state == "present":
            if not item.get("destination"):
                raise Refused("destination", "%s: a catch-all needs a destination." % domain, "Set destination.")
            out["destination"] = normalise_contact(item["destination"])
            out.update(check_governance(item, domain, now))
        return out

    def scope(self, items: t.Sequence[Item], driver: Driver) -> dict[str, set[str]]:
        domains = {item["domain"] for item in items}
        return {"domain": set(), "catch_all": domains}

    def plan(self, index: int, item: Item, scene: Scene) -> list[Operation]:
        key = item["key"]
        require_domain(scene, key, key, active=False)
        record = scene.record("catch_all", key)
        on = record is not None and bool(record.get("enabled"))
        before = catch_all_state(record, scene.note("catch_all", key)) if record and on else None
        if item["state"] == "absent" or item["expired"]:
            if not on:
                return []
            if item["state"] == "present":
                scene.warnings.append("%s: the catch-all's time is over, it is switched off." % key)
            return [Operation(index, "catch_all", "disable", key, "catch_all.disabled", before, None)]
        if external_targets([item["destination"]], scene.own_domains()):
            need_exception(item, key, "unknown mail would leave to %s." % item["destination"])
        after = {"destination": item["destination"], **{name: item[name] for name in _GOVERNANCE}}
        if before == after:
            return []
        native = ["destination", *(["expires_at"] if scene.driver.can("catch_all.expire") else [])]
        if before is not None and all(before[name] == after[name] for name in native):
            verb, action = "record", "catch_all.updated"
        else:
            verb, action = "enable", "catch_all.updated" if on else "catch_all.enabled"
        return [Operation(index, "catch_all", verb, key, action, before, after, exception=item["exception"])]

    def present(self, item: Item, scene: Scene) -> Record:
        record = scene.record("catch_all", item["key"])
        if record is None or not record.get("enabled"):
            return {"domain": item["key"], "state": "absent"}
        return dict(catch_all_state(record, scene.note("catch_all", item["key"])), domain=item["key"], state="present")


def catch_all_state(record: Record, note: Record) -> Record:
    """What goes into the journal of a catch-all: the provider's record, and what only the journal knows."""
    native = {name: record[name] for name in ("expires_at",) if name in record}
    return {"destination": record.get("destination"), **{name: note.get(name) for name in _GOVERNANCE}, **native}
