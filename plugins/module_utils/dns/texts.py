# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of mail records: what a value is, what it says tag by tag, and the record that a baseline asks for."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Bimi, Dmarc, MtaSts

# By class of records, how a text of it begins; compared without case.
PREFIXES = {
    "spf": "v=spf1",
    "dkim": "v=dkim1",
    "dmarc": "v=dmarc1",
    "mta_sts": "v=stsv1",
    "tls_rpt": "v=tlsrptv1",
    "bimi": "v=bimi1",
}
_ALIGNMENT = {"relaxed": "r", "strict": "s"}


def is_of(record_class: str, value: str) -> bool:
    """Whether a TXT value is a record of a class: its version ends where the prefix ends."""
    try:
        text = txt.text(value).strip().casefold()
    except ValueError:
        return False
    prefix = PREFIXES[record_class]
    return text.startswith(prefix) and text[len(prefix) : len(prefix) + 1] in ("", " ", ";")


def tags_of(text: str) -> dict[str, str]:
    """``tag=value`` pairs between semicolons (RFC 6376 section 3.2); names in lower case, white space around them gone.

    :raises ValueError: for a part without ``=``, or a tag that stands twice.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not (equals and name) or name in found:
            raise ValueError("%r is no tag of its own" % part.strip())
        found[name] = value.strip()
    return found


def says_the_same(record_class: str, one: str, other: str) -> bool:
    """Whether two TXT values mean the same, however they are written."""
    try:
        mine, theirs = tags_of(txt.text(one)), tags_of(txt.text(other))
    except ValueError:
        return one == other
    if record_class == "dkim":
        for tags in (mine, theirs):
            tags["p"] = "".join(tags.get("p", "").split())
            tags.setdefault("v", "DKIM1")
            tags.setdefault("k", "rsa")
    if record_class == "dmarc":
        for tags in (mine, theirs):
            for name in ("rua", "ruf"):
                if name in tags:
                    tags[name] = ",".join(sorted(uri.strip() for uri in tags[name].split(",")))
            for name, default in (("adkim", "r"), ("aspf", "r"), ("t", "n"), ("fo", "0"), ("psd", "u")):
                if tags.get(name, "").lower() == default:
                    del tags[name]
    return mine == theirs


def dmarc_text(wanted: Dmarc) -> str:
    """RFC 9989 section 4.7; what is the default is not written."""
    parts = ["v=DMARC1", "p=" + wanted.policy]
    for tag, value in (
        ("sp", wanted.subdomain_policy),
        ("np", wanted.nonexistent_policy),
        ("rua", ",".join(_uri(one) for one in wanted.aggregate_reports)),
        ("ruf", ",".join(_uri(one) for one in wanted.failure_reports)),
        ("adkim", _ALIGNMENT[wanted.dkim_alignment] if wanted.dkim_alignment != "relaxed" else ""),
        ("aspf", _ALIGNMENT[wanted.spf_alignment] if wanted.spf_alignment != "relaxed" else ""),
        ("t", "y" if wanted.testing else ""),
    ):
        if value:
            parts.append("%s=%s" % (tag, value))
    return "; ".join(parts)


def dmarc_of(text: str) -> Dmarc:
    """The policy that a published text stands for.

    :raises ValueError: for text that is no DMARC record.
    """
    tags = tags_of(text)
    words = {letter: word for word, letter in _ALIGNMENT.items()}

    def uris(name: str) -> tuple[str, ...]:
        return tuple(uri.strip() for uri in tags.get(name, "").split(",") if uri.strip())

    return Dmarc(
        policy=tags.get("p", "none").lower(),
        subdomain_policy=tags.get("sp", "").lower(),
        nonexistent_policy=tags.get("np", "").lower(),
        dkim_alignment=words.get(tags.get("adkim", "r").lower(), "relaxed"),
        spf_alignment=words.get(tags.get("aspf", "r").lower(), "relaxed"),
        aggregate_reports=uris("rua"),
        failure_reports=uris("ruf"),
        testing=tags.get("t", "n").lower() == "y",
    )


def mta_sts_text(wanted: MtaSts) -> str:
    """RFC 8461 section 3.1."""
    return "v=STSv1; id=%s;" % wanted.id


def tls_rpt_text(reports: t.Sequence[str]) -> str:
    """RFC 8460 section 3."""
    return "v=TLSRPTv1; rua=" + ",".join(_uri(one) for one in reports)


def bimi_text(wanted: Bimi) -> str:
    return "v=BIMI1; l=%s;" % wanted.location + (" a=%s;" % wanted.authority if wanted.authority else "")


def _uri(address: str) -> str:
    """A bare address is meant as ``mailto:``."""
    return address if ":" in address else "mailto:" + address
