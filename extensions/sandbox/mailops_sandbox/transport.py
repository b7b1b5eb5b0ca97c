# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reaching the TCP connection of a request, for faults that HTTP itself cannot express."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any

_OPEN: dict[tuple[str, int], Any] = {}


def tracked(protocol: type[Any]) -> type[Any]:
    """Return a subclass of a uvicorn HTTP protocol that knows its open transports by the client's address."""

    class Tracked(protocol):
        """Notes the transport when a connection opens and forgets it when it closes."""

        def connection_made(self, transport: Any) -> None:
            self._mailops_peer = tuple(transport.get_extra_info("peername")[:2])
            _OPEN[self._mailops_peer] = transport
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            _OPEN.pop(self._mailops_peer, None)
            super().connection_lost(exc)

    return Tracked


def transport_of(scope: dict[str, Any]) -> Any:
    """Return the transport of an ASGI scope, or None when it is gone."""
    client = scope.get("client")
    return _OPEN.get(tuple(client)) if client else None


def reset(scope: dict[str, Any]) -> None:
    """End the connection with a TCP RST (linger 0, then abort)."""
    transport = transport_of(scope)
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    twin = socket.socket(fileno=os.dup(raw.fileno()))
    twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    twin.close()
    transport.abort()


def close(scope: dict[str, Any]) -> None:
    """End the connection in order (FIN) after what was written has left."""
    transport = transport_of(scope)
    if transport is not None:
        transport.close()
