# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers take the mail of a domain (RFC 5321 section 5.1, RFC 7505)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.probe.codes import lookup, outcome
from ansible_collections.mailops.email.plugins.module_utils.probe.connect import ProbeError

try:
    import dns.exception
    import dns.resolver

    HAS_DNSPYTHON = True
except ImportError:
    HAS_DNSPYTHON = False


def need_resolver() -> None:
    """:raises Refused: ``library_missing``."""
    if not HAS_DNSPYTHON:
        raise Refused(
            "library_missing",
            "Finding the MX of a domain needs the Python library dnspython.",
            "pip install 'dnspython>=2.6', or name the server in inbound.host.",
        )


def mail_servers(domain: str, seconds: float) -> list[str]:
    """Host names by preference; the domain itself when it has no MX record.

    :raises Refused: ``library_missing``.
    :raises ProbeError: when the domain does not exist, takes no mail, or nobody answers.
    """
    need_resolver()
    try:
        answer = dns.resolver.resolve(domain, "MX", lifetime=seconds)
    except dns.resolver.NoAnswer:
        return [domain]
    except dns.resolver.NXDOMAIN:
        raise ProbeError(outcome("dns_not_found", "%s does not exist in the DNS" % domain)) from None
    except dns.exception.DNSException as error:
        raise ProbeError(outcome("dns_not_found", "MX of %s: %s" % (domain, type(error).__name__))) from None
    found = sorted((int(one.preference), str(one.exchange).rstrip(".").lower()) for one in answer)
    if [host for dummy, host in found] == [""]:
        raise ProbeError(lookup(556, "5.1.10", "rcpt", "%s has a null MX" % domain))
    return [host for dummy, host in found if host]
