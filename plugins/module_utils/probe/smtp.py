# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thin SMTP and LMTP client: one message or one question, each step's answer kept.

Never a password before TLS, never a second try with the same one, never an address that could end a line.
"""

from __future__ import annotations

import base64
import dataclasses
import email.message
import email.policy
import smtplib
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import (
    Diagnosis,
    login_secrets,
    lookup,
    outcome,
    parse_reply,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import (
    Endpoint,
    Lines,
    Meter,
    ProbeError,
    tls_facts,
    trouble,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.message import Account, envelope

_Answer: t.TypeAlias = "tuple[int, bytes]"
# What a recipient's refusal leaves: a connection that has to be made again.
_CLOSING = 421


@dataclasses.dataclass(frozen=True)
class Step:
    """One step: ``connect, ehlo, starttls, ehlo_tls, auth, mail, rcpt, data, message, rset, quit``."""

    name: str
    code: str
    text: str
    milliseconds: int

    def to_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass
class SmtpResult:
    """What became of a conversation.

    :param failure: None when all was accepted.
    :param failed_at: the step that failed, or empty.
    :param tls: see ``tls_facts``.
    """

    target: str
    steps: list[Step] = dataclasses.field(default_factory=list)
    failure: Diagnosis | None = None
    failed_at: str = ""
    tls: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.failure is None

    @property
    def code(self) -> str:
        """Answer that decided: of the failure, else of the last step that carries mail or a login."""
        if self.failure is not None:
            return self.failure.code
        told = [step.code for step in self.steps if step.name not in ("rset", "quit")]
        return told[-1] if told else ""

    def text_of(self, name: str) -> str:
        return next((step.text for step in reversed(self.steps) if step.name == name), "")

    def to_dict(self) -> dict[str, t.Any]:
        return {
            "target": self.target,
            "steps": [step.to_dict() for step in self.steps],
            "failure": None if self.failure is None else {"code": self.failure.code, **self.failure.to_dict()},
            "failed_at": self.failed_at,
            "tls": self.tls,
        }


@dataclasses.dataclass(frozen=True)
class Recipient:
    """Whether an address was taken; ``diagnosis`` is None when it was."""

    address: str
    code: str
    diagnosis: Diagnosis | None

    @property
    def accepted(self) -> bool:
        return self.diagnosis is None


def submit(
    endpoint: Endpoint, account: Account, sender: str, recipient: str, message: email.message.EmailMessage
) -> SmtpResult:
    """Log in over TLS and hand in one message (RFC 6409).

    :raises Refused: for settings only; what the server does stands in the result.
    """
    endpoint.for_login()

    def work(talk: _Talk) -> None:
        talk.login(account)
        talk.send(sender, recipient, message)

    return _converse(endpoint, work, account)


def authenticate(endpoint: Endpoint, account: Account) -> SmtpResult:
    """Log in over TLS and leave."""
    endpoint.for_login()
    return _converse(endpoint, lambda talk: talk.login(account), account)


def deliver(
    endpoint: Endpoint, sender: str, recipient: str, message: email.message.EmailMessage, lmtp: bool = False
) -> SmtpResult:
    """Hand one message to the receiving side as another server would, without a login."""
    return _converse(endpoint, lambda talk: talk.send(sender, recipient, message), lmtp=lmtp)


def rcpt_check(
    endpoint: Endpoint, recipients: t.Sequence[str], sender: str = "", lmtp: bool = False
) -> tuple[SmtpResult, list[Recipient]]:
    """Ask whether addresses would be taken: MAIL, RCPT, RSET for each, never DATA, so nobody gets anything.

    A server may close after some refusals; then the address is asked for once more over a new connection.
    An address that could not be asked for carries the diagnosis of the connection.
    """
    waiting = [envelope(one) for one in recipients]
    sender = envelope(sender)
    found: list[Recipient] = []
    result = SmtpResult(endpoint.target)
    fresh = 0
    while waiting and fresh < 2:
        before = len(found)
        result = _converse(endpoint, lambda talk: talk.question(sender, waiting, found), lmtp=lmtp)
        # Two connections in a row that answer nothing are enough
        fresh = 0 if len(found) > before else fresh + 1
        if result.failure is not None and result.failed_at not in ("rcpt", "rset", "mail"):
            break
    found += [Recipient(one, result.code, result.failure) for one in waiting]
    return result, found


def _converse(
    endpoint: Endpoint, work: t.Callable[[_Talk], None], account: Account | None = None, lmtp: bool = False
) -> SmtpResult:
    if (lmtp and endpoint.tls == "implicit") or (
        endpoint.host.startswith("/") and not (lmtp and endpoint.tls == "none")
    ):
        raise Refused(
            "endpoint_invalid",
            "%s: LMTP takes starttls, opportunistic or none, a path only LMTP with tls=none." % endpoint.target,
            "Correct the endpoint.",
        )
    secrets = login_secrets(account.user, account.password) if account else ()
    talk = _Talk(endpoint, secrets, lmtp)
    try:
        talk.open()
        work(talk)
        talk.leave()
    except ProbeError as error:
        talk.result.failure = error.diagnosis
    finally:
        talk.close()
    return talk.result


class _Talk:
    """One conversation."""

    def __init__(self, endpoint: Endpoint, secrets: t.Iterable[str], lmtp: bool) -> None:
        self.result = SmtpResult(endpoint.target)
        self._endpoint = endpoint
        self._secrets = tuple(secrets)
        self._lmtp = lmtp
        self._meter = Meter(endpoint.timeout)
        self._client: _Plain | None = None

    @property
    def client(self) -> _Plain:
        if self._client is None:
            raise ProbeError(outcome("closed"))
        return self._client

    def open(self) -> None:
        """Connect, EHLO, TLS as the endpoint says, EHLO again."""
        endpoint = self._endpoint
        context = None if endpoint.tls == "none" else endpoint.context()
        self._ask("connect", lambda: self._connect(context))
        if not endpoint.helo and not endpoint.host.startswith("/"):
            own = str(t.cast("t.Any", self.client.sock).getsockname()[0]).partition("%")[0]
            self.client.local_hostname = "[IPv6:%s]" % own if ":" in own else "[%s]" % own
        self._ask("ehlo", self.client.ehlo)
        if endpoint.tls in ("starttls", "opportunistic"):
            if self.client.has_extn("starttls"):
                self._ask("starttls", lambda: self.client.starttls(context=context))
                # RFC 3207 section 4.2: what was said before TLS counts no more
                self._ask("ehlo_tls", self.client.ehlo)
            elif endpoint.tls == "starttls":
                self._fail("starttls", outcome("starttls_missing"))
        self.result.tls = tls_facts(self.client.sock)

    def login(self, account: Account) -> None:
        """One try, with one mechanism; both take UTF-8 (RFC 4616)."""
        offered = self.client.esmtp_features.get("auth", "").upper().split()
        if not offered:
            self._fail("auth", outcome("auth_missing"))
        elif "PLAIN" in offered:
            self._ask(
                "auth",
                lambda: self.client.docmd("AUTH", "PLAIN " + _b64("\0%s\0%s" % (account.user, account.password))),
            )
        elif "LOGIN" in offered:
            self._ask("auth", lambda: self.client.docmd("AUTH", "LOGIN"), (334,))
            self._ask("auth", lambda: self.client.docmd(_b64(account.user)), (334,))
            self._ask("auth", lambda: self.client.docmd(_b64(account.password)))
        else:
            self._fail("auth", outcome("auth_mechanism"))

    def send(self, sender: str, recipient: str, message: email.message.EmailMessage) -> None:
        sender, recipient = envelope(sender), envelope(recipient)
        raw = message.as_bytes(policy=email.policy.SMTP)
        self._ask("mail", lambda: self.client.mail(sender))
        self._ask("rcpt", lambda: self.client.rcpt(recipient))
        self._ask("message", lambda: self.client.data(raw))

    def question(self, sender: str, waiting: list[str], found: list[Recipient]) -> None:
        """Moves addresses from *waiting* to *found* as they are answered."""
        while waiting:
            self._ask("mail", lambda: self.client.mail(sender))
            code, text = self._hear("rcpt", lambda: self.client.rcpt(waiting[0]))
            reply = parse_reply(code, text)
            said = lookup(reply.basic, reply.enhanced, "rcpt", reply.text)
            if code == _CLOSING or not reply.basic:
                self._fail("rcpt", said)
            found.append(Recipient(waiting.pop(0), reply.code, None if 200 <= code < 300 else said))
            self._ask("rset", self.client.rset)

    def leave(self) -> None:
        """Say goodbye; what was accepted stays so whatever the server answers."""
        try:
            self._hear("quit", self.client.quit)
        except ProbeError:
            self.result.failed_at = ""

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _connect(self, context: t.Any) -> _Answer:
        if self._lmtp:
            self._client = _Lmtp(self._endpoint, self._meter)
        elif self._endpoint.tls == "implicit":
            self._client = _Implicit(self._endpoint, self._meter, context=context)
        else:
            self._client = _Plain(self._endpoint, self._meter)
        return self._client.greeting

    def _ask(self, name: str, call: t.Callable[[], _Answer], wanted: tuple[int, ...] = ()) -> None:
        """:raises ProbeError: unless the answer is one of *wanted*, or 2xx."""
        code, text = self._hear(name, call)
        if code in wanted or (not wanted and 200 <= code < 300):
            return
        if not 200 <= code <= 599:
            self._fail(name, outcome("garbled", parse_reply(0, text, self._secrets).text))
        reply = parse_reply(code, text, self._secrets)
        self._fail(
            self.result.steps[-1].name, lookup(reply.basic, reply.enhanced, self.result.steps[-1].name, reply.text)
        )

    def _hear(self, name: str, call: t.Callable[[], _Answer]) -> _Answer:
        """:raises ProbeError: when there is no answer."""
        started = time.monotonic()
        self._meter.forget()
        try:
            code, text = call()
        except smtplib.SMTPResponseException as error:
            code, text = error.smtp_code, t.cast("bytes", error.smtp_error)
            name = "data" if isinstance(error, smtplib.SMTPDataError) else name
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            cause = self._meter.fault or (error if not isinstance(error, smtplib.SMTPException) else EOFError())
            self._fail(name, trouble(cause, self._secrets))
        reply = parse_reply(code, text, self._secrets)
        self.result.steps.append(Step(name, reply.code, reply.text, int((time.monotonic() - started) * 1000)))
        return code, text

    def _fail(self, name: str, diagnosis: Diagnosis) -> t.NoReturn:
        self.result.failed_at = name
        raise ProbeError(diagnosis) from None


def _b64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


class _Plain(smtplib.SMTP):
    """The library's client, whose answers are bounded and whose greeting is kept."""

    def __init__(self, endpoint: Endpoint, meter: Meter, **more: t.Any) -> None:
        self.meter = meter
        self.greeting: _Answer = (0, b"")
        # A name is always given: the library would ask the DNS for one, and wait for it
        super().__init__(
            endpoint.host, endpoint.port, local_hostname=endpoint.helo or "localhost", timeout=endpoint.timeout, **more
        )

    def connect(self, *where: t.Any, **more: t.Any) -> _Answer:
        self.greeting = super().connect(*where, **more)
        return self.greeting

    def getreply(self) -> _Answer:
        if self.file is None and self.sock is not None:
            self.file = Lines(self.sock, self.meter)
        self.meter.begin()
        return super().getreply()

    def send(self, s: t.Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.meter.seconds)
        try:
            super().send(s)
        except smtplib.SMTPServerDisconnected as error:
            if isinstance(error.__context__, OSError):
                self.meter.fault = error.__context__
            raise


class _Implicit(_Plain, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class _Lmtp(_Plain, smtplib.LMTP):
    """The same for local delivery (RFC 2033)."""
