# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: forward_info
short_description: List forwards with owner, purpose and end
version_added: 1.0.0
description:
  - Lists the forwards of mailboxes, and the addresses that only forward.
  - Owner, purpose and end come from the journal in O(journal_dir). A forward without them was made by other means, which makes
    this a way to find forwards that nobody answers for.
  - The provider tells of each mailbox's forward separately, so without O(addresses) it takes one request for each mailbox.
  - It never changes anything.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - Domains whose forwards are listed. Those that the account does not have are left out.
      - When neither this nor O(addresses) is set, the forwards of the domains in O(client_domains) are listed, and without these
        all.
    type: list
    elements: str
  addresses:
    description:
      - Addresses whose forwards are listed. Then O(domains) has no effect.
    type: list
    elements: str
seealso:
  - module: mailops.email.forward
"""

EXAMPLES = r"""
- name: Look up whether one mailbox forwards
  mailops.email.forward_info:
    addresses:
      - alex@example.com

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: List all forwards of the client
      mailops.email.forward_info:
      register: found

    - name: Show those that nobody answers for, and those that let mail leave
      ansible.builtin.debug:
        msg:
          unmanaged: "{{ found.forwards | rejectattr('managed') | map(attribute='address') }}"
          leaving: >-
            {{ found.forwards | selectattr('external_targets')
               | items2dict(key_name='address', value_name='external_targets') }}

    # See the plan first, with: ansible-playbook --check --diff
    - name: End those that nobody answers for
      mailops.email.forward:
        request_id: OPS-1502
        actor: sam@agency.example.org
        state: absent
        max_removals: 3
        forwards: >-
          {{ dict(found.forwards | rejectattr('managed') | map(attribute='address') | product(['absent']))
             | dict2items(key_name='address', value_name='state') }}
"""

RETURN = r"""
forwards:
  description: The forwards, by address.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address that mail leaves.
      returned: always
      type: str
    id:
      description: The provider's number for it.
      returned: when RV(forwards[].via) is V(address)
      type: int
    state:
      description: V(present), or V(paused) when it is switched off at the provider and mail to it is refused.
      returned: always
      type: str
    via:
      description: V(mailbox), or V(address) for one without a mailbox.
      returned: always
      type: str
    targets:
      description: Where mail goes.
      returned: always
      type: list
      elements: str
    keep_copy:
      description: Whether the mailbox keeps a copy.
      returned: when RV(forwards[].via) is V(mailbox)
      type: bool
    owner:
      description: Who answers for it. V(null) when that is not recorded.
      returned: always
      type: str
    purpose:
      description: What it is for. V(null) when that is not recorded.
      returned: always
      type: str
    expires_at:
      description: When it ends, in UTC. V(null) when that is not recorded.
      returned: always
      type: str
    managed:
      description: Whether owner, purpose and end are all recorded.
      returned: always
      type: bool
    external_targets:
      description: Those of RV(forwards[].targets) that are outside of the domains of the account.
      returned: always
      type: list
      elements: str
  sample:
    - address: alex@example.com
      state: present
      via: mailbox
      targets:
        - kim@example.com
      keep_copy: true
      owner: dana.lindqvist@example.com
      purpose: Handover to the successor
      expires_at: "2026-06-30T00:00:00Z"
      managed: true
      external_targets: []
missing:
  description: Those of O(domains) that the account does not have, or that the token may not see.
  returned: success
  type: list
  elements: str
  sample:
    - example.edu
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
    run_info_module("forward_info")


if __name__ == "__main__":
    main()
