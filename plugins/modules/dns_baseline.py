# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_baseline
short_description: Publish, check, record and restore the mail records of domains
version_added: 1.0.0
description:
  - Brings the mail records of domains to an approved baseline. It is made from what the mail provider asks for, from the client's
    template, and from the domain's own values.
  - It owns only what the baseline names. The SPF pattern is put into the record that is there, other TXT values stay as they are, and other MX
    records stay until O(remove) names them. NS and SOA are never touched.
  - Each record set is changed only where it is still as it was planned on; else the change is refused with V(changed_meanwhile).
  - Afterwards, and with O(state=checked) alone, the world is looked at, each name at every authoritative server of its zone. What is
    wrong is told in RV(findings), with what it breaks and what to do. Findings never make the task fail.
  - Guards refuse what ends in an outage. The last MX, SPF or DMARC record and a key in use do not go, an SPF record that receivers cannot
    follow is not published, a policy does not change unless somebody has decided it, and DMARC does not become stricter while a known
    sender would fail. An entry of O(exceptions) opens one guard for one object.
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.change
  - mailops.email.attributes
  - mailops.email.dns
  - mailops.email.publisher
notes:
  - O(sealed_dir) and O(snapshot) have no effect.
  - Without O(api_token) no provider is asked, and the journal says C(dns) in the place of its account.
options:
  state:
    description:
      - With V(present) what the baseline wants is published.
      - With V(checked) nothing is changed; what was found is told and recorded.
      - With V(snapshot) the records are kept in the journal as they are at the authoritative servers. A snapshot whose checks pass is the
        last known good one.
      - With V(restored) the records of the snapshot O(snapshot_id) are published again; those that were not there then go, as far as they are ours.
    type: str
    choices:
      present: What the baseline wants is published.
      checked: The domains are looked at.
      snapshot: The records are kept in the journal.
      restored: The records of a snapshot are published again.
    default: present
  snapshot_id:
    description:
      - The snapshot that is restored, V(last_known_good) or the digest of one.
    type: str
    default: last_known_good
  change_window:
    description:
      - When records may be changed. Outside of it a plan is refused with V(outside_change_window).
    type: dict
    suboptions:
      days:
        description: Days of the week, such as V(mon). Not set, the working days.
        type: list
        elements: str
      from:
        description: Time of day from which on, such as V(09:00).
        type: str
      to:
        description: Time of day until which, such as V(16:00).
        type: str
      timezone:
        description: IANA name. Not set, UTC.
        type: str
      freeze:
        description: Days on which nothing is changed, or two with V(/) between them.
        type: list
        elements: str
  max_domains:
    description:
      - The most domains whose records one task may change. More are refused with V(too_many_domains).
    type: int
    default: 25
  max_domains_losing:
    description:
      - The most domains that may lose a class of records in one task, each of them allowed by an exception.
    type: int
    default: 1
  approved_digest:
    description:
      - The RV(approval_digest) of the dry run that was approved. Any other plan is refused, and so is a digest that cannot be compared.
    type: str
  wait:
    description:
      - Seconds in which what was published has to be seen at every authoritative server.
    type: int
    default: 300
seealso:
  - module: mailops.email.dns_baseline_info
  - module: mailops.email.domain_info
"""

EXAMPLES = r"""
- name: Show what the domains of a client lack
  mailops.email.dns_baseline:
    request_id: REQ-2026-001
    client: acme
    publisher: &publisher
      type: rfc2136
      server: ns1.example.net
      tsig_name: baseline
      tsig_secret: "{{ vault_tsig_secret }}"
    spf: {all: "~all"}
    dmarc:
      policy: none
      aggregate_reports: [dmarc@example.com]
    domains:
      - name: example.com
      - name: example.org
        sending: false
  check_mode: true

- name: Publish one of them
  mailops.email.dns_baseline:
    request_id: REQ-2026-001
    client: acme
    name: example.com
    publisher: *publisher
    spf: {all: "~all"}
    dmarc:
      policy: none
      aggregate_reports: [dmarc@example.com]

- name: Look at it, and stop when mail could not be sent at scale
  mailops.email.dns_baseline:
    request_id: REQ-2026-001
    client: acme
    name: example.com
    state: checked
  register: checked
  failed_when: not checked.ready

- name: Keep what was verified
  mailops.email.dns_baseline:
    request_id: REQ-2026-001
    client: acme
    name: example.com
    state: snapshot

- name: Put the last known good records back
  mailops.email.dns_baseline:
    request_id: INC-2026-007
    client: acme
    name: example.com
    publisher: *publisher
    state: restored
