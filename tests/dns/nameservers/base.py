# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every name server of the tests can do."""

from __future__ import annotations

import itertools
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import dns.update
import dns.zone
from servers.processes import HOST, Server, ServerError, free_port, new_folder, remove, wait_until

# The key that may update and transfer every zone, and one that the servers know and allow nothing.
KEY = "baseline"
SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
STRANGER = "stranger"
ALGORITHM = "hmac-sha256"

_names = itertools.count(1)


def zone_text(zone: str, records: str = "", serial: int = 1) -> str:
    """A zone file: SOA, two name servers, then *records* as lines of a zone file relative to the zone."""
    head = "$ORIGIN %s.\n$TTL 300\n@ IN SOA ns1.agency.test. host.agency.test. %d 3600 600 86400 60\n" % (zone, serial)
    return head + "@ IN NS ns1.agency.test.\n@ IN NS ns2.agency.test.\n" + records.rstrip() + "\n"


class NameServer(ABC):
    """One authoritative server.

    Attributes that tests use: ``host``, ``port``, ``address`` (``host@port``, as questions and options name it), ``folder``, ``server``
    (the process, with its log).
    """

    name = ""

    def __init__(self) -> None:
        self.folder: Path = new_folder()
        self.host = HOST
        self.port = free_port()
        self.address = "%s@%d" % (self.host, self.port)
        self.zones: set[str] = set()
        self.server: Server

    # ---- life ----

    @abstractmethod
    def start(self) -> None:
        """Start and wait until it answers."""

    def stop(self) -> None:
        try:
            self.server.stop()
        finally:
            remove(self.folder)

    # ---- zones ----

    @staticmethod
    def fresh(suffix: str = "test") -> str:
        """A zone name that no other test uses."""
        return "z%d.%s" % (next(_names), suffix)

    def make_zone(self, zone: str = "", records: str = "") -> str:
        """Make a primary zone that KEY may update and transfer; returns its name."""
        zone = zone or self.fresh()
        self.make_zones({zone: records})
        return zone

    def make_zones(self, zones: Mapping[str, str]) -> None:
        """Make many at once: records by zone, as lines of a zone file relative to it."""
        self._add({zone: zone_text(zone, records) for zone, records in zones.items()})
        self.zones.update(zones)
        for zone in zones:
            if not wait_until(lambda one=zone: self.serial(one), 20, 0.01):  # type: ignore[misc]
                raise ServerError("%s does not speak for %s" % (self.name, zone))

    @abstractmethod
    def _add(self, texts: Mapping[str, str]) -> None: ...

    @abstractmethod
    def drop_zone(self, zone: str) -> None:
        """Take a zone out of the server."""

    # ---- behind the collection's back ----

    def ask(
        self, name: str, kind: str, tcp: bool = False, recursive: bool = False, timeout: float = 5
    ) -> dns.message.Message:
        """Whatever the server answers."""
        query = dns.message.make_query(name, kind, flags=dns.flags.RD if recursive else 0)
        how = dns.query.tcp if tcp else dns.query.udp_with_fallback
        answer = how(query, self.host, port=self.port, timeout=timeout)
        return answer if tcp else answer[0]  # type: ignore[index, return-value]

    def serial(self, zone: str) -> int:
        """Serial number of a zone, 0 when the server does not speak for it."""
        try:
            answer = self.ask(zone, "SOA")
        except (dns.exception.DNSException, OSError):
            return 0
        found = [one for one in answer.answer if one.rdtype == dns.rdatatype.SOA]
        return int(found[0][0].serial) if found and answer.flags & dns.flags.AA else 0

    def values(self, name: str, kind: str) -> list[str]:
        """Values of one record set in the form of a zone file, sorted."""
        answer = self.ask(name, kind, tcp=True)
        wanted = dns.rdatatype.from_text(kind)
        return sorted(str(value) for found in answer.answer if found.rdtype == wanted for value in found)

    def records(self, zone: str) -> set[tuple[str, str, int, str]]:
        """Everything in a zone but its SOA: (name, type, ttl, value), read by a zone transfer."""
        transfer = dns.query.xfr(
            self.host,
            zone,
            port=self.port,
            keyring=dns.tsigkeyring.from_text({KEY: SECRET}),
            relativize=False,
            timeout=5,
        )
        found = dns.zone.from_xfr(transfer, relativize=False)
        return {
            (name.to_text(True).lower(), dns.rdatatype.to_text(value.rdtype), ttl, value.to_text())
            for name, ttl, value in found.iterate_rdatas()
            if value.rdtype != dns.rdatatype.SOA
        }

    def put(self, zone: str, name: str, kind: str, ttl: int, values: Iterable[str]) -> None:
        """Make this the whole record set; no values remove it."""
        update = self._update(zone)
        owner = name.rstrip(".") + "."
        values = list(values)
        if values:
            update.replace(owner, ttl, kind, *values)
        else:
            update.delete(owner, kind)
        self._send(update)

    def add(self, zone: str, name: str, kind: str, ttl: int, value: str) -> None:
        """Add one value to a record set."""
        update = self._update(zone)
        update.add(name.rstrip(".") + ".", ttl, kind, value)
        self._send(update)

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(zone, keyring=dns.tsigkeyring.from_text({KEY: SECRET}), keyalgorithm=ALGORITHM)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = dns.query.tcp(update, self.host, port=self.port, timeout=5)
        if answer.rcode() != dns.rcode.NOERROR:
            raise ServerError("%s says %s" % (self.name, dns.rcode.to_text(answer.rcode())))

    # ---- faults ----

    def silent(self) -> None:
        """Stop answering: the process is paused until `awake`."""
        os.kill(self.server.pid, signal.SIGSTOP)
        threads = Path("/proc/%d/task" % self.server.pid)
        if not wait_until(lambda: all(_paused(one) for one in threads.iterdir()), 5, 0.001):
            raise ServerError("%s does not pause" % self.name)

    def awake(self) -> None:
        if self.server.process is not None and self.server.process.poll() is None:
            os.kill(self.server.pid, signal.SIGCONT)


def _paused(thread: Path) -> bool:
    return (thread / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] == "T"
