# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate for localhost and 127.0.0.1 whose authority the tests trust."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

pytest.importorskip("cryptography.x509")
from mailservers import Authority, Imap, Server, Smtp

from ansible_collections.mailops.email.plugins.module_utils.probe.connect import Endpoint


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def tls(authority: Authority) -> ssl.SSLContext:
    return authority.server("127.0.0.1", "localhost")


@pytest.fixture
def start(tls: ssl.SSLContext) -> Iterator[Callable[..., Any]]:
    """Start a server that offers TLS: ``start(Smtp, answers={...})``."""
    with ExitStack() as stack:

        def begin(kind: type[Server], **more: Any) -> Server:
            server = kind(**{"tls": tls, **more})
            stack.callback(server.stop)
            return server

        yield begin


@pytest.fixture
def at(authority: Authority) -> Callable[..., Endpoint]:
    """The endpoint of a server: STARTTLS, the tests' authority, three seconds."""

    def endpoint(server: Server, **more: Any) -> Endpoint:
        values: dict[str, Any] = {"tls": "starttls", "ca_path": str(authority.path), "timeout": 3.0}
        return Endpoint("127.0.0.1", server.port, **{**values, **more})

    return endpoint


@pytest.fixture
def smtp(start: Callable[..., Any]) -> Smtp:
    return start(Smtp)  # type: ignore[no-any-return]


@pytest.fixture
def imap(start: Callable[..., Any]) -> Imap:
    return start(Imap)  # type: ignore[no-any-return]
