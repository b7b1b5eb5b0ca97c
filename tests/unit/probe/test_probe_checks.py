# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a verification, each against servers on loopback (R-SCOPE-09, R-DNS-25, R-SMTP-05, R-SMTP-06)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from mailservers import PASSWORD, USER, Imap, Smtp

from ansible_collections.mailops.email.plugins.module_utils.model import Refused, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.probe import checks
from ansible_collections.mailops.email.plugins.module_utils.probe.checks import Check
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint
from ansible_collections.mailops.email.plugins.module_utils.probe.imap import ImapSession
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account
from ansible_collections.mailops.email.plugins.module_utils.probe.run import Task, run_all

Start = Callable[..., Any]
At = Callable[..., Endpoint]
DOMAIN = "client-a.test"
ACCOUNT = Account(USER, PASSWORD)
WRONG = Account(USER, "wrong-password-1")
FIELDS = {
    "domain", "check", "passed", "target", "code", "class", "meaning", "likely_cause", "next_step", "retry", "related",
    "matched", "text", "evidence", "milliseconds",
}  # fmt: skip


def told(check: Check) -> dict[str, Any]:
    """A check as it is written down: the same fields always, only plain values, no secret."""
    row = check.to_dict()
    assert set(row) == FIELDS and row["domain"] == DOMAIN
    written = canonical_json(row).decode()
    assert PASSWORD not in written and "wrong-password" not in written
    return row


@pytest.fixture
def delivering(smtp: Smtp, imap: Imap) -> Smtp:
    """An SMTP server whose messages lie in the IMAP server's INBOX at once."""
    usual = smtp.take

    def take(*given: Any) -> None:
        usual(*given)
        imap.mail += [text for _sender, _recipient, text in smtp.messages]
        smtp.messages.clear()

    smtp.take = take  # type: ignore[method-assign]
    return smtp


def test_login(imap: Imap, at: At) -> None:
    good = told(checks.login(DOMAIN, at(imap), ACCOUNT))
    assert (good["passed"], good["class"], good["evidence"]["mailbox"]) == (True, "ok", USER)
    assert good["evidence"]["tls"]["version"].startswith("TLS") and good["target"] == "127.0.0.1:%d" % imap.port
    bad = told(checks.login(DOMAIN, at(imap), WRONG))
    assert (bad["passed"], bad["code"], bad["retry"]) == (False, "NO [AUTHENTICATIONFAILED]", "no")


@pytest.mark.parametrize(
    "step, answer, kind, retry",
    [
        ("auth", "535 5.7.8 Bad credentials", "auth_failed", "no"),
        ("message", "550 5.7.1 Rejected", "policy_reject", "no"),
        ("message", "452 4.2.2 Full", "resource", "later"),
        ("message", "421 4.7.0 Later", "deferred", "backoff"),
    ],
)
def test_each_result_has_what_the_runbook_wants(
    start: Start, at: At, step: str, answer: str, kind: str, retry: str
) -> None:
    """R-SMTP-05: code, class, likely cause and next step."""
    row = told(checks.outbound(DOMAIN, at(start(Smtp, answers={step: answer})), ACCOUNT, "x@far.test"))
    assert (row["passed"], row["code"], row["class"], row["retry"]) == (False, answer[:9], kind, retry)
    assert row["likely_cause"] and row["next_step"] and row["evidence"]["failed_at"] == step


def test_submission(delivering: Smtp, imap: Imap, at: At) -> None:
    row = told(checks.submission(DOMAIN, at(delivering), ACCOUNT))
    assert row["passed"] and row["code"] == "250 2.0.0" and row["evidence"]["recipient"] == USER
    assert [step["name"] for step in row["evidence"]["steps"]][-2:] == ["message", "quit"]
    assert len(imap.mail) == 1
    row = told(checks.submission(DOMAIN, at(delivering), ACCOUNT, imap=at(imap), wait=1))
    assert row["passed"] and row["evidence"]["seen"] and len(imap.mail) == 1
    assert told(checks.submission(DOMAIN, at(delivering), WRONG))["class"] == "auth_failed"


