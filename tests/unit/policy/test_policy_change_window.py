# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""R-PAT-19: DNS changes keep to hours that a client has chosen."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.change_window import (
    ChangeWindow,
    window_of,
)

UTC = datetime.timezone.utc
# Monday to Thursday from nine to four, where Vienna is.
OFFICE = {"days": ["mon", "tue", "wed", "thu"], "from": "09:00", "to": "16:00", "timezone": "Europe/Vienna"}


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(**fields: t.Any) -> ChangeWindow:
    made = window_of({**OFFICE, **fields})
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-19T12:00", True),  # Thursday noon
        ("2026-11-20T15:00", False),  # Friday at four in Vienna
        ("2026-11-19T14:59", True),
        ("2026-11-19T15:00", False),  # four o'clock belongs to nobody any more
        ("2026-11-19T08:00", True),  # winter: nine in Vienna
        ("2026-11-19T07:59", False),
        ("2026-07-16T07:00", True),  # summer: nine in Vienna
        ("2026-07-16T14:00", False),
    ],
)
def test_hours_are_those_of_the_client(moment: str, is_open: bool) -> None:
    """R-PAT-19: the hours hold in the client's own zone, in winter and in summer."""
    assert window().is_open(at(moment)) is is_open


def test_friday_at_four_is_refused_with_the_next_opening() -> None:
    refusal = window().refusal(at("2026-11-20T15:00"), "example.com", "example.com")
    assert refusal is not None and refusal.code == "outside_change_window"
    assert "example.com" in refusal.message and "mon, tue, wed, thu, 09:00 to 16:00 Europe/Vienna" in refusal.message
    assert "Wait until 2026-11-23T08:00:00Z" in refusal.hint, "the Monday after"
    assert "reason, approver and expires_at" in refusal.hint


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    night = window(days=["fri"], **{"from": "22:00", "to": "04:00"}, timezone="UTC")
    assert night.is_open(at("2026-11-20T23:00")) and night.is_open(at("2026-11-21T03:59"))
    assert not night.is_open(at("2026-11-20T03:00")), "Thursday's night has none"
    assert not night.is_open(at("2026-11-21T22:30"))


def test_nothing_is_changed_in_a_freeze() -> None:
    """Single days, and times with their first and last day; the next opening is behind them."""
    quiet = window(freeze=["2026-11-19", "2026-12-21/2027-01-06"])
    assert not quiet.is_open(at("2026-11-19T12:00")) and not quiet.is_open(at("2027-01-06T12:00"))
    assert quiet.is_open(at("2027-01-07T12:00"))
    refusal = quiet.refusal(at("2026-12-23T12:00"), "example.com", "example.com")
    assert refusal is not None and "no changes from 2026-12-21 to 2027-01-06" in refusal.message
    assert "2027-01-07T08:00:00Z" in refusal.hint


def test_yaml_gives_dates_and_words_as_it_likes() -> None:
    made = window(days=["Monday", "TUE"], freeze=[datetime.date(2026, 11, 23)])
    assert made.days == {0, 1} and not made.is_open(at("2026-11-23T12:00"))


def test_none_is_always_open_and_defaults_are_working_days() -> None:
    assert window_of(None) is None and window_of({}) is None
    made = window_of({"timezone": "UTC"})
    assert made is not None
    assert made.is_open(at("2026-11-20T23:59")) and not made.is_open(at("2026-11-21T00:00"))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"days": ["mon", "noday"]}, "nod is no day"),
        ({"from": 960}, "quotation marks"),
        ({"from": "9:00"}, "no time of day"),
        ({"to": "25:00"}, "no time of day"),
        ({"from": "16:00"}, "never opens"),
        ({"timezone": "Europe/Nowhere"}, "no time zone"),
        ({"timezone": "../../etc/passwd"}, "no time zone"),
        ({"freeze": ["soon"]}, "no date"),
        ({"freeze": ["2027-01-06/2026-12-21"]}, "ends before it begins"),
        ({"until": "16:00"}, "no field until"),
    ],
)
def test_what_cannot_be_read_is_refused(fields: dict[str, t.Any], word: str) -> None:
    with pytest.raises(Refused) as caught:
        window_of({**OFFICE, **fields})
    assert caught.value.code == "change_window_invalid" and word in caught.value.message


def test_a_window_that_never_opens_says_so() -> None:
    shut = window(freeze=["2020-01-01/2040-01-01"])
    assert shut.next_opening(at("2026-11-20T12:00")) is None
    refusal = shut.refusal(at("2026-11-20T12:00"), "example.com", "example.com")
    assert refusal is not None and "does not open" in refusal.hint


@given(
    st.integers(0, 700 * 24 * 60),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe"]),
)
def test_it_is_open_when_it_says_that_it_opens_next(
    minutes: int, days: set[int], start: int, end: int, zone: str
) -> None:
    if start == end:
        return
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = {"from": "%02d:%02d" % divmod(start, 60), "to": "%02d:%02d" % divmod(end, 60)}
    made = window(days=[names[day] for day in days], timezone=zone, **hours)
    now = at("2026-01-01T00:00") + datetime.timedelta(minutes=minutes)
    opens = made.next_opening(now)
    assert opens is not None and opens > now and made.is_open(opens)
    assert (opens - now).days <= 8
