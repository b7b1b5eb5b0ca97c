# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: offboarding
short_description: Record what is offboarded, and what became of each thing
version_added: 1.0.0
description:
  - Writes into the journal that an offboarding has begun, with what was selected, and that it is closed, with what became of each thing,
    what was kept by a decision, and what people have done by hand.
  - The report is a document beside the journal, V(evidence/<request_id>/<client>/<digest>.json); the event names it with its digest.
  - It is refused with the code V(offboard_incomplete) to close one of which something is open. The same is not recorded twice.
  - No provider is asked, and no token is needed. The role C(offboarding) runs it first and last.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  state:
    description: &state_description
      - What is recorded. It is required.
    type: str
    choices: &state_choices
      started: It begins, with O(selection).
      closed: Nothing is left, as O(items) says.
  selection:
    description: &selection
      - What is selected, as M(mailops.email.offboarding_info) returns it. It is required.
    type: dict
  items:
    description: &items
      - The items of the last M(mailops.email.offboarding_info). Required with O(state=closed).
    type: list
    elements: dict
  offboardings:
    description:
      - A list, in place of a single one. There is one record for each request and client, so it has one entry.
    type: list
    elements: dict
    suboptions:
      state:
        description: *state_description
        type: str
        required: true
        choices: *state_choices
      selection:
        description: *selection
        type: dict
      items:
        description: *items
        type: list
        elements: dict
seealso:
  - module: mailops.email.offboarding_info
  - module: mailops.email.evidence
"""

EXAMPLES = r"""
- name: See how it stands; then record that nothing is left
  mailops.email.offboarding_info:
    request_id: OFF-2026-004
    addresses:
      - alex@example.com
  register: left

- name: Close the record
  mailops.email.offboarding:
    request_id: OFF-2026-004
    actor: sam@agency.example.org
    state: closed
    selection: "{{ left.selection }}"
    items: "{{ left['items'] }}"
  when: left.complete

- name: Work for one client; no token is needed
  module_defaults:
    group/mailops.email.all:
      client: acme
      request_id: OFF-2026-004
      actor: sam@agency.example.org
  block:
    # See it first, with: ansible-playbook --check --diff
    - name: Record that it begins
      mailops.email.offboarding:
        offboardings:
          - state: started
            selection:
              how: addresses
              mailboxes:
                - alex@example.com
"""

RETURN = r"""
offboardings:
  description:
    - The records of the task as they are now. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    key:
      description: Its name in the journal, of the request and the client.
      returned: always
      type: str
    state:
      description: V(started), V(closed), or V(absent) when there is none.
      returned: always
      type: str
    digest:
      description: Digest of the report.
      returned: when it is closed
      type: str
    path:
      description: Where the report is beside the journal.
      returned: when it is closed
      type: str
    counts:
      description: How many things are in each state.
      returned: when it is closed
      type: dict
  sample:
    - key: OFF-2026-004/acme
      state: closed
      digest: sha256:3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10
      path: evidence/OFF-2026-004/acme/3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10.json
      counts:
        confirmed: 1
        done: 4
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
    - kind: offboarding
      verb: record
      key: OFF-2026-004/acme
      before: null
      after:
        state: started
        how: addresses
        selection_digest: sha256:77b0e3c09d3e6f2f1f0b6a1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493
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
  sample: ["OFF-2026-004/acme"]
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
      key: closed
      phase: validate
      code: offboard_incomplete
      message: "OFF-2026-004/acme: 1 items are open, alias offers@example.com is the first."
      hint: Close what is open, and take items from the last offboarding_info.
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
  sample: {}
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
    before: ""
    after: "\
      offboarding OFF-2026-004/acme: {\"how\":\"addresses\",\"selection_digest\":\
      \"sha256:77b0e3c09d3e6f2f1f0b6a1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493\",\"state\":\"started\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("offboarding")


if __name__ == "__main__":
    main()
