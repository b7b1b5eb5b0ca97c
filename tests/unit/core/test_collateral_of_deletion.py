# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes with a deleted mailbox is recorded and owed to nobody: a new mailbox of that name is another person's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, done, exception

from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.journal.reader import switched_off
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

ANN, TEAM, INFO = "ann@example.com", "team@example.com", "info@example.com"
BOX = {"id": 1, "state": "present", "suspended": "", "display_name": None, "note": None, "quota_mb": None}
ALIAS: dict[str, Any] = {"mailbox": ANN, "can_receive": True, "can_send": True, "enabled": True}
BOTH: dict[str, Any] = {"state": "present", "via": "address", "targets": [ANN, "bob@example.com"]}


class Tidy(FakeDriver):
    """Suspending a mailbox switches its alias off; deleting it removes the alias and takes it out of forwards."""

    capabilities = (FakeDriver.capabilities - {"mailbox.suspend"}) | {"mailbox.pause"}

    def __init__(self) -> None:
        super().__init__(self._change, batch=1)
        self.records["mailbox"][ANN] = {"address": ANN, **BOX}
        self.records["alias"] = {INFO: {"address": INFO, **ALIAS}}
        self.records["forward"] = {TEAM: {"address": TEAM, **BOTH}}

    def foresee(self, operations: Sequence[Operation]) -> list[str]:
        for one in operations:
            if one.verb == "pause":
                one.collateral.append(_entry("alias", INFO, ALIAS, {**ALIAS, "enabled": False}))
            if one.verb == "delete":
                one.collateral.append(_entry("alias", INFO, {**ALIAS, "enabled": False}, None))
                one.collateral.append(_entry("forward", TEAM, BOTH, {**BOTH, "targets": ["bob@example.com"]}))
        return []

    def _change(self, operations: Sequence[Operation], key: str) -> list[Result]:
        for one in operations:
            for entry in one.collateral:
                if entry["after"] is None:
                    del self.records[entry["kind"]][entry["key"]]
                else:
                    self.records[entry["kind"]][entry["key"]].update(entry["after"])
            if one.after is None:
                del self.records[one.kind][one.key]
            else:
                self.records[one.kind][one.key].update(one.after)
        return done(operations, key)


def _entry(kind: str, key: str, before: Any, after: Any) -> dict[str, Any]:
    return {"kind": kind, "key": key, "before": dict(before), "after": after and dict(after), "request": {}}


@pytest.mark.parametrize("alias_again", [False, True])
def test_nothing_is_given_to_a_namesake(tmp_path: Path, alias_again: bool) -> None:
    desk, driver = Desk(tmp_path), Tidy()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    gone = desk.run(driver, {"address": ANN, "state": "absent", "exception": exception()})
    assert [entry["after"] for entry in gone.plan.operations[0].summary()["collateral"]][0] is None
    assert INFO not in driver.records["alias"] and driver.records["forward"][TEAM]["targets"] == ["bob@example.com"]
    driver.records["mailbox"][ANN] = {"address": ANN, **BOX}
    if alias_again:
        driver.records["alias"][INFO] = {"address": INFO, **ALIAS, "enabled": False}
    report = desk.run(driver, {"address": ANN})
    assert report.plan.operations == [] and not report.failures
    assert switched_off(FileStore(str(desk.folder / "journal")), "fake@test") == {}
    desk.check_chain()


def test_a_dry_run_knows_what_goes(tmp_path: Path) -> None:
    desk, driver = Desk(tmp_path), Tidy()
    driver.records["mailbox"][ANN].update(state="suspended", suspended="all")
    desk.run(driver, {"address": ANN, "state": "absent", "exception": exception()}, check_mode=True)
    desk.runs -= 1  # the next task of the same run
    item = {"address": INFO, "mailbox": ANN, "state": "absent"}
    assert desk.run(driver, item, kind="alias", check_mode=True).plan.operations == []
