# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary run: known secrets go through every path, and nothing that is written anywhere may hold one of them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyrage
import pytest
import requests
import yaml
from openssh import need_openssh
from plays import allowed, plays
from project import Project
from receivers import HttpReceiver, SyslogReceiver
from sandboxlib import PASSWORD

from ansible_collections.mailops.email.plugins.module_utils.delivery.secrets import temporary_password

LOUD = ("-vvv", "--diff")
KEYS = ("age", "ssh-ed25519")
SHOW: Any = {"name": "Show", "ansible.builtin.debug": {"var": "found"}}


def forms(secret: str) -> set[bytes]:
    """Spellings under which a secret could hide: plain, in JSON, in an URL, and base64 at each of three offsets."""
    plain = secret.encode()
    spelled = {plain, json.dumps(secret)[1:-1].encode(), urllib.parse.quote(secret, safe="").encode()}
    for shift in range(3):
        code = base64.b64encode(b"x" * shift + plain)
        # Without what the neighbouring bytes decide.
        spelled.add(code[(0, 2, 3)[shift] : -4])
        spelled.add(code[(0, 2, 3)[shift] : -4].replace(b"+", b"-").replace(b"/", b"_"))
    return spelled


def leaks(folder: Path, output: str, marked: Iterable[str]) -> list[str]:
    """Where a marked secret stands: each file below *folder*, its names, and what was printed."""
    wanted = {form: secret for secret in marked for form in forms(secret)}
    places = {"(output)": output.encode()}
    for path in sorted(folder.rglob("*")):
        places[str(path)] = os.fsencode(path.name) + b"\n" + (path.read_bytes() if path.is_file() else b"")
    return ["%s: %s…" % (place, wanted[form][:6]) for place, text in places.items() for form in wanted if form in text]


@pytest.fixture(params=KEYS)
def identity(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Any]:
    """A recipient's public key, and what opens files that were sealed for it; outside the project."""
    if request.param == "age":
        key = pyrage.x25519.Identity.generate()
        return str(key.to_public()), key
    need_openssh()
    path = tmp_path / "owner"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path.with_suffix(".pub").read_text().strip(), pyrage.ssh.Identity.from_buffer(path.read_bytes())


@pytest.fixture
def vault(project: Project) -> Iterator[Project]:
    """The project as a controller runs it: the token is in the environment only, and everything is logged and exported."""
    inventory = project.folder / "hosts.yml"
    document = yaml.safe_load(inventory.read_text())
    del document["clients"]["vars"]["mailops_api_token"]
    inventory.write_text(yaml.safe_dump(document))
    project.environment |= {
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(project.folder / "facts"),
        "MAILOPS_EXPORT_HTTP_FORM": "ocsf",
        "MAILOPS_EXPORT_OTLP_FORM": "ecs",
    }
    with SyslogReceiver() as syslog, HttpReceiver() as http, HttpReceiver() as otlp:
        for name, receiver in (("SYSLOG", syslog), ("HTTP", http), ("OTLP", otlp)):
            receiver.log = project.folder / ("received-" + name)
            project.environment["MAILOPS_EXPORT_%s_URL" % name] = receiver.url
        yield project
        assert syslog.messages and http.bodies and otlp.bodies, "nothing was exported"


def opened(path: Path, key: Any) -> dict[str, Any]:
    """A sealed file; whoever holds another key cannot open it."""
    data = path.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [pyrage.x25519.Identity.generate()])
    return json.loads(pyrage.decrypt(data, [key]))


