# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scripted Modoboa answers, and what the driver makes of it: errors by their kind, limits, half answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from modoboa_server import ModoboaServer, account, codes, make_driver, one, operation, read, row
from scripted import TOKEN, Clock

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import moment
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.driver import Modoboa

ALIAS = {"mailbox": "ann@example.com", "can_receive": True, "can_send": True}


@pytest.fixture(scope="module")
def _modoboa() -> Iterator[ModoboaServer]:
    made = ModoboaServer()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def modoboa(_modoboa: ModoboaServer, clock: Clock) -> ModoboaServer:
    _modoboa.fresh()
    return _modoboa


@pytest.fixture
def driver(modoboa: ModoboaServer) -> Iterator[Modoboa]:
    modoboa.accounts.append(account("ann@example.com"))
    made = read(make_driver(modoboa))
    modoboa.seen = []
    yield made
    made.close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"name": ["domain with this name already exists."]}, "already_exists"),
        (400, {"address": ["An alias with this name already exists"]}, "already_exists"),
        (400, {"username": ["Username already used"]}, "already_exists"),
        (409, {"id": 12}, "conflict"),
        (400, {"quota": ["Domain quota exceeded"]}, "storage_pool_exceeded"),
        (400, {"mailbox": {"quota": ["A quota is required"]}}, "quota_required"),
        (400, ["Mailbox limit reached for this domain"], "plan_limit_reached"),
        (403, {"detail": "You are not allowed to create more."}, "forbidden"),
        (400, {"non_field_errors": ["Not allowed to create an alias here"]}, "plan_limit_reached"),
        (400, {"enable_dkim": ["DKIM keys storage directory not configured"]}, "dkim_not_configured"),
        (400, {"recipients": ["Target domain not allowed"]}, "target_not_allowed"),
        (400, {"recipients": ["Local recipient bob@example.com not found"]}, "recipient_missing"),
        (400, {"non_field_errors": ["Domain not found."]}, "not_found"),
        (404, {"detail": "No Domain matches the given query."}, "not_found"),
        (404, {"detail": "Not found."}, "not_found"),
        (400, {"password": ["This password is too common."]}, "password_refused"),
        (401, {"detail": "Invalid token."}, "unauthenticated"),
        (403, {"detail": "You do not have permission to perform this action."}, "forbidden"),
        (400, {"colour": ["Nobody knows what this means."]}, "refused"),
        (400, b"<h1>Bad Request (400)</h1>", "refused"),
        (400, {"a": {"b": {"c": [[["deep"]]]}}}, "refused"),
    ],
)
def test_errors_by_their_kind(modoboa: ModoboaServer, driver: Modoboa, status: int, body: Any, code: str) -> None:
    """Nearly all is 400; only the texts of the fields tell one cause from another."""
    modoboa.says("POST", "/api/v2/aliases/", (status, body, {}))
    result = one(driver, "alias", "create", "x@example.com", ALIAS)
    assert (result.status, codes([result])) == ("failed", [code])
    assert isinstance(result.error, ProviderError) and result.error.hint and result.error.status == status
    assert result.error.stop is (code == "unauthenticated")
    assert len(modoboa.sent) == 1


def test_a_limit_with_its_header(modoboa: ModoboaServer, driver: Modoboa, clock: Clock) -> None:
    limited = (429, {"detail": "Request was throttled. Expected available in 9 seconds."}, {"Retry-After": "49"})
    modoboa.says("POST", "/api/v2/aliases/", limited, (201, {"pk": 5}, {}))
    assert one(driver, "alias", "create", "x@example.com", ALIAS).status == "applied"
    assert sum(clock.naps) == pytest.approx(49, abs=2)


def test_a_limit_that_only_its_text_tells(modoboa: ModoboaServer, driver: Modoboa, clock: Clock) -> None:
    limited = (429, {"detail": "Request was throttled. Expected available in 31 seconds."}, {})
    modoboa.says("POST", "/api/v2/aliases/", limited, (201, {"pk": 5}, {}))
    assert one(driver, "alias", "create", "x@example.com", ALIAS).status == "applied"
    assert sum(clock.naps) == pytest.approx(31, abs=2)


