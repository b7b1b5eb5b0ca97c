# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions on a scripted Dovecot: who is logged in, ending it, and never more than that."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from scripted import TOKEN, Clock, Server

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Operation, ProviderError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers import doveadm
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.doveadm import GONE_WITHIN, DoveadmSessions
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import connect

KEY = "doveadm-key-0123456789"
WHO = [
    {"username": "ann@example.com", "service": "imap", "pid": "7"},
    {"username": "ann@example.com", "service": "pop3"},
]


def _sessions(server: Server, *, read_only: bool = False, **more: Any) -> DoveadmSessions:
    options = {"timeout": 0.25, "doveadm_url": server.url + "/doveadm/v1", "doveadm_key": KEY, **more}
    made = Connection(server.url + "/api/v2", TOKEN, **options)
    return DoveadmSessions(made, read_only=read_only, progress=Progress(), user_agent="test")


@pytest.fixture
def dovecot(server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(doveadm, "time", clock)
    return server


@pytest.fixture
def sessions(dovecot: Server) -> Iterator[DoveadmSessions]:
    made = _sessions(dovecot)
    yield made
    made.close()


def _kick(*addresses: str) -> list[Operation]:
    return [Operation(0, "session", "revoke", one, "session.revoked", {"state": "open"}) for one in addresses]


def _answers(*rows: Any) -> tuple[int, Any, dict[str, str]]:
    found = [["doveadmResponse", row, str(n)] if isinstance(row, list) else ["error", row, str(n)] for n, row in enumerate(rows)]  # fmt: skip
    return 200, found, {}


def test_who_is_logged_in(dovecot: Server, sessions: DoveadmSessions) -> None:
    dovecot.script(_answers(WHO, []))
    found = sessions.observe("session", {"bob@example.com", "ann@example.com"})
    assert found == {"ann@example.com": {"address": "ann@example.com", "state": "open", "services": ["imap", "pop3"]}}
    ((method, path, headers, body),) = dovecot.seen
    assert (method, path) == ("POST", "/doveadm/v1")
    assert body == [["who", {"mask": ["ann@example.com"]}, "0"], ["who", {"mask": ["bob@example.com"]}, "1"]]
    assert headers["Authorization"] == "X-Dovecot-API " + base64.b64encode(KEY.encode()).decode()


def test_all_sessions_are_ended(dovecot: Server, sessions: DoveadmSessions) -> None:
    """Nobody of that name being logged in (exit 68) is as good."""
    dovecot.script(_answers([{"result": "ann@example.com"}], {"type": "exitCode", "exitCode": 68}))
    results = sessions.apply(_kick("ann@example.com", "bob@example.com"), "key")
    assert [result.status for result in results] == ["applied", "applied"]
    assert [[command[0] for command in request[3]] for request in dovecot.seen] == [["kick", "kick"], ["who", "who"]]


def test_a_session_that_takes_its_time_to_end(dovecot: Server, sessions: DoveadmSessions, clock: Clock) -> None:
    """Dovecot answers when it has told the session to end; who reads back at once still finds it."""
    dovecot.script(_answers([{"result": "ann@example.com"}]), _answers(WHO), _answers(WHO), _answers([]))
    (result,) = sessions.apply(_kick("ann@example.com"), "key")
    assert result.status == "applied" and sessions.observe("session", {"ann@example.com"}) == {}
    assert [request[3][0][0] for request in dovecot.seen] == ["kick", "who", "who", "who", "who"]
    assert len(clock.naps) == 2 and sum(clock.naps) < 1


@pytest.mark.parametrize("answer", [_answers(WHO), (200, [], {}), (503, {}, {})])
def test_a_session_that_does_not_end_is_not_waited_for_long(
    dovecot: Server, sessions: DoveadmSessions, clock: Clock, answer: Any
) -> None:
    """What there is then the engine finds by reading back."""
    dovecot.script(_answers([{"result": "ann@example.com"}]), answer)
    (result,) = sessions.apply(_kick("ann@example.com"), "key")
    assert result.status == "applied" and sum(clock.naps) < 2 * GONE_WITHIN


def test_nobody_is_logged_in(dovecot: Server, sessions: DoveadmSessions) -> None:
    dovecot.script(_answers({"type": "exitCode", "exitCode": 68}))
    assert sessions.observe("session", {"ann@example.com"}) == {}


def test_many_share_a_request(dovecot: Server, sessions: DoveadmSessions) -> None:
    dovecot.script(_answers(*[[]] * 50), _answers(*[[]] * 10))
    assert sessions.observe("session", {"u%02d@example.com" % number for number in range(60)}) == {}
    assert [len(request[3]) for request in dovecot.seen] == [50, 10]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_wrong_key_never_gets_an_answer(dovecot: Server, read_only: bool) -> None:
    dovecot.script("hang")
    sessions = _sessions(dovecot, read_only=read_only, deadline=1.0)
    with pytest.raises(ProviderError) as caught:
        sessions.observe("session", {"ann@example.com"})
    assert caught.value.code == "timeout" and not caught.value.in_doubt
    assert caught.value.hint.startswith("Check doveadm_key first")


def test_a_kick_that_nobody_answers_is_in_doubt(dovecot: Server, sessions: DoveadmSessions) -> None:
    dovecot.script("reset")
    assert [result.status for result in sessions.apply(_kick("ann@example.com"), "key")] == ["in_doubt"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, [["error", {"type": "unknownMethod"}, "0"]], {}),
        (200, [["error", {"type": "exitCode", "exitCode": 75}, "0"]], {}),
        (200, [["doveadmResponse", {}, "0"]], {}),
        (200, [["doveadmResponse", [], "another"]], {}),
        (200, {"data": []}, {}),
        (200, [], {}),
        (200, [[]], {}),
        (200, None, {}),
    ],
)
def test_strange_answers(dovecot: Server, sessions: DoveadmSessions, answer: Any) -> None:
    """They must not pass for "nobody is logged in", nor for "it is done"."""
    dovecot.script(answer)
    with pytest.raises(ProviderError) as caught:
        sessions.observe("session", {"ann@example.com"})
    assert caught.value.code == "sessions_failed" and caught.value.hint
    (result,) = sessions.apply(_kick("ann@example.com"), "key")
    assert (result.status, result.error.code if result.error else "") == ("in_doubt", "sessions_failed")


