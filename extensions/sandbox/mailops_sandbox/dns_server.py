# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox's name server: UDP and TCP on one loopback port, queries for everybody, updates with its key (RFC 8945)."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from typing import Any, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.rrset
import dns.tsig
import dns.update

from .core import Core
from .dns_lookup import Lookup
from .dns_update import Rejected, carry_out
from .dns_zones import KEY_ALGORITHM, KEY_NAME, Zones
from .verifying import look_at_all

_LOG = logging.getLogger("mailops_sandbox")
_NO_EDNS, _IDLE = 512, 30.0


class NameServer:
    """Zones, key and counters, and the sockets once `start` has run."""

    def __init__(self, core: Core, host: str, port: int) -> None:
        self.core = core
        self.host, self.port = host, port
        self.zones = Zones(core.store)
        self.queries = {"udp": 0, "tcp": 0, "updates": 0}
        self.keyring = {
            dns.name.from_text(KEY_NAME): dns.tsig.Key(KEY_NAME, base64.b64decode(self.zones.secret), KEY_ALGORITHM)
        }
        self._open: list[Any] = []

    async def start(self) -> None:
        """Listen. Raises OSError when the port is not free for both."""
        loop = asyncio.get_running_loop()
        for attempt in range(20):
            tcp = await asyncio.start_server(self._stream, self.host, self.port)
            port = tcp.sockets[0].getsockname()[1]
            try:
                udp, _protocol = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(self.host, port)
                )
            except OSError:
                tcp.close()
                # a free port was asked for, and this one is free for TCP only
                if self.port or attempt == 19:
                    raise
                continue
            self.port = port
            self._open = [tcp, udp]
            return

    def stop(self) -> None:
        """Close the sockets."""
        for one in self._open:
            one.close()

    def shown(self) -> dict[str, Any]:
        """Return where it is, its key, and how often it was asked."""
        return {
            "server": f"{self.host}@{self.port}", "address": self.host, "port": self.port, "tsig_name": KEY_NAME,
            "tsig_secret": self.zones.secret, "tsig_algorithm": KEY_ALGORITHM, "queries": self.queries,
        }  # fmt: skip

    def changed(self) -> None:
        """The zones are others now: the provider looks at its domains."""
        look_at_all(self.core)

    def respond(self, wire: bytes, by: str) -> bytes | None:
        """Return the answer to one message, or None when there is to be none."""
        self.queries[by] += 1
        how = self.core.switches["dns_answers"]
        if how == "silent" or len(wire) < 12 or wire[2] & 0x80:
            return None
        try:
            query = dns.message.from_wire(wire, keyring=self.keyring, continue_on_error=True)
            return self._packed(query, self._response(query, wire, how), by, how)
        except Exception:  # noqa: BLE001 - a fault here must not end the server
            _LOG.exception("a message to the name server")
            return _bare(wire, dns.rcode.SERVFAIL)

    def _packed(self, query: dns.message.Message, response: dns.message.Message, by: str, how: str) -> bytes:
        """The response as it travels, cut to what the client takes by UDP."""
        most = 65535
        if by == "udp":
            most = max(query.payload, _NO_EDNS) if query.edns >= 0 else _NO_EDNS
            if how == "truncated" and query.opcode() == dns.opcode.QUERY:
                for section in (response.answer, response.authority, response.additional):
                    section.clear()
                response.flags |= dns.flags.TC
        return response.to_wire(max_size=most, prefer_truncation=True)

    def _response(self, query: dns.message.Message, wire: bytes, how: str) -> dns.message.Message:
        wrong = [error.exception for error in query.errors]
        unsigned = next((one for one in wrong if isinstance(one, _SIGNATURE)), None)
        if unsigned is not None:
            return _not_signed(wire, unsigned)
        response = dns.message.make_response(query, our_payload=1232)
        if wrong:
            response.set_rcode(dns.rcode.FORMERR)
        elif how in ("servfail", "refused"):
            response.set_rcode(dns.rcode.from_text(how.upper()))
        elif query.edns > 0:
            response.set_rcode(dns.rcode.BADVERS)
        elif query.opcode() == dns.opcode.UPDATE:
            self.queries["updates"] += 1
            response.set_rcode(self._update(cast(dns.update.UpdateMessage, query)))
        elif query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1 or query.question[0].rdclass != dns.rdataclass.IN:
            response.set_rcode(dns.rcode.FORMERR)
        elif query.question[0].rdtype in (dns.rdatatype.AXFR, dns.rdatatype.IXFR):
            response.set_rcode(dns.rcode.REFUSED)
        else:
            return Lookup(self.zones, query).answer()
        return response

    def _update(self, update: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        if not update.had_tsig:
            return dns.rcode.REFUSED
        try:
            with self.core.store.transaction():
                if carry_out(self.zones, update):
                    self.changed()
        except Rejected as exc:
            return exc.rcode
        return dns.rcode.NOERROR

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Messages of one connection, each with its length before it (RFC 7766)."""
        try:
            while True:
                size = await asyncio.wait_for(reader.readexactly(2), _IDLE)
                wire = await asyncio.wait_for(reader.readexactly(int.from_bytes(size, "big")), _IDLE)
                answer = self.respond(wire, "tcp")
                if answer is not None:
                    writer.write(len(answer).to_bytes(2, "big") + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.TimeoutError, asyncio.CancelledError, OSError):
            pass  # the client is done, or the server is
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        answer = self.server.respond(data, "udp")
        if answer is not None:
            self.transport.sendto(answer, addr)


_SIGNATURE = (
    dns.message.UnknownTSIGKey,
    dns.tsig.BadSignature,
    dns.tsig.BadTime,
    dns.tsig.BadKey,
    dns.tsig.BadAlgorithm,
)
_BADSIG, _BADKEY, _BADTIME = 16, 17, 18


def _not_signed(wire: bytes, why: Exception) -> dns.message.Message:
    """The answer to a signature that does not hold: NOTAUTH, with the reason in an empty TSIG (RFC 8945 section 5.2)."""
    query = dns.message.from_wire(wire, keyring=lambda *_unused: False, continue_on_error=True)
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.NOTAUTH)
    if query.tsig is not None:
        given = cast(dns.rdtypes.ANY.TSIG.TSIG, query.tsig[0])
        error = _BADKEY
        if isinstance(why, dns.tsig.BadSignature):
            error = _BADSIG
        elif isinstance(why, dns.tsig.BadTime):
            error = _BADTIME
        empty = given.replace(mac=b"", error=error, time_signed=int(time.time()))
        response.tsig = dns.rrset.from_rdata(query.tsig.name, 0, empty)
        response.want_tsig_sign = False
    return response


def _bare(wire: bytes, rcode: dns.rcode.Rcode) -> bytes:
    """A header that says nothing but an error."""
    flags = (wire[2] & 0x79) | 0x80
    return wire[:2] + bytes([flags, int(rcode)]) + bytes(8)
