# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: audit_info
short_description: Ask the journal what happened, what changed last, and who changed it
version_added: 1.0.0
description:
  - Reads the journals in O(journal_dir) and returns the events that fit all options that are given, newest first.
  - RV(in_doubt) names the requests of which nobody knows whether the provider carried them out. RV(summary) says for each object
    what changed last and who has changed it.
  - It asks no provider, so it needs no token. Of the options of the connection only O(journal_dir) and O(client_domains) matter.
  - The chain of each file is followed on the way, and a damaged one fails the task. Whether a file is missing or was cut at its
    end is told by the verifier that the collection has for auditors.
  - Events hold no secrets. They hold addresses and names of people.
  - It never changes anything.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  request_id:
    description:
      - Events of this request.
    type: str
  address:
    description:
      - Events whose object has this address, such as a mailbox, an alias, a forward or an invite, and those of the access paths of
        this mailbox.
    type: str
  domain:
    description:
      - Events of this domain and of the addresses in it. Its subdomains are domains of their own.
      - Without it and O(address) only domains in O(client_domains) are told of, when that is set.
    type: str
  action:
    description:
      - Events with this action, such as V(mailbox.created), or with any action on such an object, such as V(mailbox).
    type: str
  actor:
    description:
      - Events of this human or this system, as they stand in the journal.
    type: str
  since:
    description:
      - Events at this time or later, in UTC, such as V(2026-01-31T12:00:00Z).
    type: str
  until:
    description:
      - Events before this time, in UTC.
    type: str
  outcome:
    description:
      - Events that ended like this. It does not narrow RV(in_doubt).
    type: str
    choices:
      success: It was done.
      failure: It was not done.
      unverified: It was done, and reading back did not show it.
      in_doubt: The answer was lost.
  last:
    description:
      - The most events that are returned, and the most objects in RV(summary). V(0) returns all.
    type: int
    default: 100
  view:
    description:
      - How the events are returned.
    type: str
    choices:
      full: As they stand in the journal.
      runbook: Only the request, the actor, the action, domain, mailbox, delivery, version and time.
    default: full
seealso:
  - module: mailops.email.expiry_info
  - module: mailops.email.invite_info
"""

EXAMPLES = r"""
- name: See what became of a request
  mailops.email.audit_info:
    request_id: REQ-2026-008
    last: 0
  register: trail

- name: Stop when something is in doubt
  ansible.builtin.assert:
    that: trail.in_doubt | length == 0
    fail_msg: "In doubt: {{ trail.in_doubt | map(attribute='object.key') | join(', ') }}"

- name: See who changed a mailbox
  mailops.email.audit_info:
    address: alex@example.com

- name: See the last ten changes of a domain
  mailops.email.audit_info:
    domain: example.com
    last: 10
    view: runbook

- name: See what was suspended in January
  mailops.email.audit_info:
    action: mailbox.suspended
    outcome: success
    since: "2026-01-01T00:00:00Z"
    until: "2026-02-01T00:00:00Z"
"""

RETURN = r"""
events:
  description:
    - Outcomes, verifications and notes, newest first. Intents are not among them, their outcomes say the same.
    - Their fields are those of the journal, or those of O(view=runbook).
  returned: success
  type: list
  elements: dict
  sample:
    - request_id: REQ-2026-008
      actor: dana@example.net
      action: mailbox.suspended
      domain: example.com
      mailbox: alex@example.com
      delivery: ""
      tool_version: mailops.email@1.0.0
      timestamp: "2026-01-12T09:30:00.000Z"
matched:
  description: How many events fit, also when fewer are returned.
  returned: success
  type: int
  sample: 1
in_doubt:
  description: Intents without an outcome, or whose outcome is not known, with all their fields, newest first.
  returned: success
  type: list
  elements: dict
  sample: []
summary:
  description: One entry for each object that these events have changed, the one that changed last first.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: What it is, such as V(mailbox).
      returned: always
      type: str
    key:
      description: Its address or name.
      returned: always
      type: str
    changes:
      description: How many of these events have changed it.
      returned: always
      type: int
    changed_by:
      description: The humans who have changed it, sorted.
      returned: always
      type: list
      elements: str
    last_changed:
      description: When it changed last.
      returned: always
      type: str
    last_action:
      description: What was done then.
      returned: always
      type: str
    last_actor:
      description: The human who did it.
      returned: always
      type: str
    last_request_id:
      description: The request for which it was done.
      returned: always
      type: str
  sample:
    - kind: mailbox
      key: alex@example.com
      changes: 2
      changed_by:
        - dana@example.net
      last_changed: "2026-01-12T09:30:00.000Z"
      last_action: mailbox.suspended
      last_actor: dana@example.net
      last_request_id: REQ-2026-008
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
    run_info_module("audit_info")


if __name__ == "__main__":
    main()
