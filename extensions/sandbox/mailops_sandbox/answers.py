# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leaves: an answer, its bytes, and the ways in which a fault spoils it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from . import transport
from .core import Core
from .errors import ApiError
from .faults import Fault

_HTML = "<html><head><title>{0} Bad Gateway</title></head><body><center><h1>{0} Bad Gateway</h1></center></body></html>"
_CODES = {401: "unauthenticated", 429: "rate_limited", 500: "internal_error", 503: "service_unavailable"}


class Answer:
    """Status, bytes, headers (lower case names)."""

    __slots__ = ("status", "content", "headers")

    def __init__(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.content = content
        self.headers = headers or {}


def json_bytes(body: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def send_answer(send: Any, answer: Answer) -> None:
    """Send an answer with its length."""
    headers = [(k.encode(), v.encode()) for k, v in answer.headers.items()]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.content)).encode()))
    if answer.content and "content-type" not in answer.headers:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


async def pause(core: Core, seconds: float) -> None:
    """Wait, but not longer than the server runs."""
    try:
        await asyncio.wait_for(core.stopping.wait(), seconds)
    except asyncio.TimeoutError:
        return


async def spoil(
    core: Core, fault: Fault, answer: Answer | None, request_id: str, scope: Any, receive: Any, send: Any
) -> None:
    """Answer as ``fault`` says; ``answer`` is the true one, None when the request was not run."""
    kind = fault.kind
    if kind == "slow":
        await pause(core, fault.seconds)
        await send_answer(send, answer or Answer(204, b""))
    elif kind == "reset":
        transport.reset(scope)
        await receive()
    elif kind == "timeout":
        await pause(core, fault.seconds)
        await _close(scope, receive)
    elif kind == "hang":
        await _hang(core, receive)
        await _close(scope, receive)
    elif kind == "html":
        page = fault.body if isinstance(fault.body, str) else _HTML.format(fault.status)
        await send_answer(send, Answer(fault.status, page.encode(), {"content-type": "text/html; charset=utf-8"}))
    elif kind == "truncated":
        await _truncate(answer or Answer(200, json_bytes({"data": [], "message": "cut"})), send)
        await _close(scope, receive)
    else:
        await send_answer(send, _status(core, fault, request_id))


async def _close(scope: Any, receive: Any) -> None:
    """Close and wait until it is closed, so that the server adds nothing of its own."""
    transport.close(scope)
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang(core: Core, receive: Any) -> None:
    """Wait until the client leaves or the server stops."""
    gone = asyncio.ensure_future(receive())
    stop = asyncio.ensure_future(core.stopping.wait())
    await asyncio.wait({gone, stop}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    stop.cancel()


async def _truncate(whole: Answer, send: Any) -> None:
    """Promise the whole length, send half of it."""
    size = max(len(whole.content), 2)
    head = [(b"content-type", b"application/json"), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": whole.status if whole.status != 204 else 200, "headers": head})
    await send({"type": "http.response.body", "body": whole.content[: size // 2], "more_body": True})


def _status(core: Core, fault: Fault, request_id: str) -> Answer:
    code = fault.code or _CODES.get(fault.status, "injected_fault")
    exc = ApiError(code, fault.message, status=fault.status, retry_after=fault.retry_after)
    body = fault.body if fault.body is not None else exc.body(request_id, core.switches)
    content = body.encode() if isinstance(body, str) else json_bytes(body)
    return Answer(fault.status, content, {"x-request-id": request_id, **exc.headers(core.switches)})
