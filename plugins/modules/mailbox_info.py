# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox_info
short_description: List mailboxes
version_added: 1.0.0
description:
  - Lists mailboxes of the provider account, as far as the token may see them.
  - A mailbox whose invite is still pending need not exist for the provider, so it may not be listed. See
    M(mailops.email.invite_info).
  - It never changes anything and never reads mail.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - Domains whose mailboxes are listed. Those that the account does not have are left out.
      - When neither this nor O(addresses) is set, the mailboxes of the domains in O(client_domains) are listed, and without these
        all.
    type: list
    elements: str
  addresses:
    description:
      - Addresses of the mailboxes to list. Then O(domains) has no effect.
    type: list
    elements: str
  state:
    description:
      - List only mailboxes in this state.
    type: str
    choices:
      present: Mailboxes in use.
      suspended: Those that nobody can sign in to.
      pending: Those that the provider lists although their owner has not accepted yet.
      trashed: Those that the provider lists although they are in the recycle bin.
      orphaned: Accounts whose mailbox went with its domain.
seealso:
  - module: mailops.email.mailbox
  - module: mailops.email.invite_info
"""

EXAMPLES = r"""
- name: Look two mailboxes up
  mailops.email.mailbox_info:
    addresses:
      - alex@example.com
      - kim@example.com
  register: found

- name: Show which of them do not exist
  ansible.builtin.debug:
    var: found.missing

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: List the client's suspended mailboxes
      mailops.email.mailbox_info:
        state: suspended

    - name: List all mailboxes of one domain
      mailops.email.mailbox_info:
        domains:
          - example.net
"""

RETURN = r"""
mailboxes:
  description: The mailboxes, in the order in which they were named, otherwise by address.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      returned: always
      type: str
    id:
      description: The provider's number for it.
      returned: always
      type: int
    state:
      description:
        - V(present), V(suspended), V(pending) while it waits for its owner, V(trashed), or V(orphaned) for an account whose mailbox
          went with its domain.
      returned: always
      type: str
    suspended:
      description: Empty, or how far it is closed, V(login) or V(all).
      returned: always
      type: str
    display_name:
      description: The display name. V(null) when there is none.
      returned: always
      type: str
    note:
      description: The note. V(null) when there is none.
      returned: always
      type: str
    quota_mb:
      description: Storage set aside for it, in megabytes. V(null) when it takes from the pool.
      returned: always
      type: int
    used_mb:
      description: Storage in use, in megabytes. V(null) when the provider does not tell.
      returned: always
      type: int
    type:
      description: The provider's word for its type.
      returned: always
      type: str
    recovery_address:
      description: Where the platform's own password recovery writes to, the owner's other address. V(null) when there is none.
      returned: when the provider has password recovery by mail
      type: str
    created_at:
      description: When it was made, in UTC.
      returned: when the provider tells
      type: str
    last_login:
      description: When somebody last logged in, in UTC. V(null) when nobody has, or the platform does not record it.
      returned: when the provider tells
      type: str
    alias_addresses:
      description: Addresses of aliases, forwards and catch-alls that lead to it.
      returned: when the provider tells
      type: list
      elements: str
    claimed:
      description:
        - Always V(false), for a mailbox that was made for its owner by this journal's word and that nobody has logged in to
          since.
      returned: when it waits for its owner
      type: bool
  sample:
    - address: alex@example.com
      id: 1207
      state: present
      suspended: ""
      display_name: Alex Moreau
      note: null
      quota_mb: null
      used_mb: 312
      type: regular
missing:
  description: Those of O(addresses), or without it of O(domains), that do not exist or that the token may not see.
  returned: success
  type: list
  elements: str
  sample:
    - kim@example.com
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
    run_info_module("mailbox_info")


if __name__ == "__main__":
    main()
