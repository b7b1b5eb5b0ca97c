# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMAP against a server on loopback: logging in, finding the probe's own message, and how a session dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from mailservers import PASSWORD, USER, Authority, Imap

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint, ProbeError
from ansible_collections.mailops.email.plugins.module_utils.probe.imap import ImapSession
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account, build_message, new_token

Start = Callable[..., Any]
At = Callable[..., Endpoint]
ACCOUNT = Account(USER, PASSWORD)


def fails(endpoint: Endpoint, account: Account = ACCOUNT) -> ProbeError:
    with pytest.raises(ProbeError) as found, ImapSession(endpoint, account) as session:
        session.open_inbox()
    assert account.password not in str(found.value) + repr(found.value) + str(found.value.to_dict())
    return found.value


def mail(token: str, sender: str = "x@outside.test") -> str:
    return build_message(sender, USER, token).as_string().replace("\r\n", "\n")


def test_login_over_starttls_reads_only(imap: Imap, at: At) -> None:
    imap.mail = ["Subject: one\n\n"]
    with ImapSession(at(imap), ACCOUNT) as session:
        assert session.open_inbox() == 1 and session.tls["version"].startswith("TLSv1.")
        assert PASSWORD not in repr(session)
    said = [line.split(" ", 1)[1] for line, _secure in imap.heard if " " in line]
    assert "EXAMINE INBOX" in said and "LOGOUT" in said and not [one for one in said if one.startswith("SELECT")]
    assert [line for line, secure in imap.heard if not secure and not line.endswith(("CAPABILITY", "STARTTLS"))] == []


@pytest.mark.parametrize("plain", [True, False])
def test_login_over_implicit_tls(start: Start, at: At, plain: bool) -> None:
    server = start(Imap, implicit=True)
    server.plain = plain
    with ImapSession(at(server, tls="implicit"), ACCOUNT) as session:
        assert session.open_inbox() == 0


@pytest.mark.parametrize(
    "answer, code, kind",
    [
        ("{tag} NO [AUTHENTICATIONFAILED] no", "NO [AUTHENTICATIONFAILED]", "auth_failed"),
        ("{tag} NO [AUTHORIZATIONFAILED] no", "NO [AUTHORIZATIONFAILED]", "auth_failed"),
        ("{tag} NO [UNAVAILABLE] later", "NO [UNAVAILABLE]", "server_error"),
        ("{tag} NO [EXPIRED] too late", "NO [EXPIRED]", "auth_failed"),
        ("{tag} NO [LIMIT] too many", "NO [LIMIT]", "limits"),
        ("{tag} NO [INUSE] wait", "NO [INUSE]", "server_error"),
        ("* NO [ALERT] Look here\r\n{tag} NO sorry", "NO", "auth_failed"),
        ("{tag} BAD what", "BAD", "protocol"),
        ("* BYE shutting down\r\n", "BYE", "server_error"),
        (None, "closed", "network"),
        ("+ go on\r\n+ go on\r\n+ go on", "garbled", "protocol"),
        (b"* " + b"x" * 1_000_000 + b"\r\n", "garbled", "protocol"),
        (b"* 1 FETCH {4000000000}\r\n", "garbled", "protocol"),
        (b"* OK x\r\n" * 100_000, "garbled", "protocol"),
        (b"\x00\xff\r\n", "garbled", "protocol"),
        ("{tag} NO [AUTHENTICATIONFAILED] not " + PASSWORD, "NO [AUTHENTICATIONFAILED]", "auth_failed"),
    ],
)
def test_what_a_refused_login_is(start: Start, at: At, answer: Any, code: str, kind: str) -> None:
    """RFC 5530; R-PWD-06."""
    found = fails(at(start(Imap, answers={"login": answer}))).diagnosis
    assert (found.code, found.kind) == (code, kind) and found.text.isprintable() and len(found.text) <= 300


def test_a_wrong_password_is_tried_once(imap: Imap, at: At) -> None:
    assert fails(at(imap), Account(USER, "wrong-one")).diagnosis.code == "NO [AUTHENTICATIONFAILED]"
    assert sum("AUTHENTICATE" in line for line, _secure in imap.heard) == 1


def unsent(server: Imap) -> bool:
    return not [line for line, _secure in server.heard if "LOGIN " in line or "AUTHENTICATE" in line]


def test_no_password_without_tls(start: Start, at: At) -> None:
    server = start(Imap, tls=None)
    assert fails(at(server)).diagnosis.code == "starttls_missing" and unsent(server)
    for mode in ("none", "opportunistic"):
        with pytest.raises(Refused) as refused:
            ImapSession(at(server, tls=mode), ACCOUNT)
        assert refused.value.code == "login_needs_tls"
    assert fails(at(start(Imap, answers={"starttls": "{tag} NO no"}))).diagnosis.code == "NO"


def test_a_session_that_began_without_login_proves_nothing(start: Start, at: At) -> None:
    """A PREAUTH greeting keeps a client from STARTTLS, and lets anybody in."""
    server = start(Imap)
    server.preauth = True
    assert fails(at(server)).diagnosis.code == "preauth" and unsent(server)


def test_no_common_way_to_log_in(start: Start, at: At) -> None:
    server = start(Imap, implicit=True)
    server.plain, server.login_disabled = False, True
    assert fails(at(server, tls="implicit")).diagnosis.code == "auth_mechanism" and unsent(server)


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_the_name_of_the_certificate_counts(authority: Authority, start: Start, at: At, mode: str) -> None:
    server = start(Imap, tls=authority.server("mail.other.test"), implicit=mode == "implicit")
    assert fails(at(server, tls=mode)).diagnosis.code == "tls_name_mismatch" and unsent(server)
    assert fails(at(start(Imap), ca_path="")).diagnosis.code == "tls_untrusted"


