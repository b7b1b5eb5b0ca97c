# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: evidence
short_description: Keep what mailboxes and domains were like, before anything is changed
version_added: 1.0.0
description:
  - Captures what the provider shows of addresses and domains, and what the journal tells of them, and keeps it beside the journal. It
    changes nothing at the provider.
  - Of an address that is the mailbox with its last login where the provider has one, its invite, forward and aliases, sessions, app
    passwords, tokens, delegates, devices and rules, and the catch-alls and forwards that end in it. Of a domain it is the domain
    itself, its mailboxes with their states, its catch-all, and its forwards without a mailbox.
  - Beside the state stand all outcomes that the journal has of the address, whoever was at work, and who has done what to it how often.
  - All objects of a task share one document, V(evidence/<request_id>/<client>/<digest>.json) beside the journal. For each object an
    event C(evidence.captured) names it with its digest, so that a document that was changed later shows. It holds no secret.
  - The same state is not captured twice under a request, and nothing is captured any more once the request has begun to change
    things, because what counts is what there was before.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  name:
    description: &name_description
      - An address, or a domain.
    type: str
  rollback_id:
    description: &rollback_description
      - The rollback of the request before which it is captured, as M(mailops.email.rollback) names it. What was captured before the
        request itself does not count then.
    type: str
  objects:
    description:
      - A list of addresses and domains, in place of a single one. Each may stand in it only once.
    type: list
    elements: dict
    suboptions:
      name:
        description: *name_description
        type: str
        required: true
      rollback_id:
        description: *rollback_description
        type: str
notes:
  - What the provider does not show by API is named in the document, with what a person does about it.
  - It is containment, so it goes on while a freeze of M(mailops.email.freeze) holds.
  - The provider tells of each mailbox's access paths separately, so each address takes some requests.
seealso:
  - module: mailops.email.mailbox_access_info
  - module: mailops.email.audit_info
  - module: mailops.email.freeze
"""

EXAMPLES = r"""
- name: Keep what a mailbox is like before it is closed
  mailops.email.evidence:
    request_id: INC-2026-031
    actor: sam@agency.example.org
    name: alex@example.com

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
      request_id: INC-2026-031
      actor: sam@agency.example.org
  block:
    # See what would be captured, with: ansible-playbook --check --diff
    - name: Capture two mailboxes and their domain
      mailops.email.evidence:
        objects:
          - name: alex@example.com
          - name: kim@example.com
          - name: example.com
"""

RETURN = r"""
objects:
  description:
    - The objects of the task, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    name:
      description: The address, or the domain.
      returned: always
      type: str
    state:
      description: V(captured), or V(absent) when there is no evidence of it.
      returned: always
      type: str
    digest:
      description: SHA-256 of C(mailops-evidence-v1), a line feed, and the bytes of the document.
      returned: when it was captured
      type: str
    path:
      description: Where the document is beside the journal.
      returned: when it was captured
      type: str
  sample:
    - name: alex@example.com
      state: captured
      digest: sha256:3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10
      path: evidence/INC-2026-031/acme/3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10.json
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
    - kind: evidence
      verb: record
      key: alex@example.com
      before: null
      after:
        digest: sha256:3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10
        path: evidence/INC-2026-031/acme/3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10.json
        state_digest: sha256:77b0e3c09d3e6f2f1f0b6a1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493
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
      key: alex@example.net
      phase: validate
      code: client_boundary
      message: "alex@example.net: the domain example.net does not belong to client acme."
      hint: Run it for the client that owns the domain, or correct the client's domains in the inventory.
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
    GET: 12
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
    request_id: INC-2026-031
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
      evidence alex@example.com: {\"digest\":\"sha256:3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10\",\
      \"path\":\"evidence/INC-2026-031/acme/3f6a8f2d4e8a55c0ad0a9bb30c2e8d2a2b0a8f6f1d1b3e6a4a9a2f1c7d5e4b10.json\",\
      \"state_digest\":\"sha256:77b0e3c09d3e6f2f1f0b6a1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("evidence")


if __name__ == "__main__":
    main()