def test_a_limit_longer_than_the_deadline(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.says("POST", "/api/v2/aliases/", (429, {"detail": "Request was throttled."}, {"Retry-After": "3600"}))
    result = one(driver, "alias", "create", "x@example.com", ALIAS)
    assert codes([result]) == ["rate_limited"] and isinstance(result.error, ProviderError) and result.error.stop


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((200, b"<html>Sign in to the network</html>", {"Content-Type": "text/html"}), "no_json"),
        ((503, b"<html>Down for maintenance</html>", {}), "server_error"),
        ("hang", "timeout"),
        ("reset", "connection_lost"),
        ("cut", "connection_lost"),
    ],
)
def test_no_answer_of_modoboa(modoboa: ModoboaServer, driver: Modoboa, step: Any, code: str) -> None:
    """A creation may have been carried out, and sending it twice would be doing it twice."""
    modoboa.says("POST", "/api/v2/aliases/", step)
    result = one(driver, "alias", "create", "x@example.com", ALIAS)
    assert (result.status, codes([result])) == ("in_doubt", [code])
    assert len(modoboa.sent) == 1


def test_a_change_that_sets_a_whole_value_is_sent_again(modoboa: ModoboaServer, driver: Modoboa) -> None:
    modoboa.says("PATCH", "/api/v2/accounts/7/", "reset", (503, {}, {}), (200, {}, {}))
    assert one(driver, "mailbox", "update", "ann@example.com", {"display_name": "Ann"}).status == "applied"
    assert len(modoboa.sent) == 3


@pytest.mark.parametrize(
    "step",
    [
        (200, b"<html></html>", {}),
        (200, [], {}),
        (200, {"results": {}}, {}),
        (200, {"results": [1]}, {}),
        (200, {"results": [{"pk": 1}]}, {}),
        (200, {"results": [{"name": "example.com", "username": "a@example.com"}]}, {}),
    ],
)
@pytest.mark.parametrize("kind", ["domain", "mailbox", "alias"])
def test_half_a_picture_is_none(modoboa: ModoboaServer, kind: str, step: Any) -> None:
    """An answer without a list, or with objects that nobody can tell apart, must not pass for an empty one."""
    driver = make_driver(modoboa)
    driver.observe("domain", ())
    path = {"domain": "domains", "mailbox": "accounts", "alias": "aliases"}[kind]
    modoboa.says("GET", "/api/v2/%s/" % path, step)
    with pytest.raises(ProviderError) as caught:
        driver.observe(kind, {"example.com"})
    assert caught.value.code in ("strange_answer", "no_json")


def test_every_page_is_read(modoboa: ModoboaServer) -> None:
    def page(name: str, more: bool) -> Any:
        rows = [{"pk": len(name), "name": name, "type": "domain", "enabled": True}]
        return 200, {"next": "https://elsewhere.example/?page=2" if more else None, "results": rows}, {}

    modoboa.says("GET", "/api/v2/domains/", page("one.example", True), page("second.example", False))
    assert set(make_driver(modoboa).observe("domain", ())) == {"one.example", "second.example"}
    assert ["page=1" in modoboa.seen[0][1], "page=2" in modoboa.seen[1][1]] == [True, True]


def test_accounts_that_lost_their_mailbox(modoboa: ModoboaServer) -> None:
    modoboa.accounts += [account("ann@example.com", mailbox=None), account("admin", pk=1, mailbox=None)]
    found = make_driver(modoboa).observe("mailbox", {"example.com"})
    assert {key: record["state"] for key, record in found.items()} == {"ann@example.com": "orphaned"}


def test_names_are_in_lower_case(modoboa: ModoboaServer) -> None:
    modoboa.domains[0]["name"] = "Example.COM"
    modoboa.accounts.append(account("ann@example.com", username="Ann@Example.com", secondary_email="Ann@HOME.example"))
    modoboa.rows.append(row("More@example.com", "ANN@example.com"))
    driver = make_driver(modoboa)
    assert set(driver.observe("domain", ())) == {"example.com"}
    assert driver.observe("mailbox", {"example.com"})["ann@example.com"]["recovery_address"] == "ann@home.example"
    assert driver.observe("alias", {"ann@example.com"})["more@example.com"]["mailbox"] == "ann@example.com"


def test_rows_are_told_apart(modoboa: ModoboaServer) -> None:
    """One kind of row is an alias, a forward or a catch-all, by its address, its recipients and its end."""
    modoboa.accounts += [account("ann@example.com"), account("bob@example.com", pk=8)]
    modoboa.rows += [
        row("alias@example.com", "ann@example.com", pk=1),
        row("ends@example.com", "ann@example.com", pk=2, expire_at="2027-01-31T00:00:00Z"),
        row("two@example.com", "ann@example.com", "bob@example.com", pk=3),
        row("away@example.com", "ann@home.example", pk=4, enabled=False),
        row("ann@example.com", "ann@example.com", "ann@home.example", pk=5),
        row("bob@example.com", "ann@example.com", pk=6, expire_at="2027-01-31T00:00:00.000Z"),
        row("@example.com", "bob@example.com", "ann@example.com", pk=7),
    ]
    driver = read(make_driver(modoboa))
    assert set(driver.observe("alias", {"ann@example.com"})) == {"alias@example.com"}
    forwards = driver.observe("forward", {"example.com"})
    assert {key: (one["via"], one["state"], one.get("keep_copy")) for key, one in forwards.items()} == {
        "ends@example.com": ("address", "present", None),
        "two@example.com": ("address", "present", None),
        "away@example.com": ("address", "paused", None),
        "ann@example.com": ("mailbox", "present", True),
        "bob@example.com": ("mailbox", "present", False),
    }
    assert forwards["ann@example.com"]["targets"] == ["ann@home.example"]
    assert forwards["bob@example.com"]["expires_at"] == "2027-01-31T00:00:00Z"
    catch_all = driver.observe("catch_all", {"example.com"})["example.com"]
    assert (catch_all["destination"], catch_all["enabled"]) == ("ann@example.com, bob@example.com", True)


