# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process: start contract, durability under kill -9, exact counters, loopback only, clock and switches that stay."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sandboxlib import PASSWORD, SERVE, Sandbox, refused

Start = Callable[..., Sandbox]


def test_start_contract(start: Start) -> None:
    sandbox = start("--set", "default_per_page=7", "--plan", "pro")
    lines = sandbox.folder.with_suffix(".log").read_text().splitlines()
    assert lines == [f"listening on {sandbox.url}", f"token {sandbox.token}"]
    assert sandbox.api == sandbox.url + "/api/v1" and sandbox.token.startswith("tm_live_")
    assert sandbox.mode == 0o600
    for name in ("token", "sandbox.sqlite3"):
        assert stat.S_IMODE((sandbox.folder / name).stat().st_mode) == 0o600
    assert sandbox.get("/domains").json()["meta"]["per_page"] == 7
    assert sandbox.get("/account").json()["plan"] == "pro"
    before = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - before < 1.5
    assert not sandbox.folder.with_suffix(".ready").exists()


def test_sigterm_does_not_wait_for_hanging_requests(start: Start) -> None:
    sandbox = start()
    sandbox.fault("hang")
    head = {"Authorization": f"Bearer {sandbox.token}"}

    def ask() -> None:
        with pytest.raises(requests.RequestException):
            requests.get(sandbox.api + "/me", headers=head, timeout=10)

    thread = threading.Thread(target=ask)
    thread.start()
    while not sandbox.ours("GET", "/faults")["hits"]:
        time.sleep(0.01)
    before = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - before < 1.5
    thread.join(5)


