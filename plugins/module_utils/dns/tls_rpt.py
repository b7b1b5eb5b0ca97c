# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS-RPT: where reports of failed TLS go (RFC 8460, D-TLSRPT-1)."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import DnsFinding

_RECORD = re.compile(r"v=TLSRPTv1[ \t]*;.*", re.DOTALL)
_URI = re.compile(r"(?:mailto:[^@\s,;]+@[A-Za-z0-9.-]+|https://[^\s,;]+)", re.IGNORECASE)


def place(domain: str) -> str:
    return "_smtp._tls." + domain


def judge(domain: str, approved: t.Sequence[str], published: t.Sequence[str]) -> list[DnsFinding]:
    name = place(domain)
    records = [text for text in published if _RECORD.fullmatch(text)]
    if not records:
        code = "tls_rpt_syntax" if any("tlsrpt" in text.casefold() for text in published) else "tls_rpt_missing"
        return [found(code, name, ", ".join(published) or "No TXT record at %s." % name)]
    if len(records) > 1:
        return [found("tls_rpt_multiple", name, " | ".join(records))]
    try:
        told = texts.tags_of(records[0]).get("rua", "")
    except ValueError as error:
        return [found("tls_rpt_syntax", name, "%s: %s." % (records[0], error))]
    uris = [one.strip() for one in told.split(",")]
    if not all(_URI.fullmatch(one) for one in uris):
        return [found("tls_rpt_syntax", name, "%s: rua names mailto: or https: addresses." % records[0])]
    wanted = {(one if ":" in one else "mailto:" + one).lower() for one in approved}
    if {one.lower() for one in uris} != wanted:
        return [found("tls_rpt_differs", name, "rua=%s, approved is %s." % (told, ", ".join(sorted(wanted))))]
    return []
