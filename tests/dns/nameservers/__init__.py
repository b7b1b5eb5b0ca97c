# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real name servers for the tests: started by us, on loopback, below one folder each, and stopped again."""

from __future__ import annotations

from .base import ALGORITHM, KEY, SECRET, STRANGER, NameServer
from .bind import Bind
from .knot import Knot
from .needed import missing
from .powerdns import PowerDns

__all__ = ["ALGORITHM", "KEY", "SECRET", "STRANGER", "Bind", "Knot", "NameServer", "PowerDns", "missing"]
