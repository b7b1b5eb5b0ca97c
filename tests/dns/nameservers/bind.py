# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIND: authoritative with updates by RFC 2136, or a resolver that asks other servers of the tests."""

from __future__ import annotations

from collections.abc import Mapping

from servers.processes import HOST, Server, environment, free_port, run

from .base import ALGORITHM, KEY, SECRET, STRANGER, NameServer


class Bind(NameServer):
    """:param forwards: makes it a resolver: ``host@port`` of the server by zone (``.`` for all others)."""

    name = "BIND"

    def __init__(self, forwards: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.forwards = dict(forwards or {})
        self.control = free_port()
        self.config = self.folder / "named.conf"
        # -4: a machine without IPv6 is not worth lines of warnings
        command = ["named", "-g", "-4", "-n", "1", "-c", self.config]
        self.server = Server(self.name, command, self.folder / "log", ports=[self.port, self.control])

    def start(self) -> None:
        (self.folder / "rndc.conf").write_text(
            'key "control" { algorithm hmac-sha256; secret "%s"; };\n'
            'options { default-key "control"; default-server %s; default-port %d; };\n' % (SECRET, HOST, self.control)
        )
        self._write()
        self.server.start()

    def _write(self) -> None:
        lines = [
            'options { directory "%s"; listen-on port %d { %s; }; listen-on-v6 { none; };'
            % (self.folder, self.port, HOST),
            '  pid-file none; session-keyfile "%s/session.key"; dnssec-validation no; notify no;' % self.folder,
            '  managed-keys-directory "%s"; allow-transfer { key %s; }; minimal-responses yes;' % (self.folder, KEY),
            "  recursion %s; empty-zones-enable no; };" % ("yes" if self.forwards else "no"),
            'key "control" { algorithm hmac-sha256; secret "%s"; };' % SECRET,
            'controls { inet %s port %d allow { %s; } keys { "control"; }; };' % (HOST, self.control, HOST),
        ]
        lines += ['key "%s" { algorithm %s; secret "%s"; };' % (key, ALGORITHM, SECRET) for key in (KEY, STRANGER)]
        for zone in sorted(self.zones):
            lines.append(
                'zone "%s" { type primary; file "%s.zone"; update-policy { grant %s zonesub ANY; }; };'
                % (zone, zone, KEY)
            )
        for zone, address in self.forwards.items():
            host, dummy, port = address.partition("@")
            lines.append('zone "%s" { type forward; forward only; forwarders { %s port %s; }; };' % (zone, host, port))
        self.config.write_text("\n".join(lines) + "\n")

    def rndc(self, *words: str) -> str:
        command = ["rndc", "-c", str(self.folder / "rndc.conf"), *words]
        return run(command, self.folder, env=environment(self.folder))

    def _add(self, texts: Mapping[str, str]) -> None:
        for zone, text in texts.items():
            (self.folder / (zone + ".zone")).write_text(text)
            self.zones.add(zone)
        self._write()
        self.rndc("reconfig")

    def forward(self, zone: str, address: str) -> None:
        """A resolver learns where a zone is."""
        self.forwards[zone] = address
        self._write()
        self.rndc("reconfig")

    def flush(self) -> None:
        """A resolver forgets what it has cached."""
        self.rndc("flush")

    def drop_zone(self, zone: str) -> None:
        self.zones.discard(zone)
        self._write()
        self.rndc("reconfig")
        for path in self.folder.glob(zone + ".zone*"):
            path.unlink()
