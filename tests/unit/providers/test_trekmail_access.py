# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TrekMail's access paths: what a row says, and what an answer that says nothing must not become (R-OFF-08)."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import TOKEN, Clock, Server
from test_strange_answers import ODD

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import access_answers as paths
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import ACCESS, TrekMail

ANN, DESK = "ann@example.com", "desk@example.com"
RULE = {"id": 4, "match_type": "all", "actions": [{"type": "redirect", "value": "X@Home.example"}]}


@pytest.fixture
def driver(server: Server, clock: Clock) -> TrekMail:
    connection = Connection(api_url=server.url, api_token=TOKEN, timeout=2.0, deadline=0.05, concurrency=1)
    made = TrekMail(connection, read_only=False, progress=Progress(), user_agent="test")
    made.adopt("domain", {"example.com": {"id": 1, "name": "example.com"}})
    boxes = {
        ANN: {"id": 2, "state": "present", "type": "regular"},
        DESK: {"id": 3, "state": "present", "type": "shared"},
    }
    made.adopt("mailbox", boxes)
    made._listed.add("example.com")
    return made


def refusal(status: int, code: str) -> tuple[int, Any, dict[str, str]]:
    return (status, {"error": {"code": code, "message": "No.", "retryable": False}}, {})


@pytest.mark.parametrize("kind", sorted(ACCESS))
def test_odd_answers(server: Server, driver: TrekMail, kind: str) -> None:
    """An error, work for people, or plain records; never an exception of another kind, and never a path without a number."""
    for name, body in ODD.items():
        server.script((200, body, {}))
        try:
            records = driver.observe(kind, {ANN})
        except ProviderError as error:
            assert error.code in ("strange_answer", "no_json") and error.hint, name
            continue
        canonical_json(list(records.values()))
        assert all(record["id"] for record in records.values()), name


@pytest.mark.parametrize("kind", sorted(ACCESS))
def test_a_token_that_is_not_shown_them(server: Server, driver: TrekMail, kind: str) -> None:
    """403 is no empty list: it is told, with what to do; a token that may is believed again."""
    server.script(refusal(403, "insufficient_scope"))
    assert driver.observe(kind, {ANN}) == {}
    assert "insufficient_scope" in driver.unseen[kind] and "dashboard" in driver.unseen[kind]
    server.script((200, {"data": []}, {}))
    assert driver.observe(kind, {ANN}) == {} and kind not in driver.unseen


@pytest.mark.parametrize("kind", sorted(ACCESS))
def test_a_feature_that_is_off_has_none(server: Server, driver: TrekMail, kind: str) -> None:
    server.script(refusal(404, "not_found"))
    assert driver.observe(kind, {ANN}) == {} and not driver.unseen


@pytest.mark.parametrize("kind", sorted(ACCESS))
def test_a_provider_that_fails_is_an_error(server: Server, driver: TrekMail, kind: str) -> None:
    server.script(refusal(500, "internal_error"))
    with pytest.raises(ProviderError):
        driver.observe(kind, {ANN})


def test_devices_that_belong_to_nobody_are_left_to_people(server: Server, driver: TrekMail) -> None:
    server.script((200, {"data": [{"id": 7, "name": "laptop"}]}, {}))
    assert driver.observe("device", {ANN}) == {} and "whose" in driver.unseen["device"]
    server.script((200, {"data": [{"id": 7, "mailbox_id": 2, "name": "laptop"}, {"id": 8, "mailbox_id": 99}]}, {}))
    assert list(driver.observe("device", {ANN})) == [ANN + "/device/7"]


def test_members_of_others_shared_mailboxes_are_no_paths(server: Server, driver: TrekMail) -> None:
    server.script((200, {"data": [{"id": 1, "email": "Bob@example.com", "can_send": True}]}, {}))
    assert driver.observe("delegate", {ANN}) == {}
    assert list(driver.observe("delegate", {DESK})) == [DESK + "/delegate/bob@example.com"]
    server.script((200, {"data": [{"id": 1, "email": "bob@example.com"}, {"id": 2, "email": ANN}]}, {}))
    assert len(driver.observe("delegate", {ANN})) == 2, "who else may read it decides whether one may go"


def test_a_member_without_a_name_is_an_error(server: Server, driver: TrekMail) -> None:
    server.script((200, {"data": [{"id": 1}]}, {}))
    with pytest.raises(ProviderError, match="without an id"):
        driver.observe("delegate", {DESK})


