# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object per provider with all that a live test uses: the provider's API, its mail servers, and clients for both."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from sandboxlib import Sandbox

from .base import PASSWORD, Platform
from .modoboa import Modoboa
from .modoboa_install import DATABASE, Installation
from .owners import ModoboaOwner, setup_page
from .processes import GUARD, Server, ServerError, free_port, wait_until
from .stores import ModoboaStore, SandboxStore


class ModoboaPlatform(Platform):
    """Modoboa 2.12; ``modoboa`` has ``call`` and ``rows`` for its API. Its limit of requests is its own, real one."""

    name = "modoboa"

    def __init__(self, cache: Path) -> None:
        super().__init__()
        self.installation = Installation(cache)
        internal = free_port()
        self.modoboa = Modoboa(self.installation, self.folder / "modoboa", internal)
        self._internal = internal

    def start(self) -> None:
        self.installation.ready()
        self.modoboa.start_database()
        self.modoboa.launch()
        self._serve_mail(ModoboaStore(self.modoboa), self._internal)
        self.modoboa.ready()
        self.api, self.token = self.modoboa.api, self.modoboa.token
        self.owner = ModoboaOwner(self.modoboa, self.mail.sink)

    def _stop_provider(self) -> None:
        self.modoboa.stop()

    def _front(self) -> list[Server]:
        return [*super()._front(), self.modoboa.web, self.modoboa.worker]

    def servers(self) -> dict[str, int]:
        modoboa = self.modoboa
        own = (modoboa.web, modoboa.worker, modoboa.redis.server, modoboa.postgres.server)
        return {**self._mail_processes(), **{one.name: one.pid for one in own}}

    def writes(self) -> int:
        return self.modoboa.writes()

    def make_domain(self, name: str = "", **more: Any) -> dict[str, Any]:
        body = {"name": self._name(name), "type": "domain", "enabled": True, "quota": 0, "default_mailbox_quota": 0}
        return self.modoboa.call("POST", "/domains/", {**body, "enable_dkim": False, **more})

    def make_mailbox(self, address: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        mailbox = {"full_address": address, "use_domain_quota": False, "quota": 0}
        body = {"username": address, "role": "SimpleUsers", "is_active": True, "password": password, "mailbox": mailbox}
        return self.modoboa.call("POST", "/accounts/", {**body, **more})

    def account(self, address: str) -> dict[str, Any]:
        """Return an account of the API."""
        for row in self.modoboa.rows("/accounts/"):
            if row["username"] == address:
                return row
        raise LookupError(address)

    def switch_off(self, address: str) -> None:
        self.modoboa.call("PATCH", f"/accounts/{self.account(address)['pk']}/", {"is_active": False})

    def switch_on(self, address: str) -> None:
        self.modoboa.call("PATCH", f"/accounts/{self.account(address)['pk']}/", {"is_active": True})

    def owner_forgot(self, address: str) -> None:
        """As the owner: ask for a recovery mail; it goes to the account's ``secondary_email``."""
        self.owner.forgot(address)

    def owner_sets_password(self, address: str, password: str) -> None:
        self.owner.sets_password(address, password)

    def recovery_links(self, recipient: str, count: int) -> list[str]:
        """Wait until ``count`` recovery mails have reached ``recipient``, and return their links, oldest first."""
        wait_until(lambda: len(self.owner.links(recipient)) >= count, 10)
        return self.owner.links(recipient)

    def link_works(self, link: str) -> bool:
        """Open a link as whoever got it would; say whether it asks for a password."""
        return self.owner.link_works(link)

    def open_web_session(self, address: str) -> str:
        """As the owner, signed in to Modoboa's own pages: return the token that the browser holds."""
        token = secrets.token_hex(20)
        mark = hashlib.sha256(token.encode()).hexdigest()
        self._sql(
            "insert into oauth2_provider_accesstoken"  # noqa: S608 - our own words
            " (token, token_checksum, expires, scope, application_id, user_id, created, updated, resource)"
            f" select '{token}', '{mark}', now() + interval '1 hour', 'read write',"
            " (select min(id) from oauth2_provider_application), id, now(), now(), '[]'"
            f" from core_user where username = '{address}'"
        )
        return token

    def web_session_works(self, token: str) -> bool:
        """Say whether Modoboa still answers the pages of this session."""
        head = {"Authorization": f"Bearer {token}"}
        return self.modoboa.session.get(self.api + "/account/me/", headers=head, timeout=30).status_code == 200

    def delete_web_sessions(self, address: str) -> None:
        """As a person on the server does it."""
        for table in ("oauth2_provider_refreshtoken", "oauth2_provider_accesstoken", "authtoken_token"):
            self._sql(
                f"delete from {table} where user_id = (select id from core_user where username = '{address}')"  # noqa: S608
            )

    def _sql(self, statement: str) -> None:
        self.modoboa.postgres.sql(statement, database=DATABASE)

    def set_parameters(self, app: str, **values: Any) -> None:
        """Change global settings of a part of Modoboa."""
        path = f"/parameters/global/{app}/"
        # what is not set comes as null, which is not taken back
        known = {name: value for name, value in self.modoboa.call("GET", path)["params"].items() if value is not None}
        self.modoboa.call("PUT", path, {**known, **values})

    def clean(self) -> None:
        """Accounts before domains: a domain leaves its accounts behind, and those block their addresses."""
        for row in self.modoboa.rows("/accounts/"):
            if row["role"] != "SuperAdmins":
                self.modoboa.call("POST", f"/accounts/{row['pk']}/delete/", {"keepdir": True})
        for row in self.modoboa.rows("/domains/"):
            self.modoboa.call("POST", f"/domains/{row['pk']}/delete/", {"keep_folder": True})
        self.modoboa.forget_throttles()
        self._forget_mail()


class SandboxPlatform(Platform):
    """The sandbox, whose mailboxes are real here; ``sandbox`` has ``call``, ``ours`` and the rest."""

    name = "trekmail"

    def start(self) -> None:
        # a folder above the data, because the process writes its log and ready file beside it
        above = self.folder / "sandbox"
        above.mkdir()
        self.sandbox = Sandbox(above / "data")
        GUARD.watch(self.sandbox.process.pid)
        store = SandboxStore(above / "data")
        store.open_up()
        self.api, self.token = self.sandbox.api, self.sandbox.token
        self._serve_mail(store)

    def _stop_provider(self) -> None:
        if hasattr(self, "sandbox") and self.sandbox.process.poll() is None:
            self.sandbox.stop()
            GUARD.forget(self.sandbox.process.pid)

    def servers(self) -> dict[str, int]:
        return {**self._mail_processes(), "sandbox": self.sandbox.process.pid}

    def writes(self) -> int:
        return self.sandbox.writes()

    def make_domain(self, name: str = "", **more: Any) -> dict[str, Any]:
        return self.sandbox.domain(self._name(name), **more)

    def _domain_id(self, name: str) -> int:
        for row in self.sandbox.get("/domains?per_page=100").json()["data"]:
            if row["name"] == name:
                return row["id"]
        raise LookupError(name)

    def make_mailbox(self, address: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        local, dummy, domain = address.partition("@")
        return self.sandbox.mailbox(self._domain_id(domain), local, password=password, **more)

    def _access(self, address: str, action: str) -> None:
        found = [row["id"] for row in self.sandbox.ours("GET", "/state")["mailboxes"] if row["email"] == address]
        answer = self.sandbox.call("POST", f"/mailboxes/{found[0]}:{action}", {})
        if answer.status_code >= 400:
            raise ServerError(f"{action} {address}: {answer.status_code} {answer.text}")

    def switch_off(self, address: str) -> None:
        self._access(address, "suspend-login")

    def switch_on(self, address: str) -> None:
        self._access(address, "resume-login")

    def owner_sets_password(self, address: str, password: str) -> None:
        mails = [
            row
            for row in self.sandbox.ours("GET", "/outbox")["data"]
            if row["link"] and row["subject"].endswith(f" {address}")
        ]
        if not mails:
            raise ServerError(f"the sandbox sent no setup link for {address}")
        setup_page(mails[-1]["link"], password)

    def clean(self) -> None:
        """Removing a domain removes all that is in it."""
        for row in self.sandbox.ours("GET", "/state")["domains"]:
            answer = self.sandbox.call("DELETE", f"/domains/{row['id']}")
            if answer.status_code >= 400:
                raise ServerError(f"domain {row['name']}: {answer.status_code} {answer.text}")
        self.sandbox.ours("DELETE", "/outbox")
        self._forget_mail()
