# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All drivers by the word of the option ``provider``."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail

DRIVERS: dict[str, t.Callable[..., Driver]] = {"trekmail": TrekMail}


def connect(provider: str, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str) -> Driver:
    """A driver for one account; nothing is sent yet.

    :raises Refused: for an unknown provider.
    """
    try:
        driver = DRIVERS[provider]
    except KeyError:
        raise Refused(
            "provider",
            "There is no driver for the provider %r." % provider,
            "Choose one of %s." % ", ".join(sorted(DRIVERS)),
        ) from None
    return driver(connection, read_only=read_only, progress=progress, user_agent=user_agent)
