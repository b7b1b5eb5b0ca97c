# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request that first suspends a mailbox and then removes what went off with it has found that switched on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, done, exception
from test_collateral import ANN, INFO, ON, OneSwitch

from ansible_collections.mailops.email.plugins.module_utils.journal.changes import Change, changes_of
from ansible_collections.mailops.email.plugins.module_utils.journal.file_store import FileStore
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result


class Removing(OneSwitch):
    """It also removes an alias."""

    def _change(self, operations: Any, key: str) -> list[Result]:
        if operations[0].verb != "delete":
            return super()._change(operations, key)
        for operation in operations:
            del self.records[operation.kind][operation.key]
        return done(operations, key)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def change(desk: Desk) -> Change:
    found = changes_of(FileStore(str(desk.folder / "journal")), "REQ-1", "fake@test", "acme")
    return found.changes[("alias", INFO)]


ENDING = {"address": INFO, "mailbox": ANN, "state": "absent"}


def test_the_state_before_is_that_before_the_suspension(desk: Desk) -> None:
    """R-RBK-04: as found, not as the request's own first step had left it."""
    driver = Removing()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    desk.run(driver, ENDING, kind="alias")
    assert change(desk).before == ON and change(desk).removed


def test_what_went_off_after_the_change_does_not_count(desk: Desk) -> None:
    """The other order: an alias that was changed first was found as the change says."""
    driver = Removing()
    driver.records["alias"][INFO]["can_send"] = False
    desk.run(driver, {"address": INFO, "mailbox": ANN, "can_send": True}, kind="alias")
    desk.run(driver, {"address": ANN, "state": "suspended"})
    assert change(desk).before["can_send"] is False


def test_what_went_with_something_else_was_there(desk: Desk) -> None:
    """Removed on the side and made anew by the same request: it is no creation of the request."""

    class Taking(Removing):
        def foresee(self, operations: Any) -> list[str]:
            for operation in operations:
                if operation.verb == "pause":
                    entry = {"kind": "alias", "key": INFO, "before": dict(ON), "after": None, "request": {}}
                    operation.collateral.append(entry)
            return []

        def _change(self, operations: Any, key: str) -> list[Result]:
            one: Operation = operations[0]
            if one.verb == "pause":
                self.records["alias"].pop(INFO)
                self.records["mailbox"][ANN].update(one.after or {})
                return done(operations, key)
            if one.verb == "create":
                self.records["alias"][INFO] = {"address": INFO, **(one.after or {})}
                return done(operations, key)
            return super()._change(operations, key)

    driver = Taking()
    desk.run(driver, {"address": ANN, "state": "suspended"})
    desk.run(driver, {"address": INFO, "mailbox": ANN, "exception": exception()}, kind="alias")
    assert not change(desk).created and change(desk).before == ON
