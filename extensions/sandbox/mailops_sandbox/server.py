# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line, loopback socket, uvicorn, ready file."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from . import plans, switches
from .app import build
from .core import Core
from .transport import tracked


def _loopback(host: str) -> str:
    """Return ``host`` when it is a loopback address. Raises ArgumentTypeError."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{host} is not a loopback address; the sandbox serves this machine only")


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    try:
        if not equals:
            raise switches.SwitchError(f"{text!r} is not name=value")
        return name, switches.check(name, value)
    except switches.SwitchError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from None


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        prog="serve.py", description="Local sandbox of the TrekMail API v1 (loopback only)."
    )
    parser.add_argument("--data", required=True, type=Path, help="folder of the state; made when missing")
    parser.add_argument("--port", type=int, default=0, help="TCP port, 0 picks a free one (default)")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="loopback address (default 127.0.0.1)")
    parser.add_argument(
        "--ready-file", type=Path, help="written once requests are answered: JSON with url, api_url, token, pid"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        dest="settings",
        help="set a switch (docs/sandbox.md)",
    )
    parser.add_argument(
        "--plan", choices=sorted(plans.PLANS), help="plan of the account (default: the last one, else agency)"
    )
    parser.add_argument(
        "--dns",
        type=int,
        metavar="PORT",
        help="also be a name server on this UDP and TCP port, 0 picks a free one (default: none)",
    )
    return parser.parse_args(argv)


def _write_ready(path: Path, body: dict[str, Any]) -> None:
    """Write ``path`` (mode 0600) in one step: a reader sees all of it or nothing."""
    partial = path.with_name(path.name + ".new")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
        json.dump(body, handle)
    os.replace(partial, path)


class Server(uvicorn.Server):
    """Announces itself when it listens, and wakes waiting requests when it stops."""

    def __init__(self, config: uvicorn.Config, core: Core, ready: Path | None) -> None:
        super().__init__(config)
        self.core = core
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        core = self.core
        ready = {"url": core.origin, "api_url": core.origin + "/api/v1", "token": core.token, "pid": os.getpid()}
        if core.names is not None:
            await core.names.start()
            ready["dns"] = core.names.shown()
        if self.ready is not None:
            _write_ready(self.ready, ready)
        print(f"listening on {core.origin}", flush=True)
        print(f"token {core.token}", flush=True)
        if core.names is not None:
            dns = core.names.shown()
            print(f"name server {dns['server']}", flush=True)
            print(f"tsig {dns['tsig_algorithm']} {dns['tsig_name']} {dns['tsig_secret']}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.core.stopping.set()
        if self.core.names is not None:
            self.core.names.stop()
        await super().shutdown(sockets)


def _protocol() -> type[Any]:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol  # type: ignore[assignment]
    return tracked(Protocol)


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    args = arguments(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((args.host, args.port))
    except OSError as exc:
        print(f"cannot listen on {args.host}:{args.port}: {exc}", file=sys.stderr)
        return 2
    core = Core(args.data, args.plan, dict(args.settings))
    if args.dns is not None:
        from .dns_server import NameServer  # dnspython is needed by those who ask for it

        core.names = NameServer(core, args.host, args.dns)
    host = f"[{args.host}]" if family == socket.AF_INET6 else args.host
    core.origin = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        build(core), http=_protocol(), ws="none", lifespan="off", access_log=False, log_config=None, proxy_headers=False,
        server_header=False, backlog=1024, timeout_keep_alive=75, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = Server(config, core, args.ready_file)
    # uvicorn repeats the signal after its orderly stop; by then there is nothing left to stop
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_ignored: None)
    try:
        asyncio_run(server, listener)
    finally:
        core.store.close()
        if args.ready_file is not None:
            args.ready_file.unlink(missing_ok=True)
    return 0


def asyncio_run(server: Server, listener: socket.socket) -> None:
    """Run the server on uvloop when it is installed."""
    try:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    except ImportError:
        pass
    asyncio.run(server.serve(sockets=[listener]))
