# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads TrekMail's listings: every page once, pages and objects at a time as the connection allows."""

from __future__ import annotations

import concurrent.futures
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers

PER_PAGE = 100
# A million objects: whoever speaks of more pages is not to be believed.
_MOST_PAGES = 10000
T = t.TypeVar("T")


class Listings:
    """All reading of one account.

    :param id_of: finds the id of an object by kind and natural key.
    """

    def __init__(self, http: HttpClient, concurrency: int, id_of: t.Callable[[str, str], int]) -> None:
        self._http = http
        self._concurrency = concurrency
        self._id_of = id_of

    def domains(self) -> list[Record]:
        return _named("/domains", "name", [answers.domain_record(row) for row in self._pages("/domains")])

    def mailboxes(self, domains: t.Collection[str], all_domains: t.Collection[str]) -> list[Record]:
        """Mailboxes of some domains, and those in the recycle bin, which still hold their address and can come back.

        By domain while that takes fewer pages than the whole listing.
        """
        known = [name for name in sorted(domains) if name in all_domains]
        if not known:
            return []
        if len(known) * 2 >= len(all_domains) and len(known) > 1:
            found = self._pages("/mailboxes")
        else:
            found = []
            for batch in self._each(
                lambda name: self._pages("/mailboxes", domain_id=self._id_of("domain", name)), known
            ):
                found.extend(batch)
        wanted = set(known)
        only = {"domain_id": self._id_of("domain", known[0])} if len(known) == 1 else {}
        # First, so that a mailbox in use has the last word about its address.
        found = self._pages("/mailboxes", status="trashed", **only) + found
        records = _named("/mailboxes", "address", [answers.mailbox_record(row) for row in found])
        return [record for record in records if record["address"].rsplit("@", 1)[-1] in wanted]

    def aliases(self, mailboxes: t.Collection[str], domains: t.Mapping[int, str]) -> list[Record]:
        """Aliases by mailbox: the provider has no other listing of them."""

        def read(address: str) -> list[Record]:
            rows, _body = self._rows("/mailboxes/%d/aliases" % self._id_of("mailbox", address), "aliases")
            return [answers.alias_record(row, address, domains) for row in rows]

        return [record for batch in self._each(read, sorted(mailboxes)) for record in batch]

    def mailbox_forwards(self, mailboxes: t.Collection[str]) -> list[Record]:
        def read(address: str) -> Record | None:
            body = self._object("/mailboxes/%d/forwarding" % self._id_of("mailbox", address))
            return answers.mailbox_forward_record(body, address)

        return [record for record in self._each(read, sorted(mailboxes)) if record is not None]

    def address_forwards(self, domains: t.Collection[str]) -> list[Record]:
        def read(name: str) -> list[Record]:
            rows = self._pages("/domains/%d/forwarding-addresses" % self._id_of("domain", name))
            return [answers.address_forward_record(row, name) for row in rows]

        return [record for batch in self._each(read, sorted(domains)) for record in batch]

    def catch_alls(self, domains: t.Collection[str]) -> list[Record]:
        def read(name: str) -> Record:
            return answers.catch_all_record(self._object("/domains/%d" % self._id_of("domain", name)), name)

        return self._each(read, sorted(domains))

    def dns_requirements(self, domain: str) -> list[dict[str, t.Any]]:
        """Records that a domain needs, as the provider gives them; the row's shape is not documented."""
        body = self._http.get("/domains/%d/dns-requirements" % self._id_of("domain", domain)).body
        return answers.rows(
            answers.unwrap(body) if isinstance(body, dict) and "data" in body else body,
            "records",
            "requirements",
            "dns",
            "checks",
        )

    def account(self) -> Record:
        return answers.account_record(self._object("/account"))

    def _pages(self, path: str, size: int = PER_PAGE, **params: t.Any) -> list[dict[str, t.Any]]:
        """:param size: objects a page; some listings take fewer than most."""
        found, body = self._rows(path, page=1, per_page=size, **params)
        last = answers.last_page(body)
        if last is not None:
            if last > _MOST_PAGES:
                raise strange(path, "speaks of %d pages" % last)
            rest = self._each(lambda page: self._rows(path, page=page, per_page=size, **params)[0], range(2, last + 1))
            return found + [row for rows in rest for row in rows]
        page, had = 1, len(found)
        # Without a page count: go on until a page is not full. A listing that ignores `page` would repeat itself.
        while had == size:
            page += 1
            more = self._rows(path, page=page, per_page=size, **params)[0]
            if more and more[0].get("id") == found[0].get("id"):
                break
            found = found + more
            had = len(more)
        return found

    def _rows(self, path: str, *names: str, **params: t.Any) -> tuple[list[dict[str, t.Any]], t.Any]:
        """The objects of a listing, and the whole answer.

        :raises ProviderError: ``strange_answer``; an answer without a list must not pass for an empty one.
        """
        body = self._http.get(path, **params).body
        found = answers.listing(body, *names)
        if found is None:
            raise strange(path, "holds no list of objects")
        return found, body

    def _object(self, path: str) -> dict[str, t.Any]:
        body = answers.unwrap(self._http.get(path).body)
        if not isinstance(body, dict):
            raise strange(path, "is no object")
        return body

    def _each(self, read: t.Callable[[t.Any], T], keys: t.Iterable[t.Any]) -> list[T]:
        every = list(keys)
        workers = min(self._concurrency, len(every))
        if workers <= 1:
            return [read(key) for key in every]
        with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="mailops-read") as pool:
            return list(pool.map(read, every))


def strange(path: str, what: str) -> ProviderError:
    return ProviderError(
        "strange_answer",
        "GET %s: the answer %s." % (path, what),
        "Is api_url right, and is a proxy in between? Nothing is planned on half a picture.",
    )


def _named(path: str, name: str, records: list[Record]) -> list[Record]:
    """:raises ProviderError: when an object cannot be told from others, so that it would look absent."""
    if not all(record[name] for record in records):
        raise strange(path, "holds an object without a name")
    return records
