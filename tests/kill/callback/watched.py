# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches and kills inside of ansible-playbook. A callback, because Ansible loads it before it forks its workers.

It is no part of the collection; ``WATCH`` in the environment says what to do.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ansible.plugins.callback import CallbackBase

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from watch import Counters, Kill, Watch

from ansible_collections.mailops.email.plugins.module_utils.providers import http

DOCUMENTATION = r"""
name: watched
short_description: Kill a run at a chosen point
type: notification
description: For tests only.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "watched"

    def __init__(self) -> None:
        super().__init__()
        given = json.loads(os.environ["WATCH"])
        kill = Kill(**given["kill"]) if given["kill"] else None
        Watch(given["root"], given["log"], Counters(), kill, os.getpid()).install()
        # Only to save time: what is waited between tries, not whether there are any.
        http._backoff = lambda attempt: 0.002 * attempt
