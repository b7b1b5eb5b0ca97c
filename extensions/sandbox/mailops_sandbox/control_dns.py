# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name server's zones, for tests and the demo."""

from __future__ import annotations

from typing import Any

from .control_data import Missing
from .core import Core


def _names(core: Core) -> Any:
    if core.names is None:
        raise Missing("this sandbox was started without --dns")
    return core.names


def show(core: Core, *_unused: Any) -> tuple[int, Any]:
    """GET /_sandbox/dns."""
    names = _names(core)
    return 200, {**names.shown(), "zones": names.zones.shown()}


def put_zone(core: Core, params: dict[str, Any], _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """PUT /_sandbox/dns/zones/{name}. Raises ValueError for a record that cannot be."""
    names, zone = _names(core), params["name"].lower()
    names.zones.make(names.zones.checked(zone))
    names.zones.change(zone, {"set": body.get("records", [])})
    names.changed()
    return 200, {"name": zone, "serial": names.zones.serial(zone)}


def drop_zone(core: Core, params: dict[str, Any], *_unused: Any) -> tuple[int, Any]:
    """DELETE /_sandbox/dns/zones/{name}."""
    zone = params["name"].lower()
    if not _names(core).zones.drop(zone):
        raise Missing(f"no zone is named {zone}")
    return 200, {"name": zone, "removed": True}


def change_zone(core: Core, params: dict[str, Any], _query: Any, body: dict[str, Any]) -> tuple[int, Any]:
    """POST /_sandbox/dns/zones/{name}:change. Raises ValueError for a record that cannot be."""
    names, zone = _names(core), params["name"].lower()
    if names.zones.serial(zone) is None:
        raise Missing(f"no zone is named {zone}")
    names.zones.change(zone, body)
    names.changed()
    return 200, {"name": zone, "serial": names.zones.serial(zone)}
