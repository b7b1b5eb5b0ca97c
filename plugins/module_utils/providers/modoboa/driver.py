# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver for Modoboa 2.x by its API v2.

It has no batches, no idempotency keys, no invites and answers 400 to nearly everything it does not do: objects are found
by name, and the engine reads every write back.
"""

from __future__ import annotations

import collections
import datetime
import secrets
import threading
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import (
    MailopsError,
    Operation,
    ProviderError,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import (
    Connection,
    Driver,
    Progress,
    Record,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa import administrators, answers, foresight
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.calls import CALLS, Call, password
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.listings import Listings
from ansible_collections.mailops.email.plugins.module_utils.providers.modoboa.recovery import LINK_HOURS, Recovery

# The worker makes a DKIM key in about a second; without a worker it never comes.
DKIM_SECONDS = 20.0
# Writes that share one listing to be read back.
_TOGETHER = 50
# More at a time only meet Modoboa's own limit of five a second.
_CONCURRENCY = 4


class Modoboa(Driver):
    """One installation, as one of its administrators sees it."""

    name = "modoboa"
    capabilities = frozenset(
        "domain.create domain.delete domain.dns_requirements administrator.set "
        "mailbox.create mailbox.update mailbox.set_quota mailbox.set_password mailbox.pause mailbox.resume mailbox.delete "
        "invite.create invite.resend invite.change_recipient invite.cancel "
        "alias.create alias.update alias.delete forward.mailbox forward.address forward.expire "
        "catch_all.enable catch_all.disable catch_all.expire".split()
    )
    workarounds = {
        "invite.link": "Modoboa mails its recovery link to the owner and shows it to nobody else: leave out delivery=sealed, "
        "or use credential=generated_one_time with an exception.",
        "mailbox.annotate": "Modoboa has no field for a note: leave note out, and keep it in the inventory.",
        "mailbox.suspend": "Modoboa has one switch for login and mail: use suspend=all.",
        "mailbox.restore": "A deleted account is gone; its stored mail is kept on the server's disk.",
        "domain.annotate": "Modoboa has no field for a note: leave note out, and keep it in the inventory.",
        "session.list": "Set doveadm_url and doveadm_key to see and end the sessions on this Dovecot, or run doveadm kick ADDRESS on "
        "the server.",
        "token.list": "A session in Modoboa's own pages outlives the suspension, and nobody but its owner sees it: delete the "
        "account's rows of oauth2_provider_accesstoken, oauth2_provider_refreshtoken and authtoken_token in Modoboa's database.",
        "delegate.list": "Modoboa has no shared mailboxes. Where Dovecot shares folders, look on the server with doveadm acl; "
        "shared calendars are in the table radicale_accessrule of Modoboa's database.",
        "rule.list": "Filters are Sieve scripts on the mail server: look there with doveadm sieve list -u ADDRESS and doveadm sieve "
        "get, and deactivate what redirects.",
        "domain.set_hosting": "A relay domain needs a transport: set it up in Modoboa, by hand.",
    }
    invite_form = "recovery_link"
    invite_hours = LINK_HOURS
    reads_back = True
    suspension_feeds_catch_all = True
    no_such_paths = frozenset(("app_password", "device"))
    alias_flags = {"can_receive": True, "can_send": True}

    def __init__(self, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str) -> None:
        self._http = HttpClient(
            connection,
            read_only=read_only,
            progress=progress,
            user_agent=user_agent,
            scheme="Token",
            describe=answers.describe,
        )
        self.concurrency = min(connection.concurrency, _CONCURRENCY)
        # As long as we would have waited for its answer.
        self.lands_within = connection.timeout
        self._host = urlsplit(connection.api_url).hostname or ""
        self._read = Listings(self._http)
        self._recovery = Recovery(self._http)
        self._ids: dict[str, dict[str, int]] = collections.defaultdict(dict)
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._keeps_first_password: bool | None = None

    @property
    def account(self) -> str:
        return "%s@%s" % (self.name, self._host)

    @property
    def request_counts(self) -> collections.Counter[str]:
        return self._http.counts

    def close(self) -> None:
        super().close()
        self._http.close()

    # reading

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        domains = {one.rpartition("@")[2] for one in scope}
        if kind == "account":
            return {"account": self._account()}
        if kind == "domain":
            records = self._read.domains(anew=True)
        elif kind == "mailbox":
            records = self._read.mailboxes(domains, anew=True)
        elif kind == "administrator":
            records = {name: self._administrators(name) for name in sorted(domains) if name in self._read.domains()}
        else:
            records = self._rows(kind, scope, domains)
        self.adopt(kind, records)
        return dict(records)

    def adopt(self, kind: str, records: t.Mapping[str, Record]) -> None:
        listing = "row" if kind in ("alias", "forward", "catch_all") else kind
        at = "@" if kind == "catch_all" else ""
        with self._lock:
            self._ids[listing].update((at + key, record["id"]) for key, record in records.items() if record.get("id"))

    def _rows(self, kind: str, scope: t.Collection[str], domains: set[str]) -> dict[str, Record]:
        """Rows of one kind. An alias may lie in another domain than the mailbox that *scope* names."""
        boxes = self._read.mailboxes([name for name in domains if name in self._read.domains()])
        if kind == "alias":
            named = [boxes[one] for one in scope if one in boxes]
            domains = domains | {one.rpartition("@")[2] for box in named for one in box["alias_addresses"]}
        rows = [row for row in self._read.rows(domains) if self._read.kind_of(row) == kind]
        key = "domain" if kind == "catch_all" else "address"
        found = {record[key]: record for record in map(self._read.record_of, rows)}
        if kind == "catch_all":
            off: Record = {"destination": None, "enabled": False}
            return {name: found.get(name, dict(off, domain=name)) for name in domains if name in self._read.domains()}
        return found

    def _administrators(self, domain: str) -> Record:
        found = self._read.administrators(self.id_of("domain", domain))
        return {"domain": domain, "administrators": sorted(found)}

    def _account(self) -> Record:
        """A superadministrator is bound by nothing but the server; what binds a reseller this API does not sum up."""
        domains = self._read.domains(anew=True)
        me = self._http.get("/account/me/").body
        free = isinstance(me, dict) and me.get("role") == "SuperAdmins"
        none = {"domains": None, "mailboxes_per_domain": None, "storage_mb": None}
        usage = {"domains": len(domains), "mailboxes": None, "storage_mb": None, "allocated_mb": None}
        return {"plan": "self-hosted", "unlimited": free, "limits": none, "usage": usage}

    def dns_requirements(self, domain: str) -> list[dict[str, t.Any]]:
        """The DKIM key; of the other records Modoboa says what it found and not what it wants."""
        row = self._read.domain(self.id_of("domain", domain))
        key = answers.text(row.get("dkim_public_key"))
        if not key:
            return []
        name = "%s._domainkey.%s" % (answers.text(row.get("dkim_key_selector")), domain)
        return [{"type": "TXT", "name": name, "value": "v=DKIM1; k=rsa; p=" + key}]

    def id_of(self, listing: str, key: str) -> int:
        """:raises ProviderError: ``not_found`` when the object was neither listed nor created."""
        if listing == "domain" and key not in self._ids[listing]:
            self.adopt("domain", self._read.domains())
        value = self._ids[listing].get(key)
        if value is None:
            raise ProviderError("not_found", "%s: this installation does not show it." % key, "May the token see it?")
        return value

    def foresee(self, operations: t.Sequence[Operation]) -> list[str]:
        warnings, self._keeps_first_password = foresight.kept_passwords(operations, self._read)
        warnings += foresight.missing_recipients(operations, self._read)
        return warnings + foresight.side_effects(operations, self._read)

    # writing

    def batch_key(self, operation: Operation) -> t.Hashable | None:
        """Not for a common call, which Modoboa has not, but to be read back by a common listing."""
        return None if operation.kind == "invite" else operation.key.rpartition("@")[2]

    def batch_size(self, kind: str, verb: str) -> int:
        return 1 if kind in ("domain", "administrator") else _TOGETHER

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        # A change saves the whole account, so two at a time would undo each other.
        with self._domain_lock(operations[0].key.rpartition("@")[2]):
            return self._one_by_one(operations)

    def _domain_lock(self, domain: str) -> threading.Lock:
        with self._lock:
            return self._busy.setdefault(domain, threading.Lock())

    def _one_by_one(self, operations: t.Sequence[Operation]) -> list[Result]:
        results: list[Result] = []
        stopped: ProviderError | None = None
        for operation in operations:
            if stopped is not None:
                results.append(_not_sent(operation, stopped))
                continue
            result = self._one(operation)
            results.append(result)
            if isinstance(result.error, ProviderError) and (result.error.stop or result.error.code == "unreachable"):
                stopped = result.error
        return results

    def _one(self, operation: Operation) -> Result:
        try:
            if operation.kind == "administrator":
                self.observe("mailbox", administrators.domains_of(operation))
                return administrators.change(operation, self._http, self._read, self.id_of)
            answer = self._send(operation)
            after = dict(operation.after) if operation.after is not None else None
            result = Result(operation, "applied", after, http={"status": answer.status, "attempts": answer.attempts})
            if operation.kind == "invite" and operation.verb != "cancel" and after is not None:
                ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=LINK_HOURS)
                after.update(state="pending", expires_at=ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
            if operation.verb == "create":
                self._finish(operation, result)
            return result
        except MailopsError as error:
            doubt = isinstance(error, ProviderError) and error.in_doubt
            return Result(operation, "in_doubt" if doubt else "failed", error=error)

    def _send(self, operation: Operation) -> Answer:
        call = CALLS[(operation.kind, operation.verb)]
        if operation.kind == "invite":
            if operation.request.get("credential") == "discarded":
                self._call(call, operation)
            return self._recovery.send(operation.key) if operation.verb != "cancel" else Answer(200, None, "")
        if (operation.kind, operation.verb) == ("catch_all", "enable") and "@" + operation.key in self._ids["row"]:
            call = CALLS[("catch_all", "change")]
        if (operation.kind, operation.verb) == ("mailbox", "create") and self._keeps_first_password:
            return self._create_with_another(call, operation)
        return self._call(call, operation)

    def _create_with_another(self, call: Call, operation: Operation) -> Answer:
        """The first password of an account is printed into a document on the server; so it is not the one that counts.

        That one has to follow, so an answer that was lost is not left to be settled later.
        """
        try:
            return self._call(call, operation, secret=_throw_away())
        except ProviderError as error:
            if not error.in_doubt or not self._is_there(operation.key):
                raise
            return Answer(200, None, "")

    def _is_there(self, address: str) -> bool:
        try:
            return address in self.observe("mailbox", {address.rpartition("@")[2]})
        except ProviderError:
            return False

    def _finish(self, operation: Operation, result: Result) -> None:
        """What has to follow a creation. When it does not, the object is there all the same."""
        try:
            if operation.kind == "domain":
                self._await_dkim(operation, result)
            elif operation.kind == "mailbox" and self._keeps_first_password:
                path = "/accounts/%d/" % self.id_of("mailbox", operation.key)
                self._http.call("PATCH", path, json=password(operation), repeatable=True)
        except ProviderError as error:
            result.status, result.error = "unverified", _unfinished(operation, error)

    def _call(self, call: Call, operation: Operation, secret: str = "") -> Answer:
        path = call.path
        if call.row:
            key = "@" + operation.key if operation.kind == "catch_all" else operation.key
            path = path.format(id=self.id_of(call.row, key))
        body = call.body(operation) if call.body else None
        if body and secret:
            body["password"] = secret
        answer = self._http.call(call.method, path, json=body, repeatable=call.repeatable)
        identity = answers.number(answer.body.get("pk")) if isinstance(answer.body, dict) else None
        if operation.verb == "create" and identity:
            with self._lock:
                self._ids["row" if operation.kind in ("alias", "forward") else operation.kind][operation.key] = identity
        return answer

    def _await_dkim(self, operation: Operation, result: Result) -> None:
        """The key is made by a worker, some time after the answer."""
        ends = time.monotonic() + DKIM_SECONDS
        while not self.dns_requirements(operation.key):
            if time.monotonic() > ends:
                result.status = "unverified"
                result.error = ProviderError(
                    "dkim_key_missing",
                    "%s: the domain is there, but its DKIM key was not made within %d s."
                    % (operation.key, DKIM_SECONDS),
                    "Is Modoboa's worker (rqworker dkim) running, and may it write the folder for DKIM keys?",
                )
                return
            time.sleep(0.5)


def _unfinished(operation: Operation, cause: ProviderError) -> ProviderError:
    what, hint = "its DKIM key could not be read", "Look at it with mailops.email.domain_info."
    if operation.kind == "mailbox":
        what = "its first password, which Modoboa writes into a document, may be in force still"
        hint = "Run again, which sends a new link. Not so with generated_one_time: suspend it and delete it first."
    return ProviderError(
        "unfinished",
        "%s: was made, but %s: %s" % (operation.key, what, cause.message),
        hint,
        status=cause.status,
        stop=cause.stop,
    )


def _throw_away() -> str:
    return "Aa1-" + secrets.token_urlsafe(24)


def _not_sent(operation: Operation, cause: ProviderError) -> Result:
    error = ProviderError(
        "not_sent",
        "%s: was not sent, because nothing could succeed any more: %s" % (operation.key, cause.message),
        cause.hint,
        stop=cause.stop,
    )
    return Result(operation, "failed", error=error)
