# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches of JSON over HTTP: taken when the receiver says 2xx, idempotent by the events' ids."""

from __future__ import annotations

import email.utils
import hashlib
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection
from ansible_collections.mailops.email.plugins.module_utils.providers.http_guard import check_connection
from ansible_collections.mailops.email.plugins.module_utils.version import VERSION
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Item, Sink, SinkError, is_absent

try:
    import requests
except ImportError:  # pragma: no cover
    requests = None  # type: ignore[assignment]

_MANY = 413
# What may be over by itself.
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))


def check_url(url: str, option: str, token: str, ca: str) -> None:
    """As for a provider: https, or a server on this machine; nothing in it that two readers would read differently.

    :raises Refused: naming *option*.
    """
    try:
        # Without a token there is none to be wrong.
        check_connection(Connection(api_url=url, api_token=token or "none", ca_path=ca), option, option + " token")
    except MailopsError as error:
        if error.code == "ca_path":
            raise Refused("export_tls", "export_ca %s does not exist." % ca, "Name a file in PEM form.") from error
        raise


class Http(Sink):
    """An endpoint that takes ``POST`` of a JSON array, or of one JSON object a line.

    :param lines: ``application/x-ndjson`` in place of an array.
    :raises Refused: ``http_url``, ``export_tls``, ``library_missing``.
    """

    name = "http"

    def __init__(
        self, url: str, token: str = "", ca: str = "", cert: str = "", key: str = "", lines: bool = False
    ) -> None:
        if requests is None:
            raise Refused("library_missing", "The Python library requests is missing.", "pip install 'requests>=2.31'")
        check_url(url, "http_url", token, ca)
        self.target = url
        self._lines = lines
        self._session = session_of(token, ca, cert, key)

    def close(self) -> None:
        self._session.close()

    def send(self, items: t.Sequence[Item], seconds: float) -> None:
        ends = time.monotonic() + seconds
        status, wait, why = self._post(items, ends)
        if 200 <= status < 300:
            return
        if status == _MANY and len(items) > 1:
            half = len(items) // 2
            self.send(items[:half], ends - time.monotonic())
            self.send(items[half:], ends - time.monotonic())
            return
        raise SinkError(why, final=status not in _PASSING, wait=wait)

    def _post(self, items: t.Sequence[Item], ends: float) -> tuple[int, float | None, str]:
        data = [item.data for item in items]
        body = b"".join(one + b"\n" for one in data) if self._lines else b"[" + b",".join(data) + b"]"
        # The same batch has the same key, whichever run sends it.
        ids = "\n".join(item.record.id for item in items)
        headers = {
            "Content-Type": "application/x-ndjson" if self._lines else "application/json",
            "Idempotency-Key": hashlib.sha256(ids.encode("utf-8")).hexdigest(),
        }
        left = max(0.1, ends - time.monotonic())
        with self._session.post(self.target, data=body, headers=headers, timeout=(left, left), stream=True) as answer:
            return answer.status_code, retry_after(answer.headers), "it answers %d" % answer.status_code


def session_of(token: str, ca: str, cert: str, key: str) -> t.Any:
    """A session that verifies, follows nobody elsewhere, and takes no password from its surroundings.

    What goes wrong is a `SinkError` of one kind: who retries is the courier alone.
    """

    class Session(requests.Session):
        # Kept for those who are between us and the session, and hide what went wrong.
        failure: SinkError | None = None

        def merge_environment_settings(
            self, url: t.Any, proxies: t.Any, stream: t.Any, verify: t.Any, cert: t.Any
        ) -> t.Any:
            # Else a bundle that the environment names would go before the one that was given.
            return super().merge_environment_settings(url, proxies, stream, ca or verify, cert)

        def send(self, request: t.Any, **how: t.Any) -> t.Any:
            try:
                return super().send(request, **{**how, "allow_redirects": False})
            except requests.exceptions.RequestException as error:
                tls = isinstance(error, requests.exceptions.SSLError)
                text = ("TLS with it fails: " if tls else "") + _short(error)
                self.failure = SinkError(text, final=tls, absent=is_absent(error))
                raise self.failure from error

    session = Session()
    session.headers["User-Agent"] = "mailops.email/" + VERSION
    session.verify = ca or True
    if cert:
        session.cert = (cert, key) if key else cert
    session.auth = _Bearer(token)
    return session


class _Bearer:
    """Also where there is no token, so that nothing from a .netrc goes out in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: t.Any) -> t.Any:
        if self._token:
            request.headers["Authorization"] = "Bearer " + self._token
        return request


def retry_after(headers: t.Mapping[str, str]) -> float | None:
    """Seconds of ``Retry-After``, as a number or a date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, IndexError):
        return None


def _short(error: Exception) -> str:
    """What requests says, without its nest of pool and retry objects."""
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    cause: BaseException | None = error
    while cause is not None:
        if (
            isinstance(cause, OSError)
            and cause.strerror
            and not isinstance(cause, requests.exceptions.RequestException)
        ):
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "the connection broke" if isinstance(error, requests.exceptions.ConnectionError) else type(error).__name__
