# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP session with a provider: retries that are safe, waits that are shared, errors a person can read.

Rules: design §4.10; contract of the first provider: its API document, sections 1, 4, 5 and 6.
"""

from __future__ import annotations

import collections
import math
import random
import threading
import time
import typing as t
import uuid
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import (
    LATER,
    Answer,
    Describe,
    clean,
    error_of,
    never_connected,
    never_trusted,
    passwords_in,
    retry_after_of,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.http_guard import check_connection, is_loopback
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

# A provider looks a key up before it judges the body: one of these says that the key's first request came to nothing.
_JUDGED = frozenset((400, 413, 422))


class HttpClient:
    """Sends requests to one account.

    :param read_only: check mode: any method but GET and HEAD is refused (design §4.3).
    :param scheme: word before the token, empty when the token stands alone.
    :param header: header that carries the token.
    :param describe: reads code, text and hint out of a provider's own form of error.
    :param options: what the URL and the token are called where the user sets them.
    :raises Refused: for an URL that would send the token in clear, a token that cannot be one, a CA file that is not
        there, or when ``requests`` is missing.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        read_only: bool,
        progress: Progress,
        user_agent: str = "mailops.email",
        scheme: str = "Bearer",
        header: str = "Authorization",
        describe: Describe | None = None,
        options: tuple[str, str] = ("api_url", "api_token"),
    ) -> None:
        if not HAS_REQUESTS:
            raise Refused("library_missing", "The Python library requests is missing.", "pip install 'requests>=2.31'")
        check_connection(connection, *options)
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
        # Given with each request: a variable such as REQUESTS_CA_BUNDLE would win over the session's own setting.
        self._verify = (connection.ca_path or True) if connection.validate_certs else False
        # A proxy would carry the token of a sandbox on this machine off it, in clear.
        self._session.trust_env = not is_loopback(self._base)
        self._session.headers.update({"Accept": "application/json", "User-Agent": user_agent})
        # An auth object, not a header: a netrc file would replace a header, a redirect would carry it on.
        self._session.auth = _Token(header, scheme, connection.api_token)
        self._describe = describe

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
        lost: bool = False,
        asks: bool = False,
        page: bool = False,
        form: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """One logical request with its retries.

        :param key: idempotency key; the same for every attempt. A write with one may be retried after a lost answer.
        :param repeatable: the write sets a whole value, so that doing it twice is doing it once.
        :param row_results: a 422 that lists results by row is an answer, not an error.
        :param lost: an earlier run has sent this very request, and its answer was lost.
        :param asks: a POST that only asks, in a protocol that knows no GET; allowed in check mode.
        :param page: *path* is a web page of the server's root, not of the API: no token is sent, a redirect is an answer,
            and the body is its text.
        :param form: fields of the page's form.
        :raises ProviderError: with ``in_doubt`` when a write may have been carried out.
        """
        if self._read_only and method not in READS and not asks:
            raise ProviderError("check_mode_write", "%s %s was refused in check mode." % (method, path))
        safe = method in READS or asks or bool(key) or repeatable
        extra = {"X-Request-Id": str(uuid.uuid4())}
        if key:
            extra["Idempotency-Key"] = key
        extra.update(headers or {})
        ends = time.monotonic() + self.connection.deadline
        attempt = 0
        while True:
            try:
                self._pause(ends)
                attempt += 1
                answer = self._send(method, path, json, params, extra, page, form)
            except ProviderError as failure:
                error: ProviderError | None = failure
            else:
                error = None if page and answer.status < 400 else self._error(method, path, answer, row_results)
            if error is None:
                answer.attempts, answer.after_lost = attempt, lost
                return answer
            error.attempts = attempt
            lost = lost or error.in_doubt
            wait = self._wait_before_retry(error, attempt, safe, ends)
            if wait < 0:
                judged = bool(key) and error.status in _JUDGED and error.code != "already_exists"
                # Any other refusal of a retry says nothing of the attempt whose answer was lost.
                error.in_doubt = lost and method not in READS and not asks and not judged
                raise error
            if wait:
                self._progress.waiting(error.message, wait)
                time.sleep(wait)

    def _error(self, method: str, path: str, answer: Answer, row_results: bool) -> ProviderError | None:
        told = self._describe(answer) if self._describe and not 200 <= answer.status < 300 else None
        return error_of(method, path, answer, row_results, told)

    def _send(
        self,
        method: str,
        path: str,
        json: t.Any,
        params: t.Any,
        headers: t.Mapping[str, str],
        page: bool,
        form: t.Mapping[str, str] | None,
    ) -> Answer:
        with self._lock:
            self.counts[method] += 1
            self._budget = min(BUDGET_START, self._budget + BUDGET_SHARE)
        where = "%s %s" % (method, path)
        try:
            response = self._session.request(
                method,
                (_root(self._base) if page else self._base) + path,
                json=json,
                data=form,
                params=params,
                auth=_nobody if page else None,
                headers=dict(headers),
                timeout=self.connection.timeout,
                allow_redirects=False,
                verify=self._verify,
            )
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            raise self._failure(where, error) from error
        secrets = (self.connection.api_token, *passwords_in(json))
        if page:
            return Answer(
                response.status_code,
                response.text,
                "",
                retry_after=retry_after_of(response.headers.get("Retry-After", "")),
                secrets=secrets,
                headers=response.headers,
            )
        return self._decode(where, response, secrets)

    def _failure(self, where: str, error: Exception) -> ProviderError:
        """A request that was not answered; in doubt unless it certainly never left."""
        if never_trusted(error):
            return ProviderError(
                "tls_failed",
                "%s: the server's certificate was not accepted." % where,
                "Set ca_path to the file of its authority; if it should be publicly known, ask who stands in between.",
                retryable=False,
                stop=True,
            )
        if isinstance(error, requests.exceptions.ConnectTimeout) or never_connected(error):
            return ProviderError("unreachable", "%s: no connection." % where, "Check api_url and the network.")
        if isinstance(error, requests.exceptions.Timeout):
            text = "%s: no answer within %g s." % (where, self.connection.timeout)
            return ProviderError("timeout", text, LATER, in_doubt=True)
        if isinstance(error, requests.exceptions.ConnectionError):
            return ProviderError("connection_lost", "%s: the connection broke." % where, LATER, in_doubt=True)
        if isinstance(error, requests.exceptions.RequestException) and not isinstance(error, ValueError):
            return ProviderError("connection_lost", "%s: the answer broke off." % where, LATER, in_doubt=True)
        # What the library refuses before it opens a connection: an URL, a header, a file. Its text may hold the token.
        return ProviderError(
            "not_sent",
            "%s: could not be sent, %s." % (where, type(error).__name__),
            "Check api_url and ca_path.",
            retryable=False,
            stop=True,
        )

    def _decode(self, where: str, response: t.Any, secrets: tuple[str, ...]) -> Answer:
        body = None
        if response.content:
            try:
                body = response.json()
            except (ValueError, RecursionError) as error:
                if 200 <= response.status_code < 300:
                    raise ProviderError(
                        "no_json",
                        "%s: the answer is no JSON." % where,
                        "Is api_url right, and is a proxy in between?",
                        in_doubt=True,
                    ) from error
        return Answer(
            response.status_code,
            body,
            self._request_id(body, response, secrets),
            replayed=response.headers.get("X-Idempotency-Replayed", "").lower() in ("true", "1"),
            retry_after=retry_after_of(response.headers.get("Retry-After", "")),
            secrets=secrets,
        )

    def _request_id(self, body: t.Any, response: t.Any, secrets: tuple[str, ...]) -> str:
        error = body.get("error") if isinstance(body, dict) else None
        given = error.get("request_id") if isinstance(error, dict) else None
        return clean(given or response.headers.get("X-Request-Id"), secrets, 80)

    def _wait_before_retry(self, error: ProviderError, attempt: int, safe: bool, ends: float) -> float:
        """Seconds to wait before another attempt, or -1 when there must be none."""
        if not error.retryable:
            return -1
        if attempt >= ATTEMPTS and error.status != 429:
            return -1
        if error.in_doubt and not safe:
            return -1
        left = ends - time.monotonic()
        asked = error.retry_after
        if error.status == 429:
            # Some say zero and mean soon; asking at once would be asking a thousand times.
            wait = asked if asked is not None and asked >= 1 else _backoff(attempt)
            if wait > left:
                error.hint = "The provider asks to wait %d s, longer than the deadline; run again then." % wait
                error.stop = True
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
        """Wait for our turn, and for the end of what the provider asked any fork to wait."""
        turn = self._pacer.turn()
        while True:
            held = self._pacer.held_until()
            wait = max(turn, held) - time.time()
            if wait <= 0:
                return
            if time.monotonic() + wait > ends:
                raise ProviderError(
                    "rate_limited",
                    "The next request may only be sent in %d s, after the deadline." % math.ceil(wait),
                    "Run again then, or raise deadline; the run goes on where it stopped.",
                    status=429,
                    retryable=False,
                    stop=True,
                )
            time.sleep(wait)
            if held > turn:
                turn = self._pacer.turn()  # the turns that fell into a pause are gone


class _Token:
    """Sets the token on each request."""

    def __init__(self, header: str, scheme: str, token: str) -> None:
        self._header = header
        self._value = ("%s %s" % (scheme, token)).lstrip()

    def __call__(self, request: t.Any) -> t.Any:
        request.headers[self._header] = self._value
        return request


def _nobody(request: t.Any) -> t.Any:
    """Sends no credentials."""
    return request


def _root(url: str) -> str:
    parts = urlsplit(url)
    return "%s://%s" % (parts.scheme, parts.netloc)


def _backoff(attempt: int) -> float:
    # Jitter, not a secret.
    return random.uniform(0.1, min(BACKOFF_LIMIT_SECONDS, BACKOFF_SECONDS * 2**attempt))  # noqa: S311
