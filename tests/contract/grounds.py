# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a driver is tried: the provider behind it, and what its owner or an outsider does there without our code."""

from __future__ import annotations

import imaplib
import itertools
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import memory_driver
import proxy as proxies
import pytest
from memory_provider import Provider
from sandboxlib import Sandbox
from servers.platform import ModoboaPlatform

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS, connect

PASSWORD = "Correct-Horse-42"
# What a provider can do to our changes: never answer, answer nonsense, or tell us to come back tomorrow.
FAULTS = ("lost", "garbage", "limited")
# Redis runs this as one command.
_FORGET = b"EVAL \"for _,k in ipairs(redis.call('KEYS',':1:throttle_*')) do redis.call('DEL',k) end\" 0\r\n"


class Ground(ABC):
    """One provider. Names are never used twice, so that no test has to clean up after another."""

    driver: ClassVar[type[Driver]]
    token: str

    def __init__(self) -> None:
        self._names: Iterator[str] = ("contract%d.example" % number for number in itertools.count(1))

    @abstractmethod
    def connect(self, *, read_only: bool = False, token: str = "", **connection: Any) -> Driver:
        """A driver as a task makes it; ``token`` for one that is not valid."""

    def new_name(self) -> str:
        return next(self._names)

    @abstractmethod
    def domain(self) -> str:
        """Make a domain that takes mailboxes, without the driver."""

    def activate(self, domain: str) -> None:
        """Let a domain that the driver has made take mailboxes."""

    @abstractmethod
    def mailbox(self, address: str) -> None:
        """Make a mailbox with PASSWORD, without the driver."""

    def owner_comes(self, address: str, password: str) -> None:
        """As the owner: use what the provider has mailed. For drivers with an ``invite_form``."""
        pytest.fail("%s mails nothing to owners" % self.driver.name)

    @abstractmethod
    def lets_in(self, address: str, password: str) -> bool:
        """Whether somebody can log in."""

    def log_in(self, address: str, password: str) -> imaplib.IMAP4:
        """Open a session and leave it open. For platforms with ``session.list``."""
        pytest.fail("%s has no sessions" % self.driver.name)

    def open_path(self, kind: str, address: str) -> None:
        """Give somebody an access path of a kind to a mailbox, without the driver. For platforms with ``<kind>.list``."""
        pytest.fail("%s has no %s" % (self.driver.name, kind))

    @abstractmethod
    def spoil(self, fault: str) -> None:
        """Spoil all changes from now on."""

    @abstractmethod
    def calm(self) -> None:
        """Treat changes well again."""

    def tidy(self) -> None:
        """Remove what a test has made, where listings would grow slow."""

    def stop(self) -> None:
        """End what the ground has started."""


class MemoryGround(Ground):
    driver = memory_driver.Memory
    _moods: ClassVar[dict[str, str]] = {"lost": "deaf", "garbage": "mad", "limited": "busy"}

    def __init__(self) -> None:
        super().__init__()
        self.token = "memory-token-0123456789"
        self.provider = Provider(self.token)
        memory_driver.PROVIDERS["memory://here"] = self.provider

    def connect(self, *, read_only: bool = False, token: str = "", **connection: Any) -> Driver:
        made = Connection("memory://here", token or self.token, **connection)
        return self.driver(made, read_only=read_only, progress=Progress(), user_agent="contract")

    def domain(self) -> str:
        name = self.new_name()
        self.provider.add("domains", name)
        return name

    def mailbox(self, address: str) -> None:
        self.provider.add("boxes", address, password=PASSWORD)

    def lets_in(self, address: str, password: str) -> bool:
        return self.provider.lets_in(address, password)

    def spoil(self, fault: str) -> None:
        self.provider.mood = self._moods[fault]

    def calm(self) -> None:
        self.provider.mood = ""


class HttpGround(Ground):
    """A provider of its own process, with a proxy in between."""

    proxy: proxies.Proxy
    path: ClassVar[str]

    def connect(self, *, read_only: bool = False, token: str = "", **connection: Any) -> Driver:
        made = Connection(self.proxy.url + self.path, token or self.token, **{**self._beside(), **connection})
        name = self.driver.name
        return connect(name, made, read_only=read_only, progress=Progress(), user_agent="contract")

    def _beside(self) -> dict[str, Any]:
        return {}

    def spoil(self, fault: str) -> None:
        known = {"lost": "lost", "garbage": proxies.GARBAGE, "limited": proxies.LIMITED}
        self.proxy.spoil(known[fault])  # type: ignore[arg-type]

    def calm(self) -> None:
        self.proxy.calm()

    def stop(self) -> None:
        self.proxy.stop()


