# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the provider finds of a domain's records in the sandbox's own zones (switch ``domain_verifies: dns``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core import Core

if TYPE_CHECKING:
    from .dns_zones import Zones


def found(core: Core, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return ``{id: ok or missing}`` of rows of dns-requirements; nothing when no name server runs."""
    if core.names is None:
        return {}
    zones = core.names.zones
    return {row["id"]: "ok" if _there(zones, row) else "missing" for row in rows}


def _there(zones: Zones, row: dict[str, Any]) -> bool:
    if row["type"] == "MX":
        return row["value"] in zones.hosts(row["name"])
    texts = zones.texts(row["name"])
    if row["id"] == "spf":
        wanted = next(word for word in row["value"].split() if word.startswith("include:"))
        return any(text.lower().startswith("v=spf1 ") and wanted in text.lower().split() for text in texts)
    if row["id"] == "dkim":
        return row["value"] in texts
    # of the others the owner chooses what they say
    version = row["value"].partition(";")[0]
    return any(text.partition(";")[0].strip() == version for text in texts)


def look_at_all(core: Core) -> None:
    """Make the domains active whose required records are there, inside the caller's transaction."""
    from .routes.dns import records  # it asks `found` in turn

    if core.switches["domain_verifies"] != "dns" or core.names is None:
        return
    now = int(core.clock.now())
    for domain in core.store.all("SELECT * FROM domain WHERE status = 'pending_dns'"):
        rows = records(core, domain)
        seen = found(core, rows)
        if all(seen[row["id"]] == "ok" for row in rows if row["required"]):
            core.store.run("UPDATE domain SET status = 'active', verified_at = ? WHERE id = ?", now, domain["id"])
    core.store.cache.clear()
