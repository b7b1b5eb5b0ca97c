# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to connect, whom to trust, how long to wait, and what a broken connection means.

The clients are those of the standard library. They wait for each piece of an answer and take any number of lines; a Meter
bounds the time and the size of a whole answer.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
import socket
import ssl
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import Diagnosis, clean, outcome

TLS_MODES = ("implicit", "starttls", "opportunistic", "none")
TIMEOUT_SECONDS = 20.0
# Longer than any line or answer of a real server: RFC 5321 section 4.5.3.1.5 has 512 octets, RFC 7162 section 4 has 8192.
LINE_MAX = 8192
ANSWER_MAX = 262144

_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}|/[^\s\0]{1,100}")
# OpenSSL's numbers (x509_vfy.h)
_EXPIRED = frozenset((9, 10))
_OTHER_NAME = frozenset((62, 64))


class ProbeError(MailopsError):
    """A probe cannot go on; ``diagnosis`` says why. Holds nothing secret."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        text = "%s: %s" % (diagnosis.code, diagnosis.meaning) if diagnosis.code else diagnosis.meaning
        super().__init__("probe_failed", text + (" (%s)" % diagnosis.text if diagnosis.text else ""), diagnosis.next)
        self.diagnosis = diagnosis


class Garbled(OSError):
    """An answer that no server of the protocol gives."""


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A service of a server.

    :param host: name or address; also the name that the certificate has to bear. A path is a socket, for LMTP only.
    :param tls: ``implicit``; ``starttls`` (required); ``opportunistic`` (used when offered, then checked as strictly) or
        ``none``. The last two are for mail that comes in from elsewhere; nobody logs in over them.
    :param ca_path: file or folder with the private authorities to trust, instead of those of the system.
    :param timeout: seconds for connecting, and for each whole answer.
    :param helo: name to give in EHLO; empty for the address of this end.
    :raises Refused: ``endpoint_invalid``.
    """

    host: str
    port: int
    tls: str = "implicit"
    ca_path: str = ""
    timeout: float = TIMEOUT_SECONDS
    helo: str = ""

    def __post_init__(self) -> None:
        problem = ""
        if not isinstance(self.host, str) or not _HOST.fullmatch(self.host):
            problem = "the host is not a name, an address or a path"
        elif isinstance(self.port, bool) or not isinstance(self.port, int) or not 0 <= self.port <= 65535:
            problem = "the port is not a number up to 65535"
        elif self.tls not in TLS_MODES:
            problem = "tls is none of %s" % ", ".join(TLS_MODES)
        elif not 0 < self.timeout <= 600:
            problem = "the timeout is not between 0 and 600 seconds"
        elif not re.fullmatch(r"[A-Za-z0-9.:\[\]-]{0,253}", self.helo):
            problem = "helo is not a host name"
        if problem:
            raise Refused(
                "endpoint_invalid", "Endpoint %r: %s." % (str(self.host)[:80], problem), "Correct the endpoint."
            )

    @property
    def target(self) -> str:
        """``host:port`` for a person."""
        if self.host.startswith("/"):
            return self.host
        return ("[%s]:%d" if ":" in self.host else "%s:%d") % (self.host, self.port)

    def for_login(self) -> None:
        """:raises Refused: ``login_needs_tls`` unless TLS is certain before a password is sent (RFC 8314 section 3)."""
        if self.tls not in ("implicit", "starttls"):
            raise Refused(
                "login_needs_tls",
                "%s: nobody logs in with tls=%s." % (self.target, self.tls),
                "Set tls to implicit or starttls.",
            )

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer; certificate and name are always checked.

        :raises Refused: ``ca_unreadable``.
        """
        folder = os.path.isdir(self.ca_path)
        try:
            context = ssl.create_default_context(
                cafile=self.ca_path if self.ca_path and not folder else None, capath=self.ca_path if folder else None
            )
        except (OSError, ValueError) as error:
            raise Refused(
                "ca_unreadable",
                "%s: no certificates can be read from it (%s)." % (clean(self.ca_path), type(error).__name__),
                "Give a PEM file, or a folder prepared with openssl rehash.",
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
        return context


class Meter:
    """Bounds one answer at a time: seconds and bytes. ``fault`` keeps what broke, since clients wrap it in their own."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.fault: OSError | None = None
        self.begin()

    def begin(self) -> None:
        """A new answer is waited for."""
        self._ends = time.monotonic() + self.seconds
        self._left = ANSWER_MAX

    def forget(self) -> None:
        """What broke before is no longer of interest."""
        self.fault = None

    def remaining(self) -> float:
        """Seconds left. :raises TimeoutError:"""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer is not complete")
        return left

    def took(self, count: int) -> None:
        """:raises Garbled: when the answer is longer than any."""
        self.expects(count)
        self._left -= count

    def expects(self, count: int) -> None:
        """*count* bytes are about to come. :raises Garbled: when the answer is longer than any."""
        if count > self._left:
            raise Garbled("the answer is longer than %d bytes" % ANSWER_MAX)


