# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: forward
short_description: Add, change and end forwards
version_added: 1.0.0
description:
  - Brings one forward, or a whole list of them, to the wanted state. A forward sends mail for an address on to other addresses.
  - The address is that of a mailbox, which then forwards, or of none, which then is an address that only forwards. The module
    finds out which it is.
  - Every forward has an owner who answers for it, a purpose and an end. The provider has no fields for these, so the journal keeps
    them.
  - A forward whose end has come is removed by the next run that names it, even with O(state=present), with a warning. Nothing
    removes it by itself in the meantime. M(mailops.email.expiry_info) lists what is over, and the playbook
    C(mailops.email.expire) ends it by schedule.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description: &address_description
      - The address that mail leaves.
    type: str
  state:
    description: &state_description
      - What the forward shall be. When it is not set, V(present) is meant.
    type: str
    choices: &state_choices
      present: Mail to the address goes to O(targets), until O(expires_at). One that is paused at the provider is switched on.
      absent: Mail to the address goes nowhere else. Only the address is needed for this.
  targets: &targets
    description:
      - Where mail goes, one address or more. The list is the whole list, others are removed from the forward.
      - Addresses of domains outside of the provider account need O(exception). An address cannot forward to itself.
      - Required with O(state=present).
    type: list
    elements: str
  keep_copy:
    description: &keep_copy_description
      - Whether the mailbox keeps a copy of what it forwards. It has no meaning for an address without a mailbox.
    type: bool
    default: true
  owner: &owner
    description:
      - E-mail address of the person who answers for the forward. Required with O(state=present).
    type: str
  purpose: &purpose
    description:
      - Why mail is forwarded. Required with O(state=present).
    type: str
  expires_at: &expires_at
    description:
      - When the forward ends. A date, such as V(2027-01-31), which ends it as that day begins in UTC, or a time with a zone, such as
        V(2027-01-31T12:00:00Z).
      - At most 400 days away, so that somebody decides again. Required with O(state=present).
    type: str
  exception: &exception
    description:
      - The recorded exception that allows what is not allowed by default. It goes into the plan and the journal with each
        operation that needs it.
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
          - When the exception ends, in UTC with C(Z), such as V(2030-01-31T12:00:00Z). One that has ended is refused.
        type: str
        required: true
      accept_unforced_rotation:
        description:
          - Accept that the provider cannot force a change of a temporary password at the first sign-in.
          - It matters only for a mailbox with a password made by the operator, see
            O(mailops.email.mailbox#module:credential=generated_one_time).
        type: bool
        default: false
  forwards:
    description:
      - A list of forwards, in place of a single one. Each address may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      address:
        description: *address_description
        type: str
        required: true
      state:
        description: *state_description
        type: str
        choices: *state_choices
      targets: *targets
      keep_copy:
        description: *keep_copy_description
        type: bool
      owner: *owner
      purpose: *purpose
      expires_at: *expires_at
      exception: *exception
notes:
  - Ending a forward counts as a removal for O(max_removals), one whose time is over included.
  - A forward that was made by other means is found. Naming it here records its owner, purpose and end without touching it at the
    provider, when all else is as wanted. It shows in the plan with the verb V(record).
seealso:
  - module: mailops.email.forward_info
  - module: mailops.email.expiry_info
  - module: mailops.email.alias
  - module: mailops.email.catch_all
"""

EXAMPLES = r"""
- name: Forward the mail of someone who left to the successor, for half a year
  mailops.email.forward:
    request_id: REQ-2026-001
    actor: sam@agency.example.org
    address: alex@example.com
    targets:
      - kim@example.com
    owner: dana.lindqvist@example.com
    purpose: Handover to the successor
    expires_at: "2027-06-30"

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
      request_id: OPS-1502
      actor: sam@agency.example.org
  block:
    # See the plan first, with: ansible-playbook --check --diff
    - name: Keep the client's forwards; those whose time is over are removed
      mailops.email.forward:
        owner: dana.lindqvist@example.com
        max_removals: 5
        forwards:
          - address: jobs@example.com
            targets:
              - kim@example.com
              - lea@example.com
            purpose: Applications for the spring intake
            expires_at: "2027-04-30"
          - address: fair@example.com
            targets:
              - sales@example.com
            purpose: Trade fair in March
            expires_at: "2027-03-31T18:00:00+01:00"

    - name: Let mail leave to another organisation, which needs an exception
      mailops.email.forward:
        address: audit@example.com
        targets:
          - acme@auditors.example.net
        keep_copy: true
        owner: dana.lindqvist@example.com
        purpose: Yearly audit
        expires_at: "2027-02-28"
        exception:
          reason: Auditors are under contract, OPS-1502
          approver: mira.holt@example.com
          expires_at: "2030-01-31T12:00:00Z"

    - name: End a forward
      mailops.email.forward:
        address: alex@example.com
        state: absent
"""

RETURN = r"""
forwards:
  description:
    - The forwards of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    address:
      description: The address that mail leaves.
      returned: always
      type: str
    state:
      description: V(present), V(paused) at the provider, or V(absent).
      returned: always
      type: str
    via:
      description: V(mailbox), or V(address) for one without a mailbox.
      returned: when there is a forward
      type: str
    targets:
      description: Where mail goes.
      returned: when there is a forward
      type: list
      elements: str
    keep_copy:
      description: Whether the mailbox keeps a copy.
      returned: when it is the forward of a mailbox
      type: bool
    owner:
      description: Who answers for it. V(null) when that is not recorded.
      returned: when there is a forward
      type: str
    purpose:
      description: What it is for. V(null) when that is not recorded.
      returned: when there is a forward
      type: str
    expires_at:
      description: When it ends, in UTC. V(null) when that is not recorded.
      returned: when there is a forward
      type: str
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
    - kind: forward
      verb: create
      key: alex@example.com
      before: null
      after:
        state: present
        via: mailbox
        targets:
          - kim@example.com
        keep_copy: true
        owner: dana.lindqvist@example.com
        purpose: Handover to the successor
        expires_at: "2026-06-30T00:00:00Z"
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
    - index: 1
      key: kim@example.com
      phase: validate
      code: expiry_missing
      message: "kim@example.com: expires_at is not set."
      hint: Say who answers for it, why, and until when.
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
    GET: 4
    PUT: 1
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
    request_id: REQ-2026-001
    approval_id: APR-2026-001
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
    before: ""
    after: "\
      forward alex@example.com: {\"expires_at\":\"2026-06-30T00:00:00Z\",\"keep_copy\":true\
      ,\"owner\":\"dana.lindqvist@example.com\",\"purpose\":\"Handover to the successor\"\
      ,\"state\":\"present\",\"targets\":[\"kim@example.com\"],\"via\":\"mailbox\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("forward")


if __name__ == "__main__":
    main()