def test_nothing_that_is_written_holds_a_secret(vault: Project, identity: tuple[str, Any], tmp_path: Path) -> None:
    """R-CREATE-04, R-CREATE-06, R-NEVER-01, R-NEVER-02, R-INV-06, R-DELIV-02, R-PWD-06, R-RULE-02: links by mail, a sealed
    link and a sealed password, with the loudest output, results printed and kept as facts: the secrets stand in the two
    sealed files and nowhere else, and there they work."""
    public, key = identity
    mailed = {"address": "mailed@example.com", "owner_email": "mailed@home.example"}
    linked = {
        "address": "linked@example.com",
        "owner_email": "linked@home.example",
        "delivery": "sealed",
        "seal_to": public,
        "exception": allowed(),
    }
    given = {
        "address": "given@example.com",
        "credential": "generated_one_time",
        "seal_to": public,
        "exception": allowed(accept_unforced_rotation=True),
    }
    loud: dict[str, Any] = {"register": "found"}
    book = plays(
        ("mailbox", {"mailboxes": [mailed, linked, given]}, loud),
        ("invite", {"address": "single@example.com", "owner_email": "single@home.example"}, loud),
        ("invite_info", {}, loud),
        ("mailbox_info", {}, loud),
        ("account_info", {"api_token": "{{ canary }}"}, {"ignore_errors": True, "register": "found"}),
    )
    book[0]["tasks"] = [one for task in book[0]["tasks"] for one in (task, SHOW)]
    book[0]["tasks"].append({"ansible.builtin.set_fact": {"kept": "{{ found }}", "cacheable": True}})
    canary = "tm_live_" + secrets.token_hex(20)
    # An extra variable is on the command line by the caller's choice, so it comes from a file outside the project.
    extra = tmp_path / "extra.json"
    extra.write_text(json.dumps({"canary": canary}))
    predicted = vault.run(book, "--check", "-e", "@%s" % extra, *LOUD)
    applied = vault.run(book, "-e", "@%s" % extra, *LOUD)
    assert (predicted.rc, applied.rc) == (0, 0), applied.output
    assert vault.sandbox.writes() == 4

    files = sorted(vault.sealed.rglob("*.age"))
    assert [path.name for path in files] == ["given@example.com.age", "linked@example.com.age"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (vault.sealed, files[0].parent)} == {0o700}
    password, link = (opened(path, key) for path in files)
    assert (password["address"], password["kind"]) == ("given@example.com", "temporary_password")
    assert (link["address"], link["kind"], link["request_id"]) == ("linked@example.com", "setup_link", "REQ-2026-001")

    links = [mail["link"] for mail in vault.sandbox.ours("GET", "/outbox")["data"]]
    assert len(links) == 3 and link["secret"] in links
    tokens = [one.rsplit("/", 1)[-1] for one in links]
    marked = {vault.sandbox.token, canary, password["secret"], *links, *tokens}
    assert leaks(vault.folder, predicted.output + applied.output, marked) == []

    assert vault.sandbox.login("given@example.com", password["secret"]) == 200
    form = {"password": "Owner-Chose-This-1", "password_again": "Owner-Chose-This-1"}
    assert requests.post(link["secret"], data=form, timeout=10).status_code == 201
    assert vault.sandbox.login("linked@example.com", "Owner-Chose-This-1") == 200
    # The search itself finds what it looks for.
    (vault.folder / "planted").write_bytes(b"..." + base64.b64encode(b"=" + password["secret"].encode()) + b"...")
    assert leaks(vault.folder, "", marked)


def test_access_paths_are_told_without_their_secrets(vault: Project) -> None:
    """R-NEVER-01, R-OFF-03: numbers, names and prefixes of what opens a mailbox, listed and closed at the loudest."""
    sandbox = vault.sandbox
    box = sandbox.mailbox(sandbox.get("/domains").json()["data"][0]["id"], "anna")["id"]
    sandbox.call("POST", "/mailboxes/%d/enable-imap" % box, {"password": PASSWORD})
    calls = (
        ("/mailboxes/%d/app-passwords" % box, {"name": "laptop"}),
        ("/mailboxes/%d/message-tokens" % box, {"name": "assistant", "scopes": ["messages:read"]}),
        ("/drive/devices", {"mailbox_id": box, "name": "laptop"}),
    )
    made = [sandbox.call("POST", path, body).json() for path, body in calls]
    marked = {(one.get("data") or one).get(name, "") for one in made for name in ("password", "token")} - {""}
    assert len(marked) == 3
    book = plays(
        ("mailbox_access_info", {"addresses": ["anna@example.com"]}, {"register": "found"}),
        ("mailbox_access", {"address": "anna@example.com"}, {"register": "found"}),
    )
    book[0]["tasks"] = [one for task in book[0]["tasks"] for one in (task, SHOW)]
    book[0]["tasks"].append({"ansible.builtin.set_fact": {"kept": "{{ found }}", "cacheable": True}})
    runs = [vault.run(book, *extra, *LOUD) for extra in (("--check",), ())]
    assert [run.rc for run in runs] == [0, 0] and "assistant" in runs[0].output, runs[1].output
    assert leaks(vault.folder, runs[0].output + runs[1].output, {sandbox.token, PASSWORD, *marked}) == []


class Echo(BaseHTTPRequestHandler):
    """A provider that answers each change with what it was sent, in every place where an error has text."""

    target = ""
    link = "https://mail.example/setup/" + secrets.token_urlsafe(32)
    seen: list[str] = []

    def do_GET(self) -> None:
        headers = {"Authorization": self.headers["Authorization"]}
        answer = requests.get(self.target + self.path, headers=headers, timeout=10)
        self._answer(answer.status_code, answer.json())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.seen += [item["password"] for item in json.loads(body or "{}").get("items", []) if "password" in item]
        said = "%s; %s; link %s" % (self.headers["Authorization"], body[-180:], self.link)
        error = {"code": self.headers["Authorization"], "message": said, "hint": said, "errors": {"token": [said]}}
        error |= {"request_id": self.headers["Authorization"], "retryable": False}
        if self.path.endswith("mailboxes:bulk"):
            items = json.loads(body)["items"]
            rows = [
                {"status": "failed", "reason": item["password"], "error": said + item["password"]} for item in items
            ]
            self._answer(422, {"results": rows, "counts": {"created": 0, "failed": len(rows)}})
        else:
            self._answer(422, {"error": error})

    do_PATCH = do_PUT = do_DELETE = do_POST

    def _answer(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_parts: Any) -> None:
        """Say nothing."""


