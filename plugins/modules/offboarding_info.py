# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: offboarding_info
short_description: Find what somebody leaves behind, and how far it is closed
version_added: 1.0.0
description:
  - Finds what is to be closed, by person, by mailboxes, by request, by domains or for a whole client, reads how it stands at the provider, and
    returns lists that are items for the modules that close it, and a report with a row for each thing.
  - By person everything is found that the journal says the person owns, so no list is needed. Mailboxes are closed; role accounts that
    the person owns or is a member of need a decision each; forwards and catch-alls that the person answers for are ended or handed over.
  - Run again it tells what is left. A thing is V(done), V(to_do) when the lists hold it, V(open) when it waits for a decision or for a
    person's hand, or V(confirmed) when O(done_by_hand) says that it was done.
  - The role C(offboarding) joins it with the modules in the right order.
  - It never changes anything, and nothing is ever found by being absent from a list.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  request_id:
    description:
      - Id of the change request under which it is closed. What was handed over under it counts as done.
      - If not set, the value of the environment variable E(MAILOPS_REQUEST_ID) is used.
    type: str
    required: true
  person:
    description:
      - E-mail addresses of one person, all that the person is known by. Case and a C(+tag) make no difference. One that is itself a
        mailbox of the client is closed too.
    type: list
    elements: str
  addresses:
    description:
      - Mailboxes to close. Those that are not on O(client_domains) are another client's part.
    type: list
    elements: str
  request:
    description:
      - Folder of a request as M(mailops.email.request_info) takes it. Its rows are closed. Its files are checked in the same way, only
        that its approval may be over.
    type: path
  domains:
    description:
      - Domains, with those below them, whose mailboxes are closed, role accounts and pending invites too.
    type: list
    elements: str
  whole_client:
    description:
      - The same for all domains in O(client_domains).
    type: bool
    default: false
  reason:
    description:
      - Why, for the journal and for the provider's own record. Without it, it is the id of the request.
    type: str
  forwards:
    description:
      - Decisions about forwards that leave a closed mailbox, or that the person answers for. Without one a forward is ended.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The forward, or V(*) for all without a decision of their own.
        type: str
        required: true
      action:
        description:
          - What becomes of it.
        type: str
        required: true
        choices:
          end: It is removed.
          reown: O(forwards[].new_owner) answers for it until O(forwards[].until).
      new_owner:
        description:
          - E-mail address of whoever answers for it from now on.
        type: str
      until:
        description:
          - When the new owner's time ends. A date, or a time with a zone. Whatever is kept needs O(forwards[].new_owner) and this.
        type: str
      reason:
        description:
          - Why.
        type: str
      exception:
        description:
          - The exception for the module that carries it out, where that needs one.
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
              - When the exception ends, in UTC with C(Z).
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - Accept that the provider cannot force a change of a temporary password at the first sign-in.
            type: bool
            default: false
      purpose:
        description:
          - What it is for from now on. Without it the purpose stays.
        type: str
  catch_alls:
    description:
      - Decisions about catch-alls that end in a closed mailbox, or that the person answers for. Without one a catch-all is switched off.
      - With a provider that hands mail for a suspended mailbox to the catch-all of its domain, as Modoboa does, that catch-all
        wants a decision whoever it ends with. It stays open without one.
    type: list
    elements: dict
    suboptions:
      domain:
        description:
          - Its domain, or V(*) for all without a decision of their own.
        type: str
        required: true
      action:
        description:
          - What becomes of it.
        type: str
        required: true
        choices:
          end: It is switched off.
          reown: O(catch_alls[].new_owner) answers for it until O(catch_alls[].until).
      new_owner:
        description:
          - E-mail address of whoever answers for it from now on.
        type: str
      until:
        description:
          - When the new owner's time ends. A date, or a time with a zone. Whatever is kept needs O(catch_alls[].new_owner) and this.
        type: str
      reason:
        description:
          - Why.
        type: str
      exception:
        description:
          - The exception for the module that carries it out, where that needs one.
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
              - When the exception ends, in UTC with C(Z).
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - Accept that the provider cannot force a change of a temporary password at the first sign-in.
            type: bool
            default: false
      purpose:
        description:
          - What it is for from now on. Without it the purpose stays.
        type: str
      destination:
        description:
          - Where it goes from now on. Without it that stays.
        type: str
  aliases:
    description:
      - Decisions about aliases of closed mailboxes. Without one an alias stays open.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The alias, or V(*) for all without a decision of their own.
        type: str
        required: true
      action:
        description:
          - What becomes of it.
        type: str
        required: true
        choices:
          delete: It is removed.
          move: It becomes one of O(aliases[].mailbox).
          keep: It goes on pointing to the closed mailbox; O(aliases[].new_owner) answers for it until O(aliases[].until).
      new_owner:
        description:
          - E-mail address of whoever answers for it from now on.
        type: str
      until:
        description:
          - When the new owner's time ends. A date, or a time with a zone. Whatever is kept needs O(aliases[].new_owner) and this.
        type: str
      reason:
        description:
          - Why.
        type: str
      exception:
        description:
          - The exception for the module that carries it out, where that needs one.
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
              - When the exception ends, in UTC with C(Z).
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - Accept that the provider cannot force a change of a temporary password at the first sign-in.
            type: bool
            default: false
      mailbox:
        description:
          - The mailbox to which it is moved.
        type: str
  role_accounts:
    description:
      - Role accounts with their members, as the inventory knows them.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The role account.
        type: str
        required: true
      members:
        description:
          - E-mail addresses of those who can use it, their own or those of their mailboxes.
        type: list
        elements: str
      shared:
        description:
          - Whether its members share a secret. Then it is rotated or suspended when one of them leaves, and nothing else is taken.
        type: bool
        default: false
      critical:
        description:
          - Whether somebody has to review its recovery addresses and enrolled devices when a member leaves.
        type: bool
        default: false
  role_account_decisions:
    description:
      - Decisions about role accounts that somebody who leaves owns or is a member of. Without one a role account stays open.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The role account, or V(*) for all without a decision of their own.
        type: str
        required: true
      action:
        description:
          - What becomes of it.
        type: str
        required: true
        choices:
          rotate: It is suspended, its access paths are closed, and it is opened with a new secret for
            O(role_account_decisions[].new_owner), or for its owner when that is somebody who stays.
          suspend: It is closed like a mailbox.
          keep: It stays as it is, for O(role_account_decisions[].reason). Not for one that is shared, or owned by who leaves.
      new_owner:
        description:
          - E-mail address of whoever answers for it from now on.
        type: str
      until:
        description:
          - When the new owner's time ends. A date, or a time with a zone. Whatever is kept needs O(role_account_decisions[].new_owner) and this.
        type: str
      reason:
        description:
          - Why.
        type: str
      exception:
        description:
          - The exception for the module that carries it out, where that needs one.
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
              - When the exception ends, in UTC with C(Z).
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - Accept that the provider cannot force a change of a temporary password at the first sign-in.
            type: bool
            default: false
      seal_to:
        description:
          - Public key of who gets the new secret, where the platform has no recovery link.
        type: str
  keep:
    description:
      - Mailboxes that somebody else takes over. They are suspended and closed like the others, and then opened with a new secret.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The mailbox.
        type: str
        required: true
      new_owner:
        description:
          - E-mail address of whoever answers for it from now on.
        type: str
      until:
        description:
          - When the new owner's time ends. A date, or a time with a zone. Whatever is kept needs O(keep[].new_owner) and this.
        type: str
      reason:
        description:
          - Why.
        type: str
      exception:
        description:
          - The exception for the module that carries it out, where that needs one.
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
              - When the exception ends, in UTC with C(Z).
            type: str
            required: true
          accept_unforced_rotation:
            description:
              - Accept that the provider cannot force a change of a temporary password at the first sign-in.
            type: bool
            default: false
      seal_to:
        description:
          - Public key of the new owner, where the platform has no recovery link.
        type: str
  done_by_hand:
    description:
      - What people have done of the work that no API does, by the name in the report, such as V(token), or V(recovery billing@example.com).
    type: list
    elements: str
  snapshot:
    description:
      - Path of a file in which the listings wait for M(mailops.email.evidence), so that they are not read twice.
    type: path
