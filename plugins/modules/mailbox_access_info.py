# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mailbox_access_info
short_description: List who and what can get at the mail of mailboxes
version_added: 1.0.0
description:
  - Lists the access paths of identities, each with since when it is there, when it was last used where the provider tells, and
    who can close it.
  - What the provider does not show is listed as work for people in RV(left_to_people), with what to do.
  - A table of what was found is printed. Names in it are what mailbox owners typed.
  - It never changes anything, and shows no secret. App passwords, tokens and devices have numbers, names and prefixes only.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
options:
  addresses:
    description:
      - Mailboxes whose access paths are listed. Then O(domains) has no effect.
    type: list
    elements: str
  domains:
    description:
      - Domains whose mailboxes are looked at. Those that the account does not have are left out.
      - When neither this nor O(addresses) is set, the mailboxes of the domains in O(client_domains) are looked at, and without these
        all.
    type: list
    elements: str
  kinds:
    description:
      - Kinds of paths that are listed, all when it is not set. With TrekMail most take a request for each mailbox, so name what you
        need.
    type: list
    elements: str
    choices:
      session: Open sessions of mail programs, where O(doveadm_url) shows them.
      app_password: Passwords of mail programs.
      token: Tokens by which programs read or send the mail of the mailbox.
      delegate: Who may read this mailbox, and which shared mailboxes this identity may read.
      device: Devices that are enrolled for the files of the mailbox.
      rule: Filter rules, and scripts, that send mail elsewhere.
      forward: The forward of the mailbox.
      alias: Aliases of the mailbox.
      administrator: Domains, among those of the mailboxes that were asked for, that the identity may administer.
      catch_all: Domains, among those of the mailboxes that were asked for, whose unknown mail ends in the mailbox.
      inbound_forward: >-
        Forwards of other addresses in the same domain that end in the mailbox. It takes a request for each mailbox of the domain
        with a provider that does not list them together.
seealso:
  - module: mailops.email.mailbox_access
  - module: mailops.email.forward_info
  - module: mailops.email.account_info
"""

EXAMPLES = r"""
- name: Look up how one mailbox can be reached
  mailops.email.mailbox_access_info:
    addresses:
      - alex@example.com
  register: found

- name: Show what lets somebody in, and what only a person can find
  ansible.builtin.debug:
    msg:
      paths: "{{ found.paths | map(attribute='key') }}"
      by_hand: "{{ found.left_to_people }}"

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: List all filter rules and forwards that send mail elsewhere
      mailops.email.mailbox_access_info:
        kinds: [rule, forward]
      register: leaving

    - name: List where it goes
      ansible.builtin.debug:
        msg: "{{ leaving.paths | map(attribute='others') | flatten | unique | sort }}"
"""

RETURN = r"""
paths:
  description: The paths, by address and kind.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The identity.
      returned: always
      type: str
    kind:
      description: Its kind, one of the choices of O(kinds).
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
  sample:
    - address: alex@example.com
      kind: app_password
      key: alex@example.com/app_password/17
      name: Thunderbird
      detail: imap from 192.0.2.7
      others: []
      since: "2026-01-12T09:30:00Z"
      last_used: "2026-01-30T16:05:00Z"
      by: api
      next: ""
left_to_people:
  description: Kinds that the provider does not show, or does not show to this token, with what a person does about them.
  returned: success
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
missing:
  description: Those of O(addresses) that have no mailbox, or else those of O(domains) that the account does not have.
  returned: success
  type: list
  elements: str
  sample:
    - kim@example.com
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
      code: unauthenticated
      message: The provider does not accept the token.
      hint: "The token is wrong, expired or revoked: set api_token (or MAILOPS_API_TOKEN) to a valid one."
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample:
    GET: 9
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("mailbox_access_info")


if __name__ == "__main__":
    main()
