# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Syslog by RFC 5424 over TLS (RFC 5425) or TCP, with octet counting (RFC 6587).

The protocol has no answer that says what was taken. So a batch has a connection of its own, which is closed on our side
first: a receiver that has read everything closes its side in order, one that died resets it, and then all of it is sent again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import ssl
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import ERROR, WARNING, runbook, severity
from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Item, Sink, SinkError, is_absent

# RFC 5424 table 1: log audit; table 2.
_FACILITY = 13
_SEVERITIES = {ERROR: 3, WARNING: 4}
_INFORMATIONAL = 6
_PORTS = {"tls": 6514, "tcp": 601}
_APP = "mailops"
# RFC 5612: the number for examples, until the organisation gives its own.
ENTERPRISE = 32473
_NOT_NAME = re.compile(r"[^\x21-\x7e]")


class Syslog(Sink):
    """A collector.

    :param url: ``tls://host[:6514]`` or ``tcp://host[:601]``.
    :param limit: the most bytes in a message; of a longer event only what names it is sent.
    :raises Refused: ``syslog_url``, ``export_tls``.
    """

    name = "syslog"
    events = 1000

    def __init__(
        self, url: str, ca: str = "", cert: str = "", key: str = "", limit: int = 8192, enterprise: int = ENTERPRISE
    ) -> None:
        self.target = url
        self._limit = limit
        self._enterprise = enterprise
        scheme, self._host, self._port = _parts(url)
        self._context = tls_context(ca, cert, key) if scheme == "tls" else None
        self._from = _NOT_NAME.sub("", socket.gethostname())[:255] or "-"

    def send(self, items: t.Sequence[Item], seconds: float) -> None:
        ends = time.monotonic() + seconds
        frames = []
        for item in items:
            message = self.message(item)
            frames.append(b"%d %s" % (len(message), message))
        try:
            with contextlib.closing(self._connect(seconds)) as connection:
                connection.settimeout(max(0.1, ends - time.monotonic()))
                connection.sendall(b"".join(frames))
                self._finish(connection, ends)
        except ssl.SSLCertVerificationError as error:
            raise SinkError("its certificate is not trusted: %s" % error.verify_message, final=True) from error
        except (OSError, ValueError) as error:
            raise SinkError(_told(error), absent=is_absent(error)) from error

    def _connect(self, seconds: float) -> socket.socket:
        connection = socket.create_connection((self._host, self._port), timeout=max(0.1, seconds))
        if self._context is None:
            return connection
        try:
            return self._context.wrap_socket(connection, server_hostname=self._host)
        except BaseException:
            connection.close()
            raise

    def _finish(self, connection: socket.socket, ends: float) -> None:
        """Say that there is no more, and wait until the receiver has read it all.

        :raises OSError: it did not, or not in time.
        """
        if isinstance(connection, ssl.SSLSocket):
            connection.settimeout(max(0.1, ends - time.monotonic()))
            # Sends our end and waits for theirs. A receiver may close without saying so in TLS.
            with contextlib.suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):
                connection = connection.unwrap()
            if isinstance(connection, ssl.SSLSocket):
                return
        connection.shutdown(socket.SHUT_WR)
        while True:
            connection.settimeout(max(0.1, ends - time.monotonic()))
            if not connection.recv(4096):
                return
            if time.monotonic() > ends:
                raise TimeoutError("it did not close the connection")

    def message(self, item: Item) -> bytes:
        """RFC 5424 in ASCII, so that no byte order mark is needed."""
        record = item.record
        action = _NOT_NAME.sub("", str(record.event.get("action")))[:32] or "-"
        process = _NOT_NAME.sub("", str(record.event.get("stream") or ""))[:128] or "-"
        level = _FACILITY * 8 + _SEVERITIES.get(severity(record), _INFORMATIONAL)
        header = "<%d>1 %s %s %s %s %s " % (
            level,
            record.event.get("timestamp") or "-",
            self._from,
            _APP,
            process,
            action,
        )
        head = header.encode("ascii", "replace") + self._structured(record) + b" "
        body = item.data
        if len(head) + len(body) > self._limit:
            # The whole event stays in the journal, and its digest says which one it is.
            view = dict(runbook(record), truncated=True)
            body = json.dumps(view, sort_keys=True, separators=(",", ":")).encode("ascii")
        return head + body

    def _structured(self, record: Record) -> bytes:
        event = record.event
        values = [("id", record.id), ("seq", event.get("seq")), ("digest", record.digest)]
        values.append(("request_id", event.get("request_id")))
        told = ['%s="%s"' % (name, _escaped(str(value))) for name, value in values if value not in (None, "")]
        return ("[mailops@%d %s]" % (self._enterprise, " ".join(told))).encode("ascii", "replace")


def tls_context(ca: str, cert: str, key: str) -> ssl.SSLContext:
    """Verifies the server's certificate and name; there is no way to switch that off.

    :raises Refused: ``export_tls``.
    """
    try:
        context = ssl.create_default_context(cafile=ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if cert:
            context.load_cert_chain(cert, key or None)
    except (OSError, ssl.SSLError) as error:
        where = next((path for path in (ca, cert, key) if path and not os.path.exists(path)), ca or cert)
        raise Refused(
            "export_tls",
            "Certificates for the export cannot be read: %s: %s." % (where, getattr(error, "strerror", None) or error),
            "Name files in PEM form in export_ca, export_client_cert and export_client_key.",
        ) from error
    return context


def _parts(url: str) -> tuple[str, str, int]:
    try:
        found = urlsplit(url)
        scheme, host, port = found.scheme, found.hostname, found.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme in ("udp", "unix") or (not host and "://" not in url and url.startswith("/")):
        raise Refused(
            "syslog_url",
            "syslog_url %s: datagrams and local sockets lose messages without a word, which is nothing for an audit."
            % url,
            "Send to tls://host:6514 or tcp://host:601, to the local daemon too.",
        )
    if scheme not in _PORTS or not host or found.path not in ("", "/") or found.query or "@" in found.netloc:
        raise Refused("syslog_url", "syslog_url %r is no address of a collector." % url, "Write it as tls://host:6514.")
    return scheme, host, port or _PORTS[scheme]


def _escaped(text: str) -> str:
    """RFC 5424 6.3.3, with control characters left out."""
    printable = "".join(one for one in text if one >= " " and one != "\x7f")
    return re.sub(r'(["\\\]])', r"\\\1", printable)


def _told(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
