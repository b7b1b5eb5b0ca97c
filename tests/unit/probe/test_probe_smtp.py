# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SMTP and LMTP against servers on loopback: what is sent, what is never sent, and what a hostile answer does."""

from __future__ import annotations

import base64
import email
import logging
import socket
import ssl
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mailservers import PASSWORD, USER, Authority, Smtp, Wire

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe import smtp as module
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint, ProbeError
from ansible_collections.mailops.email.plugins.module_utils.probe.message import (
    Account,
    build_message,
    message_id,
    new_token,
    read_report,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.smtp import (
    SmtpResult,
    authenticate,
    deliver,
    rcpt_check,
    submit,
)

Start = Callable[..., Any]
At = Callable[..., Endpoint]
ACCOUNT = Account(USER, PASSWORD)
TO = "bob@elsewhere.test"


def send(endpoint: Endpoint, account: Account = ACCOUNT) -> SmtpResult:
    return submit(endpoint, account, USER, TO, build_message(USER, TO, new_token()))


def test_a_message_is_submitted_over_starttls(smtp: Smtp, at: At) -> None:
    """EHLO is said again after TLS, and the password goes over TLS only."""
    result = send(at(smtp))
    assert result.ok and result.failed_at == ""
    names = "connect ehlo starttls ehlo_tls auth mail rcpt message quit".split()
    assert [step.name for step in result.steps] == names
    assert result.code == "250 2.0.0" and result.text_of("message") == "Queued as 1"
    assert result.tls["version"] in ("TLSv1.2", "TLSv1.3") and "commonName=127.0.0.1" in result.tls["subject"]
    assert result.tls["names"] == ["127.0.0.1", "localhost"] and result.tls["not_after"].endswith("Z")
    assert all(secure for line, secure in smtp.heard if line.upper().startswith(("AUTH", "MAIL", "RCPT")))
    [(sender, recipient, text)] = smtp.messages
    message = email.message_from_string(text)
    assert (sender, recipient) == (USER, TO)
    assert message["Auto-Submitted"] == "auto-generated" and message["X-Mailops-Probe"] in message["Subject"]
    assert message["Date"] and message["Message-ID"] == message_id(message["X-Mailops-Probe"], USER)
    assert PASSWORD not in text


def test_a_message_is_submitted_over_implicit_tls(start: Start, at: At) -> None:
    server = start(Smtp, implicit=True)
    result = send(at(server, tls="implicit"))
    assert result.ok and [step.name for step in result.steps][:3] == ["connect", "ehlo", "auth"]


def test_login_is_used_where_plain_is_not_offered_and_one_try_is_made(start: Start, at: At) -> None:
    server = start(Smtp)
    server.mechanisms = "CRAM-MD5 LOGIN"
    assert send(at(server)).ok
    refused = authenticate(at(server), Account(USER, "wrong-one"))
    assert refused.code == "535 5.7.8" and len(server.said("AUTH")) == 2
    server.mechanisms = "GSSAPI"
    assert authenticate(at(server), ACCOUNT).code == "auth_mechanism"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_passwords_are_sent_as_utf8(start: Start, at: At, mechanism: str) -> None:
    server = start(Smtp, answers={"auth": "235 2.7.0 ok"})
    server.mechanisms = mechanism
    assert authenticate(at(server), Account(USER, "pässwörd-€-秘密")).ok


@pytest.mark.parametrize(
    "step, answer, code, kind, retry",
    [
        ("auth", "535 5.7.8 Bad credentials", "535 5.7.8", "auth_failed", "no"),
        ("message", "550 5.7.1 Rejected for DMARC", "550 5.7.1", "policy_reject", "no"),
        ("rcpt", "452 4.2.2 Mailbox full", "452 4.2.2", "resource", "later"),
        ("mail", "421 4.7.0 Try later", "421 4.7.0", "deferred", "backoff"),
    ],
)
def test_the_four_injected_replies(
    start: Start, at: At, step: str, answer: str, code: str, kind: str, retry: str
) -> None:
    """R-SMTP-05: code, class, likely cause and next step of each, end to end."""
    result = send(at(start(Smtp, answers={step: answer})))
    assert (result.ok, result.failed_at, result.code) == (False, step, code)
    told = result.to_dict()["failure"]
    assert (told["code"], told["class"], told["retry"], told["matched"]) == (code, kind, retry, "exact")
    assert told["likely_cause"] and told["next_step"] and told["text"] == answer.split(" ", 2)[2]


@pytest.mark.parametrize("step", "connect ehlo starttls ehlo_tls auth mail rcpt data message".split())
def test_a_connection_cut_at_each_step(start: Start, at: At, step: str) -> None:
    result = send(at(start(Smtp, answers={step: None})))
    assert result.failed_at == ("message" if step == "data" else step) and result.code == "closed"


def test_a_cut_at_the_end_does_not_undo_what_was_accepted(start: Start, at: At) -> None:
    result = send(at(start(Smtp, answers={"quit": None})))
    assert result.ok and result.code == "250 2.0.0" and result.failed_at == ""


@pytest.mark.parametrize("step", ["connect", "ehlo", "starttls", "auth", "message"])
def test_silence_ends_in_time(start: Start, at: At, step: str) -> None:
    started = time.monotonic()
    result = send(at(start(Smtp, answers={step: 30}), timeout=0.4))
    assert (result.failed_at, result.code) == (step, "timeout") and time.monotonic() - started < 3


class Drip(Smtp):
    """Sends a byte now and then, so that no single wait is long."""

    def talk(self, wire: Wire) -> None:
        while not self._stopped.wait(0.05):
            wire.send(b"220-\n")


def test_an_endless_answer_ends_in_time(start: Start, at: At) -> None:
    started = time.monotonic()
    result = send(at(start(Drip), timeout=0.6))
    assert result.code == "timeout" and time.monotonic() - started < 2


@pytest.mark.parametrize(
    "answer",
    [
        b"250 " + b"x" * 1_000_000 + b"\r\n",
        b"250-x\r\n" * 200_000 + b"250 x\r\n",
        b"\x00\xff\xfe\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"999 what\r\n",
        b"\r\n",
    ],
    ids=["long line", "many lines", "noise", "http", "no such code", "empty"],
)
@pytest.mark.parametrize("step", ["connect", "ehlo_tls", "rcpt"])
def test_hostile_answers_are_a_diagnosis(start: Start, at: At, step: str, answer: bytes) -> None:
    result = send(at(start(Smtp, answers={step: answer})))
    assert not result.ok and result.failed_at == step and result.failure is not None
    assert result.failure.code in ("garbled", "closed") and result.failure.text.isprintable()
    assert len(str(result.to_dict())) < 6000


def test_control_characters_do_not_reach_the_result(start: Start, at: At) -> None:
    result = send(at(start(Smtp, answers={"rcpt": b"550 5.1.1 \x1b[2Jgone\x07 \xe2\x80\xaeevil\x00\r\n"})))
    assert result.failure is not None and result.failure.text == "gone evil"


def test_a_password_that_comes_back_is_nowhere(start: Start, at: At, caplog: pytest.LogCaptureFixture) -> None:
    """R-PWD-06: neither in results, nor in messages, nor in what Python shows of an error."""
    payload = base64.b64encode(("\0%s\0%s" % (USER, PASSWORD)).encode()).decode()
    caplog.set_level(logging.DEBUG)
    for said in (PASSWORD, payload, "AUTH PLAIN " + payload[:40]):
        result = send(at(start(Smtp, answers={"auth": "535 5.7.8 I do not know %s at all" % said})))
        shown = str(result.to_dict()) + repr(result) + caplog.text
        assert "[removed]" in shown and PASSWORD not in shown and payload[:20] not in shown
    assert PASSWORD not in repr(ACCOUNT)


def test_nothing_of_a_login_is_in_a_traceback(start: Start, at: At) -> None:
    server = start(Smtp, answers={"auth": "535 5.7.8 no " + PASSWORD})
    talk = module._Talk(at(server), module.login_secrets(USER, PASSWORD), False)
    talk.open()
    with pytest.raises(ProbeError):
        try:
            talk.login(ACCOUNT)
        except ProbeError:
            assert PASSWORD not in "".join(traceback.format_exception(*sys.exc_info()))
            raise
    talk.close()


# ---- TLS -----------------------------------------------------------------------------------------------------------


def unsent(server: Smtp) -> bool:
    return not server.said("AUTH") and not server.said("MAIL")


def test_without_starttls_no_password_is_sent(start: Start, at: At) -> None:
    server = start(Smtp, tls=None)
    server.auth_before_tls = True
    result = send(at(server))
    assert result.code == "starttls_missing" and result.failed_at == "starttls" and unsent(server)


@pytest.mark.parametrize("tls", ["none", "opportunistic"])
def test_nobody_logs_in_where_tls_is_not_certain(smtp: Smtp, at: At, tls: str) -> None:
    with pytest.raises(Refused) as refused:
        send(at(smtp, tls=tls))
    assert refused.value.code == "login_needs_tls" and smtp.connections == 0


def test_a_refused_starttls_sends_no_password(start: Start, at: At) -> None:
    server = start(Smtp, answers={"starttls": "454 4.7.0 TLS not available"})
    result = send(at(server))
    assert result.failure is not None and result.failure.kind == "tls" and unsent(server)


def test_offers_from_before_tls_count_no_more(start: Start, at: At) -> None:
    """RFC 3207 section 4.2: AUTH that was offered in the clear only is not offered."""
    server = start(Smtp, answers={"ehlo_tls": "250 mail.client-a.test"})
    server.auth_before_tls = True
    assert send(at(server)).code == "auth_missing" and unsent(server)


def test_answers_slipped_in_before_tls_are_dropped(start: Start, at: At) -> None:
    """What stands behind the answer to STARTTLS in the same packet was not said over TLS."""
    server = start(Smtp, answers={"starttls": b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 ok\r\n"})
    result = send(at(server))
    assert result.code in ("tls_failed", "closed", "250 2.0.0") and "evil" not in str(result.to_dict())


@pytest.mark.parametrize(
    "names, days, other, code",
    [
        (("mail.other.test",), 1, False, "tls_name_mismatch"),
        (("127.0.0.1",), -1, False, "tls_expired"),
        (("127.0.0.1",), 1, True, "tls_untrusted"),
    ],
)
@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_certificates_are_always_checked(
    authority: Authority, at: At, start: Start, tmp_path: Path, names: Any, days: int, other: bool, code: str, mode: str
) -> None:
    whose = Authority(tmp_path, "somebody else") if other else authority
    server = start(Smtp, tls=whose.server(*names, days=days), implicit=mode == "implicit")
    result = send(at(server, tls=mode))
    assert result.code == code and unsent(server)
    assert result.failed_at == ("connect" if mode == "implicit" else "starttls")


def test_the_system_does_not_know_the_private_authority(smtp: Smtp, at: At) -> None:
    assert send(at(smtp, ca_path="")).code == "tls_untrusted"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(authority: Authority, start: Start, at: At) -> None:
    context = authority.server("127.0.0.1")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    result = send(at(start(Smtp, tls=context, implicit=True), tls="implicit"))
    assert result.code in ("tls_failed", "closed")


def test_a_port_without_tls(start: Start, at: At) -> None:
    assert send(at(start(Smtp, tls=None), tls="implicit")).code == "tls_failed"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unreadable_authority_is_said_before_anything_is_sent(
    smtp: Smtp, at: At, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        send(at(smtp, ca_path=str(path)))
    assert refused.value.code == "ca_unreadable" and smtp.connections == 0


# ---- no connection -------------------------------------------------------------------------------------------------


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(Endpoint("127.0.0.1", port)).code == "refused"


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_where: Any, **_more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = send(Endpoint("mail.client-a.test", 465))
    assert result.code == "dns_not_found" and result.failure is not None and result.failure.related == "dns"


@pytest.mark.parametrize(
    "values",
    [
        {"host": ""},
        {"host": "a b"},
        {"host": "mail\r\nX"},
        {"port": 70000},
        {"port": True},
        {"tls": "maybe"},
        {"timeout": 0},
        {"helo": "a b"},
    ],
)
def test_endpoints_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        Endpoint(**{"host": "mail.client-a.test", "port": 465, **values})
    assert refused.value.code == "endpoint_invalid"


@pytest.mark.parametrize("user, password", [("", "x"), ("u", ""), ("u", "a\nb"), ("u\0v", "x")])
def test_accounts_that_cannot_be(user: str, password: str) -> None:
    with pytest.raises(Refused) as refused:
        Account(user, password)
    assert refused.value.code == "account_invalid" and repr(password) not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["bob@elsewhere.test>\r\nDATA", "a b@x.test", "bob", "<a@x.test>", "a@x.test,b@x.test"]
)
def test_an_address_cannot_end_a_line(smtp: Smtp, at: At, address: str) -> None:
    with pytest.raises(Refused) as refused:
        rcpt_check(at(smtp), [address])
    assert refused.value.code == "address_invalid" and smtp.connections == 0


# ---- without a login -----------------------------------------------------------------------------------------------


def test_mail_comes_in_from_elsewhere(start: Start, at: At) -> None:
    """Opportunistic: TLS where it is offered, and none where it is not."""
    message = build_message(TO, USER, new_token())
    for server, version in ((start(Smtp), "TLS"), (start(Smtp, tls=None), "")):
        result = deliver(at(server, tls="opportunistic"), TO, USER, message)
        assert result.ok and result.tls["version"].startswith(version) and bool(result.tls["version"]) == bool(version)
        assert server.messages[0][:2] == (TO, USER)
    assert deliver(at(start(Smtp), tls="none"), "", USER, message).tls == {"version": ""}


def test_a_bad_certificate_is_none_the_better_for_being_opportunistic(
    authority: Authority, start: Start, at: At
) -> None:
    server = start(Smtp, tls=authority.server("mail.other.test"))
    assert deliver(at(server, tls="opportunistic"), TO, USER, build_message(TO, USER, new_token())).code == (
        "tls_name_mismatch"
    )


def test_lmtp(start: Start, at: At) -> None:
    server = start(Smtp, tls=None)
    message = build_message(TO, USER, new_token())
    assert deliver(at(server, tls="none"), TO, USER, message, lmtp=True).ok and server.said("LHLO")
    for endpoint, lmtp in ((at(server, tls="implicit"), True), (Endpoint("/run/lmtp", 0, "none"), False)):
        with pytest.raises(Refused):
            deliver(endpoint, TO, USER, message, lmtp=lmtp)
    assert deliver(Endpoint("/no/such/socket", 0, "none"), TO, USER, message, lmtp=True).code == "unreachable"


def test_the_name_in_ehlo_is_an_address_unless_one_is_given(smtp: Smtp, at: At) -> None:
    rcpt_check(at(smtp), [USER])
    rcpt_check(at(smtp, helo="probe.agency.test"), [USER])
    assert [line.lower() for line in smtp.said("EHLO")[::2]] == ["ehlo [127.0.0.1]", "ehlo probe.agency.test"]


def test_recipients_are_asked_for_and_nothing_is_sent(start: Start, at: At) -> None:
    server = start(Smtp, answers={"rcpt:old@client-a.test": "550 5.1.1 Unknown"})
    result, found = rcpt_check(at(server), ["ann@client-a.test", "old@client-a.test", "bob@client-a.test"])
    assert result.ok and [one.accepted for one in found] == [True, False, True]
    assert found[1].diagnosis is not None and found[1].diagnosis.kind == "recipient_unknown"
    assert not server.said("DATA") and len(server.said("RSET")) == 3 and server.said("QUIT")
    assert server.said("MAIL")[0].upper().startswith("MAIL FROM:<>")


def test_a_server_that_closes_after_refusals_is_asked_again(start: Start, at: At) -> None:
    server = start(Smtp, answers={"rcpt": ["250 ok", "421 4.7.0 Too many errors", "250 ok", "550 5.1.1 No"]})
    _result, found = rcpt_check(at(server), ["a@x.test", "b@x.test", "c@x.test"])
    assert [one.code for one in found] == ["250", "250", "550 5.1.1"] and server.connections == 2


def test_a_server_that_always_closes_is_given_up(start: Start, at: At) -> None:
    server = start(Smtp, answers={"rcpt": "421 4.7.0 Go away"})
    result, found = rcpt_check(at(server), ["a@x.test", "b@x.test"])
    assert not result.ok and server.connections == 2
    assert [(one.accepted, one.code) for one in found] == [(False, "421 4.7.0")] * 2


def test_an_account_of_failed_delivery_is_read() -> None:
    """RFC 3464: the status of the far side, not that of the report."""
    report = (
        "From: MAILER-DAEMON@x.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\nSorry.\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.test\n\nFinal-Recipient: rfc822; bob@y.test\n"
        "Action: %s\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.26 Unauthenticated\n email\n--B--\n"
    )
    found = read_report((report % "failed").encode())
    assert found is not None and (found.code, found.kind) == ("550 5.7.26", "policy_reject")
    assert read_report((report % "delayed").encode()) is None and read_report(b"Subject: x\n\nhello") is None
    plain = (report % "failed").replace("Diagnostic-Code: smtp; 550 5.7.26", "Diagnostic-Code: x-unix;")
    assert read_report(plain.replace("5.0.0", "4.2.2").encode()).retry == "later"  # type: ignore[union-attr]
