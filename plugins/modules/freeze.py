# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: freeze
short_description: Freeze changes while an incident is under way, and lift that
version_added: 1.0.0
description:
  - Sets or lifts one freeze, or a whole list of them. While a freeze holds, every module of this collection that changes something
    refuses what it covers, in check mode too, with the code V(frozen), who set it, why, and until when.
  - What contains an incident goes on. A mailbox is suspended, a session, an app password, a token, a device or a delegate is
    revoked, an invite is cancelled, a forward or a rule is deleted, a catch-all is switched off, and evidence is captured.
  - A freeze is kept in the journal and nowhere else, so that all controllers see it that share the journal in O(journal_dir). No
    provider is asked, and no token is needed.
  - A freeze ends by itself at O(expires_at), or earlier with O(state=absent). A task that is at work when a freeze is set goes on to
    its end; the next one is refused.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  scope:
    description: &scope_description
      - What is frozen. When it is not set, V(client) is meant.
    type: str
    choices: &scope_choices
      client: All that is done for the client O(client), and on its domains.
      domain: All that is done on the domain O(name) and on those below it.
      request: All that is done under the change request O(name).
      everything: All that is done with this journal.
  name:
    description: &name
      - The domain, or the id of the request. It is left out with O(scope=client), which means the client of the task, and with
        O(scope=everything).
    type: str
  state:
    description: &state_description
      - What the freeze shall be. When it is not set, V(present) is meant.
    type: str
    choices: &state_choices
      present: Nothing is changed any more, until O(expires_at).
      absent: Changes go on. One that is not there, or has ended, is no error.
  reason:
    description: &reason
      - Why it is set, or why it is lifted, for whoever is held up by it. Required both ways.
    type: str
  expires_at:
    description: &expires_at
      - When it ends by itself. A date, such as V(2026-11-20), which ends it as that day begins in UTC, or a time with a zone, such as
        V(2026-11-20T12:00:00Z).
      - At most 30 days away. Required with O(state=present).
    type: str
  except_requests:
    description: &except_requests
      - Ids of the change requests that may go on, such as that of the repair. The list is the whole list.
    type: list
    elements: str
  freezes:
    description:
      - A list of freezes, in place of a single one. Each object may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      scope:
        description: *scope_description
        type: str
        choices: *scope_choices
      name:
        description: *name
        type: str
      state:
        description: *state_description
        type: str
        choices: *state_choices
      reason:
        description: *reason
        type: str
      expires_at:
        description: *expires_at
        type: str
      except_requests:
        description: *except_requests
        type: list
        elements: str
notes:
  - The options of the connection to a provider are there because a default of the group reaches every module. Only O(journal_dir),
    O(client) and O(client_domains) mean something here.
  - A freeze of a client also holds for tasks that do not name it, on the domains that O(client_domains) lists when it is set.
  - There is one freeze for each object. Setting it again changes its reason, end and exceptions, and the journal says who did that.
seealso:
  - module: mailops.email.freeze_info
  - module: mailops.email.audit_info
"""

EXAMPLES = r"""
- name: Freeze a client while somebody finds out what happened; no token is needed
  mailops.email.freeze:
    request_id: INC-2026-031
    actor: sam@agency.example.org
    client: acme
    client_domains:
      - example.com
    scope: client
    reason: Mail of the finance team was forwarded to a stranger
    expires_at: "2026-11-03T18:00:00Z"
    except_requests:
      - INC-2026-031

- name: Work for one client
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
      request_id: INC-2026-031
      actor: sam@agency.example.org
  block:
    # See it first, with: ansible-playbook --check --diff
    - name: Freeze one domain and one request
      mailops.email.freeze:
        reason: DNS of the domain is being moved
        expires_at: "2026-11-05"
        freezes:
          - scope: domain
            name: example.com
          - scope: request
            name: REQ-2026-009

    - name: Let changes go on
      mailops.email.freeze:
        scope: client
        state: absent
        reason: The forward was found and removed, INC-2026-031 is closed
"""

RETURN = r"""
freezes:
  description:
    - The freezes of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    key:
      description: Its name in the journal, such as V(client:acme), V(domain:example.com), V(request:REQ-2026-009) or V(everything).
      returned: always
      type: str
    scope:
      description: V(client), V(domain), V(request) or V(everything).
      returned: always
      type: str
    name:
      description: What is frozen of that scope. Empty for V(everything).
      returned: always
      type: str
    state:
      description: V(present), or V(absent) when it was lifted, has ended or was never there.
      returned: always
      type: str
    reason:
      description: Why.
      returned: when it is there
      type: str
    expires_at:
      description: When it ends by itself, in UTC.
      returned: when it is there
      type: str
    except_requests:
      description: Ids of the change requests that may go on.
      returned: when it is there
      type: list
      elements: str
  sample:
    - key: client:acme
      scope: client
      name: acme
      state: present
      reason: Mail of the finance team was forwarded to a stranger
      expires_at: "2026-11-03T18:00:00Z"
      except_requests:
        - INC-2026-031
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
    - kind: freeze
      verb: record
      key: client:acme
      before: null
      after:
        state: present
        reason: Mail of the finance team was forwarded to a stranger
        expires_at: "2026-11-03T18:00:00Z"
        except_requests:
          - INC-2026-031
        domains:
          - example.com
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
  sample: ["client:acme"]
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
      key: client
      phase: validate
      code: expiry_missing
      message: "client:acme: expires_at is not set."
      hint: Say when it ends by itself.
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
      freeze client:acme: {\"domains\":[\"example.com\"],\"except_requests\":[\"INC-2026-031\"],\"expires_at\":\
      \"2026-11-03T18:00:00Z\",\"reason\":\"Mail of the finance team was forwarded to a stranger\",\"state\":\"present\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("freeze")


if __name__ == "__main__":
    main()
