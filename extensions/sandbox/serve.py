# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the local sandbox of the TrekMail API v1; ``--help`` lists the options, docs/sandbox.md says what it is."""

from __future__ import annotations

import sys

from mailops_sandbox.server import main

if __name__ == "__main__":
    sys.exit(main())
