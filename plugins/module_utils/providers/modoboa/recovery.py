# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modoboa's own password recovery: it mails a one-time link to the recovery address of an account.

It is a form of the web interface and no part of the API. The server answers the same whether a mail went out or not, and
takes a dozen requests an hour from one address unless its settings say otherwise (``password_recovery_request``).
"""

from __future__ import annotations

import re
import threading

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer

PATH = "/accounts/password_reset/"
# How long Django keeps a link alive, unless PASSWORD_RESET_TIMEOUT says otherwise.
LINK_HOURS = 72
_TOKEN = re.compile(r"name=[\"']csrfmiddlewaretoken[\"'][^>]*value=[\"']([A-Za-z0-9]{16,128})[\"']")
# By hand: a cookie that is marked Secure would be kept from a test server on this machine.
_COOKIE = re.compile(r"\bcsrftoken=([A-Za-z0-9]{16,128})")


class Recovery:
    """Asks for recovery links; the form's token is fetched once."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._lock = threading.Lock()
        self._form: tuple[str, str] | None = None

    def send(self, address: str) -> Answer:
        """Have a link mailed to the recovery address of *address*.

        :raises ProviderError: ``recovery_failed``, ``rate_limited``, or what the transport says.
        """
        with self._lock:
            if self._form is None:
                self._form = self._open()
            token, cookie = self._form
        root = self._http.connection.api_url.split("/api/", 1)[0]
        answer = self._http.call(
            "POST",
            PATH,
            page=True,
            form={"email": address, "csrfmiddlewaretoken": token},
            headers={"Cookie": "csrftoken=" + cookie, "Referer": root + PATH},
            repeatable=True,  # a second mail holds a link of the same account
        )
        if answer.status != 302 or not answer.headers.get("Location", "").rstrip("/").endswith("/done"):
            raise _failed(address, "did not send its link by mail (status %d)" % answer.status)
        return answer

    def _open(self) -> tuple[str, str]:
        answer = self._http.call("GET", PATH, page=True)
        found = _TOKEN.search(answer.body if isinstance(answer.body, str) else "")
        cookie = _COOKIE.search(answer.headers.get("Set-Cookie", ""))
        if answer.status != 200 or not found or not cookie:
            raise _failed("all", "has no form at %s (status %d)" % (PATH, answer.status))
        return found.group(1), cookie.group(1)


def _failed(address: str, why: str) -> ProviderError:
    return ProviderError(
        "recovery_failed",
        "%s: Modoboa's password recovery %s." % (address, why),
        "Is recovery by e-mail on (not by SMS), and is the web interface at the root of api_url's server?",
        retryable=False,
    )
