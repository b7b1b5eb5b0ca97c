# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's version, as events and the User-Agent carry it; a test compares it with galaxy.yml (R-LOG-07)."""

from __future__ import annotations

VERSION = "1.0.0"
TOOL_VERSION = "mailops.email@" + VERSION
