# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about the records that every mail domain has: MX, SPF, DKIM (the table of codes.py)."""

from __future__ import annotations

from ansible_collections.mailops.email.plugins.module_utils.dns.findings import (
    ALIGNMENT,
    ERROR,
    INBOUND,
    INFO,
    NOTHING,
    OUTBOUND,
    SPOOFING,
    WARNING,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.rule import Rule

_PUBLISH = "Publish it: mailops.email.dns_baseline with state=present, or restore the last known good state."

MX_RULES: dict[str, Rule] = {
    "mx_missing": Rule(ERROR, INBOUND, "A domain that receives mail has no MX record.", _PUBLISH, "R-DNS-15, D-MX-1"),
    "mx_host_missing": Rule(
        ERROR, INBOUND, "An approved mail host is not among the MX records.", _PUBLISH, "R-DNS-15, D-MX-1"
    ),
    "mx_host_unapproved": Rule(
        ERROR,
        INBOUND,
        "An MX record names a host that the baseline does not have: mail goes where nobody collects it.",
        "Is {host} an old mail host? Then name the record in `remove`. Is it right? Then approve it in `mx`.",
        "R-DNS-15, D-MX-1",
    ),
    "mx_priority_differs": Rule(
        WARNING, INBOUND, "An approved mail host has another priority than approved.", _PUBLISH, "R-DNS-11, D-MX-1"
    ),
    "mx_unresolvable": Rule(
        ERROR,
        INBOUND,
        "A mail host has no address.",
        "Give {host} an A or AAAA record, or name another host in `mx`.",
        "R-DNS-15, D-MX-1",
    ),
    "mx_alias": Rule(
        ERROR,
        INBOUND,
        "A mail host is an alias (CNAME); senders may refuse it (RFC 5321 section 5.1).",
        "Name the host behind the alias in `mx`, or give {host} addresses of its own.",
        "D-MX-1",
    ),
    "mx_address": Rule(
        ERROR,
        INBOUND,
        "An MX record names an IP address; it needs the name of a host.",
        "Name the host in `mx`.",
        "D-MX-1",
    ),
    "mx_null": Rule(
        ERROR,
        INBOUND,
        "The domain says that it takes no mail (null MX), but it should receive.",
        _PUBLISH,
        "D-MX-1, RFC 7505",
    ),
    "mx_null_beside_others": Rule(
        ERROR,
        INBOUND,
        "A null MX stands beside other MX records; it may only stand alone (RFC 7505 section 3).",
        "Remove the null MX by name (`remove`), or all the others.",
        "D-MX-1",
    ),
    "mx_not_checked": Rule(
        WARNING,
        NOTHING,
        "The name servers could not be asked for MX records or mail hosts.",
        "Run the check again.",
        "D-MX-1",
    ),
}

SPF_RULES: dict[str, Rule] = {
    "spf_missing": Rule(
        ERROR, OUTBOUND, "There is no SPF record, so receivers cannot tell who may send.", _PUBLISH, "R-DNS-16, D-SPF-1"
    ),
    "spf_multiple": Rule(
        ERROR,
        OUTBOUND,
        "There is more than one SPF record; receivers then accept none of them.",
        "Merge them into one; mailops.email.dns_baseline with state=present does that once `remove` names those that go.",
        "D-SPF-1, RFC 7208 section 4.5",
    ),
    "spf_syntax": Rule(
        ERROR,
        OUTBOUND,
        "The SPF record cannot be read, so it fails as a whole.",
        "Correct the term that is named.",
        "D-SPF-1",
    ),
    "spf_too_many_lookups": Rule(
        ERROR,
        OUTBOUND,
        "The SPF record needs more than 10 look-ups, so it fails as a whole.",
        "Take out includes of senders that are gone, or give a sender a subdomain of its own.",
        "R-DNS-03, D-SPF-2",
    ),
    "spf_many_lookups": Rule(
        WARNING,
        OUTBOUND,
        "The SPF record needs 8 look-ups or more of the 10 that are allowed.",
        "Take out includes of senders that are gone before the next one is added.",
        "R-PAT-18, D-SPF-2",
    ),
    "spf_too_many_voids": Rule(
        ERROR,
        OUTBOUND,
        "More than 2 look-ups of the SPF record find nothing, so it fails as a whole.",
        "Take out the terms whose names no longer exist.",
        "D-SPF-3",
    ),
    "spf_too_many_mx": Rule(
        ERROR,
        OUTBOUND,
        "A `mx` term of the SPF record leads to more than 10 hosts, so it fails as a whole.",
        "Replace the term by the addresses that are meant.",
        "D-SPF-2",
    ),
    "spf_include_missing_record": Rule(
        ERROR,
        OUTBOUND,
        "An include leads to a domain without an SPF record, so the record fails as a whole.",
        "Take the term out, or ask whoever runs that domain.",
        "D-SPF-4",
    ),
    "spf_redirect_missing_record": Rule(
        ERROR,
        OUTBOUND,
        "The redirect leads to a domain without an SPF record, so the record fails as a whole.",
        "End the record in an `all` term, or name a domain that has a record.",
        "D-SPF-4",
    ),
    "spf_loop": Rule(
        ERROR,
        OUTBOUND,
        "Includes of the SPF record lead back to it.",
        "Take out the include that closes the circle.",
        "D-SPF-4",
    ),
    "spf_broken": Rule(
        ERROR, OUTBOUND, "The SPF record fails as a whole (permerror).", "Correct what the evidence names.", "D-SPF-1"
    ),
    "spf_include_missing": Rule(
        ERROR,
        OUTBOUND,
        "An approved include is not in the SPF record: a legitimate sender is not authorised (one of the five causes).",
        _PUBLISH,
        "R-PAT-15, R-DNS-02",
    ),
    "spf_include_unapproved": Rule(
        WARNING,
        SPOOFING,
        "The SPF record includes a domain that is not in the approved pattern.",
        "Approve {term} in `spf`, or take it out by hand: foreign terms are never removed for you.",
        "R-DNS-02, R-DNS-19",
    ),
    "spf_mechanism_missing": Rule(ERROR, OUTBOUND, "An approved term is not in the SPF record.", _PUBLISH, "R-DNS-02"),
    "spf_mechanism_unapproved": Rule(
        INFO,
        SPOOFING,
        "The SPF record has a term that is not in the approved pattern.",
        "Approve {term} in `spf`, or take it out by hand: foreign terms are never removed for you.",
        "R-DNS-19",
    ),
    "spf_all_differs": Rule(
        ERROR,
        OUTBOUND,
        "The last term of the SPF record is not the approved one; `-all` and `~all` differ in effect.",
        "Decide which is meant; a change of the qualifier needs an approval of its own.",
        "R-DNS-12, D-SPF-6",
    ),
    "spf_allows_everyone": Rule(
        ERROR,
        SPOOFING,
        "The SPF record ends in `+all`: everybody may send.",
        "End it in `~all` or `-all`.",
        "D-SPF-5",
    ),
    "spf_no_verdict": Rule(
        WARNING,
        SPOOFING,
        "The SPF record ends in `?all` or has no last term: nothing is said of other senders.",
        "End it in `~all` or `-all`.",
        "D-SPF-5",
    ),
    "spf_ptr": Rule(
        WARNING,
        OUTBOUND,
        "The SPF record uses `ptr`, which should not be used.",
        "Name addresses or a host instead.",
        "D-SPF-5",
    ),
    "spf_dead_redirect": Rule(
        WARNING,
        OUTBOUND,
        "The SPF record has a `redirect` beside `all`, which is ignored.",
        "Take one of them out.",
        "D-SPF-4",
    ),
    "spf_long": Rule(
        WARNING,
        OUTBOUND,
        "The SPF record is so long that its answer may not fit into one packet.",
        "Take out terms that nobody needs any more.",
        "D-SPF-5, RFC 7208 section 3.4",
    ),
    "spf_version_case": Rule(
        WARNING,
        OUTBOUND,
        "The SPF record begins in capitals; not every receiver reads that.",
        "Begin it with `v=spf1`.",
        "D-SPF-1, G5",
    ),
    "spf_dead_terms": Rule(
        WARNING,
        OUTBOUND,
        "Terms stand behind `all`, where nobody looks at them.",
        "Move them before `all`, or take them out.",
        "D-SPF-4",
    ),
    "spf_not_followed": Rule(
        INFO,
        NOTHING,
        "A term of the SPF record differs from message to message, so it cannot be judged beforehand.",
        "Nothing, if it is meant.",
        "RFC 7208 section 7",
    ),
    "spf_voids_of_family": Rule(
        WARNING,
        OUTBOUND,
        "Senders over one address family get an error: too many names of the SPF record have no such address.",
        "Take out the terms whose names no longer exist.",
        "D-SPF-3",
    ),
    "spf_not_checked": Rule(
        WARNING,
        NOTHING,
        "A name server did not answer, so the SPF record could not be judged.",
        "Run the check again; if it stays, ask whoever runs the server that is named.",
        "D-SPF-1",
    ),
}

DKIM_RULES: dict[str, Rule] = {
    "dkim_selector_unpublished": Rule(
        ERROR,
        ALIGNMENT,
        "The provider signs with a selector whose key is not in the DNS, such as after a rotation (one of the five causes).",
        _PUBLISH,
        "R-PAT-15, R-DNS-04, D-DKIM-1",
    ),
    "dkim_wrong_domain": Rule(
        ERROR,
        ALIGNMENT,
        "The key is published, but under another domain or name.",
        "Publish it at {record}, and remove it at {found} by name.",
        "R-DNS-05, D-DKIM-1",
    ),
    "dkim_key_differs": Rule(
        ERROR,
        ALIGNMENT,
        "The published key is not the one that the provider signs with.",
        "Publish the provider's key; was the key rotated?",
        "R-DNS-17, D-DKIM-1",
    ),
    "dkim_alias_differs": Rule(
        ERROR,
        ALIGNMENT,
        "The selector is not the alias (CNAME) that was approved.",
        _PUBLISH,
        "D-DKIM-1",
    ),
    "dkim_multiple": Rule(
        ERROR,
        ALIGNMENT,
        "There is more than one key record at the selector.",
        "Remove the old one by name (`remove`).",
        "D-DKIM-1",
    ),
    "dkim_syntax": Rule(
        ERROR,
        ALIGNMENT,
        "The key record cannot be read.",
        "Copy the provider's value again, whole and in one piece.",
        "D-DKIM-1",
    ),
    "dkim_revoked": Rule(
        ERROR, ALIGNMENT, "The key is revoked (empty `p=`), but the provider signs with it.", _PUBLISH, "D-DKIM-2"
    ),
    "dkim_key_weak": Rule(
        ERROR,
        ALIGNMENT,
        "The RSA key has less than 1024 bits; receivers ignore it.",
        "Rotate to a key of 2048 bits.",
        "D-DKIM-2",
    ),
    "dkim_key_short": Rule(
        WARNING, SPOOFING, "The RSA key has less than 2048 bits.", "Rotate to a key of 2048 bits.", "D-DKIM-2, RFC 8301"
    ),
    "dkim_key_old": Rule(
        WARNING, SPOOFING, "The key has been in use for more than six months.", "Rotate it at the provider.", "D-DKIM-3"
    ),
    "dkim_testing": Rule(
        WARNING,
        ALIGNMENT,
        "The key is marked as a test (`t=y`): receivers may ignore it.",
        "Take `t=y` out.",
        "D-DKIM-2",
    ),
    "dkim_hash_refused": Rule(
        ERROR,
        ALIGNMENT,
        "The key does not allow SHA-256 (`h=`), the only hash in use.",
        "Take `h=` out.",
        "D-DKIM-2, RFC 8301",
    ),
    "dkim_not_for_mail": Rule(
        ERROR, ALIGNMENT, "The key is not for e-mail (`s=`).", "Take `s=` out.", "RFC 6376 section 3.6.1"
    ),
    "dkim_key_type_unknown": Rule(
        ERROR,
        ALIGNMENT,
        "The key is of a type that receivers do not know (`k=`).",
        "Use RSA or Ed25519.",
        "D-DKIM-2, RFC 8463",
    ),
    "dkim_not_checked": Rule(
        WARNING, NOTHING, "The name servers could not be asked for the key.", "Run the check again.", "D-DKIM-1"
    ),
    "dkim_no_selector": Rule(
        WARNING,
        ALIGNMENT,
        "The baseline names no selector, so nothing can be said of DKIM.",
        "Add `dkim` with the provider's selector, or let the provider's records be taken.",
        "R-DNS-01",
    ),
}
