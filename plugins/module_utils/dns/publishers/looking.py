# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all authoritative servers say of them: for publishers that cannot ask the host itself."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    Answer,
    Asking,
    Question,
    together,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.parts import (
    Place,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError


@dataclasses.dataclass(frozen=True)
class View:
    """What one server says.

    :param serial: of the zone as it has it; 0 when it does not say.
    :param sets: those that exist there.
    """

    server: str
    serial: int
    sets: dict[Place, RecordSet]


def views(zone: str, places: t.Collection[Place], servers: t.Sequence[str]) -> Asking[list[View]]:
    """One for each server that answers all of the questions, so that a dead one does not stand for an empty zone."""
    asked = sorted(places)
    found = yield from together([_view(server, zone, asked) for server in servers])
    return [view for view in found if view is not None]


def _view(server: str, zone: str, places: t.Sequence[Place]) -> Asking[View | None]:
    questions = [Question(zone, "SOA", server), *[Question(name, kind, server) for name, kind in places]]
    soa, *answers = yield questions
    if any(one.status == FAILED for one in answers):
        return None
    sets = {
        place: RecordSet.of(*place, one.ttl, one.values)
        for place, one in zip(places, answers, strict=True)
        if one.status == FOUND and not one.aliases
    }
    return View(server, _serial(soa), sets)


def _serial(soa: Answer) -> int:
    fields = soa.values[0].split() if soa.values else []
    return int(fields[2]) if len(fields) == 7 and fields[2].isdecimal() else 0


def no_zone(names: t.Sequence[str]) -> ProviderError:
    return ProviderError(
        "zone_missing",
        "%s: no name server tells the zone%s."
        % (names[0], "" if len(names) == 1 else "; nor of " + ", ".join(names[1:20])),
        "Is the domain registered and delegated? Else set zone, or the servers under resolver.",
        retryable=False,
    )


def nobody(zone: str, servers: t.Sequence[str]) -> ProviderError:
    return ProviderError(
        "authority_silent",
        "%s: none of its name servers answers (%s)." % (zone, ", ".join(servers) or "none is known"),
        "Check that this controller may ask them over port 53, or name them under resolver.",
    )
