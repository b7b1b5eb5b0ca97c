# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that say what a domain's mail needs in the DNS, and how it is looked at: of one domain, or of each entry of a list.

The same texts stand for both, so they are kept as data; JSON is YAML.
"""

from __future__ import annotations

import copy
import json
import typing as t


def _option(kind: str, *description: str, **rest: t.Any) -> dict[str, t.Any]:
    return {"description": list(description), "type": kind, **rest}


def _texts(*description: str, **rest: t.Any) -> dict[str, t.Any]:
    return _option("list", *description, elements="str", **rest)


_POLICIES = ["none", "quarantine", "reject"]
_ALIGNMENTS = ["relaxed", "strict"]

_DOMAIN: dict[str, dict[str, t.Any]] = {
    "zone": _option(
        "str",
        "The zone that holds the records at the DNS host. Found at the host when it is not set.",
    ),
    "sending": _option(
        "bool",
        "With V(false) the domain neither sends nor receives. What it needs then is a null MX, C(v=spf1 -all), a DMARC policy C(reject), and "
        "an empty key for all selectors.",
        "Not set, it is V(true).",
    ),
    "provider_records": _option(
        "bool",
        "Whether the mail provider is asked which MX, SPF include and DKIM keys the domain needs. Set V(false) for a domain whose mail is "
        "somebody else's.",
        "Not set, it is V(true) where there is an O(ignore:api_token).",
    ),
    "mx": _option(
        "list",
        "Who takes the mail, in place of what the provider asks for. Other MX records stay until O(ignore:remove) names them.",
        elements="dict",
        suboptions={
            "host": _option("str", "Host name.", required=True),
            "priority": _option("int", "Preference; the lowest is tried first.", required=True),
        },
    ),
    "spf": _option(
        "dict",
        "The approved SPF pattern. It is put into the record that is there, of which other terms stay.",
        suboptions={
            "includes": _texts("Domains whose record is included, beside those that the provider asks for."),
            "mechanisms": _texts("Other terms, such as V(ip4:192.0.2.0/24)."),
            "all": _option(
                "str",
                "What becomes of everybody else. Another qualifier is another policy and needs an exception of its own.",
                "Not set, it is what the provider asks for.",
                choices=["-all", "~all", "?all"],
            ),
        },
    ),
    "dkim": _option(
        "list",
        "Keys beside those that the provider signs with.",
        elements="dict",
        suboptions={
            "selector": _option("str", "The selector, such as V(selector1).", required=True),
            "value": _option("str", "Text of the TXT record, C(v=DKIM1; k=rsa; p=...)."),
            "cname": _option("str", "Host whose key is meant, instead of O(ignore:value)."),
        },
    ),
    "dmarc": _option(
        "dict",
        "The approved step of the DMARC policy path. Not set, it is what the provider asks for.",
        "Any other policy than the one that is published needs an exception, and a stricter one is refused while a sender of "
        "O(ignore:senders) would fail.",
        suboptions={
            "policy": _option("str", "What is asked of receivers.", choices=_POLICIES),
            "subdomain_policy": _option("str", "The same for subdomains.", choices=_POLICIES),
            "nonexistent_policy": _option("str", "The same for subdomains that do not exist.", choices=_POLICIES),
            "dkim_alignment": _option(
                "str", "How the domain of a signature has to match. Not set, V(relaxed).", choices=_ALIGNMENTS
            ),
            "spf_alignment": _option(
                "str", "How the domain of the envelope has to match. Not set, V(relaxed).", choices=_ALIGNMENTS
            ),
            "aggregate_reports": _texts("Addresses for aggregate reports."),
            "failure_reports": _texts("Addresses for failure reports."),
            "testing": _option("bool", "Whether receivers are asked to apply the policy one step weaker."),
        },
    ),
    "mta_sts": _option(
        "dict",
        "The record of MTA-STS. The policy file itself is served by a web server.",
        suboptions={
            "id": _option("str", "Up to 32 letters and digits, others with each change of the policy."),
            "mode": _option("str", "The mode that the policy file has to say.", choices=["none", "testing", "enforce"]),
            "max_age": _option("int", "The seconds for which it has to say that it may be kept."),
            "mx": _texts("The patterns of MX hosts that it has to list."),
        },
    ),
    "tls_rpt": _texts("Addresses for reports on TLS."),
    "bimi": _option(
        "dict",
        "The record of BIMI.",
        suboptions={
            "location": _option("str", "URL of the logo."),
            "selector": _option("str", "Not set, it is V(default)."),
            "authority": _option("str", "URL of the certificate."),
        },
    ),
    "dane": _option(
        "list",
        "TLSA records of servers whose names lie in the domain. Only for a signed zone.",
        elements="dict",
        suboptions={
            "host": _option("str", "The server.", required=True),
            "port": _option("int", "Not set, it is V(25)."),
            "values": _texts("Usage, selector, matching type and data, such as C(3 1 1 ...).", required=True),
        },
    ),
    "ttl": _option(
        "int", "Seconds, of record sets that are made. One that exists keeps its own. Not set, it is V(3600)."
    ),
    "remove": _option(
        "list",
        "Records that go, each named. Nothing else of what others have published is ever removed.",
        elements="dict",
        suboptions={
            "name": _option("str", "Name below the domain, or the whole name. Not set, the domain itself."),
            "type": _option("str", "Such as V(MX).", required=True),
            "value": _option("str", "The data, such as V(10 mx.old.example).", required=True),
        },
    ),
    "senders": _option(
        "list",
        "Who legitimately sends as the domain. The DMARC policy is not made stricter while one of them fails.",
        elements="dict",
        suboptions={
            "name": _option("str", "What people call it.", required=True),
            "from_domain": _option("str", "Domain of the header C(From). Not set, the domain itself."),
            "mail_from": _option("str", "Domain of the envelope. Not set, that of the header."),
            "addresses": _texts("IP addresses that it sends from."),
            "dkim_domain": _option("str", "Domain of its signatures. Not set when it does not sign."),
            "dkim_selector": _option("str", "Selector of its signatures."),
        },
    ),
    "routes": _option(
        "dict",
        "Where mail of an address has to go, as a list of addresses for each. An alias or forward that leads elsewhere is a finding.",
    ),
    "exceptions": _option(
        "list",
        "Guards that a person has opened, each for one object. It is recorded with what it lets through.",
        elements="dict",
        suboptions={
            "guard": _option(
                "str", "The code with which it was refused, such as V(dmarc_policy_changed).", required=True
            ),
            "object": _option("str", "What the refusal names, such as V(_dmarc.example.com/TXT).", required=True),
            "reason": _option("str", "Why.", required=True),
            "approver": _option("str", "Who has decided it; somebody else than the actor.", required=True),
            "expires_at": _option("str", "Until when, in UTC, such as V(2026-04-30T00:00:00Z).", required=True),
        },
    ),
}

_LIST = {"name": _option("str", "The domain.", required=True), **copy.deepcopy(_DOMAIN)}

_LOOKING: dict[str, dict[str, t.Any]] = {
    "name": _option("str", "The domain. One of O(name) and O(domains) is needed."),
    **_DOMAIN,
    "domains": _option(
        "list",
        "Domains, each with the options that stand beside the list. What an entry leaves out it takes from there; of an option with suboptions "
        "it changes those that it names.",
        elements="dict",
        suboptions=_LIST,
    ),
    "resolver": _option(
        "dict",
        "How the DNS is looked at.",
        suboptions={
            "servers": _texts("Resolvers, as V(192.0.2.53) or V(192.0.2.53@5353). Not set, those of the controller."),
            "authoritative": _texts(
                "Servers that are asked in place of those that the zones name, for a hidden primary or a rehearsal."
            ),
            "timeout": _option("int", "Seconds for one answer.", default=5),
            "https": _option("bool", "Whether the policy file of MTA-STS is fetched.", default=True),
        },
    ),
    "reports": _option(
        "list",
        "DMARC aggregate reports, files or folders, plain, zipped or gzipped. They are evidence for a stricter policy.",
        elements="path",
    ),
}


class ModuleDocFragment:
    DOCUMENTATION = json.dumps({"requirements": ["dnspython >= 2.6"], "options": _LOOKING})

    # For modules that only look whether something is seen.
    RESOLVER = json.dumps({"options": {"resolver": _LOOKING["resolver"]}})
