# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mail_probe
short_description: Verify that mail of domains flows, and that access that was closed is closed
version_added: 1.0.0
description:
  - Verifies one domain, or a whole list of them, as a person's mail program and another mail server would. It logs in, submits,
    sends a message to an address elsewhere, hands in a message from outside and looks for it, and asks the receiving side for a
    sample of the domain's real mailboxes, to which nothing is sent.
  - It never uses the credentials of an owner. Each domain has one probe mailbox, O(probe_local_part) at the domain, that stays and
    is closed between runs. Each run gives it a new random secret that exists in the memory of the run only, opens it, and closes it
    again whatever happens. Only then it shows that the secret is refused for login and submission, and that a session that was
    open has ended.
  - A run that is killed leaves at worst an open mailbox whose secret nobody knows; the next run closes it.
  - A mailbox of that name which the journal does not know as a probe mailbox is never touched, and its domain does not pass.
  - Each domain gets one event in the journal, with every check. Of a domain that passed, what the provider holds of it is kept
    beside the journal as its last known good state. A domain that did not pass keeps the earlier one.
  - The task fails when any domain does not pass, once all domains were tried and all events are written. There is no option
    to leave a check out.
  - It speaks SMTP, LMTP and IMAP. POP3 is not supported.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
attributes:
  check_mode:
    details:
      - In check mode the plan is made and shown as for any module that changes something. No mail server is connected to, so
        RV(verified) is V(null).
  idempotent:
    support: partial
    details:
      - It reports a change only when a probe mailbox had to be made. Each run sets a new secret, opens and closes the
        mailbox, and the journal tells so.
requirements:
  - dnspython >= 2.6 (only to find the MX of domains)
options:
  domains:
    description:
      - Host names of the domains to verify.
      - When it is not set, all of O(client_domains) are verified.
    type: list
    elements: str
  imap:
    description:
      - The server on which mailboxes are read.
    type: dict
    required: true
    suboptions:
      host:
        description:
          - Its name. The certificate has to bear it.
        type: str
        required: true
      port:
        description:
          - Its port. If not set, V(993) with O(imap.tls=implicit) and V(143) with O(imap.tls=starttls).
        type: int
      tls:
        description:
          - How TLS begins. Nobody logs in without it.
        type: str
        choices:
          implicit: From the first byte on.
          starttls: By the command STARTTLS.
        default: implicit
  submission:
    description:
      - The server to which people hand in mail.
    type: dict
    required: true
    suboptions:
      host:
        description:
          - Its name. The certificate has to bear it.
        type: str
        required: true
      port:
        description:
          - Its port. If not set, V(465) with O(submission.tls=implicit) and V(587) with O(submission.tls=starttls).
        type: int
      tls:
        description:
          - How TLS begins. Nobody logs in without it.
        type: str
        choices:
          implicit: From the first byte on.
          starttls: By the command STARTTLS.
        default: implicit
  inbound:
    description:
      - Where mail from elsewhere comes in.
    type: dict
    suboptions:
      host:
        description:
          - Name of the server, the same for all domains. With O(inbound.protocol=lmtp) and O(inbound.tls=none) it may be the
            path of a socket.
          - If not set, each domain's own MX is looked up and used.
        type: str
      port:
        description:
          - Its port. If not set, V(25), and V(24) with O(inbound.protocol=lmtp).
        type: int
      tls:
        description:
          - How TLS begins.
        type: str
        choices:
          starttls: By the command STARTTLS. The certificate is checked.
          none: Not at all.
        default: starttls
      protocol:
        description:
          - What it speaks.
        type: str
        choices:
          smtp: As every mail server does.
          lmtp: As the store behind a mail server does. This does not try what stands before it.
        default: smtp
      sender:
        description:
          - Address from which the message claims to come. Its domain should let the machine that probes send for it.
          - If not set, O(outbound.address) is used.
        type: str
  outbound:
    description:
      - Where mail is sent to. It cannot be left out.
    type: dict
    required: true
    suboptions:
      address:
        description:
          - An address at another platform that takes mail for tests.
        type: str
        required: true
      proof:
        description:
          - What shows that mail leaves.
        type: str
        choices:
          accepted: The platform took the message, and no report of failed delivery comes back for 15 seconds, or for O(wait) if
            that is less.
          echo: The address answers, and the answer arrives within O(wait). What answers has to be made for it, because automatic
            responders keep silent for such messages.
        default: accepted
  mail_ca_path:
    description:
      - Path of a file, or of a folder, with certificates of authorities, for mail servers behind a private certificate
        authority. Certificates are always checked.
      - If not set, the value of the environment variable E(MAILOPS_MAIL_CA_PATH) is used.
    type: path
  sample_size:
    description:
      - How many real mailboxes of each domain the receiving side is asked for. Each is drawn from those that the provider lists
        as present.
    type: int
    default: 1
  seed:
    description:
      - What the sample is drawn by. The same seed draws the same mailboxes; it is recorded, with the sample.
      - If not set, O(request_id) is used.
    type: str
  probe_local_part:
    description:
      - Local part of the probe mailboxes.
    type: str
    default: mailops-probe
  wait:
    description:
      - Seconds to wait for a message to arrive.
    type: int
    default: 60
  results:
    description:
      - What other modules found of the same domains, such as checks of their DNS. They become part of the verdict; one
        that did not pass makes its domain fail.
    type: list
    elements: dict
    suboptions:
      domain:
        description:
          - The domain. It has to be one of those that are verified.
        type: str
        required: true
      check:
        description:
          - Name of the check, such as V(dns). The names of the module's own checks are refused.
        type: str
        required: true
      passed:
        description:
          - Whether it passed. If not set, it could be neither shown nor excluded.
        type: bool
      code:
        description:
          - Stable name of what was found.
        type: str
      evidence:
        description:
          - What shows it, as text or as a structure.
        type: raw
      next:
        description:
          - What to do next.
        type: str
  timeout:
    description:
      - Seconds to wait for one answer, of the provider and of a mail server.
      - If not set, the value of the environment variable E(MAILOPS_TIMEOUT) is used.
  concurrency:
    description:
      - How many requests that do not depend on each other may be under way at a time, and how many domains are tried side by side.
      - If not set, the value of the environment variable E(MAILOPS_CONCURRENCY) is used.
  max_changes:
    description:
      - The most operations with which probe mailboxes may be opened, one or two for each domain. A larger plan is refused as a whole
        with the code V(blast_radius), in check mode too. What was opened is closed whatever this says.
      - Without it the number is not limited.
  sealed_dir:
    description:
      - Not used by this module, which seals nothing.
      - If not set, the value of the environment variable E(MAILOPS_SEALED_DIR) is used.
  snapshot:
    description:
      - Not used by this module, which reads what it judges.
