# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the provider tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scripted import Clock, Server, make_client

from ansible_collections.mailops.email.plugins.module_utils.providers import http as http_module
from ansible_collections.mailops.email.plugins.module_utils.providers import pace as pace_module
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(_server: Server) -> Server:
    _server.script((200, {}, {}))
    return _server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(http_module, "time", clock)
    monkeypatch.setattr(pace_module, "time", clock)
    return clock


@pytest.fixture
def client(server: Server, clock: Clock) -> Iterator[HttpClient]:
    """A client of the scripted server that waits on the clock of this test."""
    made = make_client(server.url)
    yield made
    made.close()
