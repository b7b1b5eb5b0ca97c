# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be installed for the live tests, and what of it is missing here."""

from __future__ import annotations

import os
import shutil
import sysconfig
from ctypes.util import find_library
from pathlib import Path

from .postgres import programs

# a file that the package brings -> the Debian package
_FILES = {
    "/usr/lib/postfix/postfix-sqlite.so": "postfix-sqlite",
    "/usr/lib/postfix/postfix-pgsql.so": "postfix-pgsql",
    "/usr/lib/dovecot/imap-login": "dovecot-imapd",
    "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "/usr/lib/dovecot/modules/auth/libdriver_sqlite.so": "dovecot-sqlite",
    "/usr/lib/dovecot/modules/auth/libdriver_pgsql.so": "dovecot-pgsql",
    "/usr/include/rrd.h": "librrd-dev",
}
_COMMANDS = {
    "postfix": "postfix",
    "dovecot": "dovecot-core",
    "redis-server": "redis-server",
    "cc": "gcc",
}


def in_ci() -> bool:
    """In CI what is missing is a failure: tests that are always skipped there would prove nothing."""
    return bool(os.environ.get("CI"))


def packages() -> list[str]:
    """Return the Debian packages that are missing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = [package for command, package in _COMMANDS.items() if not shutil.which(command, path=path)]
    found += [package for file, package in _FILES.items() if not Path(file).exists()]
    if find_library("magic") is None:
        found.append("libmagic1")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        found.append("python3-dev")
    if programs() is None:
        found.append("postgresql")
    return sorted(found)


def missing() -> str:
    """Return one sentence with what is missing and the command, "" when the live tests can run."""
    absent = packages()
    if absent:
        return "The live tests need Debian packages that are not installed: apt-get install " + " ".join(absent)
    if os.geteuid() != 0:
        return "The live tests start Postfix, whose master must be root: sudo make live"
    return ""