@pytest.fixture
def echo(vault: Project) -> Iterator[str]:
    Echo.target, Echo.seen = vault.sandbox.url, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d/api/v1" % server.server_port
    server.shutdown()
    server.server_close()


def test_a_provider_that_echoes_secrets_does_not_get_them_through(vault: Project, echo: str) -> None:
    """R-CREATE-04, R-NEVER-01, R-PWD-06: an error text with the token, a password that was just made, or a setup link
    in it reaches a person without them, and still says what failed."""
    public = str(pyrage.x25519.Identity.generate().to_public())
    exception = allowed(accept_unforced_rotation=True)
    boxes = [
        {
            "address": "given%d@example.com" % number,
            "credential": "generated_one_time",
            "seal_to": public,
            "exception": exception,
        }
        for number in range(2)
    ]
    sealed = {"address": "linked@example.com", "owner_email": "l@home.example", "delivery": "sealed"}
    ways: list[tuple[str, dict[str, Any]]] = [
        ("mailbox", {"mailboxes": boxes}),
        ("mailbox", {"address": "mailed@example.com", "owner_email": "m@home.example"}),
        ("invite", {**sealed, "seal_to": public, "exception": allowed()}),
        ("domain", {"name": "new.example"}),
        ("domain", {"name": "example.com", "note": "x"}),
    ]
    vault.environment["MAILOPS_API_URL"] = echo
    book = plays(*((kind, options, {"ignore_errors": True, "register": "found"}) for kind, options in ways))
    book[0]["tasks"] = [one for task in book[0]["tasks"] for one in (task, SHOW)]
    run = vault.run(book, *LOUD)
    failed = [row["result"] for row in run.tasks if row["outcome"] == "failed"]
    assert run.rc == 0 and len(failed) == len(ways), run.output
    assert "given0@example.com" in failed[0]["msg"] and "mailed@example.com" in failed[1]["msg"]
    assert "POST /domains" in failed[3]["msg"] or "new.example" in failed[3]["msg"]
    assert len(Echo.seen) == 2
    token = Echo.link.rsplit("/", 1)[-1]
    assert leaks(vault.folder, run.output, {vault.sandbox.token, *Echo.seen, token}) == []


def test_a_failing_run_tells_no_secret(vault: Project) -> None:
    """R-CREATE-04, R-NEVER-01: a wrong token, a provider that is out of order in several ways, a loop and a task that
    cannot be carried out, all at the loudest."""
    wrong = {"canary": "tm_live_" + secrets.token_hex(20)}
    vault.environment["CANARY"] = wrong["canary"]
    lookup = "{{ lookup('ansible.builtin.env', 'CANARY') }}"
    token = vault.sandbox.token
    error = {"code": "validation_error", "message": "token %s is odd" % token, "hint": token, "request_id": token}
    invites = r"/mailboxes/invites"
    vault.sandbox.fault("status", path_regex=invites, method="POST", status=422, body={"error": error})
    vault.sandbox.fault("html", path_regex=invites, method="POST", times=20, status=502)
    vault.sandbox.fault("truncated", path_regex="/account", method="GET", times=20)
    one = {"address": "one@example.com", "owner_email": "one@home.example", "deadline": 4}
    ignored: dict[str, Any] = {"ignore_errors": True}
    run = vault.run(
        plays(
            ("domain_info", {"api_token": lookup}, ignored),
            ("invite", {**one, "api_token": lookup}, ignored),
            ("invite", one, ignored),
            ("invite", one, ignored),
            ("account_info", {"deadline": 2}, ignored),
            ("domain_info", {"api_token": "{{ item }}"}, {**ignored, "no_log": True, "loop": [lookup, lookup + "x"]}),
            ("mailbox", {**one, "api_token": lookup, "quota_mb": "much"}, ignored),
            ("mailbox", {**one, "api_token": lookup, "api_url": "https://user:%s@mail.example" % lookup}, ignored),
        ),
        *LOUD,
    )
    assert [row["outcome"] for row in run.tasks] == ["failed"] * 8, run.output
    assert "unauthenticated" in run.output and "********" in run.tasks[2]["result"]["msg"]
    assert leaks(vault.folder, run.output, {token, wrong["canary"]}) == []


def test_generated_passwords_are_long_and_never_the_same() -> None:
    """R-PWD-01, R-PWD-02: 192 random bits, none like another, with the three classes that providers ask for."""
    made = [temporary_password() for dummy in range(1000)]
    assert len(set(made)) == 1000 and {len(one) for one in made} == {32}
    assert all(any(map(test, one)) for one in made for test in (str.isupper, str.islower, str.isdigit))
    assert len(set("".join(made))) == 64
