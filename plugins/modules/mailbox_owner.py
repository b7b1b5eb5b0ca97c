# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox_owner
short_description: Give mailboxes another owner, and a secret that only the new owner learns
version_added: 1.0.0
description:
  - Hands one mailbox, or a whole list of them, over to another owner. The secret of whoever had it until now is replaced, and the
    change of owner is recorded in the journal with its reason and, where there is one, its end.
  - Where the platform has a recovery link, it goes to the new owner, and until it is used nobody knows the secret. Otherwise a
    password is made that is written sealed for its recipient and nowhere else, which needs O(exception).
  - With a recovery link, what the platform sends when a password is forgotten goes to the new owner too (C(recovery.rotated)).
  - A mailbox that is suspended is opened again, after its secret was replaced. What the provider had switched off with it is given back.
  - A role account, whose secret several people know, is rotated the same way whenever one of them leaves. Its owner may stay the same.
  - What was handed over under a request is not handed over once more under it.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description: &address_description
      - The mailbox.
    type: str
  owner_email: &owner_email
    description:
      - E-mail address at which the new owner is reached today. It is required, and cannot be the mailbox itself.
    type: str
  reason: &reason
    description:
      - Why its owner changes. It is required.
    type: str
    choices: [onboarding, role_change, vendor_swap, offboarding, merger]
  until: &until
    description:
      - When the new owner's time ends. A date, or a time with a zone. It is recorded; nothing ends by itself.
    type: str
  role_account:
    description: &role_account_description
      - Whether it is a role account. The journal then says C(role_account.rotated) too.
    type: bool
    default: false
  seal_to: &seal_to
    description:
      - Public key of the new owner, C(age1…), C(ssh-ed25519 …) or C(ssh-rsa …), for which a password is sealed.
    type: str
  exception: &exception
    description:
      - The recorded exception that allows what is not allowed by default. It goes into the plan and the journal with each
        operation that needs it.
      - A password made by the operator needs one, so it is required where the platform has no recovery link.
      - An exception is for one object. Beside a list it is refused; each item that needs one has its own.
    type: dict
    suboptions:
      reason:
        description:
          - Why, in words that say something.
        type: str
        required: true
      approver:
        description:
          - Who allows it, preferably an e-mail address.
        type: str
        required: true
      expires_at:
        description:
          - When the exception ends, in UTC with C(Z), such as V(2030-01-31T12:00:00Z). One that has ended is refused. A password is
            good for 72 hours at most.
        type: str
        required: true
      accept_unforced_rotation:
        description:
          - Accept that the provider cannot force a change of a temporary password at the first sign-in.
        type: bool
        default: false
  mailboxes:
    description:
      - A list of mailboxes, in place of a single one. Each address may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      address:
        description: *address_description
        type: str
        required: true
      owner_email: *owner_email
      reason: *reason
      until: *until
      role_account:
        description: *role_account_description
        type: bool
      seal_to: *seal_to
      exception: *exception
notes:
  - It ends no sessions and revokes no app passwords. Suspend the mailbox first with M(mailops.email.mailbox), which does, and close the
    other ways with M(mailops.email.mailbox_access); the role C(offboarding) does it in this order.
seealso:
  - module: mailops.email.owner_info
  - module: mailops.email.mailbox
  - module: mailops.email.mailbox_access
"""

EXAMPLES = r"""
- name: Hand the mailbox of someone who left to the successor, for half a year
  mailops.email.mailbox_owner:
    request_id: OFF-2026-004
    actor: sam@agency.example.org
    address: alex@example.com
    owner_email: kim.personal@example.net
    reason: offboarding
    until: "2027-06-30"
    seal_to: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    exception:
      reason: No recovery link at this provider, OFF-2026-004
      approver: mira.holt@example.com
      expires_at: "2026-11-03T12:00:00Z"
      accept_unforced_rotation: true

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
      request_id: OFF-2026-004
      actor: sam@agency.example.org
  block:
    # See the plan first, with: ansible-playbook --check --diff
    - name: Rotate role accounts after somebody who knew their secrets has left; the platform sends recovery links
      mailops.email.mailbox_owner:
        reason: offboarding
        role_account: true
        mailboxes:
          - address: billing@example.com
            owner_email: finance.owner@example.org
          - address: support@example.com
            owner_email: kim.personal@example.net
