# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PostgreSQL of the tests' own, and an empty journal in it for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live"), str(HERE.parent / "integration")]

from database import Database, Server  # noqa: E402 - found by the lines above
from servers.needed import in_ci  # noqa: E402
from servers.postgres import programs  # noqa: E402


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server for the tests of one file; each may restart it."""
    if programs() is None:
        (pytest.fail if in_ci() else pytest.skip)("PostgreSQL is not installed: apt-get install postgresql")
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A database with an empty journal; every connection to it is gone in the end."""
    database = Database(server)
    yield database
    database.drop()
