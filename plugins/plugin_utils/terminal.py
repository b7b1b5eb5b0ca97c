# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others on a person's terminal."""

from __future__ import annotations

import typing as t


def printable(value: t.Any) -> str:
    """What people typed, providers told or zones hold may have what moves a terminal's cursor: spaces stand for that."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
