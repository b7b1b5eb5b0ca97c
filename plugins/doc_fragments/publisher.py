# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option by which a module reaches a DNS host."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - dnspython >= 2.6
options:
  publisher:
    description:
      - The DNS host at which record sets are published, and how it is reached.
      - Without it nothing is published, and what is missing is told.
    type: dict
    suboptions:
      type:
        description: The way to the DNS host.
        type: str
        required: true
        choices:
          manual: A person enters what the task prints; the task waits until it is seen.
          octodns: Any DNS host that octoDNS has a provider package for, out of a configuration of octoDNS.
          powerdns: The HTTP API of a PowerDNS of your own.
          provider: The mail provider itself writes what it needs into a DNS host that is connected to it.
          rfc2136: Dynamic updates, signed with TSIG.
      zone:
        description:
          - The zone that holds the names, where the host cannot be asked for it.
          - If not set, it is looked up at the host. Names outside it are looked up, too.
        type: str
      server:
        description:
          - Name or address of the zone's primary server.
          - Required when O(publisher.type=rfc2136).
        type: str
      port:
        description: TCP port of O(publisher.server). If not set, it is V(53).
        type: int
      tsig_name:
        description: Name of the TSIG key. Without one updates are not signed.
        type: str
      tsig_secret:
        description:
          - Secret of the TSIG key, in base64.
          - If not set, the value of the environment variable E(MAILOPS_DNS_TSIG_SECRET) is used.
          - It is never part of a result, a journal line or a message.
        type: str
      tsig_algorithm:
        description: Algorithm of the TSIG key. The last two are only for servers that know no others.
        type: str
        choices: [hmac-sha256, hmac-sha224, hmac-sha384, hmac-sha512, hmac-sha1, hmac-md5]
        default: hmac-sha256
      api_url:
        description:
          - URL of the PowerDNS API, such as V(https://dns.example.net:8081).
          - It has to be an C(https) URL, but for a loopback address.
          - Required when O(publisher.type=powerdns).
        type: str
      api_key:
        description:
          - Key of the PowerDNS API.
          - If not set, the value of the environment variable E(MAILOPS_DNS_API_KEY) is used.
          - It is never part of a result, a journal line or a message.
        type: str
      server_id:
        description: Which of the servers behind the PowerDNS API.
        type: str
        default: localhost
      config_file:
        description:
          - Path of a configuration of octoDNS, on the controller. Its C(providers) are used, its C(zones) are not.
          - Required when O(publisher.type=octodns).
        type: path
      target:
        description:
          - Name of the provider in O(publisher.config_file) at which record sets are published.
          - Required when O(publisher.type=octodns).
        type: str
"""
