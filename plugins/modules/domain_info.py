# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: domain_info
short_description: List mail domains, and the DNS records that they need
version_added: 1.0.0
description:
  - Lists domains and subdomains of the provider account, as far as the token may see them.
  - It never changes anything, and asks no DNS server. When a domain was last verified, the journal tells.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - Host names of the domains to list. Those that the account does not have are in RV(missing).
      - When it is not set, the domains in O(client_domains) are listed, and without these all.
    type: list
    elements: str
  dns_requirements:
    description:
      - Whether to return for each domain the DNS records that the provider wants. That is one more request for each of them.
    type: bool
    default: false
seealso:
  - module: mailops.email.domain
  - module: mailops.email.subdomain
"""

EXAMPLES = r"""
- name: List two domains with the DNS records that they need
  mailops.email.domain_info:
    domains:
      - example.com
      - sales.example.com
    dns_requirements: true
  register: found

- name: Stop unless the provider has verified both
  ansible.builtin.assert:
    that:
      - found.missing | length == 0
      - found.domains | rejectattr('status', 'equalto', 'active') | length == 0

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: List the client's domains
      mailops.email.domain_info:
      register: own
"""

RETURN = r"""
domains:
  description: The domains, in the order in which they were named, otherwise by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The host name.
      returned: always
      type: str
    id:
      description: The provider's number for it.
      returned: always
      type: int
    state:
      description: Always V(present).
      returned: always
      type: str
    status:
      description: The provider's word, such as V(pending_dns), V(active) or V(suspended). V(unknown) when it does not tell.
      returned: always
      type: str
    mail_hosting:
      description: V(provider) or V(external).
      returned: always
      type: str
    note:
      description: The note. V(null) when there is none.
      returned: always
      type: str
    verified:
      description: How the last M(mailops.email.mail_probe) of it ended, by the journal. V(null) when there was none.
      returned: always
      type: bool
    verified_at:
      description: When it was last verified with success. V(null) when it never was.
      returned: always
      type: str
    last_known_good:
      description:
        - The snapshot that was kept then, as C(digest) and C(path) below O(journal_dir). V(null) when there is none.
      returned: always
      type: dict
    dns_requirements:
      description: The DNS records that the provider wants, in the provider's own form.
      returned: when O(dns_requirements=true)
      type: list
      elements: dict
  sample:
    - name: example.com
      id: 41
      state: present
      status: active
      mail_hosting: provider
      note: Client acme
      verified: true
      verified_at: "2026-01-12T09:30:00.000Z"
      last_known_good:
        digest: sha256:0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112
        path: known-good/modoboa@mail.example.net/example.com/0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112.json
missing:
  description: Those of O(domains) that the account does not have.
  returned: success
  type: list
  elements: str
  sample: []
failed_items:
  description: What the task was refused or failed for, also told in C(msg).
  returned: when the provider could not be asked, or an option is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Always V(-1).
      returned: always
      type: int
    key:
      description: Always empty.
      returned: always
      type: str
    phase:
      description: Always V(task).
      returned: always
      type: str
    code:
      description: Stable name of the rule or error, for programs.
      returned: always
      type: str
    message:
      description: What is wrong.
      returned: always
      type: str
    hint:
      description: What to do next. Can be empty.
      returned: always
      type: str
  sample:
    - index: -1
      key: ""
      phase: task
      code: unauthenticated
      message: The provider does not accept the token.
      hint: "The token is wrong, expired or revoked: set api_token (or MAILOPS_API_TOKEN) to a valid one."
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample:
    GET: 3
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("domain_info")


if __name__ == "__main__":
    main()