def test_a_stop_in_the_middle_of_a_batch(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """What was done is told, what failed is told, and what was never sent is told as that."""
    refused = (401, {"detail": "Invalid token."}, {})
    modoboa.says("POST", "/api/v2/aliases/", (201, {"pk": 5}, {}), refused)
    operations = [operation("alias", "create", "%s@example.com" % name, dict(ALIAS)) for name in "abcd"]
    results = driver.apply(operations, "key")
    assert [result.operation for result in results] == operations
    assert codes(results) == ["", "unauthenticated", "not_sent", "not_sent"]
    assert [result.status for result in results] == ["applied", "failed", "failed", "failed"]
    assert len(modoboa.sent) == 2


def test_a_refusal_of_one_leaves_the_others(modoboa: ModoboaServer, driver: Modoboa) -> None:
    taken = (400, {"address": ["already exists"]}, {})
    modoboa.says("POST", "/api/v2/aliases/", taken, (201, {"pk": 5}, {}))
    operations = [operation("alias", "create", "%s@example.com" % name, dict(ALIAS)) for name in "ab"]
    assert codes(driver.apply(operations, "key")) == ["already_exists", ""]


def test_what_nobody_has_listed_is_not_found(driver: Modoboa, modoboa: ModoboaServer) -> None:
    for kind, verb, key in [
        ("mailbox", "pause", "bob@example.com"),
        ("alias", "delete", "x@example.com"),
        ("catch_all", "disable", "example.com"),
        ("domain", "delete", "example.net"),
    ]:
        assert codes([one(driver, kind, verb, key)]) == ["not_found"]
    assert modoboa.sent == []


def test_no_secret_is_told(modoboa: ModoboaServer, driver: Modoboa) -> None:
    """Even when Modoboa repeats what it was sent."""
    secret = "Aa1-hunter2hunter2"
    echo = {"password": ["%s is too common" % secret], "detail": "Authorization: Token " + TOKEN}
    modoboa.says("POST", "/api/v2/accounts/", (400, echo, {}))
    modoboa.says("PATCH", "/api/v2/accounts/7/", (400, echo, {}))
    made = operation("mailbox", "create", "new@example.com", {"quota_mb": None}, secret=secret)
    changed = operation("mailbox", "set_password", "ann@example.com", {}, secret=secret)
    invited = operation("invite", "resend", "ann@example.com", {}, secret=secret, request={"credential": "discarded"})
    for sent in (made, changed, invited):
        result = driver.apply([sent], "key")[0]
        assert result.status == "failed" and result.error is not None
        shown = repr(result) + repr(vars(result.error)) + str(result.error) + repr(driver) + repr(sent)
        assert secret not in shown and TOKEN not in shown


def test_nothing_is_sent_in_check_mode(modoboa: ModoboaServer) -> None:
    modoboa.accounts.append(account("ann@example.com"))
    driver = read(make_driver(modoboa, read_only=True))
    refused = [
        one(driver, "mailbox", "pause", "ann@example.com", {}),
        one(driver, "invite", "create", "ann@example.com", {}, request={"credential": "discarded"}),
        one(driver, "invite", "create", "ann@example.com", {}),
        one(driver, "domain", "create", "example.net", {}),
    ]
    assert codes(refused) == ["check_mode_write"] * 4 and modoboa.sent == []


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("2026-11-21T15:32:19.661732Z", "2026-11-21T15:32:19Z"),
        ("2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z"),
        ("2026-11-21T16:32:19.661732+01:00", "2026-11-21T15:32:19Z"),
        ("2026-07-01T00:30:00+02:00", "2026-06-30T22:30:00Z"),
        ("2026-11-21T15:32:19", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (7, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_of_an_installation_in_any_zone(given: object, known: str | None) -> None:
    """Its settings name a zone, and its API answers in that: ends and logins are the same moments all the same."""
    assert moment(given) == known
