# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modoboa, installed and deployed once and kept in .cache; each run begins with a copy.

``.cache/modoboa-VERSION-DIGEST/venv`` is the virtual environment, ``…/template`` an instance as `deploy` leaves it: ``site``,
``postgres`` (a cluster that was stopped orderly), ``maps`` (what Postfix reads) and ``token`` (of the API). The digest is of
everything that decides what is inside, so nothing old is ever used.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from pathlib import Path

from .postgres import Postgres, programs
from .processes import HOST, ServerError, environment, new_folder, remove, run
from .redis import Redis

ROOT = Path(__file__).resolve().parents[3]
PINS = ROOT / "tests" / "live" / "modoboa-requirements.txt"
DATABASE, USER, PASSWORD = "modoboa", "modoboa", "modoboa"
INSTANCE = "inst"
# Count up when what _install or _deploy makes changes.
_LAYOUT = 1


class Installation:
    """The cached installation; ``ready()`` makes what is missing (about a minute the first time, nothing later)."""

    def __init__(self, cache: Path) -> None:
        lines = PINS.read_text(encoding="utf-8").splitlines()
        version = next(line.partition("==")[2] for line in lines if line.startswith("modoboa=="))
        parts = [*lines, sys.version, str(programs()), str(_LAYOUT)]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
        self.folder = cache / f"modoboa-{version}-{digest}"
        self.venv = self.folder / "venv"
        self.template = self.folder / "template"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def ready(self) -> None:
        """Make the environment and the template unless they are there; two runs at once do it one after the other."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.folder / "venv.done"
            if not done.exists():
                self._install()
                done.touch()
            if not self.template.exists():
                self._deploy()

    def _install(self) -> None:
        """Make the virtual environment: with uv when it is at hand, which takes seconds, else with pip."""
        shutil.rmtree(self.venv, ignore_errors=True)
        base = Path(getattr(sys, "_base_executable", sys.executable))
        uv = Path(sys.executable).with_name("uv")
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        indexes = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_CERT"))}
        # the caches of the tools lie below the developer's own home
        env = environment(Path.home(), **proxies, **indexes)
        if uv.exists():
            run([base, "-m", "venv", "--without-pip", self.venv], self.folder, env=env)
            env["UV_SYSTEM_CERTS"] = "1"
            command = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--python",
                self.python,
                "--compile-bytecode",
                "--no-deps",
                "-r",
                PINS,
            ]
            try:
                run(command, self.folder, env=env, timeout=600)
                return
            except ServerError:
                shutil.rmtree(self.venv)
        run([base, "-m", "venv", self.venv], self.folder, env=env)
        pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", PINS]
        run(pip, self.folder, env=env, timeout=600)

    def _deploy(self) -> None:
        """Run Modoboa's own `deploy` against servers that live only for that, and keep what it made."""
        scratch = new_folder()
        postgres, redis = Postgres(scratch / "postgres"), Redis(scratch / "redis")
        made = scratch / "template"
        try:
            postgres.create()
            postgres.start()
            redis.start()
            postgres.sql(f"create role {USER} login password '{PASSWORD}'", f"create database {DATABASE} owner {USER}")
            url = f"default:postgres://{USER}:{PASSWORD}@{HOST}:{postgres.port}/{DATABASE}"
            env = environment(scratch, self.venv / "bin")
            command = [
                self.python,
                self.venv / "bin" / "modoboa-admin.py",
                "deploy",
                INSTANCE,
                "--domain",
                HOST,
                "--dburl",
                url,
            ]
            site = made / "site"
            site.mkdir(parents=True)
            said = run([*command, "--redisurl", redis.url, "--admin-username", "admin"], scratch, env=env, cwd=site)
            if "failed, check your configuration" in said:
                raise ServerError("Modoboa was not deployed:\n" + said[-2000:])
            manage = [self.python, "manage.py"]
            cwd = site / INSTANCE
            token = run([*manage, "drf_create_token", "admin"], scratch, env=env, cwd=cwd).split()
            # "Generated token 0123… for user admin"
            (made / "token").write_text(token[token.index("token") + 1], encoding="ascii")
            run(
                [*manage, "generate_postfix_maps", "--destdir", made / "maps", "--force-overwrite"],
                scratch,
                env=env,
                cwd=cwd,
            )
            redis.stop()
            postgres.stop()
            shutil.move(postgres.data, made / "postgres")
            # complete before it appears under its name
            partial = self.folder / "template.partial"
            shutil.rmtree(partial, ignore_errors=True)
            run(["cp", "-a", made, partial], scratch)
            partial.rename(self.template)
        finally:
            redis.stop()
            postgres.stop()
            remove(scratch)
