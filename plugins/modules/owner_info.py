# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: owner_info
short_description: Show who owns mailboxes, forwards and catch-alls, or what a person owns
version_added: 1.0.0
description:
  - Answers who owns an address, and what a person owns, over all clients, domains and providers of the journal.
  - The owner of a mailbox is whoever its last invite went to, or for whom it was made with a password, unless a later change of owner
    is recorded. That of a forward or a catch-all is who answers for it.
  - It asks the journal in O(journal_dir) and nobody else, so no token is needed. What was made without this collection, or with
    another journal, has no owner there. 50,000 mailboxes take about a second.
  - It never changes anything.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  owners:
    description:
      - E-mail addresses of one person, all that the person is known by. Case and a C(+tag) make no difference.
    type: list
    elements: str
  addresses:
    description:
      - Addresses whose owners are asked for.
    type: list
    elements: str
  domains:
    description:
      - Domains whose owners are asked for, with those below them.
    type: list
    elements: str
notes:
  - Of O(owners), O(addresses) and O(domains) at least one is needed. Given together, what is listed fits all of them.
  - O(client) and O(client_domains) do not limit the answer, because a person may own something of several clients.
seealso:
  - module: mailops.email.audit_info
  - module: mailops.email.mailbox_info
"""

EXAMPLES = r"""
- name: Who owns this mailbox?
  mailops.email.owner_info:
    addresses:
      - billing@example.com

- name: What does this person own, for all clients?
  mailops.email.owner_info:
    owners:
      - ann.personal@example.net
      - ann@example.com
  register: anns

- name: Show it
  ansible.builtin.debug:
    msg: "{{ anns.mailboxes | map(attribute='address') | list }}"
"""

RETURN = r"""
mailboxes:
  description: Mailboxes, sorted by address, also those whose owner was invited and may not have come yet.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      returned: always
      type: str
    owner:
      description: E-mail address of its owner.
      returned: always
      type: str
    state:
      description: V(invited) when the last that is known is an invite; whether it was redeemed only the provider knows. V(present) or V(suspended)
        as this collection left it.
      returned: always
      type: str
    role_account:
      description: Whether it is a role account.
      returned: always
      type: bool
    client:
      description: The client for which its owner came to own it. Empty when no task named one.
      returned: always
      type: str
    provider:
      description: Driver and host of the provider's account.
      returned: always
      type: str
    since:
      description: When its owner came to own it.
      returned: always
      type: str
    request_id:
      description: The change request under which that was done.
      returned: always
      type: str
    by:
      description: Who did it.
      returned: always
      type: str
    department:
      description: The department that asked for it.
      returned: when that is recorded
      type: str
    manager_email:
      description: Whom to ask when the owner does not answer.
      returned: when that is recorded
      type: str
    until:
      description: When its owner's time ends, in UTC.
      returned: when it was handed to its owner for a time
      type: str
  sample:
    - address: billing@example.com
      owner: finance.owner@example.org
      state: invited
      role_account: true
      client: acme
      provider: modoboa@mail.example.com
      since: "2026-01-12T09:30:04.211Z"
      request_id: REQ-2026-001
      by: sam@agency.example.org
      department: Finance
      manager_email: cfo@example.com
forwards:
  description: Forwards, sorted by address.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address that mail leaves.
      returned: always
      type: str
    owner:
      description: E-mail address of its owner.
      returned: always
      type: str
    state:
      description: Always V(present).
      returned: always
      type: str
    client:
      description: The client for which its owner came to own it. Empty when no task named one.
      returned: always
      type: str
    provider:
      description: Driver and host of the provider's account.
      returned: always
      type: str
    since:
      description: When its owner came to own it.
      returned: always
      type: str
    request_id:
      description: The change request under which that was done.
      returned: always
      type: str
    by:
      description: Who did it.
      returned: always
      type: str
    purpose:
      description: What it is for.
      returned: when that is recorded
      type: str
    expires_at:
      description: When it ends, in UTC.
      returned: when that is recorded
      type: str
  sample:
    - address: jobs@example.com
      owner: ann.personal@example.net
      state: present
      client: acme
      provider: modoboa@mail.example.com
      since: "2026-01-12T09:30:04.211Z"
      request_id: REQ-2026-001
      by: sam@agency.example.org
      purpose: Applications for the spring intake
      expires_at: "2026-04-30T00:00:00Z"
catch_alls:
  description: Catch-alls, sorted by domain.
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: The domain.
      returned: always
      type: str
    owner:
      description: E-mail address of its owner.
      returned: always
      type: str
    state:
      description: Always V(present).
      returned: always
      type: str
    client:
      description: The client for which its owner came to own it. Empty when no task named one.
      returned: always
      type: str
    provider:
      description: Driver and host of the provider's account.
      returned: always
      type: str
    since:
      description: When its owner came to own it.
      returned: always
      type: str
    request_id:
      description: The change request under which that was done.
      returned: always
      type: str
    by:
      description: Who did it.
      returned: always
      type: str
    purpose:
      description: What it is for.
      returned: when that is recorded
      type: str
    expires_at:
      description: When it ends, in UTC.
      returned: when that is recorded
      type: str
  sample: []
missing:
  description: Those of O(addresses) for which the journal knows no owner.
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
      code: journal_not_readable
      message: "The journal /srv/mailops/journal cannot be read: Permission denied."
      hint: Name the journal's folder in journal_dir, and give access to it.
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample: {}
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("owner_info")


if __name__ == "__main__":
    main()
