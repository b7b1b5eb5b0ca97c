# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real name servers, each started once for all tests that use it; every test takes zones of its own (`NameServer.fresh`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *[str(HERE.parent / name) for name in ("live", "integration", "sandbox")]]

from nameservers import Bind, Knot, NameServer, PowerDns, missing  # noqa: E402 - found by the lines above
from servers.needed import in_ci  # noqa: E402


def _running(server: NameServer) -> Iterator[NameServer]:
    sentence = missing()
    if sentence:
        (pytest.fail if in_ci() else pytest.skip)(sentence)
    try:
        server.start()
        yield server
    finally:
        server.awake()
        server.stop()


@pytest.fixture(scope="session")
def bind() -> Iterator[NameServer]:
    """BIND, authoritative."""
    yield from _running(Bind())


@pytest.fixture(scope="session")
def knot() -> Iterator[NameServer]:
    """Knot, authoritative."""
    yield from _running(Knot())


@pytest.fixture(scope="session")
def powerdns() -> Iterator[NameServer]:
    """PowerDNS with its HTTP API."""
    yield from _running(PowerDns())


@pytest.fixture(scope="session")
def resolver() -> Iterator[NameServer]:
    """BIND as a resolver; ``resolver.forward(zone, server.address)`` tells it where a zone is."""
    yield from _running(Bind({"invalid": "127.0.0.1@9"}))


@pytest.fixture(scope="session", params=["bind", "knot", "powerdns"])
def name_server(request: pytest.FixtureRequest) -> NameServer:
    """All three, one after the other."""
    return request.getfixturevalue(request.param)
