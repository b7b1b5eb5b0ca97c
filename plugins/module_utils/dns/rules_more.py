# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about the other record classes, the name servers, the baseline itself and routes (the table of codes.py)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.findings import (
    ERROR,
    INBOUND,
    INFO,
    NOTHING,
    PRIVACY,
    REPORTS,
    SPOOFING,
    WARNING,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.rule import Rule

_PUBLISH = "Publish it: mailops.email.dns_baseline with state=present, or restore the last known good state."

MTA_STS_RULES: dict[str, Rule] = {
    "mta_sts_missing": Rule(WARNING, PRIVACY, "The approved `_mta-sts` record is not there.", _PUBLISH, "D-STS-1"),
    "mta_sts_multiple": Rule(
        WARNING,
        PRIVACY,
        "There is more than one `_mta-sts` record; senders use none.",
        "Remove the others by name (`remove`).",
        "D-STS-1",
    ),
    "mta_sts_syntax": Rule(WARNING, PRIVACY, "The `_mta-sts` record cannot be read.", _PUBLISH, "D-STS-1"),
    "mta_sts_id_differs": Rule(
        WARNING,
        PRIVACY,
        "The `id` is not the approved one: senders do not notice, or fetch for nothing.",
        _PUBLISH,
        "D-STS-1",
    ),
    "mta_sts_policy_unreachable": Rule(
        ERROR,
        PRIVACY,
        "The policy file could not be fetched over HTTPS.",
        "Serve {url} with a valid certificate.",
        "D-STS-1",
    ),
    "mta_sts_policy_syntax": Rule(
        ERROR, PRIVACY, "The policy file cannot be read.", "Correct the line that is named.", "D-STS-1"
    ),
    "mta_sts_policy_differs": Rule(
        WARNING, PRIVACY, "The policy file does not say what is approved.", "Change the file, then the `id`.", "D-STS-1"
    ),
    "mta_sts_mx_uncovered": Rule(
        ERROR,
        INBOUND,
        "A mail host is in no pattern of the policy: under `enforce`, senders do not deliver to it.",
        "Add {host} to the policy file, then change the `id`.",
        "D-STS-1",
    ),
    "mta_sts_step_skipped": Rule(
        ERROR,
        INBOUND,
        "`enforce` is wanted without `testing` before it.",
        "Publish `testing` first and read the TLS reports.",
        "D-STS-1",
    ),
    "mta_sts_not_checked": Rule(
        WARNING, NOTHING, "The name servers could not be asked for MTA-STS.", "Run the check again.", "D-STS-1"
    ),
}

TLS_RPT_RULES: dict[str, Rule] = {
    "tls_rpt_missing": Rule(WARNING, REPORTS, "The approved `_smtp._tls` record is not there.", _PUBLISH, "D-TLSRPT-1"),
    "tls_rpt_multiple": Rule(
        WARNING,
        REPORTS,
        "There is more than one `_smtp._tls` record; senders use none.",
        "Remove the others by name (`remove`).",
        "D-TLSRPT-1",
    ),
    "tls_rpt_syntax": Rule(WARNING, REPORTS, "The `_smtp._tls` record cannot be read.", _PUBLISH, "D-TLSRPT-1"),
    "tls_rpt_differs": Rule(
        WARNING, REPORTS, "TLS reports do not go to the approved addresses.", _PUBLISH, "D-TLSRPT-1"
    ),
    "tls_rpt_not_checked": Rule(
        WARNING, NOTHING, "The name servers could not be asked for TLS-RPT.", "Run the check again.", "D-TLSRPT-1"
    ),
}

DANE_RULES: dict[str, Rule] = {
    "dane_missing": Rule(ERROR, PRIVACY, "An approved TLSA record is not there.", _PUBLISH, "D-DANE-1"),
    "dane_extra": Rule(
        WARNING,
        INBOUND,
        "A TLSA record is there that is not approved.",
        "Is it of a roll-over? Then remove the old one by name once the new certificate is in use.",
        "D-DANE-1",
    ),
    "dane_unsigned": Rule(
        ERROR,
        NOTHING,
        "TLSA records stand in a zone that is not signed: nobody uses them.",
        "Sign the zone with DNSSEC, or take `dane` out.",
        "D-DANE-1",
    ),
    "dane_usage": Rule(
        ERROR,
        INBOUND,
        "A TLSA record has a usage other than 2 or 3; senders do not use it (RFC 7672 section 3.1).",
        "Use 3 1 1 with the key's digest.",
        "D-DANE-1",
    ),
    "dane_syntax": Rule(
        ERROR,
        INBOUND,
        "A TLSA record has a selector, matching type or digest length that does not exist.",
        "Use 3 1 1 with the key's digest.",
        "D-DANE-1",
    ),
    "dane_not_checked": Rule(
        WARNING, NOTHING, "The name servers could not be asked for TLSA records.", "Run the check again.", "D-DANE-1"
    ),
}

