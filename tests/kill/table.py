# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All scenarios, in the order in which trials take them in turn. A new one at the end changes what a seed means."""

from __future__ import annotations

from leaving import LEAVING
from scenarios import BASIC, Scenario

SCENARIOS: dict[str, Scenario] = {one.name: one for one in (*BASIC, *LEAVING)}
