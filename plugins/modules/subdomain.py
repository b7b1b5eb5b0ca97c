# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: subdomain
short_description: Add, change and remove mail subdomains
version_added: 1.0.0
description:
  - Brings one subdomain, several labels below one parent, or a list of subdomains to the wanted state at the provider.
  - Each label makes a host name of its own with a result of its own, such as C(sales.example.com) for the label V(sales) below
    V(example.com). The parent has to be in the same account.
  - A new subdomain waits for its DNS records, with the status V(pending_dns). M(mailops.email.domain_info) lists the records,
    and mailboxes can be created once the provider has found them. This module changes no DNS and waits for nothing.
  - It removes a subdomain only when no mailbox is left on it and O(exception) is set, since that cannot be undone.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  parent: &parent
    description:
      - The domain below which the subdomain stands. Required, here or in each item of the list.
    type: str
  label:
    description: &label_description
      - What stands before the parent, without dots. The label V(www) is taken with O(purpose) only, since it usually is a web
        address pasted by mistake.
    type: str
  labels:
    description:
      - Several labels below O(parent), in place of a single one. All other options hold for each of them.
      - A text with one label a line does as well, as it comes from a form. Labels that run together are not taken apart.
    type: list
    elements: str
  state:
    description: &state_description
      - What the subdomain shall be. When it is not set, V(present) is meant.
    type: str
    choices: &state_choices
      present: The subdomain is in the account, with O(mail_hosting) and O(note) where these are set.
      absent: >-
        The subdomain is not in the account. One that still has mailboxes is refused, those in the recycle bin included as far
        as the provider lists them. Removing it needs O(exception).
  purpose: &purpose
    description:
      - What the subdomain is for. It goes into the plan and the journal when the subdomain is added. Without it there is a
        warning.
    type: str
  mail_hosting: &mail_hosting
    description:
      - Where mail for the subdomain is received. A new one gets V(provider) when it is not set, one that exists stays as it is.
    type: str
    choices:
      provider: At the provider, in mailboxes.
      external: >-
        Elsewhere, so that the subdomain only sends. To switch a subdomain over to this needs O(exception), because its
        mailboxes stop receiving mail.
  note: &note
    description:
      - A note for those who look after the subdomain, without secrets. An empty one removes the note.
      - When it is not set, the note stays as it is.
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
  subdomains:
    description:
      - A list of subdomains, in place of a single one. Each may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      parent: *parent
      label:
        description: *label_description
        type: str
        required: true
      state:
        description: *state_description
        type: str
        choices: *state_choices
      purpose: *purpose
      mail_hosting: *mail_hosting
      note: *note
      exception: *exception
notes:
  - O(client_domains) is compared with the parent. A client who owns the parent owns what stands below it.
  - In the plan, subdomains have the kind V(domain).
seealso:
  - module: mailops.email.domain
  - module: mailops.email.domain_info
"""

EXAMPLES = r"""
- name: Add one subdomain
  mailops.email.subdomain:
    request_id: REQ-2026-001
    actor: sam@agency.example.org
    parent: example.com
    label: sales
    purpose: Newsletters of the sales team

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
    - name: Add one subdomain for each office
      mailops.email.subdomain:
        parent: example.com
        purpose: Mailboxes of the office
        labels:
          - paris
          - osaka
          - quito

    - name: Add subdomains of several parents
      mailops.email.subdomain:
        subdomains:
          - parent: example.com
            label: support
            purpose: Tickets of the support desk
          - parent: example.net
            label: news
            purpose: Newsletters
            mail_hosting: external

    - name: Remove a subdomain that has no mailbox left
      mailops.email.subdomain:
        parent: example.com
        label: quito
        state: absent
        max_removals: 1
        exception:
          reason: The office is closed, OPS-1502
          approver: dana.lindqvist@example.net
          expires_at: "2030-01-31T12:00:00Z"
"""

RETURN = r"""
subdomains:
  description:
    - The subdomains of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    name:
      description: The whole host name.
      returned: always
      type: str
    state:
      description: V(present) or V(absent).
      returned: always
      type: str
    status:
      description: The provider's word, such as V(pending_dns), V(active) or V(suspended).
      returned: when it is present
      type: str
    mail_hosting:
      description: V(provider) or V(external).
      returned: when it is present
      type: str
    note:
      description: The note. V(null) when there is none.
      returned: when it is present
      type: str
  sample:
    - name: sales.example.com
      state: present
      status: pending_dns
      mail_hosting: provider
      note: null
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
    - kind: domain
      verb: create
      key: sales.example.com
      before: null
      after:
        status: pending_dns
        mail_hosting: provider
        note: null
        parent: example.com
        purpose: Newsletters of the sales team
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
  sample: ["sales.example.com"]
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
      key: sales.emea
      phase: validate
      code: label_invalid
      message: "sales.emea: a label holds no dots."
      hint: Give the label only, such as sales, and the parent domain apart.
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
    GET: 1
    POST: 1
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
      domain sales.example.com: {\"mail_hosting\":\"provider\",\"note\":null\
      ,\"parent\":\"example.com\",\"purpose\":\"Newsletters of the sales team\"\
      ,\"status\":\"pending_dns\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("subdomain")


if __name__ == "__main__":
    main()