@pytest.mark.parametrize(
    "options",
    [
        ("--host", "0.0.0.0"),
        ("--host", "192.0.2.1"),
        ("--host", "example.com"),
        ("--set", "nothing=1"),
        ("--set", "delete_intent_minutes=7"),
        ("--set", "x"),
    ],
)
def test_what_the_command_line_refuses(tmp_path: Path, options: tuple[str, ...]) -> None:
    found = subprocess.run(
        [sys.executable, str(SERVE), "--data", str(tmp_path / "d"), *options],
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert found.returncode == 2 and found.stderr


def test_foreign_names_and_pages_get_nothing(sandbox: Sandbox) -> None:
    """DNS rebinding and pages of other sites in the developer's browser must not reach the control side."""
    assert (
        sandbox.session.get(sandbox.url + "/_sandbox/state", headers={"Host": "evil.example"}, timeout=10).status_code
        == 421
    )
    for origin in ("https://evil.example", "null"):
        answer = sandbox.session.post(sandbox.url + "/_sandbox/writes:reset", headers={"Origin": origin}, timeout=10)
        assert answer.status_code == 421


def test_kill_9_after_the_answer_loses_nothing(start: Start) -> None:
    sandbox = start()
    sandbox.ours("PUT", "/clock", {"offset": 86400})
    sandbox.set(wrap_objects="bare", default_per_page=9)
    domain = sandbox.domain()
    for number in range(30):
        sandbox.mailbox(domain["id"], f"m{number}")
    invite = sandbox.invite(domain["id"])
    sandbox.get("/me")
    body = {"domain_id": domain["id"], "local_part": "last"}
    last = sandbox.call("POST", "/mailboxes", body, key="last-one")
    before, state = sandbox.ours("GET", "/writes"), sandbox.ours("GET", "/state")
    assert sandbox.stop(signal.SIGKILL) == -signal.SIGKILL
    token = sandbox.token
    sandbox.start()
    assert sandbox.token == token
    after = sandbox.ours("GET", "/state")
    for name in ("domains", "mailboxes", "invites", "credentials", "switches"):
        assert after[name] == state[name]
    assert sandbox.ours("GET", "/writes") == before
    assert (
        before["writes"] == 1 + 30 + 1 + 1
        and before["requests"]["POST /mailboxes"] == 31
        and before["requests"]["GET /me"] == 1
    )
    replay = sandbox.call("POST", "/mailboxes", body, key="last-one")
    assert replay.headers["X-Idempotency-Replayed"] == "true" and replay.json()["id"] == last.json()["id"]
    link = sandbox.url + "/setup/" + invite["invite_url"].rsplit("/", 1)[1]
    assert sandbox.session.get(link, timeout=10).status_code == 200
    assert sandbox.login(last.json()["email"], last.json()["one_time_password"]) == 200
    sandbox.stop()


def test_kill_9_in_the_middle_of_writes(start: Start) -> None:
    """Whatever was answered is there; the counter equals what is there, answered or not."""
    sandbox = start()
    domain = sandbox.domain()
    answered: list[str] = []

    def write() -> None:
        number = 0
        while True:
            body = {"domain_id": domain["id"], "local_part": f"k{number}"}
            try:
                answered.append(sandbox.call("POST", "/mailboxes", body).json()["email"])
            except (requests.RequestException, ValueError, KeyError):
                return
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    while len(answered) < 25:
        time.sleep(0.001)
    sandbox.process.kill()
    sandbox.process.wait(10)
    thread.join(10)
    sandbox.start()
    state = sandbox.ours("GET", "/state")
    there = {row["email"] for row in state["mailboxes"]}
    assert set(answered) <= there and len(there) - len(answered) <= 1
    assert sandbox.writes() == len(there) + 1
    sandbox.stop()


def test_counters_are_exact(sandbox: Sandbox) -> None:
    domain = sandbox.domain()
    sandbox.ours("POST", "/writes:reset")
    body: dict[str, Any] = {"domain_id": domain["id"], "local_part": "a"}
    sandbox.call("POST", "/mailboxes", body, key="count-" + domain["name"])
    sandbox.call("POST", "/mailboxes", body, key="count-" + domain["name"])
    sandbox.call("POST", "/mailboxes", body)
    sandbox.call("PATCH", f"/domains/{domain['id']}/note", {"note": "n"})
    sandbox.fault("reset", when="before_commit")
    with pytest.raises(requests.RequestException):
        sandbox.call("POST", "/mailboxes", {**body, "local_part": "b"})
    for dummy in range(3):
        sandbox.get("/mailboxes")
    sandbox.get("/nothing")
    assert sandbox.ours("GET", "/writes") == {
        "writes": 2,
        "replayed": 1,
        "refused_in_cooldown": 0,
        "cut_before_commit": 1,
        "requests": {"GET /mailboxes": 3, "PATCH /domains/{id}/note": 1, "POST /mailboxes": 4, "unknown": 1},
        "by_route": {"PATCH /domains/{id}/note": 1, "POST /mailboxes": 1},
        "statuses": {"200": 4, "201": 2, "404": 1, "422": 1},
    }


def test_the_clock_can_stand_still(sandbox: Sandbox) -> None:
    sandbox.ours("PUT", "/clock", {"now": "2030-01-02T03:04:05Z", "frozen": True})
    assert sandbox.ours("GET", "/clock")["now"] == "2030-01-02T03:04:05Z"
    time.sleep(0.02)
    assert sandbox.domain(active=False)["created_at"] == "2030-01-02T03:04:05Z"
    sandbox.advance(3600)
    assert sandbox.ours("GET", "/clock")["now"] == "2030-01-02T04:04:05Z"


def test_history_holds_each_change_once(sandbox: Sandbox) -> None:
    """What a client's record is held against: replays, refusals and reads are no changes, a lost answer is one."""
    domain = sandbox.domain()
    minted = sandbox.ours("POST", "/tokens", {"domains": [domain["name"]]})
    rows = [{"domain_id": domain["id"], "local_part": name, "recipient_email": "o@home.example"} for name in ("a", "b")]
    for _again in range(2):
        assert sandbox.call(
            "POST",
            "/mailboxes/invites:bulk",
            {"domain_id": domain["id"], "items": rows},
            key="k1",
            token=minted["token"],
        ).ok
    sandbox.fault("reset", when="after_commit", method="PATCH")
    with pytest.raises(requests.ConnectionError):
        sandbox.call("PATCH", f"/domains/{domain['id']}/note", {"note": "x"}, key=None, token=minted["token"])
    sandbox.call("POST", "/mailboxes/999999:pause", token=minted["token"])
    sandbox.get("/domains", token=minted["token"])
    found = sandbox.ours("GET", f"/history?token={minted['id']}")["data"]
    assert [(one["method"], one["path"], one["key"]) for one in found] == [
        ("POST", "/mailboxes/invites:bulk", "k1"),
        ("PATCH", f"/domains/{domain['id']}/note", None),
    ]
    assert [row["email"] for row in found[0]["rows"]] == [f"{name}@{domain['name']}" for name in ("a", "b")]
    links = [mail["link"] for mail in sandbox.ours("GET", "/outbox")["data"]]
    assert links and not any(link.rsplit("/", 1)[-1] in str(found) for link in links)


def test_state_of_one_domain(sandbox: Sandbox) -> None:
    mine, other = sandbox.domain(), sandbox.domain()
    for domain in (mine, other):
        box = sandbox.mailbox(domain["id"])
        sandbox.invite(domain["id"], "ben")
        made = sandbox.call("POST", f"/mailboxes/{box['id']}/aliases", {"domain_id": domain["id"], "local_part": "sales",
                            "can_receive": True, "can_send": False})  # fmt: skip
        assert made.ok, made.text
    whole, part = sandbox.ours("GET", "/state"), sandbox.ours("GET", "/state?domain=" + mine["name"])
    assert set(whole) == set(part)
    assert [row["name"] for row in part["domains"]] == [mine["name"]]
    for name in ("mailboxes", "invites", "aliases"):
        assert [row["email"].rpartition("@")[2] for row in part[name]] == [mine["name"]], name
        assert len(whole[name]) > 1
    assert {row["address"].rpartition("@")[2] for row in part["credentials"]} == {mine["name"]}
    assert not sandbox.ours("GET", "/state?domain=none.example.org")["mailboxes"]


def test_control_side_says_what_is_wrong(sandbox: Sandbox) -> None:
    for method, path, body, status in (
        ("PUT", "/switches", {"nothing": 1}, 400),
        ("PUT", "/switches", {"wrap_objects": "odd"}, 400),
        ("PUT", "/plan", {"plan": "gold"}, 400),
        ("PUT", "/latency", {"ms": -1}, 400),
        ("PUT", "/clock", {"now": "soon"}, 400),
        ("POST", "/tokens", {"scopes": ["odd"]}, 400),
        ("POST", "/domains/none.example.com:verify", {}, 404),
        ("POST", "/invites/999999:cancel", {}, 404),
        ("POST", "/seed", {"domains": ["Bad"]}, 400),
    ):
        answer = sandbox.session.request(method, sandbox.url + "/_sandbox" + path, json=body, timeout=10)
        assert answer.status_code == status and answer.json()["error"], path


def test_seeding_and_speed(sandbox: Sandbox) -> None:
    """Not a benchmark: only that nothing is slow by a factor (100 rows in bulk, a page of 100 out of thousands)."""
    names = [f"s{n}.speed.example.com" for n in range(10)]
    domains = sandbox.ours("POST", "/seed", {"domains": names, "mailboxes_per_domain": 500})["domains"]
    assert len(domains) == 10 and sandbox.login("user00001@" + names[0], PASSWORD) == 401
    fresh = sandbox.domain()
    best = 9.0
    for part in range(5):
        rows = [{"domain_id": fresh["id"], "local_part": f"q{part}-{n}"} for n in range(100)]
        before = time.perf_counter()
        assert (
            sandbox.call("POST", "/mailboxes:bulk", {"items": rows, "password_mode": "generated_one_time"}).status_code
            == 200
        )
        best = min(best, time.perf_counter() - before)
    assert best < 0.1
    before = time.perf_counter()
    assert len(sandbox.get("/mailboxes?per_page=100&page=40").json()["data"]) == 100
    assert time.perf_counter() - before < 0.1
    refused(sandbox.get("/mailboxes?per_page=101"), 422, "validation_error")
