# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail clients for tests: Python's own, with the certificate verified. Nothing here uses the collection's code."""

from __future__ import annotations

import base64
import imaplib
import smtplib
import ssl
import uuid
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests

from .mail import MailServers
from .processes import wait_until

HOST = "localhost"
OUTSIDE = "somebody@outside.example"


class Clients:
    """What a person, a stranger and an operator can do with the mail servers."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.session = requests.Session()
        self.session.trust_env = False

    def context(self, ca_path: Path | str | None = None) -> ssl.SSLContext:
        """Return a TLS context that trusts our authority, or the one named, and nobody else."""
        return ssl.create_default_context(cafile=str(ca_path or self.servers.ca_path))

    def imap(self, address: str, password: str, ca_path: Path | str | None = None) -> imaplib.IMAP4_SSL:
        """Sign in over implicit TLS. Raises imaplib.IMAP4.error when refused."""
        client = imaplib.IMAP4_SSL(HOST, self.servers.dovecot.imaps_port, ssl_context=self.context(ca_path), timeout=15)
        try:
            client.login(address, password)
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    def can_login(self, address: str, password: str) -> bool:
        """Say whether IMAP lets this password in."""
        try:
            self.imap(address, password).logout()
        except imaplib.IMAP4.error:
            return False
        return True

    def message(
        self, sender: str, to: str, subject: str = "", text: str = "", **headers: str
    ) -> tuple[str, EmailMessage]:
        """Return a token that no other message holds, and a message with it in Subject and Message-ID."""
        token = uuid.uuid4().hex
        made = EmailMessage()
        made["From"], made["To"] = sender, to
        made["Subject"] = f"{subject} {token}".strip()
        made["Message-ID"] = f"<{token}@test.example>"
        for name, value in headers.items():
            made[name.replace("_", "-")] = value
        made.set_content(text or "A message of the tests.\n")
        return token, made

    def deliver(self, to: str, sender: str = OUTSIDE, **more: str) -> str:
        """Hand in a message from outside, without TLS or a password; returns its token. Raises smtplib.SMTPException."""
        token, made = self.message(sender, to, **more)
        with smtplib.SMTP(HOST, self.servers.postfix.smtp_port, timeout=15) as client:
            client.send_message(made, sender, [to])
        return token

    def submission(self) -> smtplib.SMTP:
        """Connect to the submission port and change to TLS."""
        client = smtplib.SMTP(HOST, self.servers.postfix.submission_port, timeout=15)
        client.starttls(context=self.context())
        return client

    def submit(self, address: str, password: str, to: str, sender: str = "", **more: str) -> str:
        """Sign in and send a message, as oneself unless ``sender`` says otherwise; returns its token."""
        sender = sender or address
        token, made = self.message(sender, to, **more)
        with self.submission() as client:
            client.login(address, password)
            client.send_message(made, sender, [to])
        return token

    def arrived(self, address: str, password: str, token: str, seconds: float = 10, folder: str = "INBOX") -> bool:
        """Wait for a message with the token in its subject."""
        client = self.imap(address, password)
        try:

            def found() -> bool:
                client.select(folder, readonly=True)
                return bool(client.search(None, "SUBJECT", token)[1][0])

            return wait_until(found, seconds, 0.1)
        finally:
            client.logout()

    def doveadm(self, command: str, **parameters: Any) -> list[Any]:
        """Call doveadm over HTTP and return its answer, ``["doveadmResponse", rows, tag]`` or ``["error", …]``."""
        dovecot = self.servers.dovecot
        key = base64.b64encode(dovecot.doveadm_key.encode()).decode()
        answer = self.session.post(
            dovecot.doveadm_url,
            json=[[command, parameters, "t"]],
            headers={"Authorization": f"X-Dovecot-API {key}"},
            timeout=15,
        )
        answer.raise_for_status()
        return answer.json()[0]

    def close(self) -> None:
        self.session.close()