"""

RETURN = r"""
domains:
  description:
    - One entry for each domain, as it is now, or in check mode as it would be.
  returned: unless the task as a whole was refused, or the list is longer than O(max_listed)
  type: list
  elements: dict
  contains:
    name:
      description: The domain.
      returned: always
      type: str
    zone:
      description: The zone that holds its records. Empty when nobody could say.
      returned: when its zone was looked for
      type: str
    records:
      description: The record sets that the baseline names, as they are at the DNS host, each with C(name), C(type), C(ttl) and C(values).
      returned: when there is a publisher
      type: list
      elements: dict
    ready:
      description: Whether SPF, DKIM and DMARC are there and aligned, so that mail can be sent at scale.
      returned: when it was looked at
      type: bool
    servers:
      description: The authoritative servers that were asked.
      returned: when it was looked at
      type: list
      elements: str
    classes:
      description:
        - By class of records, C(status) V(ok), V(warning), V(error), V(absent), V(not_asked) or V(unknown), and the C(records) that were
          found. Classes are C(mx), C(spf), C(dkim), C(dmarc), C(mta_sts), C(tls_rpt), C(dane), C(bimi), C(parked) and C(authority).
      returned: when it was looked at
      type: dict
    ok:
      description: Whether nothing of the severity V(error) was found.
      returned: when it was looked at
      type: bool
    observed:
      description: The record sets that the baseline names, as the authoritative servers have them.
      returned: when it was looked at
      type: list
      elements: dict
    domain:
      description: The same as C(name).
      returned: when it was looked at
      type: str
    spf:
      description: C(lookups) and C(void_lookups) that the SPF record costs; ten and two are the most.
      returned: when it was looked at
      type: dict
    findings:
      description: What was found, as in RV(findings).
      returned: when it was looked at
      type: list
      elements: dict
    digest:
      description: Digest of its newest snapshot.
      returned: O(state=snapshot)
      type: str
    records_digest:
      description: Digest of the records alone. Equal records have equal digests.
      returned: O(state=snapshot)
      type: str
    verified:
      description: Whether that snapshot counts as good, because all checks passed.
      returned: O(state=snapshot)
      type: bool
    last_known_good:
      description: Digest of the last good snapshot. V(null) when there is none.
      returned: O(state=snapshot)
      type: str
  sample:
    - name: example.com
      zone: example.com
      ready: true
      servers: ["192.0.2.53@53"]
      classes:
        mx: {status: ok, records: ["10 mx.example.net."]}
      spf: {lookups: 2, void_lookups: 0}
      findings: []
findings:
  description: What was found of all domains.
  returned: unless the task as a whole was refused
  type: list
  elements: dict
  contains:
    code:
      description: Stable name, see the guide on findings.
      returned: always
      type: str
    severity:
      description: V(error), V(warning) or V(info).
      returned: always
      type: str
    object:
      description: The record, host or sender that it is about.
      returned: always
      type: str
    evidence:
      description: What was seen.
      returned: always
      type: str
    next:
      description: What to do about it.
      returned: always
      type: str
    breaks:
      description: What it breaks, such as V(inbound stops).
      returned: always
      type: str
    record_class:
      description: The class of records that it is about.
      returned: always
      type: str
  sample:
    - code: spf_include_missing
      severity: error
      object: example.com
      evidence: "v=spf1 -all has no include:spf.example.net"
      next: Publish the approved record again.
      breaks: outbound rejected
      record_class: spf
ready:
  description: Whether all domains are.
  returned: unless the task as a whole was refused
  type: bool
  sample: true
not_ready:
  description: The domains that are not.
  returned: unless the task as a whole was refused
  type: list
  elements: str
  sample: []
not_seen:
  description: Keys of record sets that were published, and that not all authoritative servers show after O(wait) seconds.
  returned: unless the task as a whole was refused
  type: list
  elements: str
  sample: []
verdicts:
  description:
    - One for each domain, as the option O(mailops.email.mail_probe#module:results) of M(mailops.email.mail_probe) takes it.
    - It passed when the domain is ready and no finding is an error.
  returned: unless the task as a whole was refused
  type: list
  elements: dict
  contains:
    domain:
      description: The domain.
      returned: always
      type: str
    check:
      description: Always V(dns).
      returned: always
      type: str
    passed:
      description: Whether it passed.
      returned: always
      type: bool
    code:
      description: The first finding that is an error. Empty when there is none.
      returned: always
      type: str
    evidence:
      description: What was seen of it; of a domain without an error the servers that were asked.
      returned: always
      type: raw
    next:
      description: What to do about it.
      returned: always
      type: str
  sample:
    - domain: example.com
      check: dns
      passed: true
      code: ""
      evidence: {servers: ["192.0.2.53@53"]}
      next: ""
approval_digest:
  description:
    - What O(approved_digest) is compared with. It covers the client, the DNS host, the zones, all changes with what is there before them,
      and the version of this collection. Empty when nothing is planned.
  returned: unless the task as a whole was refused
  type: str
  sample: sha256:5d41402abc4b2a76b9719d911017c592aa1bbbdd4c1c2a3f3e0d5a4b6c7d8e9f
publisher:
  description: Who publishes. Empty when nobody is named.
  returned: unless the task as a whole was refused
  type: str
  sample: rfc2136@ns1.example.net
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
    at:
      description: The host and zone that are written to, and the version of the collection that made the plan.
      returned: when a record set changes
      type: dict
    collateral:
      description:
        - What the provider changes on the side, each with C(kind), C(key), C(before) and C(after), such as aliases that it switches
          off together with a mailbox.
      returned: when there is such a thing
      type: list
      elements: dict
  sample:
    - kind: record_set
      verb: set
      key: example.com/record_set/_dmarc.example.com/TXT
      before: null
      after:
        name: _dmarc.example.com
        type: TXT
        ttl: 3600
        values: ['"v=DMARC1; p=none; rua=mailto:dmarc@example.com"']
      at:
        host: rfc2136@ns1.example.net
        zone: example.com
        tool: mailops.email@1.0.0
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
  sample: ["example.com/record_set/_dmarc.example.com/TXT"]
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
      key: example.com
      phase: plan
      code: dmarc_policy_changed
      message: "_dmarc.example.com/TXT: the DMARC policy changes from p=none to quarantine."
      hint: >-
        Leave the policy as it is; if it is meant, give an exception with guard dmarc_policy_changed, object _dmarc.example.com/TXT,
        reason, approver and expires_at.
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
    before: ""
    after: |
      record_set example.com/record_set/_dmarc.example.com/TXT: {"name":"_dmarc.example.com","ttl":3600,"type":"TXT","values":["\"v=DMARC1; p=none\""]}
    before_header: now
    after_header: wanted
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_dns_baseline_module


def main() -> None:
    run_dns_baseline_module()


if __name__ == "__main__":
    main()
