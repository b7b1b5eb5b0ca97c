# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request and its retries: what is sent again, with which key, after which wait (design 4.10; contract 4 to 6)."""

from __future__ import annotations

import datetime
import email.utils
import socket
import threading
from typing import Any

import pytest
from scripted import TOKEN, Clock, Server, make_client

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers import http as module
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.http import ATTEMPTS, HttpClient

# How a call is protected: a read, a write with a key, one that sets a whole value, one with neither.
WAYS: dict[str, dict[str, Any]] = {
    "read": {"method": "GET"},
    "keyed": {"method": "POST", "key": "k1", "json": {"a": 1}},
    "repeatable": {"method": "PATCH", "repeatable": True, "json": {"a": 1}},
    "unkeyed": {"method": "POST", "json": {"a": 1}},
}
LOST = (408, 500, 502, 503, 504, "reset", "hang", "cut", "cut chunk", "garbage")


def envelope(code: str = "x", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Why.", "hint": "Do.", "request_id": "r1", "retryable": True, **more}}


def fails(client: HttpClient, method: str = "GET", path: str = "/x", **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as found:
        client.call(method, path, **more)
    return found.value


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", [*LOST, 425, 429])
def test_what_is_sent_again(server: Server, client: HttpClient, way: str, step: Any) -> None:
    """A lost answer is asked for again when that is safe; a refusal that changed nothing always is."""
    server.script(step, step, (200, {"ok": True}, {}))
    if way == "unkeyed" and step in LOST:
        error = fails(client, **{**WAYS[way], "path": "/x"})
        assert len(server.seen) == 1 and error.in_doubt and error.attempts == 1
        return
    answer = client.call(**{**WAYS[way], "path": "/x"})
    assert answer.body == {"ok": True} and answer.attempts == 3 and len(server.seen) == 3
    assert answer.after_lost == (step in LOST)


@pytest.mark.parametrize("step", [*LOST, 425])
def test_retries_end(server: Server, client: HttpClient, step: Any) -> None:
    server.script(step)
    error = fails(client, **{**WAYS["keyed"], "path": "/x"})
    assert len(server.seen) == ATTEMPTS == error.attempts
    assert error.in_doubt == (step in LOST)
    assert error.message.startswith("POST /x: ") and error.hint


def test_all_attempts_carry_one_key_and_one_request_id(server: Server, client: HttpClient) -> None:
    server.script(503, "reset", (201, {}, {}))
    client.call("POST", "/x", json={"a": [1]}, key="key-1")
    assert {seen[2]["Idempotency-Key"] for seen in server.seen} == {"key-1"}
    assert len({seen[2]["X-Request-Id"] for seen in server.seen}) == 1
    assert [seen[3] for seen in server.seen] == [{"a": [1]}] * 3
    client.call("POST", "/x", json={}, key="key-2")
    assert len({seen[2]["X-Request-Id"] for seen in server.seen}) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 301, 307])
@pytest.mark.parametrize("way", WAYS)
def test_refusals_are_final(server: Server, client: HttpClient, status: int, way: str) -> None:
    server.script((status, {"error": {"code": "no", "message": "Why."}}, {}))
    error = fails(client, **{**WAYS[way], "path": "/x"})
    assert len(server.seen) == 1 and not error.in_doubt and error.status == status
    assert error.hint


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_provider_says_no_more(server: Server, client: HttpClient, status: int) -> None:
    """Contract 4: retryable false is final, whatever the status (a spent sending allowance is a 429)."""
    server.script((status, envelope(retryable=False), {}))
    fails(client, "POST", key="k")
    assert len(server.seen) == 1


def test_a_request_still_under_way_is_asked_for_again(server: Server, client: HttpClient) -> None:
    """Contract 5: what happens while the first call is running is unknown; a provider may say 409, ask again."""
    running = (409, envelope("idempotency_in_progress", retry_after=1), {})
    server.script("hang", running, running, (201, {"id": 7}, {"X-Idempotency-Replayed": "true"}))
    answer = client.call("POST", "/x", key="k")
    assert answer.body == {"id": 7} and answer.replayed and answer.after_lost and answer.attempts == 4


