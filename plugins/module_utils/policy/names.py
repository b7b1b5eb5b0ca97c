# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of local parts that carry more authority than they show, each with its source.

Two lists, kept apart because their effects differ and add up (R-CONF-14): a *high-risk* name needs an approval for
that very address (R-VAL-05, R-VAL-06), a *role* name must be flagged as a role account (R-VAL-09).
"""

from __future__ import annotations

# R-VAL-05: the three names that the runbook itself calls high-risk.
RUNBOOK_HIGH_RISK: frozenset[str] = frozenset({"admin", "it", "security"})

# CA/Browser Forum Baseline Requirements, section 3.2.2.4.4 "Constructed Email to Domain Contact": whoever reads one of
# these five can be issued a certificate for the domain (valid method until 2028-03-15).
CA_DOMAIN_VALIDATION: frozenset[str] = frozenset({"admin", "administrator", "webmaster", "hostmaster", "postmaster"})

# RFC 2142, sections 3 (business), 4 (network operations) and 5 (specific services). Section 6 (LIST-request) names no
# fixed part.
RFC2142_BUSINESS: frozenset[str] = frozenset({"info", "marketing", "sales", "support"})
RFC2142_OPERATIONS: frozenset[str] = frozenset({"abuse", "noc", "security"})
RFC2142_SERVICES: frozenset[str] = frozenset(
    {"postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp"}
)
RFC2142: frozenset[str] = RFC2142_BUSINESS | RFC2142_OPERATIONS | RFC2142_SERVICES

HIGH_RISK: frozenset[str] = RUNBOOK_HIGH_RISK | CA_DOMAIN_VALIDATION | RFC2142

# R-VAL-09: the runbook's role accounts. R-FORM-20 adds hr by its own example.
RUNBOOK_ROLES: frozenset[str] = frozenset({"billing", "support", "legal", "hr"})

# This project's own addition: functions that small firms commonly give an address to. No standard behind it.
COMMON_ROLES: frozenset[str] = frozenset(
    {
        "accounting",
        "accounts",
        "careers",
        "compliance",
        "contact",
        "customerservice",
        "enquiries",
        "finance",
        "frontdesk",
        "hello",
        "helpdesk",
        "invoices",
        "jobs",
        "mail",
        "no-reply",
        "noreply",
        "office",
        "operations",
        "ops",
        "orders",
        "payments",
        "payroll",
        "press",
        "privacy",
        "procurement",
        "purchasing",
        "reception",
        "recruiting",
        "returns",
        "root",
        "service",
        "shop",
        "team",
    }
)

# A name of RFC 2142 or of the CA list is by definition one of a function, not of a person.
ROLE: frozenset[str] = RUNBOOK_ROLES | COMMON_ROLES | HIGH_RISK

# R-FORM-14, R-CONF-08: display names that say nothing, for people and for roles alike.
BARE_DISPLAY_WORDS: frozenset[str] = frozenset(
    {
        "account",
        "admin",
        "administrator",
        "default",
        "demo",
        "dummy",
        "email",
        "example",
        "guest",
        "mail",
        "mailbox",
        "n/a",
        "na",
        "name",
        "new",
        "none",
        "null",
        "person",
        "placeholder",
        "root",
        "sample",
        "sysadmin",
        "tba",
        "tbc",
        "tbd",
        "temp",
        "temporary",
        "test",
        "tester",
        "testing",
        "tmp",
        "unknown",
        "untitled",
        "user",
        "username",
        "xxx",
    }
)

# Words that name a function: the display name of a personal mailbox may not consist of them alone, that of a role
# account needs more than one of them.
FUNCTION_WORDS: frozenset[str] = ROLE | frozenset(
    {"department", "dept", "desk", "group", "inbox", "kiosk", "shared", "staff", "the", "and", "of", "for", "our", "&"}
)

# Letters of other scripts, and Latin letters that NFKC leaves alone, that look like an ASCII letter in common fonts.
# Extract of the pairs of UTS 39 (confusables) that map to a-z, lower case after case folding.
CONFUSABLES: dict[str, str] = {
    # Cyrillic
    "\u0430": "a",
    "\u0432": "b",
    "\u0435": "e",
    "\u0451": "e",
    "\u043a": "k",
    "\u043c": "m",
    "\u043d": "h",
    "\u043e": "o",
    "\u043f": "n",
    "\u0440": "p",
    "\u0441": "c",
    "\u0442": "t",
    "\u0443": "y",
    "\u0445": "x",
    "\u0433": "r",
    "\u0438": "u",
    "\u044c": "b",
    "\u0455": "s",
    "\u0456": "i",
    "\u0457": "i",
    "\u0458": "j",
    "\u0475": "v",
    "\u04af": "y",
    "\u04bb": "h",
    "\u04cf": "l",
    "\u0501": "d",
    "\u051b": "q",
    "\u051d": "w",
    "\u0261": "g",
    # Greek
    "\u03b1": "a",
    "\u03ac": "a",
    "\u03b2": "b",
    "\u03b3": "y",
    "\u03b5": "e",
    "\u03b7": "n",
    "\u03b9": "i",
    "\u03af": "i",
    "\u03ca": "i",
    "\u03ba": "k",
    "\u03bc": "u",
    "\u03bd": "v",
    "\u03bf": "o",
    "\u03cc": "o",
    "\u03c1": "p",
    "\u03c2": "s",
    "\u03c3": "o",
    "\u03c4": "t",
    "\u03c5": "u",
    "\u03c7": "x",
    "\u03c9": "w",
    # Armenian
    "\u0585": "o",
    "\u057d": "u",
    "\u0578": "n",
    "\u0570": "h",
    # Latin that has no decomposition
    "\u0131": "i",
    "\u0142": "l",
    "\u00f8": "o",
    "\u0111": "d",
    "\u0251": "a",
    "\u026a": "i",
    "\u0274": "n",
    "\u1d00": "a",
    "\u1d05": "d",
    "\u1d07": "e",
    "\u1d0d": "m",
}
