# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
short_description: Let a run that found drift end with exit code 3
version_added: 1.0.0
type: notification
author:
  - Mailops authors (@mailops-email)
description:
  - Ansible itself has no exit code for a run that went well and found something. With this callback a run in which the custom
    statistic C(mailops_drift) was set to something true ends with exit code 3.
  - C(mailops.email.drift) (the playbook) sets it when the DNS of a domain is not as approved or as recorded, and refuses to run where this
    callback is not enabled, so that nobody takes exit code 0 for good news.
  - A run with failed or unreachable hosts keeps Ansible's own exit code, usually 2 or 4.
requirements:
  - enabled in the configuration with C(callbacks_enabled = mailops.email.drift)
seealso:
  - module: mailops.email.dns_baseline_info
"""

import typing as t

from ansible.plugins.callback import CallbackBase

from ansible_collections.mailops.email.plugins.plugin_utils.leaving import finally_say

DRIFT = 3
STATISTIC = "mailops_drift"


class CallbackModule(CallbackBase):
    """Looks at the statistics when all is done, and decides how the process ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "mailops.email.drift"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        custom = getattr(stats, "custom", None) or {}
        found = any(isinstance(data, dict) and data.get(STATISTIC) for data in custom.values())
        if found and not any(stats.failures.values()) and not any(stats.dark.values()):
            finally_say(DRIFT)
