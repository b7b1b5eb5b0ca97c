# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: invite
short_description: Send, resend and end invites of mailbox owners
version_added: 1.0.0
description:
  - Looks after the one-time setup links by which owners come to hold their mailboxes, one or a whole list of them.
  - M(mailops.email.mailbox) sends an invite for each mailbox that it creates. Use this module for what comes after, such as
    sending a link again or ending one that nobody shall use any more.
  - Which invites are pending is taken from the provider where it can list them, otherwise from the journal. An invite that was
    sent by other means is then unknown. Where the provider lists its address as waiting for the owner there is a warning and
    nothing is done, otherwise the provider refuses the address.
  - It never shows a setup link, and never touches a mailbox that an owner has accepted already.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description: &address_description
      - Address of the mailbox that the invite is for.
    type: str
  state:
    description: &state_description
      - What the invite shall be. When it is not set, V(present) is meant.
    type: str
    choices: &state_choices
      present: >-
        The owner has the mailbox, or a link that works. An invite is sent when there is neither a mailbox nor a pending
        invite. One that has expired is sent anew. An address whose mailbox is in the recycle bin is refused.
      absent: >-
        No invite is pending. Where the provider cannot cancel an invite by API, as is the case with TrekMail, a pending one is
        refused with what is known of it and where to cancel it by hand. Nothing is changed when none is pending.
  resend:
    description: &resend_description
      - Send the link of a pending invite again. This is an action rather than a state, it is done on every run.
      - Where the provider cannot do it by API, as is the case with TrekMail, the task is refused with what to do instead.
      - It has no effect when there is no pending invite, since then a new one is sent or none is needed.
    type: bool
    default: false
  done_by_hand:
    description: &done_by_hand_description
      - Record that a person has done in the provider's own control panel what the task asks for and the provider's API cannot do, such
        as cancelling, resending, or changing the recipient. Nothing is sent to the provider.
      - Without the record the journal goes on calling the invite pending until it expires, and no new one is sent.
      - It has no effect on what the provider can do by API, that is done instead.
    type: bool
    default: false
  role_account:
    description: &role_account_description
      - Whether the mailbox is one of a function rather than of a person, for the journal.
    type: bool
    default: false
  owner_email:
    description: &owner_email_description
      - Where the owner is reached today. The setup link goes there, so it cannot be the mailbox itself.
      - Required to send an invite.
      - When an invite to somebody else is pending, the task is refused unless the provider can change the recipient, which
        TrekMail cannot by API.
    type: str
  expires_in_hours:
    description: &expires_in_hours_description
      - For how many hours the link is good, 1 to 720. When it is not set, 72 is used.
    type: int
  quota_mb:
    description: &quota_mb_description
      - Storage set aside for the mailbox, in megabytes. When it is not set, the mailbox takes from the account's pool.
    type: int
  delivery:
    description: &delivery_description
      - How the setup link reaches its owner.
    type: str
    choices: &delivery_choices
      provider_mail: The provider mails it to O(owner_email). The module never sees it.
      sealed: >-
        It is also written to a file that only the holder of the key in O(seal_to) can open, see O(sealed_dir). This needs
        O(exception). TrekMail mails the link to O(owner_email) all the same.
    default: provider_mail
  seal_to:
    description: &seal_to_description
      - Public key for which the link is sealed. Either an age key, C(age1…), or an ssh key of type C(ssh-ed25519) or C(ssh-rsa).
        Sealed files are opened with C(age -d -i KEYFILE).
      - Required with O(delivery=sealed).
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
  invites:
    description:
      - A list of invites, in place of a single one. Each address may stand in it only once.
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
      resend:
        description: *resend_description
        type: bool
      done_by_hand:
        description: *done_by_hand_description
        type: bool
      role_account:
        description: *role_account_description
        type: bool
      owner_email:
        description: *owner_email_description
        type: str
      expires_in_hours:
        description: *expires_in_hours_description
        type: int
      quota_mb:
        description: *quota_mb_description
        type: int
      delivery:
        description: *delivery_description
        type: str
        choices: *delivery_choices
      seal_to:
        description: *seal_to_description
        type: str
      exception: *exception
attributes:
  idempotent:
    support: partial
    details:
      - With O(resend=true) a link is sent on every run for as long as the invite is pending.
notes:
  - High-risk names such as C(admin), C(postmaster) or C(security), and those that look like them, are invited only with
    O(exception).
seealso:
  - module: mailops.email.invite_info
  - module: mailops.email.mailbox
