# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A closed mailbox whose mail the provider hands to somebody else's catch-all: a person decides, nobody is read in silence."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.offboarding.decisions import Decisions
from ansible_collections.mailops.email.plugins.module_utils.offboarding.plan import Facts, Offboarding
from ansible_collections.mailops.email.plugins.module_utils.offboarding.selection import Selection
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS

NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
ANN, DANA = "ann@example.com", "dana@example.com"


def work(driver: str, destination: str, enabled: bool = True, **decisions: Any) -> Offboarding:
    box = {"address": ANN, "state": "present", "suspended": ""}
    catch_all = {"domain": "example.com", "enabled": enabled, "destination": destination}
    made = DRIVERS[driver].__new__(DRIVERS[driver])
    made.unseen = {}
    facts = Facts(
        driver=made,
        records={"mailbox": {ANN: box}, "catch_all": {"example.com": catch_all}},
        notes={},
        owned={},
        handed={},
        roles=[],
        own_domains=["example.com"],
        now=NOW,
    )
    return Offboarding(Selection("addresses", mailboxes=[ANN]), Decisions(decisions, NOW), facts, "left")


def catch_all(done: Offboarding) -> list[tuple[str, str]]:
    return [(row["state"], row["what"]) for row in done.items if row["kind"] == "catch_all"]


def test_it_stays_open_until_somebody_decides() -> None:
    """R-OFF-04, R-OFF-10: open, with what happens and what can be done; nothing of somebody else's is switched off by default."""
    asked = work("modoboa", DANA)
    assert catch_all(asked) == [("open", "mail for %s goes to %s" % (ANN, DANA))]
    assert asked.lists["catch_alls"] == []
    ended = work("modoboa", DANA, catch_alls=[{"domain": "example.com", "action": "end"}])
    assert catch_all(ended)[0][0] == "to_do" and ended.lists["catch_alls"] == [
        {"domain": "example.com", "state": "absent"}
    ]
    taken = {"domain": "example.com", "action": "reown", "new_owner": "dana@home.example", "until": "2027-01-31"}
    (item,) = work("modoboa", DANA, catch_alls=[taken]).lists["catch_alls"]
    assert (item["destination"], item["owner"]) == (DANA, "dana@home.example")


@pytest.mark.parametrize(
    ("driver", "destination", "enabled"), [("trekmail", DANA, True), ("modoboa", DANA, False), ("modoboa", None, False)]
)
def test_where_nothing_falls_nobody_is_asked(driver: str, destination: str, enabled: bool) -> None:
    """TrekMail keeps taking mail for a suspended login; one that is off takes none."""
    assert catch_all(work(driver, destination, enabled)) == []


def test_one_that_ends_in_the_mailbox_is_switched_off_as_before() -> None:
    for driver in ("trekmail", "modoboa"):
        assert work(driver, ANN).lists["catch_alls"] == [{"domain": "example.com", "state": "absent"}]
