# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One name server as it is reached: a socket for UDP with what is on its way, connections for TCP, and whether it seems to be there.

Nothing here waits, and nothing raises for what a server or the network does.
"""

from __future__ import annotations

import collections
import errno
import ipaddress
import os
import socket
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import wire

UDP, TCP = "udp", "tcp"
PORT = 53

# At one server at the same time: what fits into the buffers of both sides. It is halved when something is lost.
WINDOW_FIRST, WINDOW_LEAST, WINDOW_MOST = 50.0, 4.0, 100.0
CONNECTIONS = 2
# Questions in a row that a server left without any answer, after which it is not asked for some seconds.
SILENT_AFTER = 6
REST = 30.0
# Connections in a row that came to nothing, after which a server has no TCP.
NO_TCP_AFTER = 4

# Why a question has no answer, beside the response codes.
TIMEOUT, UNREACHABLE, NO_ROUTE, NO_TCP = "timeout", "unreachable", "no_route", "no_tcp"
_NO_ROUTE = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPERM, errno.EACCES)
_DATAGRAM = 4096
_BURST = 200


def normal_address(text: str) -> str:
    """``host@port`` of a server that may be given without its port.

    :raises ValueError: for a host that is no IP address, or a port that is none.
    """
    host, at, port = text.strip().partition("@")
    number = int(port) if at else PORT
    if not 0 < number < 65536:
        raise ValueError("%r is no port" % port)
    return "%s@%d" % (ipaddress.ip_address(host), number)


class Look:
    """One question that is being looked up, through all its tries and aliases.

    :ivar tries: how often an answer did not come, or was of no use.
    :ivar ends: when the try that is on its way is over (monotonic), 0 when none is.
    :ivar first: what the first of several servers said, when its answer was an alias that leads elsewhere.
    """

    __slots__ = (
        "aliases", "edns", "ends", "first", "ident", "kind", "line", "lines", "name", "recursive", "section", "sent", "subject",
        "tcp", "tries", "waiters",
    )  # fmt: skip

    def __init__(self, subject: t.Any) -> None:
        self.subject = subject
        self.aliases: tuple[str, ...] = ()
        self.first: t.Optional[wire.Reply] = None
        self.waiters: list[tuple[t.Any, int]] = []

    def aim(self, name: str, kind: int, lines: t.Sequence[Line], recursive: bool) -> None:
        """Begin anew, with this name and these servers.

        :raises Malformed: for a name that cannot be asked for.
        """
        self.section, self.name = wire.question(name, kind)
        self.kind = kind
        self.lines = lines
        self.recursive = recursive
        self.line = lines[0] if lines else None
        self.tries = 0
        self.tcp = False
        self.edns = True
        self.ident = -1
        self.sent = self.ends = 0.0

    def message(self) -> bytes:
        return wire.query(self.ident, self.section, recursive=self.recursive, edns=self.edns)


class Desk(t.Protocol):
    """Whom a line tells: `eyes.WireEyes`."""

    def room(self) -> bool:
        """Whether one more socket may be opened."""

    def sent_now(self, look: Look) -> None:
        """A try is on its way."""

    def heard(self, look: Look, message: bytes) -> None: ...

    def lost(self, look: Look, why: str) -> None: ...

    def again(self, look: Look) -> None:
        """The same question to the same server, by no fault of either."""

    def watch(self, sock: socket.socket, call: t.Callable[[bool], None], writing: bool = False) -> None: ...

    def unwatch(self, sock: socket.socket) -> None: ...


class Line:
    """:param address: as `normal_address` gives it."""

    def __init__(self, address: str, desk: Desk) -> None:
        self.address = address
        host, dummy, port = address.partition("@")
        self.target = (host, int(port))
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.desk = desk
        self.queue: collections.deque[Look] = collections.deque()
        self.tcp_queue: collections.deque[Look] = collections.deque()
        self.on_its_way: dict[int, Look] = {}
        self.connections: list[Connection] = []
        self.counts: collections.Counter[str] = collections.Counter()
        # messages that answered nothing we had asked
        self.ignored = 0
        self.window = WINDOW_FIRST
        self.edns: bool | None = None
        self.rests_until = 0.0
        self.failed_connections = 0
        self._heard_at = -1.0
        self._shrunk_at = -1.0
        self._unanswered = 0
        self._socket: socket.socket | None = None
        self._idents = b""

    @property
    def open(self) -> bool:
        return self._socket is not None or bool(self.connections)

    @property
    def idle(self) -> bool:
        return not (self.on_its_way or self.queue or self.tcp_queue or any(one.look for one in self.connections))

    @property
    def stuck(self) -> bool:
        """Something waits although the window has room: the system took no more for now."""
        return bool(self.queue) and len(self.on_its_way) < self.window

    # ---- UDP ----

    def fill(self, now: float) -> None:
        """Send what waits, as far as the window goes."""
        while self.queue and len(self.on_its_way) < self.window:
            look = self.queue.popleft()
            if look.tcp:
                self.tcp_queue.append(look)
            elif not self._send(look, now):
                self.queue.appendleft(look)
                break
        while self.tcp_queue and self._connect(self.tcp_queue[0], now):
            self.tcp_queue.popleft()

    def _send(self, look: Look, now: float) -> bool:
        """:return: False when the system takes no more for now."""
        try:
            if self._socket is None:
                if not self.desk.room():
                    return False
                self._socket = self._opened()
            look.ident = self._ident()
            look.sent = now
            self._socket.send(look.message())
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self.desk.lost(look, NO_ROUTE if error.errno in _NO_ROUTE else UNREACHABLE)
            return True
        self.on_its_way[look.ident] = look
        self.counts[UDP] += 1
        self.desk.sent_now(look)
        return True

    def send_again(self, look: Look) -> None:
        """The same message with the same id once more, so that an answer to the first is good as well."""
        try:
            if self._socket is not None:
                self._socket.send(look.message())
                self.counts[UDP] += 1
        except OSError:
            pass  # it is as if it were lost on the way
        self.desk.sent_now(look)

    def _opened(self) -> socket.socket:
        sock = socket.socket(self.family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            # The system takes a port by chance, drops what others send, and tells of a port that nobody listens on.
            sock.connect(self.target)
        except OSError:
            sock.close()
            raise
        self.desk.watch(sock, self._readable)
        return sock

    def _ident(self) -> int:
        """By chance and not in use, so that who does not see a question can hardly answer it (RFC 5452 section 9.2)."""
        while True:
            if len(self._idents) < 2:
                self._idents = os.urandom(512)
            ident = self._idents[0] << 8 | self._idents[1]
            self._idents = self._idents[2:]
            if ident not in self.on_its_way:
                return ident

    def _readable(self, writing: bool) -> None:
        for dummy in range(_BURST):
            sock = self._socket
            if sock is None:
                return
            try:
                message = sock.recv(_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._all_lost()
                return
            look = self.on_its_way.get(message[0] << 8 | message[1]) if len(message) > 1 else None
            if look is None or not wire.answers(message, look.section):
                self.ignored += 1
                continue
            del self.on_its_way[look.ident]
            self.answered(look)
            self.desk.heard(look, message)

    def _all_lost(self) -> None:
        """The port is closed."""
        looks = list(self.on_its_way.values())
        for look in looks:
            self.leave(look, look.sent)
            self.desk.lost(look, UNREACHABLE)

    # ---- TCP ----

    def _connect(self, look: Look, now: float) -> bool:
        """:return: whether the question is no longer waiting here."""
        if self.failed_connections >= NO_TCP_AFTER:
            self.desk.lost(look, NO_TCP)
            return True
        connection = next((one for one in self.connections if one.look is None), None)
        if connection is None:
            if len(self.connections) >= CONNECTIONS or not self.desk.room():
                return False
            try:
                connection = Connection(self)
            except OSError:
                self.failed_connections += 1
                self.desk.lost(look, NO_TCP)
                return True
            self.connections.append(connection)
        look.ident = self._ident()
        look.sent = now
        self.counts[TCP] += 1
        self.desk.sent_now(look)
        connection.ask(look)
        return True

    # ---- whether it is there ----

    def answered(self, look: Look) -> None:
        self._heard_at = max(self._heard_at, look.sent)
        self._unanswered = 0
        self.rests_until = 0.0
        if self.window < WINDOW_MOST:
            self.window += 1

    def overdue(self, look: Look, now: float) -> None:
        """An answer did not come in time though others did: too many were on their way at once."""
        if self._heard_at >= look.sent > self._shrunk_at:
            self.window = max(self.window / 2, WINDOW_LEAST)
            self._shrunk_at = now

    def leave(self, look: Look, now: float) -> None:
        """Nobody waits for this answer any more. A server that left several without one rests."""
        if look.tcp:
            for connection in self.connections:
                if connection.look is look:
                    self.failed_connections += 1
                    connection.close()
                    break
            return
        self.on_its_way.pop(look.ident, None)
        if self._heard_at < look.sent:
            self._unanswered += 1
            if self._unanswered >= SILENT_AFTER:
                self.rests_until = now + REST

    def close(self) -> None:
        for connection in list(self.connections):
            connection.close()
        if self._socket is not None:
            self.desk.unwatch(self._socket)
            self._socket.close()
            self._socket = None


class Connection:
    """One TCP connection to a server, for one question at a time; kept for the next as long as the server keeps it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.look: Look | None = None
        self._used = False
        self._out = b""
        self._in = b""
        self._socket = socket.socket(line.family, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code = self._socket.connect_ex(line.target)
            if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
                raise OSError(code, os.strerror(code))
        except OSError:
            self._socket.close()
            raise

    def ask(self, look: Look) -> None:
        self.look = look
        message = look.message()
        # two octets of length before each message (RFC 1035 section 4.2.2)
        self._out = len(message).to_bytes(2, "big") + message
        self._in = b""
        self._line.desk.watch(self._socket, self._ready, writing=True)

    def _ready(self, writing: bool) -> None:
        try:
            if writing and self._out:
                self._out = self._out[self._socket.send(self._out) :]
                if not self._out:
                    self._line.desk.watch(self._socket, self._ready)
                return
            octets = self._socket.recv(1 << 16)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            octets = b""
        if octets:
            self._in += octets
            self._read()
        else:
            self._broken()

    def _read(self) -> None:
        while len(self._in) >= 2 and len(self._in) >= int.from_bytes(self._in[:2], "big") + 2:
            size = int.from_bytes(self._in[:2], "big")
            message, self._in = self._in[2 : size + 2], self._in[size + 2 :]
            look = self.look
            if look is None:
                self.close()
                return
            if message[:2] == look.ident.to_bytes(2, "big") and wire.answers(message, look.section):
                self.look = None
                self._used = True
                self._line.failed_connections = 0
                self._line.answered(look)
                self._line.desk.heard(look, message)
            else:
                self._line.ignored += 1

    def _broken(self) -> None:
        look, used = self.look, self._used
        self.close()
        if look is None:
            return
        if used:
            # the server did not keep the connection; the question gets another
            self._line.desk.again(look)
        else:
            self._line.failed_connections += 1
            self._line.desk.lost(look, NO_TCP)

    def close(self) -> None:
        self.look = None
        if self in self._line.connections:
            self._line.connections.remove(self)
        self._line.desk.unwatch(self._socket)
        self._socket.close()
