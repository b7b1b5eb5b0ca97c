# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for local parts, domain names and e-mail addresses (contract 7.1, 7.3)."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_ALIAS = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ARCHIVED = re.compile(r".+_archived_\d{8}_\d{6}(?:_\d+_\d+)?")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


def local_part_problem(value: object, alias: bool = False) -> str | None:
    """Return why ``value`` is no local part, or None."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        return "must have 1 to 64 characters"
    if not (_ALIAS if alias else _LOCAL).fullmatch(value):
        return "may hold lowercase letters, digits, _ and - with single dots between them"
    if not alias and _ARCHIVED.fullmatch(value):
        return "looks like the name of an archived mailbox"
    return None


def domain_problem(value: object) -> str | None:
    """Return why ``value`` is no domain name, or None."""
    if not isinstance(value, str) or not 1 <= len(value) <= 253:
        return "must have 1 to 253 characters"
    if not _DOMAIN.fullmatch(value) or value.rsplit(".", 1)[1].isdigit():
        return "must be a lowercase domain name"
    return None


def email_problem(value: object) -> str | None:
    """Return why ``value`` is no e-mail address, or None."""
    if not isinstance(value, str) or not 3 <= len(value) <= 255:
        return "must have 3 to 255 characters"
    local, _at, domain = value.rpartition("@")
    if not _EMAIL.fullmatch(local + "@" + domain.lower()) or ".." in local or local[:1] == "." or local[-1:] == ".":
        return "must be an e-mail address"
    return None
