# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which events leave: the runbook's, OCSF, ECS. Each is a plain dict of JSON types."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.query import runbook_view
from ansible_collections.mailops.email.plugins.plugin_utils.export.ecs import ecs
from ansible_collections.mailops.email.plugins.plugin_utils.export.ocsf import ocsf
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record

FORMS = ("runbook", "ocsf", "ecs")
# OCSF is written for one version of its schema; 3001 became 3007 with 1.9.
OCSF_VERSION = "1.8.0"

Render = t.Callable[[Record], dict[str, t.Any]]

# Syslog's and OpenTelemetry's words for how bad it is.
INFO, WARNING, ERROR = "info", "warning", "error"
_BAD = {"failure": ERROR, "failed": ERROR, "unreachable": ERROR, "in_doubt": WARNING, "unverified": WARNING}
_BAD_ACTIONS = {"audit.incomplete": ERROR, "audit.in_doubt": WARNING, "audit.sink_degraded": WARNING}


def renderer(form: str, ocsf_version: str = OCSF_VERSION) -> Render:
    """The function that puts a record into a form of `FORMS`."""
    if form == "ocsf":
        return lambda record: ocsf(record, ocsf_version)
    return {"runbook": runbook, "ecs": ecs}[form]


def runbook(record: Record) -> dict[str, t.Any]:
    """The eight keys of the runbook's example (R-LOG-10), and what tells two records of one change apart."""
    event = record.event
    view = runbook_view(event)
    view.update(id=record.id, phase=event.get("phase", ""), outcome=event.get("outcome", ""))
    return {name: "" if value is None else value for name, value in view.items()}


def severity(record: Record) -> str:
    event = record.event
    return _BAD_ACTIONS.get(str(event.get("action"))) or _BAD.get(str(event.get("outcome")), INFO)


def moment(record: Record) -> datetime.datetime:
    """:raises ValueError: when the event has no time."""
    return parse_time(str(record.event.get("timestamp")))
