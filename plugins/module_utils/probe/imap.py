# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thin IMAP client: log in over TLS, look for the probe's own message, tell whether a session still lives.

POP3 is not spoken, on purpose (R-PROV-01).
"""

from __future__ import annotations

import email.parser
import imaplib
import re
import socket
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.probe.codes import (
    Diagnosis,
    clean,
    login_secrets,
    lookup_imap,
    outcome,
    parse_imap,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import (
    Endpoint,
    Garbled,
    Lines,
    Meter,
    ProbeError,
    tls_facts,
    trouble,
)
from ansible_collections.mailops.email.plugins.module_utils.probe.message import (
    HEADER,
    Account,
    Seen,
    check_token,
    message_id,
    read_report,
)

POLL_SECONDS = 2.0
HEAD_MAX = 16384
REPORT_MAX = 65536
_JUNK = ("junk", "spam", "junk e-mail", "junk email", "bulk mail")
_LISTED = re.compile(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)"|NIL) ("(?:[^"\\\r\n]|\\.)*"|[^\s"(){%*\\]+)$')

_Data: t.TypeAlias = "list[t.Any]"


class Liveness(t.NamedTuple):
    """Whether a session works: True, False (ended, and one can tell) or None (it cannot be told).

    ``how`` is ``answers, bye, closed, refused, silent`` or ``garbled``.
    """

    alive: bool | None
    how: str
    text: str = ""


class ImapSession:
    """One session that has logged in.

    :raises ProbeError: from every method, with what the server answered or how the connection broke.
    """

    def __init__(self, endpoint: Endpoint, account: Account) -> None:
        """Connect over TLS and log in, once.

        :raises Refused: ``login_needs_tls``, ``ca_unreadable``.
        """
        endpoint.for_login()
        self.target = endpoint.target
        self.tls: dict[str, t.Any] = {}
        self._mailbox = account.mailbox
        self._secrets = login_secrets(account.user, account.password)
        self._wire = _Wire(endpoint.timeout)
        self._ended: Liveness | None = None
        self._conn: _Plain = self._connect(endpoint)
        try:
            self._login(account)
        except ProbeError:
            self.close()
            raise

    def __repr__(self) -> str:
        return "ImapSession(%s)" % self.target

    def __enter__(self) -> ImapSession:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def open_inbox(self, read_only: bool = True) -> int:
        """Number of messages in INBOX. Nothing is changed in it, unread messages stay unread."""
        data = self._ask("", lambda: self._conn.select("INBOX", read_only))
        try:
            return int(data[0])
        except (TypeError, ValueError, IndexError):
            return 0

    def find(self, token: str, answers: bool = False) -> list[str]:
        """UIDs of messages that bear *token*: by the probe's header, else by subject.

        :param answers: those too that refer to the probe's Message-ID.
        """
        check_token(token)
        keys = [["HEADER", HEADER, token], ["SUBJECT", token]]
        if answers:
            own = '"%s"' % message_id(token, self._mailbox)
            keys += [["HEADER", "In-Reply-To", own], ["HEADER", "References", own]]
        for key in keys:
            found = self._search(key)
            if found:
                return found
        return []

    def look(self, token: str, answers: bool = False) -> Seen | None:
        """The message that bears *token*, or a report of failed delivery about it; None when neither is there."""
        self._ask("", self._conn.noop)
        for uid in self.find(token, answers):
            head = email.parser.BytesParser().parsebytes(self._fetch(uid, "BODY.PEEK[HEADER]<0.%d>" % HEAD_MAX))
            if head.get_content_type() != "multipart/report":
                return Seen(uid, None, self._facts(head))
        for uid in self._search(["TEXT", token]):
            failed = read_report(self._fetch(uid, "BODY.PEEK[]<0.%d>" % REPORT_MAX))
            if failed is not None:
                return Seen(uid, failed)
        return None

    def wait_for(self, token: str, seconds: float, poll: float = POLL_SECONDS, answers: bool = False) -> Seen | None:
        """As :meth:`look`, again and again until *seconds* are over. INBOX has to be open."""
        ends = time.monotonic() + seconds
        while True:
            seen = self.look(token, answers)
            left = ends - time.monotonic()
            if seen is not None or left <= 0:
                return seen
            time.sleep(min(poll, left))

    def in_junk(self, token: str) -> bool:
        """Whether the message lies in a folder for junk (RFC 6154, or a usual name); INBOX is no longer open then."""
        for folder in self._junk_folders():
            self._ask("", lambda folder=folder: self._conn.select(folder, True))  # type: ignore[misc]
            if self.find(token):
                return True
        return False

    def remove(self, token: str) -> int:
        """Remove the messages that bear *token* from INBOX, and no others. Returns their number."""
        self.open_inbox(read_only=False)
        uids = self.find(token)
        if not uids:
            return 0
        which = ",".join(uids)
        self._ask("", lambda: self._conn.uid("STORE", which, "+FLAGS.SILENT", "(\\Deleted)"))
        if "UIDPLUS" in self._conn.capabilities:
            # RFC 4315: only these; a plain EXPUNGE takes along what others have marked
            self._ask("", lambda: self._conn.uid("EXPUNGE", which))
        return len(uids)

    def is_alive(self) -> Liveness:
        """Ask with NOOP; where that is refused, whether INBOX can still be opened.

        A connection that is merely silent was not ended by anybody: that is None, and stays so.
        """
        if self._ended is None:
            answer = self._alive()
            if answer.alive:
                return answer
            self._ended = answer
        return self._ended

    def close(self) -> None:
        """End the session. Never raises."""
        if self._wire.fault is None and not self._wire.bye:
            try:
                self._conn.logout()
            except (imaplib.IMAP4.error, OSError, ValueError):
                pass
        try:
            self._conn.shutdown()
        except (OSError, ValueError):
            pass

    # ---- one command -----------------------------------------------------------------------------------------------

    def _connect(self, endpoint: Endpoint) -> _Plain:
        context = endpoint.context()
        if endpoint.tls == "implicit":
            conn = self._hear("connect", lambda: _Implicit(self._wire, endpoint, ssl_context=context))
        else:
            conn = self._hear("connect", lambda: _Plain(self._wire, endpoint))
        self._conn = t.cast("_Plain", conn)
        try:
            if self._conn.state != "NONAUTH":
                # RFC 9051 section 7.1.4; before TLS, it is how an attacker keeps a client from STARTTLS
                raise ProbeError(outcome("preauth"))
            if endpoint.tls == "starttls":
                if "STARTTLS" not in self._conn.capabilities:
                    raise ProbeError(outcome("starttls_missing"))
                self._ask("starttls", lambda: self._conn.starttls(context))
            self.tls = tls_facts(self._conn.sock)
        except ProbeError:
            self.close()
            raise
        return self._conn

    def _login(self, account: Account) -> None:
        capabilities = self._conn.capabilities
        if "AUTH=PLAIN" in capabilities:
            given = iter([("\0%s\0%s" % (account.user, account.password)).encode("utf-8"), None])

            def answer(_challenge: bytes) -> bytes | None:
                try:
                    return next(given)
                except StopIteration:
                    raise Garbled("the server does not stop asking") from None

            self._ask("login", lambda: self._conn.authenticate("PLAIN", t.cast("t.Any", answer)))
        elif "LOGINDISABLED" in capabilities or not (account.user + account.password).isascii():
            raise ProbeError(outcome("auth_mechanism"))
        else:
            self._ask("login", lambda: self._conn.login(account.user, account.password))

    def _search(self, key: list[str]) -> list[str]:
        data = self._ask("", lambda: self._conn.uid("SEARCH", *key))
        return [
            uid.decode("ascii") for part in data if isinstance(part, bytes) for uid in part.split() if uid.isdigit()
        ]

    def _fetch(self, uid: str, item: str) -> bytes:
        data = self._ask("", lambda: self._conn.uid("FETCH", uid, "(%s)" % item))
        return next((part[1] for part in data if isinstance(part, tuple) and isinstance(part[1], bytes)), b"")

    def _junk_folders(self) -> list[str]:
        listed = [_LISTED.search(one) for one in self._ask("", self._conn.list) if isinstance(one, bytes)]
        found = []
        for one in listed:
            if one is None:
                continue
            name = one.group(2).decode("ascii", "replace")
            last = re.split(r"[./]", name.strip('"'))[-1].lower()
            if b"\\junk" in one.group(1).lower() or last in _JUNK:
                found.append(name)
        return found[:5]

    def _facts(self, head: t.Any) -> dict[str, t.Any]:
        return {
            "hops": len(head.get_all("Received", [])),
            "authentication_results": clean(str(head.get("Authentication-Results", "")), self._secrets),
        }

    def _ask(self, step: str, call: t.Callable[[], tuple[str, t.Any]]) -> _Data:
        typ, data = t.cast("tuple[str, _Data]", self._hear(step, call))
        if typ != "OK":
            raise ProbeError(self._said(step))
        return data

    def _hear(self, step: str, call: t.Callable[[], object]) -> object:
        self._wire.meter.forget()
        try:
            return call()
        except imaplib.IMAP4.error:
            if self._wire.fault is not None and not self._wire.bye:
                raise ProbeError(trouble(self._wire.fault, self._secrets)) from None
            raise ProbeError(self._said(step)) from None
        except (OSError, ValueError) as error:
            if self._wire.bye:
                raise ProbeError(self._said(step)) from None
            raise ProbeError(trouble(self._wire.fault or error, self._secrets)) from None

    def _said(self, step: str) -> Diagnosis:
        """The diagnosis of the line that refused."""
        status, code, text = parse_imap(self._wire.tagged or self._wire.bye, self._secrets)
        if not status or (status == "OK" and not self._wire.bye):
            return outcome("garbled", text)
        return lookup_imap(status, code, step, text)

    def _alive(self) -> Liveness:
        try:
            self._ask("", self._conn.noop)
            return Liveness(True, "answers")
        except ProbeError as error:
            said = error.diagnosis
        if self._wire.bye:
            return Liveness(False, "bye", said.text)
        if said.code == "closed":
            return Liveness(False, "closed", said.text)
        if said.code.startswith(("NO", "BAD")):
            try:
                self.open_inbox()
                return Liveness(True, "answers", said.text)
            except ProbeError as error:
                how = error.diagnosis
            if how.code.startswith(("NO", "BAD", "BYE")) or how.code == "closed":
                return Liveness(False, "refused", how.text)
        return Liveness(None, "silent" if said.code == "timeout" else "garbled", said.text)


class _Wire:
    """What came over a connection last; lives longer than the library's client, which may fail while it is made."""

    def __init__(self, seconds: float) -> None:
        self.meter = Meter(seconds)
        self.tagged = b""
        self.bye = b""

    @property
    def fault(self) -> OSError | None:
        return self.meter.fault


