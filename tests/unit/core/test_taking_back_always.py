# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a request has done, in whatever order: taken back, everything is as before; taken back twice, as after it."""

from __future__ import annotations

import copy
import datetime
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk
from test_taking_back import GOVERNANCE, Keeping, taker

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import last_holding

DOMAINS = ("example.com", "example.net")
LOCALS = ("ann", "ben", "cleo")
ENDS = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
SEEDS = 40

Step = tuple[str, dict[str, Any]]


def _steps(dice: random.Random, count: int) -> list[Step]:
    """Random tasks over few objects, so that they meet."""

    def mailbox() -> str:
        return "%s@%s" % (dice.choice(LOCALS), dice.choice(DOMAINS))

    def spare() -> str:
        return "%s@%s" % (dice.choice(("info", "shop")), dice.choice(DOMAINS))

    def governed() -> dict[str, Any]:
        return {"owner": "o@example.com", "expires_at": ENDS, "purpose": dice.choice(("Cover", "Move"))}

    def forward() -> dict[str, Any]:
        address = dice.choice((mailbox, spare))()
        targets = sorted({mailbox() for dummy in range(dice.randint(1, 2))} - {address}) or ["o@example.com"]
        return {"address": address, "targets": targets, "keep_copy": dice.random() < 0.5, **governed()}

    makers: list[tuple[str, Callable[[], dict[str, Any]]]] = [
        ("mailbox", lambda: {"address": mailbox(), "display_name": dice.choice(("Ann Berg", "Ben Berg"))}),
        ("mailbox", lambda: {"address": mailbox(), "note": dice.choice(("Cover", "Move"))}),
        ("mailbox", lambda: {"address": mailbox(), "state": dice.choice(("present", "suspended"))}),
        ("forward", forward),
        ("forward", lambda: {"address": dice.choice((mailbox, spare))(), "state": "absent"}),
        ("alias", lambda: {"address": spare(), "mailbox": mailbox(), "can_send": dice.random() < 0.5}),
        ("alias", lambda: {"address": spare(), "mailbox": mailbox(), "state": "absent"}),
        (
            "catch_all",
            lambda: {"domain": dice.choice(DOMAINS), "state": "present", "destination": mailbox(), **governed()},
        ),
        ("catch_all", lambda: {"domain": dice.choice(DOMAINS), "state": "absent"}),
    ]
    return [(kind, make()) for kind, make in (dice.choice(makers) for dummy in range(count))]


def _seen(desk: Desk, driver: Keeping) -> dict[str, Any]:
    """What is there, with what only the journal knows of it; a catch-all that is off is as good as none."""
    state = copy.deepcopy(driver.records)
    for kind in ("forward", "catch_all"):
        notes = last_holding(FileStore(str(desk.folder / "journal")), kind, "fake@test", "purpose")
        for key, record in state.get(kind, {}).items():
            record.update({name: notes[key]["after"][name] for name in GOVERNANCE} if key in notes else {})
    state["catch_all"] = {key: one for key, one in state.get("catch_all", {}).items() if one.get("enabled")}
    for records in state.values():
        for record in records.values():
            for name in [name for name, value in record.items() if not value]:
                del record[name]
    return {kind: records for kind, records in state.items() if kind != "rollback" and records}


def _prepared(folder: Path) -> tuple[Desk, Keeping]:
    desk, driver = Desk(folder), Keeping()
    driver.records["domain"] = {name: {"name": name, "status": "active"} for name in DOMAINS}
    for local in LOCALS:
        for domain in DOMAINS:
            driver.mailbox("%s@%s" % (local, domain), display_name=None, note=None)
    return desk, driver


def _carry_out(desk: Desk, driver: Keeping, steps: list[Step], request_id: str) -> list[Any]:
    return [desk.run(driver, dict(item), kind=kind, request_id=request_id) for kind, item in steps]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_rollback_is_the_inverse_of_its_request(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-RBK-03, R-RBK-12, and the issue: taking the rollback back gives the request's state again."""
    dice = random.Random(seed)  # noqa: S311 - a seeded test
    desk, driver = _prepared(tmp_path)
    take = taker(desk, monkeypatch)
    _carry_out(desk, driver, _steps(dice, 8), "REQ-0")
    before = _seen(desk, driver)
    done = _carry_out(desk, driver, _steps(dice, dice.randint(3, 14)), "REQ-1")
    assert any(report.plan.operations and not report.failures for report in done)
    changed = _seen(desk, driver)

    taken = take(driver)
    assert taken["complete"] and not taken.get("failed"), taken
    assert _seen(desk, driver) == before
    calls = len(driver.calls)
    assert not take(driver)["changed"] and len(driver.calls) == calls
    if taken["changed"]:
        again = take(driver, rollback_id=taken["rollback_id"])
        assert again["complete"], again
        assert _seen(desk, driver) == changed


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_is_overwritten(seed: int, by_hand: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue: what others have changed since, with the tool or by hand, is as they left it."""
    dice = random.Random(seed)  # noqa: S311 - a seeded test
    desk, driver = _prepared(tmp_path / "ours")
    take = taker(desk, monkeypatch)
    _carry_out(desk, driver, _steps(dice, 10), "REQ-1")
    other = Desk(tmp_path / "theirs") if by_hand else desk
    touched: dict[tuple[str, str], set[str]] = {}
    for report in _carry_out(other, driver, _steps(dice, 8), "REQ-2"):
        for result in report.results:
            one = result.operation
            if result.status == "applied" and one.verb != "record":
                before, after = one.before or {}, one.after or {}
                fields = {name for name in {**before, **after} if before.get(name) != after.get(name)}
                touched.setdefault((one.kind, one.key), set()).update(fields)
    left = copy.deepcopy(driver.records)
    result = take(driver)
    assert not result.get("failed"), result
    for (kind, key), fields in touched.items():
        now, then = driver.records.get(kind, {}).get(key), left.get(kind, {}).get(key)
        if by_hand and _as_left(desk, kind, key, then):
            continue  # by hand to the very state that the request had left: nobody can tell that
        told = {name: (now or {}).get(name) or None for name in fields}
        assert told == {name: (then or {}).get(name) or None for name in fields}, (kind, key, result["objects"])


def _as_left(desk: Desk, kind: str, key: str, then: Any) -> bool:
    last = [
        one
        for one in desk.events()
        if one["phase"] == "outcome"
        and (one["object"]["kind"], one["object"]["key"]) == (kind, key)
        and one["request_id"] == "REQ-1"
        and not one.get("rollback")
    ]
    after = last[-1]["after"] if last else None
    return all((then or {}).get(name) == value for name, value in (after or {}).items() if name in (then or {}))
