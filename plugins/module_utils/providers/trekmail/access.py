# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads TrekMail's access paths: mailbox by mailbox, since the provider has no listing of them over mailboxes."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import access_answers as paths
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.listings import Listings, strange

_TOKENS_PER_PAGE = 20
Row = dict[str, t.Any]
_WORDS = {
    "app_password": "app passwords (scope mailboxes:read)",
    "token": "message tokens (scope mailboxes:message-tokens:manage)",
    "delegate": "members of shared mailboxes (scope mailboxes:read)",
    "device": "Drive devices (scope drive:read)",
    "rule": "filter rules (scope mailboxes:rules:read)",
}


class AccessListings(Listings):
    """The same listings, and those of access paths.

    :ivar unseen: by kind, why this token is not shown them.
    """

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self.unseen: dict[str, str] = {}

    def access(self, kind: str, addresses: t.Collection[str], shared: t.Collection[str]) -> list[Record]:
        """Paths of one kind.

        :param addresses: mailboxes that have ids.
        :param shared: all shared mailboxes that the token sees, for delegates.
        """
        readers: dict[str, t.Callable[[], list[Record]]] = {
            "app_password": lambda: self._by_mailbox(kind, addresses, self._app_passwords),
            "token": lambda: self._by_mailbox(kind, addresses, self._tokens),
            "rule": lambda: self._by_mailbox(kind, addresses, self._rules),
            "delegate": lambda: self._delegates(addresses, shared),
            "device": lambda: self._devices(addresses),
        }
        self.unseen.pop(kind, None)
        try:
            return readers[kind]()
        except ProviderError as error:
            if error.status != 403:
                raise
            self.unseen[kind] = "This token is not shown %s: %s. Give it that, or look for them in the dashboard." % (
                _WORDS[kind],
                error.code,
            )
            return []

    def _by_mailbox(
        self, kind: str, addresses: t.Collection[str], read: t.Callable[[str, str], list[Record | None]]
    ) -> list[Record]:
        def one(address: str) -> list[Record | None]:
            path = "/mailboxes/%d" % self._id_of("mailbox", address)
            return _unless_off(lambda: read(path, address), [])

        return self._told(kind, [record for batch in self._each(one, sorted(addresses)) for record in batch])

    def _app_passwords(self, path: str, address: str) -> list[Record | None]:
        rows, _body = self._rows(path + "/app-passwords", "app_passwords")
        return [paths.app_password_record(row, address) for row in rows]

    def _tokens(self, path: str, address: str) -> list[Record | None]:
        rows = self._pages(path + "/message-tokens", size=_TOKENS_PER_PAGE)
        return [paths.token_record(row, address) for row in rows]

    def _rules(self, path: str, address: str) -> list[Record | None]:
        rows, _body = self._rows(path + "/rules", "rules")
        return [*(paths.rule_record(row, address) for row in rows), self._script(path + "/sieve", address)]

    def _script(self, path: str, address: str) -> Record | None:
        """A plan without scripts has none."""
        try:
            return paths.script_record(self._object(path), address)
        except ProviderError as error:
            if error.status in (403, 404):
                return None
            raise

    def _delegates(self, addresses: t.Collection[str], shared: t.Collection[str]) -> list[Record]:
        """All members of each shared mailbox that is one of *addresses*, or that one of them may read."""
        mine = set(addresses)
        # A shared mailbox is nobody's member.
        asked = mine if mine <= set(shared) else set(shared)

        def one(address: str) -> list[Record]:
            path = "/mailboxes/%d/members" % self._id_of("mailbox", address)
            rows: list[Row] = _unless_off(lambda: self._rows(path, "members")[0], [])
            return [paths.delegate_record(row, address) for row in rows]

        found = [
            records
            for address, records in zip(sorted(asked), self._each(one, sorted(asked)), strict=True)
            if address in mine or any(record["member"] in mine for record in records)
        ]
        return self._told("delegate", [record for records in found for record in records])

    def _devices(self, addresses: t.Collection[str]) -> list[Record]:
        """One listing for the account; each row has to say whose it is."""
        owners = {self._id_of("mailbox", address): address for address in addresses}
        rows: list[Row] = _unless_off(lambda: self._pages("/drive/devices"), [])
        if not all(answers.identity(row.get("mailbox_id")) for row in rows):
            self.unseen["device"] = "The provider does not say whose its Drive devices are: look in the dashboard."
            return []
        mine = [(row, owners[row["mailbox_id"]]) for row in rows if row["mailbox_id"] in owners]
        return self._told("device", [paths.device_record(row, address) for row, address in mine])

    def _told(self, kind: str, records: t.Iterable[Record | None]) -> list[Record]:
        """:raises ProviderError: when a path cannot be told from others, so that it could not be closed."""
        found = [record for record in records if record is not None]
        if not all((record["id"] or record.get("by_hand")) and record.get("member", "?") for record in found):
            raise strange("the listing of " + _WORDS[kind], "holds one without an id")
        return paths.numbered(found)


def _unless_off(read: t.Callable[[], t.Any], none: t.Any) -> t.Any:
    """What *read* finds; where the feature is switched off the address does not exist (section 4)."""
    try:
        return read()
    except ProviderError as error:
        if error.status == 404:
            return none
        raise
