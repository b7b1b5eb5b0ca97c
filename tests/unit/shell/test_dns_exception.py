# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who lets a client through without an approved DNS stands in every line of the task (R-DNS-01, R-GOAL-03)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.shell.task import context_of

GOOD = {"reason": "moved on Friday", "approver": "lee@agency.example", "expires_at": "2035-12-31T23:59:59Z"}


def run_of(exception: dict[str, Any] | None) -> dict[str, Any]:
    params = {
        "request_id": "REQ-1",
        "actor": "dana@agency.example",
        "input": {"git_commit": "3f2c9d1", "digest": None, "dns_exception": exception},
    }
    run = context_of(params, False, {}).run
    run.pop("task_id")
    return run


def test_it_is_written_down_as_it_was_checked() -> None:
    assert run_of(GOOD) == {"git_commit": "3f2c9d1", "dns_exception": GOOD}
    assert run_of(None) == {"git_commit": "3f2c9d1"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "-"}, "exception_incomplete"),
        ({"approver": None}, "exception_incomplete"),
        ({"expires_at": ""}, "exception_incomplete"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "exception_expired"),
        ({"approver": "Dana@agency.example"}, "approver_is_requester"),
    ],
)
def test_what_opens_nothing(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        run_of({**GOOD, **change})
    assert refused.value.code == code
