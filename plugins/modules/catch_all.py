# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: catch_all
short_description: Keep the catch-all of domains off, or on for a time
version_added: 1.0.0
description:
  - Brings the catch-all of one domain, or of a whole list of them, to the wanted state. A catch-all takes the mail for every
    address of a domain that does not exist.
  - It is off by default. A task that only names a domain switches it off.
  - A catch-all that is on has an owner who answers for it, a purpose and an end. The provider has no fields for these, so the
    journal keeps them.
  - A catch-all whose end has come is switched off by the next run that names it, even with O(state=present), with a warning.
    Nothing switches it off by itself in the meantime. M(mailops.email.expiry_info) lists what is over, and the playbook
    C(mailops.email.expire) ends it by schedule.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  domain:
    description: &domain_description
      - The domain. It has to be in the account.
    type: str
  state:
    description: &state_description
      - What the catch-all shall be. When it is not set, V(absent) is meant.
    type: str
    choices: &state_choices
      present: It is on until O(expires_at), and what it takes goes to O(destination).
      absent: It is off, and mail to unknown addresses is refused.
  destination: &destination
    description:
      - Address to which the mail goes. One of a domain outside of the provider account needs O(exception).
      - Required with O(state=present).
    type: str
  owner: &owner
    description:
      - E-mail address of the person who answers for the catch-all. Required with O(state=present).
    type: str
  purpose: &purpose
    description:
      - Why the catch-all is on. Required with O(state=present).
    type: str
  expires_at: &expires_at
    description:
      - When the catch-all ends. A date, such as V(2027-01-31), which ends it as that day begins in UTC, or a time with a zone, such
        as V(2027-01-31T12:00:00Z).
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
  catch_alls:
    description:
      - A list of catch-alls, in place of a single one. Each domain may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      domain:
        description: *domain_description
        type: str
        required: true
      state:
        description: *state_description
        type: str
        choices: *state_choices
      destination: *destination
      owner: *owner
      purpose: *purpose
      expires_at: *expires_at
      exception: *exception
notes:
  - Switching a catch-all off counts as a removal for O(max_removals).
  - A catch-all that was switched on by other means is found. Naming it here with its destination records owner, purpose and end
    without touching it at the provider. It shows in the plan with the verb V(record).
seealso:
  - module: mailops.email.domain
  - module: mailops.email.expiry_info
  - module: mailops.email.forward
"""

EXAMPLES = r"""
- name: Make sure that the catch-all of a domain is off
  mailops.email.catch_all:
    request_id: REQ-2026-001
    actor: sam@agency.example.org
    domain: example.com

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
        - example.org
      request_id: OPS-1502
      actor: sam@agency.example.org
  block:
    # See the plan first, with: ansible-playbook --check --diff
    - name: Switch it on for the weeks after a migration, and off for the client's other domains
      mailops.email.catch_all:
        catch_alls:
          - domain: example.com
            state: present
            destination: alex@example.com
            owner: dana.lindqvist@example.com
            purpose: Finding addresses that the migration missed
            expires_at: "2027-03-31"
          - domain: example.net
          - domain: example.org

    - name: Send unknown mail to another organisation, which needs an exception
      mailops.email.catch_all:
        domain: example.net
        state: present
        destination: acme@archive.example
        owner: dana.lindqvist@example.com
        purpose: Closing the old brand
        expires_at: "2027-03-31"
        exception:
          reason: Archive is under contract, OPS-1502
          approver: mira.holt@example.com
          expires_at: "2030-01-31T12:00:00Z"
"""

RETURN = r"""
catch_alls:
  description:
    - The catch-alls of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    domain:
      description: The domain.
      returned: always
      type: str
    state:
      description: V(present) when it is on, otherwise V(absent).
      returned: always
      type: str
    destination:
      description: Where the mail goes.
      returned: when it is on
      type: str
    owner:
      description: Who answers for it. V(null) when that is not recorded.
      returned: when it is on
      type: str
    purpose:
      description: What it is for. V(null) when that is not recorded.
      returned: when it is on
      type: str
    expires_at:
      description: When it ends, in UTC. V(null) when that is not recorded.
      returned: when it is on
      type: str
  sample:
    - domain: example.com
      state: present
      destination: alex@example.com
      owner: dana.lindqvist@example.com
      purpose: Finding addresses that the migration missed
      expires_at: "2026-03-31T00:00:00Z"
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
    - kind: catch_all
      verb: enable
      key: example.com
      before: null
      after:
        destination: alex@example.com
        owner: dana.lindqvist@example.com
        purpose: Finding addresses that the migration missed
        expires_at: "2026-03-31T00:00:00Z"
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
  sample: ["example.com"]
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
      key: example.com
      phase: validate
      code: purpose_missing
      message: "example.com: purpose is not set."
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
    GET: 2
    PATCH: 1
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
      catch_all example.com: {\"destination\":\"alex@example.com\"\
      ,\"expires_at\":\"2026-03-31T00:00:00Z\",\"owner\":\"dana.lindqvist@example.com\"\
      ,\"purpose\":\"Finding addresses that the migration missed\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("catch_all")


if __name__ == "__main__":
    main()
