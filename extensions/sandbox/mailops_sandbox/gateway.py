# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request: fault, latency, token, scope, limits, key, handler in one transaction, counters, answer."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any
from urllib.parse import parse_qsl

from . import auth, idempotency, limits
from .answers import Answer, json_bytes, pause, send_answer, spoil
from .context import REQUIRED, Ctx, Endpoint, Reply
from .core import Core
from .errors import ApiError
from .faults import NEVER_RUN

MAX_BODY = 4 * 1024 * 1024
_LOG = logging.getLogger("mailops_sandbox")


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
        early = fault is not None and fault.when == "before_commit"
        if fault is not None and early and fault.kind in NEVER_RUN:
            self._count(None, fault_hit=True)
            await spoil(core, fault, None, request_id, scope, receive, send)
            return
        if claim is not None and not busy:
            core.in_flight.add(claim)
        try:
            delay = core.latency_ms / 1000 + (fault.seconds if fault and early and fault.kind == "slow" else 0)
            if delay:
                await pause(core, delay)
            answer = self._process(scope, headers, path, raw, request_id, busy)
            if fault is not None and fault.kind == "duplicate":
                answer = self._process(scope, headers, path, raw, request_id, busy)
        finally:
            if claim is not None and not busy:
                core.in_flight.discard(claim)
        if fault is not None and fault.kind == "stale":
            await send_answer(
                send, fault.remembered(scope["raw_path"] + b"?" + scope["query_string"], answer, core.clock.now())
            )
        elif fault is not None and not early and fault.kind != "duplicate":
            await spoil(core, fault, answer, request_id, scope, receive, send)
        else:
            await send_answer(send, answer)

    def _claim(self, headers: dict[str, str]) -> tuple[str, str, str] | None:
        key = headers.get("idempotency-key")
        if not key or not self.endpoint.key or self.core.switches["idempotency_in_flight"] == "run":
            return None
        return headers.get("authorization", ""), self.endpoint.name, key

    # the change itself; no await from here to the commit

    def _process(
        self, scope: dict[str, Any], headers: dict[str, str], path: str, raw: bytes | None, request_id: str, busy: bool
    ) -> Answer:
        core = self.core
        try:
            core.sweep(int(core.clock.now()))
            with core.store.transaction():
                answer, reply = self._handle(scope, headers, path, raw, request_id, busy)
                if reply is not None and not reply.wrote:
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
        except UnicodeEncodeError:
            return self._refused(
                ApiError("validation_error", "A text holds a code point that UTF-8 cannot carry."), request_id
            )
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
        if endpoint.method != "GET" and reply.wrote:
            sql = "INSERT INTO history (token_id, route, path, key, status, at) VALUES (?, ?, ?, ?, ?, ?)"
            core.store.run(sql, token.id, endpoint.name, path, key, reply.status, int(now))
        content = b"" if reply.body is None else json_bytes(reply.body)
        return Answer(reply.status, content, {"x-request-id": request_id}), reply

    def _body(self, raw: bytes | None) -> dict[str, Any]:
        if raw is None:
            raise ApiError("validation_error", f"The body is larger than {MAX_BODY} bytes.", status=413)
        if not raw.strip() or self.endpoint.method == "GET":
            return {}
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
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
