# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rollback
short_description: Take a request back from the journal alone
version_added: 1.0.0
description:
  - Takes back what the request O(request_id) has changed for one client at one account, whichever modules, runs and playbooks
    did it. It needs the journal and the provider, and nobody's memory; neither the request's files nor an inventory of mailboxes.
  - For each object it compares three states, the one before the request, the one that the request left, and the one that is there now.
    What is already as it was needs nothing. What somebody else has changed since is shown and left alone, unless
    O(overwrite) names it. What is in doubt is settled by reading the provider first.
  - It disables and does not delete. A mailbox that the request has made is suspended, its open sessions are ended, and its invite is
    cancelled; whoever owns it loses nothing but the way in. Forwards, aliases and catch-alls that the request has made are removed, and
    those that it has removed or changed come back as they were, unless their time is over. A suspended mailbox is opened again, together
    with what the provider had switched off on the side. A domain is never removed.
  - The order is the same each time. Invites are cancelled first, then logins closed, sessions ended, and what leads mail elsewhere
    removed; only then anything is given back.
  - All of it is one plan, recorded under the same request id, each event with the RV(rollback_id). Run again it finishes what is missing,
    and changes nothing when nothing is. Named by O(rollback_id), a rollback is taken back in the same way.
  - The playbook C(mailops.email.rollback) freezes the request first, keeps evidence, verifies, and closes the record.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
  - mailops.email.dns.resolver
  - mailops.email.publisher
notes:
  - Record sets of the DNS are taken back value by value, where O(publisher) names who publishes; without it they are left to people.
  - O(max_removals), O(sealed_dir) and O(snapshot) have no effect. The journal names what is removed, nothing is sealed, and the
    provider is always read.
options:
  state:
    description:
      - With V(rolled_back) the request, or the rollback O(rollback_id), is taken back.
      - With V(planned) it is only told what that would do, and nothing is reported as changed; unlike in check mode, later tasks of a dry
        run do not build on it.
      - With V(closed) the record of the rollback O(rollback_id) is closed. That is refused with V(rollback_incomplete) while any object
        is not settled.
    type: str
    choices:
      planned: What would be taken back is told.
      rolled_back: What was changed is taken back.
      closed: The record says that the rollback is done, and whether it was verified.
    default: rolled_back
  rollback_id:
    description:
      - A rollback of the request, as RV(rollback_id) named it. With O(state=rolled_back) it is this rollback that is taken back, which
        gives the state that the request had left.
      - Required with O(state=closed).
    type: str
  overwrite:
    description:
      - Addresses, or host names of domains, that are set back although somebody else has changed them since. Name them after
        you have seen what they are now.
    type: list
    elements: str
    default: []
  verified:
    description:
      - Whether a verification of the domains has passed after the rollback. Required with O(state=closed).
    type: bool
  unverified_because:
    description:
      - Why there is none. Required with O(verified=false).
    type: str
seealso:
  - module: mailops.email.audit_info
  - module: mailops.email.mail_probe
"""

EXAMPLES = r"""
- name: Show what taking the request back would do
  mailops.email.rollback:
    request_id: REQ-2026-001
    client: acme
  check_mode: true

- name: Take it back
  mailops.email.rollback:
    request_id: REQ-2026-001
    client: acme
  register: taken_back

- name: Set one forward back although somebody has changed it since
  mailops.email.rollback:
    request_id: REQ-2026-001
    client: acme
    overwrite:
      - sales@example.com

- name: Close the record once mail was verified
  mailops.email.rollback:
    request_id: REQ-2026-001
    client: acme
    state: closed
    rollback_id: "{{ taken_back.rollback_id }}"
    verified: true

- name: Take the rollback back
  mailops.email.rollback:
    request_id: REQ-2026-001
    client: acme
    rollback_id: REQ-2026-001/acme/1