def test_inbound(delivering: Smtp, imap: Imap, at: At) -> None:
    """R-DNS-25: accepted is not enough, it has to be seen; and the mailbox is left as it was."""
    imap.mail = ["Subject: private\n\nleave me"]
    row = told(checks.inbound(DOMAIN, at(delivering, tls="opportunistic"), "x@far.test", ACCOUNT, at(imap), wait=1))
    assert row["passed"] and row["target"] == USER and imap.mail == ["Subject: private\n\nleave me"]


def test_inbound_that_is_not_seen(smtp: Smtp, imap: Imap, at: At) -> None:
    row = told(checks.inbound(DOMAIN, at(smtp), "x@far.test", ACCOUNT, at(imap), wait=0.2, poll=0.05))
    assert (row["passed"], row["code"], row["retry"]) == (False, "not_seen", "later")
    usual = smtp.take

    def take(*given: Any) -> None:
        usual(*given)
        imap.junk += [smtp.messages[-1][2]]

    smtp.take = take  # type: ignore[method-assign]
    row = told(checks.inbound(DOMAIN, at(smtp), "x@far.test", ACCOUNT, at(imap), wait=0.1, poll=0.05))
    assert (row["passed"], row["code"], row["related"]) == (False, "in_junk", "dns")


def test_inbound_that_is_refused_or_cannot_be_read(start: Start, imap: Imap, delivering: Smtp, at: At) -> None:
    refusing = start(Smtp, answers={"rcpt": "550 5.1.1 Unknown"})
    row = told(checks.inbound(DOMAIN, at(refusing), "x@far.test", ACCOUNT, at(imap), wait=0))
    assert (row["passed"], row["class"], row["evidence"]["failed_at"]) == (False, "recipient_unknown", "rcpt")
    row = told(checks.inbound(DOMAIN, at(delivering), "x@far.test", WRONG, at(imap), wait=0))
    assert (row["passed"], row["class"]) == (False, "auth_failed")


def test_outbound_by_echo(delivering: Smtp, imap: Imap, at: At) -> None:
    row = told(checks.outbound(DOMAIN, at(delivering), ACCOUNT, "echo@far.test", "echo", at(imap), wait=1))
    assert row["passed"] and row["evidence"]["echoed"] and row["target"] == "echo@far.test" and imap.mail == []


def test_outbound_without_echo(smtp: Smtp, imap: Imap, at: At) -> None:
    row = told(checks.outbound(DOMAIN, at(smtp), ACCOUNT, "echo@far.test", "echo", at(imap), wait=0.1, poll=0.05))
    assert (row["passed"], row["code"]) == (False, "not_seen")
    row = told(checks.outbound(DOMAIN, at(smtp), ACCOUNT, "x@far.test", "accepted", at(imap), wait=0.1, poll=0.05))
    assert row["passed"] and row["evidence"]["echoed"] is False
    for values in ({"proof": "echo"}, {"proof": "hope"}):
        with pytest.raises(Refused) as refused:
            checks.outbound(DOMAIN, at(smtp), ACCOUNT, "x@far.test", **values)
        assert refused.value.code == "proof_invalid"


@pytest.mark.parametrize("proof", ["echo", "accepted"])
def test_outbound_that_comes_back(smtp: Smtp, imap: Imap, at: At, proof: str) -> None:
    """A report of failed delivery is no echo, and its status is the result."""
    usual = smtp.take

    def take(*given: Any) -> None:
        usual(*given)
        imap.mail.append(
            "From: MAILER-DAEMON@client-a.test\nSubject: Undelivered\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
            "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.7.26\n"
            "Diagnostic-Code: smtp; 550 5.7.26 not authenticated\n\n--B\nContent-Type: message/rfc822\n\n%s\n--B--\n"
            % smtp.messages[-1][2]
        )

    smtp.take = take  # type: ignore[method-assign]
    row = told(checks.outbound(DOMAIN, at(smtp), ACCOUNT, "x@far.test", proof, at(imap), wait=1, poll=0.05))
    assert (row["passed"], row["code"], row["class"]) == (False, "550 5.7.26", "policy_reject")
    assert row["evidence"]["bounced"] is True and row["related"] == "dns"


