# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the DNS may be changed: hours of a week in a client's own time zone, and days on which nobody touches it (R-PAT-19)."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import zoneinfo

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.instants import format_instant

CODE = "outside_change_window"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS = ("days", "from", "to", "timezone", "freeze")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_FORM = "A change window is {days, from, to, timezone, freeze}, such as {days: [mon, tue], from: '09:00', to: '16:00'}."
# How far ahead the next opening is looked for.
_AHEAD = 400


@dataclasses.dataclass(frozen=True)
class ChangeWindow:
    """Open on *days* from *start* to before *end* minutes of the local day; a window over midnight belongs to the day on
    which it opens.

    :param days: 0 is Monday.
    :param start: minutes since midnight; *end* may be smaller, then the window ends on the next day.
    :param frozen: first and last day of each time in which nothing is changed.
    """

    days: frozenset[int]
    start: int
    end: int
    zone: datetime.tzinfo
    zone_name: str
    frozen: tuple[tuple[datetime.date, datetime.date], ...] = ()

    def is_open(self, now: datetime.datetime) -> bool:
        """:param now: aware time."""
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        if self._frozen(today):
            return False
        if self.start < self.end:
            return self._opens(today) and self.start <= minute < self.end
        yesterday = today - datetime.timedelta(days=1)
        return (self._opens(today) and minute >= self.start) or (self._opens(yesterday) and minute < self.end)

    def next_opening(self, now: datetime.datetime) -> datetime.datetime | None:
        """When it opens next, None when not within about a year."""
        today = now.astimezone(self.zone).date()
        for ahead in range(_AHEAD):
            day = today + datetime.timedelta(days=ahead)
            if not self._opens(day):
                continue
            hour, minute = divmod(self.start, 60)
            moment = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
            # An hour that the clocks leave out does not come back the same.
            moment = moment.astimezone(datetime.timezone.utc)
            if moment > now and self.is_open(moment):
                return moment
        return None

    def told(self) -> str:
        """The window in words."""
        days = ", ".join(DAYS[day] for day in sorted(self.days))
        hours = "%02d:%02d to %02d:%02d" % (*divmod(self.start, 60), *divmod(self.end, 60))
        return "%s, %s %s" % (days, hours, self.zone_name)

    def refusal(self, now: datetime.datetime, what: str, example: str) -> Refused | None:
        """Why *what* is not changed now, None when the window is open.

        :param example: object of the exception that would open it.
        """
        if self.is_open(now):
            return None
        frozen = [one for one in self.frozen if one[0] <= now.astimezone(self.zone).date() <= one[1]]
        why = "no changes from %s to %s" % frozen[0] if frozen else "changes are made %s" % self.told()
        opens = self.next_opening(now)
        following = "Wait until %s" % format_instant(opens) if opens else "Correct the window, which does not open"
        return Refused(
            CODE,
            "%s is not changed at %s: %s." % (what, format_instant(now), why),
            "%s, or give an exception with guard %s, object %s, reason, approver and expires_at."
            % (following, CODE, example),
        )

    def _opens(self, day: datetime.date) -> bool:
        return day.weekday() in self.days and not self._frozen(day)

    def _frozen(self, day: datetime.date) -> bool:
        return any(first <= day <= last for first, last in self.frozen)


def window_of(value: t.Mapping[str, t.Any] | None) -> ChangeWindow | None:
    """The window that an inventory states, None when it states none.

    :param value: ``days`` (names of days, the working days unless given), ``from`` and ``to`` (``HH:MM``, the whole day
        unless given), ``timezone`` (IANA name, UTC unless given), ``freeze`` (dates, or two with ``/`` between them).
    :raises Refused: ``change_window_invalid``.
    """
    if not value:
        return None
    strange = sorted(set(value) - set(FIELDS))
    if strange:
        raise _invalid("it has no field %s" % ", ".join(strange))
    days = [str(day).strip().lower()[:3] for day in value.get("days") or DAYS[:5]]
    unknown = [day for day in days if day not in DAYS]
    if unknown:
        raise _invalid("%s is no day" % unknown[0])
    start, end = (_minutes(value.get(name) or default) for name, default in (("from", "00:00"), ("to", "24:00")))
    if start == end or start == 24 * 60:
        raise _invalid("it never opens between %s and %s" % (value.get("from"), value.get("to")))
    name = str(value.get("timezone") or "UTC")
    frozen = tuple(_span(entry) for entry in value.get("freeze") or ())
    return ChangeWindow(frozenset(DAYS.index(day) for day in days), start, end, _zone(name), name, frozen)


def _minutes(value: t.Any) -> int:
    text = str(value)
    if _CLOCK.fullmatch(text) is None:
        # YAML reads 16:00 without quotation marks as a number to the base of sixty.
        raise _invalid("%r is no time of day; write it with quotation marks, '16:00'" % value)
    return int(text[:2]) * 60 + int(text[3:])


def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.timezone.utc
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            "change_window_invalid",
            "The change window cannot be read: there is no time zone %r here." % name,
            "Write an IANA name such as Europe/Vienna; where the system has no time zones, run: pip install tzdata",
        ) from error


def _span(entry: t.Any) -> tuple[datetime.date, datetime.date]:
    first, dummy, last = str(entry).partition("/")
    try:
        span = datetime.date.fromisoformat(first.strip()), datetime.date.fromisoformat((last or first).strip())
    except ValueError as error:
        raise _invalid("%r is no date, nor two with / between them" % str(entry)) from error
    if span[0] > span[1]:
        raise _invalid("%s ends before it begins" % entry)
    return span


def _invalid(why: str) -> Refused:
    return Refused("change_window_invalid", "The change window cannot be read: %s." % why, _FORM)
