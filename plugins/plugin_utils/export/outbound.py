# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback's side of exports: what is said when a sink cannot be used, at the start and at the end."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.plugin_utils.export.exporter import Delivery, Exporter
from ansible_collections.mailops.email.plugins.plugin_utils.export.settings import Get, missing_libraries, settings_of

Event = dict[str, t.Any]


class Outbound:
    """Sinks of one run.

    :param get: gives the callback's options.
    :param folder: of the callback's files.
    :param lock: the handle by which the run is known to be at work.
    :raises Refused: for options that make no sense.
    """

    def __init__(self, get: Get, folder: str, run: str, lock: int = -1) -> None:
        self._settings = settings_of(get)
        self._exporter = Exporter(self._settings, folder, run, lock)
        self._told: set[str] = set()
        self.required_failed = False

    def start(self) -> tuple[list[Event], list[str]]:
        """Begin to send; a sink that is required has to take what there is now.

        :raises Refused: one does not.
        :raises OSError: when no process can be had.
        """
        missing = missing_libraries(self._settings)
        for name in sorted(missing):
            if name in self._settings.required:
                raise Refused("library_missing", "The required sink %s needs a library." % name, missing[name])
        self._exporter.start()
        if self._settings.required:
            for one in self._exporter.probe(self._settings.budget):
                if one.sink in self._settings.required and (one.error or one.left):
                    self._exporter.stop()
                    why = "The required sink %s (%s) takes nothing: %s." % (one.sink, one.target, one.error)
                    raise Refused("required_sinks", why, "Mend it, or take it out of required_sinks.")
        found = [
            Delivery(one.name, one.target, error="a library is missing: " + missing[one.name])
            for one in self._settings.sinks
            if one.name in missing
        ]
        return self._degraded(found)

    def journal(self, name: str) -> None:
        """A task writes to this journal."""
        self._exporter.journal(name)

    def finish(self) -> tuple[list[Event], list[str]]:
        """Send the rest within the budget, and say what could not be sent."""
        found = self._exporter.finish(self._settings.budget)
        failed = [one for one in found if one.error or one.left]
        self.required_failed = any(one.sink in self._settings.required for one in failed)
        return self._degraded([one for one in found if (one.error or one.left or one.damaged)])

    def _degraded(self, found: list[Delivery]) -> tuple[list[Event], list[str]]:
        events, sentences = [], []
        for one in found:
            if one.sink in self._told:
                continue
            if one.error or one.left:
                self._told.add(one.sink)
            events.append(_event(one))
            sentences.append(_sentence(one))
        return events, sentences


def _event(one: Delivery) -> Event:
    event: Event = {
        "event": "audit.sink_degraded",
        "sink": one.sink,
        "target": one.target,
        "why": one.error,
        "left": one.left,
        "delivered": one.delivered,
    }
    if one.damaged:
        event["damaged"] = one.damaged
    return event


def _sentence(one: Delivery) -> str:
    parts = []
    if one.error or one.left:
        count = "%d events are" % one.left if one.left else "what is new is"
        parts.append(
            "The sink %s (%s) is degraded: %s; %s kept for the next run." % (one.sink, one.target, one.error, count)
        )
    if one.damaged:
        parts.append("%d lines are no events and were not sent to %s: verify the journal." % (one.damaged, one.sink))
    return " ".join(parts)