@pytest.mark.parametrize("step", ["connect", "starttls", "login", "select"])
def test_cuts_and_silence(start: Start, at: At, step: str) -> None:
    assert fails(at(start(Imap, answers={step: None}))).diagnosis.code == "closed"
    started = time.monotonic()
    assert fails(at(start(Imap, answers={step: 30}), timeout=0.4)).diagnosis.code == "timeout"
    assert time.monotonic() - started < 2.5


def test_a_greeting_that_says_goodbye(start: Start, at: At) -> None:
    found = fails(at(start(Imap, answers={"connect": "* BYE Too many connections"}))).diagnosis
    assert (found.code, found.kind, found.text) == ("BYE", "deferred", "Too many connections")


# ---- finding -------------------------------------------------------------------------------------------------------


def test_the_own_message_is_found_and_removed_and_no_other(imap: Imap, at: At) -> None:
    token, other = new_token(), new_token()
    imap.mail = [mail(other), "Subject: private\n\n%s is quoted here" % other, mail(token)]
    with ImapSession(at(imap), ACCOUNT) as session:
        session.open_inbox()
        seen = session.look(token)
        assert seen is not None and seen.uid == "1" and seen.bounce is None
        assert session.remove(token) == 1 and session.remove(token) == 0
        assert [token in one for one in imap.mail] == [False, False]
        for wrong in ("", "ALL", "mp-1", 'x" OR ALL "'):
            with pytest.raises(Refused):
                session.remove(wrong)


def test_the_subject_does_where_the_header_was_lost(imap: Imap, at: At) -> None:
    token = new_token()
    imap.mail = ["Subject: Re: Mail check %s\n\nthanks" % token]
    with ImapSession(at(imap), ACCOUNT) as session:
        session.open_inbox()
        assert session.find(token) == ["1"]


def test_an_answer_is_found_by_what_it_refers_to(imap: Imap, at: At) -> None:
    token = new_token()
    imap.mail = ["Subject: Auto\nIn-Reply-To: <%s@client-a.test>\n\nthanks" % token]
    with ImapSession(at(imap), ACCOUNT) as session:
        session.open_inbox()
        assert session.find(token) == [] and session.find(token, answers=True) == ["1"]


def test_it_waits_and_stops_waiting(imap: Imap, at: At) -> None:
    token = new_token()
    with ImapSession(at(imap), ACCOUNT) as session:
        session.open_inbox()
        started = time.monotonic()
        assert session.wait_for(token, 0.3, 0.05) is None and 0.3 <= time.monotonic() - started < 1.5
        imap.answers["search"] = ["* SEARCH\r\n{tag} OK done"] * 4
        imap.mail.append(mail(token))
        assert session.wait_for(token, 3, 0.05) is not None


def test_the_junk_folder(imap: Imap, at: At) -> None:
    token = new_token()
    imap.junk = [mail(token)]
    with ImapSession(at(imap), ACCOUNT) as session:
        assert session.in_junk(token)
        imap.answers["list"] = '* LIST () "." "INBOX.Spam"\r\n* LIST () NIL x\r\n* LIST (broken\r\n{tag} OK done'
        assert session._junk_folders() == ['"INBOX.Spam"']


# ---- how a session dies --------------------------------------------------------------------------------------------


class Vanishing(Imap):
    """Ends a session as servers do, before the client asks."""

    last_words = b""

    def end(self) -> None:
        for wire in self.wires:
            if self.last_words:
                wire.send(self.last_words)
        self.cut()


@pytest.mark.parametrize(
    "answer, alive, how",
    [
        ("{tag} OK still here", True, "answers"),
        ("* BYE Server shutting down.\r\n", False, "bye"),
        ("* BYE kicked\r\n{tag} OK done", False, "bye"),
        (None, False, "closed"),
        (1.5, None, "silent"),
        (b"\x00\x01\x02\r\n", None, "garbled"),
    ],
)
def test_whether_a_session_lives(start: Start, at: At, answer: Any, alive: Any, how: str) -> None:
    """A session that is ended says so or closes; one that is silent or babbles proves nothing."""
    server = start(Imap, answers={"noop": answer})
    session = ImapSession(at(server, timeout=0.4), ACCOUNT)
    found = session.is_alive()
    assert (found.alive, found.how) == (alive, how)
    if not alive:
        assert session.is_alive() == found
    session.close()


@pytest.mark.parametrize("words, how", [(b"", "closed"), (b"* BYE Logged out by administrator\r\n", "bye")])
def test_a_session_that_was_kicked_while_nobody_looked(start: Start, at: At, words: bytes, how: str) -> None:
    server = start(Vanishing, implicit=True)
    server.last_words = words
    session = ImapSession(at(server, tls="implicit"), ACCOUNT)
    session.open_inbox()
    assert session.is_alive().alive
    server.end()
    time.sleep(0.05)
    found = session.is_alive()
    assert found.alive is False and found.how in (how, "closed")
    session.close()


@pytest.mark.parametrize("inbox, alive", [("{tag} NO [AUTHORIZATIONFAILED] gone", False), ("{tag} OK fine", True)])
def test_a_refused_noop_is_looked_into(start: Start, at: At, inbox: str, alive: bool) -> None:
    server = start(Imap, answers={"noop": "{tag} NO no", "select": inbox})
    session = ImapSession(at(server), ACCOUNT)
    assert session.is_alive().alive is alive
    session.close()
