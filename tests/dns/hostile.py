# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name servers that misbehave as no real one does, in a thread each."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable

import dns.flags
import dns.message
import dns.rrset
from servers.processes import HOST, free_port

UDP, TCP = "udp", "tcp"
# What to send for a message: (octets or a message, transport) -> everything that goes back; (None) over TCP closes.
Answering = Callable[[dns.message.Message, str], Iterable[dns.message.Message | bytes]]


class Hostile:
    """:param answering: makes the answers; what it yields as octets is sent as it is.
    :param tcp: listen for TCP as well.
    """

    def __init__(self, answering: Answering, tcp: bool = True) -> None:
        self.answering = answering
        self.port = free_port()
        self.address = "%s@%d" % (HOST, self.port)
        self.seen: list[tuple[str, dns.message.Message]] = []
        self._ended = threading.Event()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((HOST, self.port))
        self._udp.settimeout(0.05)
        self._threads = [threading.Thread(target=self._serve_udp, daemon=True)]
        self._tcp: socket.socket | None = None
        if tcp:
            self._tcp = socket.create_server((HOST, self.port))
            self._tcp.settimeout(0.05)
            self._threads.append(threading.Thread(target=self._serve_tcp, daemon=True))

    def __enter__(self) -> Hostile:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *dummy: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(5)
        self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def count(self, transport: str = UDP) -> int:
        return sum(one == transport for one, dummy in self.seen)

    def _answers(self, octets: bytes, transport: str) -> list[bytes]:
        message = dns.message.from_wire(octets)
        self.seen.append((transport, message))
        found = self.answering(message, transport)
        return [one if isinstance(one, bytes) else one.to_wire(max_size=65535) for one in found]

    def _serve_udp(self) -> None:
        while not self._ended.is_set():
            try:
                octets, whom = self._udp.recvfrom(4096)
            except TimeoutError:
                continue
            for one in self._answers(octets, UDP):
                self._udp.sendto(one, whom)

    def _serve_tcp(self) -> None:
        assert self._tcp is not None
        held = []
        while not self._ended.is_set():
            try:
                connection, dummy = self._tcp.accept()
            except TimeoutError:
                continue
            held.append(connection)
            threading.Thread(target=self._serve_connection, args=[connection], daemon=True).start()
        for connection in held:
            connection.close()

    def _serve_connection(self, connection: socket.socket) -> None:
        try:
            while head := connection.recv(2):
                octets = b""
                size = struct.unpack("!H", head)[0]
                while len(octets) < size:
                    octets += connection.recv(size - len(octets))
                answers = self._answers(octets, TCP)
                if not answers:
                    break
                for one in answers:
                    connection.sendall(len(one).to_bytes(2, "big") + one)
        except OSError:
            pass
        finally:
            connection.close()


def reply(
    query: dns.message.Message, *records: tuple[str, str, str], authoritative: bool = True, code: int = 0
) -> dns.message.Message:
    """An answer with these records: (owner, type, value)."""
    message = dns.message.make_response(query)
    message.set_rcode(code)
    if authoritative:
        message.flags |= dns.flags.AA
    for owner, kind, value in records:
        message.answer.append(dns.rrset.from_text(owner + ".", 60, "IN", kind, value))
    return message


def asked(query: dns.message.Message) -> str:
    return query.question[0].name.to_text(omit_final_dot=True)
