# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a live test sees of a platform, whichever provider it is."""

from __future__ import annotations

import itertools
import shutil
from abc import ABC, abstractmethod
from typing import Any

from .clients import HOST, Clients
from .mail import MailServers
from .processes import Server, new_folder, remove, stop_all
from .sink import ECHO, Sunk
from .stores import Store

PASSWORD = "Correct-Horse-42"


class Platform(ABC):
    """A provider whose mailboxes are real: what its API says, Postfix and Dovecot do.

    Attributes that tests use: ``name`` (of the provider), ``api`` and ``token``; ``host``, ``imaps_port``, ``imap_port`` (STARTTLS),
    ``submission_port``, ``smtp_port``, ``lmtp_port``; ``ca_path`` and ``wrong_ca_path``; ``doveadm_url``, ``doveadm_key``; ``echo``
    (an address that answers); ``clients`` for what has no method here. ``writes()`` counts changes, so Project works with it.
    """

    name = ""
    host = HOST
    echo = ECHO
    api = ""
    token = ""

    def __init__(self) -> None:
        self.folder = new_folder()
        self._names = (f"d{number}.live.example" for number in itertools.count(1))

    # ---- life ----

    def _serve_mail(self, store: Store, internal_port: int = 0) -> None:
        self.mail = MailServers(self.folder / "mail", store, internal_port)
        self.mail.start()
        self.clients = Clients(self.mail)
        self.imap, self.can_login, self.submit = self.clients.imap, self.clients.can_login, self.clients.submit
        self.deliver, self.arrived, self.doveadm = self.clients.deliver, self.clients.arrived, self.clients.doveadm
        self.ca_path, self.wrong_ca_path = str(self.mail.ca_path), str(self.mail.wrong_ca_path)
        dovecot, postfix = self.mail.dovecot, self.mail.postfix
        self.imap_port, self.imaps_port, self.lmtp_port = dovecot.imap_port, dovecot.imaps_port, dovecot.lmtp_port
        self.doveadm_url, self.doveadm_key = dovecot.doveadm_url, dovecot.doveadm_key
        self.smtp_port, self.submission_port = postfix.smtp_port, postfix.submission_port

    @abstractmethod
    def start(self) -> None:
        """Start everything; what is half started can be stopped."""

    def stop(self) -> None:
        """Stop everything and remove the folder. What answers people is asked first and all at once, databases end last."""
        for server in self._front():
            server.end()
        stops = [self._stop_provider, lambda: remove(self.folder)]
        if hasattr(self, "clients"):
            stops.insert(0, self.clients.close)
        if hasattr(self, "mail"):
            stops.insert(0, self.mail.stop)
        stop_all(*stops)

    @abstractmethod
    def _stop_provider(self) -> None: ...

    def _front(self) -> list[Server]:
        return [self.mail.postfix.server, self.mail.dovecot.server] if hasattr(self, "mail") else []

    @abstractmethod
    def servers(self) -> dict[str, int]:
        """Return the process ids by name."""

    def _mail_processes(self) -> dict[str, int]:
        mail = self.mail
        return {one.name: one.pid for one in (mail.postfix.server, mail.dovecot.server, mail.sink.server)}

    # ---- for ansible-playbook ----

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point a run of the collection at this platform."""
        return {
            "MAILOPS_PROVIDER": self.name,
            "MAILOPS_API_URL": self.api,
            "MAILOPS_API_TOKEN": self.token,
            "MAILOPS_DOVEADM_URL": self.doveadm_url,
            "MAILOPS_DOVEADM_KEY": self.doveadm_key,
            "MAILOPS_MAIL_CA_PATH": self.ca_path,
        }

    # ---- the provider ----

    @abstractmethod
    def writes(self) -> int:
        """Return how many changes the API made."""

    @abstractmethod
    def make_domain(self, name: str = "", **more: Any) -> dict[str, Any]:
        """Make a domain that takes mail, by the API; a name nobody uses unless one is given. Returns the provider's object."""

    @abstractmethod
    def make_mailbox(self, address: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        """Make a mailbox with a password that we know, by the API. Returns the provider's object."""

    @abstractmethod
    def switch_off(self, address: str) -> None:
        """Close the login of a mailbox, as the provider does it."""

    @abstractmethod
    def switch_on(self, address: str) -> None:
        """Open it again."""

    @abstractmethod
    def owner_sets_password(self, address: str, password: str) -> None:
        """As the owner: open the link that the provider sent about ``address`` and choose a password."""

    @abstractmethod
    def clean(self) -> None:
        """Remove all domains and mailboxes, so that names can be used again."""

    def _name(self, name: str) -> str:
        return name or next(self._names)

    def _forget_mail(self) -> None:
        for path in self.mail.dovecot.mail.iterdir():
            shutil.rmtree(path, ignore_errors=True)

    # ---- the sink ----

    def sunk(self, token: str, recipient: str = "", seconds: float = 10) -> Sunk | None:
        """Wait for a message that left for another domain; None when it does not come."""
        return self.mail.sink.wait(token, recipient, seconds)
