# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner's setup page: the only place where the lasting password of an invited mailbox is typed."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .clock import iso
from .control_mail import Closed, accept
from .core import Core
from .credentials import digest, password_problem

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
_WORDS = {
    "redeemed": ("This link has been used", "The mailbox is set up. Sign in with the password you chose."),
    "expired": ("This link has expired", "Ask the person who invited you for a new link."),
    "cancelled": ("This invitation was withdrawn", "Ask the person who invited you if you still need the mailbox."),
    "unknown": ("This link does not work", "Check that you copied all of it, or ask for a new one."),
    "domain_gone": (
        "This mailbox cannot be set up",
        "Its domain no longer takes mailboxes. Ask the person who invited you.",
    ),
    "already_exists": ("This address is in use", "Ask the person who invited you for another address."),
}


def _page(name: str, status: int, **values: Any) -> Response:
    nonce = secrets.token_urlsafe(16)
    html = _TEMPLATES.get_template(name).render(nonce=nonce, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",  # the address of this page is a secret
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
    return HTMLResponse(html, status, headers)


def _dead(word: str, status: int) -> Response:
    title, text = _WORDS[word]
    return _page("closed.html", status, title=title, text=text, calm=word == "redeemed")


class SetupPage:
    """GET shows the form, POST takes the password."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def _form(
        self, invite: Any, status: int = 200, errors: dict[str, str] | None = None, local_part: str | None = None
    ) -> Response:
        expires = (iso(invite["expires_at"]) or "").replace("T", " ").replace("Z", "")[:16]
        return _page(
            "setup.html", status, email=invite["email"], domain=invite["email"].rpartition("@")[2], local_part=local_part or invite["local_part"],
            free=self.core.switches["invite_local_part"] == "owner_choice", expires=expires, errors=errors or {},
        )  # fmt: skip

    def _invite(self, request: Request) -> Any:
        self.core.sweep(int(self.core.clock.now()))
        return self.core.store.one("SELECT * FROM invite WHERE link_digest = ?", digest(request.path_params["token"]))

    async def get(self, request: Request) -> Response:
        """Show the form of a pending invite; 410 when the link is dead, 404 when it never lived."""
        invite = self._invite(request)
        if invite is None:
            return _dead("unknown", 404)
        if invite["status"] != "pending":
            return _dead(invite["status"], 410)
        return self._form(invite)

    async def post(self, request: Request) -> Response:
        """Create the mailbox and show the recovery code, once."""
        form = await request.form(max_files=0, max_fields=10)
        invite = self._invite(request)
        if invite is None:
            return _dead("unknown", 404)
        if invite["status"] != "pending":
            return _dead(invite["status"], 410)
        password, again = str(form.get("password", "")), str(form.get("password_again", ""))
        local_part = str(form.get("local_part") or invite["local_part"]).strip().lower()
        problem = password_problem(password)
        errors = {}
        if problem:
            errors["password"] = f"Your password {problem}."
        elif password != again:
            errors["password_again"] = "The two passwords differ. Type the same password twice."  # noqa: S105 - a message
        if errors:
            return self._form(invite, 422, errors, local_part)
        try:
            with self.core.store.transaction():
                made = accept(self.core, invite, password, local_part)
        except ValueError as exc:
            return self._form(
                invite, 422, {"local_part": str(exc).removeprefix("local_part ").capitalize() + "."}, local_part
            )
        except Closed as exc:
            if exc.word == "already_exists" and self.core.switches["invite_local_part"] == "owner_choice":
                return self._form(invite, 409, {"local_part": "This address is in use. Choose another."}, local_part)
            return _dead(exc.word, exc.status)
        return _page("done.html", 201, email=made["email"], code=made["recovery_code"], pooled=made["pooled"])


def routes(core: Core) -> list[Route]:
    """Return the routes of the owner's pages."""
    page = SetupPage(core)
    return [
        Route("/setup/{token}", page.get, methods=["GET"]),
        Route("/setup/{token}", page.post, methods=["POST"]),
    ]