BIMI_RULES: dict[str, Rule] = {
    "bimi_missing": Rule(INFO, NOTHING, "The approved BIMI record is not there.", _PUBLISH, "D-BIMI-1"),
    "bimi_syntax": Rule(INFO, NOTHING, "The BIMI record cannot be read.", _PUBLISH, "D-BIMI-1"),
    "bimi_differs": Rule(INFO, NOTHING, "The BIMI record is not as approved.", _PUBLISH, "D-BIMI-1"),
    "bimi_without_policy": Rule(
        INFO,
        NOTHING,
        "BIMI needs DMARC at `quarantine` or `reject`; the logo is not shown.",
        "Follow the DMARC path first.",
        "D-BIMI-1",
    ),
    "bimi_not_checked": Rule(
        INFO, NOTHING, "The name servers could not be asked for BIMI.", "Run the check again.", "D-BIMI-1"
    ),
}

PARKED_RULES: dict[str, Rule] = {
    "parked_spf": Rule(
        WARNING, SPOOFING, "A domain that never sends does not say so (`v=spf1 -all`).", _PUBLISH, "D-PARK-1"
    ),
    "parked_mx": Rule(
        WARNING, NOTHING, "A domain that never receives does not say so (null MX).", _PUBLISH, "D-PARK-1"
    ),
    "parked_dmarc": Rule(
        WARNING, SPOOFING, "A domain that never sends has no DMARC policy `reject`.", _PUBLISH, "D-PARK-1"
    ),
    "parked_dkim": Rule(
        WARNING,
        SPOOFING,
        "A domain that never sends does not revoke all keys (`*._domainkey`, empty `p=`).",
        _PUBLISH,
        "D-PARK-1",
    ),
}

AUTHORITY_RULES: dict[str, Rule] = {
    "authority_disagrees": Rule(
        ERROR,
        INBOUND,
        "The zone's name servers give different answers.",
        "Wait for the transfer; if it stays, ask whoever runs the server that is named.",
        "D-AUTH-1",
    ),
    "authority_lame": Rule(
        ERROR,
        INBOUND,
        "A name server that the zone is delegated to does not serve it.",
        "Mend the server, or the delegation.",
        "D-AUTH-1",
    ),
    "authority_silent": Rule(
        WARNING,
        INBOUND,
        "A name server of the zone does not answer.",
        "Ask whoever runs it; run the check again.",
        "D-AUTH-1",
    ),
    "delegation_differs": Rule(
        WARNING,
        INBOUND,
        "The zone above names other name servers than the zone itself.",
        "Make the name servers at the registrar and the NS records of the zone the same.",
        "D-AUTH-1",
    ),
    "authority_unknown": Rule(
        ERROR,
        INBOUND,
        "No name server of the domain could be found.",
        "Is the domain registered, paid for and delegated?",
        "D-AUTH-1",
    ),
}

BASELINE_RULES: dict[str, Rule] = {
    "no_dns_baseline": Rule(
        WARNING,
        NOTHING,
        "No good state of the domain's records is recorded: there is nothing to go back to.",
        "Run mailops.email.dns_baseline with state=snapshot.",
        "R-DNS-14, R-SIG-05",
    ),
    "record_typo": Rule(
        ERROR,
        INBOUND,
        "A published value is nearly the approved one: a typing mistake (one of the five causes).",
        _PUBLISH,
        "R-PAT-15",
    ),
    "record_missing": Rule(
        ERROR,
        NOTHING,
        "A record that was recorded as good is not there any more.",
        "Restore it, or approve that it is gone.",
        "R-DNS-13",
    ),
    "record_differs": Rule(
        ERROR,
        NOTHING,
        "A record is not what was recorded as good.",
        "Restore it, or approve the new value.",
        "R-DNS-13",
    ),
    "record_added": Rule(
        INFO, NOTHING, "A record is there that was not recorded.", "Approve it, or remove it by name.", "R-DNS-13"
    ),
}

ROUTE_RULES: dict[str, Rule] = {
    "route_wrong_mailbox": Rule(
        ERROR,
        INBOUND,
        "Mail for an address arrives elsewhere than approved (one of the five causes).",
        "Set the alias or forward of {object} to {expected}.",
        "R-PAT-15",
    ),
    "route_missing": Rule(
        ERROR,
        INBOUND,
        "An address that should receive mail leads nowhere.",
        "Make a mailbox, an alias or a forward for {object}.",
        "R-PAT-15",
    ),
    "route_catch_all": Rule(
        WARNING,
        INBOUND,
        "Only the catch-all takes the mail of an address that should have a target of its own.",
        "Make the alias or forward of {object}.",
        "R-PAT-15",
    ),
}
