# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy before a real provider that spoils what a test asks it to spoil."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

READS = ("GET", "HEAD")
_OWN = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "host"))

# An answer that never came from the provider: status, body, headers.
Spoilt = tuple[int, bytes, dict[str, str]]
GARBAGE: Spoilt = (200, b"<html><title>Welcome to the hotel network</title></html>", {"Content-Type": "text/html"})
LIMITED: Spoilt = (429, b"{}", {"Content-Type": "application/json", "Retry-After": "86400"})
SOON: Spoilt = (429, b"{}", {"Content-Type": "application/json", "Retry-After": "1"})
BROKEN: Spoilt = (503, b"", {})


class Proxy(http.server.ThreadingHTTPServer):
    """``spoil(answer, …)`` sets what becomes of requests: an answer in place of the provider's, or ``"lost"``: the provider
    carries the request out and nobody hears of it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: str, before: Callable[[], None] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.before = before or (lambda: None)
        self.writes: list[str] = []
        self._spoilt: Spoilt | str = ""
        self._left, self._reads = 0, False
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return "http://127.0.0.1:%d" % self.server_address[1]

    def spoil(self, how: Spoilt | str, times: int = 10**6, reads: bool = False) -> None:
        """Spoil so many requests: changes, or *reads*."""
        with self._lock:
            self._spoilt, self._left, self._reads = how, times, reads

    def calm(self) -> None:
        self.spoil("", 0)

    def take(self, method: str) -> Spoilt | str:
        with self._lock:
            if not self._left or (method in READS) != self._reads:
                return ""
            self._left -= 1
            return self._spoilt

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may leave."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command not in READS:
            self.server.writes.append("%s %s" % (self.command, self.path))
        how = self.server.take(self.command)
        if isinstance(how, tuple):
            self._answer(how[0], list(how[2].items()), how[1])
            return
        self.server.before()
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=60)
        try:
            head = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            upstream.request(self.command, self.path, body or None, head)
            found = upstream.getresponse()
            data = found.read()
        finally:
            upstream.close()
        if how == "lost":
            self.close_connection = True
            return
        self._answer(found.status, [pair for pair in found.getheaders() if pair[0].lower() not in _OWN], data)

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status != 204 and self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass
