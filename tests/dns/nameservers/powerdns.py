# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PowerDNS over SQLite: HTTP API and updates by RFC 2136."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from servers.processes import HOST, Server, ServerError, free_port

from .base import ALGORITHM, KEY, SECRET, STRANGER, NameServer
from .needed import SCHEMA

API_KEY = "test-api-key"


class PowerDns(NameServer):
    """Beside what all can do: ``api_url`` (without ``/api/v1``), ``api_key``, ``server_id``, and `api` to call it."""

    name = "PowerDNS"
    server_id = "localhost"

    def __init__(self) -> None:
        super().__init__()
        self.api_port = free_port()
        self.api_url = "http://%s:%d" % (HOST, self.api_port)
        self.api_key = API_KEY
        command = ["pdns_server", "--config-dir=%s" % self.folder]
        self.server = Server(self.name, command, self.folder / "log", ports=[self.port, self.api_port])

    def start(self) -> None:
        database = self.folder / "pdns.sqlite3"
        with sqlite3.connect(database) as connection:
            connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        connection.close()
        options: dict[str, Any] = {
            "launch": "gsqlite3",
            "gsqlite3-database": database,
            "gsqlite3-pragma-synchronous": 0,
            "local-address": HOST,
            "local-port": self.port,
            "socket-dir": self.folder,
            "daemon": "no",
            "guardian": "no",
            "disable-syslog": "yes",
            "webserver": "yes",
            "webserver-address": HOST,
            "webserver-port": self.api_port,
            "webserver-allow-from": "127.0.0.0/8",
            "api": "yes",
            "api-key": API_KEY,
            "dnsupdate": "yes",
            "allow-dnsupdate-from": "127.0.0.0/8",
            "primary": "yes",
            "allow-axfr-ips": "127.0.0.0/8",
            # what was written is read back at once
            "cache-ttl": 0,
            "query-cache-ttl": 0,
            "negquery-cache-ttl": 0,
            "zone-cache-refresh-interval": 0,
            "default-soa-edit": "INCREASE",
            # else it asks the world whether it is up to date
            "security-poll-suffix": "",
        }
        text = "".join("%s=%s\n" % option for option in options.items())
        (self.folder / "pdns.conf").write_text(text)
        self.server.start()
        for key in (KEY, STRANGER):
            self.must("POST", "/tsigkeys", {"name": key, "algorithm": ALGORITHM, "key": SECRET})

    def api(self, method: str, path: str, body: object = None, key: str = API_KEY) -> tuple[int, Any]:
        """Status and decoded answer of a call below ``/api/v1/servers/localhost``."""
        request = urllib.request.Request(
            "%s/api/v1/servers/%s%s" % (self.api_url, self.server_id, path),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-API-Key": key, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        return status, json.loads(text) if text.startswith(("{", "[")) else text

    def must(self, method: str, path: str, body: object = None) -> Any:
        status, answer = self.api(method, path, body)
        if status >= 300:
            raise ServerError("%s %s: %d %s" % (method, path, status, answer))
        return answer

    def _add(self, texts: Mapping[str, str]) -> None:
        for zone, text in texts.items():
            path = "/zones/%s." % zone
            self.must("POST", "/zones", {"name": zone + ".", "kind": "Native", "nameservers": [], "zone": text})
            for kind, value in (("TSIG-ALLOW-DNSUPDATE", KEY), ("SOA-EDIT-DNSUPDATE", "INCREASE")):
                self.must("PUT", "%s/metadata/%s" % (path, kind), {"kind": kind, "metadata": [value]})
            # 4.7 does not take TSIG-ALLOW-AXFR as metadata over HTTP; this sets it
            self.must("PUT", path, {"master_tsig_key_ids": [KEY + "."]})

    def drop_zone(self, zone: str) -> None:
        self.zones.discard(zone)
        self.must("DELETE", "/zones/%s." % zone)