seealso:
  - module: mailops.email.domain_info
  - module: mailops.email.mailbox
"""

EXAMPLES = r"""
- name: Verify two domains
  mailops.email.mail_probe:
    request_id: REQ-2026-001
    domains:
      - example.com
      - example.net
    imap:
      host: imap.mail.example
    submission:
      host: smtp.mail.example
    outbound:
      address: check@elsewhere.example
  register: found

- name: Verify a self-hosted platform with STARTTLS and a private authority, and wait for an answer from elsewhere
  mailops.email.mail_probe:
    request_id: REQ-2026-001
    domains:
      - example.com
    imap:
      host: mail.example.net
      tls: starttls
    submission:
      host: mail.example.net
      tls: starttls
    inbound:
      host: mail.example.net
      sender: check@elsewhere.example
    outbound:
      address: echo@elsewhere.example
      proof: echo
    mail_ca_path: /etc/ssl/private-ca.pem
    sample_size: 3

# ansible-playbook verify.yml --check --diff shows which mailboxes would be made and tries nothing.
- name: Work for one client; the token comes from the environment variable MAILOPS_API_TOKEN
  module_defaults:
    group/mailops.email.all:
      client: acme
      client_domains:
        - example.com
        - example.net
  block:
    - name: Verify all domains of the client, with what was found of their DNS
      mailops.email.mail_probe:
        request_id: REQ-2026-001
        imap:
          host: imap.mail.example
        submission:
          host: smtp.mail.example
        outbound:
          address: check@elsewhere.example
        results:
          - domain: example.com
            check: dns
            passed: true
"""

RETURN = r"""
verified:
  description:
    - Whether every domain passed. V(null) in check mode, in which nothing is tried.
  returned: unless the task as a whole was refused
  type: bool
  sample: true
