# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that say what a domain's mail needs in the DNS, and how it is looked at: of one domain, or of each entry of a list.

The suboptions of ``domains`` say the same as the options beside it (tests/unit/docs).
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - dnspython >= 2.6
options:
  name:
    description:
      - The domain. One of O(name) and O(domains) is needed.
    type: str
  zone:
    description:
      - The zone that holds the records at the DNS host. Found at the host when it is not set.
    type: str
  sending:
    description:
      - With V(false) the domain neither sends nor receives. What it needs then is a null MX, C(v=spf1 -all), a DMARC policy
        C(reject), and an empty key for all selectors.
      - Not set, it is V(true).
    type: bool
  provider_records:
    description:
      - Whether the mail provider is asked which MX, SPF include and DKIM keys the domain needs. Set V(false) for a domain
        whose mail is somebody else's.
      - Not set, it is V(true) where there is an O(ignore:api_token).
    type: bool
  mx:
    description:
      - Who takes the mail, in place of what the provider asks for. Other MX records stay until O(ignore:remove) names them.
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - Host name.
        type: str
        required: true
      priority:
        description:
          - Preference; the lowest is tried first.
        type: int
        required: true
  spf:
    description:
      - The approved SPF pattern. It is put into the record that is there, of which other terms stay.
    type: dict
    suboptions:
      includes:
        description:
          - Domains whose record is included, beside those that the provider asks for.
        type: list
        elements: str
      mechanisms:
        description:
          - Other terms, such as V(ip4:192.0.2.0/24).
        type: list
        elements: str
      all:
        description:
          - What becomes of everybody else. Another qualifier is another policy and needs an exception of its own.
          - Not set, it is what the provider asks for.
        type: str
        choices:
          - -all
          - ~all
          - ?all
  dkim:
    description:
      - Keys beside those that the provider signs with.
    type: list
    elements: dict
    suboptions:
      selector:
        description:
          - The selector, such as V(selector1).
        type: str
        required: true
      value:
        description:
          - Text of the TXT record, C(v=DKIM1; k=rsa; p=...).
        type: str
      cname:
        description:
          - Host whose key is meant, instead of O(ignore:value).
        type: str
  dmarc:
    description:
      - The approved step of the DMARC policy path. Not set, it is what the provider asks for.
      - Any other policy than the one that is published needs an exception, and a stricter one is refused while a sender
        of O(ignore:senders) would fail.
    type: dict
    suboptions:
      policy:
        description:
          - What is asked of receivers.
        type: str
        choices:
          - none
          - quarantine
          - reject
      subdomain_policy:
        description:
          - The same for subdomains.
        type: str
        choices:
          - none
          - quarantine
          - reject
      nonexistent_policy:
        description:
          - The same for subdomains that do not exist.
        type: str
        choices:
          - none
          - quarantine
          - reject
      dkim_alignment:
        description:
          - How the domain of a signature has to match. Not set, V(relaxed).
        type: str
        choices:
          - relaxed
          - strict
      spf_alignment:
        description:
          - How the domain of the envelope has to match. Not set, V(relaxed).
        type: str
        choices:
          - relaxed
          - strict
      aggregate_reports:
        description:
          - Addresses for aggregate reports.
        type: list
        elements: str
      failure_reports:
        description:
          - Addresses for failure reports.
        type: list
        elements: str
      testing:
        description:
          - Whether receivers are asked to apply the policy one step weaker.
        type: bool
  mta_sts:
    description:
      - The record of MTA-STS. The policy file itself is served by a web server.
    type: dict
    suboptions:
      id:
        description:
          - Up to 32 letters and digits, others with each change of the policy.
        type: str
      mode:
        description:
          - The mode that the policy file has to say.
        type: str
        choices:
          - none
          - testing
          - enforce
      max_age:
        description:
          - The seconds for which it has to say that it may be kept.
        type: int
      mx:
        description:
          - The patterns of MX hosts that it has to list.
        type: list
        elements: str
  tls_rpt:
    description:
      - Addresses for reports on TLS.
    type: list
    elements: str
  bimi:
    description:
      - The record of BIMI.
    type: dict
    suboptions:
      location:
        description:
          - URL of the logo.
        type: str
      selector:
        description:
          - Not set, it is V(default).
        type: str
      authority:
        description:
          - URL of the certificate.
        type: str
  dane:
    description:
      - TLSA records of servers whose names lie in the domain. Only for a signed zone.
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - The server.
        type: str
        required: true
      port:
        description:
          - Not set, it is V(25).
        type: int
      values:
        description:
          - Usage, selector, matching type and data, such as C(3 1 1 ...).
        type: list
        elements: str
        required: true
  ttl:
    description:
      - Seconds, of record sets that are made. One that exists keeps its own. Not set, it is V(3600).
    type: int
  remove:
    description:
      - Records that go, each named. Nothing else of what others have published is ever removed.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name below the domain, or the whole name. Not set, the domain itself.
        type: str
      type:
        description:
          - Such as V(MX).
        type: str
        required: true
      value:
        description:
          - The data, such as V(10 mx.old.example).
        type: str
        required: true
  senders:
    description:
      - Who legitimately sends as the domain. The DMARC policy is not made stricter while one of them fails.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - What people call it.
        type: str
        required: true
      from_domain:
        description:
          - Domain of the header C(From). Not set, the domain itself.
        type: str
      mail_from:
        description:
          - Domain of the envelope. Not set, that of the header.
        type: str
      addresses:
        description:
          - IP addresses that it sends from.
        type: list
        elements: str
      dkim_domain:
        description:
          - Domain of its signatures. Not set when it does not sign.
        type: str
      dkim_selector:
        description:
          - Selector of its signatures.
        type: str
  routes:
    description:
      - Where mail of an address has to go, as a list of addresses for each. An alias or forward that leads elsewhere is
        a finding.
    type: dict
  exceptions:
    description:
      - Guards that a person has opened, each for one object. It is recorded with what it lets through.
    type: list
    elements: dict
    suboptions:
      guard:
        description:
          - The code with which it was refused, such as V(dmarc_policy_changed).
        type: str
        required: true
      object:
        description:
          - What the refusal names, such as V(_dmarc.example.com/TXT).
        type: str
        required: true
      reason:
        description:
          - Why.
        type: str
        required: true
      approver:
        description:
          - Who has decided it; somebody else than the actor.
        type: str
        required: true
      expires_at:
        description:
          - Until when, in UTC, such as V(2026-04-30T00:00:00Z).
        type: str
        required: true
  domains:
    description:
      - Domains, each with the options that stand beside the list. What an entry leaves out it takes from there; of an option
        with suboptions it changes those that it names.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The domain.
        type: str
        required: true
      zone:
        description:
          - The zone that holds the records at the DNS host. Found at the host when it is not set.
        type: str
      sending:
        description:
          - With V(false) the domain neither sends nor receives. What it needs then is a null MX, C(v=spf1 -all), a DMARC
            policy C(reject), and an empty key for all selectors.
          - Not set, it is V(true).
        type: bool
      provider_records:
        description:
          - Whether the mail provider is asked which MX, SPF include and DKIM keys the domain needs. Set V(false) for a
            domain whose mail is somebody else's.
          - Not set, it is V(true) where there is an O(ignore:api_token).
        type: bool
      mx:
        description:
          - Who takes the mail, in place of what the provider asks for. Other MX records stay until O(ignore:remove) names
            them.
        type: list
        elements: dict
        suboptions:
          host:
            description:
              - Host name.
            type: str
            required: true
          priority:
            description:
              - Preference; the lowest is tried first.
            type: int
            required: true
      spf:
        description:
          - The approved SPF pattern. It is put into the record that is there, of which other terms stay.
        type: dict
        suboptions:
          includes:
            description:
              - Domains whose record is included, beside those that the provider asks for.
            type: list
            elements: str
          mechanisms:
            description:
              - Other terms, such as V(ip4:192.0.2.0/24).
            type: list
            elements: str
          all:
            description:
              - What becomes of everybody else. Another qualifier is another policy and needs an exception of its own.
              - Not set, it is what the provider asks for.
            type: str
            choices:
              - -all
              - ~all
              - ?all
      dkim:
        description:
          - Keys beside those that the provider signs with.
        type: list
        elements: dict
        suboptions:
          selector:
            description:
              - The selector, such as V(selector1).
            type: str
            required: true
          value:
            description:
              - Text of the TXT record, C(v=DKIM1; k=rsa; p=...).
            type: str
          cname:
            description:
              - Host whose key is meant, instead of O(ignore:value).
            type: str
      dmarc:
        description:
          - The approved step of the DMARC policy path. Not set, it is what the provider asks for.
          - Any other policy than the one that is published needs an exception, and a stricter one is refused while a sender
            of O(ignore:senders) would fail.
        type: dict
        suboptions:
          policy:
            description:
              - What is asked of receivers.
            type: str
            choices:
              - none
              - quarantine
              - reject
          subdomain_policy:
            description:
              - The same for subdomains.
            type: str
            choices:
              - none
              - quarantine
              - reject
          nonexistent_policy:
            description:
              - The same for subdomains that do not exist.
            type: str
            choices:
              - none
              - quarantine
              - reject
          dkim_alignment:
            description:
              - How the domain of a signature has to match. Not set, V(relaxed).
            type: str
            choices:
              - relaxed
              - strict
          spf_alignment:
            description:
              - How the domain of the envelope has to match. Not set, V(relaxed).
            type: str
            choices:
              - relaxed
              - strict
          aggregate_reports:
            description:
              - Addresses for aggregate reports.
            type: list
            elements: str
          failure_reports:
            description:
              - Addresses for failure reports.
            type: list
            elements: str
          testing:
            description:
              - Whether receivers are asked to apply the policy one step weaker.
            type: bool
      mta_sts:
        description:
          - The record of MTA-STS. The policy file itself is served by a web server.
        type: dict
        suboptions:
          id:
            description:
              - Up to 32 letters and digits, others with each change of the policy.
            type: str
          mode:
            description:
              - The mode that the policy file has to say.
            type: str
            choices:
              - none
              - testing
              - enforce
          max_age:
            description:
              - The seconds for which it has to say that it may be kept.
            type: int
          mx:
            description:
              - The patterns of MX hosts that it has to list.
            type: list
            elements: str
      tls_rpt:
        description:
          - Addresses for reports on TLS.
        type: list
        elements: str
      bimi:
        description:
          - The record of BIMI.
        type: dict
        suboptions:
          location:
            description:
              - URL of the logo.
            type: str
          selector:
            description:
              - Not set, it is V(default).
            type: str
          authority:
            description:
              - URL of the certificate.
            type: str
      dane:
        description:
          - TLSA records of servers whose names lie in the domain. Only for a signed zone.
        type: list
        elements: dict
        suboptions:
          host:
            description:
              - The server.
            type: str
            required: true
          port:
            description:
              - Not set, it is V(25).
            type: int
          values:
            description:
              - Usage, selector, matching type and data, such as C(3 1 1 ...).
            type: list
            elements: str
            required: true
      ttl:
        description:
          - Seconds, of record sets that are made. One that exists keeps its own. Not set, it is V(3600).
        type: int
      remove:
        description:
          - Records that go, each named. Nothing else of what others have published is ever removed.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - Name below the domain, or the whole name. Not set, the domain itself.
            type: str
          type:
            description:
              - Such as V(MX).
            type: str
            required: true
          value:
            description:
              - The data, such as V(10 mx.old.example).
            type: str
            required: true
      senders:
        description:
          - Who legitimately sends as the domain. The DMARC policy is not made stricter while one of them fails.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - What people call it.
            type: str
            required: true
          from_domain:
            description:
              - Domain of the header C(From). Not set, the domain itself.
            type: str
          mail_from:
            description:
              - Domain of the envelope. Not set, that of the header.
            type: str
          addresses:
            description:
              - IP addresses that it sends from.
            type: list
            elements: str
          dkim_domain:
            description:
              - Domain of its signatures. Not set when it does not sign.
            type: str
          dkim_selector:
            description:
              - Selector of its signatures.
            type: str
      routes:
        description:
          - Where mail of an address has to go, as a list of addresses for each. An alias or forward that leads elsewhere
            is a finding.
        type: dict
      exceptions:
        description:
          - Guards that a person has opened, each for one object. It is recorded with what it lets through.
        type: list
        elements: dict
        suboptions:
          guard:
            description:
              - The code with which it was refused, such as V(dmarc_policy_changed).
            type: str
            required: true
          object:
            description:
              - What the refusal names, such as V(_dmarc.example.com/TXT).
            type: str
            required: true
          reason:
            description:
              - Why.
            type: str
            required: true
          approver:
            description:
              - Who has decided it; somebody else than the actor.
            type: str
            required: true
          expires_at:
            description:
              - Until when, in UTC, such as V(2026-04-30T00:00:00Z).
            type: str
            required: true
  resolver:
    description:
      - How the DNS is looked at.
    type: dict
    suboptions:
      servers:
        description:
          - Resolvers, as V(192.0.2.53) or V(192.0.2.53@5353). Not set, those of the controller.
        type: list
        elements: str
      authoritative:
        description:
          - Servers that are asked in place of those that the zones name, for a hidden primary or a rehearsal.
        type: list
        elements: str
      timeout:
        description:
          - Seconds for one answer.
        type: int
        default: 5
      https:
        description:
          - Whether the policy file of MTA-STS is fetched.
        type: bool
        default: true
  reports:
    description:
      - DMARC aggregate reports, files or folders, plain, zipped or gzipped. They are evidence for a stricter policy.
    type: list
    elements: path
"""

    # For modules that only look whether something is seen.
    RESOLVER = r"""
options:
  resolver:
    description:
      - How the DNS is looked at.
    type: dict
    suboptions:
      servers:
        description:
          - Resolvers, as V(192.0.2.53) or V(192.0.2.53@5353). Not set, those of the controller.
        type: list
        elements: str
      authoritative:
        description:
          - Servers that are asked in place of those that the zones name, for a hidden primary or a rehearsal.
        type: list
        elements: str
      timeout:
        description:
          - Seconds for one answer.
        type: int
        default: 5
      https:
        description:
          - Whether the policy file of MTA-STS is fetched.
        type: bool
        default: true
"""
