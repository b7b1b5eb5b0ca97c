# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Injected faults, latency, limits, cooldown (contract 6, 11; R-BULK-01, R-BULK-02)."""

from __future__ import annotations

import json
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sandboxlib import Sandbox, refused


def count(sandbox: Sandbox, domain: dict[str, Any]) -> int:
    """Return how many mailboxes the domain has."""
    return sandbox.get(f"/mailboxes?domain_id={domain['id']}").json()["meta"]["total"]


def raw(sandbox: Sandbox, text: bytes) -> tuple[bytes, bool]:
    """Send bytes over a fresh connection; return (all that came back, whether it ended with a TCP reset)."""
    split = urlsplit(sandbox.url)
    with socket.create_connection((split.hostname, split.port), 10) as sock:
        sock.sendall(text)
        parts = []
        try:
            while part := sock.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            return b"".join(parts), True
        return b"".join(parts), False


def request(sandbox: Sandbox, method: str, path: str, body: Any = None, key: str = "raw") -> bytes:
    """Return an HTTP/1.1 request as bytes."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [
        f"{method} /api/v1{path} HTTP/1.1", f"Host: {urlsplit(sandbox.url).netloc}", f"Authorization: Bearer {sandbox.token}",
        f"Idempotency-Key: {key}", f"Content-Length: {len(content)}", "Content-Type: application/json", "Connection: close",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


@pytest.mark.parametrize(("when", "made"), [("before_commit", 0), ("after_commit", 1)])
@pytest.mark.parametrize("kind", ["status", "reset", "timeout", "html", "truncated", "hang"])
def test_each_fault_before_and_after_the_commit(sandbox: Sandbox, kind: str, when: str, made: int) -> None:
    domain = sandbox.domain()
    sandbox.fault(kind, when=when, method="POST", path_regex="^/mailboxes$", seconds=0.2)
    body = {"domain_id": domain["id"], "local_part": "anna"}
    if kind == "status":
        refused(sandbox.call("POST", "/mailboxes", body), 503, "service_unavailable")
    elif kind == "html":
        answer = sandbox.call("POST", "/mailboxes", body)
        assert (
            answer.status_code == 502
            and answer.text.startswith("<html>")
            and "text/html" in answer.headers["Content-Type"]
        )
    else:
        with pytest.raises(requests.RequestException):
            sandbox.call("POST", "/mailboxes", body, timeout=0.4)
    sandbox.session.close()
    assert count(sandbox, domain) == made
    assert sandbox.ours("GET", "/faults")["faults"][0]["times"] == 0
    assert sandbox.call("POST", "/mailboxes", {**body, "local_part": "ben"}).status_code == 201


def test_reset_is_a_reset_and_truncation_stops_half_way(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.fault("reset", when="after_commit")
    body = {"domain_id": domain["id"], "local_part": "anna"}
    assert raw(sandbox, request(sandbox, "POST", "/mailboxes", body)) == (b"", True)
    assert count(sandbox, domain) == 1
    sandbox.fault("truncated", when="after_commit")
    text, was_reset = raw(sandbox, request(sandbox, "GET", "/domains"))
    head, _blank, content = text.partition(b"\r\n\r\n")
    promised = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert not was_reset and len(content) == promised // 2 > 0


def test_timeout_sends_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("timeout", seconds=0.2)
    before = time.monotonic()
    assert raw(sandbox, request(sandbox, "GET", "/me")) == (b"", False)
    assert 0.15 < time.monotonic() - before < 2


def test_slow_answers_are_complete(sandbox: Sandbox) -> None:
    for when in ("before_commit", "after_commit"):
        sandbox.fault("slow", when=when, seconds=0.2)
        before = time.monotonic()
        assert sandbox.get("/me").status_code == 200
        assert time.monotonic() - before >= 0.2


def test_skip_times_and_own_bodies(sandbox: Sandbox) -> None:
    sandbox.fault(
        "status", status=429, retry_after=7, skip=1, times=2, path_regex="^/me$", method="GET", code="rate_limited"
    )
    seen = [sandbox.get("/me") for dummy in range(4)]
    assert [answer.status_code for answer in seen] == [200, 429, 429, 200]
    assert seen[1].headers["Retry-After"] == "7" and refused(seen[1], 429, "rate_limited")["retry_after"] == 7
    sandbox.fault("status", status=200, body={"odd": True}, times=None)
    assert [sandbox.get("/me").json() for dummy in range(3)] == [{"odd": True}] * 3
    sandbox.ours("DELETE", "/faults")
    assert sandbox.get("/me").status_code == 200


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "odd"},
        {"kind": "reset", "when": "x"},
        {"kind": "reset", "path_regex": "("},
        {"kind": "reset", "far": 1},
    ],
)
def test_rules_that_are_refused(sandbox: Sandbox, rule: dict[str, Any]) -> None:
    assert sandbox.session.post(sandbox.url + "/_sandbox/faults", json=rule, timeout=10).status_code == 400


def test_latency_runs_side_by_side(sandbox: Sandbox) -> None:
    sandbox.ours("PUT", "/latency", {"ms": 200})
    before = time.monotonic()
    head = {"Authorization": f"Bearer {sandbox.token}"}
    threads = [
        threading.Thread(target=lambda: requests.get(sandbox.api + "/me", headers=head, timeout=10))
        for dummy in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.2 <= time.monotonic() - before < 1.2


def test_rate_limit_in_header_and_body(sandbox: Sandbox) -> None:
    token = sandbox.mint()
    sandbox.set(rate_limit_per_minute=3)
    assert [sandbox.get("/me", token=token).status_code for dummy in range(3)] == [200] * 3
    answer = sandbox.get("/me", token=token)
    error = refused(answer, 429, "rate_limited")
    assert error["retryable"] is True and int(answer.headers["Retry-After"]) == error["retry_after"] > 0
    sandbox.set(retry_after_header=False)
    assert "Retry-After" not in sandbox.get("/me", token=token).headers
    sandbox.set(retry_after_header=True, retry_after_body=False)
    answer = sandbox.get("/me", token=token)
    assert "retry_after" not in refused(answer, 429, "rate_limited") and answer.headers["Retry-After"]
    sandbox.advance(61)
    assert sandbox.get("/me", token=token).status_code == 200


def test_destructive_calls_have_their_own_limit(sandbox: Sandbox) -> None:
    token = sandbox.mint()
    domains = [sandbox.domain() for dummy in range(2)]
    sandbox.set(destructive_per_hour=1)
    assert sandbox.call("DELETE", f"/domains/{domains[0]['id']}", token=token).status_code == 204
    refused(sandbox.call("DELETE", f"/domains/{domains[1]['id']}", token=token), 429, "rate_limited")
    assert sandbox.get("/domains", token=token).status_code == 200


def items(domain: dict[str, Any], start: int, size: int) -> dict[str, Any]:
    """Return a bulk body."""
    rows = [{"domain_id": domain["id"], "local_part": f"c{n}"} for n in range(start, start + size)]
    return {"password_mode": "generated_one_time", "items": rows}


def test_cooldown_after_many_creations(sandbox: Sandbox) -> None:
    """R-BULK-01: 20 mailboxes, then 30 s in which every creation is refused, invites too; reading goes on."""
    domain, token = sandbox.domain(), sandbox.mint()
    sandbox.set(bulk_cooldown_items=20, bulk_cooldown_seconds=30)
    sandbox.ours("PUT", "/clock", {"frozen": True})
    assert sandbox.call("POST", "/mailboxes:bulk", items(domain, 0, 20), token=token).status_code == 200
    before = sandbox.ours("GET", "/writes")["refused_in_cooldown"]
    sandbox.advance(10)
    answer = sandbox.call("POST", "/mailboxes:bulk", items(domain, 20, 5), token=token)
    assert refused(answer, 429, "rate_limited")["retry_after"] == 20 and answer.headers["Retry-After"] == "20"
    invite = {"domain_id": domain["id"], "local_part": "i", "recipient_email": "i@home.example"}
    refused(sandbox.call("POST", "/mailboxes/invites", invite, token=token), 429, "rate_limited")
    assert sandbox.ours("GET", "/writes")["refused_in_cooldown"] == before + 2
    assert sandbox.get("/mailboxes", token=token).status_code == 200
    sandbox.advance(20)
    assert sandbox.call("POST", "/mailboxes:bulk", items(domain, 20, 5), token=token).status_code == 200


def test_batches_above_what_is_left(sandbox: Sandbox) -> None:
    """R-BULK-02: a batch may be run in part, or refused with the window starting."""
    domain, token = sandbox.domain(), sandbox.mint()
    sandbox.set(bulk_cooldown_items=4, bulk_cooldown_seconds=30, bulk_cooldown_excess="partial")
    sandbox.ours("PUT", "/clock", {"frozen": True})
    answer = sandbox.call("POST", "/mailboxes:bulk", items(domain, 0, 6), token=token)
    assert answer.status_code == 207 and answer.json()["counts"] == {"created": 4, "failed": 2}
    assert answer.json()["results"][5]["reason"] == "rate_limited"
    sandbox.advance(30)
    sandbox.set(bulk_cooldown_excess="refuse")
    refused(sandbox.call("POST", "/mailboxes:bulk", items(domain, 4, 6), token=token), 429, "rate_limited")
    refused(sandbox.call("POST", "/mailboxes:bulk", items(domain, 4, 1), token=token), 429, "rate_limited")
    sandbox.advance(30)
    assert sandbox.call("POST", "/mailboxes:bulk", items(domain, 4, 4), token=token).status_code == 200


def test_a_request_delivered_twice(sandbox: Sandbox) -> None:
    """With a key the second delivery is a replay: one mailbox, and the client never sees the secret."""
    domain = sandbox.domain()
    sandbox.fault("duplicate", method="POST", path_regex="^/mailboxes$")
    answer = sandbox.call("POST", "/mailboxes", {"domain_id": domain["id"], "local_part": "anna"})
    assert answer.status_code == 201 and answer.headers["X-Idempotency-Replayed"] == "true"
    assert "one_time_password" not in answer.json() and count(sandbox, domain) == 1
    sandbox.set(idempotency_key_required=False)
    sandbox.fault("duplicate", method="POST", path_regex="^/mailboxes$")
    body = {"domain_id": domain["id"], "local_part": "ben"}
    refused(sandbox.call("POST", "/mailboxes", body, key=None), 422, "already_exists")
    assert count(sandbox, domain) == 2


def test_a_listing_that_lags_behind(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.fault("stale", method="GET", path_regex="^/mailboxes$", seconds=30, times=None)
    assert count(sandbox, domain) == 0
    sandbox.mailbox(domain["id"])
    assert count(sandbox, domain) == 0
    sandbox.advance(31)
    assert count(sandbox, domain) == 1


def test_retry_after_as_a_date(sandbox: Sandbox) -> None:
    sandbox.set(retry_after_style="date")
    sandbox.fault("status", status=429, retry_after=60)
    text = sandbox.get("/me").headers["Retry-After"]
    wait = parsedate_to_datetime(text).timestamp() - time.time()
    assert text.endswith("GMT") and 50 < wait <= 60
