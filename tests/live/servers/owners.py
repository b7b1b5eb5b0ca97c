# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an owner does with what the provider sent: open the link, type a password twice."""

from __future__ import annotations

import html
import re
import time

import requests

from .modoboa import Modoboa
from .processes import ServerError, wait_until
from .sink import Sink

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _browser() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _wrong(page: requests.Response) -> str:
    """Return the messages of a form that came back."""
    found = re.findall(r'class="(?:error-message|wrong)"[^>]*>(.*?)</p>', page.text, re.DOTALL)
    return " ".join(html.unescape(" ".join(re.sub(r"<[^>]+>", " ", one).split())) for one in found)


class ModoboaOwner:
    """Modoboa has no invites; its password recovery by mail is the owner's way in (`/accounts/password_reset/`)."""

    def __init__(self, modoboa: Modoboa, sink: Sink) -> None:
        self.modoboa = modoboa
        self.sink = sink
        self._used: set[str] = set()

    def forgot(self, address: str) -> None:
        """Fill in the "forgot password" page. Modoboa says the same whether or not a mail was sent."""
        with _browser() as browser:
            url = self.modoboa.url + "/accounts/password_reset/"
            answer = self._post(browser, browser.get(url, timeout=30), email=address)
            if not answer.url.endswith("/accounts/password_reset/done/"):
                raise ServerError(f"no recovery for {address}: {answer.status_code} {_wrong(answer)}")

    def link(self, address: str, seconds: float = 10) -> str:
        """Wait for a recovery mail about ``address`` whose link was not opened yet. Raises ServerError when none comes."""
        pattern = re.compile(re.escape(self.modoboa.url) + r"/reset/[\w-]+/[\w-]+/")

        def newest() -> str:
            for one in reversed(self.sink.messages()):
                found = pattern.search(one.text)
                # "… for your ann@client.example Modoboa account, click …"
                if found and found.group() not in self._used and f" {address} " in " ".join(one.text.split()):
                    return found.group()
            return ""

        if not wait_until(newest, seconds):
            raise ServerError(f"no recovery mail for {address} reached the sink")
        return newest()

    def links(self, recipient: str) -> list[str]:
        """Return the recovery links that were mailed to ``recipient``, oldest first."""
        pattern = re.compile(re.escape(self.modoboa.url) + r"/reset/[\w-]+/[\w-]+/")
        mails = [one for one in self.sink.messages() if recipient in one.recipients]
        return [found.group() for found in (pattern.search(one.text) for one in mails) if found]

    def link_works(self, link: str) -> bool:
        """Open a link as the one who got it would; say whether it asks for a password."""
        with _browser() as browser:
            return _CSRF.search(browser.get(link, timeout=30).text) is not None

    def sets_password(self, address: str, password: str, seconds: float = 10) -> None:
        """Open the link of the mail and choose ``password``. Raises ServerError when the page refuses.

        A link that is dead belongs to an earlier mail; the one that counts may still be on its way.
        """
        ends = time.monotonic() + seconds
        with _browser() as browser:
            while True:
                link = self.link(address, max(0.5, ends - time.monotonic()))
                page = browser.get(link, timeout=30)
                if _CSRF.search(page.text):
                    break
                self._used.add(link)
            answer = self._post(browser, page, new_password1=password, new_password2=password)
        if not answer.url.endswith("/reset/done/"):
            raise ServerError(f"the page did not take the password of {address}: {answer.status_code} {_wrong(answer)}")
        self._used.add(link)

    @staticmethod
    def _post(browser: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
        token = _CSRF.search(page.text)
        if page.status_code != 200 or token is None:
            raise ServerError(f"no form at {page.url}: {page.status_code}")
        return browser.post(page.url, data={"csrfmiddlewaretoken": token.group(1), **fields}, timeout=30)


def setup_page(link: str, password: str) -> None:
    """Open a setup link of the sandbox and choose ``password``. Raises ServerError when the page refuses."""
    with _browser() as browser:
        page = browser.get(link, timeout=30)
        if page.status_code != 200:
            raise ServerError(f"the setup link is dead: {page.status_code}")
        answer = browser.post(link, data={"password": password, "password_again": password}, timeout=30)
    if answer.status_code != 201:
        raise ServerError(f"the page did not take the password: {answer.status_code} {_wrong(answer)}")
