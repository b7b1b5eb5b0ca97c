# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripted mail servers over a sandbox: who may log in is what its API says, and what is handed in arrives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mailservers import Authority, Imap, Smtp, Wire
from sandboxlib import Sandbox

ELSEWHERE = "check@elsewhere.example"
# The scripted servers have one INBOX for everybody.
_SLOWLY = {"wait": 2, "concurrency": 1}


class World:
    """``smtp`` takes mail from people and from outside, ``imap`` shows it; ``secrets`` are all passwords that were tried."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        folder.mkdir()
        self.authority = Authority(folder)
        self.secrets: set[str] = set()
        tls = self.authority.server("127.0.0.1")
        self.imap = _Reading(self, sandbox, tls=tls, implicit=True)
        self.smtp = _Taking(self, sandbox, tls=tls)

    def options(self, *domains: str, **more: Any) -> dict[str, Any]:
        """Options of a verification that passes."""
        return {"domains": list(domains), **self.servers(), **_SLOWLY, "mail_ca_path": str(self.authority.path), **more}

    def servers(self) -> dict[str, Any]:
        here = "127.0.0.1"
        return {
            "imap": {"host": here, "port": self.imap.port},
            "submission": {"host": here, "port": self.smtp.port, "tls": "starttls"},
            "inbound": {"host": here, "port": self.smtp.port},
            "outbound": {"address": ELSEWHERE},
        }

    def stop(self) -> None:
        self.imap.stop()
        self.smtp.stop()


class _Taking(Smtp):
    def __init__(self, world: World, sandbox: Sandbox, **more: Any) -> None:
        super().__init__(**more)
        self._world, self._sandbox = world, sandbox

    def knows(self, user: str, password: str) -> bool:
        self._world.secrets.add(password)
        return self._sandbox.login(user, password) == 200

    def take(self, wire: Wire, sender: str, recipient: str) -> None:
        before = len(self.messages)
        super().take(wire, sender, recipient)
        if recipient != ELSEWHERE:
            self._world.imap.mail += [text for dummy, dummy, text in self.messages[before:]]


class _Reading(Imap):
    """A session dies with the right to log in, as the provider promises."""

    def __init__(self, world: World, sandbox: Sandbox, **more: Any) -> None:
        super().__init__(**more)
        self._world, self._sandbox = world, sandbox
        self.sessions_end = True

    def knows(self, user: str, password: str) -> bool:
        self._world.secrets.add(password)
        return self._sandbox.login(user, password) == 200

    def hear(self, wire: Wire) -> str:
        line = super().hear(wire)
        if wire.who and self.sessions_end and self._sandbox.login(*wire.who) != 200:
            wire.send("* BYE the account was closed")
            wire.sock.close()
        return line
