# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sandbox process for a test, and a plain HTTP client for it. Nothing here uses the collection's own client."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import requests

SERVE = Path(__file__).resolve().parents[2] / "extensions" / "sandbox" / "serve.py"
PASSWORD = "Correct-Horse-42"
ENVELOPE = {"code", "message", "hint", "request_id", "retryable"}


class Sandbox:
    """One server process over ``folder``. ``call`` sends a key with every change unless told otherwise."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.names = (f"d{n}.example.com" for n in itertools.count(1))
        self.session = requests.Session()
        self.session.trust_env = False
        self.start()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        ready = self.folder.with_suffix(".ready")
        ready.unlink(missing_ok=True)
        self.log = open(self.folder.with_suffix(".log"), "ab")
        command = [sys.executable, str(SERVE), "--data", str(self.folder), "--port", "0", "--ready-file", str(ready)]
        self.process = subprocess.Popen([*command, *self.options], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 20
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start: " + self.folder.with_suffix(".log").read_text())
            time.sleep(0.01)
        found = json.loads(ready.read_text())
        self.url, self.api, self.token = found["url"], found["api_url"], found["token"]
        self.dns: dict[str, Any] = found.get("dns", {})
        self.mode = ready.stat().st_mode & 0o777

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the process and return its status."""
        self.process.send_signal(how)
        status = self.process.wait(10)
        self.log.close()
        self.session.close()
        return status

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = "",
        token: str | None = "",
        timeout: float = 10,
        **headers: str,
    ) -> requests.Response:
        """Send an API request; ``key`` "" makes a fresh one, None sends none."""
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            head["Authorization"] = f"Bearer {token or self.token}"
        if key is not None and method != "GET":
            head["Idempotency-Key"] = key or str(uuid.uuid4())
        return self.session.request(method, self.api + path, json=body, headers=head, timeout=timeout)

    def get(self, path: str, **more: Any) -> requests.Response:
        """Send a GET."""
        return self.call("GET", path, **more)

    def ours(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to /_sandbox and return its JSON."""
        answer = self.session.request(method, self.url + "/_sandbox" + path, json=body, timeout=30)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def set(self, **switches: Any) -> None:
        """Set switches."""
        self.ours("PUT", "/switches", switches)

    def fault(self, kind: str, **more: Any) -> None:
        """Add one fault rule."""
        self.ours("POST", "/faults", {"kind": kind, **more})

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self.ours("PUT", "/clock", {"advance": seconds})

    def domain(self, name: str | None = None, active: bool = True) -> dict[str, Any]:
        """Make a domain over the API, active unless told otherwise."""
        made = self.call("POST", "/domains", {"name": name or next(self.names)})
        assert made.status_code == 201, made.text
        if active:
            self.ours("POST", f"/domains/{made.json()['name']}:verify")
        return made.json()

    def mailbox(self, domain_id: int, local: str = "anna", **more: Any) -> dict[str, Any]:
        """Make a mailbox with a password that we know."""
        body = {
            "domain_id": domain_id,
            "local_part": local,
            "password_mode": "user_supplied",
            "password": PASSWORD,
            **more,
        }
        made = self.call("POST", "/mailboxes", body)
        assert made.status_code == 201, made.text
        return made.json()

    def invite(self, domain_id: int, local: str = "anna", to: str = "anna@home.example", **more: Any) -> dict[str, Any]:
        """Make an invite."""
        made = self.call(
            "POST", "/mailboxes/invites", {"domain_id": domain_id, "local_part": local, "recipient_email": to, **more}
        )
        assert made.status_code == 201, made.text
        return made.json()

    def mint(self, **body: Any) -> str:
        """Return a new token."""
        return self.ours("POST", "/tokens", body)["token"]

    def writes(self) -> int:
        """Return the number of committed changes."""
        return self.ours("GET", "/writes")["writes"]

    def login(self, address: str, password: str, via: str = "webmail") -> int:
        """Return 200 or 401."""
        body = {"address": address, "password": password, "via": via}
        return self.session.post(self.url + "/_sandbox/login", json=body, timeout=10).status_code


def refused(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """Check that ``answer`` is a refusal in the full envelope and return its ``error``."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) >= ENVELOPE
    assert error["code"] == code, error
    assert error["message"] and isinstance(error["retryable"], bool)
    assert error["request_id"] == answer.headers["X-Request-Id"]
    return error
