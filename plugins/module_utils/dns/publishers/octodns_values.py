# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as octoDNS has them, and as we do. It has a TXT value as one text, with ``;`` escaped and without its strings."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

_TLSA = ("certificate_usage", "selector", "matching_type", "certificate_association_data")


def set_of(record: t.Any) -> RecordSet:
    """Our form of a record of octoDNS; a text that would not survive the way back is shown with its characters all the same."""
    return RecordSet.of(record.fqdn, str(record._type), int(record.ttl), _values(record))


def values_of(record: t.Any) -> list[str]:
    """Its values, for writing it again.

    :raises Refused: ``record_not_carried``.
    """
    name, kind = record.fqdn.rstrip("."), str(record._type)
    if getattr(record, "dynamic", None) or getattr(record, "geo", None):
        raise _not_carried(name, kind, "it is answered by rules")
    if kind == "TXT":
        for value in record.values:
            _refuse_odd(name, str(value).replace("\\;", ";"))
    return _values(record)


def data_of(record: RecordSet) -> dict[str, t.Any]:
    """What `Record.new` takes.

    :raises Refused: ``record_not_carried``.
    """
    data: dict[str, t.Any] = {"type": record.type, "ttl": record.ttl}
    if record.type == "CNAME":
        return {**data, "value": record.values[0]}
    if record.type == "TXT":
        texts = [txt.text(value) for value in record.values]
        for text in texts:
            _refuse_odd(record.name, text)
        return {**data, "values": [text.replace(";", "\\;") for text in texts]}
    if record.type == "MX":
        rows = [value.split() for value in record.values]
        return {**data, "values": [{"preference": int(row[0]), "exchange": row[1]} for row in rows]}
    if record.type == "TLSA":
        parts = [value.split() for value in record.values]
        return {
            **data,
            "values": [{**dict(zip(_TLSA[:3], map(int, row), strict=False)), _TLSA[3]: row[3]} for row in parts],
        }
    return {**data, "values": list(record.values)}


def _values(record: t.Any) -> list[str]:
    kind = str(record._type)
    if kind == "CNAME":
        return [str(record.value)]
    if kind == "TXT":
        return [txt.encode(str(value).replace("\\;", ";")) for value in record.values]
    if kind == "MX":
        return ["%d %s" % (value.preference, value.exchange) for value in record.values]
    if kind == "TLSA":
        return [" ".join([str(getattr(value, part)) for part in _TLSA]) for value in record.values]
    return [str(value) for value in record.values]


def _refuse_odd(name: str, text: str) -> None:
    """Packages disagree about who escapes these: one writes what another would read as something else."""
    if '"' in text or "\\" in text or not text.isascii() or not text.isprintable():
        raise _not_carried(name, "TXT", "a value of it has a quotation mark, a backslash or no plain character")


def _not_carried(name: str, kind: str, why: str) -> Refused:
    return Refused(
        "record_not_carried",
        "%s %s: octoDNS does not carry it unchanged, because %s." % (name, kind, why),
        "Change it at the DNS host itself, or publish by another way.",
    )
