# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: invite_info
short_description: List invites of mailbox owners
version_added: 1.0.0
description:
  - Lists the invites that are out, accepted, ended or expired. They come from the provider where it can list them, otherwise
    from the journal in O(journal_dir), see RV(source).
  - From the journal it knows only invites that this collection sent with the same journal. That one is accepted is seen from its
    mailbox being there.
  - It never changes anything, and never returns a setup link.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  domains:
    description:
      - Domains whose invites are listed. Those that the account does not have are left out.
      - When neither this nor O(addresses) is set, the invites of the domains in O(client_domains) are listed, and without these
        all.
    type: list
    elements: str
  addresses:
    description:
      - Addresses of the mailboxes whose invites are listed. Then O(domains) has no effect.
    type: list
    elements: str
  state:
    description:
      - List only invites in this state.
    type: str
    choices:
      pending: The link works, and nobody has used it.
      redeemed: The owner has the mailbox.
      cancelled: It was ended before it was used.
      expired: Its time was over before it was used.
  request_id:
    description:
      - List only invites that this change request sent.
    type: str
seealso:
  - module: mailops.email.invite
  - module: mailops.email.mailbox
"""

EXAMPLES = r"""
- name: See how far the owners of a batch are
  mailops.email.invite_info:
    request_id: REQ-2026-001
  register: batch

- name: Show it in numbers
  ansible.builtin.debug:
    msg: >-
      {{ batch.invites | selectattr('state', 'equalto', 'redeemed') | length }} accepted,
      {{ batch.invites | selectattr('state', 'equalto', 'pending') | length }} waiting,
      {{ batch.invites | selectattr('state', 'equalto', 'expired') | length }} expired

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: List the links of one domain that still work
      mailops.email.invite_info:
        domains:
          - example.com
        state: pending
"""

RETURN = r"""
invites:
  description: The invites, by address.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: Address of the mailbox.
      returned: always
      type: str
    state:
      description: V(pending), V(redeemed), V(cancelled) or V(expired).
      returned: always
      type: str
    recipient:
      description: Where the link went.
      returned: always
      type: str
    expires_at:
      description: When the link ends, in UTC.
      returned: always
      type: str
    sent_at:
      description: When it was last sent or changed, in UTC.
      returned: when RV(source) is V(journal)
      type: str
    request_id:
      description: The change request that did that.
      returned: when RV(source) is V(journal)
      type: str
    id:
      description: The provider's number for it. V(null) when the provider did not tell.
      returned: always
      type: int
    link:
      description: V(lost) when the link was to be sealed and its answer never came, so that nobody holds it; else empty.
      returned: when RV(source) is V(journal)
      type: str
    delivery_method:
      description: V(one_time_setup_link) by the provider's mail, or V(one_time_token_oob) when it was sealed.
      returned: when RV(source) is V(journal)
      type: str
    source:
      description: V(journal).
      returned: when RV(source) is V(journal)
      type: str
  sample:
    - address: alex@example.com
      state: pending
      recipient: alex.moreau@example.net
      expires_at: "2026-01-15T09:30:00Z"
      sent_at: "2026-01-12T09:30:00.123456Z"
      request_id: REQ-2026-001
      id: 311
      delivery_method: one_time_setup_link
      link: ""
      source: journal
source:
  description: Where the invites are known from, V(provider) or V(journal).
  returned: success
  type: str
  sample: journal
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
    run_info_module("invite_info")


if __name__ == "__main__":
    main()
