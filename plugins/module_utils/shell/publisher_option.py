# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option ``publisher`` of every module that publishes or needs to know who could."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.registry import ENVIRONMENT, OPTIONS

PUBLISHER: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        name: {**option, "fallback": (env_fallback, [ENVIRONMENT[name]])} if name in ENVIRONMENT else dict(option)
        for name, option in OPTIONS.items()
    },
}
