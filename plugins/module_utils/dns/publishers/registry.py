# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All publishers by the word of the option ``type``, and the options that they take."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.base import Publisher, Settings
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.manual import Manual
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.octodns import OctoDns
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.powerdns import PowerDns
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.provider import Provider
from ansible_collections.mailops.email.plugins.module_utils.dns.publishers.rfc2136 import ALGORITHMS, Rfc2136
from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver, Progress

PUBLISHERS: dict[str, t.Any] = {
    publisher.name: publisher for publisher in (Manual, OctoDns, PowerDns, Provider, Rfc2136)
}

# Options of the dict option ``publisher``, as plain data of an Ansible argument spec.
OPTIONS: dict[str, dict[str, t.Any]] = {
    "type": {
        "type": "str",
        "required": True,
        "choices": sorted(("rfc2136", "powerdns", "octodns", "provider", "manual")),
    },
    "zone": {"type": "str"},
    "server": {"type": "str"},
    "port": {"type": "int"},
    "tsig_name": {"type": "str", "no_log": False},
    "tsig_secret": {"type": "str", "no_log": True},
    "tsig_algorithm": {"type": "str", "default": ALGORITHMS[0], "choices": list(ALGORITHMS)},
    "api_url": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "server_id": {"type": "str", "default": "localhost"},
    "config_file": {"type": "path"},
    "target": {"type": "str"},
}

# Where a secret comes from when the inventory does not hold it.
ENVIRONMENT: dict[str, str] = {"tsig_secret": "MAILOPS_DNS_TSIG_SECRET", "api_key": "MAILOPS_DNS_API_KEY"}


def publisher_of(
    config: t.Mapping[str, t.Any],
    *,
    read_only: bool,
    progress: t.Optional[Progress] = None,
    eyes: t.Any = None,
    driver: t.Optional[Driver] = None,
    timeout: float = 30.0,
    validate_certs: bool = True,
    ca_path: str = "",
    wait: float = 0.0,
    authoritative: t.Sequence[str] = (),
) -> Publisher:
    """A publisher for one account; nothing is sent yet.

    :param wait: seconds that a person has for what only a person can do.
    :param authoritative: ``address@port`` of servers that are asked in place of those that the zones name.

    :raises Refused: ``publisher`` for an unknown type, and what the publisher misses among its options.
    """
    kind = str(config.get("type") or "")
    if kind not in PUBLISHERS:
        raise Refused(
            "publisher",
            "There is no publisher of the type %r." % kind,
            "Choose one of %s." % ", ".join(sorted(PUBLISHERS)),
        )
    settings = Settings(
        config,
        read_only=read_only,
        progress=progress or Progress(),
        eyes=eyes,
        driver=driver,
        timeout=timeout,
        validate_certs=validate_certs,
        ca_path=ca_path,
        wait=wait,
        authoritative=tuple(authoritative),
    )
    return t.cast(Publisher, PUBLISHERS[kind](settings))
