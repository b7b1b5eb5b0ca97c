# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where all mail for other domains ends: Postfix's own smtp-sink, whose files tests read; and the responder at echo.example."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import os
import pwd
import smtplib
import threading
from email.message import EmailMessage
from pathlib import Path

from .processes import HOST, Server, free_port, wait_until

ECHO = "echo@echo.example"


@dataclasses.dataclass(frozen=True)
class Sunk:
    """One message in the sink: envelope (``sender`` "" for a bounce) and content."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    text: str


def _parse(raw: bytes) -> Sunk:
    """Take apart what smtp-sink writes: the envelope as header lines before the message."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    # "<ann@client.example> SIZE=…"
    sender = str(message.get("X-Mail-Args", "")).partition(" ")[0].strip("<>")
    recipients = tuple(str(one).partition(" ")[0].strip("<>") for one in message.get_all("X-Rcpt-Args", []))
    return Sunk(sender, recipients, message, raw.decode("utf-8", "replace"))  # type: ignore[arg-type]


class Sink:
    """Takes everything, keeps it in ``folder``/mail. ``reply_port`` is where answers of the responder go in."""

    def __init__(self, folder: Path, reply_port: int = 0) -> None:
        self.mail = folder / "mail"
        self.mail.mkdir(parents=True)
        nobody = pwd.getpwnam("nobody")
        os.chown(self.mail, nobody.pw_uid, nobody.pw_gid)
        self.port = free_port()
        self.reply_port = reply_port
        command = ["smtp-sink", "-d", "%j-%H%M%S.", f"{HOST}:{self.port}", "100"]
        self.server = Server(
            "smtp-sink", command, folder / "log", ports=[self.port], banner=True, user="nobody", cwd=self.mail
        )
        self._read: dict[str, Sunk] = {}
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._respond, name="echo", daemon=True)

    def start(self) -> None:
        self.server.start()
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self.server.stop()

    def messages(self) -> list[Sunk]:
        """Return all complete messages, oldest first."""
        with self._lock:
            for path in sorted(self.mail.iterdir(), key=lambda one: one.stat().st_mtime_ns):
                if path.name not in self._read:
                    raw = path.read_bytes()
                    # smtp-sink ends each with an empty line
                    if raw.endswith(b"\n\n"):
                        self._read[path.name] = _parse(raw)
            return list(self._read.values())

    def find(self, token: str, recipient: str = "") -> Sunk | None:
        """Return the newest message that holds ``token`` (and went to ``recipient``), or None."""
        for one in reversed(self.messages()):
            if token in one.text and (not recipient or recipient.lower() in map(str.lower, one.recipients)):
                return one
        return None

    def wait(self, token: str, recipient: str = "", seconds: float = 10) -> Sunk | None:
        """Wait for a message."""
        wait_until(lambda: self.find(token, recipient), seconds)
        return self.find(token, recipient)

    def _respond(self) -> None:
        """Answer each message to the echo address once."""
        answered = 0
        while not self._end.wait(0.1):
            found = self.messages()
            for one in found[answered:]:
                if ECHO in one.recipients and one.sender:
                    self._answer(one)
            answered = len(found)

    def _answer(self, to: Sunk) -> None:
        reply = EmailMessage(policy=email.policy.SMTP)
        reply["From"], reply["To"] = ECHO, to.sender
        reply["Subject"] = "Re: " + str(to.message.get("Subject", ""))
        for name in ("In-Reply-To", "References"):
            if to.message.get("Message-ID"):
                reply[name] = str(to.message["Message-ID"])
        reply["Auto-Submitted"] = "auto-replied"
        reply.set_content("This is what arrived:\n\n" + to.text)
        try:
            with smtplib.SMTP(HOST, self.reply_port, timeout=10) as client:
                client.send_message(reply, ECHO, [to.sender])
        except (OSError, smtplib.SMTPException) as error:
            # a probe whose sender takes no mail is a case that tests have; the test then misses the answer
            print(f"no echo to {to.sender}: {error}")