def test_recipients(start: Start, at: At) -> None:
    """An address that nobody has is asked for too: what takes everything proves nothing about one."""
    server = start(Smtp)
    row = told(checks.recipients(DOMAIN, at(server), ["a@client-a.test", "b@client-a.test"]))
    assert row["passed"] and row["evidence"]["proves"] == "domain"
    answers = {"rcpt": "550 5.1.1 Unknown", "rcpt:a@client-a.test": "250 2.1.5 Ok"}
    row = told(checks.recipients(DOMAIN, at(start(Smtp, answers=answers)), ["a@client-a.test"]))
    assert row["passed"] and row["evidence"]["proves"] == "mailbox" and row["code"] == "250 2.1.5"
    row = told(checks.recipients(DOMAIN, at(start(Smtp, answers=answers)), ["a@client-a.test", "b@client-a.test"]))
    assert (row["passed"], row["code"]) == (False, "550 5.1.1")
    assert row["evidence"]["accepted"] == ["a@client-a.test"]
    assert [one["address"] for one in row["evidence"]["refused"]] == ["b@client-a.test"]
    assert told(checks.recipients(DOMAIN, at(server), []))["passed"] is None
    assert not server.said("DATA")


# ---- access that has to be gone ------------------------------------------------------------------------------------


def test_a_refused_login(imap: Imap, at: At) -> None:
    row = told(checks.login_refused(DOMAIN, at(imap), WRONG))
    assert (row["passed"], row["code"], row["class"]) == (True, "NO [AUTHENTICATIONFAILED]", "auth_failed")
    row = told(checks.login_refused(DOMAIN, at(imap), ACCOUNT))
    assert (row["passed"], row["code"]) == (False, "login_still_accepted")


def test_a_cache_is_waited_for(start: Start, at: At) -> None:
    server = start(Imap, answers={"login": ["{tag} OK cached"] * 3 + ["{tag} NO [AUTHENTICATIONFAILED] gone"]})
    row = told(checks.login_refused(DOMAIN, at(server), ACCOUNT, wait=3, poll=0.05))
    assert row["passed"] and row["evidence"]["tries"] == 4


@pytest.mark.parametrize(
    "answers, code",
    [
        ({"login": "{tag} NO [UNAVAILABLE] later"}, "NO [UNAVAILABLE]"),
        ({"login": "{tag} NO [INUSE] later"}, "NO [INUSE]"),
        ({"login": "{tag} NO [ALERT] look"}, "refusal_unproven"),
        ({"login": "{tag} BAD what"}, "refusal_unproven"),
        ({"login": None}, "closed"),
        ({"connect": None}, "closed"),
        ({"connect": "* BYE busy"}, "BYE"),
    ],
)
def test_a_fault_is_no_proof_of_a_refusal(start: Start, at: At, answers: dict[str, Any], code: str) -> None:
    row = told(checks.login_refused(DOMAIN, at(start(Imap, answers=answers)), ACCOUNT))
    assert (row["passed"], row["code"]) == (False, code)


@pytest.mark.parametrize(
    "answers, passed, code",
    [
        ({"auth": "535 5.7.8 no"}, True, "535 5.7.8"),
        ({"auth": "535 no"}, True, "535"),
        ({"auth": "525 5.7.13 disabled"}, True, "525 5.7.13"),
        ({"auth": "454 4.7.0 later"}, False, "454 4.7.0"),
        ({"auth": "421 4.7.0 busy"}, False, "421 4.7.0"),
        ({"auth": "504 5.5.4 mechanism"}, False, "refusal_unproven"),
        ({"auth": None}, False, "closed"),
        ({"ehlo": "535 5.7.8 no"}, False, "refusal_unproven"),
        ({"connect": "554 5.7.1 blocked"}, False, "refusal_unproven"),
        ({}, False, "login_still_accepted"),
    ],
)
def test_a_refused_submission(start: Start, at: At, answers: dict[str, Any], passed: bool, code: str) -> None:
    row = told(checks.submission_refused(DOMAIN, at(start(Smtp, answers=answers)), ACCOUNT))
    assert (row["passed"], row["code"]) == (passed, code)


