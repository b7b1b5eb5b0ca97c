# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that answers as a script says, and a clock that nobody has to wait for."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import struct
import threading
import time
from typing import Any

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient

TOKEN = "tm_live_0123456789abcdef"


class Clock:
    """Stands in for the module ``time``: sleeping costs nothing and is written down."""

    def __init__(self) -> None:
        self.now = time.time()
        self.naps: list[float] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


class Server(http.server.ThreadingHTTPServer):
    """``steps`` are answered in order, the last one for ever: (status, body, headers), or a word for a broken answer."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps: list[Any] = [(200, {}, {})]
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.lock = threading.Lock()
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave are what these tests are about."""

    @property
    def url(self) -> str:
        return "%s://127.0.0.1:%d" % (self.scheme, self.server_address[1])

    def script(self, *steps: Any) -> None:
        self.steps = [step if isinstance(step, (tuple, str)) else (step, {}, {}) for step in steps]
        self.seen = []

    def take(self) -> Any:
        with self.lock:
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, dict(self.headers), self._read(body)))
        step = self.server.take()
        if isinstance(step, str):
            self._break(step)
            return
        status, content, headers = step
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status != 204:
            self.wfile.write(data)

    def _read(self, body: bytes) -> Any:
        """The body as JSON, a form as its text."""
        if "form" in self.headers.get("Content-Type", ""):
            return body.decode()
        return json.loads(body) if body.strip() else None

    def _break(self, how: str) -> None:
        self.close_connection = True
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif how == "hang":
            time.sleep(0.6)
        elif how == "cut":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data":')
        elif how == "cut chunk":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{")
        elif how == "garbage":
            self.wfile.write(b"\x16\x03\x01 no http at all\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer


def make_client(url: str, *, read_only: bool = False, progress: Progress | None = None, **more: Any) -> HttpClient:
    connection = Connection(
        api_url=url, api_token=more.pop("api_token", TOKEN), timeout=more.pop("timeout", 0.25), **more
    )
    return HttpClient(connection, read_only=read_only, progress=progress or Progress())
