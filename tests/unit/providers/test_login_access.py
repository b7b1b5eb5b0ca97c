# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many logins closed by one call whose answer has no rows: each mailbox gets a result that is true."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import TOKEN, Clock, Server

from ansible_collections.mailops.email.plugins.module_utils.model import Operation
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail

NAMES = ("ann", "bob", "cal")


@pytest.fixture
def driver(server: Server, clock: Clock) -> TrekMail:
    connection = Connection(api_url=server.url, api_token=TOKEN, timeout=2.0, deadline=0.05)
    made = TrekMail(connection, read_only=False, progress=Progress(), user_agent="test")
    made.adopt("domain", {"example.com": {"id": 1, "name": "example.com"}})
    boxes: dict[str, dict[str, Any]] = {
        "%s@example.com" % name: {"id": number, "state": "present", "type": "regular"}
        for number, name in enumerate(NAMES, 1)
    }
    boxes["desk@example.com"] = {"id": 9, "state": "present", "type": "shared"}
    made.adopt("mailbox", boxes)
    return made


def closing(name: str = "ann", verb: str = "suspend", **request: Any) -> Operation:
    after = {"state": "suspended", "suspended": "login"} if verb == "suspend" else {"state": "present", "suspended": ""}
    return Operation(0, "mailbox", verb, name + "@example.com", "mailbox.suspended", {}, after, request)


def counts(updated: Any, skipped: int = 0) -> tuple[int, Any, dict[str, str]]:
    return (200, {"data": {"matched": 3, "updated": updated, "skipped": skipped}}, {})


def listing(*closed: str) -> tuple[int, Any, dict[str, str]]:
    rows = [
        {"id": number, "email": name + "@example.com", "status": "active", "login_suspended": name in closed}
        for number, name in enumerate(NAMES, 1)
    ]
    return (200, {"data": rows, "meta": {"last_page": 1}}, {})


NOTHING = (200, {"data": [], "meta": {"last_page": 1}}, {})


def test_one_call_for_many(server: Server, driver: TrekMail) -> None:
    server.script(counts(3))
    results = driver.apply([closing(name, reason="left") for name in NAMES], "key")
    assert [result.status for result in results] == ["applied"] * 3
    ((method, path, headers, body),) = server.seen
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/mailboxes:login-access", "key")
    assert body == {"login_suspended": True, "mailbox_ids": [1, 2, 3], "reason": "left"}


def test_back_again(server: Server, driver: TrekMail) -> None:
    server.script(counts(2))
    operations = [closing(name, "resume", suspend="login") for name in NAMES[:2]]
    assert [result.status for result in driver.apply(operations, "key")] == ["applied"] * 2
    assert server.seen[0][3] == {"login_suspended": False, "mailbox_ids": [1, 2]}


def test_what_was_skipped_is_read_and_tried_alone(server: Server, driver: TrekMail) -> None:
    """Bob was closed by somebody else a moment ago, cal is paused: the first is as wanted, the second gets its own answer."""
    refusal = (422, {"error": {"code": "mailbox_not_eligible", "message": "Paused.", "retryable": False}}, {})
    server.script(counts(1, 2), listing("ann", "bob"), NOTHING, refusal)
    results = driver.apply([closing(name) for name in NAMES], "key")
    assert [result.status for result in results] == ["applied", "applied", "failed"]
    assert results[2].error and results[2].error.code == "mailbox_not_eligible"
    posts = [(path, headers["Idempotency-Key"]) for method, path, headers, _body in server.seen if method == "POST"]
    assert posts == [("/mailboxes:login-access", "key"), ("/mailboxes/3:suspend-login", "key:3")]


def test_one_that_is_gone_does_not_hold_up_the_others(server: Server, driver: TrekMail) -> None:
    """The provider refuses the whole call when it does not know one of the ids."""
    gone = (404, {"error": {"code": "not_found", "message": "Gone.", "retryable": False}}, {})
    server.script(gone, (200, {"id": 1}, {}), gone, (200, {"id": 3}, {}))
    results = driver.apply([closing(name) for name in NAMES], "key")
    assert [result.status for result in results] == ["applied", "failed", "applied"]


@pytest.mark.parametrize("updated", [None, "3", True, 2.5])
def test_an_answer_that_tells_nothing_is_in_doubt(server: Server, driver: TrekMail, updated: Any) -> None:
    server.script(counts(updated))
    results = driver.apply([closing(name) for name in NAMES], "key")
    assert [result.status for result in results] == ["in_doubt"] * 3 and len(server.seen) == 1


def test_a_skip_that_cannot_be_read_back_is_in_doubt(server: Server, driver: TrekMail) -> None:
    server.script(counts(2, 1), (403, {"error": {"code": "insufficient_scope", "retryable": False}}, {}))
    assert [result.status for result in driver.apply([closing(name) for name in NAMES], "key")] == ["in_doubt"] * 3


def test_which_share_a_call(driver: TrekMail) -> None:
    """Not shared mailboxes, which the call passes over, nor those that were paused; and each reason for itself."""
    assert driver.batch_key(closing()) is not None
    assert driver.batch_key(closing()) == driver.batch_key(closing("bob"))
    assert driver.batch_key(closing(reason="left")) != driver.batch_key(closing())
    assert driver.batch_key(closing("desk")) is None
    assert driver.batch_key(closing("ann", "pause")) is None
    assert driver.batch_key(closing("ann", "resume", suspend="all")) is None
    assert driver.batch_key(closing("ann", "resume", suspend="login")) is not None
    assert driver.batch_size("mailbox", "suspend") == driver.batch_size("mailbox", "resume") == 1000


def test_one_alone_goes_alone(server: Server, driver: TrekMail) -> None:
    server.script((200, {"id": 1}, {}))
    assert driver.apply([closing()], "key")[0].status == "applied"
    assert server.seen[0][1] == "/mailboxes/1:suspend-login"
