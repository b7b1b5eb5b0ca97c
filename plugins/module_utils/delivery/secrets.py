# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets made on the controller, for the exception path only (R-PWD-01, R-PWD-02, R-PWD-06)."""

from __future__ import annotations

import secrets

RANDOM_BYTES = 24


def temporary_password() -> str:
    """32 URL-safe characters from 192 random bits, with an upper-case letter, a lower-case letter and a digit.

    Providers ask for the three classes; drawing again costs less than a thousandth of a bit.
    """
    while True:
        text = secrets.token_urlsafe(RANDOM_BYTES)
        if any(c.isupper() for c in text) and any(c.islower() for c in text) and any(c.isdigit() for c in text):
            return text
