# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is planned that the driver has not declared, whichever resource plans it (design §4.9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, exception, with_password

BOX = {
    "address": "ann@example.com",
    "id": 7,
    "state": "suspended",
    "suspended": "login",
    "display_name": None,
    "note": None,
    "quota_mb": None,
    "used_mb": None,
    "type": "regular",
}


@pytest.mark.parametrize(
    ("capability", "kind", "item"),
    [
        ("domain.create", "domain", {"name": "example.net"}),
        ("domain.delete", "domain", {"name": "example.com", "state": "absent", "exception": exception()}),
        ("mailbox.create", "mailbox", with_password()),
        ("mailbox.resume", "mailbox", {"address": "ann@example.com"}),
        ("mailbox.delete", "mailbox", {"address": "ann@example.com", "state": "absent", "exception": exception()}),
        ("alias.create", "alias", {"address": "info2@example.com", "mailbox": "ann@example.com"}),
        ("catch_all.enable", "catch_all", {"domain": "example.com", "state": "present", "destination": "ann@example.com"}),
    ],
)  # fmt: skip
def test_what_is_not_declared_is_refused(tmp_path: Path, capability: str, kind: str, item: dict[str, Any]) -> None:
    driver = FakeDriver()
    driver.capabilities = driver.capabilities - {capability}  # type: ignore[misc]
    driver.records.update(alias={}, catch_all={}, mailbox={"ann@example.com": dict(BOX)})
    if capability == "domain.delete":
        driver.records["mailbox"] = {}
    if kind == "catch_all":
        item = dict(item, owner="mira@agency.example", purpose="move", expires_at=exception()["expires_at"])
    report = Desk(tmp_path).run(driver, item, kind=kind)
    assert [failure.error.code for failure in report.failures] == ["capability_missing"]
    assert capability in report.failures[0].error.message
    assert driver.calls == [] and report.plan.operations == []
