# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A network between a controller and its database that breaks where a test wants it to."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from servers.processes import HOST

# In the key of an event; and in the answer to a commit.
_MARK = b"cut-here@"
_COMMITTED = b"COMMIT\x00"


class Wire:
    """Passes bytes to *port*; listens on ``port`` of its own.

    :ivar cut: when the next event with ``cut-here@`` in its key passes, cut the connection ``before`` the server has it, or
        ``after`` it has committed it, but has not been heard; ``""`` for not at all.
    :ivar down: refuse new connections.
    :ivar cuts: how often it was cut.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.cut = ""
        self.down = False
        self.cuts = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Every connection ends, as if a cable was pulled out and put back."""
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                if self.down:
                    client.close()
                    continue
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection((HOST, self._to)) as server, contextlib.suppress(OSError):
            self._open += [client, server]
            swallowing = False
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 20)
                    if not data:
                        return
                    if one is client and self.cut and _MARK in data:
                        self.cuts += 1
                        how, self.cut = self.cut, ""
                        if how == "before":
                            return
                        swallowing = True
                    if not swallowing:
                        (server if one is client else client).sendall(data)
                    elif one is client:
                        server.sendall(data)
                    elif _COMMITTED in data:
                        return