"""

RETURN = r"""
mailboxes:
  description:
    - The mailboxes of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      returned: always
      type: str
    state:
      description: V(present), V(suspended), or V(absent) when there is none.
      returned: always
      type: str
    owner:
      description: Its owner from now on.
      returned: always
      type: str
    until:
      description: When the owner's time ends, in UTC. V(null) when there is no end.
      returned: always
      type: str
  sample:
    - address: alex@example.com
      state: present
      owner: kim.personal@example.net
      until: "2027-06-30T00:00:00Z"
plan:
  description:
    - The operations that lead from the observed to the wanted state, in order. Empty when all is as wanted.
    - When an item was refused, these are the operations of the others. None of them was carried out then.
  returned: unless the task as a whole was refused, or the plan has more operations than O(max_listed)
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      returned: always
      type: str
    verb:
      description: What is done to it.
      returned: always
      type: str
    key:
      description: The address or host name that identifies it.
      returned: always
      type: str
    before:
      description: What changes, as it was. V(null) when there was no object.
      returned: always
      type: dict
    after:
      description: What changes, as it is wanted. V(null) when the object goes.
      returned: always
      type: dict
    delivery:
      description:
        - How access reaches its owner, as C(method) and C(rank), with the public key C(seal_to) and the path C(file) of the
          sealed file where there is one. Never the secret.
      returned: when the operation gives someone access
      type: dict
    exception:
      description: The recorded exception that allows the operation.
      returned: when there is one
      type: dict
    collateral:
      description:
        - What the provider changes on the side, each with C(kind), C(key), C(before) and C(after), such as aliases that it switches
          off together with a mailbox.
      returned: when there is such a thing
      type: list
      elements: dict
  sample:
    - kind: mailbox
      verb: record
      key: alex@example.com
      before:
        owner: alex.moreau@example.net
      after:
        owner: kim.personal@example.net
        until: "2027-06-30T00:00:00Z"
        rotated_for: OFF-2026-004
        reason: offboarding
plan_digest:
  description:
    - Digest of client, provider account and all operations. Equal plans have equal digests.
  returned: unless the task as a whole was refused
  type: str
  sample: sha256:0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112
counts:
  description:
    - Numbers of what the lists hold. They are there when a list is too long for the result.
  returned: unless the task as a whole was refused
  type: dict
  contains:
    objects:
      description: Objects of the task.
      returned: always
      type: int
    states:
      description: How many of them are in each state.
      returned: always
      type: dict
    operations:
      description: Operations of the plan.
      returned: always
      type: int
    predicted:
      description: Operations that check mode foresees.
      returned: always
      type: int
    applied:
      description: Operations that were carried out.
      returned: always
      type: int
    unverified:
      description: Those of them whose effect did not show when it was read back.
      returned: always
      type: int
    failed:
      description: Operations that failed.
      returned: always
      type: int
    in_doubt:
      description: Operations whose answer was lost.
      returned: always
      type: int
    not_attempted:
      description: Operations that were never sent.
      returned: always
      type: int
  sample:
    objects: 1
    states:
      present: 1
    operations: 1
    predicted: 0
    applied: 1
    unverified: 0
    failed: 0
    in_doubt: 0
    not_attempted: 0
left_out:
  description:
    - Which lists are longer than O(max_listed) and therefore not in the result, and where to find what they would say.
  returned: when a list is left out
  type: str
  sample: >-
    Longer than max_listed (1000) and left out: plan, applied, diff, audit.changes. What was done is in the journal
    /home/sam/.local/state/mailops/journal/20260112T093000Z-controller-4711.jsonl, in the lines with task_id
    01KESH2VJ8Q4T6W9XBYC3D5F7G.
applied:
  description: Keys of the objects whose operations were carried out. Empty in check mode.
  returned: unless the plan has more operations than O(max_listed)
  type: list
  elements: str
  sample: ["alex@example.com"]
unverified:
  description: Those of RV(applied) whose effect did not show when it was read back.
  returned: unless the task as a whole was refused
  type: list
  elements: str
  sample: []
