# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All drivers by the word of the option ``provider``."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection, Driver, Progress
from ansible_collections.mailops.email.plugins.module_utils.providers.doveadm import DoveadmSessions
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.driver import Modoboa
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail

DRIVERS: dict[str, t.Any] = {driver.name: driver for driver in (Modoboa, TrekMail)}


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
    if not connection.api_url and not driver.default_api_url:
        raise Refused(
            "api_url",
            "api_url is not set, and every %s has an address of its own." % provider,
            "Set api_url, or MAILOPS_API_URL in the environment, to the base URL of its API.",
        )
    connection = dataclasses.replace(connection, api_url=connection.api_url or driver.default_api_url)
    made = driver(connection, read_only=read_only, progress=progress, user_agent=user_agent)
    if connection.doveadm_url:
        made.sessions = DoveadmSessions(connection, read_only=read_only, progress=progress, user_agent=user_agent)
    return made
