# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_baseline_info
short_description: Tell how the mail records of domains stand
version_added: 1.0.0
description:
  - Looks at the mail records of domains, each name at every authoritative server of its zone, all domains at once, and tells what is wrong,
    what that breaks, and what has changed since the last known good snapshot.
  - It changes nothing and records nothing. To have it recorded use O(mailops.email.dns_baseline#module:state=checked).
author:
  - Mailops authors (@mailops-email)
extends_documentation_fragment:
  - mailops.email.connection
  - mailops.email.attributes.info
  - mailops.email.dns
notes:
  - Without O(api_token) no provider is asked what the domains need.
options:
  snapshot_id:
    description:
      - The snapshot with which the records are compared, V(last_known_good) or the digest of one.
    type: str
    default: last_known_good
seealso:
  - module: mailops.email.dns_baseline
"""

EXAMPLES = r"""
- name: Look at a portfolio
  mailops.email.dns_baseline_info:
    client: acme
    spf: {all: "~all"}
    dmarc: {policy: quarantine}
    domains:
      - name: example.com
      - name: example.org
  register: posture

- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ posture.findings | selectattr('severity', 'eq', 'error') | list }}"
"""

RETURN = r"""
domains:
  description: One entry for each domain, as it is now.
  returned: success
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
    drift:
      description:
        - Record sets that differ from the baseline or from the snapshot, each with C(against), C(record_class), C(name), C(type), C(kind), C(was),
          C(now), C(was_ttl), C(now_ttl) and C(why).
      returned: always
      type: list
      elements: dict
    unseen:
      description: Record sets of which no name server said anything, each with C(name) and C(type). Whether they have changed nobody knows.
      returned: always
      type: list
      elements: dict
    snapshot:
      description: The snapshot that it was compared with, among others C(digest), C(id), C(verified_by) and C(taken_at). V(null) when there is none.
      returned: always
      type: dict
  sample:
    - name: example.com
      zone: example.com
      ready: true
      servers: ["192.0.2.53@53"]
      classes:
        mx: {status: ok, records: ["10 mx.example.net."]}
      spf: {lookups: 2, void_lookups: 0}
      findings: []
      drift: []
findings:
  description: What was found of all domains.
  returned: success
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
  description: Whether all domains can send mail at scale.
  returned: success
  type: bool
  sample: true
not_ready:
  description: The domains that cannot.
  returned: success
  type: list
  elements: str
  sample: []
drifted:
  description: The domains that differ from their snapshot.
  returned: success
  type: list
  elements: str
  sample: []
conformance:
  description: How many of a hundred domains have no finding of the severity V(error), rounded down.
  returned: success
  type: int
  sample: 100
queries:
  description: Number of DNS queries that were sent.
  returned: success
  type: int
  sample: 14
failed_items:
  description:
    - What the task was refused or failed for, also told in C(msg).
  returned: when the task failed
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
    - index: -1
      key: ""
      phase: task
      code: domains_missing
      message: No domain is named.
      hint: Set name, or domains.
requests:
  description: Number of requests sent to the provider, by HTTP method.
  returned: always
  type: dict
  sample: {}
"""

from ansible_collections.mailops.email.plugins.module_utils.shell.module import run_info_module


def main() -> None:
    run_info_module("dns_baseline_info")


if __name__ == "__main__":
    main()