def test_a_session_that_was_ended(imap: Imap, at: At) -> None:
    session = ImapSession(at(imap), ACCOUNT)
    assert told(checks.session_ended(DOMAIN, session))["code"] == "session_alive"
    row = told(checks.session_ended(DOMAIN, session, can_end=False))
    assert (row["passed"], row["code"]) == (None, "session_end_unsupported") and row["likely_cause"]
    threading.Timer(0.15, imap.cut).start()
    row = told(checks.session_ended(DOMAIN, session, wait=3, poll=0.05))
    assert row["passed"] and row["evidence"]["how"] == "closed" and row["evidence"]["tries"] > 1
    assert told(checks.session_ended(DOMAIN, session, can_end=False))["passed"] is True
    session.close()


def test_a_silent_session_was_ended_by_nobody(start: Start, at: At) -> None:
    session = ImapSession(at(start(Imap, answers={"noop": 30}), timeout=0.3), ACCOUNT)
    assert told(checks.session_ended(DOMAIN, session))["passed"] is False
    assert told(checks.session_ended(DOMAIN, session, can_end=False))["passed"] is None
    session.close()


# ---- many ----------------------------------------------------------------------------------------------------------


class Watch:
    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.threads: set[int] = set()

    def start(self, what: str, total: int) -> None:
        self.told.append((what, total))

    def advance(self, count: int) -> None:
        self.threads.add(threading.get_ident())
        self.told.append(("done", count))


def made(domain: str, name: str) -> Check:
    return Check(domain, name, True, "", "passed", outcome("passed"))


def test_domains_run_side_by_side_and_one_domain_in_order() -> None:
    order: list[tuple[str, str]] = []
    busy: dict[str, int] = {}

    def call(domain: str, name: str) -> Check:
        busy[domain] = busy.get(domain, 0) + 1
        assert busy[domain] == 1
        time.sleep(0.1)
        order.append((domain, name))
        busy[domain] -= 1
        return made(domain, name)

    tasks = [
        Task(domain, name, lambda domain=domain, name=name: call(domain, name))  # type: ignore[misc]
        for name in ("login", "inbound")
        for domain in ("a.test", "b.test", "c.test", "d.test")
    ]
    watch = Watch()
    started = time.monotonic()
    found = run_all(tasks, 4, watch)
    assert time.monotonic() - started < 0.6
    assert [(one.domain, one.check) for one in found] == [(task.domain, task.check) for task in tasks]
    assert all(order.index((domain, "login")) < order.index((domain, "inbound")) for domain in ("a.test", "d.test"))
    assert watch.told[0] == ("checking mail", 8) and sum(count for _what, count in watch.told[1:]) == 8
    assert watch.threads == {threading.get_ident()}
    assert run_all([]) == []


def test_one_that_breaks_stops_no_other() -> None:
    """Fail closed: what raises has not passed, and what it said stays where it was."""

    def breaks() -> Check:
        raise KeyError("secret " + PASSWORD)

    def refuses() -> Check:
        raise Refused("ca_unreadable", "No certificates.", "Give a PEM file.")

    tasks = [
        Task(DOMAIN, "login", breaks),
        Task(DOMAIN, "inbound", refuses),
        Task(DOMAIN, "tls", lambda: made(DOMAIN, "tls")),
    ]
    broken, refused, fine = [told(one) for one in run_all(tasks, 2)]
    assert (broken["passed"], broken["code"], broken["evidence"]) == (False, "internal_error", {"type": "KeyError"})
    assert (refused["passed"], refused["code"], refused["next_step"]) == (False, "setup_refused", "Give a PEM file.")
    assert refused["text"] == "No certificates." and refused["evidence"] == {"refusal": "ca_unreadable"}
    assert fine["passed"] and PASSWORD not in repr(tasks)
