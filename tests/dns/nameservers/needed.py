# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be installed for the tests with name servers, and what of it is missing here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
_COMMANDS = {
    "named": "bind9",
    "rndc": "bind9-utils",
    "knotd": "knot",
    "knotc": "knot",
    "pdns_server": "pdns-server",
}


def missing() -> str:
    """Return one sentence with what is missing and the command, "" when the servers can run."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    absent = {package for command, package in _COMMANDS.items() if not shutil.which(command, path=path)}
    if not SCHEMA.exists():
        absent.add("pdns-backend-sqlite3")
    if not absent:
        return ""
    return "These tests need Debian packages that are not installed: apt-get install " + " ".join(sorted(absent))