failed_items:
  description:
    - Everything that was refused or that failed, also told in C(msg). Empty after a success.
  returned: always
  type: list
  elements: dict
  contains:
    index:
      description:
        - Position of the item in the list, from 0. V(-1) when it concerns the task as a whole, or an operation of an
          earlier run that is settled now.
      returned: always
      type: int
    key:
      description: The object. Empty when it concerns the task as a whole.
      returned: always
      type: str
    phase:
      description:
        - V(task), V(validate) or V(plan) when nothing at all was changed.
        - V(apply) when this operation failed while the plan was carried out.
      returned: always
      type: str
    code:
      description: Stable name of the rule or error, for programs.
      returned: always
      type: str
    message:
      description: What is wrong, naming the object.
      returned: always
      type: str
    hint:
      description: What to do next. Can be empty.
      returned: always
      type: str
  sample:
    - index: 0
      key: alex@example.com
      phase: plan
      code: exception_needed
      message: "alex@example.com: a password made by the operator is an exception."
      hint: Add exception with reason, approver and expires_at, or choose the default way.
not_attempted:
  description:
    - Keys of objects with operations that were never sent, because an earlier operation on the same object failed, or because
      the provider or the journal failed for good.
  returned: always
  type: list
  elements: str
  sample: []
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample:
    GET: 3
    POST: 2
audit:
  description:
    - What the callback P(mailops.email.audit#callback) records of the task. Holds no secret.
  returned: once request, actor and client are accepted
  type: dict
  contains:
    run_id:
      description: Id of the run, the same in the journal.
      returned: always
      type: str
    request_id:
      description: The change request.
      returned: always
      type: str
    approval_id:
      description: The approval. Empty when there is none.
      returned: unless the task as a whole was refused
      type: str
    client:
      description: The client. Empty when there is none.
      returned: always
      type: str
    actor:
      description: Who ran it, as C(human) and C(system).
      returned: always
      type: dict
    tool_version:
      description: Name and version of this collection.
      returned: always
      type: str
    plan_digest:
      description: The same as RV(plan_digest).
      returned: unless the task as a whole was refused
      type: str
    journal:
      description: Path of the journal of the run. Empty when nothing had to be written.
      returned: unless the task as a whole was refused
      type: str
    task_id:
      description: Id of this task, in C(run.task_id) of each line that it has written to the journal.
      returned: unless the task as a whole was refused
      type: str
    check_mode:
      description: Whether it ran in check mode.
      returned: always
      type: bool
    changes:
      description:
        - One entry for each operation, with C(action), C(domain), C(mailbox), C(delivery), C(outcome), C(before_state),
          C(after_state), and C(exception) and C(collateral) where there are such.
        - C(outcome) is V(predicted), V(success), V(failure), V(unverified), V(in_doubt) or V(not_attempted).
        - With more operations than O(max_listed), only those that were not attempted; the callback reads the others from the journal.
      returned: always
      type: list
      elements: dict
    unlisted:
      description: How many operations are left out of RV(audit.changes).
      returned: unless the task as a whole was refused
      type: int
    failures:
      description: C(key), C(phase) and C(code) of each entry of RV(failed_items).
      returned: always
      type: list
      elements: dict
  sample:
    run_id: 20260112T093000Z-controller-4711
    request_id: OFF-2026-004
    approval_id: ""
    client: acme
    actor:
      human: sam@agency.example.org
      system: ansible@controller
    tool_version: mailops.email@1.0.0
    plan_digest: sha256:0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112
    journal: /home/sam/.local/state/mailops/journal/20260112T093000Z-controller-4711.jsonl
    task_id: 01KESH2VJ8Q4T6W9XBYC3D5F7G
    check_mode: false
    changes: []
    unlisted: 0
    failures: []
diff:
  description:
    - One line for each object that changes, before and after, sorted. The same in check mode and after the change.
  returned: unless the task as a whole was refused, or the plan has more operations than O(max_listed)
  type: dict
  contains:
    before:
      description: Lines of what is there.
      returned: always
      type: str
    after:
      description: Lines of what is wanted.
      returned: always
      type: str
    before_header:
      description: Always V(now).
      returned: always
      type: str
    after_header:
      description: Always V(wanted).
      returned: always
      type: str
  sample:
    before: "\
      mailbox alex@example.com: {\"owner\":\"alex.moreau@example.net\"}\n"
    after: "\
      mailbox alex@example.com: {\"owner\":\"kim.personal@example.net\",\"reason\":\"offboarding\",\"rotated_for\":\"OFF-2026-004\",\
      \"until\":\"2027-06-30T00:00:00Z\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("mailbox_owner")


if __name__ == "__main__":
    main()
