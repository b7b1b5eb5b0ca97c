# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Knot DNS: authoritative, with updates by RFC 2136. It says NOTAUTH where others say REFUSED."""

from __future__ import annotations

from collections.abc import Mapping

from servers.processes import HOST, Server, environment, run

from .base import ALGORITHM, KEY, SECRET, STRANGER, NameServer


class Knot(NameServer):
    name = "Knot"

    def __init__(self) -> None:
        super().__init__()
        self.config = self.folder / "knot.conf"
        self.server = Server(self.name, ["knotd", "-c", self.config], self.folder / "log", ports=[self.port])

    def start(self) -> None:
        self._write()
        self.server.start()

    def _write(self) -> None:
        lines = [
            "server:",
            '  rundir: "%s"' % self.folder,
            '  pidfile: "%s/knot.pid"' % self.folder,
            "  listen: %s@%d" % (HOST, self.port),
            "  udp-workers: 1",
            "  tcp-workers: 1",
            "  background-workers: 1",
            "log:",
            "  - target: stderr",
            "    any: info",
            "control:",
            '  listen: "%s/knot.sock"' % self.folder,
            "database:",
            '  storage: "%s"' % self.folder,
            "key:",
        ]
        for key in (KEY, STRANGER):
            lines += ["  - id: %s" % key, "    algorithm: %s" % ALGORITHM, "    secret: %s" % SECRET]
        lines += ["acl:", "  - id: ours", "    key: %s" % KEY, "    action: [update, transfer]", "zone:"]
        for zone in sorted(self.zones):
            lines += [
                '  - domain: "%s"' % zone,
                '    storage: "%s"' % self.folder,
                '    file: "%s.zone"' % zone,
                "    zonefile-load: difference",
                "    zonefile-sync: -1",
                "    journal-content: changes",
                "    acl: ours",
            ]
        self.config.write_text("\n".join(lines) + "\n")

    def knotc(self, *words: str) -> str:
        command = ["knotc", "-s", str(self.folder / "knot.sock"), "-b", *words]
        return run(command, self.folder, env=environment(self.folder))

    def _add(self, texts: Mapping[str, str]) -> None:
        for zone, text in texts.items():
            (self.folder / (zone + ".zone")).write_text(text)
            self.zones.add(zone)
        self._write()
        self.knotc("reload")

    def drop_zone(self, zone: str) -> None:
        self.zones.discard(zone)
        self._write()
        self.knotc("reload")
        (self.folder / (zone + ".zone")).unlink(missing_ok=True)
