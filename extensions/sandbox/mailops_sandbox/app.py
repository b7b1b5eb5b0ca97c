# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the route tables together to one ASGI application."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import Mount, Route, Router

from . import control, owner_pages
from .answers import Answer, json_bytes, send_answer
from .core import Core
from .errors import ApiError
from .gateway import Gateway, request_id_of
from .routes import ROUTES

_LOCAL = ("127.0.0.1", "localhost", "::1")


class Missing:
    """404 and 405 below /api/v1, in the API's envelope."""

    def __init__(self, core: Core) -> None:
        self.core = core

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        known = scope.get("mailops.known_path", False)
        exc = ApiError(
            "method_not_allowed" if known else "not_found", f"{scope['method']} {scope['path']} does not exist."
        )
        request_id = request_id_of(headers)
        with self.core.store.transaction():
            self.core.store.count("request unknown", f"status {exc.status}")
        await send_answer(
            send, Answer(exc.status, json_bytes(exc.body(request_id, self.core.switches)), {"x-request-id": request_id})
        )


class ApiRoute(Route):
    """A route whose wrong method ends in the envelope of Missing."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        if self.methods and scope["method"] not in self.methods:
            scope["mailops.known_path"] = True
            await scope["mailops.missing"](scope, receive, send)
            return
        await self.app(scope, receive, send)


class LocalOnly:
    """Refuses requests under a foreign host name or from a foreign page: a browser on this machine must not be led here."""

    def __init__(self, app: Any, missing: Missing) -> None:
        self.app = app
        self.missing = missing

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        host = urlsplit("//" + headers.get(b"host", b"localhost").decode("latin-1")).hostname
        origin = headers.get(b"origin", b"").decode("latin-1")
        # the setup page's policy makes a browser send "null" with its own form
        foreign = origin and urlsplit(origin).hostname not in _LOCAL
        if origin == "null" and scope["path"].startswith("/setup/"):
            foreign = False
        if host not in _LOCAL or foreign:
            await send_answer(send, Answer(421, json_bytes({"error": "this sandbox answers on loopback names only"})))
            return
        scope["mailops.missing"] = self.missing
        await self.app(scope, receive, send)


def build(core: Core) -> LocalOnly:
    """Return the application of one core."""
    missing = Missing(core)
    api = Router(
        [ApiRoute(row.path, Gateway(core, row), methods=[row.method], name=row.name) for row in ROUTES],
        redirect_slashes=False,
        default=missing,
    )
    app = Starlette(
        routes=[
            Mount("/api/v1", app=api),
            Mount("/_sandbox", routes=control.routes(core)),
            *owner_pages.routes(core),
        ]
    )
    return LocalOnly(app, missing)
