# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no contract names: none may become a traceback, an empty world, or a success that never was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted import TOKEN, Clock, Server

from ansible_collections.mailops.email.plugins.module_utils.model import (
    Operation,
    ProviderError,
    Result,
    canonical_json,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail

ODD: dict[str, Any] = {
    "null": None,
    "nothing": b"",
    "a string": "ok",
    "a number": 7,
    "true": True,
    "an empty list": [],
    "a list of odd things": [1, None, "x", [], {}],
    "an empty object": {},
    "data null": {"data": None},
    "data text": {"data": "x"},
    "data list of null": {"data": [None]},
    "results null": {"results": None},
    "results text": {"results": "x"},
    "results odd": {"results": [None, 1, "x", [], {}]},
    "a message": {"message": "maintenance"},
    "odd ids": {"id": "7", "mailbox_id": {"x": 1}, "email": 5, "status": [], "results": [{"id": 1.5, "email": []}]},
    "odd kinds": {"id": 7, "status": {"a": 0.5}, "expires_at": 12.5, "invite_url": 9, "email": None},
    "odd time": {"id": 7, "expires_at": "9999-12-31T23:59:59-12:00"},
    "odd time too": {"id": 7, "expires_at": "\ud800"},
    "a float id": {"id": 12.5, "expires_at": None},
}


PATH = "box@example.com/app_password/6"


@pytest.fixture
def driver(server: Server, clock: Clock) -> TrekMail:
    connection = Connection(api_url=server.url, api_token=TOKEN, timeout=2.0, deadline=0.05)
    made = TrekMail(connection, read_only=False, progress=Progress(), user_agent="test")
    made.adopt("domain", {"example.com": {"id": 1, "name": "example.com"}})
    made.adopt("mailbox", {"box@example.com": {"id": 2, "state": "present"}})
    made.adopt("mailbox", {"cal@example.com": {"id": 5, "state": "present"}})
    made.adopt("app_password", {PATH: {"id": 6}})
    made.adopt("alias", {"al@example.com": {"id": 3}})
    made.adopt("forward", {"fw@example.com": {"id": 4}})
    return made


def invite(address: str = "ann@example.com", index: int = 0, **more: Any) -> Operation:
    after = {"state": "pending", "recipient": "a@home.example", "quota_mb": None, "expires_in_hours": 72}
    return Operation(index, "invite", "create", address, "invite.sent", None, after, **more)


def sealed() -> Operation:
    return invite(delivery={"method": "one_time_token_oob", "rank": 2, "seal_to": "age1x"})


def mailbox(address: str = "ann@example.com") -> Operation:
    made = Operation(0, "mailbox", "create", address, "mailbox.created", None, {"state": "present", "quota_mb": 5})
    made.secret = "Secret-1234567890"
    return made


def op(kind: str, verb: str, key: str, after: Any, **more: Any) -> Operation:
    return Operation(0, kind, verb, key, "mailbox.updated", {}, after, **more)


def closed(address: str) -> Operation:
    return op("mailbox", "suspend", address, {"state": "suspended", "suspended": "login"})


OPERATIONS: dict[str, Callable[[], list[Operation]]] = {
    "invites": lambda: [invite("ann@example.com"), invite("bob@example.com", 1)],
    "one sealed invite": lambda: [sealed()],
    "mailboxes": lambda: [mailbox(), mailbox("bob@example.com")],
    "domains": lambda: [op("domain", "create", "n.example", {"mail_hosting": "provider", "status": "pending_dns"})],
    "external domain": lambda: [
        op("domain", "create", "n.example", {"mail_hosting": "external", "status": "pending_dns"})
    ],
    "update": lambda: [op("mailbox", "update", "box@example.com", {"display_name": "B"})],
    "note": lambda: [op("mailbox", "annotate", "box@example.com", {"note": "B"})],
    "delete": lambda: [op("mailbox", "delete", "box@example.com", None)],
    "alias": lambda: [
        op(
            "alias",
            "create",
            "n@example.com",
            {"mailbox": "box@example.com", "can_receive": True, "can_send": False},
        )
    ],
    "forward": lambda: [
        op("forward", "create", "f@example.com", {"targets": ["a@example.com"]}, request={"via": "address"})
    ],
    "logins": lambda: [closed("box@example.com"), closed("cal@example.com")],
    "path": lambda: [op("app_password", "revoke", PATH, None)],
    "catch-all": lambda: [op("catch_all", "enable", "example.com", {"destination": "box@example.com"})],
}


def recordable(results: list[Result]) -> None:
    """What becomes of it can be written into the journal, and holds nothing secret."""
    for result in results:
        text = canonical_json({"after": result.after, "http": result.http})
        if result.error:
            text += canonical_json({"message": result.error.message, "hint": result.error.hint})
            assert result.error.message
        assert TOKEN.encode() not in text and b"Secret-1234567890" not in text


@pytest.mark.parametrize("what", OPERATIONS)
@pytest.mark.parametrize("status", [200, 201, 207, 422, 404, 500])
def test_odd_answers_to_changes(server: Server, driver: TrekMail, what: str, status: int) -> None:
    """One result for each operation, in order; nothing escapes; a refusal never reads as success."""
    for name, body in ODD.items():
        operations = OPERATIONS[what]()
        server.script((status, body, {}))
        driver._http._budget = 0
        results = driver.apply(operations, "key")
        assert [result.operation for result in results] == operations, name
        assert all(result.status in ("applied", "failed", "in_doubt") for result in results), name
        if status >= 400:
            assert not any(result.status == "applied" for result in results), name
        elif len(operations) > 1:
            assert {result.status for result in results} == {"in_doubt"}, (name, "a batch without rows tells nothing")
        recordable(results)


@pytest.mark.parametrize("kind", ["domain", "mailbox", "alias", "forward", "catch_all", "account"])
def test_odd_answers_to_reads(server: Server, driver: TrekMail, kind: str) -> None:
    """An error or plain records, never an exception of another kind; records fit into a journal line."""
    scope = {"alias": {"box@example.com"}, "forward": {"box@example.com"}, "account": set()}.get(kind, {"example.com"})
    for name, body in ODD.items():
        server.script((200, body, {}))
        try:
            records = driver.observe(kind, scope)
        except ProviderError as error:
            assert error.code in ("strange_answer", "no_json") and error.hint, name
            continue
        canonical_json(list(records.values()))


@pytest.mark.parametrize(
    "body",
    [None, {}, {"data": {}}, {"message": "maintenance"}, {"data": [None]}, {"data": [{}]}, {"data": [{"id": 1}]}]
    + [{"data": [], "meta": {"last_page": 10**9}}],
)
@pytest.mark.parametrize("kind", ["domain", "mailbox"])
def test_an_unreadable_listing_is_not_an_empty_one(server: Server, driver: TrekMail, kind: str, body: Any) -> None:
    """A plan made on it would invite everybody again."""
    server.script((200, body, {}))
    with pytest.raises(ProviderError) as found:
        driver.observe(kind, {"example.com"})
    assert found.value.code == "strange_answer" and "GET /" in found.value.message and found.value.hint


def test_an_empty_listing_is_one(server: Server, driver: TrekMail) -> None:
    for body in ([], {"data": []}, {"data": [], "meta": {"last_page": 1}}):
        server.script((200, body, {}))
        assert driver.observe("mailbox", {"example.com"}) == {}


@pytest.mark.parametrize(
    "row",
    [
        {"id": 1, "email": "a@example.com", "used_mb": 0.5, "allocation_mb": 1024.0},
        {"id": 1, "email": "a@example.com", "display_name": "\ud800", "note": "\udfff x"},
        {"id": 1, "email": "a@example.com", "display_name": {"x": 1}, "note": 7, "type": 0.5, "status": 0.5},
        {"id": True, "email": "a@example.com", "allocation_mb": float("inf"), "used_mb": float("nan")},
    ],
)
def test_a_mailbox_s_odd_fields_fit_into_a_journal_line(row: dict[str, Any]) -> None:
    record = answers.mailbox_record(row)
    canonical_json(record)
    assert record["address"] == "a@example.com" and record["quota_mb"] in (None, 1024)


def rows_of(*rows: Any, status: int = 207) -> tuple[int, Any, dict[str, str]]:
    return (status, {"counts": {}, "results": list(rows)}, {})


def test_rows_in_another_order(server: Server, driver: TrekMail) -> None:
    server.script(
        rows_of(
            {"email": "BOB@example.com", "status": "failed", "reason": "plan_limit_reached", "error": "Full."},
            {"email": "ann@example.com", "status": "pending", "id": 9},
        )
    )
    ann, bob = driver.apply([invite("ann@example.com"), invite("bob@example.com", 1)], "k")
    assert (ann.status, bob.status) == ("applied", "failed")
    assert ann.after and ann.after["id"] == 9
    assert bob.error and bob.error.code == "plan_limit_reached" and "bob@example.com" in bob.error.message


def test_a_failed_row_that_names_only_the_local_part(server: Server, driver: TrekMail) -> None:
    server.script(
        rows_of(
            {"email": "ann@example.com", "status": "pending", "id": 9},
            {"email": "bob", "status": "failed", "reason": "validation_error", "error": "Ugly."},
        )
    )
    ann, bob = driver.apply([invite("ann@example.com"), invite("bob@example.com", 1)], "k")
    assert (ann.status, bob.status) == ("applied", "failed")


def test_rows_without_names_go_by_place(server: Server, driver: TrekMail) -> None:
    server.script(rows_of({"status": "created", "mailbox_id": 5}, {"status": "failed", "reason": "x"}))
    assert [one.status for one in driver.apply([mailbox(), mailbox("bob@example.com")], "k")] == ["applied", "failed"]
    assert driver.id_of("mailbox", "ann@example.com") == 5


@pytest.mark.parametrize(
    "rows",
    [
        [{"status": "created", "mailbox_id": 5}],
        [{"email": "ann@example.com", "status": "created", "mailbox_id": 5}],
        [{"email": "x@example.com", "status": "created"}] * 3,
        [{}, {}],
        [],
    ],
)
def test_a_row_that_is_missing_is_in_doubt(server: Server, driver: TrekMail, rows: list[Any]) -> None:
    server.script(rows_of(*rows))
    results = driver.apply([mailbox("ann@example.com"), mailbox("bob@example.com")], "k")
    assert results[1].status == "in_doubt" and results[1].error and "bob@example.com" in results[1].error.message


def test_rows_of_a_retry(server: Server, driver: TrekMail) -> None:
    """After a lost answer "it exists" may mean us; every other reason, and every replay, is the last word."""
    taken = {"email": "ann@example.com", "status": "failed", "reason": "already_exists", "error": "In use."}
    server.script("reset", rows_of(taken, status=422))
    driver._http.connection.__dict__["deadline"] = 100
    assert driver.apply([mailbox()], "k")[0].status == "in_doubt"
    server.script(rows_of(taken, status=422))
    assert driver.apply([mailbox()], "k")[0].status == "failed"
    server.script("reset", (422, {"results": [taken]}, {"X-Idempotency-Replayed": "true"}))
    assert driver.apply([mailbox()], "k")[0].status == "failed"
    server.script("reset", rows_of({**taken, "reason": "plan_limit_reached"}, status=422))
    assert driver.apply([mailbox()], "k")[0].status == "failed"


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500])
def test_a_request_of_an_earlier_run_stays_open(server: Server, driver: TrekMail, status: int) -> None:
    """A token revoked meanwhile says nothing of the invite that may have gone out yesterday."""
    retry = {"intent_id": "i", "idempotency_key": "k"}
    server.script((status, {"error": {"code": "x", "retryable": False}}, {}))
    assert driver.apply([invite(retry_of=retry)], "k")[0].status == "in_doubt"
    driver._ids["domain"].clear()
    assert driver.apply([invite(retry_of=retry)], "k")[0].status == "in_doubt", "its domain cannot be seen any more"
    assert driver.apply([invite()], "k")[0].status == "failed"


def test_a_link_is_used_once(server: Server, driver: TrekMail) -> None:
    """Contract 5: a replay has no link, whether its header says so or only the text."""
    good = {"id": 1, "status": "pending", "invite_url": "https://x.example/setup/abc"}
    server.script((201, good, {}))
    assert driver.apply([sealed()], "k")[0].secret == good["invite_url"]
    server.script((201, good, {"X-Idempotency-Replayed": "true"}))
    assert driver.apply([sealed()], "k")[0].secret == ""
    server.script((201, {**good, "invite_url": "https://x.example/setup/<redacted>"}, {}))
    assert driver.apply([sealed()], "k")[0].secret == ""
    server.script((201, good, {}))
    assert driver.apply([invite(delivery={"method": "one_time_setup_link", "rank": 1})], "k")[0].secret == ""
