# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP connection to one name server, signed where there is a key; many questions are under way at once (RFC 7766 section 6.2.1.1)."""

from __future__ import annotations

import collections
import socket
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rcode
    import dns.tsig

    HAS_DNSPYTHON = True
except ImportError:
    HAS_DNSPYTHON = False

# Few enough that neither side waits for the other to read.
AT_ONCE = 50
_TRIES = 3


class Link:
    """Not shared between threads.

    :param key: a `dns.tsig.Key`, None for unsigned messages.
    :param counts: requests by operation code.
    """

    def __init__(self, host: str, port: int, timeout: float, key: t.Any, counts: collections.Counter[str]) -> None:
        self.place = "%s@%d" % (host, port)
        self._to = (host, port)
        self._timeout = timeout
        self._key = key
        self._counts = counts
        self._socket: socket.socket | None = None

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exc: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, questions: t.Sequence[tuple[str, str]]) -> list[t.Any]:
        """One message for each name and type, in order.

        :raises ProviderError: ``unreachable``, ``timeout``, ``connection_lost``, or what `answer_of` says.
        """
        queries = []
        for number, (name, kind) in enumerate(questions):
            query = dns.message.make_query(_absolute(name), kind, flags=0)
            # Ids of our own, so that no two that are under way share one.
            query.id = (query.id & 0x8000) | (number % 0x8000)
            queries.append(self._signed(query))
        answers: dict[int, t.Any] = {}
        lost = 0
        while len(answers) < len(queries):
            start = len(answers)
            try:
                self._exchange(queries[start : start + AT_ONCE], answers, start)
            except ProviderError as error:
                self.hang_up()
                # A server may hang up after some questions; as long as there are answers, go on.
                done = 0
                while start + done in answers:
                    done += 1
                for number in [number for number in answers if number >= start + done]:
                    del answers[number]
                lost = 0 if done else lost + 1
                if lost >= _TRIES or error.code not in ("connection_lost", "unreachable", "timeout"):
                    raise
        return [answers[number] for number in range(len(queries))]

    def send(self, update: t.Any) -> t.Any:
        """Send a change and return the answer.

        :raises ProviderError: ``in_doubt`` when it has left and nothing came back.
        """
        wire = self._signed(update).to_wire(max_size=65535)
        ends = time.monotonic() + self._timeout
        # On a connection of its own: one that the server is about to close would leave us in doubt.
        self.hang_up()
        connection = self._connected()
        self._counts["UPDATE"] += 1
        try:
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
            answer = self._receive(ends)
        except ProviderError as error:
            error.in_doubt = True
            raise
        except OSError as error:
            raise self._lost(error, in_doubt=True) from error
        return self.answer_of(update, answer)

    def answer_of(self, query: t.Any, wire: bytes) -> t.Any:
        """The message of an answer that is proven to be one.

        :raises ProviderError: ``dns_key_refused``, ``dns_key_clock``, ``answer_unsigned`` or ``malformed``.
        """
        is_update = query.opcode() == dns.opcode.UPDATE
        try:
            answer = dns.message.from_wire(wire, keyring=query.keyring or None, request_mac=query.mac or b"")
        except dns.tsig.PeerBadTime as error:
            raise self._key_error("dns_key_clock", "its clock and ours are too far apart", _CLOCK) from error
        except (dns.tsig.PeerBadKey, dns.tsig.PeerBadSignature, dns.tsig.PeerError) as error:
            raise self._key_error("dns_key_refused", "it does not accept the TSIG key", _KEY) from error
        except (dns.tsig.BadSignature, dns.tsig.BadKey, dns.tsig.BadTime, dns.tsig.BadAlgorithm) as error:
            why = "its answer is not signed with the TSIG key"
            raise self._key_error("dns_key_refused", why, _KEY, in_doubt=is_update) from error
        except dns.exception.DNSException as error:
            bare = _bare(wire)
            if query.keyring and bare is not None and not bare.had_tsig:
                return self._unsigned(bare, is_update)
            raise ProviderError(
                "malformed", "%s: the answer is no DNS message." % self.place, in_doubt=is_update
            ) from error
        if query.keyring and not answer.had_tsig:
            return self._unsigned(answer, is_update)
        if not query.is_response(answer):
            raise ProviderError("malformed", "%s: the answer is to another question." % self.place, in_doubt=is_update)
        return answer

    def _unsigned(self, answer: t.Any, is_update: bool) -> t.Any:
        """A refusal may come unsigned. An update is only sent when the key was good for reading, so it is not the key then."""
        rcode = answer.rcode()
        if rcode == dns.rcode.NOTAUTH and not is_update:
            raise self._key_error("dns_key_refused", "it does not accept the TSIG key", _KEY)
        if rcode in (dns.rcode.REFUSED, dns.rcode.NOTAUTH, dns.rcode.NOTIMP, dns.rcode.FORMERR):
            return answer
        why = "its answer is not signed, so it may be anybody's"
        raise self._key_error("answer_unsigned", why, _KEY, in_doubt=is_update)

    def _key_error(self, code: str, why: str, hint: str, in_doubt: bool = False) -> ProviderError:
        text = "The DNS server %s: %s." % (self.place, why)
        return ProviderError(code, text, hint, stop=True, retryable=False, in_doubt=in_doubt)

    def _signed(self, message: t.Any) -> t.Any:
        if self._key is not None:
            message.use_tsig(self._key)
        return message

    def _exchange(self, queries: t.Sequence[t.Any], answers: dict[int, t.Any], start: int) -> None:
        ends = time.monotonic() + self._timeout
        connection = self._connected()
        by_id = {query.id: number for number, query in enumerate(queries)}
        wires = [query.to_wire() for query in queries]
        try:
            connection.sendall(b"".join([len(wire).to_bytes(2, "big") + wire for wire in wires]))
        except OSError as error:
            raise self._lost(error) from error
        self._counts["QUERY"] += len(wires)
        while by_id:
            wire = self._receive(ends)
            number = by_id.pop(int.from_bytes(wire[:2], "big"), None)
            if number is not None:
                answers[start + number] = self.answer_of(queries[number], wire)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            try:
                self._socket = socket.create_connection(self._to, timeout=self._timeout)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                raise ProviderError(
                    "unreachable",
                    "The DNS server %s: no connection over TCP, %s." % (self.place, type(error).__name__),
                    "Check server and port of the publisher, and that a firewall lets TCP through.",
                ) from error
        return self._socket

    def _receive(self, ends: float) -> bytes:
        length = int.from_bytes(self._exactly(2, ends), "big")
        return self._exactly(length, ends)

    def _exactly(self, count: int, ends: float) -> bytes:
        connection = self._connected()
        got = bytearray()
        while len(got) < count:
            left = ends - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError
                connection.settimeout(left)
                part = connection.recv(count - len(got))
            except OSError as error:
                raise self._lost(error) from error
            if not part:
                raise self._lost(ConnectionResetError())
            got += part
        return bytes(got)

    def _lost(self, error: OSError, in_doubt: bool = False) -> ProviderError:
        self.hang_up()
        if isinstance(error, TimeoutError):
            text = "The DNS server %s: no answer within %g s." % (self.place, self._timeout)
            return ProviderError("timeout", text, _LATER, in_doubt=in_doubt)
        text = "The DNS server %s: the connection broke." % self.place
        return ProviderError("connection_lost", text, _LATER, in_doubt=in_doubt)


_LATER = "Run again later: what is done stays done, and what is open is settled first."
_KEY = (
    "Compare tsig_name, tsig_algorithm and tsig_secret with the server's key, letter by letter; Knot says the same of a key that "
    "has no acl for the zone."
)
_CLOCK = "Set the clocks of this controller and of the server by NTP; TSIG allows 300 s."


def _bare(wire: bytes) -> t.Any:
    """An answer read without proof, None when it is none."""
    try:
        return dns.message.from_wire(wire, keyring=None)
    except dns.exception.DNSException:
        return None


def _absolute(name: str) -> t.Any:
    return dns.name.from_text(name + ".")


def need_dnspython() -> None:
    """:raises Refused: ``library_missing``."""
    if not HAS_DNSPYTHON:
        raise Refused("library_missing", "The Python library dnspython is missing.", "pip install 'dnspython>=2.6'")
