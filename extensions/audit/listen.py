# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints what the audit callback exports, to look at before a SIEM is at hand: ``listen.py PORT``.

Takes syslog with octet counting and HTTP on the same port of this machine, and answers as a collector would. Needs Python
alone, and keeps nothing. Ends with Ctrl-C.
"""

from __future__ import annotations

import json
import socketserver
import sys


class Collector(socketserver.StreamRequestHandler):
    """One connection: a digit begins a syslog frame, anything else a request."""

    def handle(self) -> None:
        first = self.rfile.peek(1)[:1]
        while first:
            if first.isdigit():
                self._syslog()
            elif not self._http():
                return
            first = self.rfile.peek(1)[:1]

    def _syslog(self) -> None:
        length = b""
        while not length.endswith(b" "):
            length += self.rfile.read(1) or b" "
        _show(self.rfile.read(int(length)).decode("utf-8", "replace"))

    def _http(self) -> bool:
        line = self.rfile.readline()
        size = 0
        while True:
            header = self.rfile.readline().strip()
            if not header:
                break
            name, _colon, value = header.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        body = self.rfile.read(size)
        if not line.startswith(b"POST "):
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        try:
            text = body.decode("utf-8")
            for event in json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines()):
                _show(json.dumps(event, indent=1, sort_keys=True, ensure_ascii=False))
        except ValueError:
            _show("%d bytes that are no JSON" % len(body))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        return True


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].isdigit():
        sys.stderr.write("usage: listen.py PORT\n")
        return 2
    with Server(("127.0.0.1", int(arguments[0])), Collector) as server:
        _show("listening on 127.0.0.1:%d" % server.server_address[1])
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