domains:
  description: What was found of each domain, in their order.
  returned: unless the task as a whole was refused
  type: list
  elements: dict
  contains:
    domain:
      description: The host name.
      returned: always
      type: str
    passed:
      description: Whether it is verified. V(null) in check mode.
      returned: always
      type: bool
    results:
      description:
        - Whether each check passed, by its name. V(null) means neither shown nor excluded. C(dns) is V(null) unless O(results) told of
          it.
      returned: always
      type: dict
    checks:
      description:
        - Every check, with C(domain), C(check), C(passed), C(target), C(code), C(class), C(meaning), C(likely_cause), C(next_step),
          C(retry), C(related), C(matched), C(text), C(evidence) and C(milliseconds).
      returned: always
      type: list
      elements: dict
    probe_mailbox:
      description: Address of the probe mailbox.
      returned: always
      type: str
    sample:
      description: The real mailboxes that the receiving side was asked for.
      returned: always
      type: list
      elements: str
    last_known_good:
      description:
        - The snapshot that was kept, as C(digest) and C(path) below O(journal_dir). V(null) unless it passed.
      returned: always
      type: dict
  sample:
    - domain: example.com
      passed: true
      results:
        login: true
        submission: true
        outbound: true
        inbound: true
        recipients: true
        login_refused: true
        submission_refused: true
        session_ended: null
        closed: true
        dns: null
      checks: []
      probe_mailbox: mailops-probe@example.com
      sample: ["alex@example.com"]
      last_known_good:
        digest: sha256:0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112
        path: known-good/modoboa@mail.example.net/example.com/0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112.json
seed:
  description: What the sample was drawn by.
  returned: unless the task as a whole was refused
  type: str
  sample: REQ-2026-001
sample_size:
  description: How many real mailboxes of each domain were to be asked for.
  returned: unless the task as a whole was refused
  type: int
  sample: 1
plan:
  description:
    - The operations that lead from the observed to the wanted state, in order. Empty when all is as wanted.
    - When an item was refused, these are the operations of the others. None of them was carried out then.
  returned: unless the task as a whole was refused
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
      verb: create
      key: mailops-probe@example.com
      before: null
      after:
        state: present
        suspended: ""
        credential: probe
        role_account: true
      delivery:
        method: probe_secret
        rank: 0
plan_digest:
  description:
    - Digest of client, provider account and all operations. Equal plans have equal digests.
  returned: unless the task as a whole was refused
  type: str
  sample: sha256:0b9c2f6a4c1e7d0f5f6a3f4c7b8e9d1a2c3e4f5061728394a5b6c7d8e9f00112
applied:
  description:
    - Keys of the probe mailboxes, one for each operation that was carried out. Empty in check mode.
  returned: always
  type: list
  elements: str
  sample: ["mailops-probe@example.com", "mailops-probe@example.com", "mailops-probe@example.com"]
failed_items:
  description:
    - Everything that was refused, and every check that did not pass, also told in C(msg). Empty after a success.
  returned: always
  type: list
  elements: dict
  contains:
    index:
      description: Position of the domain in the list, from 0. V(-1) when it concerns the task as a whole.
      returned: always
      type: int
    key:
      description: The domain. Empty when it concerns the task as a whole.
      returned: always
      type: str
    phase:
      description: V(task) when nothing at all was changed, otherwise V(verify).
      returned: always
      type: str
    code:
      description: The answer that decided, such as V(550 5.7.1), or the stable name of a rule or error.
      returned: always
      type: str
    message:
      description: What is wrong, naming domain and check.
      returned: always
      type: str
    hint:
      description: What to do next. Can be empty.
      returned: always
      type: str
  sample:
    - index: 0
      key: example.com
      phase: verify
      code: 550 5.7.1
      message: "example.com: outbound: rejected by policy"
      hint: Check SPF, DKIM and DMARC of the sending domain, then the reputation of the sending address.
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
          C(after_state), and C(exception) and C(collateral) where there are such; and one for each domain that was
          verified, with C(verification_result).
        - C(outcome) is V(predicted), V(success), V(failure), V(unverified), V(in_doubt) or V(not_attempted).
      returned: always
      type: list
      elements: dict
    unlisted:
      description: Always V(0). Nothing is left out of RV(audit.changes).
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
    failures: []
diff:
  description:
    - One line for each probe mailbox that is made, before and after, sorted. The same in check mode and after the change.
  returned: unless the task as a whole was refused
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
    after: ""
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_probe_module


def main() -> None:
    run_probe_module()


if __name__ == "__main__":
    main()
