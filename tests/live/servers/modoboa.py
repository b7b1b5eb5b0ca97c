# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running Modoboa: web processes and the worker that makes DKIM keys, over its own PostgreSQL and Redis."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

import requests

from .modoboa_install import DATABASE, INSTANCE, PASSWORD, USER, Installation
from .postgres import Postgres
from .processes import HOST, Server, ServerError, environment, free_port, stop_all
from .redis import Redis

# What differs from the deployed settings. Ports are of this run; nothing may ask the outside; a link in a mail is http here,
# so its cookies must be sent without TLS; and a test may recover more than twelve passwords in an hour.
_SETTINGS = """
from {instance}.settings import *

DATABASES["default"].update(HOST="{host}", PORT="{database_port}")
REDIS_URL = "{redis}"
CACHES["default"]["LOCATION"] = REDIS_URL
for _queue in RQ_QUEUES.values():
    _queue.update(URL=REDIS_URL, HOST="{host}", PORT={redis_port})
REDIS_HOST, REDIS_PORT = "{host}", {redis_port}
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "{host}", {mail_port}, 10
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = False
DISABLE_DASHBOARD_EXTERNAL_QUERIES = True
MODOBOA_API_URL = "http://{host}:9/"
DOVECOT_SUPPORTED_SCHEMES = "SHA512-CRYPT SHA256-CRYPT"
PID_FILE_STORAGE_PATH = "{folder}"
for _scope in ("password_recovery_request", "password_recovery_totp_check", "password_recovery_apply"):
    REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"][_scope] = "100000/hour"
LOGGING = {{"version": 1, "disable_existing_loggers": False, "handlers": {{"log": {{"class": "logging.StreamHandler"}}}},
           "root": {{"handlers": ["log"], "level": "WARNING"}}}}
"""


class Modoboa:
    """Start after Postfix has its ports: mail of Modoboa itself goes to ``mail_port`` of this host.

    ``url`` is the site, ``api`` the base of API v2, ``token`` that of the superadmin.
    """

    def __init__(self, installation: Installation, folder: Path, mail_port: int) -> None:
        self.installation = installation
        self.folder = folder
        self.mail_port = mail_port
        self.postgres = Postgres(folder / "postgres")
        self.redis = Redis(folder / "redis")
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.api = self.url + "/api/v2"
        self.token = ""
        self.access_log = folder / "access.log"
        self.session = requests.Session()
        self.session.trust_env = False
        site = folder / "site" / INSTANCE
        binaries = installation.venv / "bin"
        env = environment(folder, binaries, DJANGO_SETTINGS_MODULE=f"{INSTANCE}.live_settings")
        # one line a request: method, path and status is what writes() counts
        logs = ["--access-logfile", self.access_log, "--access-logformat", "%(m)s %(U)s %(s)s"]
        web = [
            binaries / "gunicorn",
            "-b",
            f"{HOST}:{self.port}",
            "-w",
            "2",
            "--no-control-socket",
            *logs,
            f"{INSTANCE}.wsgi",
        ]
        worker = [binaries / "python", "manage.py", "rqworker", "dkim", "modoboa"]
        self.web = Server("Modoboa", web, folder / "web.log", ports=[self.port], env=env, cwd=site)
        self.worker = Server("Modoboa's worker", worker, folder / "worker.log", env=env, cwd=site)

    @property
    def connection(self) -> str:
        """How Dovecot and Postfix reach the database, as libpq wants it."""
        return f"host={HOST} port={self.postgres.port} dbname={DATABASE} user={USER} password={PASSWORD}"

    def start_database(self) -> None:
        """Copy the template, start PostgreSQL and Redis, and write the settings of this run."""
        template = self.installation.template
        self.postgres.adopt(template / "postgres")
        shutil.copytree(template / "site", self.folder / "site")
        (self.folder / "dkim").mkdir()
        self.token = (template / "token").read_text(encoding="ascii")
        values: dict[str, Any] = {
            "instance": INSTANCE,
            "host": HOST,
            "folder": self.folder,
            "mail_port": self.mail_port,
        }
        values.update(database_port=self.postgres.port, redis=self.redis.url, redis_port=self.redis.port)
        settings = self.folder / "site" / INSTANCE / INSTANCE / "live_settings.py"
        settings.write_text(_SETTINGS.format(**values), encoding="utf-8")
        self.postgres.server.launch()
        self.redis.server.launch()
        self.postgres.start_wait()
        self.redis.server.ready()
        # the host of the links in its mails
        statement = f"update django_site set domain = '{HOST}:{self.port}'"  # noqa: S608 - our own words
        self.postgres.sql(statement, database=DATABASE)

    def launch(self) -> None:
        """Start the web processes and the worker and do not wait."""
        self.web.launch()
        self.worker.launch()

    def ready(self) -> None:
        """Wait for the web processes, and switch off all that asks the outside."""
        self.web.ready()
        path = "/parameters/global/admin/"
        values = self.call("GET", path)["params"]
        off = {
            name: False
            for name in values
            if name.startswith("enable_") and name.endswith(("_checks", "_notifications"))
        }
        # PUT wants the whole object
        self.call("PUT", path, {**values, **off, "dkim_keys_storage_dir": str(self.folder / "dkim")})

    def maps(self, folder: Path) -> None:
        """Write the maps that Modoboa generates for Postfix, pointed at the database of this run."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in (self.installation.template / "maps").glob("*.cf"):
            text = re.sub(r"(?m)^hosts = .*$", f"hosts = {HOST}:{self.postgres.port}", path.read_text(encoding="utf-8"))
            (folder / path.name).write_text(text, encoding="utf-8")

    def stop(self) -> None:
        """Stop everything, the database last."""
        self.session.close()
        stop_all(self.worker.stop, self.web.stop, self.redis.stop, self.postgres.stop)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request of the harness and return its JSON, None without one. Raises ServerError on a refusal.

        Modoboa's throttle is real (5 writes a second and view); the harness does not wait for it but clears it.
        """
        for dummy in range(3):
            head = {"Authorization": f"Token {self.token}", "Accept": "application/json"}
            answer = self.session.request(method, self.api + path, json=body, headers=head, timeout=30)
            if answer.status_code != 429:
                break
            self.forget_throttles()
        if answer.status_code >= 400:
            raise ServerError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return a whole list of the API."""
        return self.call("GET", f"{path}?page_size=1000")["results"]

    def forget_throttles(self) -> None:
        """Give every caller a fresh budget of requests."""
        self.redis.forget(":1:throttle_*")

    def writes(self) -> int:
        """Return how many requests that change something succeeded: by the API, and recovery mails.

        A line is written after its answer has gone, so it is read until nothing comes any more.
        """
        count = -1
        while count != (count := self._logged()):
            time.sleep(0.15)
        return count

    def _logged(self) -> int:
        lines = self.access_log.read_text(encoding="utf-8").splitlines() if self.access_log.exists() else []
        rows = [line.split() for line in lines]
        changes = [row for row in rows if len(row) == 3 and row[0] not in ("GET", "HEAD", "OPTIONS")]
        by_api = [row for row in changes if row[1].startswith("/api/") and row[2].startswith("2")]
        mails = [row for row in changes if row[1] == "/accounts/password_reset/" and row[2] == "302"]
        return len(by_api) + len(mails)