class _Source(io.RawIOBase):
    """What a socket sends, as far as the meter lets it."""

    def __init__(self, sock: socket.socket, meter: Meter) -> None:
        self._sock = sock
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        try:
            self._sock.settimeout(self._meter.remaining())
            count = self._sock.recv_into(buffer)
            self._meter.took(count)
        except OSError as error:
            self._meter.fault = error
            raise
        return count


class Lines(io.BufferedReader):
    """A file of a socket's answers, for ``smtplib`` and ``imaplib`` to read from."""

    def __init__(self, sock: socket.socket, meter: Meter) -> None:
        super().__init__(_Source(sock, meter))
        self._meter = meter

    def readline(self, size: int | None = -1) -> bytes:
        """:raises Garbled: for a line longer than LINE_MAX."""
        line = super().readline(LINE_MAX + 1)
        if len(line) > LINE_MAX:
            self._meter.fault = Garbled("a line is longer than %d bytes" % LINE_MAX)
            raise self._meter.fault
        return line


def trouble(error: BaseException, secrets: t.Iterable[str] = ()) -> Diagnosis:
    """The diagnosis of a connection that did not come about or broke."""
    text = clean(str(getattr(error, "strerror", "") or ""), secrets)
    if isinstance(error, ssl.SSLCertVerificationError):
        text = clean(error.verify_message or "", secrets)
        if error.verify_code in _OTHER_NAME:
            return outcome("tls_name_mismatch", text)
        return outcome("tls_expired" if error.verify_code in _EXPIRED else "tls_untrusted", text)
    if isinstance(error, ssl.CertificateError):
        return outcome("tls_name_mismatch")
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return outcome("closed", text)
    if isinstance(error, ssl.SSLError):
        return outcome("tls_failed", clean(error.reason or "", secrets))
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return outcome("dns_not_found", text)
    if isinstance(error, Garbled):
        return outcome("garbled", clean(str(error)))
    if isinstance(error, TimeoutError):
        return outcome("timeout")
    if isinstance(error, ConnectionRefusedError):
        return outcome("refused")
    if isinstance(error, (ConnectionError, EOFError)):
        return outcome("closed", text)
    if isinstance(error, OSError) and error.errno is not None:
        return outcome("unreachable", text)
    return outcome("closed")


def tls_facts(sock: t.Any) -> dict[str, t.Any]:
    """``version, cipher, subject, issuer, names, not_after`` of a connection; ``{"version": ""}`` without TLS."""
    if not isinstance(sock, ssl.SSLSocket):
        return {"version": ""}
    certificate: dict[str, t.Any] = t.cast("dict[str, t.Any]", sock.getpeercert() or {})
    cipher = sock.cipher()
    return {
        "version": sock.version() or "",
        "cipher": cipher[0] if cipher else "",
        "subject": _name(certificate.get("subject", ())),
        "issuer": _name(certificate.get("issuer", ())),
        "names": [clean(str(value)) for _kind, value in certificate.get("subjectAltName", ())][:20],
        "not_after": _instant(str(certificate.get("notAfter", ""))),
    }


def _name(parts: t.Iterable[t.Iterable[tuple[str, str]]]) -> str:
    return clean(", ".join("%s=%s" % pair for part in parts for pair in part))


def _instant(text: str) -> str:
    """UTC, ISO 8601."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ssl.cert_time_to_seconds(text)))
    except ValueError:
        return ""
