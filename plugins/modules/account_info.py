# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: account_info
short_description: Show plan, limits and capabilities of the provider account
version_added: 1.0.0
description:
  - Shows the plan of the provider account with its limits and usage, and what the provider can do by API.
  - With RV(capabilities) and RV(workarounds) a playbook can say before it changes anything what will be left to a human.
  - It never changes anything. It is a good first task to see whether the token works.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
seealso:
  - module: mailops.email.domain_info
  - module: mailops.email.request_info
"""

EXAMPLES = r"""
- name: See whether the token works, and what the account has; the token comes from MAILOPS_API_TOKEN
  mailops.email.account_info:
  register: provider

- name: Show plan and usage
  ansible.builtin.debug:
    var: provider.account

- name: Say now what a human will have to do later
  ansible.builtin.debug:
    msg: "Invites cannot be cancelled by API. {{ provider.workarounds['invite.cancel'] | default('') }}"
  when: "'invite.cancel' not in provider.capabilities"

- name: Ask another account, such as a sandbox on this machine
  module_defaults:
    group/mailops.email.all:
      api_url: http://127.0.0.1:8025/api/v1
      api_token: "{{ lookup('ansible.builtin.env', 'SANDBOX_TOKEN') }}"
  block:
    - name: Show its account
      mailops.email.account_info:
"""

RETURN = r"""
account:
  description: The account.
  returned: success
  type: dict
  contains:
    plan:
      description: Name of the plan. V(unknown) when the provider does not tell.
      returned: always
      type: str
    unlimited:
      description: Whether the provider says that there are no limits, as a server of your own does. Then RV(account.limits) has none.
      returned: always
      type: bool
    limits:
      description:
        - C(domains), C(mailboxes_per_domain) and C(storage_mb) as far as the provider states them. V(null) is not known, which is
          not the same as without limit.
      returned: always
      type: dict
    usage:
      description:
        - C(domains), C(mailboxes), C(storage_mb) in use and C(allocated_mb) set aside, V(null) where the provider does not tell.
      returned: always
      type: dict
  sample:
    plan: agency
    unlimited: false
    limits:
      domains: 200
      mailboxes_per_domain: 500
      storage_mb: 512000
    usage:
      domains: 12
      mailboxes: 214
      storage_mb: 80211
      allocated_mb: 20480
provider:
  description: Name of the provider's driver.
  returned: success
  type: str
  sample: trekmail
capabilities:
  description: What the provider can do by API, sorted. Each is a kind of object and a verb.
  returned: success
  type: list
  elements: str
  sample:
    - alias.create
    - invite.create
    - mailbox.suspend
workarounds:
  description: What a human can do instead of something that the provider cannot do by API, by capability.
  returned: success
  type: dict
  sample:
    mailbox.set_quota: Change the allocation in the dashboard, then set quota_mb to the same number.
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
    run_info_module("account_info")


if __name__ == "__main__":
    main()
