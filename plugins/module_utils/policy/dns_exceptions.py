# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exceptions from the guards of the DNS: each opens one guard for one object, and is kept with what it let through (R-GOAL-03)."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.exceptions import check_exception

# Guards that an exception opens; what is not here is never opened.
OPENED = frozenset(
    (
        "dkim_in_use_removed",
        "dkim_recently_used",
        "dmarc_no_senders",
        "dmarc_policy_changed",
        "dmarc_step_skipped",
        "dmarc_too_soon",
        "last_dmarc_removed",
        "last_mx_removed",
        "last_spf_removed",
        "outside_change_window",
        "parking",
        "spf_invalid",
        "spf_policy_changed",
        "spf_unchecked",
        "too_many_clients",
        "too_many_domains",
        "too_many_domains_losing",
        "ttl_raised",
    )
)
HINT = "give an exception with guard %s, object %s, reason, approver and expires_at"


@dataclasses.dataclass
class Exceptions:
    """Exceptions of a run, by guard and object; those that were used are remembered.

    :param known: as `exceptions_of` made them.
    :param ended: those whose time is over, with their refusal: they open nothing, and say so where one is needed.
    """

    known: dict[tuple[str, str], dict[str, t.Any]] = dataclasses.field(default_factory=dict)
    ended: dict[tuple[str, str], Refused] = dataclasses.field(default_factory=dict)
    used: set[tuple[str, str]] = dataclasses.field(default_factory=set)

    def opening(self, guard: str, *objects: str) -> dict[str, t.Any]:
        """The exception that opens *guard* for one of *objects*, empty when there is none.

        :raises Refused: ``exception_expired`` when there was one.
        """
        for thing in objects:
            place = (guard, thing)
            if place in self.known:
                self.used.add(place)
                return self.known[place]
            if place in self.ended:
                raise self.ended[place]
        return {}

    def unused(self) -> list[str]:
        """``guard for object`` of each that opened nothing."""
        return ["%s for %s" % place for place in sorted(set(self.known) - self.used)]


def exceptions_of(given: t.Iterable[t.Mapping[str, t.Any]], now: datetime.datetime, requester: str = "") -> Exceptions:
    """:param given: ``{guard, object, reason, approver, expires_at}`` each; *object* is what the refusal calls it.
    :raises Refused: ``exception_guard_unknown``, ``exception_incomplete``, ``approver_is_requester``, ``time_invalid``.
    """
    out = Exceptions()
    for one in given:
        guard, thing = (str(one.get(name) or "").strip() for name in ("guard", "object"))
        if guard not in OPENED:
            raise Refused(
                "exception_guard_unknown",
                "No exception opens the guard %r." % guard,
                "Name one of %s." % ", ".join(sorted(OPENED)),
            )
        if not thing:
            raise Refused(
                "exception_incomplete",
                "The exception from %s names no object." % guard,
                "Name the object as the refusal does; an exception is for one.",
            )
        try:
            checked = check_exception({name: one.get(name) for name in _FIELDS}, now, requester)
        except Refused as error:
            if error.code != "exception_expired":
                raise
            out.ended[guard, thing] = error
            continue
        out.known[guard, thing] = {"guard": guard, "object": thing, **checked}
    return out


_FIELDS = ("reason", "approver", "expires_at")


def recorded(opened: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """What an operation carries of the exceptions that let it through; empty for none."""
    each = [dict(one) for one in opened]
    if not each:
        return {}
    return {**each[0], "others": each[1:]} if len(each) > 1 else each[0]


def added(exception: t.Mapping[str, t.Any], more: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """What an operation carries, with *more* that let it through."""
    first = {name: value for name, value in exception.items() if name != "others"}
    return recorded([one for one in (first, *exception.get("others", ()), *more) if one])
