# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The single checks of a verification; each answers with a Check, whatever the servers do (R-SCOPE-09, R-DNS-25, R-SMTP-05).

What is refused for its settings (a Refused) is raised here; run.py turns it into a Check, so that one of many does not
stop the others.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import Diagnosis, outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint, ProbeError
from ansible_collections.mailops.email.plugins.module_utils.probe.imap import POLL_SECONDS, ImapSession
from ansible_collections.mailops.email.plugins.module_utils.probe.message import (
    Account,
    Seen,
    build_message,
    new_token,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.smtp import (
    Recipient,
    SmtpResult,
    authenticate,
    deliver,
    rcpt_check,
    submit,
)

WAIT_SECONDS = 60.0
PROOFS = ("accepted", "echo")
# Answers to a login that say: this account gets in no more. Anything else may pass.
_REFUSALS = frozenset(("auth_failed", "account_disabled"))
# What says more about itself than "not proven" would.
_PASSING = frozenset(("network", "dns", "tls", "auth_temporary", "server_error", "deferred", "limits"))


@dataclasses.dataclass(frozen=True)
class Check:
    """What one check found.

    :param passed: None when it can be neither shown nor excluded here.
    :param target: the service or the address that was tried.
    :param code: the answer that decided, such as ``550 5.7.1``, ``NO [AUTHENTICATIONFAILED]`` or ``tls_untrusted``.
    :param diagnosis: what the code means; its class is ``ok`` when the check passed without a complaint.
    :param milliseconds: an int, since a journal takes no fractions.
    """

    domain: str
    check: str
    passed: bool | None
    target: str
    code: str
    diagnosis: Diagnosis
    evidence: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    milliseconds: int = 0

    def to_dict(self) -> dict[str, t.Any]:
        """Flat and plain: ``domain, check, passed, target, code``, the diagnosis's fields, ``evidence, milliseconds``."""
        return {
            "domain": self.domain,
            "check": self.check,
            "passed": self.passed,
            "target": self.target,
            "code": self.code,
            **self.diagnosis.to_dict(),
            "evidence": self.evidence,
            "milliseconds": self.milliseconds,
        }


class _Clock:
    """Makes the checks of one kind, and measures."""

    def __init__(self, domain: str, check: str, target: str) -> None:
        self._domain, self._check, self._target = domain, check, target
        self._started = time.monotonic()

    def made(self, passed: bool | None, diagnosis: Diagnosis, **evidence: t.Any) -> Check:
        spent = int((time.monotonic() - self._started) * 1000)
        return Check(self._domain, self._check, passed, self._target, diagnosis.code, diagnosis, evidence, spent)

    def passed(self, code: str, **evidence: t.Any) -> Check:
        return self.made(True, dataclasses.replace(outcome("passed"), code=code), **evidence)


def login(domain: str, imap: Endpoint, account: Account) -> Check:
    """The account gets in, and its INBOX opens."""
    clock = _Clock(domain, "login", imap.target)
    try:
        with ImapSession(imap, account) as session:
            count = session.open_inbox()
            return clock.passed("OK", mailbox=account.mailbox, messages=count, tls=session.tls)
    except ProbeError as error:
        return clock.made(False, error.diagnosis, mailbox=account.mailbox)


def submission(
    domain: str,
    smtp: Endpoint,
    account: Account,
    recipient: str = "",
    imap: Endpoint | None = None,
    wait: float = WAIT_SECONDS,
    poll: float = POLL_SECONDS,
    about: str = "",
) -> Check:
    """The account logs in and its message is accepted; it goes to the account itself unless *recipient* is given.

    :param imap: where the account's own mailbox is read, to see the message arrive and to remove it. Whether it was seen
        stands in the evidence and decides nothing.
    """
    clock = _Clock(domain, "submission", smtp.target)
    token = new_token()
    own = not recipient
    recipient = recipient or account.mailbox
    result = submit(smtp, account, account.mailbox, recipient, build_message(account.mailbox, recipient, token, about))
    facts: dict[str, t.Any] = {"mailbox": account.mailbox, "recipient": recipient, "token": token}
    if result.ok and own and imap is not None:
        try:
            with ImapSession(imap, account) as session:
                session.open_inbox()
                seen = session.wait_for(token, wait, poll)
                _tidy(session, token, seen)
                facts["seen"] = seen is not None
        except ProbeError as error:
            facts.update(seen=False, seen_code=error.diagnosis.code)
    return _of_smtp(clock, result, **facts)


def outbound(
    domain: str,
    smtp: Endpoint,
    account: Account,
    to: str,
    proof: str = "accepted",
    imap: Endpoint | None = None,
    wait: float = WAIT_SECONDS,
    poll: float = POLL_SECONDS,
    about: str = "",
) -> Check:
    """A message leaves for *to*.

    :param proof: ``accepted``: the platform took it; ``echo``: an answer to it, or the message itself, came back into the
        account's mailbox. What answers has to be made for it: RFC 3834 keeps automatic responders silent.
    :param imap: where the mailbox is read. With proof ``accepted`` a report of failed delivery that arrives within *wait*
        seconds fails the check, which then takes that long; without *imap* nobody looks for one.
    :raises Refused: ``proof_invalid``.
    """
    if proof not in PROOFS or (proof == "echo" and imap is None):
        raise Refused(
            "proof_invalid",
            "Outbound proof %r: not known, or echo without an IMAP endpoint." % proof,
            "See the documentation.",
        )
    clock = _Clock(domain, "outbound", to)
    token = new_token()
    result = submit(smtp, account, account.mailbox, to, build_message(account.mailbox, to, token, about))
    facts: dict[str, t.Any] = {"server": smtp.target, "mailbox": account.mailbox, "proof": proof, "token": token}
    if not result.ok or imap is None:
        return _of_smtp(clock, result, **facts)
    facts.update(_steps(result))
    try:
        with ImapSession(imap, account) as session:
            session.open_inbox()
            seen = session.wait_for(token, wait, poll, answers=True)
            _tidy(session, token, seen)
    except ProbeError as error:
        return clock.made(False, error.diagnosis, **facts)
    if seen is not None and seen.bounce is not None:
        return clock.made(False, seen.bounce, bounced=True, **facts)
    if seen is None and proof == "echo":
        return clock.made(False, outcome("not_seen"), waited_seconds=int(wait), **facts)
    return clock.passed(result.code, echoed=seen is not None, **{**facts, **(seen.evidence if seen else {})})


def inbound(
    domain: str,
    mx: Endpoint,
    sender: str,
    account: Account,
    imap: Endpoint,
    recipient: str = "",
    wait: float = WAIT_SECONDS,
    poll: float = POLL_SECONDS,
    lmtp: bool = False,
    about: str = "",
) -> Check:
    """A message handed to the receiving side is seen in the account's mailbox.

    :param recipient: an alias or another address that leads there; the account's own when empty.
    """
    recipient = recipient or account.mailbox
    clock = _Clock(domain, "inbound", recipient)
    token = new_token()
    result = deliver(mx, sender, recipient, build_message(sender, recipient, token, about), lmtp)
    facts: dict[str, t.Any] = {"server": mx.target, "mailbox": account.mailbox, "token": token}
    if not result.ok:
        return _of_smtp(clock, result, **facts)
    facts.update(_steps(result))
    try:
        with ImapSession(imap, account) as session:
            session.open_inbox()
            seen = session.wait_for(token, wait, poll)
            junk = seen is None and session.in_junk(token)
            _tidy(session, token, seen)
    except ProbeError as error:
        return clock.made(False, error.diagnosis, **facts)
    if seen is None:
        return clock.made(False, outcome("in_junk" if junk else "not_seen"), waited_seconds=int(wait), **facts)
    return clock.passed(result.code, **{**facts, **seen.evidence})


def recipients(
    domain: str, mx: Endpoint, addresses: t.Sequence[str], sender: str = "", control: bool = True, lmtp: bool = False
) -> Check:
    """The receiving side takes these addresses; nothing is sent.

    :param control: ask for an address that nobody has as well. Where that is taken too (a catch-all, or a server that
        refuses later), ``proves`` in the evidence is ``domain`` instead of ``mailbox``.
    """
    clock = _Clock(domain, "recipients", mx.target)
    if not addresses:
        return clock.made(None, outcome("nothing_to_check"))
    asked = list(addresses) + (["%s@%s" % (new_token(), domain)] if control else [])
    _result, found = rcpt_check(mx, asked, sender, lmtp)
    unknown = found.pop() if control else None
    refused = [one for one in found if one.diagnosis is not None]
    facts: dict[str, t.Any] = {
        "accepted": [one.address for one in found if one.accepted],
        "refused": [_told(one) for one in refused],
        "proves": "domain" if unknown is None or unknown.accepted else "mailbox",
    }
    if unknown is not None and unknown.diagnosis is not None and unknown.diagnosis.kind != "recipient_unknown":
        # Refused for another reason, such as a rate: says nothing about who is known
        facts["proves"] = "domain"
    worst = next((one.diagnosis for one in refused if one.diagnosis is not None), None)
    if worst is not None:
        return clock.made(False, worst, **facts)
    return clock.passed(found[-1].code, **facts)


def login_refused(domain: str, imap: Endpoint, account: Account, wait: float = 0, poll: float = POLL_SECONDS) -> Check:
    """The credentials no longer open the mailbox: refused as such, not for the network or a fault of the server.

    Asked again for *wait* seconds, since servers remember good logins for a while.
    """

    def attempt() -> tuple[str, Diagnosis | None]:
        try:
            with ImapSession(imap, account):
                return "OK", None
        except ProbeError as error:
            return error.diagnosis.code, error.diagnosis

    return _refused(_Clock(domain, "login_refused", imap.target), attempt, account, wait, poll)


def submission_refused(
    domain: str, smtp: Endpoint, account: Account, wait: float = 0, poll: float = POLL_SECONDS
) -> Check:
    """The credentials no longer let anybody send, as :func:`login_refused`."""

    def attempt() -> tuple[str, Diagnosis | None]:
        result = authenticate(smtp, account)
        if result.failure is not None and result.failed_at != "auth":
            # The same words before a login speak of the connection, not of the account
            return result.code, dataclasses.replace(result.failure, kind=_not_of_the_account(result.failure.kind))
        return result.code, result.failure

    return _refused(_Clock(domain, "submission_refused", smtp.target), attempt, account, wait, poll)


def session_ended(
    domain: str,
    session: ImapSession,
    can_end: bool = True,
    wait: float = 0,
    poll: float = POLL_SECONDS,
) -> Check:
    """A session opened before access was revoked is dead.

    :param can_end: whether the platform can end sessions at all; where it cannot, a session that lives on is None.
    """
    clock = _Clock(domain, "session_ended", session.target)
    ends, tries = time.monotonic() + wait, 0
    while True:
        state, tries = session.is_alive(), tries + 1
        left = ends - time.monotonic()
        if not state.alive or left <= 0:
            break
        time.sleep(min(poll, left))
    facts: dict[str, t.Any] = {"how": state.how, "text": state.text, "tries": tries}
    if state.alive is False:
        return clock.passed(state.how, **facts)
    if state.alive is None:
        return clock.made(False if can_end else None, outcome("session_unproven", state.text), **facts)
    if not can_end:
        return clock.made(None, outcome("session_end_unsupported"), **facts)
    return clock.made(False, outcome("session_alive"), **facts)


# ---- parts ---------------------------------------------------------------------------------------------------------


def _of_smtp(clock: _Clock, result: SmtpResult, **facts: t.Any) -> Check:
    facts.update(_steps(result))
    if result.failure is not None:
        return clock.made(False, result.failure, failed_at=result.failed_at, **facts)
    return clock.passed(result.code, **facts)


def _steps(result: SmtpResult) -> dict[str, t.Any]:
    return {"steps": [step.to_dict() for step in result.steps], "tls": result.tls}


def _told(one: Recipient) -> dict[str, t.Any]:
    return {"address": one.address, "code": one.code, **(one.diagnosis.to_dict() if one.diagnosis else {})}


def _tidy(session: ImapSession, token: str, seen: Seen | None) -> None:
    """The probe's own message goes again; one that stays is no failure of the mail."""
    if seen is not None and seen.bounce is None:
        try:
            session.remove(token)
        except ProbeError:
            pass


def _refused(
    clock: _Clock, attempt: t.Callable[[], tuple[str, Diagnosis | None]], account: Account, wait: float, poll: float
) -> Check:
    ends, tries = time.monotonic() + wait, 0
    while True:
        (code, said), tries = attempt(), tries + 1
        facts: dict[str, t.Any] = {"mailbox": account.mailbox, "tries": tries}
        if said is not None and said.kind in _REFUSALS:
            return clock.made(True, said, **facts)
        left = ends - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(poll, left))
    if said is None:
        return clock.made(False, outcome("login_still_accepted"), answer=code, **facts)
    if said.kind in _PASSING:
        return clock.made(False, said, proven=False, **facts)
    return clock.made(False, outcome("refusal_unproven", said.text), answer=code, **facts)


def _not_of_the_account(kind: str) -> str:
    return "policy_reject" if kind in _REFUSALS else kind