class TrekMailGround(HttpGround):
    driver = DRIVERS["trekmail"]
    path = "/api/v1"

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.token = sandbox.token
        self.proxy = proxies.Proxy(sandbox.url)
        self._ids: dict[str, int] = {}

    def domain(self) -> str:
        made = self.sandbox.domain(self.new_name())
        self._ids[made["name"]] = made["id"]
        return made["name"]

    def activate(self, domain: str) -> None:
        self.sandbox.ours("POST", "/domains/%s:verify" % domain)

    def mailbox(self, address: str) -> None:
        # it takes no capitals
        local, dummy, domain = address.lower().partition("@")
        self.sandbox.mailbox(self._ids[domain], local, password=PASSWORD)

    def owner_comes(self, address: str, password: str) -> None:
        rows = self.sandbox.ours("GET", "/invites?status=pending")["data"]
        found = [row["id"] for row in rows if address in (row.get("email"), row.get("address"))]
        self.sandbox.ours("POST", "/invites/%d:redeem" % found[0], {"password": password})

    def lets_in(self, address: str, password: str) -> bool:
        return self.sandbox.login(address, password) == 200

    def open_path(self, kind: str, address: str) -> None:
        rows = self.sandbox.get("/mailboxes?search=" + address).json()["data"]
        own, number = "/mailboxes/%d" % rows[0]["id"], rows[0]["id"]
        domain = self._ids[address.partition("@")[2]]
        rule = {
            "match_type": "any",
            "conditions": [{"field": "from", "operator": "contains", "value": "@"}],
            "actions": [{"type": "redirect", "value": "away@home.example"}],
        }
        shared: dict[str, Any] = {"domain_id": domain, "local_part": "desk", "display_name": "Desk"}
        calls: dict[str, tuple[str, dict[str, Any]]] = {
            "app_password": (own + "/app-passwords", {"name": "mail program"}),
            "token": (own + "/message-tokens", {"name": "assistant", "scopes": ["messages:read"]}),
            "device": ("/drive/devices", {"mailbox_id": number, "name": "laptop"}),
            "delegate": ("/shared-mailboxes", shared),
            "rule": (own + "/rules", rule),
        }
        if kind == "delegate":
            other = self.sandbox.mailbox(domain, "other", password=PASSWORD)["id"]
            shared["member_mailbox_ids"] = [number, other]
        if kind == "token":
            self.sandbox.call("POST", own + "/enable-imap", {"password": PASSWORD})
        answer = self.sandbox.call("POST", *calls[kind])
        assert answer.status_code == 201, answer.text


class ModoboaGround(HttpGround):
    """With Dovecot beside it. Its own limit of requests is lifted, except where a test is about it."""

    driver = DRIVERS["modoboa"]
    path = "/api/v2"

    def __init__(self, platform: ModoboaPlatform) -> None:
        super().__init__()
        self.platform = platform
        self.token = platform.token
        self.limited = False
        self._redis: socket.socket | None = None
        self._lock = threading.Lock()
        self.proxy = proxies.Proxy(platform.modoboa.url, self._before)
        self.print_passwords(False)

    def _before(self) -> None:
        """Give every caller a fresh budget, on a connection that stays: this comes before each request."""
        if self.limited:
            return
        with self._lock:
            if self._redis is None:
                self._redis = socket.create_connection(("127.0.0.1", self.platform.modoboa.redis.port), 10)
            self._redis.sendall(_FORGET)
            self._redis.recv(1024)

    def stop(self) -> None:
        super().stop()
        if self._redis is not None:
            self._redis.close()

    def print_passwords(self, on: bool, *, only_first: bool = True) -> None:
        """Have Modoboa write passwords into documents, which is what it does when nobody has said otherwise."""
        path, call = "/parameters/global/pdfcredentials/", self.platform.modoboa.call
        found = call("GET", path)["params"]
        folder = self.platform.folder / "documents"
        folder.mkdir(exist_ok=True)
        found["storage_dir"] = str(folder)
        # PUT wants the whole object, and a value where GET has none
        found["webpanel_url"] = found["webpanel_url"] or "https://mail.agency.example/"
        call("PUT", path, {**found, "enabled_pdfcredentials": on, "generate_at_creation": only_first})

    def _beside(self) -> dict[str, Any]:
        return {"doveadm_url": self.platform.doveadm_url, "doveadm_key": self.platform.doveadm_key}

    def domain(self) -> str:
        return str(self.platform.make_domain(self.new_name())["name"])

    def mailbox(self, address: str) -> None:
        self.platform.make_mailbox(address, PASSWORD)

    def owner_comes(self, address: str, password: str) -> None:
        self.platform.owner_sets_password(address, password)
        # Modoboa tells whole seconds, so a login in the second of the invite would seem to be before it.
        time.sleep(1.1)
        self.platform.imap(address, password).logout()

    def lets_in(self, address: str, password: str) -> bool:
        return self.platform.can_login(address, password)

    def tidy(self) -> None:
        self.platform.clean()

    def log_in(self, address: str, password: str) -> imaplib.IMAP4:
        return self.platform.imap(address, password)