def test_a_refused_connection_is_tried_again_by_all(clock: Clock) -> None:
    """No byte has left: even a write without a key may go again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        client = make_client("http://127.0.0.1:%d" % free.getsockname()[1])
        for way in WAYS.values():
            error = fails(client, **{**way, "path": "/x"})
            assert error.code == "unreachable" and not error.in_doubt and error.hint
            client._budget = module.BUDGET_START
        assert client.counts["GET"] == ATTEMPTS and client.counts["POST"] == 2 * ATTEMPTS


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refusal", [401, 403, 404, 409, 429])
def test_a_refused_retry_says_nothing_of_the_lost_attempt(
    server: Server, client: HttpClient, way: str, refusal: int
) -> None:
    server.script("reset", (refusal, envelope(retryable=False), {}))
    error = fails(client, **{**WAYS[way], "path": "/x"})
    assert error.in_doubt == (way != "read")


def test_a_judged_body_settles_the_lost_attempt(server: Server, client: HttpClient) -> None:
    """Keys are looked up first (contract 5): whoever reads the body of a retry has never carried it out."""
    server.script("reset", (422, envelope("storage_pool_exceeded", retryable=False), {}))
    assert not fails(client, "POST", key="k").in_doubt
    server.script("reset", (422, envelope("storage_pool_exceeded", retryable=False), {}))
    assert fails(client, "PATCH", repeatable=True).in_doubt, "without a key nobody can tell"
    server.script("reset", (422, envelope("already_exists", retryable=False), {}))
    assert fails(client, "POST", key="k").in_doubt, "it may well exist because of us"


def test_a_request_of_an_earlier_run_stays_in_doubt(server: Server, client: HttpClient) -> None:
    server.script((401, envelope("unauthenticated", retryable=False), {}))
    assert fails(client, "POST", key="k", lost=True).in_doubt
    assert not fails(client, "POST", key="k").in_doubt
    server.script((200, {}, {}))
    assert client.call("POST", "/x", key="k", lost=True).after_lost


@pytest.mark.parametrize("style", ["header", "body", "date", "both", "none"])
def test_a_wait_that_the_provider_asks_for(server: Server, client: HttpClient, clock: Clock, style: str) -> None:
    """RFC 9110 10.2.3, contract 6: in the header as seconds or date, in the body, in both, or nowhere."""
    headers, body = {}, envelope("rate_limited")
    if style in ("header", "both"):
        headers["Retry-After"] = "7"
    if style in ("body", "both"):
        body["error"]["retry_after"] = 7
    if style == "date":
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
        headers["Retry-After"] = email.utils.format_datetime(later, usegmt=True)
    server.script((429, body, headers), (200, {}, {}))
    client.get("/x")
    waited = sum(clock.naps)
    assert (0.1 <= waited <= 1.1) if style == "none" else (5.5 <= waited <= 8.1), clock.naps


@pytest.mark.parametrize(
    "value", ["\u00b2", "-1", "1e3", "soon", "9" * 400, "", " ", "Mon, 99 Foo 2026", "1.5", "\u0663", "0"]
)
def test_an_odd_retry_after_is_no_reason_to_fail(server: Server, client: HttpClient, value: str) -> None:
    raw = value.encode("latin-1", "replace").decode("latin-1")
    server.script((429, {}, {"Retry-After": raw}), (200, {"ok": 1}, {}))
    assert client.get("/x").body == {"ok": 1}


@pytest.mark.parametrize("value", [0, -3, True, "7", None, [], {}, 1e400, 0.2, 10**30])
def test_an_odd_retry_after_in_the_body(server: Server, client: HttpClient, clock: Clock, value: Any) -> None:
    """Nor a reason to ask a thousand times at once."""
    server.script(*[(429, envelope("rate_limited", retry_after=value), {})] * 3, (200, {"ok": 1}, {}))
    assert client.get("/x").body == {"ok": 1}
    assert len(server.seen) == 4 and min(clock.naps) >= 0.1


def test_waiting_for_the_provider_never_ends_by_count_but_by_time(
    server: Server, client: HttpClient, clock: Clock
) -> None:
    """R-BULK-01: a cooldown is sat out, however often it takes; the deadline ends it."""
    server.script(*[(429, envelope("rate_limited", retry_after=20), {})] * 12, (200, {"ok": 1}, {}))
    assert client.get("/x").body == {"ok": 1}
    assert len(server.seen) == 13 > ATTEMPTS
    server.script((429, envelope("rate_limited", retry_after=20), {}))
    error = fails(client, "POST", key="k")
    assert error.code == "rate_limited" and error.stop and not error.in_doubt
    assert "20 s" in error.hint and len(server.seen) <= 16


def test_a_wait_beyond_the_deadline_is_not_begun(server: Server, client: HttpClient, clock: Clock) -> None:
    server.script((429, envelope("rate_limited", retry_after=3600), {}))
    error = fails(client, "POST", key="k")
    assert clock.naps == [] and len(server.seen) == 1
    assert error.stop, "the rest of the run need not ask"
    assert "3600 s" in error.hint


def test_the_deadline_ends_retries(server: Server, clock: Clock) -> None:
    client = make_client(server.url, deadline=0.05)
    server.script(503)
    fails(client, "POST", key="k")
    assert len(server.seen) == 1


def test_the_budget_ends_retries_of_all_requests(server: Server, client: HttpClient) -> None:
    """An outage is not hammered: ten retries, and one more for every ten requests."""
    server.script(503)
    sent = []
    for _number in range(20):
        before = len(server.seen)
        error = fails(client, "POST", key="k")
        sent.append(len(server.seen) - before)
    assert sent[:2] == [ATTEMPTS] * 2 and sent[5:] and sum(sent) <= 20 + module.BUDGET_START + 5
    assert set(sent[8:]) <= {1, 2} and error.hint


def test_backoff_grows_and_is_never_the_same(server: Server, client: HttpClient, clock: Clock) -> None:
    naps = []
    for _turn in range(2):
        server.script(503, 503, 503, 503, (200, {}, {}))
        client.get("/x")
        naps.append(clock.naps[-4:])
    assert naps[0] != naps[1]
    assert all(
        0.1 <= nap <= module.BACKOFF_SECONDS * 2 ** (number % 4 + 1) for row in naps for number, nap in enumerate(row)
    )


def test_the_provider_s_wait_counts_for_a_503_too(server: Server, client: HttpClient, clock: Clock) -> None:
    server.script((503, envelope(retry_after=9), {}), (200, {}, {}))
    client.get("/x")
    assert sum(clock.naps) >= 9


def test_check_mode_sends_nothing_that_changes(server: Server, clock: Clock) -> None:
    client = make_client(server.url, read_only=True)
    client.get("/x")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        error = fails(client, method, key="k")
        assert error.code == "check_mode_write" and not error.in_doubt
    assert len(server.seen) == 1


def test_waits_are_told(server: Server, clock: Clock) -> None:
    told = []

    class Listener(Progress):
        def waiting(self, why: str, seconds: float) -> None:
            told.append((why, seconds))

    client = make_client(server.url, progress=Listener())
    server.script((429, envelope("rate_limited", retry_after=5), {}), 503, (200, {}, {}))
    client.get("/x")
    assert [5.0, True] == [told[0][1], "503" in told[1][0]]


def test_many_threads_keep_their_answers_apart(server: Server, client: HttpClient) -> None:
    server.script((200, {"ok": 1}, {}))
    wrong: list[Any] = []

    def work() -> None:
        for _turn in range(20):
            try:
                if client.get("/x").body != {"ok": 1}:
                    wrong.append("body")
            except ProviderError as error:
                wrong.append(error)

    threads = [threading.Thread(target=work) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and client.counts["GET"] == 160


def test_a_pause_that_others_started_does_not_lose_a_doubt(server: Server, client: HttpClient, clock: Clock) -> None:
    """The first attempt's answer was lost; then another fork was told to wait for longer than we may."""
    calls = []
    true_sleep = clock.sleep

    def sleep(seconds: float) -> None:
        true_sleep(seconds)
        if not calls:
            calls.append(1)
            client._pacer.hold(100000)

    clock.sleep = sleep  # type: ignore[method-assign]
    server.script("reset", (200, {}, {}))
    error = fails(client, "POST", key="k")
    assert error.code == "rate_limited" and error.in_doubt and error.stop and error.attempts == 1
    assert len(server.seen) == 1


def test_the_library_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HAS_REQUESTS", False)
    with pytest.raises(Refused) as found:
        make_client("http://127.0.0.1:1")
    assert "pip install" in found.value.hint and TOKEN not in found.value.message