notes:
  - Exactly one of O(person), O(addresses), O(request), O(domains) and O(whole_client) selects. An empty selection is refused.
  - Forwards of other mailboxes that end in a closed one are found when the journal knows of them, and among the forwards without a mailbox
    of the same domains. A provider that lists forwards by mailbox would have to be asked for each of its mailboxes.
seealso:
  - module: mailops.email.owner_info
  - module: mailops.email.evidence
  - module: mailops.email.mailbox_access
  - module: mailops.email.mailbox_owner
"""

EXAMPLES = r"""
- name: See what a person leaves behind
  mailops.email.offboarding_info:
    request_id: OFF-2026-004
    client: acme
    client_domains:
      - example.com
    person:
      - ann.personal@example.net
    role_accounts:
      - address: billing@example.com
        members:
          - ann.personal@example.net
          - finance.owner@example.org
        shared: true
  register: leaving

- name: Show it
  ansible.builtin.debug:
    msg: "{{ leaving.report }}"

- name: Suspend the mailboxes
  mailops.email.mailbox:
    request_id: OFF-2026-004
    mailboxes: "{{ leaving.suspend }}"
  when: leaving.suspend | length > 0
"""

RETURN = r"""
selection:
  description: What is selected of this client.
  returned: success
  type: dict
  contains:
    how:
      description: By which option.
      returned: always
      type: str
    mailboxes:
      description: Addresses that are closed.
      returned: always
      type: list
      elements: str
    role_accounts:
      description: Role accounts that the person owns.
      returned: always
      type: list
      elements: str
    forwards:
      description: Forwards that the person answers for.
      returned: always
      type: list
      elements: str
    catch_alls:
      description: Domains with a catch-all that the person answers for, or that are offboarded.
      returned: always
      type: list
      elements: str
    domains:
      description: Domains that are offboarded as a whole.
      returned: always
      type: list
      elements: str
  sample:
    how: person
    mailboxes:
      - ann@example.com
    role_accounts: []
    forwards: []
    catch_alls: []
    domains: []
