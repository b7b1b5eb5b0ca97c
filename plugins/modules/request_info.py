# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: request_info
short_description: Check a change request, and hand on what it asks for
version_added: 1.0.0
description:
  - Reads a change request, that is a C(request.yml) and the C(mailboxes.csv) beside it or the C(batch) in it, and checks it.
    First by itself, then against the provider.
  - It returns everything that is wrong at once, each finding with row, column, rule and what to do next, and fails when there is
    any. Nothing is guessed or corrected.
  - When there is none, RV(mailboxes) is what M(mailops.email.mailbox) takes as its list.
  - It checks among others form and encoding, that both files are committed to git, that all belongs to the client, names and
    owners, the approval with its digest, and at the provider that domains are active, addresses are free and the plan's
    limits hold.
  - It changes nothing at the provider and writes no journal. The only files that it writes are O(snapshot) and O(mailboxes_file).
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
requirements:
  - jsonschema >= 4.18
  - git (the program)
options:
  path:
    description:
      - Folder of the request, or the path of its C(request.yml).
    type: path
    required: true
  offline:
    description:
      - Check without asking the provider anything. O(api_token) has to be set all the same; any text does.
    type: bool
    default: false
  snapshot:
    description:
      - Path of a file to which the provider's listings are written that the checks have read, mode V(0600). Hand it to the
        option O(mailops.email.mailbox#module:snapshot) of the task that follows, so that it need not read them again.
      - It is written only when the request passes its own checks and O(offline=false).
    type: path
  mailboxes_file:
    description:
      - Path of a file to which the mailboxes are written when there is nothing to find, mode V(0600), in place of returning them. Hand it
        to the option O(mailops.email.mailbox#module:mailboxes_file) of the task that follows, on the same host.
      - As results and as arguments ten thousand mailboxes cost a second, and a controller stores them twice.
    type: path
  alias_check_limit:
    description:
      - The most mailboxes that are asked for their aliases, one request for each, to find addresses that are taken. With more
        mailboxes in the domains of the request, aliases are not checked, and a warning says so.
    type: int
    default: 500
  max_batch:
    description:
      - The most mailboxes that one request may ask for. A request can set itself a lower number, not a higher one.
    type: int
    default: 500
  review_threshold:
    description:
      - Above so many mailboxes, more than the approved number are reported as V(blast_radius).
    type: int
    default: 25
  high_risk_local_parts:
    description:
      - Local parts that the client treats as high-risk, in addition to those that always are, such as V(admin), V(postmaster) or
        V(security). Each needs an approval for the very address.
    type: list
    elements: str
    default: []
  role_local_parts:
    description:
      - Local parts that the client uses for functions, in addition to those that always are, such as V(billing). Their rows have to be
        flagged as role accounts.
    type: list
    elements: str
    default: []
  plan_limits:
    description:
      - Limits of a plan by contract. They count only where the provider's own answer states none; a limit that nobody states is
        reported as V(plan_limit_unknown).
    type: dict
    suboptions:
      domains:
        description:
          - Domains of the whole account.
        type: int
      mailboxes_per_domain:
        description:
          - Mailboxes of each domain, pending invites included.
        type: int
      storage_mb:
        description:
          - Storage of the whole account in megabytes.
        type: int
notes:
  - O(client) is compared with the client that the request names, so it has to be set.
  - O(client_domains) is the boundary of the request. Without it every domain is a finding.
seealso:
  - module: mailops.email.mailbox
  - module: mailops.email.domain_info
"""

EXAMPLES = r"""
- name: Check a request at the desk, without asking the provider
  mailops.email.request_info:
    path: requests/REQ-2026-001
    client: acme
    client_domains:
      - example.com
      - example.net
    api_token: none
    offline: true

- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: Check the request; the play ends here when there is anything to find
      mailops.email.request_info:
        path: requests/REQ-2026-001
        snapshot: /tmp/REQ-2026-001.snapshot
      register: intake

    # See the plan first, with: ansible-playbook --check --diff
    - name: Carry it out
      mailops.email.mailbox:
        request_id: "{{ intake.request.request_id }}"
        approval_id: "{{ intake.request.approval.id }}"
        actor: sam@agency.example.org
        snapshot: "{{ intake.snapshot }}"
        max_changes: "{{ intake.request.approval.rows }}"
        mailboxes: "{{ intake.mailboxes }}"

    - name: Show the findings of a request without failing
      block:
        - name: Check it
          mailops.email.request_info:
            path: requests/REQ-2026-002
            high_risk_local_parts:
              - ceo
          register: draft
          ignore_errors: true

        - name: Show what has to be corrected
          ansible.builtin.debug:
            var: draft.findings
"""

RETURN = r"""
request:
  description: The request. Fields that it lacks are empty.
  returned: when the request was read, with findings or without
  type: dict
  contains:
    request_id:
      description: Its id.
      returned: always
      type: str
    client:
      description: The client that it is for.
      returned: always
      type: str
    business_purpose:
      description: Why, such as V(onboarding).
      returned: always
      type: str
    requested_by:
      description: Who asks, as C(human) and C(system).
      returned: always
      type: dict
    domains:
      description: The domains that it names.
      returned: always
      type: list
      elements: str
    approval:
      description: Its approval, such as C(id), C(approved_by), C(expires_at) and C(rows). Empty when there is none.
      returned: always
      type: dict
    exceptions:
      description: Its recorded exceptions.
      returned: always
      type: list
      elements: dict
    git_commit:
      description: The commit that holds exactly these files. Empty when there is none.
      returned: always
      type: str
    csv_sha256:
      description: Digest of the CSV. Empty when there is none.
      returned: always
      type: str
    request_sha256:
      description: Digest of C(request.yml).
      returned: always
      type: str
  sample:
    request_id: REQ-2026-001
    client: acme
    business_purpose: onboarding
    requested_by:
      human: sam.okafor@agency.example.org
      system: servicenow
    domains:
      - example.com
    approval:
      id: APR-2026-001
      approved_by: dana.lindqvist@example.org
      approved_at: "2026-01-12T09:30:00Z"
      expires_at: "2030-12-31T23:59:59Z"
      digest: sha256:960dcf1274ccf79cca6ec335ffef86a3cd1b25cd57011e558bf55df6599f9330
      rows: 1
    exceptions: []
    git_commit: 6b1f0a9e4c2d8f7b5a3e1c9d0f8e7b6a5c4d3e2f
    csv_sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    request_sha256: fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9
rows:
  description: How many mailboxes it asks for. V(0) when there is any finding that is an error.
  returned: when the request was read, with findings or without
  type: int
  sample: 1
mailboxes_file:
  description: Path of the file with the mailboxes. Empty when none was written.
  returned: when the request was read, with findings or without
  type: str
  sample: /tmp/REQ-2026-001.mailboxes
mailboxes_digest:
  description: Digest of that file, for the option O(mailops.email.mailbox#module:mailboxes_digest).
  returned: when the request was read, with findings or without
  type: str
  sample: sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
mailboxes:
  description:
    - One item for each mailbox, as the option O(mailops.email.mailbox#module:mailboxes) takes it. Empty when there is any finding
      that is an error.
  returned: when the request was read, with findings or without, and no file has them
  type: list
  elements: dict
  sample:
    - address: alex@example.com
      display_name: Alex Moreau
      owner_email: alex.moreau@example.net
      role_account: false
      department: Finance
      manager_email: dana.lindqvist@example.org
      expires_in_hours: 72
findings:
  description: Everything that was found, those that stop the request and warnings.
  returned: when the request was read, with findings or without
  type: list
  elements: dict
  contains:
    code:
      description: Stable name of the rule.
      returned: always
      type: str
    severity:
      description: V(error), which stops the request, or V(warning).
      returned: always
      type: str
    object:
      description: Where it is, as file, line and column, or as file and place in the document.
      returned: always
      type: str
    evidence:
      description: What was seen there.
      returned: always
      type: str
    next:
      description: What to do.
      returned: always
      type: str
  sample:
    - code: role_account_not_flagged
      severity: error
      object: "mailboxes.csv:4:role_account"
      evidence: billing is the name of a function, the row says false.
      next: Set role_account to true.
digest:
  description: Digest of the files as they are, which an approval has to name.
  returned: when the request was read, with findings or without
  type: str
  sample: sha256:960dcf1274ccf79cca6ec335ffef86a3cd1b25cd57011e558bf55df6599f9330
snapshot:
  description: Path of the snapshot that was written. Empty when none was.
  returned: when the request was read, with findings or without
  type: str
  sample: /tmp/REQ-2026-001.snapshot
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
    GET: 3
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("request_info")


if __name__ == "__main__":
    main()
