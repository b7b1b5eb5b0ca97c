# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted Modoboa: listings from tables, every other answer as the test says."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scripted import TOKEN, Server

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.driver import Modoboa

FORM = "/accounts/password_reset/"
CSRF = "c" * 64
PAGE = ('<form><input type="hidden" name="csrfmiddlewaretoken" value="%s"></form>' % CSRF).encode()


def account(address: str, pk: int = 7, **more: Any) -> dict[str, Any]:
    box = {"full_address": address, "use_domain_quota": False, "quota": "512"}
    row = {"pk": pk, "username": address, "is_active": True, "first_name": "", "last_name": "", "mailbox": box}
    return {**row, "secondary_email": None, "aliases": [], "date_joined": "2026-01-01T00:00:00.5Z", **more}


def row(address: str, *recipients: str, pk: int = 1, **more: Any) -> dict[str, Any]:
    found = {"pk": pk, "address": address, "recipients": list(recipients), "enabled": True, "expire_at": None}
    return {**found, **more}


class ModoboaServer(Server):
    """``says`` sets the answers of one path, the last one for ever; ``sent`` is what was changed, as (method, path, body)."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh()

    def fresh(self) -> None:
        self.seen = []
        self.domains: list[dict[str, Any]] = [{"pk": 3, "name": "example.com", "type": "domain", "enabled": True}]
        self.accounts: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str], list[Any]] = collections.defaultdict(list)
        self.says("GET", "/api/v2/parameters/global/pdfcredentials/", (200, {"params": {}}, {}))
        self.says("GET", FORM, (200, PAGE, {"Set-Cookie": "csrftoken=%s; Path=/" % CSRF}))
        self.says("POST", FORM, (302, b"", {"Location": "/accounts/password_reset/done/"}))

    def says(self, method: str, path: str, *steps: Any) -> None:
        self.answers[method, path] = list(steps)

    def take(self) -> Any:
        """Tests send one request at a time, so the last one seen is the one to be answered."""
        method, path = self.seen[-1][:2]
        split = urlsplit(path)
        with self.lock:
            steps = self.answers.get((method, split.path))
            if steps:
                return steps.pop(0) if len(steps) > 1 else steps[0]
        listing = {"/api/v2/domains/": self.domains, "/api/v2/accounts/": self.accounts, "/api/v2/aliases/": self.rows}
        if method == "GET" and split.path in listing:
            found = self._filtered(listing[split.path], parse_qs(split.query))
            return 200, {"count": len(found), "next": None, "results": found}, {}
        return 200, {"pk": 99}, {}

    @staticmethod
    def _filtered(rows: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
        search = query.get("search", [""])[0]
        domain = "@" + query["domain"][0] if "domain" in query else ""
        # Modoboa minds no capitals either
        return [
            one
            for one in rows
            if search in one.get("username", "").lower() and one.get("address", "").lower().endswith(domain)
        ]

    @property
    def sent(self) -> list[tuple[str, str, Any]]:
        found = [(method, path, body) for method, path, dummy, body in self.seen if method not in ("GET", "HEAD")]
        return [(method, path.removeprefix("/api/v2"), body) for method, path, body in found]


def make_driver(server: Server, *, read_only: bool = False, **connection: Any) -> Modoboa:
    made = Connection(server.url + "/api/v2", TOKEN, **{"timeout": 0.25, **connection})
    return Modoboa(made, read_only=read_only, progress=Progress(), user_agent="test")


def read(driver: Modoboa, *domains: str) -> Modoboa:
    """What every task reads before it plans."""
    driver.observe("domain", ())
    driver.observe("mailbox", domains or ("example.com",))
    return driver


def one(driver: Modoboa, kind: str, verb: str, key: str, after: Any = None, **more: Any) -> Result:
    (result,) = driver.apply([operation(kind, verb, key, after, **more)], "key")
    return result


def operation(kind: str, verb: str, key: str, after: Any = None, **more: Any) -> Operation:
    return Operation(0, kind, verb, key, kind + ".changed", more.pop("before", None), after, **more)


def codes(results: Sequence[Result]) -> list[str]:
    return [result.error.code if result.error else "" for result in results]
