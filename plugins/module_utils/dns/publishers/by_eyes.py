# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading where the host itself cannot be asked: at the authoritative servers of the zone."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import run, together
from ansible_collections.mailops.email.plugins.module_utils.dns.authority import authorities
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers import looking
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import (
    Publisher,
    Seen,
    Settings,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
    after_of,
    newer,
    place_of,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Refused


class ByEyes(Publisher):
    """The zone's own name servers tell what is there."""

    atomic = False

    def __init__(self, settings: Settings) -> None:
        """:raises Refused: ``publisher_eyes``."""
        super().__init__(settings)
        if settings.eyes is None:
            text = "The publisher %s has nobody who looks at the DNS." % self.name
            raise Refused("publisher_eyes", text, "Set resolver.")
        self._eyes = settings.eyes
        self._given = tuple(settings.authoritative)
        self._servers: dict[str, tuple[str, ...]] = {}
        # Eyes are for one thread, and the zones of a plan may be published side by side.
        self._alone = threading.Lock()

    def find_zones(self, names: t.Collection[str]) -> dict[str, str]:
        ordered = sorted(names)
        with self._alone:
            found = run(together([authorities(name, self._given) for name in ordered]), self._eyes)
        missing = [one.domain for one in found if not one.zone]
        if missing:
            raise looking.no_zone(missing)
        self._servers.update((one.zone, one.servers) for one in found)
        return {one.domain: one.zone for one in found}

    def read(self, zone: str, places: t.Collection[Place]) -> Seen:
        """What is there. Where the servers differ, the one with the oldest zone is believed: what it does not show is not there yet."""
        views = self.views(zone, places)
        oldest = views[0]
        for view in views[1:]:
            if newer(oldest.serial, view.serial):
                oldest = view
        return Seen(dict(oldest.sets))

    def everywhere(self, operation: Operation, views: t.Sequence[looking.View]) -> bool:
        return all(self.same(view.sets.get(place_of(operation)), after_of(operation)) for view in views)

    def views(self, zone: str, places: t.Collection[Place]) -> list[looking.View]:
        """What each server says now.

        :raises ProviderError: ``authority_silent``.
        """
        with self._alone:
            self._eyes.forget()
            servers = self._servers.get(zone)
            if servers is None:
                servers = self._servers[zone] = run(authorities(zone, self._given), self._eyes).servers
            found = run(looking.views(zone, places, servers), self._eyes)
        self._counts["QUERY"] += len(places) * len(servers)
        if not found:
            raise looking.nobody(zone, servers)
        return found
