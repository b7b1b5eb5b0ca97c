# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collectors on loopback that take what the callback exports, keep it, and break as a test wants them to."""

from __future__ import annotations

import abc
import contextlib
import json
import re
import socket
import ssl
import struct
import threading
import time
from pathlib import Path
from typing import Any

# RFC 5424 in the parts that the tests look at.
MESSAGE = re.compile(
    rb"<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<proc>\S+) (?P<msgid>\S+) "
    rb"(?P<sd>\[(?:[^\]\\]|\\.)*\]) (?P<msg>.*)\Z",
    re.DOTALL,
)


class Receiver(abc.ABC):
    """A listening socket with a thread for each connection.

    :ivar log: where what was taken is kept as it came, when somebody wants to look through it.
    """

    log: Path | None = None

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, dummy = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            self.serve(connection)
        with contextlib.suppress(OSError):
            connection.close()

    @abc.abstractmethod
    def serve(self, connection: socket.socket) -> None:
        """Talk over one connection until it ends."""

    def note(self, data: bytes) -> None:
        if self.log is not None:
            with open(self.log, "ab") as file:
                file.write(data + b"\n")

    def close(self) -> None:
        """As one that was killed: nothing listens any more, and what is open is reset."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            reset(connection)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


class SyslogReceiver(Receiver):
    """RFC 6587 frames over TCP or TLS.

    :ivar die_after: resets the connection after so many messages of it, once.
    :ivar hang: reads nothing.
    """

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.messages: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.die_after = 0
        self.hang = False
        super().__init__(context, port)

    @property
    def url(self) -> str:
        return "%s://127.0.0.1:%d" % ("tls" if self._context else "tcp", self.port)

    def serve(self, connection: socket.socket) -> None:
        while self.hang:
            time.sleep(0.05)
        file = connection.makefile("rb")
        count = 0
        while True:
            length = b""
            while not length.endswith(b" "):
                part = file.read(1)
                if not part:
                    return
                length += part
            message = file.read(int(length))
            if self.die_after and count >= self.die_after:
                self.die_after = 0
                reset(connection)
                return
            self.take(message)
            count += 1

    def take(self, message: bytes) -> None:
        self.note(message)
        found = MESSAGE.match(message)
        if not found:
            raise ValueError(message)
        row: dict[str, Any] = {name: value.decode() for name, value in found.groupdict().items()}
        row["event"] = json.loads(row.pop("msg"))
        with self.lock:
            self.raw.append(message)
            self.messages.append(row)

    @property
    def ids(self) -> list[str]:
        """Of all messages, in order; the structured data has them whatever the form."""
        return [re.findall(r'id="([0-9A-Z]{26})"', row["sd"])[0] for row in self.messages]


class HttpReceiver(Receiver):
    """An endpoint for POST.

    :ivar faults: what to do to the next requests, one after the other: ``reset`` before and ``timeout`` or ``cut`` after
        taking it, or a status with which it is refused.
    """

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[str | int] = []
        self.retry_after = ""
        self.answer = b""
        super().__init__(context, port)

    @property
    def url(self) -> str:
        return "%s://127.0.0.1:%d/v1/logs" % ("https" if self._context else "http", self.port)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)]

    def serve(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        while True:
            line = file.readline()
            if not line:
                return
            headers = {"": line.decode().strip()}
            while True:
                line = file.readline()
                if line in (b"\r\n", b""):
                    break
                name, dummy, value = line.decode().partition(":")
                headers[name.strip().lower()] = value.strip()
            body = file.read(int(headers.get("content-length", "0")))
            if len(body) < int(headers.get("content-length", "0")):
                return
            with self.lock:
                fault = self.faults.pop(0) if self.faults else 200
            if fault == "reset":
                reset(connection)
                return
            if isinstance(fault, str) or fault < 300:
                self.note(body)
                with self.lock:
                    self.bodies.append(body)
                    self.headers.append(headers)
            if fault == "timeout":
                time.sleep(30)
                return
            if fault == "cut":
                reset(connection)
                return
            extra = "Retry-After: %s\r\n" % self.retry_after if self.retry_after and fault in (429, 503) else ""
            if fault in (301, 302, 307):
                extra += "Location: /elsewhere\r\n"
            head = "HTTP/1.1 %d Told\r\nContent-Length: %d\r\n%s\r\n" % (fault, len(self.answer), extra)
            connection.sendall(head.encode() + self.answer)
