# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of all publishers share: operations as a plan makes them, and the zone that is there before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from nameservers import ALGORITHM, KEY, SECRET, NameServer, PowerDns

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import publisher_of
from ansible_collections.mailops.email.plugins.module_utils.dns.record import KIND, RecordSet, key_of
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result

# Somebody else's records, which must never change.
FOREIGN = """
@ 300 IN TXT "site-verification=abc"
www 300 IN A 192.0.2.1
@ 300 IN CAA 0 issue "ca.example"
shop 300 IN CNAME shops.example.
"""
MAIL = """
@ 3600 IN MX 10 mx1.mail.test.
@ 3600 IN MX 20 mx2.mail.test.
_dmarc 3600 IN TXT "v=DMARC1; p=none"
"""


def rfc2136(server: NameServer, **other: Any) -> Publisher:
    read_only = other.pop("read_only", False)
    timeout = other.pop("timeout", 3.0)
    config = {
        "type": "rfc2136",
        "server": server.host,
        "port": server.port,
        "tsig_name": KEY,
        "tsig_secret": SECRET,
        "tsig_algorithm": ALGORITHM,
        **other,
    }
    return publisher_of(config, read_only=read_only, timeout=timeout)


def powerdns_api(server: PowerDns, **other: Any) -> Publisher:
    read_only = other.pop("read_only", False)
    timeout = other.pop("timeout", 3.0)
    config = {"type": "powerdns", "api_url": server.api_url, "api_key": server.api_key, **other}
    return publisher_of(config, read_only=read_only, timeout=timeout)


OCTODNS = """
providers:
  files:
    class: octodns.provider.yaml.YamlProvider
    directory: %(folder)s
    escaped_semicolons: true
  host:
    class: octodns_powerdns.PowerDnsProvider
    host: %(host)s
    port: %(port)d
    api_key: env/OCTODNS_TEST_KEY
%(more)szones: {}
"""


def octodns(server: PowerDns, **other: Any) -> Publisher:
    """octoDNS with its package for PowerDNS; *more* are lines of its options."""
    more = "".join("    %s\n" % line for line in other.pop("more", ()))
    read_only = other.pop("read_only", False)
    os.environ["OCTODNS_TEST_KEY"] = other.pop("api_key", server.api_key)
    path = server.folder / "octodns.yaml"
    known = {"folder": server.folder, "host": server.host, "port": server.api_port, "more": more}
    path.write_text(OCTODNS % known, encoding="utf-8")
    config = {"type": "octodns", "config_file": str(path), "target": "host", **other}
    return publisher_of(config, read_only=read_only, timeout=3.0)


class Host:
    """A real server, and a publisher that writes to it."""

    def __init__(self, server: Any, make: Callable[..., Publisher]) -> None:
        self.server: NameServer = server
        self.publisher = make(server)
        self._make = make

    def again(self, **other: Any) -> Publisher:
        """Another publisher for the same server."""
        return self._make(self.server, **other)

    def writes(self) -> int:
        counts = self.publisher.request_counts
        return sum(count for method, count in counts.items() if method not in ("GET", "QUERY", "READ"))


def planned(
    publisher: Publisher, domain: str, name: str, kind: str, values: Iterable[str] | None, ttl: int = 3600
) -> Operation:
    """An operation whose ``before`` is what the publisher sees now; without *values* the set goes."""
    key = key_of(domain, name, kind)
    seen = publisher.observe(KIND, [key]).get(key)
    before = RecordSet.from_dict(seen).to_dict() if seen else None
    after = RecordSet.of(name, kind, ttl, values).to_dict() if values is not None else None
    verb = "set" if after else "remove"
    action = "dns.published" if after else "dns.removed"
    request = {"zone": publisher.zone_of(domain)}
    return Operation(0, KIND, verb, key, action, before=before, after=after, request=request)


def one(results: list[Result]) -> Result:
    (result,) = results
    return result


def code(result: Result) -> str:
    return result.error.code if result.error else ""