"""

EXAMPLES = r"""
- name: Make sure that an owner has a link that works, or the mailbox already
  mailops.email.invite:
    request_id: REQ-2026-001
    actor: sam@agency.example.org
    address: alex@example.com
    owner_email: alex.moreau@example.net

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
    mailops.email.invite:
      request_id: OPS-1502
      actor: sam@agency.example.org
  block:
    - name: Find invites that nobody has accepted in time
      mailops.email.invite_info:
        state: expired
      register: late

    # See the plan first, with: ansible-playbook --check --diff
    - name: Send them anew, good for a week
      mailops.email.invite:
        expires_in_hours: 168
        max_changes: 20
        invites: >-
          {{ dict(late.invites | map(attribute='address') | zip(late.invites | map(attribute='recipient')))
             | dict2items(key_name='address', value_name='owner_email') }}

    - name: Invite two owners
      mailops.email.invite:
        invites:
          - address: kim@example.com
            owner_email: kim.sato@example.net
          - address: lea@example.com
            owner_email: lea.roche@example.net
            quota_mb: 4096

    - name: Hand over a link sealed for the owner's key
      mailops.email.invite:
        address: noor@example.com
        owner_email: noor.haddad@example.net
        delivery: sealed
        seal_to: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
        exception:
          reason: The owner's mail system is being replaced this week
          approver: dana.lindqvist@example.net
          expires_at: "2030-01-31T12:00:00Z"

    - name: End an invite that went to the wrong person
      mailops.email.invite:
        address: kim@example.com
        state: absent

- name: Record that the pending invite was cancelled in the provider's control panel
  mailops.email.invite:
    request_id: REQ-2026-009
    address: kim@example.com
    state: absent
    done_by_hand: true
"""

RETURN = r"""
invites:
  description:
    - The invites of the task as they are now, in the order of the items. In check mode, as they would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    address:
      description: Address of the mailbox.
      returned: always
      type: str
    state:
      description:
        - V(pending), V(redeemed) when the mailbox exists, V(cancelled), V(expired), or V(absent) when none is known.
      returned: always
      type: str
    recipient:
      description: Where the link went.
      returned: when an invite is known
      type: str
    expires_at:
      description: When the link ends, in UTC.
      returned: when an invite is known, outside of check mode
      type: str
    id:
      description: The provider's number for it. V(null) when the provider did not tell.
      returned: when an invite is known, outside of check mode
      type: int
    expires_in_hours:
      description: For how many hours it is good.
      returned: when this task sent it
      type: int
    quota_mb:
      description: Storage that is set aside for the mailbox, in megabytes. V(null) when it takes from the pool.
      returned: when this task sent it
      type: int
    role_account:
      description: Whether the mailbox is a role account.
      returned: when this task sent it
      type: bool
    sent_at:
      description: When it was sent, in UTC.
      returned: when it was known before this task
      type: str
    request_id:
      description: The change request that sent it.
      returned: when it was known before this task
      type: str
    link:
      description: V(lost) when the link was to be sealed and its answer never came, so that nobody holds it; else empty.
      returned: when it was known before this task
      type: str
    delivery_method:
      description: V(one_time_setup_link) by the provider's mail, or V(one_time_token_oob) when it was sealed.
      returned: when it was known before this task
      type: str
    source:
      description: Where it is known from, V(journal).
      returned: when it was known before this task
      type: str
  sample:
    - address: alex@example.com
      state: pending
      recipient: alex.moreau@example.net
      expires_at: "2026-01-15T09:30:00Z"
      expires_in_hours: 72
      quota_mb: null
      role_account: false
      id: 311
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
    - kind: invite
      verb: create
      key: alex@example.com
      before: null
      after:
        state: pending
        recipient: alex.moreau@example.net
        quota_mb: null
        expires_in_hours: 72
        role_account: false
      delivery:
        method: one_time_setup_link
        rank: 1
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
      pending: 1
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
      phase: plan
      code: owner_missing
      message: "kim@example.com: nobody is named to receive the setup link."
      hint: "Set owner_email: every mailbox has an owner (R-OWN-06)."
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
      invite alex@example.com: {\"expires_in_hours\":72,\"quota_mb\":null\
      ,\"recipient\":\"alex.moreau@example.net\",\"role_account\":false,\"state\":\"pending\"}\n"
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_resource_module


def main() -> None:
    run_resource_module("invite")


if __name__ == "__main__":
    main()
