# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request: fault, latency, token, scope, limits, key, handler in one transaction, counters, answer."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any
from urllib.parse import parse_qsl

from . import auth, idempotency, limits, transport
from .context import REQUIRED, Ctx, Endpoint, Reply
from .core import Core
from .errors import ApiError
from .faults import Fault

MAX_BODY = 4 * 1024 * 1024
_LOG = logging.getLogger("mailops_sandbox")
_HTML = "<html><head><title>{0} Bad Gateway</title></head><body><center><h1>{0} Bad Gateway</h1></center></body></html>"


class Answer:
    """What leaves: status, bytes, headers."""

    __slots__ = ("status", "content", "headers")

    def __init__(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.content = content
        self.headers = headers or {}


def json_bytes(body: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def read_body(receive: Any, limit: int = MAX_BODY) -> bytes | None:
    """Return the whole body, or None when it is above ``limit`` bytes or the client left."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if size <= limit else None


async def send_answer(send: Any, answer: Answer) -> None:
    """Send an answer with its length."""
    headers = [(k.encode(), v.encode()) for k, v in answer.headers.items()]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.content)).encode()))
    if answer.content and "content-type" not in answer.headers:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


def request_id_of(headers: dict[str, str]) -> str:
    """Return the client's X-Request-Id when it is usable, else a fresh one."""
    given = headers.get("x-request-id", "")
    return given if 0 < len(given) <= 128 and given.isascii() and given.isprintable() else str(uuid.uuid4())


class Gateway:
    """ASGI endpoint for one row of a route table."""

    def __init__(self, core: Core, endpoint: Endpoint) -> None:
        self.core = core
        self.endpoint = endpoint

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        core = self.core
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        request_id = request_id_of(headers)
        path = scope["path"][len("/api/v1") :]
        raw = await read_body(receive)
        fault = core.faults.take(scope["method"], path)
        claim = self._claim(headers)
        busy = claim is not None and claim in core.in_flight
        if fault is not None and fault.when == "before_commit" and fault.kind != "slow":
            self._count(None, fault_hit=True)
            await self._act(fault, None, request_id, scope, receive, send)
            return
        if claim is not None and not busy:
            core.in_flight.add(claim)
        try:
            delay = core.latency_ms / 1000 + (fault.seconds if fault and fault.when == "before_commit" else 0)
            if delay:
                await self._pause(delay)
            answer = self._process(scope, headers, path, raw, request_id, busy)
        finally:
            if claim is not None and not busy:
                core.in_flight.discard(claim)
        if fault is not None and fault.when == "after_commit":
            await self._act(fault, answer, request_id, scope, receive, send)
        else:
            await send_answer(send, answer)

    def _claim(self, headers: dict[str, str]) -> tuple[str, str, str] | None:
        key = headers.get("idempotency-key")
        if not key or not self.endpoint.key or self.core.switches["idempotency_in_flight"] == "run":
            return None
        return headers.get("authorization", ""), self.endpoint.name, key

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.core.stopping.wait(), seconds)
        except asyncio.TimeoutError:
            return

    # the change itself; no await from here to the commit

    def _process(
        self, scope: dict[str, Any], headers: dict[str, str], path: str, raw: bytes | None, request_id: str, busy: bool
    ) -> Answer:
        core = self.core
        try:
            core.sweep(int(core.clock.now()))
            with core.store.transaction():
                answer, reply = self._handle(scope, headers, path, raw, request_id, busy)
                if reply is not None and reply.status >= 400 and not reply.wrote:
                    self._count_in(answer.status, False, False)
                else:
                    self._count_in(answer.status, reply is not None, reply is None)
            if reply is not None and self.endpoint.method != "GET":
                core.store.cache.clear()
            return answer
        except limits.CooldownStarts as exc:
            with core.store.transaction():
                limits.start_cooldown(core, exc.token_id, core.clock.now())
            return self._refused(exc, request_id)
        except ApiError as exc:
            return self._refused(exc, request_id)
        except Exception:  # noqa: BLE001 - a defect of ours still answers in the envelope
            _LOG.exception("%s failed", self.endpoint.name)
            return self._refused(ApiError("internal_error", "The sandbox failed; its log says why."), request_id)

    def _handle(
        self, scope: dict[str, Any], headers: dict[str, str], path: str, raw: bytes | None, request_id: str, busy: bool
    ) -> tuple[Answer, Reply | None]:
        """Return the answer, and the handler's reply unless the answer is a replay."""
        core, endpoint = self.core, self.endpoint
        now = core.clock.now()
        gated = core.switches["plan_gates_scopes"]
        token = auth.authenticate(core.store, headers.get("authorization"), now)
        core.limiter.hit(token.id, "all", core.switches["rate_limit_per_minute"], 60, now)
        auth.require(token, endpoint.scope, core.plan, gated)
        if endpoint.sets_password:
            auth.require_password_permission(token)
        body = self._body(raw)
        key = None
        if endpoint.key:
            key = idempotency.check_key(
                headers.get("idempotency-key"), endpoint.key == REQUIRED and core.switches["idempotency_key_required"]
            )
        print_ = ""
        if key is not None:
            if busy:
                raise ApiError(
                    "idempotency_in_progress", "The first request with this key is still running.", retry_after=1
                )
            print_ = idempotency.fingerprint(endpoint.method, path, body)
            since = now - core.switches["idempotency_hours"] * 3600
            kept = idempotency.lookup(core.store, token.id, endpoint.name, key, print_, since)
            if kept is not None:
                return Answer(
                    kept[0], kept[1].encode(), {"x-request-id": request_id, "x-idempotency-replayed": "true"}
                ), None
        if endpoint.destructive:
            core.limiter.hit(token.id, "destructive", core.switches["destructive_per_hour"], 3600, now)
        params = scope["path_params"]
        if any(isinstance(v, int) and not 0 < v < 2**53 for v in params.values()):
            raise ApiError("not_found", "The id was not found.")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=False))
        reply = endpoint.handler(Ctx(core, token, params, query, body, headers))
        if key is not None and idempotency.storable(reply.status, core.switches["idempotency_stores_4xx"]):
            kept_body = reply.body if reply.replay is None else reply.replay
            idempotency.store_answer(
                core.store, token.id, endpoint.name, key, print_, reply.status, kept_body, int(now)
            )
        content = b"" if reply.body is None else json_bytes(reply.body)
        return Answer(reply.status, content, {"x-request-id": request_id}), reply

    def _body(self, raw: bytes | None) -> dict[str, Any]:
        if raw is None:
            raise ApiError("validation_error", f"The body is larger than {MAX_BODY} bytes.", status=413)
        if not raw.strip() or self.endpoint.method == "GET":
            return {}
        try:
            body = json.loads(raw)
        except ValueError:
            raise ApiError("validation_error", "The body is not valid JSON.") from None
        if isinstance(body, list) and not body:  # PHP clients send [] for an empty object
            return {}
        if not isinstance(body, dict):
            raise ApiError("validation_error", "The body must be a JSON object.")
        return body

    def _refused(self, exc: ApiError, request_id: str) -> Answer:
        self._count(exc)
        headers = {"x-request-id": request_id, **exc.headers(self.core.switches)}
        return Answer(exc.status, json_bytes(exc.body(request_id, self.core.switches)), headers)

    # counters (exact: the count is part of the transaction of the change)

    def _count_in(self, status: int, ran: bool, replayed: bool) -> None:
        names = ["request " + self.endpoint.name, f"status {status}"]
        if self.endpoint.method != "GET":
            if ran:
                names += ["writes", "write " + self.endpoint.name]
            elif replayed:
                names.append("replayed")
        self.core.store.count(*names)

    def _count(self, exc: ApiError | None, fault_hit: bool = False) -> None:
        names = ["request " + self.endpoint.name]
        if fault_hit:
            names.append("cut_before_commit")
        if exc is not None:
            names.append(f"status {exc.status}")
            if isinstance(exc, limits.CooldownError):
                names.append("refused_in_cooldown")
        with self.core.store.transaction():
            self.core.store.count(*names)

    # faults

    async def _act(
        self, fault: Fault, answer: Answer | None, request_id: str, scope: dict[str, Any], receive: Any, send: Any
    ) -> None:
        kind = fault.kind
        if kind == "slow":
            await self._pause(fault.seconds)
            await send_answer(send, answer or Answer(204, b""))
        elif kind == "reset":
            transport.reset(scope)
        elif kind == "timeout":
            await self._pause(fault.seconds)
            transport.close(scope)
        elif kind == "hang":
            gone = asyncio.ensure_future(receive())
            stop = asyncio.ensure_future(self.core.stopping.wait())
            await asyncio.wait({gone, stop}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            stop.cancel()
            transport.close(scope)
        elif kind == "html":
            page = fault.body if isinstance(fault.body, str) else _HTML.format(fault.status)
            await send_answer(send, Answer(fault.status, page.encode(), {"content-type": "text/html; charset=utf-8"}))
        elif kind == "truncated":
            whole = answer or Answer(200, json_bytes({"data": [], "message": "cut"}))
            size = max(len(whole.content), 2)
            head = [(b"content-type", b"application/json"), (b"content-length", str(size).encode())]
            await send(
                {"type": "http.response.start", "status": whole.status if whole.status != 204 else 200, "headers": head}
            )
            await send({"type": "http.response.body", "body": whole.content[: size // 2], "more_body": True})
            transport.close(scope)
        else:
            await send_answer(send, self._status_answer(fault, request_id))

    def _status_answer(self, fault: Fault, request_id: str) -> Answer:
        switches = self.core.switches
        codes = {429: "rate_limited", 500: "internal_error", 503: "service_unavailable", 401: "unauthenticated"}
        code = fault.code or codes.get(fault.status, "injected_fault")
        exc = ApiError(code, fault.message, status=fault.status, retry_after=fault.retry_after)
        body = fault.body if fault.body is not None else exc.body(request_id, switches)
        content = body.encode() if isinstance(body, str) else json_bytes(body)
        return Answer(fault.status, content, {"x-request-id": request_id, **exc.headers(switches)})