class _Plain(imaplib.IMAP4):
    """The library's client, whose answers are bounded and whose last words are kept."""

    def __init__(self, wire: _Wire, endpoint: Endpoint, **more: t.Any) -> None:
        self._wire = wire
        self._lines: tuple[t.Any, Lines] | None = None
        super().__init__(endpoint.host, endpoint.port, timeout=endpoint.timeout, **more)

    def open(self, *where: t.Any, **more: t.Any) -> None:
        super().open(*where, **more)
        # The library sends a password and its line end apart; without this each of the two waits 40 ms for the other
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _reader(self) -> Lines:
        # After STARTTLS the socket is another one; what the old one still held was said without TLS and counts no more
        if self._lines is None or self._lines[0] is not self.sock:
            self._lines = (self.sock, Lines(self.sock, self._wire.meter))
        return self._lines[1]

    def read(self, size: int) -> bytes:
        self._wire.meter.expects(size)
        return self._reader().read(size) or b""

    def readline(self) -> bytes:
        line = self._reader().readline()
        if not line:
            self._wire.meter.fault = ConnectionResetError()
        elif line.upper().startswith(b"* BYE"):
            self._wire.bye = line
        elif line.startswith(t.cast("bytes", self.tagpre)):
            self._wire.tagged = line
        return line

    def send(self, data: t.Any) -> None:
        self._wire.tagged = b""
        self._wire.meter.begin()
        self.sock.settimeout(self._wire.meter.seconds)
        try:
            super().send(data)
        except OSError as error:
            self._wire.meter.fault = error
            raise


class _Implicit(_Plain, imaplib.IMAP4_SSL):
    """The same over TLS from the first byte."""
