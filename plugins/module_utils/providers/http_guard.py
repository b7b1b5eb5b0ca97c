# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be right before anything is sent: where the token goes, what it is made of, which authorities count."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Connection

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
# RFC 6750 2.1, and all that a header can carry without harm.
_TOKEN = re.compile(r"[\x21-\x7e]+\Z")


def check_connection(connection: Connection, url_option: str = "api_url", token_option: str = "api_token") -> None:  # noqa: S107 - a name
    """:raises Refused: ``api_url``, ``api_token`` or ``ca_path``; the token is never in the message.

    The first two go by the names under which the user has set them.
    """
    _check_url(connection.api_url, url_option)
    if not _TOKEN.match(connection.api_token):
        raise Refused(
            token_option,
            "%s is empty, or holds a space, a line break or another character that no token has." % token_option,
            "Set it without quotes and without the line break at the end of a file.",
        )
    if connection.validate_certs and connection.ca_path and not os.path.exists(connection.ca_path):
        raise Refused(
            "ca_path",
            "ca_path %s does not exist." % connection.ca_path,
            "Name a file with the certificates of the authorities, or leave it out.",
        )


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _check_url(url: str, option: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _not_taken(option, url, "is no URL") from None
    # Two readers of an URL may disagree about these, and so about the host.
    if (
        not host
        or port == 0
        or "@" in parts.netloc
        or re.search(r"[\\\s\x00-\x20]", url)
        or parts.query
        or parts.fragment
    ):
        raise _not_taken(option, url, "is no plain URL of a host and a path")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise _not_taken(option, url, "would send the token in clear")


def _not_taken(option: str, url: str, why: str) -> Refused:
    shown = re.sub(r"//[^/@]*@", "//…@", url)
    return Refused(
        option, "%s %r %s." % (option, shown, why), "Use https://; plain http is only for a sandbox on this machine."
    )