def test_a_mask_is_never_sent(dovecot: Server, sessions: DoveadmSessions) -> None:
    """Dovecot would take it for other people's names too, and ending their sessions cannot be taken back."""
    dovecot.script(_answers([]))
    assert sessions.observe("session", {"*", "a*@example.com", "?nn@example.com"}) == {}
    results = sessions.apply(_kick("*@example.com", "ann@example.com", "??@example.com"), "key")
    assert [result.status for result in results] == ["failed", "applied", "failed"]
    assert [request[3] for request in dovecot.seen] == [
        [[command, {"mask": ["ann@example.com"]}, "0"]] for command in ("kick", "who")
    ]


def test_check_mode_asks_and_ends_nothing(dovecot: Server) -> None:
    dovecot.script(_answers(WHO))
    sessions = _sessions(dovecot, read_only=True)
    assert set(sessions.observe("session", {"ann@example.com"})) == {"ann@example.com"}
    (result,) = sessions.apply(_kick("ann@example.com"), "key")
    assert result.error is not None and result.error.code == "check_mode_write"
    assert [request[3][0][0] for request in dovecot.seen] == ["who"]


def test_the_key_is_nowhere(dovecot: Server, sessions: DoveadmSessions) -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    dovecot.script((403, {"error": {"message": "bad key %s %s" % (KEY, encoded)}}, {}))
    (result,) = sessions.apply(_kick("ann@example.com"), "key")
    shown = repr(result) + repr(sessions) + repr(vars(result.error))
    assert result.status == "failed" and encoded not in shown


def test_the_key_does_not_travel_in_clear() -> None:
    made = Connection(
        "https://mail.example/api/v2", TOKEN, doveadm_url="http://mail.example/doveadm/v1", doveadm_key=KEY
    )
    with pytest.raises(Refused) as caught:
        DoveadmSessions(made, read_only=False, progress=Progress(), user_agent="test")
    assert "doveadm_url" in caught.value.message


def test_a_key_is_needed(dovecot: Server) -> None:
    with pytest.raises(MailopsError) as caught:
        _sessions(dovecot, doveadm_key="")
    assert caught.value.code == "doveadm_key"


def test_they_stand_beside_any_driver(dovecot: Server) -> None:
    made = Connection(dovecot.url + "/api/v1", TOKEN, doveadm_url=dovecot.url + "/doveadm/v1", doveadm_key=KEY)
    driver = connect("trekmail", made, read_only=False, progress=Progress(), user_agent="test")
    assert driver.can("session.revoke") and driver.port("session") is not driver and driver.port("mailbox") is driver
    dovecot.script(_answers(WHO))
    driver.port("session").observe("session", {"ann@example.com"})
    assert driver.requests() == {"POST": 1} and not driver.request_counts
    driver.close()
