# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Modoboa has, read page by page and told apart: one kind of row serves as alias, forward and catch-all."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import moment
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import answers

PAGE_SIZE = 500
# Half a million objects: whoever speaks of more pages is not to be believed.
_MOST_PAGES = 1000

Row = dict[str, t.Any]


class Listings:
    """All reading of one installation. What one task needs several times is read once."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._domains: dict[str, Record] | None = None
        self._accounts: dict[str, dict[str, Record]] = {}

    def domains(self, anew: bool = False) -> dict[str, Record]:
        if self._domains is None or anew:
            records = [answers.domain_record(row) for row in self._pages("/domains/")]
            self._domains = {record["name"]: record for record in _named("/domains/", "name", records)}
        return self._domains

    def mailboxes(self, domains: t.Collection[str], anew: bool = False) -> dict[str, Record]:
        """Accounts whose name is an address of one of *domains*, by address; those without a mailbox too.

        By domain while that takes fewer requests than the whole listing.
        """
        wanted = {name for name in domains if anew or name not in self._accounts}
        if len(wanted) > 1 and len(wanted) * 2 >= len(self.domains()):
            self._keep_accounts(wanted, self._pages("/accounts/"))
        else:
            for name in sorted(wanted):
                # The filter by domain would leave out accounts that have lost their mailbox.
                self._keep_accounts({name}, self._pages("/accounts/", search="@" + name))
        return {key: record for name in domains for key, record in self._accounts[name].items()}

    def _keep_accounts(self, domains: set[str], rows: list[Row]) -> None:
        for name in domains:
            self._accounts[name] = {}
        for record in _named("/accounts/", "address", [answers.mailbox_record(row) for row in rows]):
            name = record["address"].rpartition("@")[2]
            if name in domains and "@" in record["address"]:
                self._accounts[name][record["address"]] = record

    def rows(self, domains: t.Collection[str]) -> list[Row]:
        """Rows that serve as aliases, forwards and catch-alls, of those *domains* that there are."""
        known = [name for name in sorted(domains) if name in self.domains()]
        rows = [row for name in known for row in self._pages("/aliases/", domain=name)]
        if not all(isinstance(row.get("address"), str) and answers.number(row.get("pk")) for row in rows):
            raise _strange("/aliases/", "holds a row without an address")
        return rows

    def kind_of(self, row: Row) -> str:
        """``catch_all``, ``alias`` (a further address of one mailbox, without an end), or ``forward``."""
        address, targets = row["address"].lower(), answers.recipients_of(row)
        if address.startswith("@"):
            return "catch_all"
        alone = len(targets) == 1 and targets[0] != address and not row.get("expire_at")
        return "alias" if alone and self._is_mailbox(targets[0]) else "forward"

    def _is_mailbox(self, address: str) -> bool:
        domain = address.rpartition("@")[2]
        record = self.mailboxes([domain]).get(address) if domain in self.domains() else None
        return record is not None and record["state"] != "orphaned"

    def record_of(self, row: Row) -> Record:
        """A row in the normal form of its kind."""
        kind, address, targets = self.kind_of(row), row["address"].lower(), answers.recipients_of(row)
        enabled, ends = row.get("enabled") is True, moment(row.get("expire_at"))
        if kind == "catch_all":
            record = {"domain": address[1:], "destination": ", ".join(targets), "enabled": enabled, "expires_at": ends}
        elif kind == "alias":
            record = {
                "address": address,
                "mailbox": targets[0],
                "can_receive": True,
                "can_send": True,
                "enabled": enabled,
            }
        else:
            via = "mailbox" if self._is_mailbox(address) else "address"
            record = {
                "address": address,
                "state": "present" if enabled else "paused",
                "via": via,
                "targets": [one for one in targets if one != address],
                "expires_at": ends,
            }
            if via == "mailbox":
                record["keep_copy"] = address in targets
        return dict(record, id=row["pk"])

    def domain(self, identity: int) -> Row:
        body = self._http.get("/domains/%d/" % identity).body
        if not isinstance(body, dict):
            raise _strange("/domains/%d/" % identity, "is no object")
        return body

    def administrators(self, identity: int) -> dict[str, int]:
        """Name and id of each account that administers a domain."""
        body = self._http.get("/domains/%d/administrators/" % identity).body
        if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
            raise _strange("/domains/%d/administrators/" % identity, "holds no list of objects")
        return {answers.text(row.get("username")).lower(): answers.number(row.get("id")) or 0 for row in body}

    def parameters(self, app: str) -> dict[str, t.Any] | None:
        """Global settings of a part of Modoboa, None when this token may not see them."""
        try:
            body = self._http.get("/parameters/global/%s/" % app).body
        except ProviderError as error:
            if error.status in (403, 404):
                return None
            raise
        found = body.get("params") if isinstance(body, dict) else None
        return found if isinstance(found, dict) else None

    def _pages(self, path: str, **params: t.Any) -> list[Row]:
        """All rows of a listing.

        :raises ProviderError: ``strange_answer``; an answer without a list must not pass for an empty one.
        """
        found: list[Row] = []
        for page in range(1, _MOST_PAGES + 1):
            body = self._http.get(path, page=page, page_size=PAGE_SIZE, **params).body
            rows = body.get("results") if isinstance(body, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise _strange(path, "holds no list of objects")
            found.extend(rows)
            if not t.cast("Row", body).get("next"):
                return found
        raise _strange(path, "speaks of more than %d pages" % _MOST_PAGES)


def _strange(path: str, what: str) -> ProviderError:
    return ProviderError(
        "strange_answer",
        "GET %s: the answer %s." % (path, what),
        "Is api_url right (it ends in /api/v2), and is a proxy in between? Nothing is planned on half a picture.",
    )


def _named(path: str, name: str, records: list[Record]) -> list[Record]:
    """:raises ProviderError: when an object cannot be told from others, so that it would look absent."""
    if not all(record[name] and record["id"] for record in records):
        raise _strange(path, "holds an object without a name")
    return records
