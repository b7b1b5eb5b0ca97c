# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the token goes, and what a provider may say without doing harm (R-SEC; contract 1, 4)."""

from __future__ import annotations

import netrc
from pathlib import Path
from typing import Any

import pytest
from scripted import TOKEN, Clock, Server, make_client

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused, canonical_json
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import clean


def fails(client: HttpClient, method: str = "GET", path: str = "/x", **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as found:
        client.call(method, path, **more)
    return found.value


def whole(error: ProviderError) -> str:
    return "%s %s %s %s" % (error.code, error.message, error.hint, error.provider_request_id)


def test_headers_of_a_request(server: Server, client: HttpClient) -> None:
    client.call("POST", "/x", json={"a": 1}, key="k", headers={"X-Confirm-Delete": "true"})
    client.get("/y", page=1, nothing=None)
    first, second = server.seen[0][2], server.seen[1]
    assert first["Authorization"] == "Bearer " + TOKEN
    assert first["Accept"] == first["Content-Type"] == "application/json"
    assert first["X-Confirm-Delete"] == "true" and first["User-Agent"].startswith("mailops.email")
    assert "Idempotency-Key" not in second[2] and second[1] == "/y?page=1"


def test_a_netrc_file_is_not_asked(
    server: Server, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login other password wrong\n")
    path.chmod(0o600)
    assert netrc.netrc(str(path)).authenticators("127.0.0.1")
    monkeypatch.setenv("NETRC", str(path))
    make_client(server.url).get("/x")
    assert server.seen[0][2]["Authorization"] == "Bearer " + TOKEN


def test_a_proxy_does_not_get_the_token_of_a_local_sandbox(
    server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    make_client(server.url).get("/x")
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed(server: Server, client: HttpClient, status: int, method: str) -> None:
    server.script((status, b"", {"Location": server.url + "/elsewhere"}), (200, {"secret": 1}, {}))
    error = fails(client, method, key="k")
    assert error.code == "redirected" and "api_url" in error.hint and not error.in_doubt
    assert [seen[1] for seen in server.seen] == ["/x"]


@pytest.mark.parametrize(
    "url",
    [
        "http://trekmail.net/api/v1",
        "http://127.0.0.2:80/api",
        "http://localhost.evil.example/api",
        "http://127.0.0.1@evil.example/api",
        "http://user:pass@127.0.0.1/api",
        "http://evil.example\\@127.0.0.1/api",
        "http://[::1",
        "http://[::ffff:1.2.3.4]/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https:///api",
        "https://host:99999/api",
        "https://host/api?x=1",
        "https://host/api#x",
        "https://ho st/api",
        "https://host/api\n",
        "//host/api",
        "host/api",
        "",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    """The token is sent in clear to this machine only, and an URL that two readers may read differently to nobody."""
    with pytest.raises(Refused) as found:
        make_client(url)
    assert found.value.code == "api_url" and "https://" in found.value.hint
    assert "pass" not in found.value.message.replace("passwd", "")


@pytest.mark.parametrize(
    "url", ["https://trekmail.net/api/v1", "https://[2001:db8::1]:8443/", "http://localhost:1/api", "http://[::1]:1/"]
)
def test_urls_that_are_taken(url: str) -> None:
    make_client(url).close()


@pytest.mark.parametrize(
    "token", ["", " ", "tm_live_x\n", "tm live", "tm_l\u00efve", "tm\x00", "\ufefftm_live_x", "tm\r\nX: y"]
)
def test_a_token_that_cannot_be_one(token: str) -> None:
    """A line break at the end of a file is the commonest slip; the header it would make is an error with the token in it."""
    with pytest.raises(Refused) as found:
        make_client("http://127.0.0.1:1", api_token=token)
    assert found.value.code == "api_token" and found.value.hint
    assert not token.strip() or token.strip() not in found.value.message


def test_a_ca_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused) as found:
        make_client("https://127.0.0.1:1", ca_path=str(tmp_path / "ca.pem"))
    assert found.value.code == "ca_path" and "ca.pem" in found.value.message


HOSTILE = {
    "control characters": "a\x00b\x1b[2Jc\rd\ne\x9bf\u202eg\u2066h\u200bi\ufeffj\u2028k",
    "the token": "your token is " + TOKEN + ", is it not",
    "the token twice in pieces": TOKEN[:8] + TOKEN + TOKEN[8:],
    "a megabyte": "x" * 1_000_000,
    "a lone surrogate": "bad \ud800 end",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", ["message", "code", "hint", "request_id", "errors", "key of errors"])
def test_hostile_text_of_a_provider(server: Server, client: HttpClient, text: str, place: str) -> None:
    """One line, bounded, without the token, and fit for a journal line."""
    error: dict[str, Any] = {"code": "c", "message": "m", "retryable": False}
    if place == "errors":
        error["errors"] = {"field": [text]}
    elif place == "key of errors":
        error["errors"] = {text: ["is wrong"]}
    else:
        error[place] = text
    server.script((422, {"error": error}, {}))
    found = whole(fails(client, "POST", key="k"))
    assert TOKEN not in found and len(found) < 1200
    assert found.isprintable(), repr(found)
    canonical_json({"text": found})


def test_hostile_headers(server: Server, client: HttpClient) -> None:
    server.script(
        (403, {}, {"X-Request-Id": "a" * 5000 + TOKEN, "Retry-After": TOKEN, "X-Idempotency-Replayed": TOKEN})
    )
    found = fails(client, "POST", key="k")
    assert len(found.provider_request_id) <= 80 and found.retry_after is None


BODIES: dict[str, Any] = {
    "html": b"<html><body>Bad Gateway</body></html>",
    "nothing": b"",
    "half": b'{"error": {"code": "x"',
    "null": b"null",
    "a list": b"[1, 2]",
    "a string": b'"oops"',
    "a number": b"17",
    "error is text": b'{"error": "oops"}',
    "error is a list": b'{"error": ["oops"]}',
    "error is null": b'{"error": null, "message": null}',
    "odd kinds": b'{"error": {"code": 7, "message": {"a": 1}, "hint": [1], "retryable": "no", "request_id": {"x": 1}}}',
    "laravel": b'{"message": "The given data was invalid.", "errors": {"local_part": ["taken", "ugly"]}}',
    "odd errors": b'{"errors": {"a": {"b": 1}, "c": [1, null]}, "error": {"errors": "x"}}',
    "deep": b"[" * 100_000,
    "not utf-8": b'{"error": "\xff\xfe"}',
    "huge number": b'{"error": {"retry_after": 1' + b"0" * 5000 + b"}}",
    "infinite": b'{"error": {"retry_after": Infinity, "code": NaN}}',
}


@pytest.mark.parametrize("status", [403, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_error_in_any_shape_is_one_error(server: Server, client: HttpClient, status: int, body: bytes) -> None:
    """Contract 1 and 4: gateways answer in HTML, field errors sit somewhere, nothing is promised."""
    client._budget = 0
    client.connection.__dict__["deadline"] = 0.05
    server.script((status, body, {}))
    error = fails(client, "POST", key="k")
    assert error.status == status and error.code and error.hint and "status %d" % status in error.message
    if body is BODIES["laravel"]:
        assert "local_part: taken, ugly" in error.message


@pytest.mark.parametrize("body", [BODIES[name] for name in ("html", "half", "deep")])
def test_a_success_that_cannot_be_read_is_in_doubt(server: Server, client: HttpClient, body: bytes) -> None:
    server.script((200, body, {}))
    error = fails(client, "POST", key="k")
    assert error.code == "no_json" and error.in_doubt and "api_url" in error.hint
    assert not fails(client, "GET").in_doubt


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_an_empty_success_is_one(server: Server, client: HttpClient, status: int) -> None:
    """Contract 1: some successful writes, mostly deletes, have no body."""
    server.script((status, b"", {}))
    assert client.call("DELETE", "/x", key="k").body is None


def test_rows_of_a_refused_batch_are_an_answer(server: Server, client: HttpClient) -> None:
    """Contract 4: a batch whose rows all failed is a 422 without an error key. No other status is read so."""
    rows = {"counts": {"created": 0, "failed": 1}, "results": [{"status": "failed"}]}
    server.script((422, rows, {}))
    assert client.call("POST", "/x", key="k", row_results=True).status == 422
    assert fails(client, "POST", key="k").status == 422
    for status in (401, 403, 500):
        server.script((status, rows, {}))
        client._budget = 0
        assert fails(client, "POST", key="k", row_results=True).status == status


def test_a_replay_is_known_by_its_header(server: Server, client: HttpClient) -> None:
    for value, replayed in (("true", True), ("True", True), ("1", True), ("false", False), ("", False)):
        server.script((201, {}, {"X-Idempotency-Replayed": value}))
        assert client.call("POST", "/x", key="k").replayed is replayed, value


def test_clean_takes_no_objects() -> None:
    assert clean(None) == clean({"a": 1}) == clean([1]) == clean(b"x") == clean(1.5) == ""
    assert clean(17) == "17" and clean("  a\tb ") == "a b"
