# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox_access
short_description: Close the access paths of mailboxes
version_added: 1.0.0
description:
  - Closes what lets somebody at the mail of an identity without its password. Sessions, app passwords, message tokens, members of
    shared mailboxes, devices, and filter rules that send mail elsewhere. On request also the forward and the aliases of the
    mailbox.
  - It is one plan for all mailboxes of the task, and each path is an operation of its own in plan, journal and result.
  - What the provider cannot show or close by API is never left out silently. It is in RV(left_to_people) and in a warning, with
    what a person does about it. M(mailops.email.account_info) lists the capabilities.
  - A path that is closed stays closed. Resuming the mailbox gives none of them back.
  - It does not close the mailbox itself, which is O(mailops.email.mailbox#module:state=suspended). Do that first, else its owner
    may open new paths.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description: &address_description
      - Address of the mailbox whose access paths are closed. It has to exist.
    type: str
  state:
    description: &state_description
      - What the access paths shall be. When it is not set, V(revoked) is meant.
    type: str
    choices: &state_choices
      revoked: No path of the kinds in O(revoke) is left that the provider shows and can close.
  revoke:
    description: &revoke_description
      - Kinds of paths that are closed. When it is not set, all that only let somebody in are meant, which are all but V(forward)
        and V(alias).
    type: list
    elements: str
    choices: &revoke_choices
      session: Open sessions of mail programs, where O(doveadm_url) shows them.
      app_password: Passwords of mail programs.
      token: Tokens by which programs read or send the mail of the mailbox.
      delegate: >-
        Both who may read this mailbox, when it is a shared one, and which shared mailboxes this identity may read. A provider that
        keeps the last member of a shared mailbox leaves that to people.
      device: Devices that are enrolled for the files of the mailbox.
      rule: >-
        Filter rules that send mail elsewhere. Rules that do not are left alone. What a rule was is kept in the journal. Each counts
        as a removal for O(max_removals).
      forward: The forward of the mailbox. It counts as a removal.
      alias: The aliases of the mailbox. Each counts as a removal.
  reason:
    description: &reason_description
      - Why, for the journal.
    type: str
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
      state:
        description: *state_description
        type: str
        choices: *state_choices
      revoke:
        description: *revoke_description
        type: list
        elements: str
        choices: *revoke_choices
      reason:
        description: *reason_description
        type: str
notes:
  - The provider tells of each mailbox's paths separately. With TrekMail a mailbox takes four requests, and O(revoke) with V(delegate)
    also reads all mailboxes that the token sees, to find the shared ones.
  - A shared mailbox outside of O(client_domains) keeps its members, and says so.
seealso:
  - module: mailops.email.mailbox_access_info
  - module: mailops.email.mailbox
  - module: mailops.email.forward
  - module: mailops.email.alias
"""

EXAMPLES = r"""
- name: Close all that lets somebody at the mail of one mailbox
  mailops.email.mailbox_access:
    request_id: REQ-2026-001
    actor: sam@agency.example.org
    address: alex@example.com
    reason: Left on 2026-01-31

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
      request_id: OPS-1502
      actor: sam@agency.example.org
  block:
    # See the plan first, with: ansible-playbook --check --diff
    - name: End app passwords and tokens of several mailboxes after a laptop was stolen
      mailops.email.mailbox_access:
        revoke: [app_password, token, device]
        mailboxes:
          - address: alex@example.com
          - address: kim@example.net
      register: closed

    - name: Show what is left to do by hand
      ansible.builtin.debug:
        var: closed.left_to_people

    - name: End the forward too, which is a decision
      mailops.email.mailbox_access:
        address: alex@example.com
        revoke: [rule, forward]
        max_removals: 5
"""

RETURN = r"""
mailboxes:
  description:
    - The identities of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    address:
      description: The address of the mailbox.
      returned: always
      type: str
    state:
      description: V(revoked) when no path of RV(mailboxes[].kinds) is left that the provider shows, else V(open).
      returned: always
      type: str
    kinds:
      description: The kinds that were to be closed.
      returned: always
      type: list
      elements: str
    paths:
      description: Paths that are left.
      returned: always
      type: list
      elements: dict
      contains:
        address:
          description: The identity.
          returned: always
          type: str
        kind:
          description: Its kind, one of the choices of O(revoke).
          returned: always
          type: str
        key:
          description:
            - The object, as it stands in the journal. Of what only a mailbox has it is C(<mailbox>/<kind>/<number>), of a delegate
              C(<mailbox that is read>/delegate/<who reads it>), of everything else its address or domain.
          returned: always
          type: str
        name:
          description: What its owner has called it. V(null) when it has no name.
          returned: always
          type: str
        detail:
          description: What more is known of it, such as services, scopes, or who used it last. Can be empty.
          returned: always
          type: str
        others:
          description: Addresses or domains that have to do with it, such as where mail goes, or who may read it.
          returned: always
          type: list
          elements: str
        since:
          description: When it was made, in UTC. V(null) when the provider does not tell.
          returned: always
          type: str
        last_used:
          description: When it was last used, in UTC. V(null) when it never was, or when the provider does not tell.
          returned: always
          type: str
        by:
          description: Who can close it. V(api) when this collection does, V(human) when a person has to.
          returned: always
          type: str
        next:
          description: What that person does. Empty when nobody has to.
          returned: always
          type: str
    left_to_people:
      description: Kinds that the provider does not show, or does not show to this token, with what a person does about them.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The kind of access path.
          returned: always
          type: str
        addresses:
          description: Whose they are.
          returned: always
          type: list
          elements: str
        next:
          description: What to do.
          returned: always
          type: str
  sample:
    - address: alex@example.com
      state: revoked
      kinds: [app_password, delegate]
      paths: []
      left_to_people: []
left_to_people:
  description:
    - The work that is left for people on all identities together, each sentence once. It is told in a warning too.
  returned: unless the task as a whole was refused
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of access path.
      returned: always
      type: str
    addresses:
      description: Whose they are.
      returned: always
      type: list
      elements: str
    next:
      description: What to do.
      returned: always
      type: str
  sample:
    - kind: session
      addresses: [alex@example.com]
      next: "TrekMail shows no sessions; it ends them when it suspends the login: mailops.email.mailbox with state=suspended."
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
    - kind: app_password
      verb: revoke
      key: alex@example.com/app_password/17
      before:
        name: Thunderbird
        created_at: "2026-01-12T09:30:00Z"
      after: null
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
      revoked: 1
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
  sample: ["alex@example.com/app_password/17"]
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
      key: k.sato@example.com
      phase: plan
      code: mailbox_missing
      message: "k.sato@example.com: there is no mailbox with access paths."
      hint: Correct the address. A pending invite is ended with mailops.email.invite state=absent.
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
    DELETE: 1
    GET: 7
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
    before: "\
      app_password alex@example.com/app_password/17: {\"created_at\":\"2026-01-12T09:30:00Z\"\
      ,\"name\":\"Thunderbird\"}\n"
    after: ""
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("mailbox_access")


if __name__ == "__main__":
    main()
