# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: expiry_info
short_description: List what was allowed for a time that is over
version_added: 1.0.0
description:
  - Lists forwards, catch-alls and temporary passwords whose end has passed, and invites that nobody answered in time.
  - It reads the journal in O(journal_dir), because a provider may have no field for an end. What was made without this collection,
    or with another journal, is not in it; M(mailops.email.forward_info) shows forwards that nobody answers for.
  - The lists are items for the modules that end such things. The playbook C(mailops.email.expire) joins the two and can run by
    schedule.
  - A temporary password that its owner has changed is taken off the list with O(mailops.email.mailbox#module:owner_confirmed).
  - It never changes anything.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - Domains that are looked at. Without it those in O(client_domains), and without these all that the token sees.
    type: list
    elements: str
seealso:
  - module: mailops.email.forward
  - module: mailops.email.catch_all
  - module: mailops.email.mailbox
"""

EXAMPLES = r"""
- name: See what is over
  mailops.email.expiry_info:
    client: acme
    client_domains:
      - example.com
  register: due

- name: End the forwards among it
  mailops.email.forward:
    request_id: CHG-EXPIRE
    forwards: "{{ due.forwards }}"
  when: due.forwards | length > 0
"""

RETURN = r"""
forwards:
  description: Items for M(mailops.email.forward).
  returned: success
  type: list
  elements: dict
  sample:
    - address: news@example.com
      state: absent
catch_alls:
  description: Items for M(mailops.email.catch_all).
  returned: success
  type: list
  elements: dict
  sample:
    - domain: example.com
      state: absent
mailboxes:
  description: Items for M(mailops.email.mailbox) that suspend mailboxes whose temporary password is over.
  returned: success
  type: list
  elements: dict
  sample:
    - address: kiosk@example.com
      state: suspended
      reason: temporary password of REQ-2026-007 expired 2026-02-01T12:00:00Z
invites:
  description: Invites that nobody answered in time, as M(mailops.email.invite_info) returns them.
  returned: success
  type: list
  elements: dict
  sample:
    - address: alex@example.com
      state: expired
      recipient: alex.moreau@example.net
      expires_at: "2026-01-15T09:30:00Z"
      request_id: REQ-2026-001
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
    run_info_module("expiry_info")


if __name__ == "__main__":
    main()
