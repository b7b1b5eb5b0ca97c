# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP session with a provider: retries that are safe, waits that are shared, errors a person can read.

Rules: design §4.10; contract of the first provider: its API document, sections 1, 4, 5 and 6.
"""

from __future__ import annotations

import collections
import random
import threading
import time
import typing as t
import uuid
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import (
    Answer,
    clean,
    error_of,
    never_connected,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.pace import Pacer

try:
    import requests
    from requests.adapters import HTTPAdapter

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

READS = frozenset(("GET", "HEAD"))
ATTEMPTS = 5
BACKOFF_SECONDS = 0.5
BACKOFF_LIMIT_SECONDS = 20.0
# Retries of the whole session: ten, and one more for every ten requests, so that an outage is not hammered.
BUDGET_START = 10.0
BUDGET_SHARE = 0.1

_RETRY_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))


class HttpClient:
    """Sends requests to one account.

    :param read_only: check mode: any method but GET and HEAD is refused (design §4.3).
    :raises Refused: for an URL that would send the token in clear, or when ``requests`` is missing.
    """

    def __init__(
        self, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str = "mailops.email"
    ) -> None:
        if not HAS_REQUESTS:
            raise Refused("library_missing", "The Python library requests is missing.", "pip install 'requests>=2.31'")
        _check_url(connection.api_url)
        self.connection = connection
        self.counts: collections.Counter[str] = collections.Counter()
        self._base = connection.api_url.rstrip("/")
        self._read_only = read_only
        self._progress = progress
        self._pacer = Pacer(connection.pace_dir, self._base, connection.requests_per_minute)
        self._budget = BUDGET_START
        self._lock = threading.Lock()
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=max(4, connection.concurrency))
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.verify = (connection.ca_path or True) if connection.validate_certs else False
        self._session.headers.update({"Accept": "application/json", "User-Agent": user_agent})
        # An auth object, not a header: a netrc file would replace a header, a redirect would carry it on.
        self._session.auth = _Bearer(connection.api_token)

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, **params: t.Any) -> Answer:
        return self.call("GET", path, params={key: value for key, value in params.items() if value is not None})

    def call(
        self,
        method: str,
        path: str,
        *,
        json: t.Any = None,
        params: t.Mapping[str, t.Any] | None = None,
        key: str = "",
        headers: t.Mapping[str, str] | None = None,
        repeatable: bool = False,
        row_results: bool = False,
    ) -> Answer:
        """One logical request with its retries.

        :param key: idempotency key; the same for every attempt. A write with one may be retried after a lost answer.
        :param repeatable: the write sets a whole value, so that doing it twice is doing it once.
        :param row_results: a 422 that lists results by row is an answer, not an error.
        :raises ProviderError: with ``in_doubt`` when a write may have been carried out.
        """
        if self._read_only and method not in READS:
            raise ProviderError("check_mode_write", "%s %s was refused in check mode." % (method, path))
        safe = method in READS or bool(key) or repeatable
        extra = {"X-Request-Id": str(uuid.uuid4())}
        if key:
            extra["Idempotency-Key"] = key
        extra.update(headers or {})
        ends = time.monotonic() + self.connection.deadline
        lost = False
        attempt = 0
        while True:
            attempt += 1
            error, wait = None, 0.0
            self._pause(ends)
            try:
                answer = self._send(method, path, json, params, extra)
            except ProviderError as failure:
                error = failure
            else:
                error = error_of(method, path, answer, self.connection.api_token, row_results)
                if error is None:
                    answer.attempts = attempt
                    return answer
            error.attempts = attempt
            lost = lost or error.in_doubt
            wait = self._wait_before_retry(error, attempt, safe, ends)
            if wait < 0:
                # A refusal of a retry says nothing of the attempt whose answer was lost.
                error.in_doubt = lost and method not in READS
                raise error
            if wait:
                self._progress.waiting(error.message, wait)
                time.sleep(wait)

    def _send(self, method: str, path: str, json: t.Any, params: t.Any, headers: t.Mapping[str, str]) -> Answer:
        with self._lock:
            self.counts[method] += 1
            self._budget = min(BUDGET_START, self._budget + BUDGET_SHARE)
        where = "%s %s" % (method, path)
        try:
            response = self._session.request(
                method,
                self._base + path,
                json=json,
                params=params,
                headers=dict(headers),
                timeout=self.connection.timeout,
                allow_redirects=False,
            )
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise _unreachable(where, error) from error
        except requests.exceptions.Timeout as error:
            raise ProviderError(
                "timeout", "%s: no answer within %g s." % (where, self.connection.timeout), in_doubt=True
            ) from error
        except requests.exceptions.ConnectionError as error:
            if never_connected(error):
                raise _unreachable(where, error) from error
            raise ProviderError("connection_lost", "%s: the connection broke." % where, in_doubt=True) from error
        except requests.exceptions.RequestException as error:
            raise ProviderError("connection_lost", "%s: the answer broke off." % where, in_doubt=True) from error
        return self._decode(where, response)

    def _decode(self, where: str, response: t.Any) -> Answer:
        body = None
        if response.content:
            try:
                body = response.json()
            except ValueError as error:
                if 200 <= response.status_code < 300:
                    raise ProviderError(
                        "no_json",
                        "%s: the answer is no JSON." % where,
                        "Is api_url right, and is a proxy in between?",
                        in_doubt=True,
                    ) from error
        header = response.headers.get("Retry-After", "")
        return Answer(
            response.status_code,
            body,
            self._request_id(body, response),
            replayed=response.headers.get("X-Idempotency-Replayed") == "true",
            retry_after=float(header) if header.isdigit() else None,
        )

    def _request_id(self, body: t.Any, response: t.Any) -> str:
        error = body.get("error") if isinstance(body, dict) else None
        given = error.get("request_id") if isinstance(error, dict) else None
        return self.clean(given or response.headers.get("X-Request-Id"), 80)

    def _wait_before_retry(self, error: ProviderError, attempt: int, safe: bool, ends: float) -> float:
        """Seconds to wait before another attempt, or -1 when there must be none."""
        if not error.retryable or error.code == "tls_failed":
            return -1
        if error.status and error.status not in _RETRY_STATUS:
            return -1
        if attempt >= ATTEMPTS and error.status != 429:
            return -1
        if error.in_doubt and not safe:
            return -1
        left = ends - time.monotonic()
        asked = error.retry_after
        if error.status == 429:
            wait = asked if asked is not None else _backoff(attempt)
            if wait > left:
                error.hint = "The provider asks to wait %d s, longer than the deadline; run again then." % wait
                return -1
            self._pacer.hold(wait)
            self._progress.waiting("the provider asks for a pause", wait)
            return 0.0
        with self._lock:
            if self._budget < 1:
                error.hint = error.hint or "The provider fails too often for more retries; run again later."
                return -1
            self._budget -= 1
        wait = max(_backoff(attempt), asked or 0)
        return wait if wait < left else -1

    def _pause(self, ends: float) -> None:
        while True:
            wait = self._pacer.delay()
            if wait <= 0:
                return
            if time.monotonic() + wait > ends:
                raise ProviderError("rate_limited", "The provider's pause is longer than the deadline.", status=429)
            time.sleep(wait)
            if self.connection.requests_per_minute:
                return

    def clean(self, text: t.Any, limit: int = 200) -> str:
        """Provider text made fit to show."""
        return clean(text, self.connection.api_token, limit)


class _Bearer:
    """Sets the bearer token on each request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: t.Any) -> t.Any:
        request.headers["Authorization"] = "Bearer " + self._token
        return request


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return
    raise Refused(
        "api_url",
        "api_url %r would send the token in clear." % (url,),
        "Use https://; plain http is only for a sandbox on this machine.",
    )


def _unreachable(where: str, error: Exception) -> ProviderError:
    if isinstance(error, requests.exceptions.SSLError):
        return ProviderError(
            "tls_failed", "%s: the server's certificate was not accepted." % where, "Set ca_path to the CA's file."
        )
    return ProviderError("unreachable", "%s: no connection." % where, "Check api_url and the network.")


def _backoff(attempt: int) -> float:
    # Jitter, not a secret.
    return random.uniform(0.1, min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2**attempt))  # noqa: S311
