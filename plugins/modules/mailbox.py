# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox
short_description: Create, change, suspend and retire mailboxes
version_added: 1.0.0
description:
  - Brings one mailbox, or a whole list of them, to the wanted state at the provider.
  - By default a mailbox is created by an invite. The provider mails a one-time setup link to O(owner_email), and the owner
    chooses the password. Nobody else ever knows it, neither the operator nor this module. Until the link is used there is
    no mailbox, only the pending invite, and the result's state is V(pending).
  - It retires a mailbox in two steps, so that a mistake can be taken back. First O(state=suspended), later
    O(state=absent) with a recorded exception, which moves the mailbox to the provider's recycle bin.
  - It never sets, reads or resets the password of a mailbox that exists, never deletes a mailbox that can still be
    used, and never deletes one because it is missing from the list.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
options:
  address:
    description: &address_description
      - Address of the mailbox, such as V(alex@example.com). It is compared and stored in lower case.
      - Name the mailbox by this option, or by O(local_part) and O(domain).
    type: str
  local_part:
    description: &local_part_description
      - What stands before the C(@) of the address. Needs O(domain).
    type: str
  domain:
    description: &domain_description
      - The domain of the address. Needs O(local_part).
    type: str
  state:
    description: &state_description
      - What the mailbox shall be. When it is not set, V(present) is meant.
    type: str
    choices: &state_choices
      present: >-
        It exists and its owner can use it. A missing one is created, which needs an active domain. A suspended one is
        resumed, and what the provider switched off together with it is given back. One that lies in the recycle bin is refused
        unless O(restore) is set. O(display_name) and O(note) are brought up to date. While an invite for O(owner_email) is pending, nothing is done.
      suspended: >-
        Nobody can sign in, and nothing is lost. O(suspend) decides whether mail still arrives. Sessions that are open are ended
        where the platform lets us (O(doveadm_url)), or does so itself; the plan says so where neither is true, and what the
        provider switches off on the side. A mailbox that is missing, in the recycle bin, or pending is refused.
      absent: >-
        It is in the provider's recycle bin, from where the provider removes it for good after its own time. This is refused
        unless the mailbox is suspended already and O(exception) is set. A missing mailbox, or one in the
        bin, is as wanted; while an invite for it is pending, that has to be ended first.
        A pending invite is not touched; use M(mailops.email.invite) to end it.
        An account that has lost its mailbox with its domain (V(orphaned)) needs only the exception.
  display_name:
    description: &display_name_description
      - Name of the person, or a description of the function for a role account. Names that say nothing are refused.
      - A mailbox that is created by invite gets it on the first run after the owner has accepted, since before that there is
        nothing to name.
      - When it is not set, the name stays as it is.
    type: str
  note:
    description: &note_description
      - A note for those who look after the mailbox, without secrets. An empty one removes the note.
      - As with O(display_name), it is set on the first run after an invite is accepted.
      - When it is not set, the note stays as it is.
    type: str
  role_account:
    description: &role_account_description
      - Whether the mailbox is one of a function, such as C(billing), rather than of a person. O(display_name) is judged by it,
        and it stands in the journal.
    type: bool
    default: false
  credential:
    description: &credential_description
      - How the owner of a new mailbox gets access. It has no effect on a mailbox that exists.
    type: str
    choices: &credential_choices
      invite: The provider sends a setup link, and the owner chooses the password.
      generated_one_time: >-
        A random password is made, sealed for O(seal_to) before the provider hears of it, and set. This is an exception, it
        needs O(exception) that ends within 72 hours. Where the provider cannot force a change at the first sign-in, as is
        the case with TrekMail, O(exception.accept_unforced_rotation) has to be set as well.
    default: invite
  owner_confirmed:
    description: &owner_confirmed_description
      - Record that the owner has changed a temporary password, so that it no longer ends with its time.
      - It is a person's word, because TrekMail does not tell. It has no effect on a mailbox without a temporary password.
    type: bool
    default: false
  restore:
    description: &restore_description
      - Take a deleted mailbox out of the provider's recycle bin, with its mail, instead of refusing.
      - It never happens by itself, because whoever gets the address would get the mail of whoever had it.
    type: bool
    default: false
  suspend:
    description: &suspend_description
      - How far O(state=suspended) goes. A mailbox that is closed further already stays as it is.
    type: str
    choices: &suspend_choices
      login: Nobody can sign in, mail is still delivered. App passwords that the provider revokes with it stay revoked.
      all: The mailbox neither receives nor sends, and nobody can sign in. Senders get their mail back.
    default: login
  reason:
    description: &reason_description
      - Why the mailbox is suspended, for the journal and, with O(suspend=login), for the provider, which keeps 255 characters.
    type: str
  owner_email:
    description: &owner_email_description
      - Where the owner is reached today. The setup link goes there, so it cannot be the mailbox itself.
      - Required to create a mailbox by invite.
      - When an invite to somebody else is pending, the task is refused unless the provider can change the recipient, which
        TrekMail cannot by API.
    type: str
  department:
    description: &department_description
      - Where in the client's organisation the mailbox belongs. Only the plan and the journal keep it, when the mailbox is
        created or its owner invited.
    type: str
  manager_email:
    description: &manager_email_description
      - Whom to ask when the owner does not answer. Kept like O(department).
    type: str
  expires_in_hours:
    description: &expires_in_hours_description
      - For how many hours a setup link is good, 1 to 720. When it is not set, 72 is used.
    type: int
  quota_mb:
    description: &quota_mb_description
      - Storage set aside for the mailbox, in megabytes. When it is not set, the mailbox takes from the account's pool.
      - It is set when the mailbox is created. For a mailbox that exists with another number the task is refused where the
        provider cannot change it by API, as is the case with TrekMail.
    type: int
  delivery:
    description: &delivery_description
      - How the setup link of an invite reaches its owner.
    type: str
    choices: &delivery_choices
      provider_mail: The provider mails it to O(owner_email). The module never sees it.
      sealed: >-
        It is also written to a file that only the holder of the key in O(seal_to) can open, see O(sealed_dir). This needs
        O(exception). TrekMail mails the link to O(owner_email) all the same.
    default: provider_mail
  seal_to:
    description: &seal_to_description
      - Public key for which a secret is sealed. Either an age key, C(age1…), or an ssh key of type C(ssh-ed25519) or
        C(ssh-rsa). Sealed files are opened with C(age -d -i KEYFILE).
      - Required with O(delivery=sealed) and O(credential=generated_one_time).
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
  mailboxes:
    description:
      - A list of mailboxes, in place of a single one. Each may stand in it only once.
      - An option that an item leaves out takes the value of the option beside the list.
    type: list
    elements: dict
    suboptions:
      address:
        description: *address_description
        type: str
      local_part:
        description: *local_part_description
        type: str
      domain:
        description: *domain_description
        type: str
      state:
        description: *state_description
        type: str
        choices: *state_choices
      display_name:
        description: *display_name_description
        type: str
      note:
        description: *note_description
        type: str
      role_account:
        description: *role_account_description
        type: bool
      credential:
        description: *credential_description
        type: str
        choices: *credential_choices
      owner_confirmed:
        description: *owner_confirmed_description
        type: bool
      restore:
        description: *restore_description
        type: bool
      suspend:
        description: *suspend_description
        type: str
        choices: *suspend_choices
      reason:
        description: *reason_description
        type: str
      owner_email:
        description: *owner_email_description
        type: str
      department:
        description: *department_description
        type: str
      manager_email:
        description: *manager_email_description
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
  mailboxes_file:
    description:
      - Path of the file to which M(mailops.email.request_info) has written the mailboxes of a request that it has checked. It takes the
        place of O(mailboxes), and spares a large batch the way through results and arguments.
      - The file is removed once the task has succeeded, in check mode too.
    type: path
  mailboxes_digest:
    description:
      - What M(mailops.email.request_info) returned as RV(mailops.email.request_info#module:mailboxes_digest). Another file is refused
        with the code V(mailboxes_file_changed).
      - Required with O(mailboxes_file).
    type: str
notes:
  - High-risk names such as C(admin), C(postmaster) or C(security), and those that look like them, are created only with
    O(exception).
  - The last mailboxes of a domain that has more than one are never all deleted by one task.
seealso:
  - module: mailops.email.request_info
  - module: mailops.email.mailbox_info
  - module: mailops.email.invite
  - module: mailops.email.domain
"""

EXAMPLES = r"""
- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
    mailops.email.mailbox:
      request_id: REQ-2026-001
      approval_id: APR-2026-001
      actor: sam@agency.example.org
  block:
    - name: Invite the owner of one mailbox
      mailops.email.mailbox:
        address: alex@example.com
        display_name: Alex Moreau
        owner_email: alex.moreau@example.net

    # See the plan first, with: ansible-playbook --check --diff
    - name: Invite several owners in one plan, with what they share beside the list
      mailops.email.mailbox:
        expires_in_hours: 168
        quota_mb: 2048
        max_changes: 2
        mailboxes:
          - address: kim@example.com
            display_name: Kim Sato
            owner_email: kim.sato@example.net
          - local_part: billing
            domain: example.com
            display_name: Billing of Acme, Paris office
            role_account: true
            owner_email: lea.roche@example.net
      register: batch

    - name: Check a change request with its CSV, and stop here when there is anything to find
      mailops.email.request_info:
        path: requests/REQ-2026-001
        snapshot: /tmp/REQ-2026-001.snapshot
      register: intake

    - name: Carry it out without reading everything again
      mailops.email.mailbox:
        request_id: "{{ intake.request.request_id }}"
        approval_id: "{{ intake.request.approval.id }}"
        snapshot: "{{ intake.snapshot }}"
        max_changes: "{{ intake.request.approval.rows }}"
        mailboxes: "{{ intake.mailboxes }}"

    - name: Show who still has to open a setup link
      ansible.builtin.debug:
        msg: "{{ batch.mailboxes | selectattr('state', 'equalto', 'pending') | map(attribute='address') }}"

    - name: Create a high-risk name, which needs an exception for this very address
      mailops.email.mailbox:
        address: security@example.com
        display_name: Security reports of Acme
        role_account: true
        owner_email: mira.holt@example.net
        exception:
          reason: Contact for vulnerability reports, approved in OPS-1234
          approver: dana.lindqvist@example.net
          expires_at: "2030-01-31T12:00:00Z"

    - name: Seal the setup link for the owner's key as well
      mailops.email.mailbox:
        address: noor@example.com
        display_name: Noor Haddad
        owner_email: noor.haddad@example.net
        delivery: sealed
        seal_to: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMXWfx+hg06swxr//jqjNJb11h3NftaEBUmQNfj5Hbuc noor@example.net
        exception:
          reason: The owner's mail system is being replaced this week
          approver: dana.lindqvist@example.net
          expires_at: "2030-01-31T12:00:00Z"

    - name: Suspend the mailbox of someone who leaves
      mailops.email.mailbox:
        address: alex@example.com
        state: suspended
        reason: Left on 31 January

    - name: Delete mailboxes that were suspended before, and no more than these two
      mailops.email.mailbox:
        state: absent
        max_removals: 2
        mailboxes:
          - address: alex@example.com
            exception: &approved
              reason: Retention of 90 days is over for Alex and Kim, OPS-1502
              approver: dana.lindqvist@example.net
              expires_at: "2030-01-31T12:00:00Z"
          - address: kim@example.com
            exception: *approved
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
      description:
        - V(present), V(suspended), V(pending) while an invite waits for the owner, V(trashed) in the provider's recycle bin,
          V(orphaned) for an account whose mailbox went with its domain, or V(absent).
      returned: always
      type: str
    id:
      description: The provider's number for it.
      returned: when the provider has listed it
      type: int
    suspended:
      description: Empty, or how far it is closed, V(login) or V(all).
      returned: when it exists
      type: str
    display_name:
      description: The display name. V(null) when there is none.
      returned: when the provider has listed it
      type: str
    note:
      description: The note. V(null) when there is none.
      returned: when the provider has listed it
      type: str
    quota_mb:
      description: Storage set aside for it, in megabytes. V(null) when it takes from the pool.
      returned: when it exists
      type: int
    used_mb:
      description: Storage in use, in megabytes. V(null) when the provider does not tell.
      returned: when the provider has listed it
      type: int
    type:
      description: The provider's word for its type.
      returned: when the provider has listed it
      type: str
    recovery_address:
      description: Where the platform's own password recovery writes to, the owner's other address. V(null) when there is none.
      returned: when the provider has password recovery by mail
      type: str
    created_at:
      description: When it was made, in UTC.
      returned: when the provider tells
      type: str
    last_login:
      description: When somebody last logged in, in UTC. V(null) when nobody has, or the platform does not record it.
      returned: when the provider tells
      type: str
    alias_addresses:
      description: Addresses of aliases, forwards and catch-alls that lead to it.
      returned: when the provider tells
      type: list
      elements: str
    claimed:
      description:
        - Always V(false), for a mailbox that was made for its owner by this journal's word and that nobody has logged in to
          since.
      returned: when it waits for its owner
      type: bool
    credential:
      description:
        - V(temporary) while a generated password is in force, V(discarded) when it was made with one that nobody keeps, V(owner_held)
          once O(owner_confirmed) is recorded.
      returned: when this task changed it
      type: str
    role_account:
      description: Whether it was made as a role account.
      returned: when this task made it with a generated password
      type: bool
    department:
      description: The department.
      returned: when this task made it with a generated password and knows it
      type: str
    manager_email:
      description: The manager's address.
      returned: when this task made it with a generated password and knows it
      type: str
    invite:
      description:
        - The pending invite, as M(mailops.email.invite) returns it, with C(department) and C(manager_email) when this task sent it
          and knows them.
      returned: when the state is V(pending) and the invite is known
      type: dict
  sample:
    - address: alex@example.com
      state: pending
      invite:
        address: alex@example.com
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
    run_resource_module("mailbox")


if __name__ == "__main__":
    main()