complete:
  description: Whether nothing is left to do and nothing is open.
  returned: success
  type: bool
  sample: false
counts:
  description: How many things are in each state.
  returned: success
  type: dict
  contains:
    done:
      description: Things that are closed, kept by a decision, or were never there.
      returned: always
      type: int
    to_do:
      description: Things that the lists hold.
      returned: always
      type: int
    open:
      description: Things that wait for a decision or for a person's hand.
      returned: always
      type: int
    confirmed:
      description: Things that a person has done.
      returned: always
      type: int
    rules:
      description: Rules that are deleted with the access paths; each is a removal.
      returned: always
      type: int
  sample:
    done: 0
    to_do: 2
    open: 1
    confirmed: 0
    rules: 0
items:
  description: A row for each thing.
  returned: success
  type: list
  elements: dict
  contains: &row
    item:
      description: Its name, of kind and key.
      returned: always
      type: str
    kind:
      description: V(mailbox), V(invite), V(access), V(forward), V(alias), V(catch_all), V(role_account), V(recovery), or a kind of access path.
      returned: always
      type: str
    key:
      description: The object.
      returned: always
      type: str
    state:
      description: V(done), V(to_do), V(open) or V(confirmed).
      returned: always
      type: str
    what:
      description: What is done about it, or was.
      returned: always
      type: str
    next:
      description: What a person does. Empty when there is nothing.
      returned: always
      type: str
  sample: &sample
    - item: role_account billing@example.com
      kind: role_account
      key: billing@example.com
      state: open
      what: "review: member"
      next: "Decide in role_account_decisions: rotate, or suspend."
open:
  description: Those of RV(items) that are open.
  returned: success
  type: list
  elements: dict
  contains: *row
  sample: *sample
report:
  description: RV(items) as lines for people.
  returned: success
  type: list
  elements: str
  sample:
    - "to_do: mailbox ann@example.com: suspend"
evidence:
  description: Items for M(mailops.email.evidence).
  returned: success
  type: list
  elements: dict
  sample: [{name: ann@example.com}]
suspend:
  description: Items for M(mailops.email.mailbox) that suspend mailboxes.
  returned: success
  type: list
  elements: dict
  sample: [{address: ann@example.com, state: suspended, reason: Left on 2026-10-31}]
invites:
  description: Items for M(mailops.email.invite) that cancel pending invites.
  returned: success
  type: list
  elements: dict
  sample: []
access:
  description: Items for M(mailops.email.mailbox_access).
  returned: success
  type: list
  elements: dict
  sample: [{address: ann@example.com}]
forwards:
  description: Items for M(mailops.email.forward).
  returned: success
  type: list
  elements: dict
  sample: [{address: ann@example.com, state: absent}]
catch_alls:
  description: Items for M(mailops.email.catch_all).
  returned: success
  type: list
  elements: dict
  sample: []
aliases_absent:
  description: Items for M(mailops.email.alias) that take aliases away.
  returned: success
  type: list
  elements: dict
  sample: []
aliases_present:
  description: Items for M(mailops.email.alias) that give aliases to other mailboxes, once they are taken away.
  returned: success
  type: list
  elements: dict
  sample: []
owners:
  description: Items for M(mailops.email.mailbox_owner).
  returned: success
  type: list
  elements: dict
  sample: []
failed_items:
  description: What the task was refused or failed for, also told in C(msg).
  returned: when the provider could not be asked, or an option is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Always V(-1).
      returned: always
      type: int
    key:
      description: Always empty.
      returned: always
      type: str
    phase:
      description: Always V(task).
      returned: always
      type: str
    code:
      description: Stable name of the rule or error, for programs.
      returned: always
      type: str
    message:
      description: What is wrong.
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
      code: nothing_selected
      message: Nobody and nothing is selected.
      hint: Name a person, addresses, a request, domains, or whole_client. What is missing from a list is never offboarded.
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample:
    GET: 12
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("offboarding_info")


if __name__ == "__main__":
    main()
