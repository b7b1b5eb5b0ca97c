# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gets the small text files that DNS records point to, such as the policy of MTA-STS (RFC 8461 section 3.3)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused

try:
    import requests

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

# RFC 8461 section 3.3: at most 64 kilobytes, one minute.
MAX_OCTETS = 65536
SECONDS = 15


def fetch_text(url: str) -> str:
    """The text at an ``https:`` URL; a redirect is not followed, as senders do not follow it either.

    :raises Refused: ``library_missing``, or ``url_not_https``.
    :raises ProviderError: ``unreachable``, ``not_found``, ``strange_answer``.
    """
    if not HAS_REQUESTS:
        raise Refused("library_missing", "The Python library requests is missing.", "pip install 'requests>=2.31'")
    if not url.startswith("https://"):
        raise Refused("url_not_https", "%s is no https URL." % url, "Only what is served with TLS counts.")
    try:
        with (
            requests.Session() as session,
            session.get(
                url, timeout=SECONDS, allow_redirects=False, stream=True, headers={"Accept": "text/plain"}
            ) as answer,
        ):
            if answer.status_code != 200:
                raise ProviderError(
                    "not_found", "%s answers %d." % (url, answer.status_code), status=answer.status_code
                )
            octets = answer.raw.read(MAX_OCTETS + 1, decode_content=True)
    except requests.RequestException as error:
        raise ProviderError("unreachable", "%s cannot be had: %s." % (url, type(error).__name__)) from error
    if len(octets) > MAX_OCTETS:
        raise ProviderError("strange_answer", "%s is longer than %d octets." % (url, MAX_OCTETS))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProviderError("strange_answer", "%s is no text." % url) from error