"""

RETURN = r"""
evidence:
  description:
    - The names of all these objects, as O(mailops.email.evidence#module:objects) takes them.
  returned: unless the task as a whole was refused, or O(state=closed)
  type: list
  elements: dict
  contains:
    name:
      description: An address, or a domain.
      returned: always
      type: str
  sample:
    - name: alex@example.com
objects:
  description:
    - One entry for each object that the request has changed, in the order of its first change, and what becomes of it.
  returned: unless the task as a whole was refused, O(state=closed), or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      returned: always
      type: str
    key:
      description: The address or host name that identifies it.
      returned: always
      type: str
    actions:
      description: What the request has done to it, by the names of the journal.
      returned: always
      type: list
      elements: str
    verdict:
      description:
        - V(taken_back) when operations of this plan set it back, V(as_before) when nothing has to be done.
        - V(changed_since) when somebody else has changed it, V(in_doubt) when nobody can tell whether it was changed, and
          V(left_to_people) when the provider has no way back by API.
        - V(kept) when it stays by rule, such as a domain, an ended session, or a forward whose time is over.
        - V(failed) when an operation failed or was not attempted, V(not_planned) when the task was refused.
      returned: always
      type: str
    why:
      description: What was found. Can be empty.
      returned: always
      type: str
    next:
      description: What a person does about it. Empty when nothing is left to do.
      returned: always
      type: str
  sample:
    - kind: mailbox
      key: alex@example.com
      actions: ["mailbox.created"]
      verdict: taken_back
      why: ""
      next: ""
rollbacks:
  description:
    - The record of the rollback.
  returned: O(state=closed), unless the task as a whole was refused
  type: list
  elements: dict
  contains:
    rollback_id:
      description: Its name.
      returned: always
      type: str
    state:
      description: Always V(closed).
      returned: always
      type: str
    of:
      description: The rollback that it takes back. Empty when it takes back the request itself.
      returned: always
      type: str
    verified:
      description: Whether a verification has passed after it.
      returned: always
      type: bool
    unverified_because:
      description: Why none has.
      returned: when it is not verified
      type: str
  sample:
    - rollback_id: REQ-2026-001/acme/1
      state: closed
      of: ""
      verified: true
rollback_id:
  description:
    - Name of this rollback in the journal, or of the last one when nothing had to be done. Empty when there was none.
  returned: unless the task as a whole was refused
  type: str
  sample: REQ-2026-001/acme/1
record:
  description:
    - How the record of RV(rollback_id) stood when the task began.
  returned: unless the task as a whole was refused, or O(state=closed)
  type: dict
  contains:
    state:
      description: V(started) or V(closed). Empty when there was none.
      returned: always
      type: str
    verified:
      description: Whether it was closed after a verification that had passed.
      returned: always
      type: bool
  sample:
    state: ""
    verified: false
complete:
  description:
    - Whether nothing is left for a person to decide or to do, and nothing has failed.
  returned: unless the task as a whole was refused
  type: bool
  sample: true
verdicts:
  description: How many objects have each verdict.
  returned: unless the task as a whole was refused, or O(state=closed)
  type: dict
  sample:
    as_before: 3
    taken_back: 12
left:
  description:
    - The entries of RV(objects) that a person has to decide or to act on.
  returned: unless the task as a whole was refused, or O(state=closed)
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      returned: always
      type: str
    key:
      description: The address or host name that identifies it.
      returned: always
      type: str
    actions:
      description: What the request has done to it, by the names of the journal.
      returned: always
      type: list
      elements: str
    verdict:
      description: V(changed_since), V(in_doubt) or V(left_to_people).
      returned: always
      type: str
    why:
      description: What was found.
      returned: always
      type: str
    next:
      description: What a person does about it.
      returned: always
      type: str
  sample: []
domains:
  description: The domains of all these objects, which are to be verified.
  returned: unless the task as a whole was refused, or O(state=closed)
  type: list
  elements: str
  sample: ["example.com"]
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
      verb: suspend
      key: alex@example.com
      before:
        state: present
        suspended: ""
      after:
        state: suspended
        suspended: login
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
    states: {}
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
    - index: -1
      key: ""
      phase: task
      code: nothing_to_take_back
      message: >-
        The journal /home/sam/.local/state/mailops/journal knows of nothing that request REQ-2026-002 has changed for client acme
        at trekmail@api.example.com.
      hint: Check the request id and the client, and name the journal that the request was run with.
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
    before: |
      mailbox alex@example.com: {"state":"present","suspended":""}
    after: |
      mailbox alex@example.com: {"state":"suspended","suspended":"login"}
    before_header: now
    after_header: wanted
"""


from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_rollback_module


def main():
    run_rollback_module()


if __name__ == "__main__":
    main()