@pytest.mark.parametrize(
    ("row", "open_"),
    [
        ({"id": 1}, True),
        ({"id": 1, "active": True}, True),
        ({"id": 1, "active": False}, False),
        ({"id": 1, "revoked_at": "2026-01-01T00:00:00Z"}, False),
        ({"id": 1, "active": None, "revoked_at": None}, True),
    ],
)
def test_what_is_revoked_is_no_path(row: dict[str, Any], open_: bool) -> None:
    assert (paths.app_password_record(row, ANN) is not None) is open_


def test_names_are_made_fit_to_show() -> None:
    """A name is what somebody typed: no control character, no turned text, no link, no end without end."""
    hostile = "\x1b]0;x\x07\u202eevil https://login.example/reset " + "y" * 500 + "\ud800"
    for record in (
        paths.app_password_record(
            {"id": 1, "name": hostile, "last_used_protocol": "imap\n", "last_used_ip": None}, ANN
        ),
        paths.token_record({"id": 1, "name": hostile, "prefix": "tm_msg_ab12", "scopes": [7, "messages:read"]}, ANN),
        paths.device_record({"id": 1, "name": hostile}, ANN),
        paths.rule_record({**RULE, "name": hostile}, ANN),
    ):
        assert record is not None
        canonical_json(record)
        assert len(record["name"]) <= 120 and record["name"].isprintable() and "login.example" not in record["name"]


@pytest.mark.parametrize(
    "actions",
    [
        None,
        "redirect",
        [],
        [None],
        [{"type": "fileinto", "value": "Redirect"}],
        [{"type": "discard"}],
        [{"value": "x"}],
    ],
)
def test_rules_that_send_nothing_elsewhere(actions: Any) -> None:
    assert paths.rule_record({"id": 1, "actions": actions}, ANN) is None


def test_a_rule_is_known_by_what_it_says() -> None:
    """Made again it has another number and the same key; changed it has another key; twice the same are two."""
    one, again = paths.rule_record(RULE, ANN), paths.rule_record({**RULE, "id": 9}, ANN)
    other = paths.rule_record({**RULE, "actions": [{"type": "redirect", "value": "y@home.example"}]}, ANN)
    assert one and again and other and one["key"] == again["key"] != other["key"]
    assert one["targets"] == ["x@home.example"] and one["definition"]["actions"] == RULE["actions"]
    keys = [record["key"] for record in paths.numbered([one, again, other])]
    assert keys == [one["key"], one["key"] + "-2", other["key"]]
    # A number with a fraction has no canonical form, and goes in as its text.
    odd = paths.rule_record({**RULE, "conditions": [{"field": "size", "value": 1.5}]}, ANN)
    assert odd and odd["definition"]["conditions"] == [{"field": "size", "value": "1.5"}]


@pytest.mark.parametrize(
    ("script", "targets"),
    [
        ("keep;", None),
        ("", None),
        ('# redirect "a@home.example";\nkeep;', None),
        ('/* redirect "a@home.example"; */ keep;', None),
        ('if header :contains "Subject" "please redirect" { discard; }', None),
        ('redirect "A@Home.example";', ["a@home.example"]),
        ('REDIRECT :copy "a@home.example"; redirect "b@home.example";', ["a@home.example", "b@home.example"]),
        ('if true { redirect\n  "a@home.example" ; }', ["a@home.example"]),
        ("redirect text:\na@home.example\n.\n;", []),
        ('require "variables"; set "x" "a@home.example"; redirect "${x}";', ["${x}"]),
        ('"unfinished redirect', []),
    ],
)
def test_scripts(script: str, targets: list[str] | None) -> None:
    """RFC 5228: a redirect is found wherever it stands, and neither a comment nor a text is one; what cannot be read counts."""
    assert paths.redirects(script) == targets
    assert (paths.script_record({"script": script}, ANN) is None) is (targets is None)


def test_a_script_of_ten_thousand_letters_takes_no_time() -> None:
    for script in ('"' * 10000, "/*" * 5000, "\\" * 10000, "redirect " * 1100):
        paths.redirects(script)


def test_what_somebody_else_has_closed_is_in_doubt_until_it_is_read(server: Server, driver: TrekMail) -> None:
    """409 is the provider's word for a revoked one, 404 for one that is gone; neither alone proves it."""
    driver.adopt("app_password", {ANN + "/app_password/6": {"id": 6}})
    made = Operation(0, "app_password", "revoke", ANN + "/app_password/6", "app_password.revoked", {}, None)
    for status, code in ((409, "conflict"), (404, "not_found")):
        server.script(refusal(status, code))
        assert driver.apply([made], "key")[0].status == "in_doubt"
    server.script(refusal(422, "last_member"))
    assert driver.apply([made], "key")[0].status == "failed"
