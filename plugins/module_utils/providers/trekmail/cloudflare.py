# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that TrekMail itself writes into a Cloudflare account that is connected to it (its API document, section 7.2).

The calls and what they take are known, the rows of their answers are not: every likely spelling is read, and a row that
is not understood whole is an error, because what it would write is not known.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.records import ProposedRecord
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers

MOST = 50


class Cloudflare:
    """:param id_of: the provider's id of an object by kind and natural key."""

    host = "cloudflare"

    def __init__(self, http: HttpClient, id_of: t.Callable[[str, str], int]) -> None:
        self._http = http
        self._id_of = id_of

    def preview(self, domains: t.Collection[str]) -> dict[str, list[ProposedRecord]]:
        """What it would write, by domain; changes nothing.

        :raises ProviderError: also when a domain is not connected, or the answer is not understood.
        """
        ids = {self._id_of("domain", domain): domain for domain in domains}
        found: dict[str, list[ProposedRecord]] = {}
        numbers = sorted(ids)
        for start in range(0, len(numbers), MOST):
            body = {"domain_ids": numbers[start : start + MOST]}
            answer = self._http.call("POST", "/cloudflare/preview", json=body, asks=True)
            for row in answers.listing(answer.body, "domains", "previews", "results") or ():
                number = answers.identity(row.get("domain_id")) or answers.identity(row.get("id"))
                if number in ids:
                    found[ids[number]] = [_proposed(one) for one in answers.rows(row, "records", "changes")]
        missing = sorted(set(domains) - found.keys())
        if missing:
            raise _strange("says nothing of %s" % ", ".join(missing))
        return found

    def apply(
        self, domain: str, records: t.Collection[str], conflicts: t.Collection[str], key: str
    ) -> dict[str, t.Any]:
        """Write these records of one domain, in the place of what stands against *conflicts*.

        :raises ProviderError:
        """
        number = self._id_of("domain", domain)
        body: dict[str, t.Any] = {"domain_ids": [number], "included_records": {str(number): sorted(records)}}
        if conflicts:
            body["confirmed_conflicts"] = {str(number): sorted(conflicts)}
        answer = self._http.call("POST", "/cloudflare/apply", json=body, key=key, row_results=True)
        return {"status": answer.status, "attempts": answer.attempts}


def _proposed(row: dict[str, t.Any]) -> ProposedRecord:
    ident, kind, name = row.get("id") or row.get("record_id"), row.get("type"), row.get("name")
    value = _value(row)
    existing = row.get("existing")
    rows = existing if isinstance(existing, list) else [] if existing is None else [existing]
    there = [one if isinstance(one, str) else _value(one) if isinstance(one, dict) else None for one in rows]
    texts = (ident, kind, name, value, *there)
    if not all(isinstance(one, str) and one for one in texts):
        raise _strange("has a record that is not understood")
    action = row.get("action") or row.get("status") or ""
    return ProposedRecord(
        str(ident),
        str(name).rstrip(".").lower(),
        str(kind).upper(),
        str(value),
        tuple(str(one) for one in there),
        conflict=action == "conflict",
        done=action in ("none", "unchanged", "ok"),
    )


def _value(row: dict[str, t.Any]) -> str | None:
    value = row.get("content") or row.get("value")
    priority = row.get("priority")
    if isinstance(value, str) and isinstance(priority, int) and not isinstance(priority, bool):
        return "%d %s" % (priority, value)
    return value if isinstance(value, str) else None


def _strange(what: str) -> ProviderError:
    return ProviderError(
        "strange_answer",
        "POST /cloudflare/preview: the answer %s." % what,
        "Nothing was written. Publish by another way, and report the answer to the maintainers.",
        retryable=False,
    )
