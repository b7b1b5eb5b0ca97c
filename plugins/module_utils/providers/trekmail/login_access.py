# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closes and opens many logins by one call (section 7.3), of which the answer only tells numbers.

It skips shared, paused and trashed mailboxes without a word. So where the numbers do not say that all were changed, the
mailboxes are read, and what does not show is tried alone, which gives an answer of its own.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Record
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.calls import Ids

PATH = "/mailboxes:login-access"
MOST = 1000
_ALONE = frozenset((404, 422))


class LoginAccess:
    """One batch after the other.

    :param read: records of the mailboxes of some domains, as they are now.
    :param single: carries one operation out by a call of its own; raises nothing.
    """

    def __init__(
        self,
        http: HttpClient,
        ids: Ids,
        read: t.Callable[[t.Collection[str]], t.Mapping[str, Record]],
        single: t.Callable[[Operation, str], Result],
    ) -> None:
        self._http = http
        self._ids = ids
        self._read = read
        self._single = single

    @staticmethod
    def fits(operation: Operation) -> bool:
        """Pausing and resuming what was paused have no common call."""
        login = operation.verb == "suspend" or operation.request.get("suspend") == "login"
        return operation.kind == "mailbox" and operation.verb in ("suspend", "resume") and login

    def apply(self, operations: t.Sequence[Operation], key: str) -> list[Result]:
        """:raises MailopsError: when the call as a whole failed, or its answer was lost."""
        closes = operations[0].verb == "suspend"
        body: dict[str, t.Any] = {
            "login_suspended": closes,
            "mailbox_ids": [self._ids.id_of("mailbox", one.key) for one in operations],
        }
        reason = operations[0].request.get("reason")
        if closes and reason:
            body["reason"] = reason[:255]
        try:
            answer = self._http.call("POST", PATH, json=body, key=key)
        except ProviderError as error:
            if error.in_doubt or error.stop or error.status not in _ALONE:
                raise
            # One that is gone makes the provider refuse all.
            return [self._alone(one, key) for one in operations]
        if _updated(answer) == len(operations):
            return [_done(one, answer) for one in operations]
        now = self._read_back(operations)
        wanted = "login" if closes else ""
        return [
            _done(one, answer) if now.get(one.key, {}).get("suspended") == wanted else self._alone(one, key)
            for one in operations
        ]

    def _read_back(self, operations: t.Sequence[Operation]) -> t.Mapping[str, Record]:
        try:
            return self._read({one.domain for one in operations})
        except ProviderError as error:
            error.in_doubt = True
            raise

    def _alone(self, operation: Operation, key: str) -> Result:
        return self._single(operation, "%s:%d" % (key, self._ids.id_of("mailbox", operation.key)))


def _updated(answer: Answer) -> int:
    """:raises ProviderError: when the answer tells nothing; in doubt, so that reading decides."""
    counts = answers.unwrap(answer.body)
    number = counts.get("updated") if isinstance(counts, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ProviderError(
            "strange_answer",
            "POST %s: the answer does not tell how many logins it changed." % PATH,
            "Run again: what is closed is seen then.",
            in_doubt=True,
        )
    return number


def _done(operation: Operation, answer: Answer) -> Result:
    http: dict[str, t.Any] = {"status": answer.status, "attempts": answer.attempts}
    if answer.request_id:
        http["request_ids"] = [answer.request_id]
    if answer.replayed:
        http["replayed"] = True
    return Result(operation, "applied", dict(operation.after or {}), http=http)
